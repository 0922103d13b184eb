/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SIGNER_OPTIONS_H
#define GATEPOST_TRUST_SIGNER_OPTIONS_H

/** The options of an allowed_signers line (ssh-keygen(1)). */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"

struct signer_options {
	bool authority;	  /* cert-authority */
	char *namespaces; /* pattern list; NULL: any */
	int64_t after;	  /* seconds since 1970; INT64_MIN: always was */
	int64_t before;	  /* the last valid second; INT64_MAX: no end */
};

void signer_options_init(struct signer_options *o);
void signer_options_release(struct signer_options *o);

/**
 * Read comma-separated options.
 *
 * A time without `Z` is one of the local time zone to OpenSSH, which is
 * another on another machine or after a move. Here it has the narrowest of
 * all meanings: `valid-after` counts from when that time has come
 * everywhere (12 hours later than in UTC), `valid-before` ends when it has
 * come anywhere (14 hours earlier). A key is so never valid here when
 * ssh-keygen would say that it is not.
 * @return ERR_CONFIG with what is wrong
 */
int signer_options_read(struct signer_options *o, struct span text,
			struct err *e);

#endif
