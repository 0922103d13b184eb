/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "ledger/internal.h"
#include "ledger/search.h"
#include "ledger/segment.h"

/*
 * A UUIDv7 begins with the milliseconds of its making in 12 hex digits, and
 * records are appended nearly in that order, so most are found by searching
 * for the time with some slack: judging and waiting for locks takes a while.
 * Where clocks jumped, the index is asked.
 */
enum { ID_MIN_DIGITS = 6, TIME_DIGITS = 12, SLACK_MS = 2 * 60 * 1000 };

/* ----------------------------------------------------------------- size */

static bool always(const struct frame_header *h, const void *arg)
{
	(void)h;
	(void)arg;
	return true;
}

static int count_records(struct ledger *l, uint64_t *n, struct err *e)
{
	struct segment_list list = {0};
	struct window w;
	struct frame_header h;
	uint64_t offset = 0;
	int fd = -1, rc = segment_list_read(&list, l->dir_fd, e);

	window_init(&w, -1);
	if (!rc)
		rc = segment_open(l->dir_fd, list.first[list.n - 1], O_RDONLY,
				  &fd, e);
	if (!rc) {
		*n = list.first[list.n - 1];
		window_init(&w, fd);
		rc = segment_search(&w, always, NULL, &offset, e);
	}
	if (!rc && segment_look_header(&w, offset, &h, e) == SEGMENT_FRAME) {
		*n = h.index;
		rc = segment_walk(&w, &offset, n, e);
	}
	window_release(&w);
	file_close(&fd);
	segment_list_release(&list);
	return rc;
}

int ledger_size(struct ledger *l, uint64_t *n, struct err *e)
{
	int rc;

	*n = 0;
	if (ledger_limit(l, n))
		return 0;
	rc = count_records(l, n, e);
	return rc ? err_wrap(e, "the ledger %s", l->dir) : 0;
}

/* ----------------------------------------------------------------- find */

struct wanted {
	char id[UUID_TEXT_SIZE]; /* in full, or how it begins */
	size_t len;
	uint64_t from_ms, to_ms; /* when such ids were made */
};

