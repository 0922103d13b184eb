/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/retain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "ledger/internal.h"
#include "ledger/json.h"
#include "ledger/lists.h"
#include "ledger/search.h"
#include "ledger/seal.h"
#include "ledger/segment.h"
#include "ledger/terms.h"
#include "ledger/tiles.h"
#include "sys/lock.h"

enum { RETAIN_LOCK_MS = 60000 };

int retain_lock(struct ledger *l, int *fd, struct err *e)
{
	int rc = ledger_open_lock(l, "locks/retain", fd, e);

	if (!rc)
		rc = lock_take(*fd, RETAIN_LOCK_MS, e);
	if (rc == ERR_TIMEOUT)
		rc = err_set(e, rc, "somebody else removes or erases records");
	return rc ? err_wrap(e, "the ledger %s", l->dir) : 0;
}

void retain_plan_release(struct retain_plan *p)
{
	free(p->v);
	*p = (struct retain_plan){0};
}

/* When the record was made that is, or comes next at, `index`. */
static int time_at(struct ledger *l, uint64_t index, bool *found, int64_t *ms,
		   struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, index, e);

	*found = false;
	*ms = 0;
	if (rc)
		return rc;
	rc = ledger_reader_next(r, &item, e);
	if (rc == 1) {
		*found = true;
		*ms = terms_time(NULL, item.id);
	}
	ledger_reader_free(r);
	return rc < 0 && rc != ERR_MALFORMED ? rc : 0;
}

int retain_rotate(struct ledger *l, int64_t before_ms, struct err *e)
{
	struct segment_list list = {0};
	bool found = false;
	int64_t ms;
	int rc = segment_list_read(&list, l->dir_fd, e);

	if (!rc)
		rc = time_at(l, list.first[list.n - 1], &found, &ms, e);
	segment_list_release(&list);
	return !rc && found && ms < before_ms ? ledger_cut(l, e) : rc;
}

/* ----------------------------------------------------------------- plan */

struct planner {
	struct ledger *l;
	const struct retain_wish *wish;
	struct retain_plan *plan;
	int sealed_fd;
	struct tile_tree tiles;
	struct merkle_tree sealed;
	struct segment_list list;
};

static void stays(const struct planner *p, const struct retain_segment *s,
		  const char *why)
{
	if (p->wish->tell)
		p->wish->tell(p->wish->arg, &s->range, why);
}

/* @param why  set when the record keeps its segment */
static int judge(struct planner *p, const struct ledger_item *item,
		 struct retain_segment *s, const char **why, struct err *e)
{
	yyjson_doc *doc;
	int64_t ms;
	int rc = json_parse(&doc, item->json, "record", e);

	if (rc == ERR_MALFORMED) {
		*why = "a record is no JSON";
		return 0;
	}
	if (rc)
		return rc;
	ms = terms_time(yyjson_doc_get_root(doc), item->id);
	s->from_ms = ms < s->from_ms ? ms : s->from_ms;
	s->until_ms = ms > s->until_ms ? ms : s->until_ms;
	rc = p->wish->judge(p->wish->judge_arg, item, yyjson_doc_get_root(doc),
			    why, e);
	yyjson_doc_free(doc);
	return rc;
}

static int is_sealed(struct planner *p, const struct ledger_item *item,
		     const struct merkle_hash *leaf, const char **why,
		     struct err *e)
{
	struct merkle_hash sealed;
	int rc = p->sealed.read(p->sealed.arg, 0, item->index, &sealed, e);

	if (!rc && !merkle_equal(leaf, &sealed))
		*why = "a record is not the one that was sealed; see gatepost "
		       "ledger verify";
	return rc;
}

static int look_at_records(struct planner *p, struct retain_segment *s,
			   const char **why, struct err *e)
{
	struct merkle_frontier tree = {0};
	struct ledger_reader *r;
	struct ledger_item item;
	struct merkle_hash leaf;
	uint64_t i;
	int rc = ledger_reader_new(&r, p->l, s->range.first, e);

	if (rc)
		return rc;
	for (i = s->range.first; !rc && !*why && i < s->range.end; i++) {
		rc = ledger_reader_next(r, &item, e);
		if (rc == ERR_MALFORMED || rc == 0 ||
		    (rc == 1 && item.index != i)) {
			*why = "a record is damaged";
			rc = 0;
			break;
		}
		if (rc == 1)
			rc = judge(p, &item, s, why, e);
		if (rc || *why)
			break;
		merkle_leaf(item.json, &leaf);
		merkle_add(&tree, &leaf);
		rc = is_sealed(p, &item, &leaf, why, e);
	}
	merkle_root(&tree, &s->range.root);
	ledger_reader_free(r);
	return rc;
}

