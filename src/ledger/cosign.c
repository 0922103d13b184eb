/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/cosign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "ledger/anchors.h"
#include "ledger/proof.h"
#include "sys/files.h"
#include "sys/lock.h"

enum {
	DIR_MODE = 0700,
	KEY_MODE = 0400,
	SEEN_MODE = 0600,
	LOCK_MODE = 0600,
	LOCK_MS = 10000
};

/* ------------------------------------------------------------- requests */

int cosign_request_write(uint64_t old, const struct merkle_proof *proof,
			 struct span note, struct buf *out, struct err *e)
{
	if (proof->n > COSIGN_MAX_PROOF)
		return err_set(e, ERR_LIMIT, "a proof of %zu hashes", proof->n);
	buf_addf(out, "old %" PRIu64 "\n", old);
	proof_write_hashes(proof, out);
	buf_addch(out, '\n');
	buf_add(out, note.p, note.n);
	return buf_ok(out) ? 0 : err_nomem(e);
}

static bool take_old(struct cursor *c, uint64_t *old)
{
	struct span word;

	return cursor_literal(c, "old ") && cursor_until(c, '\n', &word) &&
	       (word.n == 1 || (word.n && word.p[0] != '0')) &&
	       text_to_u64(word, MERKLE_MAX_SIZE, old);
}

bool cosign_question_parse(struct span bytes, uint64_t *old)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);

	return take_old(&c, old) && !cursor_left(&c);
}

static bool take_hash(struct span line, struct merkle_proof *proof)
{
	struct buf raw = BUF_INIT(SHA256_SIZE);
	bool ok = proof->n < COSIGN_MAX_PROOF && base64_decode(&raw, line) &&
		  raw.len == SHA256_SIZE;

	if (ok)
		memcpy(proof->h[proof->n++].b, raw.data, SHA256_SIZE);
	buf_release(&raw);
	return ok;
}

static bool take_proof(struct cursor *c, struct merkle_proof *proof)
{
	struct span line;

	proof->n = 0;
	while (cursor_until(c, '\n', &line)) {
		if (!line.n)
			return true;
		if (!take_hash(line, proof))
			return false;
	}
	return false;
}

int cosign_request_parse(struct cosign_request *out, struct span bytes,
			 struct err *e)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	struct buf note = BUF_INIT(NOTE_MAX);
	int rc = 0;

	*out = (struct cosign_request){0};
	checkpoint_note_init(&out->note);
	if (!take_old(&c, &out->old) || !take_proof(&c, &out->proof))
		return err_set(e, ERR_MALFORMED,
			       "it is no size, proof and checkpoint");
	if (buf_add(&note, c.p, cursor_left(&c)))
		rc = err_set(e, ERR_MALFORMED, "the checkpoint is too long");
	else
		rc = checkpoint_note_take(&out->note, &note, "the checkpoint",
					  e);
	buf_release(&note);
	return rc ? ERR_MALFORMED : 0;
}

void cosign_request_release(struct cosign_request *r)
{
	checkpoint_note_release(&r->note);
}

int cosign_prove(const char *sealed, uint64_t old, uint64_t size,
		 struct merkle_proof *out, struct err *e)
{
	int fd = open(sealed, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;
	struct tile_source source = tile_source_dir(&fd);
	struct merkle_tree stored;
	struct tile_tree tree;

	out->n = 0;
	if (fd < 0)
		return err_sys(e, "open %s", sealed);
	rc = tile_tree_init(&tree, source, size, e);
	if (!rc) {
		stored = tile_tree_merkle(&tree);
		rc = merkle_prove_consistency(&stored, old, out, e);
	}
	tile_tree_release(&tree);
	file_close(&fd);
	return rc;
}

/* ----------------------------------------------------------------- open */

static int check_dir(const char *dir, struct err *e)
{
	struct stat st;

	if (stat(dir, &st))
		return err_sys(e, "stat %s", dir);
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return err_set(e, ERR_DENIED,
			       "%s: must be the user's own, with mode 0700",
			       dir);
	return 0;
}

static int make_key(struct cosigner *c, const char *path, const char *name,
		    struct err *e)
{
	struct buf text = BUF_INIT(NOTE_MAX_SKEY);
	int rc;

