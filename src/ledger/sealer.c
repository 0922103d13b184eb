/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sealer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "ledger/internal.h"
#include "sys/lock.h"

enum { SECRET_MODE = 0600 };

/* --------------------------------------------------------- the last one */

/* A checkpoint counts when one of the ledger's own keys has signed it. */
static int check_note(struct sealer *s, const struct checkpoint_note *c,
		      const char *path, struct err *e)
{
	int rc;

	if (!span_is(c->at.origin, s->l->origin))
		return err_set(e, ERR_MALFORMED, "%s: is of another ledger",
			       path);
	rc = note_verify(&c->note, &s->vkeys, NULL, e);
	if (!rc)
		return 0;
	err_wrap(e, "%s", path);
	return rc == ERR_NOT_FOUND ? err_set(e, ERR_MALFORMED,
					     "%s: is not signed by a key of "
					     "sealed/vkeys",
					     path)
				   : rc;
}

/* @return ERR_NOT_FOUND when there is no such file */
static int read_note(struct sealer *s, const char *name,
		     struct checkpoint_note *out, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = file_join(s->l->dir, name, path, e);

	checkpoint_note_init(out);
	if (!rc)
		rc = checkpoint_note_read(out, path, e);
	if (!rc)
		rc = check_note(s, out, path, e);
	return rc;
}

/* Both are genuine: which one is the later? */
static int choose(struct sealer *s, struct checkpoint_note *ours,
		  struct checkpoint_note *published, struct err *e)
{
	if (ours->at.size == published->at.size &&
	    !merkle_equal(&ours->at.root, &published->at.root))
		return err_set(e, ERR_MALFORMED,
			       "%s: sealed/checkpoint and keys/last have "
			       "different roots for %" PRIu64
			       " records; both are signed: look into it",
			       s->l->dir, ours->at.size);
	/* published again, it may have got cosignatures */
	s->unpublished = ours->at.size > published->at.size;
	s->last = s->unpublished ? *ours : *published;
	checkpoint_note_release(s->unpublished ? published : ours);
	return 0;
}

static int find_last(struct sealer *s, bool rebuild, struct err *e)
{
	struct checkpoint_note ours, published;
	struct err why = {0};
	int mine = read_note(s, "keys/last", &ours, e), theirs;

	if (mine && mine != ERR_NOT_FOUND) {
		checkpoint_note_release(&ours);
		return mine;
	}
	theirs = read_note(s, "sealed/checkpoint", &published, &why);
	if (!mine && !theirs) {
		int rc = choose(s, &ours, &published, e);

		if (rc) {
			checkpoint_note_release(&ours);
			checkpoint_note_release(&published);
		}
		return rc;
	}
	if (!theirs) {
		checkpoint_note_release(&ours);
		s->last = published;
		return 0;
	}
	checkpoint_note_release(&published);
	if (!mine && (rebuild || theirs == ERR_NOT_FOUND)) {
		s->last = ours;
		s->unpublished = true;
		return 0;
	}
	checkpoint_note_release(&ours);
	return err_set(e, theirs, "%s", why.msg);
}

/* ----------------------------------------------------------------- open */

static int open_sealed(struct sealer *s, struct err *e)
{
	struct stat st;

	s->sealed_fd = openat(s->l->dir_fd, "sealed",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->sealed_fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND,
			       "the ledger %s was never sealed; gatepost "
			       "ledger key rotate makes the keys",
			       s->l->dir);
	if (s->sealed_fd < 0 || fstat(s->sealed_fd, &st))
		return err_sys(e, "open %s/sealed", s->l->dir);
	/* what root makes there the sealer could not write later */
	if (st.st_uid != geteuid())
		return err_set(e, ERR_DENIED,
			       "%s/sealed belongs to user %ld, who alone can "
			       "seal; this is user %ld",
			       s->l->dir, (long)st.st_uid, (long)geteuid());
	/* readable for whom the directory is, writable for the sealer */
	s->file_mode = 0200 | (st.st_mode & 0444);
	s->dir_mode = 0200 | (st.st_mode & (0555 | S_ISGID));
	return 0;
}

static int open_lock(struct sealer *s, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = file_join(s->l->dir, "keys/lock", path, e);

	if (!rc)
		rc = lock_open(path, SECRET_MODE, LEDGER_LOCK_MS, &s->lock_fd,
			       e);
	return rc == ERR_TIMEOUT
		       ? err_set(e, rc, "%s: another process is sealing",
				 s->l->dir)
		       : rc;
}

