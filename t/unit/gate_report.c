/* SPDX-License-Identifier: Apache-2.0 */

/* The wire between the judge and its parent, who trusts nothing of it. */

#include <stdlib.h>
#include <string.h>

#include "gate_help.h"

enum { WIRE_MAX = 256 << 20, MUTATIONS = 20000 };

static void wire_of(const struct report *r, struct buf *out)
{
	struct err e;

	buf_init(out, WIRE_MAX);
	ck_assert_int_eq(report_write(r, out, &e), 0);
}

static void full_wire(struct buf *out)
{
	struct report r;

	report_fill(&r);
	wire_of(&r, out);
	report_release(&r);
}

/* Read, write again: the same bytes say that every member survived. */
START_TEST(every_member_survives_the_wire)
{
	struct buf first, second;
	struct report r;
	struct err e;

	full_wire(&first);
	ck_assert_msg(!report_read(&r, span_of(first.data, first.len),
				   HELP_RULES, &e),
		      "%s", e.msg);
	wire_of(&r, &second);
	ck_assert_str_eq(first.data, second.data);
	ck_assert_str_eq(r.sandbox, "the kernel has no Landlock");
	ck_assert_uint_eq(r.nrefs, 2);
	ck_assert_str_eq(r.refs[0].gates[1], "second");
	ck_assert_ptr_null(r.refs[0].gates[2]);
	ck_assert_str_eq(r.findings[0].subject, "say \"no\"\n\x01 to {0}");
	ck_assert_uint_eq(r.findings[0].who[0], 1);
	ck_assert_uint_eq(r.findings[0].nwho, 2);
	ck_assert_uint_eq(r.findings[1].ref, REPORT_NO_REF);
	ck_assert_ptr_null(r.findings[1].hint);
	ck_assert(r.approvals[0].presence);
	ck_assert(!r.approvals[1].presence);
	ck_assert_str_eq(r.approvals[0].kind, "tag");
	ck_assert_uint_eq(r.approvals[0].covers, 2);
	ck_assert_ptr_null(r.approvals[0].withdrawn);
	ck_assert_ptr_nonnull(strstr(r.approvals[1].withdrawn, "/eve-2"));
	report_release(&r);
	buf_release(&first);
	buf_release(&second);
}
END_TEST

static void refuse(const char *json, size_t n)
{
	/* in memory of exactly this size, for the sanitizer to watch */
	char *copy = malloc(n ? n : 1);
	struct report r;
	struct err e = {0};

	memcpy(copy, json, n);
	ck_assert_msg(report_read(&r, span_of(copy, n), HELP_RULES, &e) ==
			      ERR_MALFORMED,
		      "%.*s", (int)n, json);
	ck_assert_ptr_nonnull(strstr(e.msg, "could not be understood"));
	ck_assert_ptr_null(r.findings);
	ck_assert_uint_eq(r.nfindings, 0);
	free(copy);
}

START_TEST(no_beginning_of_a_report_is_a_report)
{
	struct buf wire;
	size_t n;

	full_wire(&wire);
	for (n = 0; n < wire.len; n++)
		refuse(wire.data, n);
	buf_release(&wire);
}
END_TEST

/* Whatever is read from changed bytes must be whole: writing it again reads
 * every string and position. */
START_TEST(changed_bytes_never_do_harm)
{
	struct buf wire, again;
	unsigned seed = 1;
	size_t i, taken = 0;

	full_wire(&wire);
	for (i = 0; i < MUTATIONS; i++) {
		char *copy = malloc(wire.len);
		struct report r;
		struct err e;
		int changes = 1 + rand_r(&seed) % 3, rc;

		memcpy(copy, wire.data, wire.len);
		while (changes--)
			copy[(size_t)rand_r(&seed) % wire.len] =
				(char)(rand_r(&seed) & 0xff);
		rc = report_read(&r, span_of(copy, wire.len), HELP_RULES, &e);
		if (!rc) {
			taken++;
			wire_of(&r, &again);
			buf_release(&again);
		} else {
			ck_assert_int_eq(rc, ERR_MALFORMED);
		}
		report_release(&r);
		free(copy);
	}
	/* changes within strings and numbers are no faults of form */
	ck_assert_uint_gt(taken, 0);
	ck_assert_uint_lt(taken, MUTATIONS);
	buf_release(&wire);
}
END_TEST