/* The time in an id of which `len` characters count, the rest as `fill`. */
static uint64_t id_time(const char *id, size_t len, char fill)
{
	uint64_t ms = 0;
	size_t at = 0;
	int digits;

	for (digits = 0; digits < TIME_DIGITS; digits++, at++) {
		char c;

		if (at == 8)
			at++; /* the hyphen */
		c = at < len ? id[at] : fill;
		ms = ms << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return ms;
}

static int parse_wanted(struct wanted *w, const char *id, struct err *e)
{
	static const char shape[UUID_TEXT_SIZE] =
		"00000000-0000-7000-8000-000000000000";
	size_t i, digits = 0;

	w->len = strlen(id);
	if (w->len >= sizeof(w->id))
		return err_set(e, ERR_USAGE, "that is no record's id");
	for (i = 0; i < w->len; i++) {
		char c = ascii_lower(id[i]);
		bool hex = ascii_digit(c) || (c >= 'a' && c <= 'f');

		if (shape[i] == '-' ? c != '-' : !hex)
			return err_set(e, ERR_USAGE, "that is no record's id");
		digits += hex;
		w->id[i] = c;
	}
	w->id[i] = '\0';
	if (digits < ID_MIN_DIGITS)
		return err_set(e, ERR_USAGE,
			       "a record's id needs at least its first %d "
			       "digits",
			       ID_MIN_DIGITS);
	w->from_ms = id_time(w->id, w->len, '0');
	w->to_ms = id_time(w->id, w->len, 'f');
	w->from_ms -= w->from_ms > SLACK_MS ? SLACK_MS : w->from_ms;
	w->to_ms += SLACK_MS;
	return 0;
}

static bool matches(const struct wanted *w, struct span id)
{
	return id.n >= w->len && memcmp(id.p, w->id, w->len) == 0;
}

/* The first time at which a record of this segment was made. */
static int segment_time(struct ledger *l, uint64_t first, uint64_t *ms,
			struct err *e)
{
	struct frame_header h;
	struct window w;
	int fd, rc = segment_open(l->dir_fd, first, O_RDONLY, &fd, e);

	*ms = 0;
	if (rc)
		return rc;
	window_init(&w, fd);
	rc = segment_look_header(&w, 0, &h, e);
	if (rc == SEGMENT_FRAME)
		*ms = id_time(h.id, strlen(h.id), '0');
	else if (rc == SEGMENT_END)
		*ms = UINT64_MAX; /* empty: all is before it */
	window_release(&w);
	file_close(&fd);
	return rc < 0 ? rc : 0;
}

static bool made_before(const struct frame_header *h, const void *arg)
{
	return id_time(h->id, strlen(h->id), '0') < *(const uint64_t *)arg;
}

/* The number of a record before which none of that time should stand. */
static int find_start(struct ledger *l, const struct wanted *want,
		      uint64_t *index, struct err *e)
{
	struct segment_list list = {0};
	struct frame_header h;
	struct window w;
	uint64_t ms = 0, offset = 0;
	int fd = -1, rc = segment_list_read(&list, l->dir_fd, e);
	size_t i = list.n;

	window_init(&w, -1);
	*index = rc ? 0 : list.first[0];
	while (!rc && i-- > 0) {
		rc = segment_time(l, list.first[i], &ms, e);
		if (rc || ms < want->from_ms)
			break;
	}
	if (!rc && i < list.n) {
		*index = list.first[i];
		rc = segment_open(l->dir_fd, list.first[i], O_RDONLY, &fd, e);
		window_init(&w, fd);
		if (!rc)
			rc = segment_search(&w, made_before, &want->from_ms,
					    &offset, e);
		if (!rc &&
		    segment_look_header(&w, offset, &h, e) == SEGMENT_FRAME)
			*index = h.index;
	}
	window_release(&w);
	file_close(&fd);
	segment_list_release(&list);
	return rc;
}

struct match {
	size_t n;
	uint64_t index;
	char id[UUID_TEXT_SIZE];
};

static void note_match(struct match *m, const struct ledger_item *item)
{
	if (m->n && span_is(item->id, m->id))
		return;
	m->n++;
	m->index = item->index;
	memcpy(m->id, item->id.p, item->id.n);
	m->id[item->id.n] = '\0';
}

/* Read on from `index` until ids are of a later time. */
static int scan(struct ledger *l, const struct wanted *want, uint64_t index,
		struct match *m, struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, index, e);

	if (rc)
		return rc;
	for (;;) {
		rc = ledger_reader_next(r, &item, e);
		if (rc == ERR_MALFORMED)
			continue; /* a damaged record is not this one */
		if (rc != 1)
			break;
		if (matches(want, item.id))
			note_match(m, &item);
		else if (id_time(item.id.p, item.id.n, '0') > want->to_ms)
			break;
		if (m->n && want->len == UUID_TEXT_SIZE - 1)
			break; /* in full: there is no other */
	}
	ledger_reader_free(r);
	return rc < 0 ? rc : 0;
}

static int ask_index(struct ledger *l, const struct wanted *want,
		     struct match *m, struct err *e)
{
	struct ledger_query q = {.id = want->id};
	struct ledger_search *s;
	struct ledger_item item;
	int rc = ledger_search_new(&s, l, &q, 0, UINT64_MAX, e);

	if (rc)
		return rc;
	while ((rc = ledger_search_next(s, &item, e)) != 0) {
		if (rc == 1)
			note_match(m, &item);
		else if (rc != ERR_MALFORMED)
			break;
	}
	ledger_search_free(s);
	return rc;
}

static int copy_item(struct ledger *l, uint64_t index, struct buf *json,
		     struct buf *persons, struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, index, e);

	if (rc)
		return rc;
	rc = ledger_reader_next(r, &item, e);
	if (rc == 1) {
		rc = 0;
		if (buf_add(json, item.json.p, item.json.n) ||
		    buf_add(persons, item.persons.p, item.persons.n))
			rc = err_set(e, ERR_LIMIT, "no room for the record");
	} else if (rc == 0) {
		rc = err_set(e, ERR_NOT_FOUND, "the record is gone");
	}
	ledger_reader_free(r);
	return rc;
}

int ledger_find(struct ledger *l, const char *id, struct buf *json,
		struct buf *persons, uint64_t *index, struct err *e)
{
	struct wanted want;
	struct match m = {0};
	int rc = parse_wanted(&want, id, e);

	*index = 0;
	if (!rc)
		rc = find_start(l, &want, index, e);
	if (!rc)
		rc = scan(l, &want, *index, &m, e);
	if (!rc && !m.n)
		rc = ask_index(l, &want, &m, e);
	if (rc)
		return rc;
	if (!m.n)
		return err_set(e, ERR_NOT_FOUND, "no record %s in the ledger",
			       want.id);
	if (m.n > 1)
		return err_set(e, ERR_USAGE,
			       "%zu records have ids that begin with %s; give "
			       "more of the id",
			       m.n, want.id);
	*index = m.index;
	return copy_item(l, m.index, json, persons, e);
}
