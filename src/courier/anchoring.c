/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/anchoring.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "base/uuid.h"
#include "courier/backoff.h"
#include "courier/place.h"
#include "courier/sealing.h"
#include "courier/stamping.h"
#include "courier/watch.h"
#include "courier/witness.h"
#include "courier/worker.h"
#include "ledger/seal.h"
#include "sys/lock.h"

/** Why a round ended. */
enum round {
	ROUND_BROKEN = 0, /* the ledger or the cursor cannot be used */
	ROUND_IDLE,	  /* the last checkpoint is vouched for */
	ROUND_LATER	  /* progress.next_attempt */
};

const char *anchoring_word(const struct anchoring *a)
{
	return a->witness ? "witness" : "time stamper";
}

const char *anchoring_name(const struct anchoring *a)
{
	return a->witness ? a->witness->name : a->stamper->name;
}

const char *anchoring_cursor(const struct anchoring *a)
{
	return a->witness ? PLACE_WITNESS_CURSOR : PLACE_TIMESTAMP_CURSOR;
}

const char *anchoring_lock(const struct anchoring *a)
{
	return a->witness ? PLACE_WITNESS_LOCK : PLACE_TIMESTAMP_LOCK;
}

static int64_t every_ms(const struct anchoring *a)
{
	return (a->witness ? a->witness->every : a->stamper->every) * 1000;
}

bool anchoring_must_stop(void *arg)
{
	const struct anchoring *a = arg;
	struct pollfd p = {.fd = a->stop_fd, .events = POLLIN};

	return a->stop_fd >= 0 && poll(&p, 1, 0) > 0;
}

/* --------------------------------------------------------------- cursor */

static int save(struct anchoring *a, struct err *e)
{
	return progress_save_as(&a->progress, a->ledger_dir, anchoring_name(a),
				anchoring_cursor(a), e);
}

static int note_done(struct anchoring *a, uint64_t size, struct err *e)
{
	struct progress *p = &a->progress;
	int64_t now = time_now_ms();

	if (p->failing_since)
		admin_log_say(a->log, ADMIN_LOG_INFO,
			      "%s %s: vouches again after %" PRId64 " s",
			      anchoring_word(a), anchoring_name(a),
			      (now - p->failing_since) / 1000);
	p->failing_since = 0;
	p->attempts = 0;
	p->next_attempt = 0;
	p->checkpoint = size;
	p->sent++;
	p->last_success = now;
	return save(a, e);
}

/* Said once, and again when it is another trouble. */
static int note_failure(struct anchoring *a, const struct anchoring_try *t,
			struct err *e)
{
	struct progress *p = &a->progress;
	uint32_t random = 0;

	if (!p->failing_since || p->error_status != t->status)
		admin_log_say(a->log,
			      t->alarm ? ADMIN_LOG_ERROR : ADMIN_LOG_WARN,
			      "%s %s: %s; trying again until it vouches",
			      anchoring_word(a), anchoring_name(a), t->why);
	progress_fail(p, time_now_ms(), t->status, t->why);
	if (p->attempts++)
		p->retried++;
	if (random_bytes(&random, sizeof(random), e))
		return ERR_SYS;
	p->next_attempt =
		time_now_ms() + backoff_ms(p->attempts, random, t->retry_after);
	return save(a, e);
}

/* ---------------------------------------------------------------- round */

/* Milliseconds from now, of a time that is not long ahead unless the clock
 * was set back. */
static int64_t until(int64_t at_ms, int64_t most)
{
	int64_t left = at_ms - time_now_ms();

	return left > most || left < 0 ? 0 : left;
}

/* Witnesses that are asked once are asked for each push. */
static int64_t until_due(const struct anchoring *a, bool once)
{
	const struct progress *p = &a->progress;

	if (p->failing_since)
		return until(p->next_attempt, 2 * BACKOFF_MAX_MS);
	if (!p->last_success || (once && a->witness))
		return 0;
	return until(p->last_success + every_ms(a), every_ms(a));
}

/* What the inbox has is of this very checkpoint. */
static bool is_covered(struct anchoring *a, const struct checkpoint_note *c)
{
	struct buf stamp = BUF_INIT(TIMESTAMP_MAX);
	struct checkpoint_note got;
	bool yes;

	if (!c->at.size && !a->progress.checkpoint)
		return true;
	if (a->witness)
		yes = !anchor_get_cosigned(a->ledger, a->witness->name, &got,
					   NULL);
	else
		yes = !anchor_get_stamp(a->ledger, a->stamper->name, &got,
					&stamp, NULL);
	yes = yes && a->progress.checkpoint == c->at.size &&
	      span_equal(got.note.text, c->note.text);
	checkpoint_note_release(&got);
	buf_release(&stamp);
	return yes;
}

static int ask(struct anchoring *a, const struct checkpoint_note *c,
	       struct anchoring_try *t, struct err *e)
{
	struct http_target target = {.stop = anchoring_must_stop,
				     .stop_arg = a};
	struct http *http = NULL;
	int rc;

	rc = a->witness ? witness_open(a->witness, &target, &http, e)
			: stamping_open(a->stamper, &target, &http, e);
	if (!rc)
		rc = a->witness ? witness_ask(a, http, c, t, e)
				: stamping_ask(a, http, c, t, e);
	http_free(http);
	return rc;
}