struct swap {
	const char *what, *from, *to;
};

static const struct swap swaps[] = {
	{"a text that is a number", "\"name\":\"refs/heads/alias\"",
	 "\"name\":7"},
	{"a text that must be there", "\"name\":\"refs/heads/alias\"",
	 "\"name\":null"},
	{"a code that must be there", "\"code\":\"missing\"", "\"code\":null"},
	{"a member that is not there", "\"code\":\"missing\",", ""},
	{"a NUL in a string", "\"code\":\"missing\"",
	 "\"code\":\"miss\\u0000\""},
	{"a number that is a text", "\"commits\":17", "\"commits\":\"17\""},
	{"a negative number", "\"commits\":17", "\"commits\":-1"},
	{"a broken number", "\"commits\":17", "\"commits\":1.5"},
	{"a huge number", "\"commits\":17", "\"commits\":1e300"},
	{"the largest number", "\"commits\":17",
	 "\"commits\":18446744073709551615"},
	{"one more than that", "\"commits\":17",
	 "\"commits\":18446744073709551616"},
	{"a verdict that does not exist", "\"verdict\":2", "\"verdict\":5"},
	{"a negative verdict", "\"verdict\":2", "\"verdict\":-2"},
	{"a weight that does not exist", "\"weight\":4", "\"weight\":5"},
	{"a flag that is a number", "\"presence\":true", "\"presence\":1"},
	{"a list that is an object", "\"gates\":[\"release\",\"second\"]",
	 "\"gates\":{}"},
	{"null in a list", "\"gates\":[\"release\",\"second\"]",
	 "\"gates\":[null]"},
	{"a ref out of range", "\"ref\":1,\"rule\":2", "\"ref\":2,\"rule\":2"},
	{"a rule out of range", "\"ref\":1,\"rule\":2", "\"ref\":1,\"rule\":3"},
	{"no ref where one must be", "\"ref\":0,\"rule\":1,\"mode\"",
	 "\"ref\":18446744073709551615,\"rule\":1,\"mode\""},
	{"a person out of range", "\"who\":[1,0]", "\"who\":[1,2]"},
	{"more people than one finding names", "\"who\":[1,0]",
	 "\"who\":[0,0,0,0,0,0,0,0,0]"},
	{"an author out of range", "\"author\":0", "\"author\":2"},
	{"an element that is no object", "\"changes\":[", "\"changes\":[3,"},
	{"a list that is not there", "\"changes\":", "\"chances\":"},
};

START_TEST(a_member_of_the_wrong_kind_is_refused)
{
	const struct swap *s = &swaps[_i];
	struct buf wire, changed = BUF_INIT(WIRE_MAX);
	const char *at;

	full_wire(&wire);
	at = strstr(wire.data, s->from);
	ck_assert_msg(at != NULL, "%s: %s", s->what, wire.data);
	buf_add(&changed, wire.data, (size_t)(at - wire.data));
	buf_adds(&changed, s->to);
	buf_adds(&changed, at + strlen(s->from));
	refuse(changed.data, changed.len);
	buf_release(&wire);
	buf_release(&changed);
}
END_TEST

static const char *const others[] = {
	"",	 "null",	  "[]",	  "{}",	      "17", "\"report\"",
	"[[[[[", "{\"verdict\":", "\xff", "{\"a\":1}"};

START_TEST(other_json_is_no_report)
{
	refuse(others[_i], strlen(others[_i]));
}
END_TEST

START_TEST(more_findings_than_are_kept_are_refused)
{
	struct buf wire = BUF_INIT(WIRE_MAX), one;
	const char *at, *end;
	size_t i;

	full_wire(&one);
	at = strstr(one.data, "\"findings\":[");
	ck_assert_ptr_nonnull(at);
	at += strlen("\"findings\":[");
	end = strchr(at, '}');
	ck_assert_ptr_nonnull(end);
	buf_add(&wire, one.data, (size_t)(at - one.data));
	for (i = 0; i < REPORT_MAX_FINDINGS; i++) {
		buf_add(&wire, at, (size_t)(end + 1 - at));
		buf_addch(&wire, ',');
	}
	buf_adds(&wire, at);
	refuse(wire.data, wire.len);
	buf_release(&wire);
	buf_release(&one);
}
END_TEST

