/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_STATEMENT_H
#define GATEPOST_TRUST_STATEMENT_H

/**
 * A statement is a signed annotated tag of a commit whose trailers say
 * something other than an approval: an exception from a rule, or what an
 * emergency push lacked.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/sha256.h"
#include "git/object_parse.h"
#include "git/oid.h"
#include "git/trailers.h"
#include "trust/approvals.h"
#include "trust/signature.h"

/** refs/followups/<id of the decision>/<who>-<n> */
#define FOLLOW_UPS_PREFIX "refs/followups/"

enum {
	STATEMENT_MAX_BYTES = 65536,
	STATEMENT_MAX_TRAILERS = 256,
	STATEMENT_MAX_VALUE = 4096 /* bytes of a trailer that is read */
};

struct statement {
	struct oid tag, target;
	unsigned char payload[SHA256_SIZE]; /* of what was signed */
	int64_t made; /* its signer's clock, milliseconds since 1970 */
	struct trailers trailers, divided;
	struct signature sig;
	enum approval_fault fault;
	char why[SIG_MAX_TEXT];
	char *raw; /* all of the tag; the spans here point into it */
	size_t raw_len;
	struct tag parsed;
};

void statement_init(struct statement *s);
void statement_release(struct statement *s);

/**
 * Read the bytes of a tag object. Whatever is off is told in s->fault and
 * s->why, never as an error; s->sig is SIG_NONE until statement_verify.
 * @return 0 whenever there is an answer; ERR_MEMORY
 */
int statement_read(struct statement *s, struct span tag, const struct oid *id,
		   enum oid_algo algo, struct err *e);

/** Verify who signed it, unless something is off already. */
int statement_verify(struct statement *s, const struct verifier *v,
		     struct err *e);

/**
 * The value of a trailer that may be there once, and must say the same with
 * and without a divider line; empty when it is not there.
 * @return false when the statement is malformed, which is then said in it
 */
bool statement_value(struct statement *s, const char *key, struct span *out);

/** Whether the value of a Repository trailer, at most STATEMENT_MAX_VALUE
 * bytes, names a repository; see approval_repository_matches(). */
bool statement_is_for(const char *repository, struct span value);

/** Say that it is malformed, if nothing is off yet. @return false */
bool statement_refuse(struct statement *s, const char *why);

/** Whether `refname` is `prefix`, one component, and `<who>-<n>`.
 * @param between  gets the component */
bool statement_ref_ok(const char *refname, const char *prefix,
		      struct span *between);

#endif
