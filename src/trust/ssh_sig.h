/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_SIG_H
#define GATEPOST_TRUST_SSH_SIG_H

/**
 * SSH signatures as `ssh-keygen -Y sign` writes them (OpenSSH's
 * PROTOCOL.sshsig), read in one canonical form:
 *
 * * the BEGIN line, base64 in lines of one width (64 to 76; ssh-keygen has
 *   70) and a last one not longer, the END line; LF ends each, nothing
 *   follows;
 * * canonical base64; version 1; nothing reserved; nothing behind any part;
 * * a canonical key, or a certificate (ssh_cert.h), and signature
 *   (ssh_raw_sig.h).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "trust/signature.h"
#include "trust/ssh_cert.h"
#include "trust/ssh_key.h"
#include "trust/ssh_raw_sig.h"

enum {
	SSH_SIG_MAX_TEXT = 20480, /* bytes with its armour */
	SSH_SIG_MAX_BLOB = 12288,
	SSH_SIG_MIN_WIDTH = 64,
	SSH_SIG_MAX_WIDTH = 76
};

/** A read signature. Spans point into `raw`. */
struct ssh_sig {
	struct buf raw; /* without armour */
	bool certified;
	struct ssh_cert cert; /* when `certified` */
	struct ssh_key key;   /* also a certified one; itself, in any case */
	struct span hash;     /* sha256 or sha512 */
	struct ssh_raw_sig raw_sig;
};

void ssh_sig_init(struct ssh_sig *s);
void ssh_sig_release(struct ssh_sig *s);

/**
 * Read an armoured signature of git's namespace. No cryptography yet.
 * @param out  gets key_type and fingerprint as soon as they are known, and
 *             on refusal status and why
 * @return 0 with out->status SIG_NONE when it is well formed, else with its
 *         status; ERR_MEMORY
 */
int ssh_sig_read(struct ssh_sig *s, struct span text, struct signature *out,
		 struct err *e);

/** Append what its key has signed, if it signed `payload`. */
int ssh_sig_message(const struct ssh_sig *s, struct span payload,
		    struct buf *message, struct err *e);

#endif
