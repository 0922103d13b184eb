/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/sealing.h"

#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "courier/place.h"
#include "courier/watch.h"
#include "courier/worker.h"
#include "ledger/seal.h"

static bool must_stop(const struct sealing *s)
{
	struct pollfd p = {.fd = s->stop_fd, .events = POLLIN};

	return s->stop_fd >= 0 && poll(&p, 1, 0) > 0;
}

/* @return how long to wait before the next attempt, 0 when all is sealed, or
 *   -1 when it is not for us to do */
static int64_t seal(const struct sealing *s, struct ledger *l, bool *failing)
{
	struct seal_report report;
	struct err e = {0};
	int rc;

	if (!place_can_seal(s->ledger_dir))
		return -1;
	rc = seal_run(l, 0, &report, &e);
	if (rc == ERR_TIMEOUT)
		return SEALING_BUSY_MS;
	if (rc && !*failing)
		admin_log_say(s->log, ADMIN_LOG_ERROR, "cannot seal: %s",
			      e.msg);
	else if (!rc && *failing)
		admin_log_say(s->log, ADMIN_LOG_INFO, "sealing again");
	*failing = rc != 0;
	return rc ? SEALING_FAILED_MS : 0;
}

/* What somebody left there and cannot be published is said when it is
 * another fault than the last time. */
static void publish(const struct sealing *s, struct ledger *l, struct err *last)
{
	struct err e = {0};
	size_t n;
	int rc;

	if (!s->trust || !place_can_seal(s->ledger_dir))
		return;
	rc = anchors_publish(l, s->trust, &n, &e);
	/* it is for another to do, or done by another just now */
	if (rc == ERR_DENIED || rc == ERR_NOT_FOUND || rc == ERR_TIMEOUT)
		return;
	if (e.code && strcmp(e.msg, last->msg) != 0)
		admin_log_say(s->log, ADMIN_LOG_WARN, "not published: %s",
			      e.msg);
	*last = e;
}

static int open_ledger(const struct sealing *s, struct ledger **l)
{
	struct err e = {0};

	if (!ledger_open(l, s->ledger_dir, LEDGER_READ, &e))
		return 0;
	admin_log_say(s->log, ADMIN_LOG_ERROR, "cannot seal: %s", e.msg);
	return -1;
}

int sealing_run_once(const struct sealing *s, struct deadline deadline)
{
	struct watch clock = {.inotify_fd = -1, .stop_fd = s->stop_fd};
	struct err fault = {0};
	bool failing = false;
	struct ledger *l;
	int64_t wait;

	if (open_ledger(s, &l))
		return WORKER_FAILED;
	while ((wait = seal(s, l, &failing)) == SEALING_BUSY_MS &&
	       !deadline_passed(deadline) && !must_stop(s))
		watch_sleep(&clock, wait);
	publish(s, l, &fault);
	ledger_close(l);
	if (failing)
		return WORKER_FAILED;
	return wait > 0 ? WORKER_LEFT : WORKER_DONE;
}

/* Grows with the records, and when somebody leaves a letter in the inbox. */
static int count_changes(struct ledger *l, uint64_t *n, struct err *e)
{
	char path[FILE_MAX_PATH];
	struct stat st;
	int rc = ledger_size(l, n, e);

	if (!rc && !file_join(ledger_dir(l), "anchors", path, NULL) &&
	    !stat(path, &st))
		*n += (uint64_t)st.st_mtim.tv_sec * 1000000000 +
		      (uint64_t)st.st_mtim.tv_nsec;
	return rc;
}

int sealing_run(const struct sealing *s)
{
	struct err fault = {0};
	struct watch watch;
	bool failing = false;
	struct ledger *l;
	uint64_t size = 0;
	int64_t wait = 0;

	if (open_ledger(s, &l))
		return WORKER_FAILED;
	watch_open(&watch, s->ledger_dir, s->stop_fd);
	while (wait >= 0 && !must_stop(s)) {
		if (count_changes(l, &size, NULL))
			size = 0;
		wait = seal(s, l, &failing);
		publish(s, l, &fault);
		if (wait > 0)
			watch_sleep(&watch, wait);
		else if (!wait)
			watch_wait(&watch, l, size, count_changes);
	}
	watch_close(&watch);
	ledger_close(l);
	return WORKER_DONE;
}
