/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "ledger/internal.h"
#include "ledger/json.h"
#include "ledger/persons.h"
#include "ledger/reserve.h"
#include "ledger/segment.h"
#include "sys/deadline.h"
#include "sys/lock.h"

enum {
	MAX_TRIES = 4, /* repairs, and segments condemned under one record */
	MIN_SLEEP_US = 20,
	MAX_SLEEP_US = 400
};

/** Where a record was written, to be made durable. */
struct place {
	uint64_t index, generation;
};

/* ----------------------------------------------------- what is appended */

static int check_lines(const struct ledger_entry *entry, struct err *e)
{
	if (entry->json.n > LEDGER_MAX_RECORD)
		return err_set(e, ERR_LIMIT,
			       "a record of %zu bytes; the most is %d",
			       entry->json.n, LEDGER_MAX_RECORD);
	if (entry->persons.n > LEDGER_MAX_PERSONS)
		return err_set(e, ERR_LIMIT,
			       "a persons line of %zu bytes; the most is %d",
			       entry->persons.n, LEDGER_MAX_PERSONS);
	if (!entry->json.n || entry->json.p[0] != '{' || !entry->persons.n ||
	    entry->persons.p[0] != '[')
		return err_set(e, ERR_USAGE,
			       "a record is an object, its persons an array");
	if (memchr(entry->json.p, '\n', entry->json.n) ||
	    memchr(entry->persons.p, '\n', entry->persons.n))
		return err_set(e, ERR_USAGE, "a record is one line");
	return 0;
}

static int check_members(struct frame_entry *f, struct err *e)
{
	yyjson_doc *doc;
	yyjson_val *root;
	struct span id;
	int rc = json_parse(&doc, f->json, "record", e);

	if (rc)
		return rc;
	root = yyjson_doc_get_root(doc);
	id = json_str(root, "id");
	if (!uuid_is(id))
		rc = err_set(e, ERR_USAGE, "a record's id is a UUID");
	else if (!json_str(root, "kind").n)
		rc = err_set(e, ERR_USAGE, "a record has a kind");
	else
		memcpy(f->id, id.p, id.n);
	yyjson_doc_free(doc);
	return rc;
}

static int check_entry(const struct ledger_entry *entry, struct frame_entry *f,
		       struct err *e)
{
	int rc = check_lines(entry, e);

	f->json = entry->json;
	f->persons = entry->persons;
	if (!rc)
		rc = check_members(f, e);
	if (!rc)
		rc = persons_check(entry->json, entry->persons, e);
	if (!rc)
		frame_entry_sum(f);
	return rc;
}

/* ---------------------------------------------- under the append lock */

/* The descriptor of the segment that the state names. */
static int open_current(struct ledger *l, struct err *e)
{
	struct state *s = l->state;

	if (l->segment_fd >= 0 && l->segment == s->segment &&
	    l->segment_generation == s->generation)
		return 0;
	file_close(&l->segment_fd);
	l->segment = s->segment;
	l->segment_generation = s->generation;
	return segment_open(l->dir_fd, l->segment, O_WRONLY | O_APPEND,
			    &l->segment_fd, e);
}

/* Whether the current segment is open and ends where the state says. */
static bool in_step(struct ledger *l)
{
	struct state *s = l->state;
	uint64_t size;

	return state_valid(s, l->boot) && !s->condemned &&
	       open_current(l, NULL) == 0 &&
	       segment_size(l->segment_fd, &size, NULL) == 0 &&
	       size == s->end && size < l->segment_bytes;
}

static int write_locked(struct ledger *l, const struct frame_entry *f,
			struct place *where, struct err *e)
{
	struct state *s = l->state;
	size_t written;
	int rc;

	where->index = s->count;
	where->generation = s->generation;
	if (segment_write(l->segment_fd, f, s->count, &written)) {
		rc = ledger_err_write(l, "cannot append", e);
		/* should this fail too, the next one finds the file longer
		 * than the state says, and repairs */
		if (written && ftruncate(l->segment_fd, (off_t)s->end))
			err_wrap(e, "torn tail left");
		return rc;
	}
	s->end += written;
	s->count++;
	return 0;
}

/* @return 1 when a repair must come first */
static int try_write(struct ledger *l, const struct frame_entry *f,
		     struct place *where, struct err *e)
{
	int rc = lock_take(l->append_fd, LEDGER_LOCK_MS, e);

	if (rc)
		return err_wrap(e, "the ledger %s is busy", l->dir);
	rc = in_step(l) ? write_locked(l, f, where, e) : 1;
	lock_drop(l->append_fd);
	return rc;
}

