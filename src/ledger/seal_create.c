/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/sealer.h"

enum { KEYS_MODE = 0700 };

static int make_dir(struct ledger *l, const char *name, mode_t mode,
		    struct err *e)
{
	if (mkdirat(l->dir_fd, name, mode) == 0) {
		if (fchmodat(l->dir_fd, name, mode, 0))
			return err_sys(e, "chmod %s/%s", l->dir, name);
		return 0;
	}
	return errno == EEXIST ? 0 : err_sys(e, "make %s/%s", l->dir, name);
}

/* Readers of the ledger may read what is sealed; nobody else writes. */
static int make_dirs(struct ledger *l, struct err *e)
{
	int rc = ledger_refuse_copy(l, e);

	if (!rc)
		rc = make_dir(l, "keys", KEYS_MODE, e);
	if (!rc)
		rc = make_dir(l, "sealed", l->dir_mode & ~(mode_t)0022, e);
	if (!rc && fsync(l->dir_fd))
		rc = err_sys(e, "sync %s", l->dir);
	return rc;
}

static bool is_there(const struct sealer *s, const char *name)
{
	return faccessat(s->l->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int sign_empty(struct sealer *s, struct err *e)
{
	struct merkle_frontier empty = {0};
	struct merkle_hash root;

	merkle_root(&empty, &root);
	return sealer_sign(s, 0, &root, e);
}

int seal_create(struct ledger *l, struct err *e)
{
	struct sealer s = {.sealed_fd = -1, .lock_fd = -1};
	int rc = make_dirs(l, e);

	if (!rc)
		rc = sealer_open_empty(&s, l, e);
	if (!rc && (is_there(&s, "sealed/checkpoint") ||
		    is_there(&s, "sealed/tile") || is_there(&s, "keys/last")))
		rc = err_set(e, ERR_USAGE, "the ledger %s is sealed already",
			     l->dir);
	/* keys without a checkpoint: an interrupted run left them */
	if (!rc)
		rc = seal_keys_read(l, &s.keys, e);
	if (rc == ERR_NOT_FOUND)
		rc = seal_keys_make(l, &s.keys, e);
	if (!rc)
		rc = sign_empty(&s, e);
	sealer_close(&s);
	return rc;
}

/* The keys are gone, or an interrupted run made none. */
static int begin_keys(struct ledger *l, struct err *e)
{
	struct seal_keys keys;
	int rc = seal_keys_make(l, &keys, e);

	seal_keys_forget(&keys);
	return rc;
}

static int sign_again(struct ledger *l, struct err *e)
{
	struct sealer s;
	int rc = sealer_open(&s, l, false, e);

	if (!rc)
		rc = sealer_sign(&s, s.last.at.size, &s.last.at.root, e);
	sealer_close(&s);
	return rc;
}

int seal_rotate(struct ledger *l, struct err *e)
{
	struct sealer s = {.sealed_fd = -1, .lock_fd = -1};
	bool sealed;
	int rc = make_dirs(l, e);

	if (!rc)
		rc = sealer_open_empty(&s, l, e);
	sealed = !rc &&
		 (is_there(&s, "sealed/checkpoint") ||
		  is_there(&s, "sealed/tile") || is_there(&s, "keys/last"));
	if (sealed)
		rc = begin_keys(l, e);
	sealer_close(&s);
	if (rc)
		return rc;
	return sealed ? sign_again(l, e) : seal_create(l, e);
}

/* Whether a key other than this one, of its kind, has signed. */
static bool replaced(const struct sealer *s, const struct note_vkey *k)
{
	size_t i, n;

	for (i = 0; i < s->keys.n; i++) {
		const struct note_vkey *other = &s->keys.v[i].public;

		if (other->id == k->id || other->type != k->type)
			continue;
		for (n = 0; n < s->last.note.nsigs; n++)
			if (s->last.note.sigs[n].id == other->id)
				return true;
	}
	return false;
}

int seal_retire(struct ledger *l, uint32_t id, struct err *e)
{
	struct sealer s;
	size_t i = 0;
	int rc = sealer_open(&s, l, false, e);

	while (!rc && i < s.keys.n && s.keys.v[i].public.id != id)
		i++;
	if (!rc && i == s.keys.n)
		rc = err_set(e, ERR_NOT_FOUND,
			     "the ledger %s has no sealing key %08" PRIx32,
			     l->dir, id);
	if (!rc && !replaced(&s, &s.keys.v[i].public))
		rc = err_set(e, ERR_USAGE,
			     "no other key of its kind has signed; gatepost "
			     "ledger key rotate makes one");
	if (!rc)
		rc = seal_keys_remove(l, id, e);
	sealer_close(&s);
	return rc;
}
