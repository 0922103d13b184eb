/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/anchors_private.h"
#include "ledger/sealer.h"

/** What one of them left in the inbox. */
struct letter {
	const struct anchor_party *from;
	struct checkpoint_note note;
	struct buf stamp;
};

static void letter_init(struct letter *m, const struct anchor_party *from)
{
	m->from = from;
	checkpoint_note_init(&m->note);
	buf_init(&m->stamp, TIMESTAMP_MAX);
}

static void letter_release(struct letter *m)
{
	checkpoint_note_release(&m->note);
	buf_release(&m->stamp);
}

static int letter_read(struct letter *m, struct ledger *l, struct err *e)
{
	if (m->from->kind == ANCHOR_WITNESS)
		return anchor_get_cosigned(l, m->from->name, &m->note, e);
	return anchor_get_stamp(l, m->from->name, &m->note, &m->stamp, e);
}

/* Of whom there is more already: who may write in the inbox is not to put an
 * older one in the place of a newer one. */
static bool has_cosigned(const struct letter *m, struct ledger *l)
{
	struct buf bytes = BUF_INIT(NOTE_MAX);
	struct checkpoint_note c;
	char path[ANCHOR_PATH];
	bool yes;

	anchor_witness_path(m->from->name, path);
	checkpoint_note_init(&c);
	yes = !anchor_read_file(l, path, &bytes, NULL) &&
	      !checkpoint_note_take(&c, &bytes, path, NULL) &&
	      (c.at.size > m->note.at.size ||
	       span_equal(span_of(c.bytes.data, c.bytes.len),
			  span_of(m->note.bytes.data, m->note.bytes.len)));
	checkpoint_note_release(&c);
	buf_release(&bytes);
	return yes;
}

/* Nor another one in the place of a time stamp that there is. */
static bool has_stamp(const struct letter *m, struct ledger *l)
{
	char path[ANCHOR_PATH];

	anchor_stamp_path(m->from->name, m->note.at.size, "tsr", path);
	return !faccessat(l->dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW);
}

static bool is_published(const struct letter *m, struct ledger *l)
{
	return m->from->kind == ANCHOR_WITNESS ? has_cosigned(m, l)
					       : has_stamp(m, l);
}

static bool is_new(struct ledger *l, const struct anchor_party *from)
{
	struct letter m;
	bool yes;

	if (!from->name[0])
		return false;
	letter_init(&m, from);
	yes = !letter_read(&m, l, NULL) && !is_published(&m, l);
	letter_release(&m);
	return yes;
}

static bool is_any_new(struct ledger *l, const struct anchor_trust *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (is_new(l, &t->v[i]))
			return true;
	return false;
}

/* -------------------------------------------------------------- publish */

/* Signed by us, not beyond what we signed last; a witness's: cosigned. */
static int check(struct sealer *s, const struct letter *m, struct err *e)
{
	const struct checkpoint_note *c = &m->note;
	uint64_t seconds;
	int rc;

	if (!span_is(c->at.origin, s->l->origin))
		return err_set(e, ERR_MALFORMED, "is of another ledger");
	if (c->at.size > s->last.at.size)
		return err_set(e, ERR_MALFORMED,
			       "is of %" PRIu64 " records, but the last "
			       "checkpoint has %" PRIu64,
			       c->at.size, s->last.at.size);
	rc = note_verify(&c->note, &s->vkeys, NULL, e);
	if (!rc && m->from->kind == ANCHOR_WITNESS)
		rc = anchor_cosigned_by(c, &m->from->key, &seconds, e);
	return rc;
}

static int make_dir(struct sealer *s, const char *name, struct err *e)
{
	if (!mkdirat(s->sealed_fd, name, s->dir_mode)) {
		if (fchmodat(s->sealed_fd, name, s->dir_mode, 0))
			return err_sys(e, "chmod sealed/%s", name);
		if (fsync(s->sealed_fd))
			return err_sys(e, "sync sealed/");
		return 0;
	}
	return errno == EEXIST ? 0 : err_sys(e, "make sealed/%s", name);
}

static int write_file(struct sealer *s, const char *path,
		      const struct buf *bytes, struct err *e)
{
	char full[FILE_MAX_PATH];
	int rc = file_join(s->l->dir, path, full, e);

	return rc ? rc
		  : file_write_durable(full, bytes->data, bytes->len,
				       s->file_mode, e);
}

