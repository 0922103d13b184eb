/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/seal_keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "ledger/internal.h"

enum {
	KEY_NAME = sizeof("01234567.skey") - 1,
	KEY_MODE = 0400,
	MAX_VKEYS_FILE = NOTE_MAX_KEYS * NOTE_MAX_VKEY
};

void seal_keys_forget(struct seal_keys *k)
{
	OPENSSL_cleanse(k, sizeof(*k));
}

/* ----------------------------------------------------------------- read */

static int read_secret(int dir_fd, const char *name, struct buf *out,
		       struct err *e)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st)) {
		rc = err_sys(e, "open keys/%s", name);
	} else if (!S_ISREG(st.st_mode) || st.st_mode & 077 ||
		   (st.st_uid && st.st_uid != geteuid())) {
		rc = err_set(e, ERR_DENIED,
			     "keys/%s: must be the sealer's own, with mode "
			     "0400",
			     name);
	} else {
		rc = file_read_fd(fd, name, out, e);
	}
	file_close(&fd);
	return rc;
}

static int read_key(int dir_fd, const char *name, struct seal_keys *out,
		    struct err *e)
{
	struct buf text = BUF_INIT(NOTE_MAX_SKEY);
	int rc = 0;

	if (out->n == SEAL_MAX_KEYS)
		return err_set(e, ERR_LIMIT, "more than %d sealing keys",
			       SEAL_MAX_KEYS);
	if (buf_reserve(&text, NOTE_MAX_SKEY)) /* no copies left behind */
		return err_nomem(e);
	rc = read_secret(dir_fd, name, &text, e);
	if (!rc) {
		rc = note_skey_parse(&out->v[out->n],
				     span_trim(span_of(text.data, text.len)),
				     e);
		if (rc == ERR_CRYPTO) {
			out->unusable++;
			rc = 0;
		} else if (rc) {
			err_wrap(e, "keys/%s", name);
		} else {
			out->n++;
		}
	}
	OPENSSL_cleanse(text.data, text.len);
	buf_release(&text);
	return rc;
}

static bool is_key_name(const char *name)
{
	unsigned char id[4];

	return strlen(name) == KEY_NAME && !strcmp(name + 8, ".skey") &&
	       hex_decode(span_of(name, 8), id, sizeof(id));
}

static int no_keys(const struct ledger *l, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND,
		       "the ledger %s has no sealing key; gatepost ledger key "
		       "rotate makes one",
		       l->dir);
}

/* Ed25519 first: what other programs read most. */
static int by_type(const void *a, const void *b)
{
	const struct note_vkey *x = &((const struct note_skey *)a)->public;
	const struct note_vkey *y = &((const struct note_skey *)b)->public;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

int seal_keys_read(struct ledger *l, struct seal_keys *out, struct err *e)
{
	int fd = openat(l->dir_fd, "keys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	int rc = 0;
	DIR *d;

	*out = (struct seal_keys){0};
	if (fd < 0)
		return errno == ENOENT ? no_keys(l, e)
				       : err_sys(e, "open %s/keys", l->dir);
	d = fdopendir(fd);
	if (!d) {
		file_close(&fd);
		return err_nomem(e);
	}
	while (!rc && (entry = readdir(d)))
		if (is_key_name(entry->d_name))
			rc = read_key(dirfd(d), entry->d_name, out, e);
	closedir(d);
	qsort(out->v, out->n, sizeof(out->v[0]), by_type);
	if (!rc && !out->n && !out->unusable)
		rc = no_keys(l, e);
	else if (!rc && !out->n)
		rc = err_set(e, ERR_CRYPTO,
			     "this libcrypto can use none of the sealing keys");
	if (rc)
		seal_keys_forget(out);
	return rc;
}

int seal_vkeys_read(struct ledger *l, struct note_vkeys *out, struct err *e)
{
	struct buf text = BUF_INIT(MAX_VKEYS_FILE);
	char path[FILE_MAX_PATH];
	int rc = file_join(l->dir, "sealed/vkeys", path, e);

	if (!rc)
		rc = file_read(path, &text, e);
	if (!rc) {
		rc = note_vkeys_parse(out, span_of(text.data, text.len), e);
		if (rc)
			err_wrap(e, "%s", path);
	} else if (rc == ERR_NOT_FOUND) {
		rc = 0;
	}
	buf_release(&text);
	return rc;
}

/* ---------------------------------------------------------------- write */

static int write_vkeys(struct ledger *l, const struct seal_keys *added,
		       struct err *e)
{
	struct buf text = BUF_INIT(MAX_VKEYS_FILE);
	struct note_vkeys keys = {0};
	char path[FILE_MAX_PATH];
	struct stat st;
	size_t i;
	int rc = seal_vkeys_read(l, &keys, e);

	for (i = 0; !rc && i < added->n; i++)
		rc = note_vkeys_add(&keys, &added->v[i].public, e);
	for (i = 0; !rc && i < keys.n; i++) {
		note_vkey_write(&keys.v[i], &text);
		buf_addch(&text, '\n');
	}
	if (!rc && !buf_ok(&text))
		rc = err_nomem(e);
	if (!rc && fstatat(l->dir_fd, "sealed", &st, 0))
		rc = err_sys(e, "stat sealed/");
	if (!rc)
		rc = file_join(l->dir, "sealed/vkeys", path, e);
	if (!rc)
		rc = file_write_durable(path, text.data, text.len,
					0200 | (st.st_mode & 0444), e);
	note_vkeys_release(&keys);
	buf_release(&text);
	return rc;
}

static void key_path(uint32_t id, char out[32])
{
	snprintf(out, 32, "keys/%08" PRIx32 ".skey", id);
}

static int write_key(struct ledger *l, const struct note_skey *k, struct err *e)
{
	struct buf text = BUF_INIT(NOTE_MAX_SKEY);
	char name[32], path[FILE_MAX_PATH];
	int rc;

	if (buf_reserve(&text, NOTE_MAX_SKEY))
		return err_nomem(e);
	key_path(k->public.id, name);
	note_skey_write(k, &text);
	buf_addch(&text, '\n');
	rc = file_join(l->dir, name, path, e);
	if (!rc)
		rc = file_write_durable(path, text.data, text.len, KEY_MODE, e);
	OPENSSL_cleanse(text.data, text.len);
	buf_release(&text);
	return rc;
}

int seal_keys_make(struct ledger *l, struct seal_keys *out, struct err *e)
{
	static const enum note_type types[] = {NOTE_ED25519, NOTE_ML_DSA_44};
	size_t i;
	int rc = 0;

	*out = (struct seal_keys){0};
	for (i = 0; !rc && i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i] != NOTE_ED25519 && !note_key_supported(types[i]))
			continue;
		rc = note_skey_make(&out->v[out->n], types[i], l->origin, e);
		if (!rc)
			out->n++;
	}
	if (!rc)
		rc = write_vkeys(l, out, e);
	for (i = 0; !rc && i < out->n; i++)
		rc = write_key(l, &out->v[i], e);
	if (rc)
		seal_keys_forget(out);
	return rc;
}

int seal_keys_remove(struct ledger *l, uint32_t id, struct err *e)
{
	char name[32], path[FILE_MAX_PATH];
	int rc;

	key_path(id, name);
	rc = file_join(l->dir, name, path, e);
	if (!rc && unlink(path))
		rc = err_sys(e, "remove %s", path);
	return rc ? rc : file_sync_parent(path, e);
}
