/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_sig.h"

#include <stdio.h>
#include <string.h>

#include "base/encode.h"

static const char begin_line[] = "-----BEGIN SSH SIGNATURE-----\n";
static const char end_line[] = "-----END SSH SIGNATURE-----\n";

void ssh_sig_init(struct ssh_sig *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->raw, SSH_SIG_MAX_BLOB);
}

void ssh_sig_release(struct ssh_sig *s)
{
	buf_release(&s->raw);
}

bool ssh_sig_is(struct span text)
{
	return span_starts(text, "-----BEGIN SSH SIGNATURE-----");
}

/* Join the lines of base64; @return what is wrong with them, or NULL */
static const char *join_lines(struct cursor *body, struct buf *joined)
{
	struct span line;
	size_t width = 0;
	bool last = false;

	while (cursor_line(body, &line)) {
		if (!line.n || last)
			return "its lines are not of one width";
		if (!width && cursor_left(body)) {
			width = line.n;
			if (width < SSH_SIG_MIN_WIDTH)
				return "its lines are too short";
		}
		if (line.n > SSH_SIG_MAX_WIDTH || (width && line.n > width))
			return "its lines are too long";
		last = width && line.n < width;
		if (buf_add(joined, line.p, line.n))
			return "it is too long";
	}
	return joined->len ? NULL : "it is empty";
}

/* @return NULL, or what is wrong */
static const char *unarmour(struct span text, struct buf *joined,
			    struct buf *raw)
{
	const size_t begin = sizeof(begin_line) - 1, end = sizeof(end_line) - 1;
	struct cursor body;
	const char *wrong;

	if (text.n > SSH_SIG_MAX_TEXT)
		return "it is too long";
	if (!span_starts(text, begin_line) || text.n < begin + end)
		return "its BEGIN line is not exact";
	if (memcmp(text.p + text.n - end, end_line, end) != 0 ||
	    text.p[text.n - end - 1] != '\n')
		return "it does not end in exactly its END line";
	body = cursor_of(text.p + begin, text.n - begin - end);
	wrong = join_lines(&body, joined);
	if (!wrong && !base64_decode(raw, span_of(joined->data, joined->len)))
		wrong = "it is not in canonical base64";
	return wrong;
}

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

static const char *read_ecdsa(struct ssh_sig *s, struct span body)
{
	struct cursor c = cursor_of(body.p, body.n);
	const struct ssh_curve *curve = s->key.type->curve;

	if (!ssh_take_mpint(&c, &s->r) || !ssh_take_mpint(&c, &s->s))
		return "r and s are not shortest positive numbers";
	if (cursor_left(&c))
		return "bytes follow r and s";
	if (!below_order(s->r, curve) || !below_order(s->s, curve))
		return "r or s is not below the curve's order";
	return NULL;
}

static const char *read_body(struct ssh_sig *s, struct span body)
{
	s->bytes = body;
	switch (s->key.type->kind) {
	case SSH_KEY_ED25519:
		if (body.n != 64)
			return "an Ed25519 signature has 64 bytes";
		if (!ed25519_below_order(body.p + 32))
			return "S is not below the group's order";
		return NULL;
	case SSH_KEY_ECDSA:
		return read_ecdsa(s, body);
	case SSH_KEY_RSA:
		return body.n == s->key.n.n ? NULL
					    : "it is not as long as the RSA "
					      "modulus";
	case SSH_KEY_NONE:
		break;
	}
	return "its key's type is not known";
}

static bool algorithm_fits(const struct ssh_sig *s)
{
	if (s->key.type->kind == SSH_KEY_RSA)
		return span_is(s->algorithm, "rsa-sha2-256") ||
		       span_is(s->algorithm, "rsa-sha2-512");
	return span_is(s->algorithm, s->key.type->name);
}

/* The innermost string: algorithm, signature, and what a token adds. */
static void read_signature(struct ssh_sig *s, struct span sig,
			   struct signature *out)
{
	struct cursor c = cursor_of(sig.p, sig.n);
	const char *wrong;
	struct span body;