	if (buf_reserve(&text, NOTE_MAX_SKEY)) /* no copies left behind */
		return err_nomem(e);
	rc = note_skey_make(&c->key, NOTE_COSIGNATURE, name, e);
	if (!rc) {
		note_skey_write(&c->key, &text);
		buf_addch(&text, '\n');
		rc = file_write_durable(path, text.data, text.len, KEY_MODE, e);
	}
	OPENSSL_cleanse(text.data, text.len);
	buf_release(&text);
	return rc;
}

static int read_key(struct cosigner *c, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(NOTE_MAX_SKEY);
	int rc;

	if (buf_reserve(&text, NOTE_MAX_SKEY))
		return err_nomem(e);
	rc = file_read_trusted(path, FILE_SECRET | FILE_NOFOLLOW, &text, e);
	if (!rc && note_skey_parse(&c->key,
				   span_trim(span_of(text.data, text.len)), e))
		rc = err_wrap(e, "%s", path);
	if (!rc && c->key.public.type != NOTE_COSIGNATURE)
		rc = err_set(e, ERR_CONFIG, "%s: is no key of a cosigner",
			     path);
	OPENSSL_cleanse(text.data, text.len);
	buf_release(&text);
	return rc;
}

int cosigner_open(struct cosigner *c, const char *dir, const char *name,
		  struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = 0;

	*c = (struct cosigner){.dir = dir, .lock_fd = -1};
	if (mkdir(dir, DIR_MODE) && errno != EEXIST)
		return err_sys(e, "make %s", dir);
	rc = check_dir(dir, e);
	if (!rc)
		rc = file_join(dir, "lock", path, e);
	if (!rc)
		rc = lock_open(path, LOCK_MODE, LOCK_MS, &c->lock_fd, e);
	if (!rc)
		rc = file_join(dir, "key.skey", path, e);
	if (!rc)
		rc = read_key(c, path, e);
	if (rc == ERR_NOT_FOUND && name)
		rc = make_key(c, path, name, e);
	return rc;
}

void cosigner_close(struct cosigner *c)
{
	note_skey_forget(&c->key);
	lock_release(&c->lock_fd);
}

/* ----------------------------------------------------------------- sign */

static int seen_path(const struct cosigner *c, const char *origin,
		     char out[FILE_MAX_PATH], struct err *e)
{
	char hex[SHA256_HEX_SIZE], name[sizeof("seen-") + SHA256_HEX_SIZE];

	sha256_hex(origin, strlen(origin), hex);
	snprintf(name, sizeof(name), "seen-%s", hex);
	return file_join(c->dir, name, out, e);
}

int cosigner_last(const struct cosigner *c, const char *origin,
		  struct checkpoint_note *out, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = seen_path(c, origin, path, e);

	checkpoint_note_init(out);
	if (!rc)
		rc = checkpoint_note_read(out, path, e);
	if (!rc && !span_is(out->at.origin, origin))
		rc = err_set(e, ERR_CONFIG, "%s: is of another ledger", path);
	return rc == ERR_MALFORMED ? ERR_CONFIG : rc;
}

static int check_extends(const struct cosign_request *r,
			 const struct checkpoint *last, struct err *e)
{
	const struct checkpoint *now = &r->note.at;

	if (now->size < last->size)
		return err_set(e, ERR_MALFORMED,
			       "it has %" PRIu64 " records, but %" PRIu64
			       " were cosigned before: the ledger was put "
			       "back to an older state, or replaced",
			       now->size, last->size);
	if (r->old != last->size)
		return err_set(e, ERR_MALFORMED,
			       "its proof begins at %" PRIu64
			       " records, not at %" PRIu64,
			       r->old, last->size);
	if (merkle_check_consistency(last->size, &last->root, now->size,
				     &now->root, &r->proof, e))
		return err_wrap(e,
				"it does not extend the checkpoint of "
				"%" PRIu64 " records that was cosigned "
				"before: the ledger was changed",
				last->size);
	return 0;
}

static int check_signed(const struct cosign_request *r,
			const struct note_vkeys *keys, struct err *e)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (!span_is(r->note.at.origin, keys->v[i].name))
			return err_set(e, ERR_MALFORMED,
				       "it is of another ledger than the key");
	return note_verify(&r->note.note, keys, NULL, e);
}

/* Where nothing was cosigned before, the empty tree was. */
static int read_last(const struct cosigner *c, const char *origin,
		     struct checkpoint_note *note, struct checkpoint *last,
		     struct err *e)
{
	struct merkle_frontier empty = {0};
	int rc = cosigner_last(c, origin, note, e);

	*last = note->at;
	if (rc != ERR_NOT_FOUND)
		return rc;
	err_clear(e);
	last->size = 0;
	merkle_root(&empty, &last->root);
	return 0;
}

int cosigner_sign(struct cosigner *c, const struct cosign_request *r,
		  const struct note_vkeys *keys, struct buf *cosigned,
		  struct err *e)
{
	uint64_t now = (uint64_t)(time_now_ms() / 1000);
	struct checkpoint_note note;
	struct checkpoint last;
	char path[FILE_MAX_PATH];
	int rc = check_signed(r, keys, e);

	if (rc)
		return rc;
	rc = read_last(c, keys->v[0].name, &note, &last, e);
	if (!rc)
		rc = check_extends(r, &last, e);
	anchor_own_note(&r->note, cosigned);
	if (!rc)
		rc = note_sign(&c->key, r->note.note.text, now, cosigned, e);
	if (!rc)
		rc = seen_path(c, keys->v[0].name, path, e);
	if (!rc)
		rc = file_write_durable(path, cosigned->data, cosigned->len,
					SEEN_MODE, e);
	checkpoint_note_release(&note);
	return rc;
}
