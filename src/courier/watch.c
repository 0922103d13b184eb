/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/watch.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "sys/deadline.h"
#include "sys/files.h"

enum { MAX_FOLDERS = 64 };

static void watch_folder(const struct watch *w, const char *path)
{
	inotify_add_watch(w->inotify_fd, path,
			  IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

static bool is_watched(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "cursors") != 0;
}

void watch_open(struct watch *w, const char *ledger_dir, int stop_fd)
{
	DIR *dir = opendir(ledger_dir);
	char path[FILE_MAX_PATH];
	struct dirent *entry;

	w->stop_fd = stop_fd;
	w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->inotify_fd >= 0) {
		watch_folder(w, ledger_dir);
		for (int n = 0;
		     dir && n < MAX_FOLDERS && (entry = readdir(dir)) != NULL;
		     n++)
			if (is_watched(entry) &&
			    !file_join(ledger_dir, entry->d_name, path, NULL))
				watch_folder(w, path);
	}
	if (dir)
		closedir(dir);
}

void watch_close(struct watch *w)
{
	file_close(&w->inotify_fd);
}

/* A negative descriptor is passed over by poll(2). */
static bool wait_for(const struct watch *w, int64_t ms, bool events)
{
	struct pollfd p[2] = {
		{.fd = w->stop_fd, .events = POLLIN},
		{.fd = events ? w->inotify_fd : -1, .events = POLLIN}};

	return poll(p, 2, ms > INT_MAX ? INT_MAX : (int)ms) > 0;
}

void watch_sleep(const struct watch *w, int64_t ms)
{
	wait_for(w, ms, false);
}

static void drop_events(const struct watch *w)
{
	char events[4096];

	while (w->inotify_fd >= 0 &&
	       read(w->inotify_fd, events, sizeof(events)) > 0)
		;
}

struct awaited {
	struct ledger *ledger;
	uint64_t seen;
	watch_count_fn *count;
};

static bool has_grown(const struct awaited *a)
{
	uint64_t size;

	/* An error is for the next round to report. */
	return a->count(a->ledger, &size, NULL) || size > a->seen;
}

static bool must_stop(const struct watch *w)
{
	struct pollfd p = {.fd = w->stop_fd, .events = POLLIN};

	return w->stop_fd >= 0 && poll(&p, 1, 0) > 0;
}

/* An event tells of a write; the record counts once it is synced. */
static bool settles(const struct watch *w, const struct awaited *a)
{
	for (int64_t ms = 5; ms <= WATCH_SETTLE_MS; ms *= 2) {
		if (has_grown(a) || must_stop(w))
			return true;
		watch_sleep(w, ms);
	}
	return has_grown(a);
}

void watch_wait(const struct watch *w, struct ledger *ledger, uint64_t seen,
		watch_count_fn *count)
{
	const struct awaited await = {ledger, seen, count}, *a = &await;
	struct deadline timer = deadline_in_ms(
		w->inotify_fd < 0 ? WATCH_BLIND_TIMER_MS : WATCH_TIMER_MS);

	while (!must_stop(w) && !has_grown(a)) {
		if (!wait_for(w, deadline_left_ms(timer), true))
			return;
		drop_events(w);
		if (settles(w, a) || deadline_passed(timer))
			return;
	}
}
