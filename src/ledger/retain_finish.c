/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/citations.h"
#include "ledger/internal.h"
#include "ledger/memory.h"
#include "ledger/retain.h"
#include "ledger/runs.h"
#include "ledger/segment.h"
#include "sys/lock.h"

enum { EVIDENCE_LOCK_MS = 60000 };

int retain_commit(struct ledger *l, const struct retain_plan *plan,
		  struct err *e)
{
	struct gone_list gone = {0};
	size_t i;
	int rc = gone_read(&gone, l->dir_fd, e);

	for (i = 0; !rc && i < plan->n; i++)
		rc = gone_add(&gone, &plan->v[i].range, e);
	if (!rc)
		rc = gone_write(&gone, l->dir, l->file_mode, e);
	gone_release(&gone);
	return rc ? rc : ledger_refresh(l, e);
}

/* ------------------------------------------------- what leaves with them */

static int add_frames(struct citations *c, struct ledger *l, int fd,
		      struct err *e)
{
	struct frame_header h;
	const char *bytes;
	uint64_t at = 0;
	struct window w;
	int rc;

	window_init(&w, fd);
	while ((rc = segment_next_frame(&w, at, &at, &h, &bytes, e)) == 1) {
		rc = citations_add(c, l, frame_json(bytes, &h), e);
		if (rc)
			break;
		at += frame_size(&h);
	}
	window_release(&w);
	return rc;
}

static int add_file(struct citations *c, struct ledger *l, uint64_t first,
		    struct err *e)
{
	int fd, rc = segment_open(l->dir_fd, first, O_RDONLY, &fd, e);

	if (rc)
		return rc;
	rc = add_frames(c, l, fd, e);
	file_close(&fd);
	return rc;
}

/* From there to the end, as far as anybody has written. */
static int keep_cited(struct citations *c, struct ledger *l, uint64_t from,
		      uint64_t *next, struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new_unlimited(&r, l, from, e);

	if (rc)
		return rc;
	while ((rc = ledger_reader_next(r, &item, e)) != 0) {
		if (rc == ERR_MALFORMED)
			break;
		if (rc == 1)
			rc = citations_keep(c, l, item.json, e);
		if (rc)
			break;
		*next = item.index + 1;
	}
	ledger_reader_free(r);
	return rc;
}

/*
 * The records are read without a lock; those that were appended meanwhile,
 * again with one that keeps others from citing what is to be removed. Where
 * a record is damaged nobody knows what it cites, and all stays.
 */
static int remove_evidence(struct ledger *l, struct citations *c, uint64_t *n,
			   struct err *e)
{
	uint64_t next = 0;
	struct err why = {0};
	int fd = -1, rc = keep_cited(c, l, 0, &next, &why);

	if (rc == ERR_MALFORMED)
		return 0;
	if (rc)
		return err_set(e, rc, "%s", why.msg);

	rc = ledger_open_lock(l, "locks/evidence", &fd, e);
	if (!rc)
		rc = lock_take(fd, EVIDENCE_LOCK_MS, e);
	if (!rc)
		rc = keep_cited(c, l, next, &next, e);
	if (!rc)
		rc = citations_remove(c, l, n, e);
	lock_release(&fd);
	return rc;
}

/* ---------------------------------------------------------------- files */

static int remove_file(struct ledger *l, const char *name, bool *was,
		       struct err *e)
{
	*was = unlinkat(l->dir_fd, name, 0) == 0;
	if (*was || errno == ENOENT)
		return 0;
	return err_sys(e, "remove %s/%s", l->dir, name);
}

/* What was set aside of it, first; the segment itself says that there is
 * still something to do. */
static int remove_segment(struct ledger *l, uint64_t first, struct err *e)
{
	char name[SEGMENT_NAME_SIZE], aside[SEGMENT_NAME_SIZE + 16];
	bool was = true;
	int i, rc = 0;

	segment_name(first, name);
	for (i = 1; !rc && was; i++) {
		snprintf(aside, sizeof(aside), "%.*s.aside-%d",
			 (int)(strlen(name) - strlen(".log")), name, i);
		rc = remove_file(l, aside, &was, e);
	}
	return rc ? rc : remove_file(l, name, &was, e);
}

static bool is_left(struct ledger *l, const struct gone_range *range)
{
	char name[SEGMENT_NAME_SIZE];

	segment_name(range->first, name);
	return !faccessat(l->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

static int remove_left(struct ledger *l, const struct gone_list *gone,
		       struct err *e)
{
	char path[FILE_MAX_PATH];
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < gone->n; i++)
		if (is_left(l, &gone->v[i]))
			rc = remove_segment(l, gone->v[i].first, e);
	if (!rc)
		rc = file_join(l->dir, "segments", path, e);
	return rc ? rc : file_sync_dir(path, e);
}

/* The index is made of what is left, and the runs have no more terms. */
static int make_index(struct ledger *l, struct err *e)
{
	int rc = memory_rebuild(l, e);

	if (!rc)
		rc = runs_remove(l, e);
	return rc ? rc : runs_update(l, e);
}

int retain_finish(struct ledger *l, uint64_t *evidence, struct err *e)
{
	struct citations cited = {0};
	struct gone_list gone = {0};
	size_t i, left = 0;
	int rc = gone_read(&gone, l->dir_fd, e);

	*evidence = 0;
	for (i = 0; !rc && i < gone.n; i++) {
		if (!is_left(l, &gone.v[i]))
			continue;
		left++;
		rc = add_file(&cited, l, gone.v[i].first, e);
	}
	if (!rc && left)
		rc = remove_evidence(l, &cited, evidence, e);
	if (!rc && left)
		rc = make_index(l, e);
	if (!rc && left)
		rc = remove_left(l, &gone, e);
	citations_release(&cited);
	gone_release(&gone);
	return rc;
}
