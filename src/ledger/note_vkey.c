/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"
#include "ledger/note.h"

uint32_t note_key_id(const struct note_vkey *k)
{
	unsigned char digest[SHA256_SIZE];
	const unsigned char type[2] = {'\n', (unsigned char)k->type};
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, k->name, strlen(k->name));
	sha256_update(&h, type, sizeof(type));
	sha256_update(&h, k->key, k->key_len);
	sha256_final(&h, digest);
	return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
	       (uint32_t)digest[2] << 8 | digest[3];
}

/* The length of such a key; 0: no such type. */
static size_t key_length(unsigned char type)
{
	switch (type) {
	case NOTE_ED25519:
	case NOTE_COSIGNATURE:
		return NOTE_ED25519_KEY;
	case NOTE_ML_DSA_44:
		return NOTE_ML_DSA_KEY;
	default:
		return 0;
	}
}

static bool good_name(struct span name)
{
	size_t i;

	if (!name.n || name.n > NOTE_MAX_NAME || !text_is_utf8(name))
		return false;
	for (i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ' || name.p[i] == '+')
			return false;
	return true;
}

static int bad_vkey(struct err *e, const char *why)
{
	return err_set(e, ERR_CONFIG, "no vkey: %s", why);
}

static int take_key(struct note_vkey *out, struct span text, struct err *e)
{
	struct buf raw = BUF_INIT(1 + NOTE_ML_DSA_KEY);
	int rc = 0;

	if (!base64_decode(&raw, text) || !raw.len)
		rc = bad_vkey(e, "the key is no base64, or too long");
	else if (!key_length((unsigned char)raw.data[0]))
		rc = bad_vkey(e, "a type of key that is not known here");
	else if (raw.len - 1 != key_length((unsigned char)raw.data[0]))
		rc = bad_vkey(e, "the key has not the length of its type");
	if (!rc) {
		out->type = (enum note_type)(unsigned char)raw.data[0];
		out->key_len = raw.len - 1;
		memcpy(out->key, raw.data + 1, out->key_len);
	}
	buf_release(&raw);
	return rc;
}

int note_vkey_parse(struct note_vkey *out, struct span text, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span name, id;
	unsigned char raw[4];
	int rc;

	*out = (struct note_vkey){0};
	if (!cursor_until(&c, '+', &name) || !good_name(name) ||
	    !cursor_until(&c, '+', &id) || !hex_decode(id, raw, sizeof(raw)))
		return bad_vkey(e, "it is NAME+8 hex digits+base64");
	memcpy(out->name, name.p, name.n);
	out->id = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 |
		  (uint32_t)raw[2] << 8 | raw[3];
	rc = take_key(out, span_of(c.p, cursor_left(&c)), e);
	if (!rc && out->id != note_key_id(out))
		rc = bad_vkey(e, "its id is not that of its name and key");
	return rc;
}

void note_vkey_write(const struct note_vkey *k, struct buf *out)
{
	unsigned char raw[1 + NOTE_ML_DSA_KEY];

	raw[0] = (unsigned char)k->type;
	memcpy(raw + 1, k->key, k->key_len);
	buf_addf(out, "%s+%08" PRIx32 "+", k->name, k->id);
	base64_encode(out, raw, 1 + k->key_len);
}

int note_vkeys_add(struct note_vkeys *out, const struct note_vkey *k,
		   struct err *e)
{
	int rc = array_push(&out->v, out->n, &out->cap, NOTE_MAX_KEYS);

	if (rc == -2)
		return err_set(e, ERR_LIMIT, "more than %d keys",
			       NOTE_MAX_KEYS);
	if (rc)
		return err_nomem(e);
	out->v[out->n++] = *k;
	return 0;
}

int note_vkeys_parse(struct note_vkeys *out, struct span text, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct note_vkey k;
	struct span line;
	int rc = 0;

	while (!rc && cursor_line(&c, &line)) {
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		rc = note_vkey_parse(&k, line, e);
		if (!rc)
			rc = note_vkeys_add(out, &k, e);
	}
	return rc;
}

void note_vkeys_release(struct note_vkeys *k)
{
	free(k->v);
	*k = (struct note_vkeys){0};
}
