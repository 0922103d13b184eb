/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "ledger/internal.h"
#include "ledger/run.h"
#include "ledger/segment.h"

enum { RUN_MAX_ENTRIES = 4 << 20 }; /* in memory at once: 52 MiB */

/* ------------------------------------------------- a run of level 0 */

struct gathering {
	unsigned char (*v)[RUN_ENTRY];
	size_t n, cap;
	uint32_t record;
	int failed; /* what array_push said */
};

static bool gather(void *arg, enum term_type type, struct span value)
{
	struct gathering *g = arg;

	g->failed = array_push(&g->v, g->n, &g->cap, RUN_MAX_ENTRIES);
	if (g->failed)
		return true;
	term_key(type, value, g->v[g->n]);
	run_entry_set_record(g->v[g->n], g->record);
	g->n++;
	return false;
}

static int gather_record(struct ledger *l, const struct ledger_item *item,
			 struct gathering *g, struct run_info *info,
			 struct err *e)
{
	int64_t ms;
	int rc;

	g->record = (uint32_t)(item->index - info->first);
	rc = terms_visit(l, item, gather, g, &ms, e);
	if (!rc && g->failed == -2)
		rc = err_set(e, ERR_LIMIT, "too many terms for one run");
	else if (!rc && g->failed)
		rc = err_nomem(e);
	if (rc)
		return rc;
	info->min_ms = ms < info->min_ms ? ms : info->min_ms;
	info->max_ms = ms > info->max_ms ? ms : info->max_ms;
	return 0;
}

static int gather_range(struct ledger *l, struct gathering *g,
			struct run_info *info, struct err *e)
{
	uint64_t end = info->first + RUN_RECORDS;
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, info->first, e);

	if (rc)
		return rc;
	while ((rc = ledger_reader_next(r, &item, e)) == 1) {
		if (item.index >= end)
			break;
		rc = gather_record(l, &item, g, info, e);
		if (rc || item.index + 1 == end)
			break;
	}
	ledger_reader_free(r);
	return rc < 0 ? rc : 0;
}

static int compare_entries(const void *a, const void *b)
{
	return memcmp(a, b, RUN_ENTRY);
}

static int build(struct ledger *l, uint64_t first, struct err *e)
{
	struct run_info info = {
		.first = first, .min_ms = INT64_MAX, .max_ms = INT64_MIN};
	struct gathering g = {0};
	struct run_writer w;
	size_t i;
	int rc = run_writer_init(&w, l, 0, first, e);

	if (!rc)
		rc = gather_range(l, &g, &info, e);
	if (!rc && g.n)
		qsort(g.v, g.n, RUN_ENTRY, compare_entries);
	for (i = 0; !rc && i < g.n; i++)
		rc = run_writer_add(&w, g.v[i], e);
	w.info.min_ms = info.min_ms;
	w.info.max_ms = info.max_ms;
	if (!rc)
		rc = run_writer_commit(&w, e);
	run_writer_release(&w);
	free(g.v);
	return rc;
}

/* ------------------------------------------------------------- merging */

/* One of the runs that are merged, and its next entry. */
struct source {
	struct run run;
	uint64_t at;
	unsigned char entry[RUN_ENTRY]; /* with its number in the new run */
	bool done;
};

static int source_next(struct source *s, uint64_t first, struct err *e)
{
	const unsigned char *entry;
	uint32_t record;
	int rc;

	s->done = s->at == s->run.info.entries;
	if (s->done)
		return 0;
	rc = run_get(&s->run, s->at++, &entry, e);
	if (rc)
		return rc;
	record =
		run_entry_record(entry) + (uint32_t)(s->run.info.first - first);
	memcpy(s->entry, entry, RUN_ENTRY);
	run_entry_set_record(s->entry, record);
	return 0;
}

static struct source *source_least(struct source v[RUN_FANOUT])
{
	struct source *least = NULL;
	int i;

	for (i = 0; i < RUN_FANOUT; i++)
		if (!v[i].done &&
		    (!least || memcmp(v[i].entry, least->entry, RUN_ENTRY) < 0))
			least = &v[i];
	return least;
}

static int merge_sources(struct run_writer *w, struct source *v, struct err *e)
{
	uint64_t first = w->info.first;
	struct source *s;
	int i, rc = 0;

	for (i = 0; !rc && i < RUN_FANOUT; i++) {
		const struct run_info *info = &v[i].run.info;

		rc = source_next(&v[i], first, e);
		if (info->min_ms < w->info.min_ms)
			w->info.min_ms = info->min_ms;
		if (info->max_ms > w->info.max_ms)
			w->info.max_ms = info->max_ms;
	}
	while (!rc && (s = source_least(v))) {
		rc = run_writer_add(w, s->entry, e);
		if (!rc)
			rc = source_next(s, first, e);
	}
	return rc;
}

