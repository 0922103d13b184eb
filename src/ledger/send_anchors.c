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

/* Where names are read: what is sent, and of which time stamps. */
struct sending {
	struct sender *s;
	const char *stamper;
	uint64_t above; /* stamps of no more records are there already */
};

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

static int send_witness(void *arg, const char *name, struct err *e)
{
	const struct sending *of = arg;
	struct sender *s = of->s;
	struct buf note = BUF_INIT(NOTE_MAX);
	char path[ANCHOR_PATH];
	int rc = 0;

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

static int send_stamp(void *arg, const char *name, struct err *e)
{
	const struct sending *of = arg;
	struct sender *s = of->s;
	struct buf note = BUF_INIT(NOTE_MAX), stamp = BUF_INIT(TIMESTAMP_MAX);
	char path[ANCHOR_PATH];
	uint64_t size;
	bool there;
	int rc = 0;

	if (!anchor_stamp_size(name, &size) || size <= of->above)
		return 0;
	anchor_stamp_path(of->stamper, size, "tsr", path);
	there = read_one(s, path, &stamp);
	anchor_stamp_path(of->stamper, size, "checkpoint", path);
	if (there && read_one(s, path, &note)) {
		rc = wire_putf(&s->w, e, "#timestamp %s %" PRIu64 " %zu %zu\n",
			       of->stamper, size, note.len, stamp.len);
		if (!rc)
			rc = put_bytes(s, &note, e);
		if (!rc)
			rc = put_bytes(s, &stamp, e);
	}
	buf_release(&stamp);
	buf_release(&note);
	return rc;
}

static int send_stamper(void *arg, const char *name, struct err *e)
{
	struct sending of = *(const struct sending *)arg;
	char path[ANCHOR_PATH];

	if (!anchor_name_is(name))
		return 0;
	snprintf(path, sizeof(path), "timestamps/%s", name);
	of.stamper = name;
	return anchor_each_name(of.s->sealed_fd, path, send_stamp, &of, e);
}

int send_anchors(struct sender *s, uint64_t above, struct err *e)
{
	struct sending of = {.s = s, .above = above};
	int rc =
		anchor_each_name(s->sealed_fd, "witness", send_witness, &of, e);

	if (!rc)
		rc = anchor_each_name(s->sealed_fd, "timestamps", send_stamper,
				      &of, e);
	return rc ? rc : wire_putf(&s->w, e, "#end\n");
}
