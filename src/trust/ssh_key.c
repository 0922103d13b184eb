/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_key.h"

#include <string.h>

#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"

static const unsigned char order_p256[] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
	0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
static const unsigned char order_p384[] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
	0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};
static const unsigned char order_p521[] = {
	0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc,
	0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89,
	0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09};

static const struct ssh_curve p256 = {"nistp256", "P-256", 32, order_p256};
static const struct ssh_curve p384 = {"nistp384", "P-384", 48, order_p384};
static const struct ssh_curve p521 = {"nistp521", "P-521", 66, order_p521};

static const struct ssh_key_type types[] = {
	{"ssh-ed25519", SSH_KEY_ED25519, false, SSH_HASH_NONE, NULL},
	{"ecdsa-sha2-nistp256", SSH_KEY_ECDSA, false, SSH_HASH_256, &p256},
	{"ecdsa-sha2-nistp384", SSH_KEY_ECDSA, false, SSH_HASH_384, &p384},
	{"ecdsa-sha2-nistp521", SSH_KEY_ECDSA, false, SSH_HASH_512, &p521},
	{"ssh-rsa", SSH_KEY_RSA, false, SSH_HASH_NONE, NULL},
	{"sk-ssh-ed25519@openssh.com", SSH_KEY_ED25519, true, SSH_HASH_NONE,
	 NULL},
	{"sk-ecdsa-sha2-nistp256@openssh.com", SSH_KEY_ECDSA, true,
	 SSH_HASH_256, &p256},
};

const struct ssh_key_type *ssh_key_type_find(struct span name)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (span_is(name, types[i].name))
			return &types[i];
	return NULL;
}

static const char cert_tail[] = "-cert-v01@openssh.com";

bool ssh_key_type_is_certificate(struct span name)
{
	size_t n = sizeof(cert_tail) - 1;

	return name.n > n && memcmp(name.p + name.n - n, cert_tail, n) == 0;
}

const struct ssh_key_type *ssh_key_type_certified(struct span name)
{
	size_t i;

	if (!ssh_key_type_is_certificate(name))
		return NULL;
	name.n -= sizeof(cert_tail) - 1;
	/* types of a vendor have his domain once, at the very end */
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const char *plain = types[i].name;
		size_t n = strcspn(plain, "@");

		if (span_equal(name, span_of(plain, n)))
			return &types[i];
	}
	return NULL;
}

bool ssh_take_mpint(struct cursor *c, struct span *out)
{
	struct span s;

	if (!cursor_string(c, &s) || s.n == 0 || (s.p[0] & 0x80))
		return false;
	if (s.p[0] == 0) {
		/* a zero byte stands only where the number would be negative */
		if (s.n < 2 || !(s.p[1] & 0x80))
			return false;
		s = span_of(s.p + 1, s.n - 1);
	}
	*out = s;
	return true;
}

/*
 * Curve points whose order divides 8 (RFC 8032 has the curve): a signature
 * "by" such a key verifies for messages that nobody signed. Little-endian y,
 * without the sign of x.
 */
