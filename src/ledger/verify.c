/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "ledger/seal.h"
#include "ledger/seal_keys.h"
#include "ledger/verify_private.h"

const char *verify_what_word(enum verify_what what)
{
	static const char *const words[] = {[VERIFY_NONE] = "nothing",
					    [VERIFY_RECORD] = "record",
					    [VERIFY_PERSONS] = "persons",
					    [VERIFY_EVIDENCE] = "evidence",
					    [VERIFY_TILE] = "tile",
					    [VERIFY_BUNDLE] = "bundle",
					    [VERIFY_CHECKPOINT] = "checkpoint"};

	return words[what];
}

void verify_say(struct verify *v, enum verify_what what, uint64_t index,
		const char *fmt, ...)
{
	struct err text;
	struct verify_fault f = {what, index, text.msg};
	va_list ap;

	va_start(ap, fmt);
	err_setv(&text, ERR_MALFORMED, fmt, ap);
	va_end(ap);
	v->report->faults++;
	if (v->wish->tell)
		v->wish->tell(v->wish->arg, &f);
}

/* ----------------------------------------------------- the checkpoint */

static int check_signed(struct verify *v, struct err *e)
{
	struct note_vkeys own = {0};
	const struct note_vkeys *keys = v->wish->keys;
	struct err why;
	int rc = 0;

	if (!keys) {
		rc = seal_vkeys_read(v->l, &own, &why);
		if (rc == ERR_CONFIG) {
			verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX, "%s",
				   why.msg);
			note_vkeys_release(&own);
			return 0;
		}
		keys = &own;
	}
	if (!rc)
		rc = note_verify(&v->last.note, keys, NULL, &why);
	note_vkeys_release(&own);
	if (rc == ERR_MALFORMED || rc == ERR_NOT_FOUND) {
		verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX,
			   "sealed/checkpoint: %s", why.msg);
		return 0;
	}
	return rc ? err_set(e, rc, "%s", why.msg) : 0;
}

static int read_checkpoint(struct verify *v, struct err *e)
{
	struct err why;
	int rc = seal_checkpoint_read(v->l, &v->last, &why);

	if (rc == ERR_NOT_FOUND)
		verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX,
			   "sealed/checkpoint: is missing, so there is nothing "
			   "to compare the records with");
	else if (rc == ERR_MALFORMED || rc == ERR_LIMIT)
		verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX, "%s",
			   why.msg);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED || rc == ERR_LIMIT)
		return 0;
	if (rc)
		return err_set(e, rc, "%s", why.msg);
	v->has_last = true;
	v->report->sealed = v->last.at.size;
	if (!span_is(v->last.at.origin, v->l->origin))
		verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX,
			   "sealed/checkpoint: is of another ledger");
	return check_signed(v, e);
}

/* -------------------------------------------------------- the records */

/* Records up to `index` were not there to be read. */
static int pass_over(struct verify *v, uint64_t index, struct err *e)
{
	int rc = 0;

	while (!rc && v->tree.frontier.size < index) {
		if (gone_find(&v->gone.list, v->tree.frontier.size))
			v->report->gone++;
		rc = verify_tree_add(v, span_of(NULL, 0), NULL, e);
	}
	return rc;
}

static void say_range(struct verify *v, uint64_t from, uint64_t end,
		      const char *how)
{
	if (from + 1 < end)
		verify_say(v, VERIFY_RECORD, from,
			   "records %" PRIu64 " to %" PRIu64
			   ": missing from segments/%s",
			   from, end - 1, how);
	else if (from < end)
		verify_say(v, VERIFY_RECORD, from,
			   "record %" PRIu64 ": missing from segments/%s", from,
			   how);
}

/* Tell of records up to `end` that are not there, and were neither told of
 * nor removed by retention. */
static void say_missing(struct verify *v, uint64_t end, const char *how)
{
	uint64_t from = v->tree.frontier.size, next;

	if (from < v->told)
		from = v->told;
	if (from < end)
		(void)verify_gone_meanwhile(v, from, end);
	for (; from < end; from = next) {
		from = gone_skip(&v->gone.list, from);
		next = gone_next(&v->gone.list, from);
		next = next < end ? next : end;
		if (from < next)
			say_range(v, from, next, how);
		else
			break;
	}
}

static int take_item(struct verify *v, struct ledger_reader *r,
		     const struct ledger_item *item, struct err *e)
{
	struct ledger_place place;
	int rc;

	say_missing(v, item->index, "");
	rc = pass_over(v, item->index, e);
	if (rc)
		return rc;
	ledger_reader_place(r, &place);
	v->report->records++;
	rc = verify_record(v, item, &place, e);
	return rc ? rc : verify_tree_add(v, item->json, &place, e);
}

static int read_records(struct verify *v, struct ledger_reader *r,
			struct err *e)
{
	struct ledger_place place;
	struct ledger_item item;
	struct err why = {0};
	int more, rc = 0;

	while (!rc) {
		more = ledger_reader_next(r, &item, &why);
		if (more == 1) {
			rc = take_item(v, r, &item, e);
			continue;
		}
		if (more != ERR_MALFORMED)
			return more ? err_set(e, more, "%s", why.msg) : 0;
		ledger_reader_place(r, &place);
		if (place.index < place.segment)
			continue; /* the record behind the gap tells of it */
		rc = verify_damage(v, &place, e);
		v->told = place.index;
	}
	return rc;
}

/* What was sealed, or is durable, and stands behind the last record. */
static int check_end(struct verify *v, uint64_t durable, struct err *e)
{
	uint64_t sealed = v->report->sealed;

	say_missing(v, sealed, ", and was sealed");
	if (v->told < sealed)
		v->told = sealed;
	say_missing(v, durable, "");
	return pass_over(v, sealed, e);
}

static int read_all(struct verify *v, struct err *e)
{
	struct ledger_reader *r;
	uint64_t durable = 0;
	int rc = ledger_size(v->l, &durable, e);

	if (!rc)
		rc = ledger_reader_new(&r, v->l, 0, e);
	if (rc)
		return rc;
	rc = read_records(v, r, e);
	ledger_reader_free(r);
	v->gone.closed = true;
	if (!rc)
		rc = check_end(v, durable, e);
	if (!rc)
		rc = verify_tree_finish(v, e);
	if (!rc)
		verify_gone_finish(v);
	return rc;
}

int verify_ledger(struct ledger *l, const struct verify_wish *wish,
		  struct verify_report *out, struct err *e)
{
	struct verify *v = calloc(1, sizeof(*v));
	int rc;

	*out = (struct verify_report){0};
	if (!v)
		return err_nomem(e);
	v->l = l;
	v->wish = wish;
	v->report = out;
	out->bare = ledger_is_bare(l);
	v->tree.fd = -1;
	buf_init(&v->tree.bundle, TILE_MAX_BUNDLE);
	checkpoint_note_init(&v->last);
	rc = verify_gone_init(v, e);
	if (!rc)
		rc = read_checkpoint(v, e);
	if (!rc)
		rc = verify_tree_init(v, e);
	if (!rc)
		rc = read_all(v, e);
	verify_tree_release(&v->tree);
	json_pool_release(&v->record);
	json_pool_release(&v->persons);
	checkpoint_note_release(&v->last);
	verify_gone_release(v);
	free(v);
	return rc;
}
