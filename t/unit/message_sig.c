/* SPDX-License-Identifier: Apache-2.0 */

/**
 * HTTP Message Signatures: the published vectors of RFC 9421 and RFC 9530,
 * and what is covered of our own requests.
 */

#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "courier/message_sig.h"

#define CREATED 1618884473

/* RFC 9421, B.1.5 (a shared secret of 64 bytes) and B.1.4 (Ed25519). */
#define SHARED                                                                 \
	"whsec_"                                                               \
	"uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBt"      \
	"bmHhIDi6pcl8jsasjlTMtDQ=="
#define ED25519 "whsk_n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU="

static struct webhook_keys keys_of(const char *text)
{
	struct webhook_keys keys;
	struct err e = {0};

	ck_assert_msg(!webhook_keys_parse(&keys, span_str(text), &e), "%s",
		      e.msg);
	return keys;
}

/* The request of appendix B.2: what the vectors cover of it. */
static const struct message_component date = {
	"date", {"Tue, 20 Apr 2021 02:07:55 GMT", 29}};
static const struct message_component method = {"@method", {"POST", 4}};
static const struct message_component path = {"@path", {"/foo", 4}};
static const struct message_component authority = {"@authority",
						   {"example.com", 11}};
static const struct message_component type = {"content-type",
					      {"application/json", 16}};
static const struct message_component length = {"content-length", {"18", 2}};

static void check_vector(const struct message_component *v, size_t n,
			 const char *key, const char *key_id,
			 const char *wanted_params, const char *wanted)
{
	struct webhook_keys keys = keys_of(key);
	struct buf params = BUF_INIT(4096), base = BUF_INIT(4096),
		   sig = BUF_INIT(4096);
	struct err e = {0};

	message_params(v, n, CREATED, key_id, NULL, &params);
	ck_assert_str_eq(params.data, wanted_params);
	message_base(v, n, span_of(params.data, params.len), &base);
	ck_assert(!webhook_key_sign(&keys.v[0], span_of(base.data, base.len),
				    &sig, &e));
	ck_assert_str_eq(sig.data, wanted);
	buf_release(&params);
	buf_release(&base);
	buf_release(&sig);
}

