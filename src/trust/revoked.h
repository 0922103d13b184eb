/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_REVOKED_H
#define GATEPOST_TRUST_REVOKED_H

/**
 * Revoked SSH keys: from a KRL (OpenSSH's PROTOCOL.krl) or from a list of
 * public keys, one a line.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	REVOKED_MAX_BYTES = 16 << 20, /* of a file */
	REVOKED_MAX_ENTRIES = 1000000
};

enum revoked_kind {
	REVOKED_NONE = 0,
	REVOKED_KEY,  /* a whole public key */
	REVOKED_SHA1, /* of a public key */
	REVOKED_SHA256
};

struct revoked_entry {
	enum revoked_kind kind;
	size_t at, n; /* in revoked.bytes */
};

struct revoked {
	struct buf bytes;
	struct revoked_entry *v;
	size_t n, cap;
	size_t certificates; /* entries that concern certificates alone */
};

void revoked_init(struct revoked *r);
void revoked_release(struct revoked *r);

/**
 * Read a file's content of either form.
 * @param name  the file's, for errors
 * @return ERR_CONFIG for anything that is not understood: a revocation that
 *         is not honoured is worse than none
 */
int revoked_read(struct revoked *r, const char *name, struct span content,
		 struct err *e);

/** Take one more entry, whose bytes are copied. */
int revoked_add(struct revoked *r, enum revoked_kind kind, struct span bytes,
		struct err *e);

/**
 * Take a public key's wire form. Weak keys and types that nobody can sign
 * with here are taken, certificates are not.
 */
int revoked_add_key(struct revoked *r, struct span blob, struct err *e);

/** Whether a public key is revoked. */
int revoked_has(const struct revoked *r, struct span blob, bool *yes,
		struct err *e);

#endif
