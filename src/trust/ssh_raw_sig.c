/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_raw_sig.h"

#include <string.h>

/* Whether big-endian `v`, without leading zeros, is below the order. */
static bool below_order(struct span v, const struct ssh_curve *curve)
{
	const unsigned char *order = curve->order;

	if (v.n != curve->size)
		return v.n < curve->size;
	return memcmp(v.p, order, v.n) < 0;
}

/* Ed25519's group order (RFC 8032, 5.1), little-endian. */
static bool ed25519_below_order(const char *s)
{
	static const unsigned char order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0,    0,    0,	  0,	0,    0,    0,	  0,
		0,    0,    0,	  0,	0,    0,    0,	  0x10};
	size_t i;

	for (i = sizeof(order); i-- > 0;) {
		unsigned char b = (unsigned char)s[i];

		if (b != order[i])
			return b < order[i];
	}
	return false;
}

static const char *read_ecdsa(struct ssh_raw_sig *s, const struct ssh_key *key,
			      struct span body)
{
	struct cursor c = cursor_of(body.p, body.n);
	const struct ssh_curve *curve = key->type->curve;

	if (!ssh_take_mpint(&c, &s->r) || !ssh_take_mpint(&c, &s->s))
		return "r and s are not shortest positive numbers";
	if (cursor_left(&c))
		return "bytes follow r and s";
	if (!below_order(s->r, curve) || !below_order(s->s, curve))
		return "r or s is not below the curve's order";
	return NULL;
}

static const char *read_body(struct ssh_raw_sig *s, const struct ssh_key *key,
			     struct span body)
{
	s->bytes = body;
	switch (key->type->kind) {
	case SSH_KEY_ED25519:
		if (body.n != 64)
			return "an Ed25519 signature has 64 bytes";
		if (!ed25519_below_order(body.p + 32))
			return "S is not below the group's order";
		return NULL;
	case SSH_KEY_ECDSA:
		return read_ecdsa(s, key, body);
	case SSH_KEY_RSA:
		return body.n == key->n.n ? NULL
					  : "it is not as long as the RSA "
					    "modulus";
	case SSH_KEY_NONE:
		break;
	}
	return "its key's type is not known";
}

static enum ssh_hash algorithm_hash(const struct ssh_key *key,
				    struct span algorithm)
{
	if (key->type->kind != SSH_KEY_RSA)
		return key->type->hash;
	return span_is(algorithm, "rsa-sha2-256") ? SSH_HASH_256 : SSH_HASH_512;
}

static bool algorithm_fits(const struct ssh_key *key, struct span algorithm)
{
	if (key->type->kind == SSH_KEY_RSA)
		return span_is(algorithm, "rsa-sha2-256") ||
		       span_is(algorithm, "rsa-sha2-512");
	return span_is(algorithm, key->type->name);
}

enum ssh_raw_fault ssh_raw_sig_read(struct ssh_raw_sig *raw,
				    const struct ssh_key *key, struct span sig,
				    const char **why)
{
	struct cursor c = cursor_of(sig.p, sig.n);
	struct span body;

	memset(raw, 0, sizeof(*raw));
	if (!cursor_string(&c, &raw->algorithm) || !cursor_string(&c, &body)) {
		*why = "it is cut short";
		return SSH_RAW_MALFORMED;
	}
	if (!algorithm_fits(key, raw->algorithm)) {
		*why = "its algorithm is not accepted for its key";
		return SSH_RAW_ALGORITHM;
	}
	raw->hash = algorithm_hash(key, raw->algorithm);
	*why = read_body(raw, key, body);
	if (!*why && key->type->sk &&
	    (!cursor_u8(&c, &raw->flags) || !cursor_u32(&c, &raw->counter)))
		*why = "a security key's flags and counter are missing";
	if (!*why && cursor_left(&c))
		*why = "bytes follow its parts";
	return *why ? SSH_RAW_MALFORMED : SSH_RAW_OK;
}
