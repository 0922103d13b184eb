/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/time.h"
#include "ledger/index.h"
#include "ledger/internal.h"
#include "ledger/memory_fill.h"
#include "ledger/seal.h"
#include "ledger/segment.h"
#include "sys/lock.h"

/* A restart may have a whole segment to read before the lock is free. */
enum { MAX_BREAK = 2048, REPAIR_LOCK_MS = 3 * LEDGER_LOCK_MS };

/** Where the ledger ends, as the files have it. */
struct tail {
	struct window w;
	uint64_t segment, previous; /* first indices of the last two */
	uint64_t end;		    /* of the last intact frame in it */
	uint64_t count;		    /* the index that comes next */
	uint64_t size;		    /* of the file: more than `end` when torn */
};

/** What follows the torn place. */
struct debris {
	uint64_t frames; /* intact ones */
	char sha256[SHA256_HEX_SIZE];
};

/* ------------------------------------------------------------ the tail */

/*
 * In a running boot the state says where the last good frame ended, and the
 * walk begins there; after a restart every frame of the last segment is
 * checked, for what was not synced may be anything.
 */
static int find_tail(struct ledger *l, struct tail *t, struct err *e)
{
	struct segment_list list = {0};
	struct state *s = l->state;
	int fd = -1, rc = segment_list_read(&list, l->dir_fd, e);

	if (rc)
		goto out;
	t->segment = list.first[list.n - 1];
	t->previous = list.first[list.n > 1 ? list.n - 2 : 0];
	rc = segment_open(l->dir_fd, t->segment, O_RDWR | O_APPEND, &fd, e);
	if (rc)
		goto out;
	window_init(&t->w, fd);
	rc = segment_size(fd, &t->size, e);
	t->end = 0;
	t->count = t->segment;
	if (state_valid(s, l->boot) && s->segment == t->segment &&
	    s->end <= t->size) {
		t->end = s->end;
		t->count = s->count;
	}
	if (!rc)
		rc = segment_walk(&t->w, &t->end, &t->count, e);
out:
	segment_list_release(&list);
	return rc;
}

static void tail_release(struct tail *t)
{
	int fd = t->w.fd;

	window_release(&t->w);
	file_close(&fd);
}

/* ---------------------------------------------------------- the debris */

static int hash_debris(struct tail *t, char hex[SHA256_HEX_SIZE], struct err *e)
{
	unsigned char raw[SHA256_SIZE];
	struct sha256 h;
	struct span s;
	uint64_t at;

	sha256_init(&h);
	for (at = t->end; at < t->size; at += s.n) {
		int rc = window_get(&t->w, at, 1, &s, e);

		if (rc)
			return rc;
		if (!s.n)
			break;
		if (s.n > t->size - at)
			s.n = (size_t)(t->size - at);
		sha256_update(&h, s.p, s.n);
	}
	sha256_final(&h, raw);
	hex_encode(raw, sizeof(raw), hex);
	return 0;
}

/*
 * Intact frames may lie behind a bad one: blocks that were not synced reach
 * the disk in any order, and a disk may rot. They are appended again, each
 * one number later than the bad one's loss, so that nothing that was
 * promised goes missing. With `next` NULL they are only counted.
 */
static int salvage(struct tail *t, struct segment_next *next, uint64_t index,
		   uint64_t *frames, struct err *e)
{
	uint64_t at = t->end;
	struct frame_header h;
	const char *bytes;
	int rc;

	*frames = 0;
	while ((rc = segment_next_frame(&t->w, at, &at, &h, &bytes, e)) == 1) {
		struct frame_entry f = {0};

		f.json = frame_json(bytes, &h);
		f.persons = frame_persons(bytes, &h);
		memcpy(f.id, h.id, sizeof(f.id));
		frame_entry_sum(&f);
		rc = next ? segment_add(next, &f, index + *frames, e) : 0;
		if (rc)
			return rc;
		++*frames;
		at += frame_size(&h);
	}
	return rc;
}

/* --------------------------------------------------- the break records */

enum reason { REASON_NONE, REASON_TORN, REASON_SYNC, REASON_MISSING };