static int look_at_segment(struct planner *p, struct retain_segment *s,
			   struct err *e)
{
	const char *why = NULL;
	bool found;
	int64_t ms;
	int rc = time_at(p->l, s->range.end - 1, &found, &ms, e);

	/* no need to read all of it to see that the last one is too young */
	if (rc || (found && ms > p->wish->before_ms))
		return rc;
	if (s->range.end > p->wish->below) {
		stays(p, s, "not all of it is sealed and delivered");
		return 0;
	}
	rc = look_at_records(p, s, &why, e);
	if (rc)
		return rc;
	if (why) {
		stays(p, s, why);
		return 0;
	}
	if (array_push(&p->plan->v, p->plan->n, &p->plan->cap,
		       SEGMENT_MAX_LIST))
		return err_nomem(e);
	p->plan->v[p->plan->n++] = *s;
	return 0;
}

static int look_at_all(struct planner *p, struct err *e)
{
	size_t i;
	int rc = segment_list_read(&p->list, p->l->dir_fd, e);

	for (i = 0; !rc && i + 1 < p->list.n; i++) {
		struct retain_segment s = {
			.range = {.first = p->list.first[i],
				  .end = segment_list_bound(&p->list, i)},
			.from_ms = INT64_MAX,
			.until_ms = INT64_MIN,
		};

		rc = look_at_segment(p, &s, e);
	}
	return rc;
}

int retain_plan(struct ledger *l, const struct retain_wish *wish,
		struct retain_plan *out, struct err *e)
{
	struct planner p = {.l = l, .wish = wish, .plan = out};
	struct checkpoint_note last;
	int rc = seal_checkpoint_read(l, &last, e);

	*out = (struct retain_plan){0};
	p.sealed_fd =
		openat(l->dir_fd, "sealed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!rc && p.sealed_fd < 0)
		rc = err_sys(e, "open %s/sealed", l->dir);
	if (!rc)
		rc = tile_tree_init(&p.tiles, tile_source_dir(&p.sealed_fd),
				    last.at.size, e);
	if (!rc) {
		p.sealed = tile_tree_merkle(&p.tiles);
		rc = look_at_all(&p, e);
		tile_tree_release(&p.tiles);
	}
	segment_list_release(&p.list);
	file_close(&p.sealed_fd);
	checkpoint_note_release(&last);
	return rc;
}

int retain_gone(struct ledger *l, struct gone_list *out, struct err *e)
{
	return gone_read(out, l->dir_fd, e);
}

/* --------------------------------------------------------- the last one */

int retain_last(struct ledger *l, struct buf *json, uint64_t *index,
		bool *found, struct err *e)
{
	struct ledger_query q = {.kind = RETAIN_KIND};
	struct ledger_search *s;
	struct ledger_item item;
	int rc = ledger_search_new(&s, l, &q, 0, UINT64_MAX, e);

	*found = false;
	if (rc)
		return rc;
	while ((rc = ledger_search_next(s, &item, e)) != 0) {
		if (rc == ERR_MALFORMED)
			continue;
		if (rc != 1)
			break;
		*found = true;
		*index = item.index;
		buf_clear(json);
		if (buf_add(json, item.json.p, item.json.n)) {
			rc = err_nomem(e);
			break;
		}
	}
	ledger_search_free(s);
	return rc;
}

int retain_each_named(struct ledger *l, uint64_t below, retain_segment_fn *fn,
		      void *arg, struct err *e)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	yyjson_doc *doc = NULL, *held = NULL;
	yyjson_val *list = NULL, *segment;
	uint64_t index = 0;
	size_t i, n;
	bool found;
	int rc = retain_last(l, &json, &index, &found, e);

	found = found && index < below;
	if (!rc && found)
		rc = json_parse(&doc, span_of(json.data, json.len), "record",
				e);
	if (!rc && found)
		rc = ledger_list_load(l, yyjson_doc_get_root(doc), "segments",
				      &list, &held, e);
	yyjson_arr_foreach(list, i, n, segment)
	{
		if (!rc)
			rc = fn(arg, segment, e);
	}
	yyjson_doc_free(doc);
	yyjson_doc_free(held);
	buf_release(&json);
	return rc;
}

int retain_each_gone(struct ledger *l, retain_segment_fn *fn, void *arg,
		     struct err *e)
{
	struct gone_list gone = {0};
	int rc = retain_gone(l, &gone, e);
	bool any = gone.n > 0;

	gone_release(&gone);
	return rc || !any ? rc : retain_each_named(l, UINT64_MAX, fn, arg, e);
}
