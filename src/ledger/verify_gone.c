/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/time.h"
#include "ledger/json.h"
#include "ledger/lists.h"
#include "ledger/retain.h"
#include "ledger/verify_private.h"

/* What is gone by segments/gone: nothing is believed until the hashes of the
 * records give the root there, and a record of kind retention says so. */

int verify_gone_init(struct verify *v, struct err *e)
{
	int rc = gone_read(&v->gone.list, v->l->dir_fd, e);

	if (rc)
		return rc;
	if (v->gone.list.damaged)
		verify_say(v, VERIFY_RECORD, VERIFY_NO_INDEX,
			   "segments/gone: has lines that make no sense");
	v->gone.told = calloc(v->gone.list.n + 1, sizeof(*v->gone.told));
	return v->gone.told ? 0 : err_nomem(e);
}

void verify_gone_release(struct verify *v)
{
	gone_release(&v->gone.list);
	free(v->gone.told);
}

bool verify_all_gone(const struct verify *v, uint64_t from, uint64_t end)
{
	return end > from && gone_count(&v->gone.list, from, end) == end - from;
}

static bool range_equal(const struct gone_range *a, const struct gone_range *b)
{
	return a->first == b->first && a->end == b->end &&
	       merkle_equal(&a->root, &b->root);
}

/* What was said of those that were known stays said. */
static bool read_again(struct verify *v)
{
	struct verify_gone_note *told;
	struct gone_list now = {0};
	struct err ignored;
	size_t i, j = 0;

	if (v->gone.closed || gone_read(&now, v->l->dir_fd, &ignored) ||
	    !(told = calloc(now.n + 1, sizeof(*told)))) {
		gone_release(&now);
		return false;
	}
	for (i = 0; i < now.n; i++) {
		while (j < v->gone.list.n &&
		       v->gone.list.v[j].first < now.v[i].first)
			j++;
		if (j < v->gone.list.n &&
		    range_equal(&v->gone.list.v[j], &now.v[i]))
			told[i] = v->gone.told[j];
	}
	verify_gone_release(v);
	v->gone.list = now;
	v->gone.told = told;
	return true;
}

bool verify_gone_meanwhile(struct verify *v, uint64_t from, uint64_t end)
{
	return verify_all_gone(v, from, end) ||
	       (read_again(v) && verify_all_gone(v, from, end));
}

void verify_gone_leaf(struct verify *v, uint64_t index,
		      const struct merkle_hash *leaf)
{
	const struct gone_range *range = gone_find(&v->gone.list, index);
	struct merkle_hash root;

	if (!range)
		return;
	if (index == range->first || !v->gone.tree.size) {
		v->gone.tree = (struct merkle_frontier){0};
		v->gone.began = index;
	}
	merkle_add(&v->gone.tree, leaf);
	/* some were still there when they were read: their hashes are in the
	 * tree of all, and that is enough */
	if (index + 1 < range->end || v->gone.began != range->first)
		return;
	merkle_root(&v->gone.tree, &root);
	if (!merkle_equal(&root, &range->root))
		verify_say(v, VERIFY_RECORD, range->first,
			   "segments/gone: records %" PRIu64 " to %" PRIu64
			   " have another root than it says",
			   range->first, range->end - 1);
}

/* ------------------------------------------------ records of retention */

static void take_segment(struct verify *v, const struct ledger_item *item,
			 yyjson_val *segment)
{
	uint64_t first = yyjson_get_uint(yyjson_obj_get(segment, "first"));
	uint64_t count = yyjson_get_uint(yyjson_obj_get(segment, "count"));
	const struct gone_range *range;
	struct verify_gone_note *note;
	struct span root = json_str(segment, "root");
	unsigned char raw[SHA256_SIZE];

	range = count ? gone_find(&v->gone.list, first + count - 1) : NULL;
	if (!range || range->first < first || range->end > first + count ||
	    !span_starts(root, "sha256:"))
		return;
	root.p += strlen("sha256:");
	root.n -= strlen("sha256:");
	/* a copy may still have the others of a segment, and its tree has the
	 * hashes of all */
	if (range->first == first && range->end == first + count &&
	    (!hex_decode(root, raw, sizeof(raw)) ||
	     memcmp(raw, range->root.b, sizeof(raw)) != 0))
		return;
	note = &v->gone.told[range - v->gone.list.v];
	*note = (struct verify_gone_note){.said = true};
	memcpy(note->record, item->id.p, item->id.n);
	(void)time_parse(json_str(segment, "from"), &note->from_ms);
	(void)time_parse(json_str(segment, "until"), &note->until_ms);
	(void)time_parse(json_str(segment, "left"), &note->left_ms);
}

int verify_gone_record(struct verify *v, const struct ledger_item *item,
		       yyjson_val *record, struct err *e)
{
	yyjson_doc *held;
	yyjson_val *list, *segment;
	struct err why = {0};
	size_t i, n;
	int rc;

	if (!v->gone.list.n || !span_is(json_str(record, "kind"), RETAIN_KIND))
		return 0;
	rc = ledger_list_load(v->l, record, "segments", &list, &held, &why);
	if (rc == ERR_MEMORY)
		return err_nomem(e);
	yyjson_arr_foreach(list, i, n, segment)
	{
		take_segment(v, item, segment);
	}
	yyjson_doc_free(held);
	return 0;
}

void verify_gone_finish(struct verify *v)
{
	size_t i;

	for (i = 0; i < v->gone.list.n; i++) {
		const struct gone_range *range = &v->gone.list.v[i];

		if (!v->gone.told[i].said)
			verify_say(v, VERIFY_RECORD, range->first,
				   "records %" PRIu64 " to %" PRIu64
				   ": are gone by segments/gone, and no record "
				   "of kind " RETAIN_KIND " says so",
				   range->first, range->end - 1);
		else if (v->wish->tell_gone)
			v->wish->tell_gone(v->wish->arg, range,
					   &v->gone.told[i]);
	}
}
