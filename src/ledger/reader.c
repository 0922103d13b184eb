/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/internal.h"
#include "ledger/segment.h"

/* Records that are passed over one by one rather than searched beyond. */
enum { SEEK_NEAR = 64, LIST_TRIES = 3 };

struct ledger_reader {
	struct ledger *l;
	bool unlimited;
	struct segment_list list;
	size_t place; /* of the open segment in the list */
	struct window w;
	uint64_t offset, index;	      /* of what comes next */
	uint64_t limit;		      /* records below it are durable */
	uint64_t generation, segment; /* the state when the list was read */
	struct ledger_place told;     /* what the last call spoke of */
};

static void close_segment(struct ledger_reader *r)
{
	int fd = r->w.fd;

	window_release(&r->w);
	file_close(&fd);
}

static bool index_below(const struct frame_header *h, const void *arg)
{
	return h->index <= *(const uint64_t *)arg;
}

/* Go near r->index within the open segment, then header by header. */
static int seek_index(struct ledger_reader *r, struct err *e)
{
	struct frame_header h;
	int rc;

	r->offset = 0;
	if (r->index == r->list.first[r->place])
		return 0;
	rc = segment_search(&r->w, index_below, &r->index, &r->offset, e);
	while (!rc) {
		rc = segment_look_header(&r->w, r->offset, &h, e);
		if (rc != SEGMENT_FRAME || h.index >= r->index)
			return rc < 0 ? rc : 0;
		r->offset += frame_size(&h);
		rc = 0;
	}
	return rc;
}

static int open_place(struct ledger_reader *r, size_t place, struct err *e)
{
	int fd, rc;

	close_segment(r);
	r->place = place;
	rc = segment_open(r->l->dir_fd, r->list.first[place], O_RDONLY, &fd, e);
	if (rc)
		return rc;
	window_init(&r->w, fd);
	return seek_index(r, e);
}

/* The number that comes next, of those that retention left. */
static void pass_gone(struct ledger_reader *r)
{
	r->index = gone_skip(&r->list.gone, r->index);
}

static int load_list_once(struct ledger_reader *r, struct err *e)
{
	struct state *s = r->l->state;
	int rc;

	if (s) {
		r->generation = s->generation;
		r->segment = s->segment;
	}
	rc = segment_list_read(&r->list, r->l->dir_fd, e);
	if (rc)
		return rc;
	pass_gone(r);
	return open_place(r, segment_list_find(&r->list, r->index), e);
}

/* Retention may take a segment between the reading of the list and here. */
static int load_list(struct ledger_reader *r, struct err *e)
{
	int i, rc = ERR_NOT_FOUND;

	for (i = 0; i < LIST_TRIES && rc == ERR_NOT_FOUND; i++) {
		err_clear(e);
		rc = load_list_once(r, e);
	}
	return rc;
}

static int open_at(struct ledger_reader *r, size_t place, struct err *e)
{
	int rc = open_place(r, place, e);

	if (rc != ERR_NOT_FOUND)
		return rc;
	err_clear(e);
	return load_list(r, e);
}

static int reader_new(struct ledger_reader **out, struct ledger *l,
		      uint64_t from, bool unlimited, struct err *e)
{
	struct ledger_reader *r = calloc(1, sizeof(*r));
	int rc;

	*out = NULL;
	if (!r)
		return err_nomem(e);
	r->l = l;
	r->unlimited = unlimited;
	r->index = from;
	window_init(&r->w, -1);
	rc = load_list(r, e);
	if (rc) {
		ledger_reader_free(r);
		return err_wrap(e, "the ledger %s", l->dir);
	}
	*out = r;
	return 0;
}

int ledger_reader_new(struct ledger_reader **out, struct ledger *l,
		      uint64_t from, struct err *e)
{
	return reader_new(out, l, from, false, e);
}

int ledger_reader_new_unlimited(struct ledger_reader **out, struct ledger *l,
				uint64_t from, struct err *e)
{
	return reader_new(out, l, from, true, e);
}

void ledger_reader_free(struct ledger_reader *r)
{
	if (!r)
		return;
	close_segment(r);
	segment_list_release(&r->list);
	free(r);
}

/*
 * Whether a record may be shown now. Bytes read ahead may since have been
 * written (again), so they are forgotten whenever the limit moves.
 */
static bool may_show(struct ledger_reader *r)
{
	uint64_t limit;

	if (r->unlimited || r->index < r->limit)
		return true;
	if (!ledger_limit(r->l, &limit))
		return true; /* nobody has written in this boot */
	window_forget(&r->w);
	r->limit = limit;
	return r->index < limit;
}

/* Whether the list of segments is as it was when read. */
static bool list_current(const struct ledger_reader *r)
{
	const struct state *s = r->l->state;

	return !s ||
	       (r->generation == s->generation && r->segment == s->segment);
}

/* The first index that the open segment does not hold. */
static uint64_t segment_bound(const struct ledger_reader *r)
{
	return segment_list_bound(&r->list, r->place);
}

/* Say what is wrong, once; the next call goes on at `index`, `offset`. */
static int say_damaged(struct ledger_reader *r, uint64_t index, uint64_t offset,
		       struct err *e)
{
	char name[SEGMENT_NAME_SIZE];
	int rc;

