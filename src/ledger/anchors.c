/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/anchors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/encode.h"
#include "base/text.h"
#include "ledger/anchors_private.h"
#include "ledger/internal.h"

/* ---------------------------------------------------------------- trust */

int anchor_trust_add(struct anchor_trust *t, const struct anchor_party *p,
		     struct err *e)
{
	int rc = array_push(&t->v, t->n, &t->cap, ANCHOR_MAX_PARTIES);

	if (rc == -2)
		return err_set(e, ERR_LIMIT,
			       "more than %d witnesses and time stampers",
			       ANCHOR_MAX_PARTIES);
	if (rc)
		return err_nomem(e);
	t->v[t->n++] = *p;
	return 0;
}

void anchor_trust_release(struct anchor_trust *t)
{
	free(t->v);
	*t = (struct anchor_trust){0};
}

/* ---------------------------------------------------------------- names */

bool anchor_name_is(const char *name)
{
	size_t n = strlen(name), i;

	if (!n || n > ANCHOR_MAX_NAME || !ascii_alnum(name[0]))
		return false;
	for (i = 0; i < n; i++)
		if (!ascii_alnum(name[i]) && !strchr("._-@+", name[i]))
			return false;
	return true;
}

/* `anchors/witness-NAME`; ERR_CONFIG when the name fits none. */
static int inbox_path(enum anchor_kind kind, const char *name,
		      char out[ANCHOR_PATH], struct err *e)
{
	if (!anchor_name_is(name))
		return err_set(e, ERR_CONFIG, "a name that fits no file");
	snprintf(out, ANCHOR_PATH, "anchors/%s-%s",
		 kind == ANCHOR_WITNESS ? "witness" : "timestamp", name);
	return 0;
}

void anchor_witness_path(const char *name, char out[ANCHOR_PATH])
{
	snprintf(out, ANCHOR_PATH, "sealed/witness/%s", name);
}

void anchor_stamp_path(const char *name, uint64_t size, const char *suffix,
		       char out[ANCHOR_PATH])
{
	snprintf(out, ANCHOR_PATH, "sealed/timestamps/%s/%" PRIu64 ".%s", name,
		 size, suffix);
}

bool anchor_is_witness_file(const char *name)
{
	size_t n = strlen(name);

	/* a temporary file of the sealer's has such a name, too */
	return anchor_name_is(name) &&
	       !(n > 4 && !strcmp(name + n - 4, ".tmp"));
}

bool anchor_stamp_size(const char *name, uint64_t *size)
{
	const char *dot = strchr(name, '.');

	return dot && !strcmp(dot, ".tsr") &&
	       text_to_u64(span_of(name, (size_t)(dot - name)), MERKLE_MAX_SIZE,
			   size);
}

/* ---------------------------------------------------------------- files */

/* The directory of `path`, each part of it no link. */
static int open_dir(struct ledger *l, const char **path, struct err *e)
{
	int fd = fcntl(l->dir_fd, F_DUPFD_CLOEXEC, 0);
	const char *slash;

	while (fd >= 0 && (slash = strchr(*path, '/'))) {
		char part[ANCHOR_PATH];
		int next;

		snprintf(part, sizeof(part), "%.*s", (int)(slash - *path),
			 *path);
		next = openat(fd, part,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		file_close(&fd);
		fd = next;
		*path = slash + 1;
	}
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "there is none");
	return fd < 0 ? err_sys(e, "open the folder of %s", *path) : fd;
}

int anchor_read_file(struct ledger *l, const char *path, struct buf *out,
		     struct err *e)
{
	const char *name = path;
	int dir = open_dir(l, &name, e), fd, rc;
	struct stat st;

	if (dir < 0)
		return err_wrap(e, "%s/%s", l->dir, path);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		rc = err_set(e, ERR_NOT_FOUND, "%s/%s: there is none", l->dir,
			     path);
	else if (fd < 0 || fstat(fd, &st))
		rc = err_sys(e, "open %s/%s", l->dir, path);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(e, ERR_DENIED, "%s/%s: is no regular file", l->dir,
			     path);
	else
		rc = file_read_fd(fd, path, out, e);
	file_close(&fd);
	file_close(&dir);
	return rc;
}

/* ---------------------------------------------------------------- inbox */

int anchor_make_inbox(struct ledger *l, struct err *e)
{
	return ledger_make_dir(l, "anchors", NULL, e);
}

static int put(struct ledger *l, enum anchor_kind kind, const char *name,
	       const struct buf *content, struct err *e)
{
	char path[ANCHOR_PATH], full[FILE_MAX_PATH];
	int rc = inbox_path(kind, name, path, e);

	if (!rc && !buf_ok(content))
		rc = err_nomem(e);
	if (!rc)
		rc = anchor_make_inbox(l, e);
	if (!rc)
		rc = file_join(l->dir, path, full, e);
	if (!rc)
		rc = file_write_durable(full, content->data, content->len,
					l->file_mode, e);
	return rc;
}

