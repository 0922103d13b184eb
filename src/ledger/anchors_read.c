/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "ledger/anchors_private.h"
#include "ledger/internal.h"
#include "ledger/proof.h"
#include "ledger/seal.h"
#include "ledger/seal_keys.h"

/** What they are compared with. */
struct look {
	struct ledger *l;
	const struct anchor_trust *trust;
	const struct note_vkeys *keys; /* of the ledger */
	struct note_vkeys own;	       /* where nobody gave any */
	struct checkpoint_note last;
	int sealed_fd;
	struct anchors *out;
};

static int add(struct look *k, enum anchor_kind kind, const char *name,
	       struct anchor **out, struct err *e)
{
	struct anchors *a = k->out;
	int rc = array_push(&a->v, a->n, &a->cap, ANCHOR_MAX_FILES);

	*out = NULL;
	if (rc == -2)
		return err_set(e, ERR_LIMIT, "more than %d anchors",
			       ANCHOR_MAX_FILES);
	if (rc)
		return err_nomem(e);
	*out = &a->v[a->n++];
	**out = (struct anchor){.kind = kind};
	snprintf((*out)->name, sizeof((*out)->name), "%s", name);
	return 0;
}

static void judge(struct anchor *a, int result, const struct err *why)
{
	a->result = result;
	snprintf(a->why, sizeof(a->why), "%s", why->msg);
}

/* A beginning of what we have now, which is what makes it ours: the key that
 * signed it may have been replaced since. */
static int check_note(struct look *k, const struct checkpoint_note *c,
		      struct err *e)
{
	struct tile_source source = tile_source_dir(&k->sealed_fd);
	struct merkle_proof proof;
	int rc = note_verify(&c->note, k->keys, NULL, e);

	if (rc && rc != ERR_NOT_FOUND)
		return err_wrap(e, "the ledger's signature");
	if (c->at.size > k->last.at.size)
		return err_set(e, ERR_MALFORMED,
			       "it is of %" PRIu64 " records, but the ledger "
			       "has %" PRIu64 " that are sealed: it was put "
			       "back, or replaced",
			       c->at.size, k->last.at.size);
	rc = proof_consistency(&source, &c->at, &k->last.at, &proof, e);
	return rc ? err_wrap(e, "the ledger is not the one of then") : 0;
}

static bool may_be(const struct anchor_party *p, enum anchor_kind kind,
		   const char *name)
{
	return p->kind == kind && (!p->name[0] || !strcmp(p->name, name));
}

/* ------------------------------------------------------------ witnesses */

/* The key that has cosigned it; a known one whose signature is forged is
 * told. */
static int find_cosigner(struct look *k, const struct checkpoint_note *c,
			 struct anchor *a, struct err *e)
{
	uint64_t seconds;
	size_t i;

	for (i = 0; i < k->trust->n; i++) {
		const struct anchor_party *p = &k->trust->v[i];
		int rc;

		if (!may_be(p, ANCHOR_WITNESS, a->name))
			continue;
		rc = anchor_cosigned_by(c, &p->key, &seconds, e);
		if (rc == ERR_NOT_FOUND)
			continue;
		snprintf(a->by, sizeof(a->by), "%s+%08" PRIx32, p->key.name,
			 p->key.id);
		if (seconds <= INT64_MAX / 1000)
			a->time_ms = (int64_t)seconds * 1000;
		return rc;
	}
	return err_set(e, ERR_NOT_FOUND,
		       "it is cosigned by nobody who is known as a witness");
}

static int look_at_witness(struct look *k, const char *name, struct err *e)
{
	struct buf bytes = BUF_INIT(NOTE_MAX);
	struct checkpoint_note c;
	char path[ANCHOR_PATH];
	struct err why = {0};
	struct anchor *a;
	int rc = add(k, ANCHOR_WITNESS, name, &a, e);

	if (rc)
		return rc;
	anchor_witness_path(name, path);
	checkpoint_note_init(&c);
	rc = anchor_read_file(k->l, path, &bytes, &why);
	if (!rc)
		rc = checkpoint_note_take(&c, &bytes, path, &why);
	a->size = c.at.size;
	if (!rc)
		rc = find_cosigner(k, &c, a, &why);
	if (rc == ERR_NOT_FOUND) {
		judge(a, ANCHOR_UNKNOWN, &why);
	} else {
		if (!rc)
			rc = check_note(k, &c, &why);
		judge(a, rc ? ANCHOR_FAILS : ANCHOR_HOLDS, &why);
	}
	checkpoint_note_release(&c);
	buf_release(&bytes);
	return 0;
}

/* ---------------------------------------------------------- time stamps */

static int check_stamp(struct look *k, const char *name, struct span note,
		       struct span stamp, int64_t *ms, struct err *e)
{
	struct buf ca = BUF_INIT(TIMESTAMP_MAX_CA);
	size_t i;
	int rc = err_set(e, ERR_NOT_FOUND,
			 "no authority is known that vouches for it");

	for (i = 0; rc && i < k->trust->n; i++) {
		const struct anchor_party *p = &k->trust->v[i];

		if (!may_be(p, ANCHOR_TIMESTAMP, name))
			continue;
		buf_clear(&ca);
		rc = file_read(p->ca, &ca, e);
		if (!rc)
			rc = timestamp_check(note, stamp,
					     span_of(ca.data, ca.len), ms, e);
		else if (rc == ERR_NOT_FOUND)
			rc = ERR_CONFIG;
	}
	buf_release(&ca);
	return rc;
}

