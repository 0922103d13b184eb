/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_ALLOWED_SIGNERS_H
#define GATEPOST_TRUST_ALLOWED_SIGNERS_H

/** OpenSSH's list of allowed signers (ssh-keygen(1), ALLOWED SIGNERS). */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "trust/signer_options.h"
#include "trust/ssh_key.h"

enum {
	ALLOWED_MAX_LINES = 100000, /* keys */
	ALLOWED_MAX_LINE = 16384,   /* bytes */
	ALLOWED_MAX_PATTERNS = 256, /* principals of one line */
	ALLOWED_MAX_PATTERN = 255   /* bytes */
};

struct ssh_pkey;
struct principals;
struct principal;

struct allowed_signer {
	unsigned line;
	const char *principals; /* pattern list; in the list's arena */
	struct signer_options options;
	struct ssh_key key;    /* its spans point into the arena, too */
	struct ssh_pkey *pkey; /* made at the first use; a cache */
	/* whom it names among `people`; a cache, too */
	const struct principals *people;
	const struct principal *first, *second;
	size_t next; /* line with the same hash, counted from 1; 0: none */
};

/** Zero-initialise; release when done. */
struct allowed_signers {
	struct allowed_signer *v;
	size_t n, cap;
	size_t *heads; /* by hash of the key, a line counted from 1; 0: none */
	size_t mask;   /* of the hash; heads has one more */
	struct arena text;
};

void allowed_signers_release(struct allowed_signers *a);

/**
 * Read a whole file's text.
 * @param name    the file's, for errors
 * @param normal  gets each line without comment, blanks squeezed
 * @return ERR_CONFIG naming file and line: anything that ssh-keygen would
 *         not read, and weak keys; ERR_MEMORY
 */
int allowed_signers_read(struct allowed_signers *a, const char *name,
			 struct span text, struct buf *normal, struct err *e);

/**
 * The lines that have this key, in their order.
 * @param authority  those with cert-authority; else those without
 * @param after      the line found last; NULL for the first
 * @return NULL when there is none
 */
struct allowed_signer *allowed_signers_find(const struct allowed_signers *a,
					    struct span blob, bool authority,
					    const struct allowed_signer *after);

#endif
