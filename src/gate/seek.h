/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_SEEK_H
#define GATEPOST_GATE_SEEK_H

/**
 * Finding approvals: in the repository and in this push, by the names that
 * the digest or the commit gives them, never by listing all.
 */

#include "base/arena.h"
#include "gate/judging.h"

enum {
	SEEK_MAX_APPROVALS = 500, /* looked at for one ref update */
	SEEK_MAX_NAMES = 4000,	  /* asked for, of one ref update */
	SEEK_MAX_USES = 64	  /* of one approval; then it is spent */
};

/** The part of a name that a digest gives. */
struct seek_name {
	char hex[APPROVAL_DIGEST_PREFIX + 1];
};

struct seek {
	struct judging *j;
	size_t ref;
	struct arena arena; /* keeps the strings of what is found */
	struct approval *approvals;
	struct approval_facts *found; /* one for each approval */
	size_t n, cap, found_cap;
	struct seek_name *asked;
	size_t nasked, asked_cap;
	size_t *pushed; /* refs of this push that may be approvals */
	size_t npushed;
	bool full;   /* not everything was asked or looked at */
	bool beside; /* all are found: only withdrawals are looked for */
};

void seek_init(struct seek *s, struct judging *j, size_t ref);
void seek_release(struct seek *s);

/** Whatever is filed under the digest of a change, or for exactly a commit. */
int seek_digest(struct seek *s, const unsigned char digest[SHA256_SIZE],
		struct err *e);
int seek_tip(struct seek *s, const struct oid *tip, struct err *e);

/** The same for a change with this patch id. */
int seek_patch(struct seek *s, const struct oid *id, struct err *e);

/**
 * What is remembered under a name that is not of this change, and is for the
 * same ref: of an earlier state of it, maybe.
 * @param most  approvals that there may be then
 */
int seek_earlier(struct seek *s, const char *name, const char *ref, size_t most,
		 struct err *e);

/**
 * One more, read elsewhere. Takes over what `a` owns, also on error.
 * @param name  where it was found; copied
 */
int seek_add(struct seek *s, enum approval_kind kind, const char *name,
	     struct approval *a, struct err *e);

/** When all are found: which are spent, or withdrawn. Withdrawals themselves
 * are taken out. */
int seek_finish(struct seek *s, struct err *e);

#endif