static int read_stamp(struct look *k, const char *name, uint64_t size,
		      struct anchor *a, struct err *e)
{
	struct buf bytes = BUF_INIT(NOTE_MAX), tsr = BUF_INIT(TIMESTAMP_MAX);
	struct checkpoint_note c;
	char path[ANCHOR_PATH];
	int rc;

	checkpoint_note_init(&c);
	anchor_stamp_path(name, size, "tsr", path);
	rc = anchor_read_file(k->l, path, &tsr, e);
	anchor_stamp_path(name, size, "checkpoint", path);
	if (!rc)
		rc = anchor_read_file(k->l, path, &bytes, e);
	if (rc == ERR_NOT_FOUND)
		rc = ERR_MALFORMED;
	if (!rc)
		rc = checkpoint_note_take(&c, &bytes, path, e);
	if (!rc && c.at.size != size)
		rc = err_set(e, ERR_MALFORMED, "%s: is of other records", path);
	if (!rc)
		rc = check_stamp(k, name, span_of(c.bytes.data, c.bytes.len),
				 span_of(tsr.data, tsr.len), &a->time_ms, e);
	if (!rc)
		rc = check_note(k, &c, e);
	checkpoint_note_release(&c);
	buf_release(&tsr);
	buf_release(&bytes);
	return rc;
}

/* Those that hold are one entry, the latest; each other one is told. */
static int look_at_stamp(struct look *k, const char *name, uint64_t size,
			 struct anchor *best, struct err *e)
{
	struct anchor one = {.kind = ANCHOR_TIMESTAMP, .size = size};
	struct err why = {0};
	struct anchor *a;
	int rc = read_stamp(k, name, size, &one, &why);

	if (!rc) {
		best->count++;
		if (best->result != ANCHOR_HOLDS || size >= best->size) {
			one.count = best->count;
			one.result = ANCHOR_HOLDS;
			memcpy(one.name, best->name, sizeof(one.name));
			*best = one;
		}
		return 0;
	}
	if (add(k, ANCHOR_TIMESTAMP, name, &a, e))
		return e->code;
	a->size = size;
	judge(a, rc == ERR_NOT_FOUND ? ANCHOR_UNKNOWN : ANCHOR_FAILS, &why);
	return 0;
}

struct stamps {
	struct look *k;
	struct anchor best;
};

static int on_stamp(void *arg, const char *name, struct err *e)
{
	struct stamps *s = arg;
	uint64_t size;

	if (!anchor_stamp_size(name, &size))
		return 0;
	return look_at_stamp(s->k, s->best.name, size, &s->best, e);
}

static int on_stamper(void *arg, const char *name, struct err *e)
{
	struct look *k = arg;
	struct stamps s = {.k = k, .best = {.kind = ANCHOR_TIMESTAMP}};
	struct anchor *a;
	char path[ANCHOR_PATH];
	int rc;

	if (!anchor_name_is(name))
		return 0;
	snprintf(s.best.name, sizeof(s.best.name), "%s", name);
	snprintf(path, sizeof(path), "timestamps/%s", name);
	rc = anchor_each_name(k->sealed_fd, path, on_stamp, &s, e);
	if (rc || s.best.result != ANCHOR_HOLDS)
		return rc;
	rc = add(k, ANCHOR_TIMESTAMP, name, &a, e);
	if (!rc)
		*a = s.best;
	return rc;
}

static int on_witness(void *arg, const char *name, struct err *e)
{
	struct look *k = arg;

	if (!anchor_is_witness_file(name))
		return 0;
	return look_at_witness(k, name, e);
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct anchor *x = a, *y = b;
	int order = (int)x->kind - (int)y->kind;

	if (!order)
		order = strcmp(x->name, y->name);
	return order ? order : (x->size > y->size) - (x->size < y->size);
}

static int open_look(struct look *k, const struct note_vkeys *keys,
		     struct err *e)
{
	int rc = seal_checkpoint_read(k->l, &k->last, e);

	k->keys = keys ? keys : &k->own;
	if (!rc && !keys)
		rc = seal_vkeys_read(k->l, &k->own, e);
	if (rc)
		return rc;
	k->sealed_fd = openat(k->l->dir_fd, "sealed",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return k->sealed_fd < 0 ? err_sys(e, "open %s/sealed", k->l->dir) : 0;
}

int anchors_read(struct ledger *l, const struct anchor_trust *t,
		 const struct note_vkeys *keys, struct anchors *out,
		 struct err *e)
{
	struct look k = {.l = l, .trust = t, .sealed_fd = -1, .out = out};
	int rc;

	*out = (struct anchors){0};
	rc = open_look(&k, keys, e);
	if (!rc)
		rc = anchor_each_name(k.sealed_fd, "witness", on_witness, &k,
				      e);
	if (!rc)
		rc = anchor_each_name(k.sealed_fd, "timestamps", on_stamper, &k,
				      e);
	if (!rc && out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_kind_and_name);
	/* nothing is sealed, so nothing is anchored; whoever verifies says
	 * what else is wrong with the checkpoint */
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	checkpoint_note_release(&k.last);
	note_vkeys_release(&k.own);
	file_close(&k.sealed_fd);
	return rc;
}

void anchors_release(struct anchors *a)
{
	free(a->v);
	*a = (struct anchors){0};
}
