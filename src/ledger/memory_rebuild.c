/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "ledger/index.h"
#include "ledger/index_sorted.h"
#include "ledger/internal.h"
#include "ledger/json.h"
#include "ledger/lists.h"
#include "ledger/landings.h"
#include "ledger/memory.h"
#include "ledger/memory_fill.h"
#include "ledger/retain.h"
#include "sys/lock.h"

enum {
	KEY_MIN = 16, /* hex digits */
	REBUILD_LOCK_MS = 60000,
	RECENT_SECONDS = 3600,
	EXCHANGE = 2 /* RENAME_EXCHANGE of renameat2(2), which musl lacks */
};

#define INDEX_NEW "index.new"
#define INDEX_OLD "index.old"

/* --------------------------------------------------------- tree walks */

typedef int tree_visitor(void *arg, int dir_fd, const char *path,
			 struct err *e);

/* Each file `depth` levels below; afterwards, with `remove`, nothing. */
static int walk_tree(int dir_fd, const char *path, int depth, bool remove,
		     tree_visitor *visit, void *arg, struct err *e)
{
	int fd = openat(dir_fd, path,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int rc = 0;

	if (!d) {
		file_close(&fd);
		return errno == ENOENT ? 0 : err_sys(e, "open %s", path);
	}
	while (!rc && (entry = readdir(d))) {
		char below[INDEX_PATH_SIZE];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (depth > 1)
			rc = walk_tree(dir_fd, below, depth - 1, remove, visit,
				       arg, e);
		else if (visit)
			rc = visit(arg, dir_fd, below, e);
		if (!rc && remove && depth == 1)
			(void)unlinkat(dir_fd, below, 0);
	}
	closedir(d);
	if (!rc && remove)
		(void)unlinkat(dir_fd, path, AT_REMOVEDIR);
	return rc;
}

enum { INDEX_DEPTH = 3 };

static int remove_index(struct ledger *l, const char *root, struct err *e)
{
	return walk_tree(l->dir_fd, root, INDEX_DEPTH, true, NULL, NULL, e);
}

/* ------------------------------------------------------------- rebuild */

/** What was in the index before, and whose part of it is not taken over. */
struct merging {
	struct ledger *l;
	const char *const *logins;
	size_t n;
};

static struct span unless_erased(const struct merging *m, struct span login)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (span_is(login, m->logins[i]))
			return span_str(MEMORY_ERASED);
	return login;
}

static int merge_lines(const struct merging *m, const char *path,
		       struct span text, struct err *e)
{
	struct index_key k = {.root = INDEX_NEW};
	char kind[16], key[SHA256_HEX_SIZE];
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;
	int rc = 0;

	if (sscanf(path, INDEX_LIVE "/%15[a-z]/%16[0-9a-f]/", kind,
		   k.repository) != 2)
		return 0;
	k.kind = kind;
	/* they name people by their names in the policy: whoever is erased may
	 * be one of them */
	if (m->n && !strcmp(kind, MEMORY_COUNTED))
		return 0;
	while (!rc && cursor_until(&c, '\n', &line)) {
		struct cursor in = cursor_of(line.p, line.n);
		struct span word, value;

		if (!cursor_until(&in, ' ', &word) || word.n < KEY_MIN ||
		    word.n >= sizeof(key))
			continue;
		memcpy(key, word.p, word.n);
		key[word.n] = '\0';
		k.key = key;
		value = span_of(in.p, cursor_left(&in));
		if (strcmp(kind, "brought") == 0)
			value = unless_erased(m, value);
		rc = memory_put_line(m->l, &k, value, e);
	}
	return rc;
}

/*
 * A push that is being judged has indexed what it brought, and appends its
 * record later: its lines are taken over.
 */
static int merge_file(void *arg, int dir_fd, const char *path, struct err *e)
{
	const struct merging *m = arg;
	struct buf text = BUF_INIT(INDEX_MAX_FILE);
	struct stat st;
	int fd, rc;

	if (strstr(path, INDEX_SORTED))
		return 0; /* it is made again from the lines */
	if (!fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) &&
	    time_now_ms() / 1000 - (int64_t)st.st_mtime >= RECENT_SECONDS)
		return 0;
	fd = openat(dir_fd, path,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	rc = fd < 0 ? err_sys(e, "open %s", path)
		    : file_read_fd(fd, path, &text, e);
	if (!rc && text.len)
		rc = merge_lines(m, path, span_of(text.data, text.len), e);
	file_close(&fd);
	buf_release(&text);
	return rc;
}