/* What a killed run left half-written; no other is at work now. */
static void sweep(const struct sealer *s, const char *dir)
{
	int fd = openat(s->l->dir_fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		file_close(&fd);
		return;
	}
	while ((entry = readdir(d))) {
		size_t n = strlen(entry->d_name);

		if (n > 4 && !strcmp(entry->d_name + n - 4, ".tmp"))
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
}

int sealer_open_empty(struct sealer *s, struct ledger *l, struct err *e)
{
	int rc;

	*s = (struct sealer){.l = l, .sealed_fd = -1, .lock_fd = -1};
	checkpoint_note_init(&s->last);
	rc = ledger_refuse_copy(l, e);
	if (!rc)
		rc = ledger_check_local(l, e);
	if (!rc)
		rc = open_sealed(s, e);
	if (!rc)
		rc = open_lock(s, e);
	if (rc)
		return rc;
	sweep(s, "sealed");
	sweep(s, "keys");
	return seal_vkeys_read(l, &s->vkeys, e);
}

int sealer_open(struct sealer *s, struct ledger *l, bool rebuild, struct err *e)
{
	int rc = sealer_open_empty(s, l, e);

	if (!rc)
		rc = seal_keys_read(l, &s->keys, e);
	if (!rc)
		rc = find_last(s, rebuild, e);
	return rc;
}

void sealer_close(struct sealer *s)
{
	seal_keys_forget(&s->keys);
	note_vkeys_release(&s->vkeys);
	checkpoint_note_release(&s->last);
	lock_release(&s->lock_fd);
	file_close(&s->sealed_fd);
}

/* ----------------------------------------------------------------- sign */

static bool is_ours(const struct sealer *s, const struct note_signature *sig)
{
	size_t i;

	for (i = 0; i < s->keys.n; i++)
		if (s->keys.v[i].public.id == sig->id &&
		    span_is(sig->name, s->keys.v[i].public.name))
			return true;
	return false;
}

bool sealer_all_signed(const struct sealer *s)
{
	size_t i, k;

	for (k = 0; k < s->keys.n; k++) {
		for (i = 0; i < s->last.note.nsigs; i++)
			if (s->last.note.sigs[i].id == s->keys.v[k].public.id)
				break;
		if (i == s->last.note.nsigs)
			return false;
	}
	return true;
}

static void keep_others(const struct sealer *s, struct span text,
			struct buf *note)
{
	size_t i;

	if (!span_equal(s->last.note.text, text))
		return;
	for (i = 0; i < s->last.note.nsigs; i++) {
		const struct note_signature *sig = &s->last.note.sigs[i];

		if (is_ours(s, sig))
			continue;
		buf_add(note, sig->line.p, sig->line.n);
		buf_addch(note, '\n');
	}
}

static int write_note(const struct sealer *s, const char *name, mode_t mode,
		      struct err *e)
{
	const struct buf *b = &s->last.bytes;
	char path[FILE_MAX_PATH];
	int rc = file_join(s->l->dir, name, path, e);

	return rc ? rc : file_write_durable(path, b->data, b->len, mode, e);
}

int sealer_publish(struct sealer *s, struct err *e)
{
	int rc = write_note(s, "sealed/checkpoint", s->file_mode, e);

	if (!rc)
		s->unpublished = false;
	return rc;
}

int sealer_sign(struct sealer *s, uint64_t size, const struct merkle_hash *root,
		struct err *e)
{
	struct checkpoint at = {span_str(s->l->origin), size, *root};
	struct buf note = BUF_INIT(NOTE_MAX), text = BUF_INIT(NOTE_MAX);
	uint64_t now = (uint64_t)(time_now_ms() / 1000);
	struct span signed_text;
	size_t i;
	int rc = 0;

	checkpoint_write(&at, &text);
	signed_text = span_of(text.data, text.len);
	buf_add(&note, text.data, text.len);
	buf_addch(&note, '\n');
	for (i = 0; !rc && i < s->keys.n; i++)
		rc = note_sign(&s->keys.v[i], signed_text, now, &note, e);
	keep_others(s, signed_text, &note);
	if (!rc && !buf_ok(&note))
		rc = err_nomem(e);
	if (!rc) {
		checkpoint_note_release(&s->last);
		rc = checkpoint_note_take(&s->last, &note, "checkpoint", e);
	}
	buf_release(&note);
	buf_release(&text);
	if (!rc)
		rc = write_note(s, "keys/last", SECRET_MODE, e);
	return rc ? rc : sealer_publish(s, e);
}
