/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/accepted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "ledger/internal.h"
#include "ledger/reserve.h"
#include "sys/proc.h"

/*
 * accepted/<boot>-<pid>-<start>:
 *
 *     accepted 1 <record id>
 *     <repository>
 *     <old> <new> <ref>          one line a ref
 */
enum {
	NAME_SIZE = 128,
	MAX_FILE = 64 << 20,
	SWEEP_SECONDS = 3600 /* so that a sweep from another pid namespace,
				in which no pid is ours, harms nobody */
};

static const char magic[] = "accepted 1 ";

int accepted_key_of_parent(struct accepted_key *k, struct err *e)
{
	uint64_t start;
	pid_t pid = getppid();
	int rc;

	*k = (struct accepted_key){0};
	rc = proc_boot_id(k->boot, e);
	if (!rc)
		rc = proc_start_time(pid, &start, e);
	if (rc)
		return err_wrap(e, "cannot tell which push this is");
	k->pid = (long)pid;
	k->start = start;
	return 0;
}

static void key_name(const struct accepted_key *k, char out[NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "accepted/%s-%ld-%llu", k->boot, k->pid,
		 k->start);
}

/* What would break the lines of the file. */
static bool one_line(const char *s)
{
	return *s && !strchr(s, '\n');
}
static bool one_word(const char *s)
{
	return one_line(s) && !strchr(s, ' ');
}

static int add_refs(struct buf *text, const struct accepted_ref *refs, size_t n,
		    struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!one_line(refs[i].name) || !one_word(refs[i].old_hex) ||
		    !one_word(refs[i].new_hex))
			return err_set(e, ERR_USAGE, "an accepted ref is off");
		buf_adds(text, refs[i].old_hex);
		buf_addch(text, ' ');
		buf_adds(text, refs[i].new_hex);
		buf_addch(text, ' ');
		buf_adds(text, refs[i].name);
		buf_addch(text, '\n');
	}
	return buf_ok(text) ? 0
			    : err_set(e, ERR_LIMIT, "too many accepted refs");
}

/* Whole or not at all: update must not read half a list. */
static int replace_file(struct ledger *l, const char *name,
			const struct buf *text, struct err *e)
{
	char tmp[NAME_SIZE + 8];
	int fd, rc = 0;

	snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	(void)unlinkat(l->dir_fd, tmp, 0);
	fd = openat(l->dir_fd, tmp,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    l->file_mode);
	if (fd < 0)
		return ledger_err_write(l, "cannot note the acceptance", e);
	if (fchmod(fd, l->file_mode) ||
	    file_write_all(fd, text->data, text->len, NULL) ||
	    renameat(l->dir_fd, tmp, l->dir_fd, name)) {
		rc = ledger_err_write(l, "cannot note the acceptance", e);
		(void)unlinkat(l->dir_fd, tmp, 0);
	}
	file_close(&fd);
	return rc;
}

int accepted_write(struct ledger *l, const struct accepted_key *k,
		   const char *repository, const char *record_id,
		   const struct accepted_ref *refs, size_t n, struct err *e)
{
	struct buf text = BUF_INIT(MAX_FILE);
	char name[NAME_SIZE];
	int rc;

	if (!one_line(repository) || !uuid_is(span_str(record_id)))
		return err_set(e, ERR_USAGE, "an acceptance is off");
	key_name(k, name);
	buf_addf(&text, "%s%s\n", magic, record_id);
	buf_adds(&text, repository);
	buf_addch(&text, '\n');
	rc = add_refs(&text, refs, n, e);
	if (!rc)
		rc = replace_file(l, name, &text, e);
	if (rc && reserve_use(l)) {
		err_clear(e);
		rc = replace_file(l, name, &text, e);
	}
	buf_release(&text);
	return rc;
}

/* @return 0 with an empty `text` when there is no such file */
static int read_key(struct ledger *l, const struct accepted_key *k,
		    struct buf *text, struct err *e)
{
	char name[NAME_SIZE];
	int fd, rc;

	key_name(k, name);
	fd = openat(l->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, "open %s/%s", l->dir, name);
	rc = file_read_fd(fd, name, text, e);
	file_close(&fd);
	return rc;
}

static bool take_head(struct cursor *c, struct span *id,
		      struct span *repository)
{
	return cursor_literal(c, magic) && cursor_until(c, '\n', id) &&
	       uuid_is(*id) && cursor_until(c, '\n', repository);
}

static bool line_is(struct span line, const struct accepted_ref *ref)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct span old_hex, new_hex;

	return cursor_until(&c, ' ', &old_hex) &&
	       cursor_until(&c, ' ', &new_hex) &&
	       span_is(span_of(c.p, cursor_left(&c)), ref->name) &&
	       span_is(old_hex, ref->old_hex) && span_is(new_hex, ref->new_hex);
}

int accepted_has(struct ledger *l, const struct accepted_key *k,
		 const char *repository, const struct accepted_ref *ref,
		 bool *yes, struct err *e)
{
	struct buf text = BUF_INIT(MAX_FILE);
	struct span id, name, line;
	struct cursor c;
	int rc;

	*yes = false;
	rc = read_key(l, k, &text, e);
	c = cursor_of(text.data, text.len);
	if (!rc && take_head(&c, &id, &name) && span_is(name, repository))
		while (!*yes && cursor_until(&c, '\n', &line))
			*yes = line_is(line, ref);
	buf_release(&text);
	return rc;
}

int accepted_record(struct ledger *l, const struct accepted_key *k,
		    char id[ACCEPTED_ID_SIZE], struct err *e)
{
	struct buf text = BUF_INIT(MAX_FILE);
	struct span record, name;
	struct cursor c;
	int rc;

	id[0] = '\0';
	rc = read_key(l, k, &text, e);
	c = cursor_of(text.data, text.len);
	if (!rc && take_head(&c, &record, &name)) {
		memcpy(id, record.p, record.n);
		id[record.n] = '\0';
	}
	buf_release(&text);
	return rc;
}

void accepted_forget(struct ledger *l, const struct accepted_key *k)
{
	char name[NAME_SIZE];

	key_name(k, name);
	(void)unlinkat(l->dir_fd, name, 0);
}

/* ---------------------------------------------------------------- sweep */

/* Whether the process that a file is named after lives. */
static bool is_alive(const char *name, const char *boot)
{
	size_t n = strlen(boot);
	struct span rest, pid;
	struct cursor c;
	uint64_t number, want, start;

	if (strncmp(name, boot, n) != 0 || name[n] != '-')
		return false;
	rest = span_str(name + n + 1);
	c = cursor_of(rest.p, rest.n);
	if (!cursor_until(&c, '-', &pid) ||
	    !text_to_u64(pid, INT32_MAX, &number) ||
	    !text_to_u64(span_of(c.p, cursor_left(&c)), UINT64_MAX, &want))
		return false; /* one in the making, or not ours */
	return proc_start_time((pid_t)number, &start, NULL) == 0 &&
	       start == want;
}

static bool is_old(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) &&
	       time_now_ms() / 1000 - (int64_t)st.st_mtime > SWEEP_SECONDS;
}

void accepted_sweep(struct ledger *l)
{
	char boot[PROC_BOOT_ID_SIZE];
	struct dirent *entry;
	DIR *d;
	int fd;

	if (proc_boot_id(boot, NULL))
		return;
	fd = openat(l->dir_fd, "accepted", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		file_close(&fd);
		return;
	}
	while ((entry = readdir(d)))
		if (is_old(dirfd(d), entry->d_name) &&
		    !is_alive(entry->d_name, boot))
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
}
