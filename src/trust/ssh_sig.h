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
 * * RSA: rsa-sha2-256 or -512, as long as the modulus;
 *   ECDSA: r and s in shortest form, in [1, n-1]. Honest signers make a
 *   large s as often as a small one, so both of s and n-s are taken: no
 *   signature's bytes may serve as a name for what was signed;
 *   Ed25519: 64 bytes, S less than the group's order.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "trust/signature.h"
#include "trust/ssh_key.h"

enum {
	SSH_SIG_MAX_TEXT = 16384, /* bytes with its armour */
	SSH_SIG_MAX_BLOB = 8192,
	SSH_SIG_MIN_WIDTH = 64,
	SSH_SIG_MAX_WIDTH = 76,
	SSH_SIG_PRESENT = 1, /* flags of a security key: touched */
	SSH_SIG_VERIFIED = 4 /* and its user recognised */
};

/** A read signature. Spans point into `raw`. */
struct ssh_sig {
	struct buf raw; /* without armour */
	struct ssh_key key;
	struct span hash; /* sha256 or sha512 */
	struct span algorithm;
	struct span bytes; /* Ed25519, RSA */
	struct span r, s;  /* ECDSA */
	uint8_t flags;	   /* sk */
	uint32_t counter;
};

void ssh_sig_init(struct ssh_sig *s);
void ssh_sig_release(struct ssh_sig *s);

/** Whether a text begins as an SSH signature does. */
bool ssh_sig_is(struct span text);

/**
 * Read an armoured signature of git's namespace. No cryptography yet.
 * @param out  gets key_type and fingerprint as soon as they are known, and
 *             on refusal status and why
 * @return 0 with out->status SIG_NONE when it is well formed, else with its
 *         status; ERR_MEMORY
 */
int ssh_sig_read(struct ssh_sig *s, struct span text, struct signature *out,
		 struct err *e);

#endif