	segment_name(r->list.first[r->place], name);
	rc = err_set(e, ERR_MALFORMED,
		     "%s/%s: record %" PRIu64 " at offset %" PRIu64
		     " is damaged or missing",
		     r->l->dir, name, r->index, r->offset);
	r->told = (struct ledger_place){r->list.first[r->place], r->offset,
					r->index, index};
	r->index = index;
	r->offset = offset;
	return rc;
}

/* No file is there that could hold what comes next: the first is missing. */
static int say_absent(struct ledger_reader *r, struct err *e)
{
	uint64_t first = r->list.first[r->place];
	uint64_t end = gone_next(&r->list.gone, r->index), from = r->index;

	end = end < first ? end : first;
	r->told = (struct ledger_place){first, 0, from, end};
	r->index = end;
	pass_gone(r);
	return err_set(e, ERR_MALFORMED,
		       "%s/segments: records %" PRIu64 " to %" PRIu64
		       " are missing",
		       r->l->dir, from, end - 1);
}

/* Whether a tail that does not check is just the end: nobody vouches for
 * the last segment's records when no state knows how many there are. */
static bool tail_is_end(const struct ledger_reader *r)
{
	uint64_t limit;

	return r->place + 1 == r->list.n &&
	       (r->unlimited || !ledger_limit(r->l, &limit));
}

/* What stands at the offset is not the frame that should. */
static int meet_damage(struct ledger_reader *r, struct err *e)
{
	uint64_t at = r->offset, bound = segment_bound(r);
	struct frame_header h;
	const char *bytes;
	int rc;

	while ((rc = segment_next_frame(&r->w, at, &at, &h, &bytes, e)) == 1) {
		if (h.index >= r->index && h.index < bound)
			return say_damaged(r, h.index, at, e);
		at += frame_size(&h);
	}
	if (rc < 0)
		return rc;
	return tail_is_end(r) ? 0 : say_damaged(r, bound, r->offset, e);
}

static int advance_segment(struct ledger_reader *r, struct err *e)
{
	if (!list_current(r))
		return load_list(r, e);
	if (r->index < segment_bound(r))
		return 0;
	pass_gone(r);
	return open_at(r, segment_list_find(&r->list, r->index), e);
}

/* The frame that should stand here. What is not may be where somebody has
 * written since the list was read: whoever had written nothing in this boot,
 * or has replaced this file. */
static int look(struct ledger_reader *r, struct frame_header *h,
		const char **bytes, struct err *e)
{
	int tries, rc;

	for (tries = 0;; tries++) {
		rc = segment_look(&r->w, r->offset, h, bytes, e);
		if (rc < 0 || (rc == SEGMENT_FRAME && h->index == r->index) ||
		    tries == LIST_TRIES || list_current(r))
			return rc;
		rc = load_list(r, e);
		if (rc)
			return rc;
	}
}

int ledger_reader_next(struct ledger_reader *r, struct ledger_item *out,
		       struct err *e)
{
	struct frame_header h;
	const char *bytes;
	int rc;

	*out = (struct ledger_item){0};
	if (r->index == UINT64_MAX || !may_show(r))
		return 0;
	rc = advance_segment(r, e);
	if (rc)
		return rc;
	if (!may_show(r))
		return 0; /* what is next was gone, and nothing is behind it */
	if (r->index < r->list.first[r->place])
		return say_absent(r, e);
	rc = look(r, &h, &bytes, e);
	if (rc < 0)
		return err_wrap(e, "the ledger %s", r->l->dir);
	if (rc == SEGMENT_END && tail_is_end(r))
		return 0;
	if (rc != SEGMENT_FRAME || h.index != r->index)
		return meet_damage(r, e);
	out->index = h.index;
	out->id = span_of(bytes + h.covered - (UUID_TEXT_SIZE - 1),
			  UUID_TEXT_SIZE - 1);
	out->json = frame_json(bytes, &h);
	out->persons = frame_persons(bytes, &h);
	r->told = (struct ledger_place){r->list.first[r->place], r->offset,
					h.index, h.index + 1};
	r->offset += frame_size(&h);
	r->index++;
	return 1;
}

/* Step over frames that stand near, which is cheaper than a search. */
static int step_to(struct ledger_reader *r, uint64_t index, struct err *e)
{
	struct frame_header h;
	int rc;

	while (r->index < index) {
		rc = segment_look_header(&r->w, r->offset, &h, e);
		if (rc != SEGMENT_FRAME || h.index != r->index)
			return rc < 0 ? rc : 0; /* the next read tells */
		r->offset += frame_size(&h);
		r->index++;
	}
	return 0;
}

int ledger_reader_seek(struct ledger_reader *r, uint64_t index, struct err *e)
{
	uint64_t first = r->list.first[r->place];

	if (index == r->index)
		return 0;
	index = gone_skip(&r->list.gone, index);
	if (index > r->index && index - r->index <= SEEK_NEAR &&
	    index < segment_bound(r))
		return step_to(r, index, e);
	r->index = index;
	if (index >= first && index < segment_bound(r))
		return seek_index(r, e);
	return open_at(r, segment_list_find(&r->list, index), e);
}

uint64_t ledger_reader_at(const struct ledger_reader *r)
{
	return r->index;
}

uint64_t ledger_reader_gone(const struct ledger_reader *r, uint64_t from,
			    uint64_t end)
{
	return gone_count(&r->list.gone, from, end);
}

void ledger_reader_place(const struct ledger_reader *r,
			 struct ledger_place *out)
{
	*out = r->told;
}
