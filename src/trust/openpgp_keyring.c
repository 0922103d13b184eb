/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/openpgp_keyring.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/encode.h"

/* Packet types, RFC 9580, 5. */
enum {
	PACKET_SIGNATURE = 2,
	PACKET_SECRET_KEY = 5,
	PACKET_KEY = 6,
	PACKET_SECRET_SUBKEY = 7,
	PACKET_TRUST = 12,
	PACKET_USER = 13,
	PACKET_SUBKEY = 14,
	PACKET_ATTRIBUTE = 17
};

enum { SHA1_SIZE = 20, KEYBOX_MAGIC = 8 };

struct packet {
	unsigned type;
	struct span body;
};

/* 4.2.1: one, two or five octets; partial lengths are for messages. */
static bool read_new_length(struct cursor *c, uint32_t *n)
{
	uint8_t first, second;

	if (!cursor_u8(c, &first))
		return false;
	*n = first;
	if (first < 192)
		return true;
	if (first == 255)
		return cursor_u32(c, n);
	if (first >= 224 || !cursor_u8(c, &second))
		return false;
	*n = ((uint32_t)(first - 192) << 8) + second + 192;
	return true;
}

/* 4.2.2; an indeterminate length is for messages, too. */
static bool read_old_length(struct cursor *c, unsigned kind, uint32_t *n)
{
	uint8_t one;
	uint16_t two;

	switch (kind) {
	case 0:
		if (!cursor_u8(c, &one))
			return false;
		*n = one;
		return true;
	case 1:
		if (!cursor_u16(c, &two))
			return false;
		*n = two;
		return true;
	default:
		return kind == 2 && cursor_u32(c, n);
	}
}

static bool read_packet(struct cursor *c, struct packet *p)
{
	uint32_t n = 0;
	uint8_t head;

	if (!cursor_u8(c, &head) || !(head & 0x80))
		return false;
	if (head & 0x40) {
		p->type = head & 0x3f;
		if (!read_new_length(c, &n))
			return false;
	} else {
		p->type = head >> 2 & 0x0f;
		if (!read_old_length(c, head & 3, &n))
			return false;
	}
	return cursor_take(c, n, &p->body);
}

/* 5.5.4.2; of other versions than 4 the key goes without a name */
static bool take_fingerprint(struct span body, char hex[OPENPGP_V4_HEX])
{
	unsigned char head[3] = {0x99, (unsigned char)(body.n >> 8),
				 (unsigned char)body.n};
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned n = 0;
	bool done = ctx && body.n && body.n <= UINT16_MAX && body.p[0] == 4 &&
		    EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1 &&
		    EVP_DigestUpdate(ctx, head, sizeof(head)) == 1 &&
		    EVP_DigestUpdate(ctx, body.p, body.n) == 1 &&
		    EVP_DigestFinal_ex(ctx, digest, &n) == 1 && n == SHA1_SIZE;
	size_t i;

	EVP_MD_CTX_free(ctx);
	hex[0] = '\0';
	if (!done)
		return false;
	hex_encode(digest, SHA1_SIZE, hex);
	for (i = 0; hex[i]; i++)
		if (hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	return true;
}

static int weak(const char *path, struct span body, unsigned bits,
		struct err *e)
{
	char hex[OPENPGP_V4_HEX];
	bool named = take_fingerprint(body, hex);

	return err_set(e, ERR_CONFIG,
		       "%s: it has an RSA key of %u bits (%d to %d are "
		       "accepted)%s%s",
		       path, bits, OPENPGP_MIN_RSA_BITS, OPENPGP_MAX_RSA_BITS,
		       named ? ": " : "", hex);
}

/* 5.5.2: version, time, algorithm; from version 5 on a length; the key */
static int check_key(const char *path, struct span body, struct err *e)
{
	struct cursor c = cursor_of(body.p, body.n);
	uint8_t version, algorithm;
	uint32_t skipped;
	uint16_t bits;

	if (!cursor_u8(&c, &version) || version < 4 ||
	    !cursor_u32(&c, &skipped) || !cursor_u8(&c, &algorithm) ||
	    (version > 4 && !cursor_u32(&c, &skipped)) ||
	    !cursor_u16(&c, &bits))
		return err_set(e, ERR_CONFIG,
			       "%s: it has a key that cannot be read, or of "
			       "a version before 4",
			       path);
	if (algorithm >= 1 && algorithm <= 3 &&
	    (bits < OPENPGP_MIN_RSA_BITS || bits > OPENPGP_MAX_RSA_BITS))
		return weak(path, body, bits, e);
	return 0;
}

static int check_packet(const char *path, const struct packet *p, size_t *keys,
			struct err *e)
{
	switch (p->type) {
	case PACKET_KEY:
	case PACKET_SUBKEY:
		++*keys;
		return check_key(path, p->body, e);
	case PACKET_SIGNATURE:
	case PACKET_TRUST:
	case PACKET_USER:
	case PACKET_ATTRIBUTE:
		return 0;
	case PACKET_SECRET_KEY:
	case PACKET_SECRET_SUBKEY:
		return err_set(e, ERR_CONFIG,
			       "%s: it has secret keys; write it with gpg "
			       "--export",
			       path);
	default:
		return err_set(e, ERR_CONFIG, "%s: it has more in it than keys",
			       path);
	}
}

int openpgp_keyring_check(const char *path, struct span content, struct err *e)
{
	struct cursor c = cursor_of(content.p, content.n);
	size_t keys = 0, n = 0;
	struct packet p;

	if (span_starts(content, "-----BEGIN"))
		return err_set(e, ERR_CONFIG,
			       "%s: it is armoured; write it with gpg "
			       "--export, without --armor",
			       path);
	if (content.n > KEYBOX_MAGIC + 4 &&
	    !memcmp(content.p + KEYBOX_MAGIC, "KBXf", 4))
		return err_set(e, ERR_CONFIG,
			       "%s: it is a keybox; write a keyring with gpg "
			       "--export",
			       path);
	while (cursor_left(&c)) {
		int rc;

		if (n++ >= OPENPGP_MAX_PACKETS || !read_packet(&c, &p))
			return err_set(e, ERR_CONFIG, "%s: it is no keyring",
				       path);
		rc = check_packet(path, &p, &keys, e);
		if (rc)
			return rc;
	}
	if (!keys)
		return err_set(e, ERR_CONFIG, "%s: the keyring is empty", path);
	return 0;
}

int openpgp_keyring_each(struct span content, openpgp_key_fn *fn, void *ctx)
{
	struct cursor c = cursor_of(content.p, content.n);
	char hex[OPENPGP_V4_HEX];
	struct packet p;
	size_t n = 0;
	int rc = 0;

	while (!rc && cursor_left(&c) && n++ < OPENPGP_MAX_PACKETS &&
	       read_packet(&c, &p)) {
		if (p.type != PACKET_KEY && p.type != PACKET_SUBKEY)
			continue;
		take_fingerprint(p.body, hex);
		rc = fn(ctx, hex, p.type == PACKET_KEY);
	}
	return rc;
}
