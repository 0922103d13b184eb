/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_T_UNIT_LEDGER_HELP_H
#define GATEPOST_T_UNIT_LEDGER_HELP_H

/** What the tests of the ledger share. */

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "sys/files.h"

/** A scratch directory and, in it, `L`, the ledger. */
struct place {
	char top[256], dir[300];
	struct err e;
};

static inline void place_make(struct place *p)
{
	const char *tmp = getenv("TMPDIR");

	*p = (struct place){0};
	snprintf(p->top, sizeof(p->top), "%s/ledger-test-XXXXXX",
		 tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(p->top));
	snprintf(p->dir, sizeof(p->dir), "%s/L", p->top);
	ck_assert_msg(!ledger_create(p->dir, "host.example", &p->e), "%s",
		      p->e.msg);
}

static inline void remove_tree(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (entry->d_type == DT_DIR)
			remove_tree(dirfd(d), entry->d_name);
		else
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		closedir(d);
	unlinkat(at, name, AT_REMOVEDIR);
}

static inline void place_remove(struct place *p)
{
	remove_tree(AT_FDCWD, p->top);
}

static inline struct ledger *place_open(struct place *p, unsigned flags)
{
	struct ledger *l;

	ck_assert_msg(!ledger_open(&l, p->dir, flags, &p->e), "%s", p->e.msg);
	return l;
}

/** Append `{"id":…,"kind":"test","n":N,"pad":…}`. */
static inline int append_sized(struct ledger *l, long n, size_t pad,
			       char id[UUID_TEXT_SIZE], uint64_t *index,
			       struct err *e)
{
	static char json[LEDGER_MAX_RECORD + 256];
	struct ledger_entry entry = {.persons = span_str("[]")};
	int len, rc = uuid7_make(time_now_ms(), id, e);

	if (rc)
		return rc;
	len = snprintf(json, sizeof(json),
		       "{\"id\":\"%s\",\"kind\":\"test\",\"n\":%ld,\"pad\":\"",
		       id, n);
	memset(json + len, 'x', pad);
	memcpy(json + len + pad, "\"}", 2);
	entry.json = span_of(json, (size_t)len + pad + 2);
	return ledger_append(l, &entry, index, e);
}

static inline uint64_t append_one(struct ledger *l, long n)
{
	char id[UUID_TEXT_SIZE];
	struct err e = {0};
	uint64_t index;

	ck_assert_msg(!append_sized(l, n, 40, id, &index, &e), "%s", e.msg);
	return index;
}

/** Whether a record's text contains `words`. */
static inline bool item_has(const struct ledger_item *item, const char *words)
{
	size_t n = strlen(words), i;

	for (i = 0; i + n <= item->json.n; i++)
		if (memcmp(item->json.p + i, words, n) == 0)
			return true;
	return false;
}

/** How many records there are that contain `words`; all must be intact. */
static inline size_t count_with(struct ledger *l, const char *words)
{
	struct ledger_reader *r;
	struct ledger_item item;
	struct err e = {0};
	size_t n = 0;
	uint64_t want = 0;
	int rc;

	ck_assert_msg(!ledger_reader_new(&r, l, 0, &e), "%s", e.msg);
	while ((rc = ledger_reader_next(r, &item, &e)) == 1) {
		ck_assert_uint_eq(item.index, want);
		want++;
		n += item_has(&item, words);
	}
	ck_assert_msg(rc == 0, "%s", e.msg);
	ledger_reader_free(r);
	return n;
}

/** A file below the ledger, opened for reading and writing. */
static inline int open_file(const struct place *p, const char *name)
{
	char path[1024];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_msg(fd >= 0, "%s", path);
	return fd;
}

#define SEGMENT_0 "segments/00000000000000000000.log"

/** As a restart of the machine does: the state is of another boot. */
static inline void forget_state(const struct place *p)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/state", p->dir);
	ck_assert_int_eq(unlink(path), 0);
}

#endif
