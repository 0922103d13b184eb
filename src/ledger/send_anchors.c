/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/anchors_private.h"
#include "ledger/send_private.h"

typedef int send_name_fn(struct sender *s, const char *folder, const char *name,
			 uint64_t above, struct err *e);

/* Each name in a folder of sealed/, where there is one. */
static int each_name(struct sender *s, const char *path, const char *folder,
		     send_name_fn *fn, uint64_t above, struct err *e)
{
	int fd = openat(s->sealed_fd, path,
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
		rc = fn(s, folder, entry->d_name, above, e);
	closedir(d);
	return rc;
}

/* What cannot be read is told, and no reason to send nothing else. */
static bool read_one(struct sender *s, const char *path, struct buf *out)
{
	struct err why = {0};
	int rc = anchor_read_file(s->l, path, out, &why);

	if (rc && rc != ERR_NOT_FOUND)
		send_amiss(s, "%s", why.msg);
	return !rc;
}

static int put_bytes(struct sender *s, const struct buf *b, struct err *e)
{
	int rc = wire_put(&s->w, b->data, b->len, e);

	return rc ? rc : wire_put(&s->w, "\n", 1, e);
}

static int send_witness(struct sender *s, const char *folder, const char *name,
			uint64_t above, struct err *e)
{
	struct buf note = BUF_INIT(NOTE_MAX);
	char path[ANCHOR_PATH];
	int rc = 0;

	(void)folder;
	(void)above;
	if (!anchor_is_witness_file(name))
		return 0;
	anchor_witness_path(name, path);
	if (read_one(s, path, &note)) {
		rc = wire_putf(&s->w, e, "#witness %s %zu\n", name, note.len);
		if (!rc)
			rc = put_bytes(s, &note, e);
	}
	buf_release(&note);
	return rc;
}

static int send_stamp(struct sender *s, const char *stamper, const char *name,
		      uint64_t above, struct err *e)
{
	struct buf note = BUF_INIT(NOTE_MAX), stamp = BUF_INIT(TIMESTAMP_MAX);
	char path[ANCHOR_PATH];
	uint64_t size;
	bool there;
	int rc = 0;

	if (!anchor_stamp_size(name, &size) || size <= above)
		return 0;
	anchor_stamp_path(stamper, size, "tsr", path);
	there = read_one(s, path, &stamp);
	anchor_stamp_path(stamper, size, "checkpoint", path);
	if (there && read_one(s, path, &note)) {
		rc = wire_putf(&s->w, e, "#timestamp %s %" PRIu64 " %zu %zu\n",
			       stamper, size, note.len, stamp.len);
		if (!rc)
			rc = put_bytes(s, &note, e);
		if (!rc)
			rc = put_bytes(s, &stamp, e);
	}
	buf_release(&stamp);
	buf_release(&note);
	return rc;
}

static int send_stamper(struct sender *s, const char *folder, const char *name,
			uint64_t above, struct err *e)
{
	char path[ANCHOR_PATH];

	(void)folder;
	if (!anchor_name_is(name))
		return 0;
	snprintf(path, sizeof(path), "timestamps/%s", name);
	return each_name(s, path, name, send_stamp, above, e);
}

int send_anchors(struct sender *s, uint64_t above, struct err *e)
{
	int rc = each_name(s, "witness", NULL, send_witness, 0, e);

	if (!rc)
		rc = each_name(s, "timestamps", NULL, send_stamper, above, e);
	return rc ? rc : wire_putf(&s->w, e, "#end\n");
}
