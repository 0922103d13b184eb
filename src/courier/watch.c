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

static bool has_grown(struct ledger *ledger, uint64_t seen)
{
	uint64_t size;

	/* An error is for the next round to report. */
	return ledger_size(ledger, &size, NULL) || size > seen;
}

static bool must_stop(const struct watch *w)
{
	struct pollfd p = {.fd = w->stop_fd, .events = POLLIN};

	return w->stop_fd >= 0 && poll(&p, 1, 0) > 0;
}

/* An event tells of a write; the record counts once it is synced. */
static bool settles(const struct watch *w, struct ledger *ledger, uint64_t seen)
{
	for (int64_t ms = 5; ms <= WATCH_SETTLE_MS; ms *= 2) {
		if (has_grown(ledger, seen) || must_stop(w))
			return true;
		watch_sleep(w, ms);
	}
	return has_grown(ledger, seen);
}

void watch_wait(const struct watch *w, struct ledger *ledger, uint64_t seen)
{
	struct deadline timer = deadline_in_ms(
		w->inotify_fd < 0 ? WATCH_BLIND_TIMER_MS : WATCH_TIMER_MS);

	while (!must_stop(w) && !has_grown(ledger, seen)) {
		if (!wait_for(w, deadline_left_ms(timer), true))
			return;
		drop_events(w);
		if (settles(w, ledger, seen) || deadline_passed(timer))
			return;
	}
}
