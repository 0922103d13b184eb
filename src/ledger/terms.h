/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_TERMS_H
#define GATEPOST_LEDGER_TERMS_H

/**
 * The words by which a record can be found. Both sides use them: the index
 * is made of them, and a record that the index points to is compared by
 * them, so that the two cannot disagree.
 */

#include <stdbool.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/cursor.h"
#include "base/err.h"
#include "ledger/ledger.h"

enum term_type {
	TERM_NONE = 0,
	TERM_AGENT = 'a', /* provenance[].agent */
	TERM_COMMIT =
		'c',	/* of refs, findings, provenance, changes, evidence */
	TERM_REF = 'f', /* refs[].name, refs[].real */
	TERM_ID = 'i',	/* the record's own id */
	TERM_KIND = 'k',
	TERM_PERSON = 'p', /* anybody's principal, login or e-mail */
	TERM_REPOSITORY = 'r',
	TERM_RULE = 'u', /* rules[].rule, findings[].rule */
	TERM_VERDICT = 'v'
};

enum { TERM_KEY_SIZE = 9 }; /* the type, and 8 bytes */

/**
 * What stands for a term in the index. Ids and commits are their first 8
 * bytes, so that those that begin alike stand together; all others the first
 * 8 bytes of a SHA-256, so that nobody can make many of them collide.
 */
void term_key(enum term_type type, struct span value,
	      unsigned char key[TERM_KEY_SIZE]);

/**
 * The first and the last key of the ids or commits that begin with `prefix`,
 * hexadecimal digits and, in ids, hyphens.
 */
void term_prefix_keys(enum term_type type, struct span prefix,
		      unsigned char from[TERM_KEY_SIZE],
		      unsigned char to[TERM_KEY_SIZE]);

/** Called for each term, several times for some; true stops. */
typedef bool term_visitor(void *arg, enum term_type type, struct span value);

/**
 * Visit the terms of a record, those of lists that are kept as evidence
 * included; evidence that is gone or damaged has none.
 * @param ms  the record's time, milliseconds since 1970
 * @return 0, ERR_MALFORMED when it is no record, ERR_MEMORY
 */
int terms_visit(struct ledger *l, const struct ledger_item *item,
		term_visitor *visit, void *arg, int64_t *ms, struct err *e);

/** When a record was made, milliseconds since 1970: what it says itself, or
 * its id. `record` may be NULL. */
int64_t terms_time(yyjson_val *record, struct span id);

#endif
