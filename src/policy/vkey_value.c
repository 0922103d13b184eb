/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"
#include "policy/check_value.h"

enum {
	MAX_NAME = 255,
	ID_BYTES = 4,
	/* C2SP tlog-cosignature: the type, and how long such a key is */
	ED25519_COSIGNATURE = 0x04,
	ED25519_BYTES = 32,
	ML_DSA_44 = 0x06,
	ML_DSA_44_BYTES = 1312
};

static bool is_cosigner(const struct buf *key)
{
	unsigned char type = key->len ? (unsigned char)key->data[0] : 0;

	if (type == ED25519_COSIGNATURE)
		return key->len == 1 + ED25519_BYTES;
	return type == ML_DSA_44 && key->len == 1 + ML_DSA_44_BYTES;
}

/* The first bytes of SHA-256(name || LF || type || key) */
static bool id_fits(struct span name, struct span id, const struct buf *key)
{
	unsigned char digest[SHA256_SIZE], given[ID_BYTES];
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, name.p, name.n);
	sha256_update(&h, "\n", 1);
	sha256_update(&h, key->data, key->len);
	sha256_final(&h, digest);
	return hex_decode(id, given, sizeof(given)) &&
	       !memcmp(given, digest, sizeof(given));
}

int value_is_vkey(const char *value, struct err *e)
{
	struct buf key = BUF_INIT(1 + ML_DSA_44_BYTES);
	struct cursor c = cursor_of(value, strlen(value));
	struct span name, id;
	int rc = 0;

	if (!cursor_until(&c, '+', &name) || !name.n || name.n > MAX_NAME ||
	    memchr(name.p, ' ', name.n) || !cursor_until(&c, '+', &id) ||
	    !base64_decode(&key, span_of(c.p, cursor_left(&c))))
		rc = err_set(e, ERR_CONFIG,
			     "is no vkey, which is NAME+8 hexadecimal "
			     "digits+base64");
	else if (!is_cosigner(&key))
		rc = err_set(e, ERR_CONFIG,
			     "is the vkey of something else than a witness, "
			     "whose keys are of type 4 or 6");
	else if (!id_fits(name, id, &key))
		rc = err_set(e, ERR_CONFIG,
			     "is a vkey whose parts do not belong together");
	buf_release(&key);
	return rc;
}
