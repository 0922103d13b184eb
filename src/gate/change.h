/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_CHANGE_H
#define GATEPOST_GATE_CHANGE_H

/**
 * The change that a ref update brings as a whole: its digest, who
 * contributed to it, which approvals there are for it.
 */

#include <stdint.h>

#include "gate/facts.h"

enum {
	CHANGE_MAX_APPROVALS = 500, /* looked at for one ref update */
	CHANGE_MAX_USES = 64,	    /* of one approval; then it is spent */
	CHANGE_MAX_CONTRIBUTORS = 20000,
	CHANGE_MAX_SQUASHED = 1000 /* commits read of a squashed branch */
};

struct change {
	bool has_digest;
	unsigned char digest[SHA256_SIZE];
	struct arena arena; /* keeps the strings of the lists below */
	struct contributor *people;
	size_t npeople, people_cap;
	uint32_t *sets; /* of each: to the commits of which hidden sets */
	size_t sets_cap;
	uint32_t unsure; /* sets with a change that nobody is known to bring */
	size_t *slots; /* hash table of positions in people, plus one */
	size_t nslots;
	struct approval *approvals;
	size_t napprovals, approvals_cap;
	struct approval_facts *found; /* one for each approval */
	size_t nfound, found_cap;
};

void change_init(struct change *c);
void change_release(struct change *c);

/**
 * Who wrote this commit and who first brought it to the server.
 * @param sets  bits of the sets of hidden tips in which it is not hidden
 */
int change_add_commit(struct change *c, struct judging *j, struct facts *f,
		      struct check_sink *sink, uint32_t sets, struct err *e);

/** The contributors to the commits of one set. Heap array that borrows its
 * strings; caller frees. */
int change_people_of(const struct change *c, unsigned set,
		     struct contributor **out, size_t *n, struct err *e);

/**
 * The digest between the one merge base and the new tip. None when there is
 * no old tip, no merge base or several, or nothing changed.
 */
int change_digest(struct change *c, struct judging *j, size_t ref,
		  struct err *e);

/**
 * All approvals for this change: in the repository and in this push; and with
 * their help, who brought what is squashed.
 */
int change_find_approvals(struct change *c, struct judging *j, size_t ref,
			  struct err *e);

/** The digest part of the name of approval refs for exactly this commit. */
void change_tip_prefix(const struct oid *tip, char out[17]);

#endif