	if (!cursor_string(&c, &s->algorithm) || !cursor_string(&c, &body)) {
		signature_say(out, SIG_MALFORMED, "the signature is cut short");
		return;
	}
	if (!algorithm_fits(s)) {
		signature_say(out, SIG_UNSUPPORTED,
			      "algorithm %.*s is not accepted for a key of "
			      "type %s",
			      (int)(s->algorithm.n > 48 ? 48 : s->algorithm.n),
			      s->algorithm.p, s->key.type->name);
		return;
	}
	wrong = read_body(s, body);
	if (!wrong && s->key.type->sk &&
	    (!cursor_u8(&c, &s->flags) || !cursor_u32(&c, &s->counter)))
		wrong = "a security key's flags and counter are missing";
	if (!wrong && cursor_left(&c))
		wrong = "bytes follow its parts";
	if (wrong)
		signature_say(out, SIG_MALFORMED,
			      "the signature is not canonical: %s", wrong);
}

static void read_key(struct ssh_sig *s, struct span blob, struct signature *out)
{
	const char *why;
	enum ssh_key_fault fault = ssh_key_parse(&s->key, blob, &why);

	ssh_key_fingerprint(blob, out->fingerprint);
	if (s->key.type)
		snprintf(out->key_type, sizeof(out->key_type), "%s",
			 s->key.type->name);
	if (fault == SSH_KEY_CERTIFICATE)
		signature_say(out, SIG_UNSUPPORTED,
			      "it was made with an SSH certificate, which is "
			      "not accepted; sign with the plain key");
	else if (fault)
		signature_say(out,
			      fault == SSH_KEY_MALFORMED ? SIG_MALFORMED
							 : SIG_UNSUPPORTED,
			      "its key is not accepted: %s", why);
}

/* What stands between key and signature. @return false when `out` says why */
static bool check_frame(const struct ssh_sig *s, struct span name_space,
			struct span reserved, struct signature *out)
{
	if (!span_is(name_space, "git"))
		signature_say(out, SIG_BAD,
			      "it was made for \"%.*s\", not for git",
			      (int)(name_space.n > 40 ? 40 : name_space.n),
			      name_space.p);
	else if (reserved.n)
		signature_say(out, SIG_MALFORMED,
			      "its reserved field is not empty");
	else if (!span_is(s->hash, "sha256") && !span_is(s->hash, "sha512"))
		signature_say(out, SIG_UNSUPPORTED,
			      "its hash is neither sha256 nor sha512");
	return out->status == SIG_NONE;
}

static void read_blob(struct ssh_sig *s, struct signature *out)
{
	struct cursor c = cursor_of(s->raw.data, s->raw.len);
	struct span key, name_space, reserved, sig;
	uint32_t version;

	if (!cursor_literal(&c, "SSHSIG") || !cursor_u32(&c, &version)) {
		signature_say(out, SIG_MALFORMED, "it is no SSHSIG");
		return;
	}
	if (version != 1) {
		signature_say(out, SIG_UNSUPPORTED, "its version is %u, not 1",
			      (unsigned)version);
		return;
	}
	if (!cursor_string(&c, &key) || !cursor_string(&c, &name_space) ||
	    !cursor_string(&c, &reserved) || !cursor_string(&c, &s->hash) ||
	    !cursor_string(&c, &sig) || cursor_left(&c)) {
		signature_say(out, SIG_MALFORMED,
			      "it is cut short, or bytes follow its parts");
		return;
	}
	read_key(s, key, out);
	if (out->status == SIG_NONE &&
	    check_frame(s, name_space, reserved, out))
		read_signature(s, sig, out);
}

int ssh_sig_read(struct ssh_sig *s, struct span text, struct signature *out,
		 struct err *e)
{
	struct buf joined = BUF_INIT(SSH_SIG_MAX_BLOB / 3 * 4);
	size_t room = text.n < joined.max ? text.n : joined.max;
	const char *wrong;
	int rc = 0;

	/* all memory first, so that a full buffer means a long signature */
	if (buf_reserve(&joined, room) || buf_reserve(&s->raw, room / 4 * 3)) {
		rc = err_nomem(e);
		goto out;
	}
	wrong = unarmour(text, &joined, &s->raw);
	if (wrong)
		signature_say(out, SIG_MALFORMED,
			      "the signature's armour is not canonical: %s",
			      wrong);
	else
		read_blob(s, out);
out:
	buf_release(&joined);
	return rc;
}
