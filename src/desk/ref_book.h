/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_REF_BOOK_H
#define GATEPOST_DESK_REF_BOOK_H

/**
 * What the records say: where the refs of each repository stand, which
 * accepted pushes have no outcome yet, and which moves a decision saw that no
 * record tells of.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/name_map.h"
#include "git/oid.h"
#include "ledger/ledger.h"

enum {
	REF_BOOK_MAX_REFS = 10000000,
	REF_BOOK_MAX_PUSHES = 1000000, /* without outcome, at a time */
	REF_BOOK_EARLIER = 4	       /* values that a ref had before */
};

/** A ref, as records have it. Ids are hex; "" for unknown; zeros: absent. */
struct book_ref {
	const char *repository, *name; /* full, with namespaces */
	char at[OID_HEX_SIZE];
	/** Decisions that were in the making then may still speak of these. */
	char earlier[REF_BOOK_EARLIER][OID_HEX_SIZE];
	size_t next_earlier;
	size_t move; /* the latest accepted move, or SIZE_MAX */
	/** A decision found it elsewhere than any record had it: there. */
	char seen[OID_HEX_SIZE];
	const char *seen_by; /* that decision's id; NULL: none */
};

/** A move that a decision accepted. */
struct book_move {
	size_t ref, push;
	size_t before;	  /* the ref's accepted move before this; SIZE_MAX */
	const char *name; /* as it was pushed */
	char from[OID_HEX_SIZE], to[OID_HEX_SIZE];
	bool seen; /* a later decision found the ref there */
};

/** An accepted push. */
struct book_push {
	const char *id, *repository;
	const char *git_namespace; /* "" outside of any */
	int64_t when;		   /* milliseconds since 1970 */
	size_t move, nmoves;	   /* a run of moves */
	bool done;		   /* its outcome is recorded */
};

struct ref_book {
	struct arena arena;
	struct name_map refs_at, pushes_at;
	struct book_ref *refs;
	size_t nrefs, refs_cap;
	struct book_move *moves;
	size_t nmoves, moves_cap;
	struct book_push *pushes;
	size_t npushes, pushes_cap;
	size_t ndone; /* of the pushes */
};

void ref_book_init(struct ref_book *b);
void ref_book_release(struct ref_book *b);

/** Take one record in, in the order of the ledger. Kinds that say nothing of
 * refs are passed over. */
int ref_book_add(struct ref_book *b, struct ledger *l, struct span json,
		 struct err *e);

/** The entry of a ref, made (`at` is "") when there is none.
 * @return its position, or SIZE_MAX with the error */
size_t ref_book_ref(struct ref_book *b, const char *repository,
		    const char *name, struct err *e);

/** The accepted move of a ref to `id` that has no outcome yet, or NULL. */
struct book_move *ref_book_move_to(struct ref_book *b, struct book_ref *ref,
				   const char *id);

/** The outcome of a push is recorded. */
void ref_book_done(struct ref_book *b, size_t push);

/** Let a ref stand at `id` from now on. */
void ref_book_set(struct book_ref *r, const char *id);

#endif
