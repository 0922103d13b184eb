/* SPDX-License-Identifier: Apache-2.0 */

/** What token endpoints answer, and what of it is used. */

#include <check.h>
#include <string.h>

#include "courier/oauth.h"

#define SECOND INT64_C(1000000)

static struct span text_of(const char *s)
{
	return span_of(s, strlen(s));
}

static const struct {
	const char *json;
	int64_t seconds; /* that it may be used */
} good[] = {
	{"{\"access_token\":\"a\",\"token_type\":\"Bearer\","
	 "\"expires_in\":3600}",
	 3570},
	{"{\"access_token\":\"a.b-c_d~e+f/g==\",\"token_type\":\"BEARER\","
	 "\"expires_in\":\"3599\"}",
	 3569},
	{"{\"access_token\":\"a\",\"expires_in\":100}", 90},
	{"{\"access_token\":\"a\",\"expires_in\":0}", 0},
	{"{\"access_token\":\"a\"}", 270},
	{"{\"access_token\":\"a\",\"expires_in\":-5}", 270},
	{"{\"access_token\":\"a\",\"expires_in\":18446744073709551615}",
	 24 * 3600 - 30},
};

START_TEST(a_token_is_given_up_before_it_expires)
{
	struct oauth_token t = {.text = NULL};
	struct err e = {0};

	ck_assert(!oauth_token_is_good(&t, 0));
	ck_assert(
		!oauth_read_token(&t, text_of(good[_i].json), 5 * SECOND, &e));
	ck_assert_int_eq(t.until_us, (5 + good[_i].seconds) * SECOND);
	ck_assert(!oauth_token_is_good(&t, t.until_us));
	ck_assert(oauth_token_is_good(&t, t.until_us - 1));
	oauth_token_release(&t);
	ck_assert_ptr_null(t.text);
}
END_TEST

static const struct {
	const char *json, *words;
} bad[] = {
	{"", "has no access_token"},
	{"[]", "has no access_token"},
	{"{}", "has no access_token"},
	{"{\"access_token\":7}", "has no access_token"},
	{"{\"access_token\":\"\"}", "cannot be sent"},
	{"{\"access_token\":\"=\"}", "cannot be sent"},
	{"{\"access_token\":\"a b\"}", "cannot be sent"},
	{"{\"access_token\":\"a=b\"}", "cannot be sent"},
	{"{\"access_token\":\"a\\r\\nX: y\"}", "cannot be sent"},
	{"{\"access_token\":\"a\\u0000b\"}", "cannot be sent"},
	{"{\"access_token\":\"\xc3\xa9\"}", "cannot be sent"},
	{"{\"access_token\":\"a\",\"token_type\":\"DPoP\"}", "no bearer"},
};

START_TEST(what_is_no_bearer_token_is_refused)
{
	struct oauth_token t = {.text = NULL};
	struct err e = {0};

	ck_assert_int_eq(oauth_read_token(&t, text_of(bad[_i].json), 0, &e),
			 ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, bad[_i].words));
	ck_assert_ptr_null(t.text);
}
END_TEST

START_TEST(a_token_without_end_is_refused)
{
	struct buf json = BUF_INIT(65536);
	struct oauth_token t = {.text = NULL};
	struct err e = {0};

	buf_adds(&json, "{\"access_token\":\"");
	for (int i = 0; i <= OAUTH_MAX_TOKEN; i++)
		buf_addch(&json, 'a');
	buf_adds(&json, "\"}");
	ck_assert_int_eq(
		oauth_read_token(&t, span_of(json.data, json.len), 0, &e),
		ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "cannot be sent"));
	buf_release(&json);
}
END_TEST

START_TEST(a_refusal_is_told_in_our_words_alone)
{
	ck_assert_ptr_nonnull(
		strstr(oauth_refusal(text_of("{\"error\":\"invalid_client\"}")),
		       "not those of a client"));
	ck_assert_ptr_null(oauth_refusal(text_of("{\"error\":\"secret\"}")));
	ck_assert_ptr_null(oauth_refusal(text_of("{\"error\":[1]}")));
	ck_assert_ptr_null(oauth_refusal(text_of("nothing")));
	ck_assert_ptr_null(oauth_refusal(text_of("")));
}
END_TEST

START_TEST(ids_and_secrets_are_encoded_as_forms_are)
{
	struct buf out = BUF_INIT(256);

	ck_assert(!oauth_add_form(&out, text_of("aZ9-._* :+%&=/~\xc3\xa9")));
	ck_assert_str_eq(out.data, "aZ9-._*+%3A%2B%25%26%3D%2F%7E%C3%A9");
	buf_release(&out);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("oauth");
	TCase *t = tcase_create("oauth");

	tcase_add_loop_test(t, a_token_is_given_up_before_it_expires, 0,
			    sizeof(good) / sizeof(*good));
	tcase_add_loop_test(t, what_is_no_bearer_token_is_refused, 0,
			    sizeof(bad) / sizeof(*bad));
	tcase_add_test(t, a_token_without_end_is_refused);
	tcase_add_test(t, a_refusal_is_told_in_our_words_alone);
	tcase_add_test(t, ids_and_secrets_are_encoded_as_forms_are);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