START_TEST(vector_b25_hmac_sha256)
{
	const struct message_component v[] = {date, authority, type};

	check_vector(v, 3, SHARED, "test-shared-secret",
		     "(\"date\" \"@authority\" \"content-type\")"
		     ";created=1618884473;keyid=\"test-shared-secret\"",
		     "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
}
END_TEST

START_TEST(vector_b26_ed25519)
{
	const struct message_component v[] = {date,	 method, path,
					      authority, type,	 length};

	check_vector(v, 6, ED25519, "test-key-ed25519",
		     "(\"date\" \"@method\" \"@path\" \"@authority\" "
		     "\"content-type\" \"content-length\")"
		     ";created=1618884473;keyid=\"test-key-ed25519\"",
		     "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9E"
		     "DgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
}
END_TEST

START_TEST(digest_is_that_of_rfc9530)
{
	struct buf out = BUF_INIT(256);

	message_digest(span_str("{\"hello\": \"world\"}"), &out);
	ck_assert_str_eq(out.data,
			 "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE"
			 "=:");
	buf_release(&out);
}
END_TEST

static const char *header_of(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->nheaders; i++)
		if (!strncmp(r->headers[i], name, strlen(name)))
			return r->headers[i] + strlen(name);
	ck_abort_msg("no %s", name);
	return NULL;
}

/* Signs a request to `url`; what is covered is then in *input. */
static int sign(const char *key, const char *url, const char *content_type,
		struct request *r, struct err *e)
{
	struct webhook_keys keys = keys_of(key);

	request_init(r);
	r->method = content_type ? "POST" : "GET";
	buf_adds(&r->url, url);
	r->content_type = content_type;
	r->body = span_str(content_type ? "{}" : "");
	return message_sign(&keys, "k", CREATED, r, e);
}

START_TEST(a_post_covers_where_and_what)
{
	struct request r;
	struct err e = {0};

	ck_assert(!sign(SHARED, "https://GRC.example.com:443/a?b=c#d",
			"application/json", &r, &e));
	ck_assert_str_eq(header_of(&r, "Signature-Input: "),
			 "sig1=(\"@method\" \"@authority\" \"@path\" \"@query\""
			 " \"content-type\" \"content-digest\")"
			 ";created=1618884473;keyid=\"k\";alg=\"hmac-sha256\"");
	ck_assert_str_eq(header_of(&r, "Content-Digest: "),
			 "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o"
			 "=:");
	request_release(&r);
}
END_TEST

/* Two ways to write one address sign the same; another address does not. */
START_TEST(the_address_is_signed_as_the_receiver_sees_it)
{
	static const char *const same[] = {"https://grc.example.com/",
					   "https://GRC.example.com:443",
					   "https://grc.example.com#x"};
	static const char *const other[] = {
		"https://grc.example.com:444/", "https://grc.example.org/",
		"https://grc.example.com/a", "https://grc.example.com/?"};
	struct request a, b;
	struct err e = {0};

	ck_assert(!sign(SHARED, same[0], "text/plain", &a, &e));
	for (size_t i = 1; i < 3; i++) {
		ck_assert(!sign(SHARED, same[i], "text/plain", &b, &e));
		ck_assert_str_eq(header_of(&a, "Signature: "),
				 header_of(&b, "Signature: "));
		request_release(&b);
	}
	for (size_t i = 0; i < 4; i++) {
		ck_assert(!sign(SHARED, other[i], "text/plain", &b, &e));
		ck_assert_str_ne(header_of(&a, "Signature: "),
				 header_of(&b, "Signature: "));
		request_release(&b);
	}
	request_release(&a);
}
END_TEST

START_TEST(a_get_has_no_digest)
{
	struct request r;
	struct err e = {0};

	ck_assert(!sign(ED25519, "http://127.0.0.1:8080/x", NULL, &r, &e));
	ck_assert_str_eq(header_of(&r, "Signature-Input: "),
			 "sig1=(\"@method\" \"@authority\" \"@path\")"
			 ";created=1618884473;keyid=\"k\";alg=\"ed25519\"");
	ck_assert_uint_eq(r.nheaders, 2);
	request_release(&r);
}
END_TEST

START_TEST(two_keys_make_two_signatures)
{
	struct request r;
	struct err e = {0};

	ck_assert(!sign(SHARED " " ED25519, "https://a.example/", "text/plain",
			&r, &e));
	ck_assert_uint_eq(r.nheaders, 5);
	ck_assert_ptr_nonnull(
		strstr(r.headers[3], "keyid=\"k-2\";alg=\"ed25519\""));
	ck_assert_ptr_nonnull(strstr(r.headers[4], "Signature: sig2=:"));
	request_release(&r);
}
END_TEST

START_TEST(another_scheme_is_refused)
{
	struct request r;
	struct err e = {0};

	ck_assert_int_eq(sign(SHARED, "ftp://a.example/", "text/plain", &r, &e),
			 ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.msg, "cannot be signed"));
	request_release(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("message_sig");
	TCase *t = tcase_create("message_sig");

	tcase_add_test(t, vector_b25_hmac_sha256);
	tcase_add_test(t, vector_b26_ed25519);
	tcase_add_test(t, digest_is_that_of_rfc9530);
	tcase_add_test(t, a_post_covers_where_and_what);
	tcase_add_test(t, the_address_is_signed_as_the_receiver_sees_it);
	tcase_add_test(t, a_get_has_no_digest);
	tcase_add_test(t, two_keys_make_two_signatures);
	tcase_add_test(t, another_scheme_is_refused);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
