/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_VERIFY_PRIVATE_H
#define GATEPOST_LEDGER_VERIFY_PRIVATE_H

/** What the sources of the verifier share. */

#include <yyjson.h>

#include "ledger/internal.h"
#include "ledger/json.h"
#include "ledger/tiles.h"
#include "ledger/verify.h"

enum { VERIFY_SEEN = 4096 }; /* pieces of evidence that are remembered */

/** The tree that the records give, beside the one that is stored. */
struct verify_tree {
	int fd; /* sealed/ */
	struct tile_source source;
	uint64_t size; /* of the stored one */
	bool unknown;  /* some leaf is nowhere to be found */
	struct merkle_frontier frontier;
	struct {
		struct merkle_hash hash[TILE_WIDTH];
		unsigned n;
	} level[TILE_LEVELS];
	/* stored, of the 256 records that are being read */
	struct merkle_hash tile[TILE_WIDTH];
	struct buf bundle;
	struct cursor entries;
	bool has_tile, has_bundle;
};

struct verify {
	struct ledger *l;
	const struct verify_wish *wish;
	struct verify_report *report;
	struct checkpoint_note last;
	bool has_last;
	uint64_t told; /* what is missing below that number was told */
	struct verify_tree tree;
	struct json_pool record, persons;
	struct {
		struct gone_list list;
		struct verify_gone_note *told; /* of each of them */
		struct merkle_frontier tree;   /* of the one that is read */
		uint64_t began;		       /* the first record in that */
		bool closed;		       /* no record is read any more */
	} gone;
	unsigned char seen[VERIFY_SEEN][SHA256_SIZE];
};

/** Tell a fault. */
void verify_say(struct verify *v, enum verify_what what, uint64_t index,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** Look at one record by itself: persons, evidence. @return 0, or an error
 * that ends it all */
int verify_record(struct verify *v, const struct ledger_item *item,
		  const struct ledger_place *place, struct err *e);

/** Tell what stands where the record of `place` should, and of those that
 * follow it up to `resumes`; `index` is then the first not told of. */
int verify_damage(struct verify *v, struct ledger_place *place, struct err *e);

/* What retention removed: read the list; look at each hash in the place of a
 * record that is gone, and at each record that may say so. */
int verify_gone_init(struct verify *v, struct err *e);
void verify_gone_release(struct verify *v);
void verify_gone_leaf(struct verify *v, uint64_t index,
		      const struct merkle_hash *leaf);
int verify_gone_record(struct verify *v, const struct ledger_item *item,
		       yyjson_val *record, struct err *e);
void verify_gone_finish(struct verify *v);
/** Whether of these numbers, up to below `end`, all are gone. */
bool verify_all_gone(const struct verify *v, uint64_t from, uint64_t end);
/** The same, for what is not there: retention may have begun meanwhile, so the
 * list is read again before this says no. */
bool verify_gone_meanwhile(struct verify *v, uint64_t from, uint64_t end);

int verify_tree_init(struct verify *v, struct err *e);
void verify_tree_release(struct verify_tree *t);
/** The next leaf. `record` has no address when it is missing; `place` may
 * then be NULL. */
int verify_tree_add(struct verify *v, struct span record,
		    const struct ledger_place *place, struct err *e);
/** All records were added: look at what is left. */
int verify_tree_finish(struct verify *v, struct err *e);

#endif