/*
 * In one step where the file system can: a judge that finds no index would
 * take every change for unheard of.
 */
static int swap_in(struct ledger *l, struct err *e)
{
	if (syscall(SYS_renameat2, l->dir_fd, INDEX_NEW, l->dir_fd, INDEX_LIVE,
		    EXCHANGE) == 0) {
		if (renameat(l->dir_fd, INDEX_NEW, l->dir_fd, INDEX_OLD))
			return err_sys(e, "rename " INDEX_NEW);
		return 0;
	}
	if (renameat(l->dir_fd, INDEX_LIVE, l->dir_fd, INDEX_OLD) &&
	    errno != ENOENT)
		return err_sys(e, "rename " INDEX_LIVE);
	if (renameat(l->dir_fd, INDEX_NEW, l->dir_fd, INDEX_LIVE))
		return err_sys(e, "rename " INDEX_NEW);
	return 0;
}

/* ------------------------------------------ what retention has removed */

struct restoring {
	struct ledger *l;
	const char *root; /* of the index */
};

static int restore_segment(void *arg, yyjson_val *segment, struct err *e)
{
	const struct restoring *r = arg;
	struct buf lines = BUF_INIT(LEDGER_MAX_EVIDENCE);
	const char *hex = yyjson_get_str(yyjson_obj_get(segment, "memory"));
	int rc = hex ? ledger_evidence_get(r->l, hex, &lines, e) : 0;

	if (!rc)
		rc = memory_restore(r->l, r->root,
				    span_of(lines.data, lines.len), e);
	buf_release(&lines);
	return rc;
}

static int restore_gone(struct ledger *l, const char *root, struct err *e)
{
	struct restoring r = {l, root};

	return retain_each_gone(l, restore_segment, &r, e);
}

/*
 * While nobody writes to the live index: what was appended since the other
 * was begun, and what stands in no record yet. Whoever reads finds one of the
 * two, and in each all that was ever written.
 */
static int replace_live(struct ledger *l, struct merging *m, uint64_t next,
			struct err *e)
{
	int fd, rc = ledger_open_lock(l, INDEX_LOCK, &fd, e);

	if (!rc)
		rc = lock_take(fd, REBUILD_LOCK_MS, e);
	if (!rc)
		rc = memory_fill(l, INDEX_NEW, true, next, &next, e);
	if (!rc)
		rc = walk_tree(l->dir_fd, INDEX_LIVE, INDEX_DEPTH, false,
			       merge_file, m, e);
	if (!rc)
		rc = swap_in(l, e);
	lock_release(&fd);
	return rc;
}

static int rebuild_locked(struct ledger *l, const char *const *logins, size_t n,
			  struct err *e)
{
	struct merging merging = {l, logins, n};
	uint64_t next = 0;
	int rc = remove_index(l, INDEX_NEW, e);

	if (!rc)
		rc = remove_index(l, INDEX_OLD, e);
	if (!rc)
		rc = ledger_make_dir(l, INDEX_NEW, NULL, e);
	if (!rc)
		rc = restore_gone(l, INDEX_NEW, e);
	if (!rc)
		rc = memory_fill(l, INDEX_NEW, true, 0, &next, e);
	if (!rc)
		rc = replace_live(l, &merging, next, e);
	return rc ? rc : remove_index(l, INDEX_OLD, e);
}

int memory_rebuild_without(struct ledger *l, const char *const *logins,
			   size_t n, struct err *e)
{
	char path[FILE_MAX_PATH];
	int fd, rc = file_join(l->dir, "locks/index", path, e);

	if (!rc)
		rc = lock_open(path, l->file_mode, REBUILD_LOCK_MS, &fd, e);
	if (rc)
		return rc;
	rc = rebuild_locked(l, logins, n, e);
	lock_release(&fd);
	return rc ? err_wrap(e, "the ledger %s: index", l->dir) : 0;
}

int memory_rebuild(struct ledger *l, struct err *e)
{
	return memory_rebuild_without(l, NULL, 0, e);
}
