/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>

#include "base/encode.h"
#include "trust/ssh_key.h"
#include "trust/ssh_sig.h"
#include "trust_help.h"

static struct signers *allowed;

static void load_allowed(void)
{
	struct buf b;

	vector(&b, "allowed_signers");
	allowed = signers_of(b.data, NULL);
	buf_release(&b);
}

static void free_allowed(void)
{
	signers_free(allowed);
}

/* The parts of a signature, to be changed and put together again. */
struct parts {
	char magic[8];
	unsigned char version;
	struct buf key, name_space, reserved, hash, algorithm, body, tail;
	struct buf behind_signature, behind_all;
};

static void copy(struct buf *to, struct span from)
{
	buf_init(to, SSH_SIG_MAX_BLOB);
	buf_add(to, from.p, from.n);
}

static void take_apart(struct parts *p, const char *name)
{
	struct buf file, raw = BUF_INIT(SSH_SIG_MAX_BLOB), joined;
	struct span line, s[5], algorithm, body;
	struct cursor c;
	size_t i;

	vector(&file, name);
	buf_init(&joined, SSH_SIG_MAX_TEXT);
	c = cursor_of(file.data, file.len);
	while (cursor_line(&c, &line))
		if (line.p[0] != '-')
			buf_add(&joined, line.p, line.n);
	ck_assert(base64_decode(&raw, span_of(joined.data, joined.len)));
	memset(p, 0, sizeof(*p));
	strcpy(p->magic, "SSHSIG");
	p->version = 1;
	c = cursor_of(raw.data + 10, raw.len - 10);
	for (i = 0; i < 5; i++)
		ck_assert(cursor_string(&c, &s[i]));
	copy(&p->key, s[0]);
	copy(&p->name_space, s[1]);
	copy(&p->reserved, s[2]);
	copy(&p->hash, s[3]);
	c = cursor_of(s[4].p, s[4].n);
	ck_assert(cursor_string(&c, &algorithm) && cursor_string(&c, &body));
	copy(&p->algorithm, algorithm);
	copy(&p->body, body);
	copy(&p->tail, span_of(c.p, cursor_left(&c)));
	copy(&p->behind_signature, span_of("", 0));
	copy(&p->behind_all, span_of("", 0));
	buf_release(&joined);
	buf_release(&raw);
	buf_release(&file);
}

static void put(struct buf *b, const struct buf *s)
{
	const char n[4] = {0, 0, (char)(s->len >> 8), (char)s->len};

	buf_add(b, n, 4);
	buf_add(b, s->data, s->len);
}

/* The armoured text of the parts, in lines of `width`. Frees them. */
static void put_together(struct parts *p, size_t width, struct buf *text)
{
	struct buf raw = BUF_INIT(2 * SSH_SIG_MAX_BLOB), sig, joined;
	const char version[4] = {0, 0, 0, (char)p->version};
	size_t i;

	buf_init(&sig, SSH_SIG_MAX_BLOB);
	buf_init(&joined, SSH_SIG_MAX_TEXT);
	buf_init(text, 2 * SSH_SIG_MAX_TEXT);
	buf_adds(&raw, p->magic);
	buf_add(&raw, version, 4);
	put(&raw, &p->key);
	put(&raw, &p->name_space);
	put(&raw, &p->reserved);
	put(&raw, &p->hash);
	put(&sig, &p->algorithm);
	put(&sig, &p->body);
	buf_add(&sig, p->tail.data, p->tail.len);
	buf_add(&sig, p->behind_signature.data, p->behind_signature.len);
	put(&raw, &sig);
	buf_add(&raw, p->behind_all.data, p->behind_all.len);
	base64_encode(&joined, raw.data, raw.len);
	buf_adds(text, "-----BEGIN SSH SIGNATURE-----\n");
	for (i = 0; i < joined.len; i += width)
		buf_addf(text, "%.*s\n", (int)width, joined.data + i);
	buf_adds(text, "-----END SSH SIGNATURE-----\n");
	buf_release(&raw);
	buf_release(&sig);
	buf_release(&joined);
	buf_release(&p->key);
	buf_release(&p->name_space);
	buf_release(&p->reserved);
	buf_release(&p->hash);
	buf_release(&p->algorithm);
	buf_release(&p->body);
	buf_release(&p->tail);
	buf_release(&p->behind_signature);
	buf_release(&p->behind_all);
}

