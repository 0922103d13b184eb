/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "courier/values.h"
#include "policy/sink_var.h"

/* What a line of a template makes of one value, or what is wrong with it. */
static const char *made(const char *line, enum template_place place,
			const char *comment)
{
	static char queue[] = "queue It's \"Q\" & more", field[] = "field 7";
	static char *lines[] = {queue, field};
	static const struct option_list vars = {.v = lines, .n = 2};
	static char text[1024];
	struct buf out = BUF_INIT(sizeof(text) - 1);
	struct values v;
	struct err e;

	err_clear(&e);
	values_init(&v);
	v.vars = &vars;
	ck_assert_int_eq(
		values_set(&v, TEMPLATE_COMMENT, span_str(comment), &e), 0);
	ck_assert_int_eq(
		values_set(&v, TEMPLATE_TIME_S, span_str("1801439999.001"), &e),
		0);
	if (values_render_text(line, place, &v, &out, &e))
		snprintf(text, sizeof(text), "%s", e.msg);
	else
		snprintf(text, sizeof(text), "%.*s", (int)out.len, out.data);
	buf_release(&out);
	values_release(&v);
	return text;
}

START_TEST(text_for_a_block_gets_out_of_none)
{
	ck_assert_str_eq(
		made("\"${jsonpre:comment}\"", TEMPLATE_IN_BODY,
		     "a\n</pre>\n{noformat}[code]"),
		"\"    a\\n    \\u003c /pre>\\n    { noformat}[ code]\"");
}
END_TEST

START_TEST(text_for_a_block_calls_nobody)
{
	ck_assert_str_eq(made("${jsonpre:comment}", TEMPLATE_IN_BODY,
			      "@bob (@eve) carol@example.com"),
			 "    @ bob (@ eve) carol@example.com");
}
END_TEST

START_TEST(what_the_site_says_is_escaped_for_its_place)
{
	ck_assert_str_eq(
		made("{\"q\": ${json:var.queue}}", TEMPLATE_IN_BODY, ""),
		"{\"q\": \"It's \\\"Q\\\" & more\"}");
	ck_assert_str_eq(made("/x?q=${var.queue}&f=${var.field}",
			      TEMPLATE_IN_ADDRESS, ""),
			 "/x?q=It%27s%20%22Q%22%20%26%20more&f=7");
	ck_assert_str_eq(made("X-Field: ${var.field}", TEMPLATE_IN_HEADER, ""),
			 "X-Field: 7");
}
END_TEST

START_TEST(what_the_site_says_does_not_stand_bare_in_a_body)
{
	const char *said = made("${var.queue}", TEMPLATE_IN_BODY, "");

	ck_assert_msg(strstr(said, "say for which place"), "%s", said);
}
END_TEST

START_TEST(a_name_is_what_is_behind_the_dot)
{
	const char *said = made("${json:var.}", TEMPLATE_IN_BODY, "");

	ck_assert_msg(strstr(said, "there is no value"), "%s", said);
	ck_assert_str_eq(made("${json:var.none}", TEMPLATE_IN_BODY, ""),
			 "null");
}
END_TEST

START_TEST(seconds_are_a_number)
{
	ck_assert_str_eq(made("${json:time-s} ${time-s}", TEMPLATE_IN_BODY, ""),
			 "1801439999.001 1801439999.001");
}
END_TEST

START_TEST(a_var_is_a_name_and_a_value)
{
	static const char *const wrong[] = {
		"",	   "queue",    "queue ",     " x",
		"Queue x", "que_ue x", "queue a\tb", "queue a\nb"};
	struct err e;

	ck_assert_int_eq(value_is_var("queue-1 a b", &e), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		err_clear(&e);
		ck_assert_int_eq(value_is_var(wrong[i], &e), ERR_CONFIG);
		ck_assert_msg(strstr(e.msg, "is no name") ||
				      strstr(e.msg, "control characters"),
			      "%s: %s", wrong[i], e.msg);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("templates");
	TCase *t = tcase_create("templates");
	SRunner *r;
	int failed;

	tcase_add_test(t, text_for_a_block_gets_out_of_none);
	tcase_add_test(t, text_for_a_block_calls_nobody);
	tcase_add_test(t, what_the_site_says_is_escaped_for_its_place);
	tcase_add_test(t, what_the_site_says_does_not_stand_bare_in_a_body);
	tcase_add_test(t, a_name_is_what_is_behind_the_dot);
	tcase_add_test(t, seconds_are_a_number);
	tcase_add_test(t, a_var_is_a_name_and_a_value);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
