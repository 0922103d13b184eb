/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "courier/backoff.h"
#include "courier/http.h"
#include "courier/metrics.h"
#include "courier/status.h"
#include "courier/watch.h"
#include "courier/worker.h"
#include "policy/policy.h"
#include "sys/files.h"

/*
 * For t/t6155-week.sh: the courier's service of a policy's first destination
 * over days that take seconds. The linker puts these clocks in place of the
 * real ones (--wrap): where the courier would wait, time goes on, an hour is a
 * push, and what `courier status` tells is compared with what is so. All else,
 * and every attempt to reach the endpoint, is real.
 *
 *     courier_week POLICY HOURS FOLDER-FOR-METRICS
 */

int64_t __wrap_time_now_ms(void);
void __wrap_watch_sleep(const struct watch *w, int64_t ms);
void __wrap_watch_wait(const struct watch *w, struct ledger *ledger,
		       uint64_t seen, watch_count_fn *count);

enum { HOUR_MS = 3600 * 1000 };

static struct {
	int64_t now, begin, end, hour; /* milliseconds; the next push */
	struct policy *policy;
	const char *metrics;
	uint64_t pushes, waits, wrong;
	int64_t shortest, longest; /* wait, once they grow no more */
	int64_t slowest_push_us;
	long first_memory, memory; /* KiB; how much more now */
	int first_descriptors, descriptors, stop_fd;
} week;

int64_t __wrap_time_now_ms(void)
{
	return week.now;
}

static void complain(const char *what, int64_t got, int64_t wanted)
{
	printf("wrong: %s is %" PRId64 ", not %" PRId64 ", after %" PRId64
	       " hours\n",
	       what, got, wanted, (week.now - week.begin) / HOUR_MS);
	week.wrong++;
}

static void fail(const char *what, const struct err *e)
{
	printf("wrong: %s: %s\n", what, e->msg);
	exit(2);
}