static void assert_parts(struct parts *p, size_t width,
			 enum signature_status want, const char *word)
{
	struct signature got;
	struct buf text;

	put_together(p, width, &text);
	got = verify_text(allowed, span_of(text.data, text.len), NOON);
	assert_signature(&got, want, word);
	buf_release(&text);
}

static void set(struct buf *b, const char *text)
{
	buf_clear(b);
	buf_adds(b, text);
}

START_TEST(armour_of_64_to_76_columns_is_taken)
{
	static const size_t widths[] = {64, 70, 72, 76};
	struct parts p;
	size_t i;

	for (i = 0; i < 4; i++) {
		take_apart(&p, "ed25519.sig");
		assert_parts(&p, widths[i], SIG_GOOD, "");
	}
	take_apart(&p, "ed25519.sig");
	assert_parts(&p, 60, SIG_MALFORMED, "too short");
	take_apart(&p, "ed25519.sig");
	assert_parts(&p, 80, SIG_MALFORMED, "too long");
}
END_TEST

/* One change of the armoured text each. */
static const struct {
	const char *from, *to, *word;
} armours[] = {
	{"-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE----- \n",
	 "BEGIN"},
	{"-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE-----\r\n",
	 "BEGIN"},
	{"-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE-----\n\n",
	 "one width"},
	{"-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----", "END"},
	{"-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n\n",
	 "END"},
	{"-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\nx\n",
	 "END"},
	{"\n-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n",
	 "END"},
	{"\n-----END SSH SIGNATURE-----\n", "\n\n-----END SSH SIGNATURE-----\n",
	 "one width"},
	{"U1NIU0lH", "U1NIU0lH ", "one width"},
	{"U1NIU0lH", "U1NI U0lH", "one width"},
	{"U1NIU0lH", "U1NIU0-H", "base64"},
	{"U1NIU0lH", "U1NIU0l", "too long"},
	{"U1NIU0lH", "U1NIU\r0lH", "one width"},
};

static void replace(struct buf *out, const char *text, size_t i)
{
	const char *at = strstr(text, armours[i].from);

	ck_assert_ptr_nonnull(at);
	buf_init(out, SSH_SIG_MAX_TEXT);
	buf_add(out, text, (size_t)(at - text));
	buf_adds(out, armours[i].to);
	buf_adds(out, at + strlen(armours[i].from));
}

START_TEST(armour_in_any_other_form_is_malformed)
{
	struct signature got;
	struct buf b, changed;
	size_t i;

	vector(&b, "ed25519.sig");
	for (i = 0; i < sizeof(armours) / sizeof(armours[0]); i++) {
		replace(&changed, b.data, i);
		got = verify_text(allowed, span_of(changed.data, changed.len),
				  NOON);
		assert_signature(&got, SIG_MALFORMED, armours[i].word);
		buf_release(&changed);
	}
	buf_release(&b);
}
END_TEST

START_TEST(frame_in_any_other_form_is_refused)
{
	struct parts p;

	take_apart(&p, "ed25519.sig");
	strcpy(p.magic, "SSHSIX");
	assert_parts(&p, 70, SIG_MALFORMED, "no SSHSIG");
	take_apart(&p, "ed25519.sig");
	p.version = 2;
	assert_parts(&p, 70, SIG_UNSUPPORTED, "version is 2");
	take_apart(&p, "ed25519.sig");
	p.version = 0;
	assert_parts(&p, 70, SIG_UNSUPPORTED, "version is 0");
	take_apart(&p, "ed25519.sig");
	set(&p.name_space, "file");
	assert_parts(&p, 70, SIG_BAD, "not for git");
	take_apart(&p, "ed25519.sig");
	set(&p.reserved, "x");
	assert_parts(&p, 70, SIG_MALFORMED, "reserved");
	take_apart(&p, "ed25519.sig");
	set(&p.hash, "sha1");
	assert_parts(&p, 70, SIG_UNSUPPORTED, "sha256 nor sha512");
	take_apart(&p, "ed25519.sig");
	set(&p.hash, "sha256");
	assert_parts(&p, 70, SIG_BAD, "does not match");
	take_apart(&p, "ed25519.sig");
	buf_adds(&p.behind_all, "x");
	assert_parts(&p, 70, SIG_MALFORMED, "bytes follow");
	take_apart(&p, "ed25519.sig");
	buf_adds(&p.behind_signature, "x");
	assert_parts(&p, 70, SIG_MALFORMED, "bytes follow");
	take_apart(&p, "ed25519.sig");
	buf_adds(&p.key, "x");
	assert_parts(&p, 70, SIG_MALFORMED, "key");
}
END_TEST