static bool has_line(const struct checkpoint_note *c, struct span line)
{
	size_t i;

	for (i = 0; i < c->note.nsigs; i++)
		if (span_equal(c->note.sigs[i].line, line))
			return true;
	return false;
}

/* The witness's lines go under the checkpoint, an older one of the same key
 * goes. */
static int merge(struct sealer *s, const struct letter *m, struct err *e)
{
	const struct note_vkey *k = &m->from->key;
	const struct note *last = &s->last.note;
	struct buf note = BUF_INIT(NOTE_MAX);
	size_t i, added = 0;
	int rc = 0;

	buf_add(&note, last->text.p, last->text.n);
	buf_addch(&note, '\n');
	for (i = 0; i < last->nsigs; i++) {
		if (last->sigs[i].id == k->id &&
		    span_is(last->sigs[i].name, k->name))
			continue;
		buf_add(&note, last->sigs[i].line.p, last->sigs[i].line.n);
		buf_addch(&note, '\n');
	}
	for (i = 0; i < m->note.note.nsigs; i++) {
		const struct note_signature *sig = &m->note.note.sigs[i];

		if (sig->id != k->id || !span_is(sig->name, k->name))
			continue;
		added += !has_line(&s->last, sig->line);
		buf_add(&note, sig->line.p, sig->line.n);
		buf_addch(&note, '\n');
	}
	if (!buf_ok(&note))
		rc = err_nomem(e);
	if (!rc && added) {
		checkpoint_note_release(&s->last);
		rc = checkpoint_note_take(&s->last, &note, "checkpoint", e);
		if (!rc)
			rc = sealer_publish(s, e);
	}
	buf_release(&note);
	return rc;
}

static int publish_cosigned(struct sealer *s, const struct letter *m,
			    struct err *e)
{
	char path[ANCHOR_PATH];
	int rc = 0;

	anchor_witness_path(m->from->name, path);
	/* first, as the other file says that this was done */
	if (span_equal(m->note.note.text, s->last.note.text))
		rc = merge(s, m, e);
	if (!rc)
		rc = make_dir(s, "witness", e);
	return rc ? rc : write_file(s, path, &m->note.bytes, e);
}

static int publish_stamp(struct sealer *s, const struct letter *m,
			 struct err *e)
{
	char path[ANCHOR_PATH], dir[ANCHOR_PATH];
	int rc = make_dir(s, "timestamps", e);

	snprintf(dir, sizeof(dir), "timestamps/%s", m->from->name);
	if (!rc)
		rc = make_dir(s, dir, e);
	anchor_stamp_path(m->from->name, m->note.at.size, "checkpoint", path);
	if (!rc)
		rc = write_file(s, path, &m->note.bytes, e);
	anchor_stamp_path(m->from->name, m->note.at.size, "tsr", path);
	return rc ? rc : write_file(s, path, &m->stamp, e);
}

/* @return 1 when it is published, 0 when it cannot be, or an error */
static int publish_one(struct sealer *s, const struct anchor_party *from,
		       struct err *e)
{
	struct letter m;
	int rc;

	letter_init(&m, from);
	rc = letter_read(&m, s->l, e);
	if (!rc)
		rc = check(s, &m, e);
	if (rc) {
		err_wrap(e, "%s/anchors: what %s left", s->l->dir, from->name);
		rc = 0;
	} else {
		rc = from->kind == ANCHOR_WITNESS ? publish_cosigned(s, &m, e)
						  : publish_stamp(s, &m, e);
		rc = rc ? rc : 1;
	}
	letter_release(&m);
	return rc;
}

int anchors_publish(struct ledger *l, const struct anchor_trust *t,
		    size_t *changed, struct err *e)
{
	struct sealer s = {.sealed_fd = -1, .lock_fd = -1};
	size_t i;
	int rc;

	*changed = 0;
	if (!is_any_new(l, t))
		return 0;
	rc = sealer_open(&s, l, false, e);
	for (i = 0; rc >= 0 && i < t->n; i++) {
		if (!is_new(l, &t->v[i]))
			continue;
		rc = publish_one(&s, &t->v[i], e);
		*changed += rc == 1;
	}
	sealer_close(&s);
	return rc < 0 ? rc : 0;
}