START_TEST(bytes_that_are_no_utf8_cross_as_replacements)
{
	struct report r, back;
	struct buf wire;
	struct err e;

	report_refused(&r);
	report_find(&r, WEIGHT_REJECT, HEX_A, "a\xff\xc3z", NULL);
	wire_of(&r, &wire);
	ck_assert_int_eq(report_read(&back, span_of(wire.data, wire.len),
				     HELP_RULES, &e),
			 0);
	ck_assert_str_eq(back.findings[0].text, "a\ufffd\ufffdz");
	report_release(&r);
	report_release(&back);
	buf_release(&wire);
}
END_TEST

START_TEST(findings_beyond_the_most_are_counted)
{
	struct report r;
	size_t i;

	report_refused(&r);
	for (i = 0; i < REPORT_MAX_FINDINGS + 10; i++)
		report_find(&r, WEIGHT_REJECT, HEX_A, "x", NULL);
	ck_assert_uint_eq(r.nfindings, REPORT_MAX_FINDINGS);
	ck_assert_uint_eq(r.nfindings_all, REPORT_MAX_FINDINGS + 10);
	report_release(&r);
}
END_TEST

START_TEST(evidence_beyond_the_most_is_counted)
{
	const struct report_evidence v = {
		.kind = "plan", .text = "revert", .who = REPORT_NO_PERSON};
	struct report r;
	struct err e;
	size_t i;

	report_refused(&r);
	for (i = 0; i < REPORT_MAX_EVIDENCE + 3; i++)
		ck_assert_int_eq(report_add_evidence(&r, &v, &e), 0);
	ck_assert_uint_eq(r.nevidence, REPORT_MAX_EVIDENCE);
	ck_assert_uint_eq(r.nevidence_all, REPORT_MAX_EVIDENCE + 3);
	report_release(&r);
}
END_TEST

START_TEST(a_flood_of_advice_leaves_room_for_the_reason)
{
	struct report r;
	size_t i;

	report_refused(&r);
	for (i = 0; i < 2 * REPORT_MAX_FINDINGS; i++)
		report_find(&r, WEIGHT_ADVICE, HEX_A, "advice", NULL);
	for (i = 0; i < 2 * REPORT_MAX_FINDINGS; i++)
		report_find(&r, WEIGHT_WARN, HEX_A, "warning", NULL);
	report_find(&r, WEIGHT_REJECT, NULL, "the reason", NULL);
	ck_assert_str_eq(r.findings[r.nfindings - 1].text, "the reason");
	ck_assert_uint_eq(r.nfindings_all, 4 * REPORT_MAX_FINDINGS + 1);
	report_release(&r);
}
END_TEST

START_TEST(only_pass_and_warn_accept)
{
	ck_assert(!verdict_accepts(VERDICT_NONE));
	ck_assert(verdict_accepts(VERDICT_PASS));
	ck_assert(verdict_accepts(VERDICT_WARN));
	ck_assert(!verdict_accepts(VERDICT_REJECT));
	ck_assert(!verdict_accepts(VERDICT_ERROR));
	ck_assert(!verdict_accepts((enum verdict)99));
}
END_TEST

Suite *suite_report(void)
{
	Suite *s = suite_create("report");
	TCase *t = tcase_create("wire");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, every_member_survives_the_wire);
	tcase_add_test(t, no_beginning_of_a_report_is_a_report);
	tcase_add_test(t, changed_bytes_never_do_harm);
	tcase_add_loop_test(t, a_member_of_the_wrong_kind_is_refused, 0,
			    sizeof(swaps) / sizeof(swaps[0]));
	tcase_add_loop_test(t, other_json_is_no_report, 0,
			    sizeof(others) / sizeof(others[0]));
	tcase_add_test(t, more_findings_than_are_kept_are_refused);
	tcase_add_test(t, bytes_that_are_no_utf8_cross_as_replacements);
	tcase_add_test(t, findings_beyond_the_most_are_counted);
	tcase_add_test(t, evidence_beyond_the_most_is_counted);
	tcase_add_test(t, a_flood_of_advice_leaves_room_for_the_reason);
	tcase_add_test(t, only_pass_and_warn_accept);
	suite_add_tcase(s, t);
	return s;
}