static int open_sources(struct ledger *l, int level, uint64_t first,
			struct source *v, struct err *e)
{
	uint64_t size = run_size(level);
	int i, rc = 0;

	for (i = 0; i < RUN_FANOUT; i++)
		v[i].run.fd = -1;
	for (i = 0; !rc && i < RUN_FANOUT; i++)
		rc = run_open(&v[i].run, l->dir_fd, level,
			      first + (uint64_t)i * size, e);
	return rc;
}

static void remove_sources(struct ledger *l, int level, uint64_t first)
{
	uint64_t size = run_size(level);
	char name[RUN_NAME_SIZE];
	int i;

	for (i = 0; i < RUN_FANOUT; i++) {
		run_name(level, first + (uint64_t)i * size, name);
		(void)unlinkat(l->dir_fd, name, 0);
	}
}

static int merge(struct ledger *l, int level, uint64_t first, struct err *e)
{
	struct source *v = calloc(RUN_FANOUT, sizeof(*v));
	struct run_writer w = {.fd = -1};
	int i, rc = v ? open_sources(l, level - 1, first, v, e) : err_nomem(e);

	if (!rc)
		rc = run_writer_init(&w, l, level, first, e);
	w.info.min_ms = INT64_MAX;
	w.info.max_ms = INT64_MIN;
	if (!rc)
		rc = merge_sources(&w, v, e);
	if (!rc)
		rc = run_writer_commit(&w, e);
	run_writer_release(&w);
	for (i = 0; v && i < RUN_FANOUT; i++)
		run_release(&v[i].run);
	free(v);
	if (!rc)
		remove_sources(l, level - 1, first);
	return rc;
}

/* -------------------------------------------------------------- update */

static bool have_run(struct ledger *l, int level, uint64_t first)
{
	struct err ignored = {0};
	struct run r;
	bool yes = !run_open(&r, l->dir_fd, level, first, &ignored);

	if (yes)
		run_release(&r);
	return yes;
}

/* What is damaged is passed over, and read record by record. */
static bool worth_going_on(int rc)
{
	return rc == ERR_MALFORMED || rc == ERR_LIMIT || rc == ERR_NOT_FOUND;
}

/* Recursion is bounded by RUN_LEVELS. */
static int ensure(struct ledger *l, int level, uint64_t first, struct err *e)
{
	uint64_t below = level ? run_size(level - 1) : 0;
	int i, rc, bad = 0;

	if (have_run(l, level, first))
		return 0;
	if (!level)
		return build(l, first, e);
	for (i = 0; i < RUN_FANOUT; i++) {
		rc = ensure(l, level - 1, first + (uint64_t)i * below, e);
		if (rc && !worth_going_on(rc))
			return rc;
		bad = rc ? rc : bad;
	}
	return bad ? bad : merge(l, level, first, e);
}

/* Where the first record is that retention left. */
static int first_record(struct ledger *l, uint64_t *first, struct err *e)
{
	struct segment_list list = {0};
	int rc = segment_list_read(&list, l->dir_fd, e);

	*first = rc ? 0 : list.first[0];
	segment_list_release(&list);
	return rc;
}

int runs_update(struct ledger *l, struct err *e)
{
	uint64_t n = 0, at = 0;
	int rc = first_record(l, &at, e);

	/* without a state nobody knows which of the last records will stay */
	if (rc || !ledger_limit(l, &n))
		return rc;
	at -= at % RUN_RECORDS;
	while (at < n && n - at >= RUN_RECORDS) {
		int level = RUN_LEVELS - 1;

		while (at % run_size(level) || n - at < run_size(level))
			level--;
		rc = ensure(l, level, at, e);
		if (rc && !worth_going_on(rc))
			return rc;
		at += run_size(level);
	}
	return 0;
}

/* -------------------------------------------------------------- remove */

static int remove_level(struct ledger *l, int level, struct err *e)
{
	char dir[RUN_NAME_SIZE];
	struct dirent *entry;
	int fd, rc = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), RUN_DIR "/%d", level);
	fd = openat(l->dir_fd, dir,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return 0;
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		rc = err_sys(e, "open %s", dir);
		file_close(&fd);
		return rc;
	}
	while (!rc && (entry = readdir(d)))
		if (entry->d_name[0] != '.' &&
		    unlinkat(dirfd(d), entry->d_name, 0) && errno != ENOENT)
			rc = err_sys(e, "remove %s/%s", dir, entry->d_name);
	closedir(d);
	return rc;
}

int runs_remove(struct ledger *l, struct err *e)
{
	int level, rc = 0;

	for (level = 0; !rc && level < RUN_LEVELS; level++)
		rc = remove_level(l, level, e);
	return rc;
}