static void push(void)
{
	char line[512], at[TIME_RFC3339_SIZE];
	struct ledger *l = NULL;
	struct ledger_entry entry = {.persons = span_str("[]")};
	int64_t start = time_mono_us();
	uint64_t index;
	struct err e;

	err_clear(&e);
	time_format(week.now, at);
	snprintf(line, sizeof(line),
		 "{\"kind\":\"decision\",\"id\":"
		 "\"01934f6e-7b3a-7cc1-9d3f-%012" PRIu64 "\",\"time\":\"%s\","
		 "\"repository\":\"payments/api\",\"persons\":[]}",
		 ++week.pushes, at);
	entry.json = span_str(line);
	if (ledger_open(&l, week.policy->ledger, LEDGER_APPEND, &e) ||
	    ledger_append(l, &entry, &index, &e))
		fail("a push", &e);
	ledger_close(l);
	start = time_mono_us() - start;
	if (start > week.slowest_push_us)
		week.slowest_push_us = start;
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static long memory(void)
{
#ifdef __SANITIZE_ADDRESS__
	/* it keeps what is freed, and finds by itself what is not */
	return 0;
#else
	struct rusage used = {0};

	getrusage(RUSAGE_SELF, &used);
	return used.ru_maxrss;
#endif
}

/* Every push is behind; the first was made when the week began. */
static void compare_status(void)
{
	struct delivery_status status;
	const struct sink_status *s;
	int64_t seconds = (week.now - week.begin) / 1000;
	struct err e;

	err_clear(&e);
	if (status_read(&status, week.policy, &e))
		fail("status", &e);
	s = &status.v[0];
	if (s->lag != week.pushes)
		complain("the lag in records", (int64_t)s->lag,
			 (int64_t)week.pushes);
	if (s->lag_seconds != seconds)
		complain("the lag in seconds", s->lag_seconds, seconds);
	if (!s->drained)
		complain("running", 0, 1);
	if (week.waits && (!*s->progress.error || !s->progress.failing_since))
		complain("failing", 0, 1);
	if (week.waits && week.now - s->progress.error_time > BACKOFF_MAX_MS)
		complain("the time of the last error", s->progress.error_time,
			 week.now);
	status_release(&status);
}

static void save_metrics(void)
{
	char path[FILE_MAX_PATH];
	struct err e;

	err_clear(&e);
	snprintf(path, sizeof(path), "%s/%" PRIu64 ".prom", week.metrics,
		 week.pushes);
	if (metrics_save(week.policy, &e) || rename(week.policy->metrics, path))
		fail("metrics", &e);
}

static void each_hour(void)
{
	push();
	compare_status();
	if (week.pushes % 24 == 1)
		save_metrics();
	if (week.pushes == 24) {
		week.first_memory = memory();
		week.first_descriptors = descriptors();
	}
	week.memory = memory() - week.first_memory;
	week.descriptors = descriptors() - week.first_descriptors;
}

/* At most what the attempts so far allow, at least half of it; or the most of
 * all, which is what the endpoint may ask for. */
static void note_wait(int64_t ms)
{
	int64_t most = BACKOFF_MAX_MS;

	if (week.waits < 20 && INT64_C(1000) << week.waits < most)
		most = INT64_C(1000) << week.waits;
	if (ms != BACKOFF_MAX_MS && (ms > most || ms < most / 2))
		complain("a wait in ms", ms, most);
	if (most == BACKOFF_MAX_MS && ms > week.longest)
		week.longest = ms;
	if (most == BACKOFF_MAX_MS && (!week.shortest || ms < week.shortest))
		week.shortest = ms;
	week.waits++;
}

void __wrap_watch_sleep(const struct watch *w, int64_t ms)
{
	int64_t until = week.now + ms;

	(void)w;
	note_wait(ms);
	while (week.hour <= until && week.hour < week.end) {
		week.now = week.hour;
		week.hour += HOUR_MS;
		each_hour();
	}
	week.now = until;
	if (week.now >= week.end)
		eventfd_write(week.stop_fd, 1);
}

/* All is delivered: that must not be. */
void __wrap_watch_wait(const struct watch *w, struct ledger *ledger,
		       uint64_t seen, watch_count_fn *count)
{
	(void)w, (void)ledger, (void)count;
	complain("what is delivered", (int64_t)seen, 0);
	eventfd_write(week.stop_fd, 1);
}

static void tell(void)
{
	printf("pushes %" PRIu64 "\nattempts %" PRIu64 "\nshortest %" PRId64
	       "\nlongest %" PRId64 "\npush_us %" PRId64 "\nmemory_kib %ld\n"
	       "descriptors %d\n",
	       week.pushes, week.waits, week.shortest / 1000,
	       week.longest / 1000, week.slowest_push_us, week.memory,
	       week.descriptors);
}

int main(int argc, char **argv)
{
	struct admin_log log = ADMIN_LOG_INIT;
	struct drain d = {.log = &log};
	struct timespec t;
	struct err e;

	if (argc != 4)
		return 77;
	err_clear(&e);
	clock_gettime(CLOCK_REALTIME, &t);
	if (policy_load(&week.policy, argv[1], NULL, 0,
			POLICY_SHALLOW | POLICY_SINKS, NULL, &e) ||
	    http_start(&e))
		fail("the policy", &e);
	/* so that it is over when those begin that know the time */
	week.end = (int64_t)(t.tv_sec - 1800) * 1000;
	week.begin = week.end - (int64_t)atoi(argv[2]) * HOUR_MS;
	week.now = week.begin;
	week.hour = week.begin + HOUR_MS;
	week.metrics = argv[3];
	week.stop_fd = d.stop_fd = eventfd(0, EFD_CLOEXEC);
	d.sink = &week.policy->sinks[0];
	d.ledger_dir = week.policy->ledger;
	admin_log_open(&log, "gatepost-courier", week.policy->log, NULL);
	push();
	if (worker_run(&d, &e) != WORKER_DONE)
		fail("the service", &e);
	tell();
	admin_log_close(&log);
	policy_free(week.policy);
	return week.wrong != 0;
}
