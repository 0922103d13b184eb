/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_RETAIN_H
#define GATEPOST_LEDGER_RETAIN_H

/**
 * Retention: whole sealed segments leave when all of their records may. In
 * this order, each durable before the next: what the index has to remember
 * of them, as evidence; a record of kind `retention`, which is sealed;
 * `segments/gone`, from where on readers pass over them; evidence that
 * nobody else cites, the index, and at last the files. Whatever is killed
 * in between, retain_finish() goes on where that was.
 */

#include <stdbool.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/err.h"
#include "ledger/gone.h"
#include "ledger/ledger.h"

#define RETAIN_KIND "retention" /* of the record */

struct retain_segment {
	struct gone_range range;
	int64_t from_ms, until_ms; /* of its records */
};

/** Zeroed: nothing leaves. */
struct retain_plan {
	struct retain_segment *v;
	size_t n, cap;
};
void retain_plan_release(struct retain_plan *p);

/** Whether this record has to stay; then `why` says so, valid until the next
 * call. */
typedef int retain_judge(void *arg, const struct ledger_item *item,
			 yyjson_val *record, const char **why, struct err *e);

struct retain_wish {
	uint64_t below;	   /* segments with records from there on stay */
	int64_t before_ms; /* and those with records of later than that */
	retain_judge *judge;
	/** Told of each segment that stays for another reason; or NULL. */
	void (*tell)(void *arg, const struct gone_range *range,
		     const char *why);
	void *arg;	 /* of tell */
	void *judge_arg; /* of judge */
};

/** One at a time. @param fd  for lock_release() */
int retain_lock(struct ledger *l, int *fd, struct err *e);

/** Begin a new segment when the present one began before that time, so that
 * in a small ledger segments leave, too. */
int retain_rotate(struct ledger *l, int64_t before_ms, struct err *e);

/**
 * Which segments may leave. Each of their records is compared with the hash
 * that was sealed; a segment in which one differs or is damaged stays.
 */
int retain_plan(struct ledger *l, const struct retain_wish *wish,
		struct retain_plan *out, struct err *e);

/** What is gone. */
int retain_gone(struct ledger *l, struct gone_list *out, struct err *e);

/** Let the segments of a plan go. The record that says so is there. */
int retain_commit(struct ledger *l, const struct retain_plan *plan,
		  struct err *e);

/** Remove what is left of segments that are gone. @param evidence  gets how
 * many pieces of evidence went with them */
int retain_finish(struct ledger *l, uint64_t *evidence, struct err *e);

/** The last record of kind `retention`. *found is false without one. */
int retain_last(struct ledger *l, struct buf *json, uint64_t *index,
		bool *found, struct err *e);

/** @param segment  as the manual of records describes it */
typedef int retain_segment_fn(void *arg, yyjson_val *segment, struct err *e);

/**
 * Call fn for each segment that the last record of kind `retention` names: it
 * names all that are gone.
 * @param below  unless the record's number is less, there is none
 */
int retain_each_named(struct ledger *l, uint64_t below, retain_segment_fn *fn,
		      void *arg, struct err *e);

/** The same for who asks what readers pass over: none before the first has
 * left. */
int retain_each_gone(struct ledger *l, retain_segment_fn *fn, void *arg,
		     struct err *e);

/**
 * For who seals: take the records that are gone, and that `judge` lets go,
 * out of the entry bundles. Full bundles leave as a whole; in others the
 * entry is empty. The hashes stay.
 * @param n  gets how many bundles were changed
 */
int retain_sealed(struct ledger *l, retain_judge *judge, void *arg, uint64_t *n,
		  struct err *e);

#endif
