/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/worker.h"

#include "base/time.h"
#include "courier/notes.h"
#include "courier/parked.h"
#include "courier/place.h"
#include "courier/reask.h"
#include "courier/sealing.h"
#include "courier/watch.h"
#include "sys/lock.h"

/** Milliseconds until the sink's next attempt. */
static int64_t until_due(const struct drain *d)
{
	int64_t left = d->progress.next_attempt - time_now_ms();

	return left < 1 ? 1 : left;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static enum drain_end drain_until(struct drain *d, struct deadline deadline,
				  struct err *e)
{
	struct watch clock = {.inotify_fd = -1, .stop_fd = d->stop_fd};
	enum drain_end end = drain_round(d, e);

	while (end == DRAIN_LATER &&
	       until_due(d) < deadline_left_ms(deadline)) {
		watch_sleep(&clock, least(until_due(d), reask_until_due(d)));
		if (drain_must_stop(d))
			return DRAIN_STOPPED;
		end = drain_round(d, e);
	}
	return end;
}

/* Under the lock: whoever held it before may have been killed. */
static int open_locked(struct drain *d, struct err *e)
{
	const char *sink = d->sink->name;
	uint64_t parked;
	int rc;

	place_clean(d->ledger_dir, sink);
	rc = drain_open(d, e);
	if (rc)
		return rc;
	parked = d->progress.parked;
	rc = parked_settle(d->ledger_dir, sink, d->progress.next,
			   &d->progress.parked, e);
	if (!rc && d->progress.parked != parked)
		rc = notes_save(d, e);
	if (rc)
		drain_close(d);
	return rc;
}

/** What is left to do when the lock is given back. */
struct rest {
	bool more;    /* records */
	int64_t asks; /* milliseconds until tickets are to be asked about
		       * again; INT64_MAX: none is */
};

static int locked_once(struct drain *d, struct deadline deadline,
		       struct rest *rest, struct err *e)
{
	int fd, rc = place_lock(d->ledger_dir, d->sink->name, &fd, e);
	enum drain_end end = DRAIN_BROKEN;
	uint64_t size;

	*rest = (struct rest){.asks = INT64_MAX};
	if (rc)
		return rc == ERR_TIMEOUT ? WORKER_LEFT : WORKER_FAILED;
	if (!open_locked(d, e)) {
		end = drain_until(d, deadline, e);
		lock_release(&fd);
		/*
		 * A hook that found us holding the lock woke nobody, so
		 * what it appended meanwhile is ours.
		 */
		rest->more = end == DRAIN_EMPTY &&
			     !sealing_limit(d->ledger, &size, NULL) &&
			     size > d->progress.next;
		if (end == DRAIN_EMPTY)
			rest->asks = reask_until_due(d);
		drain_close(d);
	}
	lock_release(&fd);
	if (end == DRAIN_BROKEN)
		return WORKER_FAILED;
	return end == DRAIN_EMPTY ? WORKER_DONE : WORKER_LEFT;
}

/** Whether the process that holds the lock has delivered everything. */
static int look_at_other(struct drain *d, struct err *e)
{
	uint64_t size, next;

	if (drain_open(d, e))
		return WORKER_FAILED;
	next = d->progress.next;
	if (sealing_limit(d->ledger, &size, e))
		size = UINT64_MAX;
	drain_close(d);
	return next >= size ? WORKER_DONE : WORKER_LEFT;
}

/*
 * Wait, without the sink's lock, so that a hook finds that somebody is needed
 * for its records; and as the only one, so that those who wait do not grow
 * in number.
 * @return whether the time has come
 */
static bool wait_to_ask(const struct drain *d, struct deadline deadline,
			int64_t ms, int *fd)
{
	struct watch clock = {.inotify_fd = -1, .stop_fd = d->stop_fd};

	if (ms >= deadline_left_ms(deadline) ||
	    (*fd < 0 && place_lock_as(d->ledger_dir, d->sink->name,
				      PLACE_ASKS_LOCK, fd, NULL)))
		return false;
	watch_sleep(&clock, ms);
	return true;
}

int worker_run_once(struct drain *d, struct deadline deadline, struct err *e)
{
	struct rest rest;
	int status, fd = -1;

	do {
		status = locked_once(d, deadline, &rest, e);
		if (status != WORKER_DONE || rest.more ||
		    rest.asks == INT64_MAX)
			continue;
		/* a ticket without an answer is left, as a record would be */
		status = WORKER_LEFT;
		rest.more = wait_to_ask(d, deadline, rest.asks, &fd);
	} while (rest.more && !drain_must_stop(d));
	lock_release(&fd);
	if (status == WORKER_LEFT && e->code == ERR_TIMEOUT)
		return look_at_other(d, e);
	return status;
}

static int drain_on(struct drain *d, struct err *e)
{
	struct watch watch;
	enum drain_end end = DRAIN_EMPTY;

	watch_open(&watch, d->ledger_dir, d->stop_fd);
	while (end != DRAIN_BROKEN && !drain_must_stop(d)) {
		end = drain_round(d, e);
		if (end == DRAIN_LATER)
			watch_sleep(&watch,
				    least(until_due(d), reask_until_due(d)));
		else if (end == DRAIN_EMPTY)
			watch_wait(&watch, d->ledger, d->progress.next,
				   sealing_limit);
	}
	watch_close(&watch);
	return end == DRAIN_BROKEN ? WORKER_FAILED : WORKER_DONE;
}

int worker_run(struct drain *d, struct err *e)
{
	struct watch clock = {.inotify_fd = -1, .stop_fd = d->stop_fd};
	int fd = -1, status = WORKER_FAILED;

	while (place_lock(d->ledger_dir, d->sink->name, &fd, e)) {
		if (e->code != ERR_TIMEOUT)
			return WORKER_FAILED;
		watch_sleep(&clock, WATCH_TIMER_MS);
		if (drain_must_stop(d))
			return WORKER_DONE;
	}
	if (!open_locked(d, e)) {
		status = drain_on(d, e);
		drain_close(d);
	}
	lock_release(&fd);
	return status;
}
