/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_PEOPLE_H
#define GATEPOST_GATE_PEOPLE_H

/**
 * Who contributed to which commit of a change: who wrote it, and who first
 * brought it to the server.
 */

#include <stdint.h>

#include "base/arena.h"
#include "gate/facts.h"

enum {
	PEOPLE_MAX = 20000,
	PEOPLE_MAX_LINKS = 8000000, /* of a person to a commit */
	PEOPLE_MAX_COMMITS = 1 << 30
};

/** What a person may have contributed to, beside a commit by its number. */
#define PEOPLE_ALL UINT32_MAX	       /* each commit */
#define PEOPLE_UNSURE (UINT32_MAX - 1) /* what nobody is known to bring */
/** A branch that was squashed, by the number of the approval that names it. */
#define PEOPLE_BRANCH(n) (UINT32_C(1) << 31 | (uint32_t)(n))

struct people_link {
	uint32_t to, person;
};

struct people {
	struct arena arena; /* keeps their strings */
	struct contributor *v;
	size_t n, cap;
	size_t *slots; /* hash table of positions in v, plus one */
	size_t nslots;
	struct people_link *links;
	size_t nlinks, links_cap;
};

void people_init(struct people *p);
void people_release(struct people *p);

/** Somebody contributed to `to`. The strings are copied. */
int people_add(struct people *p, const struct judging *j, struct span email,
	       struct span login, enum contributor_how how, uint32_t to,
	       struct err *e);

/** Author, co-authors and committer of a commit, as `to`. */
int people_add_authors(struct people *p, const struct judging *j,
		       const struct commit *c, bool committer, uint32_t to,
		       struct err *e);

/**
 * Who first brought the change of a commit.
 * @param known  false when it changes something and nobody is remembered
 * @param any    whether it changes anything
 */
int people_add_bringer(struct people *p, struct judging *j, struct facts *f,
		       struct check_sink *sink, uint32_t to, bool *known,
		       bool *any, struct err *e);

/** Whether what is linked to `to` is asked for. */
typedef bool people_wanted(const void *ctx, uint32_t to);

/** Those who contributed to what is asked for, each once. A heap array that
 * borrows its strings; the caller frees it. */
int people_of(const struct people *p, people_wanted *wanted, const void *ctx,
	      struct contributor **out, size_t *n, struct err *e);

#endif