static void break_members(const struct ledger *l, const struct tail *t,
			  enum reason why, const struct debris *d,
			  struct buf *json)
{
	char name[SEGMENT_NAME_SIZE];
	uint64_t durable = l->state->durable;

	segment_name(t->segment, name);
	buf_addf(json, ",\"segment\":\"%s\"", name);
	switch (why) {
	case REASON_TORN:
		buf_addf(json,
			 ",\"reason\":\"torn-tail\",\"offset\":%" PRIu64
			 ",\"bytes\":%" PRIu64
			 ",\"sha256\":\"%s\",\"salvaged\":%" PRIu64,
			 t->end, t->size - t->end, d->sha256, d->frames);
		break;
	case REASON_SYNC:
		buf_addf(json,
			 ",\"reason\":\"sync-failed\",\"unsynced\":%" PRIu64,
			 t->count - durable);
		break;
	case REASON_MISSING:
		buf_addf(json,
			 ",\"reason\":\"records-missing\",\"missing\":%" PRIu64,
			 durable - t->count);
		break;
	case REASON_NONE:
		break;
	}
}

static int add_break(const struct ledger *l, const struct tail *t,
		     enum reason why, const struct debris *d, uint64_t index,
		     struct segment_next *next, struct err *e)
{
	struct buf json = BUF_INIT(MAX_BREAK);
	struct frame_entry f = {.persons = span_str("[]")};
	char now[TIME_RFC3339_SIZE];
	int64_t ms = time_now_ms();
	int rc = uuid7_make(ms, f.id, e);

	if (rc)
		return rc;
	time_format(ms, now);
	buf_addf(&json, "{\"id\":\"%s\",\"time\":\"%s\",\"kind\":\"break\"",
		 f.id, now);
	break_members(l, t, why, d, &json);
	buf_adds(&json, ",\"persons\":[]}");
	if (!buf_ok(&json)) {
		rc = err_nomem(e);
	} else {
		f.json = span_of(json.data, json.len);
		frame_entry_sum(&f);
		rc = segment_add(next, &f, index, e);
	}
	buf_release(&json);
	return rc;
}

/* ------------------------------------------------------- a new segment */

/*
 * What is amiss stays where it is: readers stop where the next segment
 * begins, so a segment that begins earlier than the last one ended cuts it,
 * at once and for all, without touching a byte of it.
 */
static int fill_next(struct ledger *l, struct tail *t, uint64_t first,
		     enum reason why, struct segment_next *next,
		     uint64_t *count, struct err *e)
{
	struct debris d = {0};
	int rc = 0;

	*count = first;
	if (why == REASON_NONE)
		return 0;
	if (why == REASON_TORN) {
		rc = hash_debris(t, d.sha256, e);
		if (!rc)
			rc = salvage(t, NULL, 0, &d.frames, e);
	}
	if (!rc)
		rc = add_break(l, t, why, &d, first, next, e);
	if (!rc && why == REASON_TORN)
		rc = salvage(t, next, first + 1, &d.frames, e);
	*count = first + 1 + d.frames;
	return rc;
}

static int replace_segment(struct ledger *l, struct tail *t, uint64_t first,
			   enum reason why, struct err *e)
{
	struct segment_next next;
	struct state *s = l->state;
	uint64_t count;
	int rc;

	if (first < t->segment)
		first = t->segment; /* earlier segments are synced and full */
	rc = segment_begin(&next, l->dir_fd, l->file_mode, e);
	if (!rc)
		rc = fill_next(l, t, first, why, &next, &count, e);
	if (rc) {
		segment_next_release(&next);
		return rc;
	}
	rc = segment_commit(&next, first, first == t->segment, e);
	segment_next_release(&next);
	if (rc) {
		/* the new name may be there or not: whoever comes next looks */
		state_invalidate(s);
		return rc;
	}
	if (why != REASON_NONE)
		s->generation++;
	s->segment = first;
	s->end = next.size;
	s->count = count;
	s->condemned = 0;
	s->durable = count; /* segment_commit has synced it */
	return 0;
}

/* ---------------------------------------------------------- the repair */

/*
 * Should this be killed when the next segment has its name, and the state
 * still speaks of the one before, which ends where it should, somebody would
 * append there, behind what counts. So nobody goes by the state meanwhile.
 */
