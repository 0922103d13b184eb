/* SPDX-License-Identifier: Apache-2.0 */

/** What a monitor reads of deliveries. */

#include <check.h>
#include <string.h>

#include "courier/metrics.h"

START_TEST(a_name_cannot_forge_a_metric)
{
	struct sink sink = {.name = (char *)(uintptr_t) "a\"} 1\nb\\"};
	struct sink_status one = {.sink = &sink, .lag = 7};
	struct delivery_status s = {.v = &one, .n = 1};
	struct buf out = BUF_INIT(STATUS_MAX_TEXT);
	struct err e = {0};

	ck_assert(!metrics_write(&s, 0, &out, &e));
	ck_assert_ptr_nonnull(strstr(out.data,
				     "\ngatepost_sink_lag_records"
				     "{sink=\"a\\\"} 1\\nb\\\\\"} 7\n"));
	ck_assert_ptr_null(strstr(out.data, "\nb"));
	buf_release(&out);
}
END_TEST

static const struct {
	long status;
	const char *word;
} classes[] = {
	{0, "no_answer"},  {200, "not_as_expected"}, {307, "redirect"},
	{404, "refused"},  {503, "server"},	     {999, "other"},
	{-1, "no_answer"},
};

START_TEST(an_error_is_told_by_a_word_of_ours)
{
	struct progress p = {.error_time = 1,
			     .error_status = classes[_i].status};

	ck_assert_str_eq(metrics_error_class(&p), classes[_i].word);
	p.error_time = 0;
	ck_assert_str_eq(metrics_error_class(&p), "none");
}
END_TEST

START_TEST(without_sinks_there_are_no_empty_metrics)
{
	struct delivery_status s = {.seal = {.records = 3}};
	struct buf out = BUF_INIT(STATUS_MAX_TEXT);
	struct err e = {0};

	ck_assert(!metrics_write(&s, 42, &out, &e));
	ck_assert_ptr_null(strstr(out.data, "gatepost_sink_"));
	ck_assert_ptr_null(strstr(out.data, "gatepost_anchor_"));
	ck_assert_ptr_nonnull(
		strstr(out.data, "\ngatepost_ledger_records 3\n"));
	ck_assert_ptr_nonnull(
		strstr(out.data,
		       "\ngatepost_ledger_last_seal_timestamp_seconds 42\n"));
	buf_release(&out);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("metrics");
	TCase *t = tcase_create("metrics");

	tcase_add_test(t, a_name_cannot_forge_a_metric);
	tcase_add_loop_test(t, an_error_is_told_by_a_word_of_ours, 0,
			    sizeof(classes) / sizeof(*classes));
	tcase_add_test(t, without_sinks_there_are_no_empty_metrics);
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