START_TEST(algorithm_that_does_not_fit_the_key_is_refused)
{
	struct parts p;

	take_apart(&p, "rsa.sig");
	set(&p.algorithm, "ssh-rsa");
	assert_parts(&p, 70, SIG_UNSUPPORTED, "ssh-rsa");
	take_apart(&p, "rsa.sig");
	set(&p.algorithm, "rsa-sha2-256");
	assert_parts(&p, 70, SIG_BAD, "does not match");
	take_apart(&p, "ed25519.sig");
	set(&p.algorithm, "rsa-sha2-512");
	assert_parts(&p, 70, SIG_UNSUPPORTED, "rsa-sha2-512");
	take_apart(&p, "p256.sig");
	set(&p.algorithm, "ecdsa-sha2-nistp384");
	assert_parts(&p, 70, SIG_UNSUPPORTED, "nistp384");
	take_apart(&p, "sk-p256-01.sig");
	set(&p.algorithm, "webauthn-sk-ecdsa-sha2-nistp256@openssh.com");
	assert_parts(&p, 70, SIG_UNSUPPORTED, "webauthn");
}
END_TEST

/* S + L, in little-endian: the same signature to a careless verifier. */
static void add_order(char *s)
{
	static const unsigned char order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,	      0xd6,
		0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < 32; i++) {
		sum += (unsigned)(unsigned char)s[i] + order[i];
		s[i] = (char)(sum & 0xff);
		sum >>= 8;
	}
}

START_TEST(ed25519_has_one_length_and_a_small_s)
{
	struct parts p;

	take_apart(&p, "ed25519.sig");
	add_order(p.body.data + 32);
	assert_parts(&p, 70, SIG_MALFORMED, "group's order");
	take_apart(&p, "ed25519.sig");
	buf_addch(&p.body, 0);
	assert_parts(&p, 70, SIG_MALFORMED, "64 bytes");
	take_apart(&p, "ed25519.sig");
	buf_truncate(&p.body, 63);
	assert_parts(&p, 70, SIG_MALFORMED, "64 bytes");
}
END_TEST

START_TEST(rsa_has_one_length)
{
	struct parts p;
	struct buf padded = BUF_INIT(SSH_SIG_MAX_BLOB);

	take_apart(&p, "rsa.sig");
	buf_addch(&padded, 0);
	buf_add(&padded, p.body.data, p.body.len);
	buf_release(&p.body);
	p.body = padded;
	assert_parts(&p, 70, SIG_MALFORMED, "modulus");
	take_apart(&p, "rsa.sig");
	buf_truncate(&p.body, p.body.len - 1);
	assert_parts(&p, 70, SIG_MALFORMED, "modulus");
	take_apart(&p, "rsa.sig");
	memset(p.body.data, 0xff, p.body.len); /* not below the modulus */
	assert_parts(&p, 70, SIG_BAD, "does not match");
}
END_TEST

static void put_number(struct buf *b, const BIGNUM *n)
{
	unsigned char bytes[80] = {0};
	int len = BN_bn2bin(n, bytes + 1), sign = bytes[1] & 0x80 ? 1 : 0;
	struct buf one = BUF_INIT(80);

	buf_add(&one, bytes + 1 - sign, (size_t)(len + sign));
	put(b, &one);
	buf_release(&one);
}

static BIGNUM *number(struct span s)
{
	return BN_bin2bn((const unsigned char *)s.p, (int)s.n, NULL);
}