/* Trouble of our own with an answer, with the policy, with tiles is told as
 * theirs is. */
static enum round vouch(struct anchoring *a, const struct checkpoint_note *c,
			struct err *e)
{
	struct anchoring_try t = {.done = false};
	int rc = ask(a, c, &t, e);

	if (rc) {
		t.done = false;
		memcpy(t.why, e->msg, sizeof(e->msg));
		t.why[sizeof(t.why) - 1] = 0;
	}
	rc = t.done ? note_done(a, c->at.size, e) : note_failure(a, &t, e);
	if (rc)
		return ROUND_BROKEN;
	return t.done ? ROUND_IDLE : ROUND_LATER;
}

static enum round go_round(struct anchoring *a, uint64_t *seen, bool once,
			   struct err *e)
{
	struct checkpoint_note c;
	enum round end = ROUND_IDLE;
	int rc;

	*seen = 0;
	rc = seal_checkpoint_read(a->ledger, &c, e);
	if (!rc)
		*seen = c.at.size;
	if (rc && rc != ERR_NOT_FOUND) {
		struct anchoring_try t = {.done = false};

		memcpy(t.why, e->msg, sizeof(e->msg));
		end = note_failure(a, &t, e) ? ROUND_BROKEN : ROUND_LATER;
	} else if (!rc && !is_covered(a, &c)) {
		end = until_due(a, once) ? ROUND_LATER : vouch(a, &c, e);
	}
	checkpoint_note_release(&c);
	return end;
}

/* ----------------------------------------------------------------- life */

int anchoring_open(struct anchoring *a, struct err *e)
{
	int rc = place_make(a->ledger_dir, e);

	if (!rc)
		rc = ledger_open(&a->ledger, a->ledger_dir, LEDGER_READ, e);
	return rc ? rc : anchor_make_inbox(a->ledger, e);
}

static int load(struct anchoring *a, struct err *e)
{
	return progress_load_as(&a->progress, a->ledger_dir, anchoring_name(a),
				anchoring_cursor(a), e);
}

static int lock(struct anchoring *a, int *fd, struct err *e)
{
	return place_lock_as(a->ledger_dir, anchoring_name(a),
			     anchoring_lock(a), fd, e);
}

static int run_once_locked(struct anchoring *a, struct deadline deadline,
			   struct err *e)
{
	struct watch clock = {.inotify_fd = -1, .stop_fd = a->stop_fd};
	enum round end;
	uint64_t seen;

	if (load(a, e))
		return WORKER_FAILED;
	while ((end = go_round(a, &seen, true, e)) == ROUND_LATER &&
	       until_due(a, true) < deadline_left_ms(deadline) &&
	       !anchoring_must_stop(a))
		watch_sleep(&clock, until_due(a, true) + 1);
	if (end == ROUND_BROKEN)
		return WORKER_FAILED;
	/* a time stamp that is not due is nothing that is left */
	return a->progress.failing_since ? WORKER_LEFT : WORKER_DONE;
}

/* Another process is at it: is it through? */
static int look_at_other(struct anchoring *a, struct err *e)
{
	struct checkpoint_note c;
	int status = WORKER_LEFT, rc;

	err_clear(e);
	if (load(a, e))
		return WORKER_FAILED;
	rc = seal_checkpoint_read(a->ledger, &c, e);
	if (rc == ERR_NOT_FOUND || (!rc && is_covered(a, &c)))
		status = WORKER_DONE;
	checkpoint_note_release(&c);
	return status;
}

int anchoring_run_once(struct anchoring *a, struct deadline deadline,
		       struct err *e)
{
	int fd, rc = lock(a, &fd, e), status;

	if (rc && rc != ERR_TIMEOUT)
		return WORKER_FAILED;
	status = rc ? look_at_other(a, e) : run_once_locked(a, deadline, e);
	ledger_close(a->ledger);
	a->ledger = NULL;
	lock_release(&fd);
	return status;
}

static int go_on(struct anchoring *a, struct err *e)
{
	enum round end = ROUND_IDLE;
	struct watch watch;
	uint64_t seen;

	watch_open(&watch, a->ledger_dir, a->stop_fd);
	while (end != ROUND_BROKEN && !anchoring_must_stop(a)) {
		end = go_round(a, &seen, false, e);
		if (end == ROUND_LATER)
			watch_sleep(&watch, until_due(a, false) + 1);
		else if (end == ROUND_IDLE)
			watch_wait(&watch, a->ledger, seen, sealing_limit);
	}
	watch_close(&watch);
	return end == ROUND_BROKEN ? WORKER_FAILED : WORKER_DONE;
}

int anchoring_run(struct anchoring *a, struct err *e)
{
	struct watch clock = {.inotify_fd = -1, .stop_fd = a->stop_fd};
	int fd = -1, status = WORKER_FAILED;

	while (lock(a, &fd, e)) {
		if (e->code != ERR_TIMEOUT)
			return WORKER_FAILED;
		watch_sleep(&clock, WATCH_TIMER_MS);
		if (anchoring_must_stop(a))
			return WORKER_DONE;
	}
	if (!load(a, e))
		status = go_on(a, e);
	ledger_close(a->ledger);
	a->ledger = NULL;
	lock_release(&fd);
	return status;
}