static int next_segment(struct ledger *l, struct tail *t, struct err *e)
{
	bool valid = state_valid(l->state, l->boot);
	int rc;

	state_invalidate(l->state);
	rc = replace_segment(l, t, t->count, REASON_NONE, e);
	if (!rc && valid)
		state_validate(l->state, l->boot);
	return rc;
}

/*
 * Records that were promised are not there. The numbers of those that were
 * sealed stay theirs: what took one could never be proven, and whoever finds
 * the file again can put it back.
 */
static int leave_missing(struct ledger *l, struct tail *t, struct err *e)
{
	uint64_t sealed = seal_promised(l);

	return replace_segment(l, t, sealed > t->count ? sealed : t->count,
			       REASON_MISSING, e);
}

static int settle(struct ledger *l, struct tail *t, struct err *e)
{
	struct state *s = l->state;
	bool torn = t->end < t->size, full = t->end >= l->segment_bytes;

	if (s->segment != t->segment) {
		/* made, but not told, by a process that was killed */
		s->generation++;
		s->condemned = 0;
	}
	if (!s->condemned && (torn || full) && fdatasync(t->w.fd))
		s->condemned = 1;
	if (s->condemned)
		return replace_segment(l, t, s->durable, REASON_SYNC, e);
	if (torn)
		return replace_segment(l, t, t->count, REASON_TORN, e);
	if (s->durable > t->count)
		return leave_missing(l, t, e);
	if (full)
		return next_segment(l, t, e);
	s->segment = t->segment;
	s->end = t->end;
	s->count = t->count;
	return 0;
}

/*
 * Whoever writes to the index does not sync it, since it can be made again:
 * what was written in the last seconds before a power failure is in the
 * records of the last two segments.
 */
static int begin_boot(struct ledger *l, struct tail *t, struct err *e)
{
	struct state *s = l->state;
	uint64_t next, sealed = seal_promised(l);
	int rc;

	state_invalidate(s);
	if (fdatasync(t->w.fd))
		return ledger_err_write(l, "cannot sync the last segment", e);
	s->generation++;
	s->condemned = 0;
	s->segment = t->segment;
	s->durable = sealed > t->count ? sealed : t->count;
	rc = settle(l, t, e);
	if (!rc)
		rc = memory_fill(l, INDEX_LIVE, false, t->previous, &next, e);
	if (!rc)
		state_validate(s, l->boot);
	return rc;
}

static int repair_locked(struct ledger *l, struct err *e)
{
	struct tail t = {.w = {.fd = -1}};
	int rc = find_tail(l, &t, e);

	file_close(&l->segment_fd);
	if (!rc)
		rc = state_valid(l->state, l->boot) ? settle(l, &t, e)
						    : begin_boot(l, &t, e);
	tail_release(&t);
	return rc;
}

int ledger_repair(struct ledger *l, struct err *e)
{
	/* the one order in which both are taken: sync, append */
	int rc = lock_take(l->sync_fd, REPAIR_LOCK_MS, e);

	if (!rc) {
		rc = lock_take(l->append_fd, REPAIR_LOCK_MS, e);
		if (!rc)
			rc = repair_locked(l, e);
		l->full = rc == ERR_SYS && (errno == ENOSPC || errno == EDQUOT);
		lock_drop(l->append_fd);
	}
	lock_drop(l->sync_fd);
	if (rc)
		err_wrap(e, "the ledger %s", l->dir);
	return rc;
}

int ledger_cut(struct ledger *l, struct err *e)
{
	uint64_t bytes = l->segment_bytes;
	int rc;

	l->segment_bytes = 1;
	rc = ledger_repair(l, e);
	l->segment_bytes = bytes;
	return rc;
}

int ledger_refresh(struct ledger *l, struct err *e)
{
	int rc = lock_take(l->sync_fd, REPAIR_LOCK_MS, e);

	if (!rc) {
		rc = lock_take(l->append_fd, REPAIR_LOCK_MS, e);
		if (!rc && state_valid(l->state, l->boot))
			l->state->generation++;
		lock_drop(l->append_fd);
	}
	lock_drop(l->sync_fd);
	return rc ? err_wrap(e, "the ledger %s", l->dir) : 0;
}