START_TEST(ecdsa_is_taken_with_either_s)
{
	static const char *const names[] = {"p256.sig", "p384.sig", "p521.sig"};
	BIGNUM *r, *s, *order;
	struct ssh_key key;
	struct cursor c;
	struct span v;
	struct parts p;
	const char *why;
	size_t i;

	for (i = 0; i < 3; i++) {
		take_apart(&p, names[i]);
		ck_assert_int_eq(ssh_key_parse(&key,
					       span_of(p.key.data, p.key.len),
					       &why),
				 0);
		order = number(
			span_of(key.type->curve->order, key.type->curve->size));
		c = cursor_of(p.body.data, p.body.len);
		ck_assert(ssh_take_mpint(&c, &v));
		r = number(v);
		ck_assert(ssh_take_mpint(&c, &v));
		s = number(v);
		BN_sub(s, order, s);
		buf_clear(&p.body);
		put_number(&p.body, r);
		put_number(&p.body, s);
		assert_parts(&p, 70, SIG_GOOD, "");
		BN_free(r);
		BN_free(s);
		BN_free(order);
	}
}
END_TEST

START_TEST(ecdsa_numbers_have_one_form_and_range)
{
	static const struct {
		const char *r, *word;
		size_t n;
	} bad[] = {{"\0\0\0\0", "shortest", 4},
		   {"\0\0\0\1\0", "shortest", 5},
		   {"\0\0\0\2\0\1", "shortest", 6},
		   {"\0\0\0\1\x81", "shortest", 5},
		   {"\0\0\0\x22\1", "shortest", 5},
		   {"\0\0\0\x21\0\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff"
		    "\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca"
		    "\xc2\xfc\x63\x25\x51",
		    "order", 37}};
	struct parts p;
	struct span r;
	struct cursor c;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf body = BUF_INIT(SSH_SIG_MAX_BLOB);

		take_apart(&p, "p256.sig");
		c = cursor_of(p.body.data, p.body.len);
		ck_assert(cursor_string(&c, &r));
		buf_add(&body, bad[i].r, bad[i].n);
		buf_add(&body, c.p, cursor_left(&c));
		buf_release(&p.body);
		p.body = body;
		assert_parts(&p, 70, SIG_MALFORMED, bad[i].word);
	}
	take_apart(&p, "p256.sig");
	buf_addch(&p.body, 0);
	assert_parts(&p, 70, SIG_MALFORMED, "follow r and s");
}
END_TEST

START_TEST(security_key_without_flags_or_with_more_is_malformed)
{
	struct parts p;

	take_apart(&p, "sk-ed25519-01.sig");
	buf_truncate(&p.tail, 4);
	assert_parts(&p, 70, SIG_MALFORMED, "flags and counter");
	take_apart(&p, "sk-ed25519-01.sig");
	buf_addch(&p.tail, 0);
	assert_parts(&p, 70, SIG_MALFORMED, "bytes follow");
	take_apart(&p, "sk-ed25519-00.sig");
	p.tail.data[0] = 1; /* a touch that nobody signed */
	assert_parts(&p, 70, SIG_BAD, "does not match");
}
END_TEST

START_TEST(signature_longer_than_any_is_malformed)
{
	struct signature got;
	struct parts p;
	struct buf text;

	take_apart(&p, "ed25519.sig");
	while (p.behind_all.len < 8000)
		buf_adds(&p.behind_all, "0123456789abcdef");
	put_together(&p, 70, &text);
	got = verify_text(allowed, span_of(text.data, text.len), NOON);
	assert_signature(&got, SIG_MALFORMED, "");
	buf_release(&text);
}
END_TEST

Suite *suite_canonical(void)
{
	Suite *s = suite_create("canonical ssh signatures");
	TCase *t = tcase_create("canonical");

	tcase_add_checked_fixture(t, load_allowed, free_allowed);
	tcase_add_test(t, armour_of_64_to_76_columns_is_taken);
	tcase_add_test(t, armour_in_any_other_form_is_malformed);
	tcase_add_test(t, frame_in_any_other_form_is_refused);
	tcase_add_test(t, algorithm_that_does_not_fit_the_key_is_refused);
	tcase_add_test(t, ed25519_has_one_length_and_a_small_s);
	tcase_add_test(t, rsa_has_one_length);
	tcase_add_test(t, ecdsa_is_taken_with_either_s);
	tcase_add_test(t, ecdsa_numbers_have_one_form_and_range);
	tcase_add_test(t, security_key_without_flags_or_with_more_is_malformed);
	tcase_add_test(t, signature_longer_than_any_is_malformed);
	suite_add_tcase(s, t);
	return s;
}
