/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_REVOKED_H
#define GATEPOST_TRUST_REVOKED_H

/**
 * Revoked SSH keys: from a KRL (OpenSSH's PROTOCOL.krl) or from a list of
 * public keys, one a line. A certificate in such a list revokes the key that
 * it is for; an authority's key revokes all certificates that it issued.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	REVOKED_MAX_BYTES = 16 << 20, /* of a file */
	REVOKED_MAX_ENTRIES = 1000000,
	REVOKED_MAX_AUTHORITIES = 1000
};

enum revoked_kind {
	REVOKED_NONE = 0,
	REVOKED_KEY,  /* a whole public key */
	REVOKED_SHA1, /* of a public key */
	REVOKED_SHA256,
	REVOKED_ID /* of certificates: four bytes of authority, the id */
};

struct revoked_entry {
	enum revoked_kind kind;
	size_t at, n; /* in revoked.bytes */
	size_t next;  /* entry with the same hash, counted from 1; 0: none */
};

/** Certificates of an authority by serial number, both ends included. */
struct revoked_serials {
	uint32_t authority;
	uint64_t least, most;
};

/** An authority's key. The one numbered 0 stands for all. */
struct revoked_authority {
	size_t at, n; /* in revoked.bytes */
};

struct revoked {
	struct buf bytes;
	struct revoked_entry *v;
	size_t n, cap;
	struct revoked_serials *serials; /* sorted once read, none overlap */
	size_t nserials, serials_cap;
	struct revoked_authority *authorities; /* counted from 1 */
	size_t nauthorities, authorities_cap;
	size_t *heads; /* by hash, an entry counted from 1; 0: none */
	size_t mask;
	bool sha1; /* there are entries of that kind */
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

/* --- while a file is read ------------------------------------------------- */

/** Take one more entry, whose bytes are copied. */
int revoked_add(struct revoked *r, enum revoked_kind kind, struct span bytes,
		struct err *e);

/**
 * Whether a key can be named in a list: one of a type that we know, and DSA.
 * Weak ones can, certificates cannot: they and what is malformed would never
 * match. @return NULL, or what is wrong
 */
const char *revoked_key_fault(struct span blob);

/** Take a public key's wire form. @return ERR_CONFIG by revoked_key_fault */
int revoked_add_key(struct revoked *r, struct span blob, struct err *e);

/** The number of an authority; 0 for an empty key, which means all. */
int revoked_add_authority(struct revoked *r, struct span blob,
			  uint32_t *authority, struct err *e);
int revoked_add_serials(struct revoked *r, uint32_t authority, uint64_t least,
			uint64_t most, struct err *e);
int revoked_add_id(struct revoked *r, uint32_t authority, struct span id,
		   struct err *e);

/* --- afterwards ----------------------------------------------------------- */

/** Whether a public key is revoked. */
int revoked_has(const struct revoked *r, struct span blob, bool *yes,
		struct err *e);

/** Whether a certificate is, or the authority that issued it. Its own key is
 * another question. */
int revoked_has_certificate(const struct revoked *r, struct span authority,
			    uint64_t serial, struct span id, bool *yes,
			    struct err *e);

#endif