int anchor_put_cosigned(struct ledger *l, const char *name, struct span note,
			struct err *e)
{
	struct buf content = BUF_INIT(ANCHOR_MAX_INBOX);
	int rc;

	buf_add(&content, note.p, note.n);
	rc = put(l, ANCHOR_WITNESS, name, &content, e);
	buf_release(&content);
	return rc;
}

int anchor_put_stamp(struct ledger *l, const char *name, struct span note,
		     struct span stamp, struct err *e)
{
	struct buf content = BUF_INIT(ANCHOR_MAX_INBOX);
	int rc;

	base64_encode(&content, stamp.p, stamp.n);
	buf_addch(&content, '\n');
	buf_add(&content, note.p, note.n);
	rc = put(l, ANCHOR_TIMESTAMP, name, &content, e);
	buf_release(&content);
	return rc;
}

int anchor_split_stamp(struct span bytes, struct span *note, struct buf *stamp,
		       struct err *e)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	struct span line;

	if (!cursor_until(&c, '\n', &line) || !base64_decode(stamp, line) ||
	    !stamp->len)
		return err_set(e, ERR_MALFORMED, "holds no time stamp");
	*note = span_of(c.p, cursor_left(&c));
	return 0;
}

int anchor_get_cosigned(struct ledger *l, const char *name,
			struct checkpoint_note *out, struct err *e)
{
	struct buf content = BUF_INIT(NOTE_MAX);
	char path[ANCHOR_PATH];
	int rc = inbox_path(ANCHOR_WITNESS, name, path, e);

	checkpoint_note_init(out);
	if (!rc)
		rc = anchor_read_file(l, path, &content, e);
	if (!rc)
		rc = checkpoint_note_take(out, &content, path, e);
	buf_release(&content);
	return rc;
}

int anchor_get_stamp(struct ledger *l, const char *name,
		     struct checkpoint_note *out, struct buf *stamp,
		     struct err *e)
{
	struct buf content = BUF_INIT(ANCHOR_MAX_INBOX);
	struct buf note = BUF_INIT(NOTE_MAX);
	struct span text = {NULL, 0};
	char path[ANCHOR_PATH];
	int rc = inbox_path(ANCHOR_TIMESTAMP, name, path, e);

	checkpoint_note_init(out);
	if (!rc)
		rc = anchor_read_file(l, path, &content, e);
	if (!rc && anchor_split_stamp(span_of(content.data, content.len), &text,
				      stamp, e))
		rc = err_wrap(e, "%s", path);
	if (!rc && buf_add(&note, text.p, text.n))
		rc = err_set(e, ERR_LIMIT, "%s: is too long", path);
	if (!rc)
		rc = checkpoint_note_take(out, &note, path, e);
	buf_release(&note);
	buf_release(&content);
	return rc;
}

/* ---------------------------------------------------------------- notes */

void anchor_own_note(const struct checkpoint_note *c, struct buf *out)
{
	size_t i;

	buf_add(out, c->note.text.p, c->note.text.n);
	buf_addch(out, '\n');
	for (i = 0; i < c->note.nsigs; i++) {
		const struct note_signature *s = &c->note.sigs[i];

		if (!span_equal(s->name, c->at.origin))
			continue;
		buf_add(out, s->line.p, s->line.n);
		buf_addch(out, '\n');
	}
}

int anchor_cosigned_by(const struct checkpoint_note *c,
		       const struct note_vkey *key, uint64_t *seconds,
		       struct err *e)
{
	struct note_vkey copy = *key;
	struct note_vkeys keys = {&copy, 1, 1};
	size_t i;
	int rc = note_verify(&c->note, &keys, NULL, e);

	*seconds = 0;
	for (i = 0; !rc && i < c->note.nsigs; i++) {
		const struct note_signature *s = &c->note.sigs[i];
		struct cursor at = cursor_of(s->bytes.p, s->bytes.n);
		uint64_t when;

		if (s->id == key->id && span_is(s->name, key->name) &&
		    cursor_u64(&at, &when) && when > *seconds)
			*seconds = when;
	}
	return rc;
}

int anchor_each_name(int sealed_fd, const char *path, anchor_name_fn *fn,
		     void *arg, struct err *e)
{
	int fd = openat(sealed_fd, path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	int rc = 0;
	DIR *d;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open sealed/%s", path);
	d = fdopendir(fd);
	if (!d) {
		file_close(&fd);
		return err_nomem(e);
	}
	while (!rc && (entry = readdir(d)))
		rc = fn(arg, entry->d_name, e);
	closedir(d);
	return rc;
}