static const unsigned char small_order[][32] = {
	{0},
	{1},
	{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
	{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
	{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}};

/* Whether little-endian y is at least 2^255 - 19. */
static bool ed25519_beyond_field(const unsigned char y[32])
{
	size_t i;

	if (y[31] != 0x7f || y[0] < 0xed)
		return false;
	for (i = 1; i < 31; i++)
		if (y[i] != 0xff)
			return false;
	return true;
}

static enum ssh_key_fault parse_ed25519(struct ssh_key *k, struct cursor *c,
					const char **why)
{
	unsigned char y[32];
	size_t i;

	if (!cursor_string(c, &k->point) || k->point.n != sizeof(y)) {
		*why = "its Ed25519 point is not 32 bytes long";
		return SSH_KEY_MALFORMED;
	}
	memcpy(y, k->point.p, sizeof(y));
	y[31] &= 0x7f;
	if (ed25519_beyond_field(y)) {
		*why = "its Ed25519 point is not in canonical form";
		return SSH_KEY_MALFORMED;
	}
	for (i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++)
		if (memcmp(y, small_order[i], sizeof(y)) == 0) {
			*why = "its Ed25519 point is of small order";
			return SSH_KEY_WEAK;
		}
	return SSH_KEY_OK;
}

static enum ssh_key_fault parse_ecdsa(struct ssh_key *k, struct cursor *c,
				      const char **why)
{
	const struct ssh_curve *curve = k->type->curve;
	struct span name;

	if (!cursor_string(c, &name) || !span_is(name, curve->name)) {
		*why = "its curve is not that of its type";
		return SSH_KEY_MALFORMED;
	}
	if (!cursor_string(c, &k->point) || k->point.n != 1 + 2 * curve->size ||
	    k->point.p[0] != 4) {
		*why = "its point is not in uncompressed form";
		return SSH_KEY_MALFORMED;
	}
	return SSH_KEY_OK;
}

static size_t mpint_bits(struct span n)
{
	size_t bits = 8 * (n.n - 1);
	unsigned char top = (unsigned char)n.p[0];

	for (; top; top >>= 1)
		bits++;
	return bits;
}

static enum ssh_key_fault parse_rsa(struct ssh_key *k, struct cursor *c,
				    const char **why)
{
	if (!ssh_take_mpint(c, &k->e) || !ssh_take_mpint(c, &k->n)) {
		*why = "its exponent or modulus is not a shortest number";
		return SSH_KEY_MALFORMED;
	}
	if (mpint_bits(k->n) < SSH_KEY_MIN_RSA) {
		*why = "its RSA modulus has fewer than 2048 bits";
		return SSH_KEY_WEAK;
	}
	if (mpint_bits(k->n) > SSH_KEY_MAX_RSA) {
		*why = "its RSA modulus has more than 16384 bits";
		return SSH_KEY_UNSUPPORTED;
	}
	if (!(k->n.p[k->n.n - 1] & 1) || !(k->e.p[k->e.n - 1] & 1)) {
		*why = "its RSA modulus or exponent is even";
		return SSH_KEY_WEAK;
	}
	/* libcrypto takes no longer one with a large modulus */
	if (mpint_bits(k->e) < 2 || mpint_bits(k->e) > 64) {
		*why = "its RSA exponent is 1, or has more than 64 bits";
		return SSH_KEY_WEAK;
	}
	return SSH_KEY_OK;
}

static enum ssh_key_fault parse_type(struct ssh_key *k, struct cursor *c,
				     const char **why)
{
	struct span name;

	if (!cursor_string(c, &name)) {
		*why = "it is cut short";
		return SSH_KEY_MALFORMED;
	}
	k->type = ssh_key_type_find(name);
	if (k->type)
		return SSH_KEY_OK;
	if (ssh_key_type_is_certificate(name)) {
		*why = "it is a certificate";
		return SSH_KEY_CERTIFICATE;
	}
	*why = span_is(name, "ssh-dss") ? "DSA keys are too weak"
					: "its type is not known";
	return SSH_KEY_UNSUPPORTED;
}

static enum ssh_key_fault parse_body(struct ssh_key *k, struct cursor *c,
				     const char **why)
{
	switch (k->type->kind) {
	case SSH_KEY_ED25519:
		return parse_ed25519(k, c, why);
	case SSH_KEY_ECDSA:
		return parse_ecdsa(k, c, why);
	case SSH_KEY_RSA:
		return parse_rsa(k, c, why);
	case SSH_KEY_NONE:
		break;
	}
	*why = "its type is not known";
	return SSH_KEY_UNSUPPORTED;
}

enum ssh_key_fault ssh_key_take_parts(struct ssh_key *k, struct cursor *c,
				      const char **why)
{
	enum ssh_key_fault fault = parse_body(k, c, why);

	if (fault && fault != SSH_KEY_WEAK)
		return fault;
	if (k->type->sk && (!cursor_string(c, &k->application) ||
			    memchr(k->application.p, 0, k->application.n))) {
		*why = "its application is cut short or has a NUL";
		return SSH_KEY_MALFORMED;
	}
	return fault;
}

enum ssh_key_fault ssh_key_parse(struct ssh_key *k, struct span blob,
				 const char **why)
{
	struct cursor c = cursor_of(blob.p, blob.n);
	enum ssh_key_fault fault;

	*k = (struct ssh_key){.blob = blob};
	*why = "";
	if (blob.n > SSH_KEY_MAX_BLOB) {
		*why = "it is too long";
		return SSH_KEY_MALFORMED;
	}
	fault = parse_type(k, &c, why);
	if (!fault)
		fault = ssh_key_take_parts(k, &c, why);
	if (fault && fault != SSH_KEY_WEAK)
		return fault;
	if (cursor_left(&c)) {
		*why = "bytes stand behind its parts";
		return SSH_KEY_MALFORMED;
	}
	return fault;
}

static struct span take_word(struct cursor *c)
{
	const char *start;

	while (cursor_left(c) && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
	start = c->p;
	while (cursor_left(c) && *c->p != ' ' && *c->p != '\t')
		c->p++;
	return span_of(start, (size_t)(c->p - start));
}

const char *ssh_key_take(struct cursor *line, struct span *type,
			 struct buf *blob)
{
	size_t was = blob->len;
	struct cursor decoded;
	struct span text, inner;

	*type = take_word(line);
	text = take_word(line);
	if (!type->n || !text.n)
		return "a key's type and its base64 are expected";
	if (text.n > blob->max / 3 * 4 + 4)
		return "the key is too long";
	if (!base64_decode(blob, text))
		return "the key is not in base64";
	decoded = cursor_of(blob->data + was, blob->len - was);
	if (!cursor_string(&decoded, &inner) || !span_equal(inner, *type)) {
		buf_truncate(blob, was);
		return "the key is not of the type that stands before it";
	}
	return NULL;
}

void ssh_key_fingerprint(struct span blob, char out[SSH_KEY_FINGERPRINT])
{
	unsigned char digest[SHA256_SIZE];
	struct buf b;

	buf_init(&b, SSH_KEY_FINGERPRINT);
	sha256_of(blob.p, blob.n, digest);
	buf_adds(&b, "SHA256:");
	base64_encode(&b, digest, sizeof(digest));
	/* 32 bytes end in exactly one `=`, which OpenSSH leaves out */
	buf_truncate(&b, SSH_KEY_FINGERPRINT - 1);
	memset(out, 0, SSH_KEY_FINGERPRINT);
	memcpy(out, b.data, b.len);
	buf_release(&b);
}