static int write_frame(struct ledger *l, const struct frame_entry *f,
		       struct place *where, struct err *e)
{
	int i, rc;

	for (i = 0; i < MAX_TRIES; i++) {
		rc = try_write(l, f, where, e);
		if (rc <= 0)
			return rc;
		rc = ledger_repair(l, e);
		if (rc)
			return rc;
	}
	return err_set(e, ERR_INTERNAL,
		       "the ledger %s is never in step with its files", l->dir);
}

/* ------------------------------------------------- under the sync lock */

/*
 * All records up to `count` lie in the current segment or in earlier ones,
 * which were synced before it was made; so one sync serves them all.
 */
static int sync_locked(struct ledger *l, const struct place *where)
{
	struct state *s = l->state;
	uint64_t count = s->count;

	if (s->generation != where->generation || s->durable > where->index)
		return 0;
	if (open_current(l, NULL))
		return 0; /* replaced just now; look again */
	if (s->condemned || fdatasync(l->segment_fd)) {
		/* The kernel forgets such an error once told, so a second
		 * sync would succeed, with the data lost. */
		s->condemned = 1;
		return 1;
	}
	state_raise_durable(s, count);
	return 0;
}

static void pause_us(long us)
{
	struct timespec t = {0, us * 1000};

	nanosleep(&t, NULL);
}

/* Wait until somebody has synced beyond the record, or do it. */
static int sync_or_wait(struct ledger *l, const struct place *where,
			struct err *e)
{
	struct deadline deadline = deadline_in_ms(LEDGER_LOCK_MS);
	struct state *s = l->state;
	long sleep_us = MIN_SLEEP_US;
	int rc;

	while ((rc = lock_take(l->sync_fd, 0, e)) == ERR_TIMEOUT) {
		if (deadline_passed(deadline))
			return err_wrap(e, "the ledger %s is busy", l->dir);
		pause_us(sleep_us);
		if (sleep_us < MAX_SLEEP_US)
			sleep_us += sleep_us / 2;
		if (s->durable > where->index)
			return 0;
	}
	if (rc)
		return rc;
	rc = sync_locked(l, where);
	lock_drop(l->sync_fd);
	return rc ? ledger_repair(l, e) : 0;
}

/* Whether the record at that index is still the one we wrote. */
static int was_kept(struct ledger *l, const struct frame_entry *f,
		    uint64_t index, bool *kept, struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new_unlimited(&r, l, index, e);

	*kept = false;
	if (rc)
		return rc;
	rc = ledger_reader_next(r, &item, e);
	if (rc == 1)
		*kept = item.index == index && span_is(item.id, f->id);
	ledger_reader_free(r);
	return rc < 0 ? rc : 0;
}

/* @return 1 when the record was lost with a condemned segment */
static int make_durable(struct ledger *l, const struct frame_entry *f,
			struct place *where, struct err *e)
{
	struct state *s = l->state;

	for (;;) {
		bool durable = s->durable > where->index; /* read first */
		uint64_t generation = s->generation;
		bool kept = true;
		int rc = 0;

		if (generation != where->generation) {
			rc = was_kept(l, f, where->index, &kept, e);
			if (!rc && !kept)
				return 1;
			where->generation = generation;
		} else if (durable) {
			return 0;
		} else {
			rc = sync_or_wait(l, where, e);
		}
		if (rc)
			return rc;
	}
}

static int append(struct ledger *l, const struct frame_entry *f,
		  struct place *where, struct err *e)
{
	int i, rc = 1;

	for (i = 0; rc > 0 && i < MAX_TRIES; i++) {
		rc = write_frame(l, f, where, e);
		if (!rc)
			rc = make_durable(l, f, where, e);
	}
	if (rc > 0)
		return err_set(e, ERR_SYS,
			       "the ledger %s: every sync fails; replace the "
			       "disk",
			       l->dir);
	return rc;
}

int ledger_append(struct ledger *l, const struct ledger_entry *entry,
		  uint64_t *index, struct err *e)
{
	struct frame_entry f = {0};
	struct place where = {0};
	int rc;

	*index = 0;
	if (!(l->flags & LEDGER_APPEND))
		return err_set(e, ERR_INTERNAL, "ledger opened for reading");
	rc = check_entry(entry, &f, e);
	if (rc)
		return rc;
	rc = append(l, &f, &where, e);
	if (rc && reserve_use(l)) {
		err_clear(e);
		rc = append(l, &f, &where, e);
	}
	*index = where.index;
	/* what it cites may be seen to be cited from now on */
	if (l->evidence_fd >= 0)
		lock_drop(l->evidence_fd);
	return rc;
}
