/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/encode.h"
#include "ledger/index_sorted.h"
#include "ledger/internal.h"
#include "ledger/reserve.h"
#include "sys/lock.h"

void index_repository(const char *name, char out[INDEX_REPOSITORY_SIZE])
{
	char hex[SHA256_HEX_SIZE];

	sha256_hex(name, strlen(name), hex);
	memcpy(out, hex, INDEX_REPOSITORY_SIZE - 1);
	out[INDEX_REPOSITORY_SIZE - 1] = '\0';
}

static void key_path(const struct index_key *k, char out[INDEX_PATH_SIZE])
{
	snprintf(out, INDEX_PATH_SIZE, "%s/%s/%s/%.2s", k->root, k->kind,
		 k->repository, k->key);
}

static void visit_lines(struct span text, const char *key, index_visitor *visit,
			void *arg)
{
	struct cursor c = cursor_of(text.p, text.n);
	size_t n = strlen(key);
	struct span line;

	while (cursor_until(&c, '\n', &line)) {
		if (line.n <= n || line.p[n] != ' ' ||
		    memcmp(line.p, key, n) != 0)
			continue;
		if (visit(arg, span_of(line.p + n + 1, line.n - n - 1)))
			return;
	}
}

/* The lines that may be of the key; of a long file not all others. */
static int read_lines(const char *path, const char *key, struct buf *out,
		      struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? err_set(e, ERR_NOT_FOUND, "no %s", path)
				       : err_sys(e, "open %s", path);
	if (!fstat(fd, &st) && st.st_size > INDEX_SCAN_BYTES)
		rc = index_sorted_lines(fd, path, (size_t)st.st_size, key, out,
					e);
	file_close(&fd);
	if (rc)
		return rc < 0 ? rc : 0;
	return file_read(path, out, e);
}

int index_visit(const char *ledger_dir, const struct index_key *k,
		index_visitor *visit, void *arg, struct err *e)
{
	struct buf text = BUF_INIT(INDEX_MAX_FILE);
	char name[INDEX_PATH_SIZE], path[FILE_MAX_PATH];
	int rc;

	key_path(k, name);
	rc = file_join(ledger_dir, name, path, e);
	if (!rc)
		rc = read_lines(path, k->key, &text, e);
	if (!rc)
		visit_lines(span_of(text.data, text.len), k->key, visit, arg);
	else if (rc == ERR_NOT_FOUND)
		rc = 0;
	buf_release(&text);
	return rc;
}

/* ---------------------------------------------------------------- write */

static int make_dirs(struct ledger *l, const struct index_key *k, struct err *e)
{
	char path[INDEX_PATH_SIZE];
	int rc = ledger_make_dir(l, k->root, NULL, e);

	snprintf(path, sizeof(path), "%s/%s", k->root, k->kind);
	if (!rc)
		rc = ledger_make_dir(l, path, NULL, e);
	snprintf(path, sizeof(path), "%s/%s/%s", k->root, k->kind,
		 k->repository);
	if (!rc)
		rc = ledger_make_dir(l, path, NULL, e);
	return rc;
}

static int open_for_append(struct ledger *l, const struct index_key *k, int *fd,
			   struct err *e)
{
	int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW, rc;
	char path[INDEX_PATH_SIZE];

	key_path(k, path);
	*fd = openat(l->dir_fd, path, flags);
	if (*fd >= 0)
		return 0;
	if (errno != ENOENT)
		return err_sys(e, "open %s/%s", l->dir, path);
	rc = make_dirs(l, k, e);
	if (rc)
		return rc;
	*fd = openat(l->dir_fd, path, flags | O_CREAT, l->file_mode);
	if (*fd < 0)
		return ledger_err_write(l, "cannot write the index", e);
	(void)fchmod(*fd, l->file_mode);
	return 0;
}

struct seen {
	struct span value;
	bool once, yes;
};

static bool see(void *arg, struct span value)
{
	struct seen *s = arg;

	s->yes = s->once || span_equal(s->value, value);
	return s->yes;
}

static int write_line(struct ledger *l, const struct index_key *k,
		      struct span value, struct err *e)
{
	struct buf line = BUF_INIT(INDEX_MAX_LINE);
	char name[INDEX_PATH_SIZE];
	int fd = -1, rc = 0;

	buf_addf(&line, "\n%s ", k->key);
	buf_add(&line, value.p, value.n);
	buf_addch(&line, '\n');
	if (!buf_ok(&line))
		rc = err_set(e, ERR_LIMIT, "a line of the index is too long");
	if (!rc)
		rc = open_for_append(l, k, &fd, e);
	if (!rc) {
		ssize_t put = write(fd, line.data, line.len);

		if (put >= 0 && (size_t)put < line.len)
			errno = ENOSPC;
		if (put < 0 || (size_t)put < line.len)
			rc = ledger_err_write(l, "cannot write the index", e);
	}
	if (!rc) {
		key_path(k, name);
		index_sorted_update(l, fd, name);
	}
	file_close(&fd);
	buf_release(&line);
	return rc;
}

static int put_unless_seen(struct ledger *l, const struct index_key *k,
			   struct span value, bool once, struct err *e)
{
	struct seen seen = {.value = value, .once = once};
	int rc = index_visit(l->dir, k, see, &seen, e);

	return rc || seen.yes ? rc : write_line(l, k, value, e);
}

/* What is written to an index that is just being replaced would be lost. */
static int put_shared(struct ledger *l, const struct index_key *k,
		      struct span value, bool once, struct err *e)
{
	int rc = 0;

	if (strcmp(k->root, INDEX_LIVE) != 0)
		return put_unless_seen(l, k, value, once, e);
	if (l->memory_fd < 0)
		rc = ledger_open_lock(l, INDEX_LOCK, &l->memory_fd, e);
	if (!rc)
		rc = lock_take_shared(l->memory_fd, LEDGER_LOCK_MS, e);
	if (rc)
		return err_wrap(e, "the ledger %s: index", l->dir);
	rc = put_unless_seen(l, k, value, once, e);
	lock_drop(l->memory_fd);
	return rc;
}

int index_put(struct ledger *l, const struct index_key *k, struct span value,
	      bool once, struct err *e)
{
	int rc;

	if (memchr(value.p, '\n', value.n))
		return err_set(e, ERR_USAGE, "the index holds single lines");
	rc = put_shared(l, k, value, once, e);
	if (rc && reserve_use(l)) {
		err_clear(e);
		rc = put_shared(l, k, value, once, e);
	}
	return rc;
}
