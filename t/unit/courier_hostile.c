/* SPDX-License-Identifier: Apache-2.0 */
/* What an endpoint answers that belongs to somebody else. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <yyjson.h>

#include "base/text.h"
#include "courier/holds.h"
#include "courier/ticket_ask.h"
#include "courier/ticket_window.h"
#include "courier/values.h"
#include "policy/predicate.h"
#include "policy/template.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Nothing is said of elements that nobody has looked at. */
START_TEST(a_list_that_is_too_long_fulfils_nothing)
{
	struct buf text = BUF_INIT(1 << 20);
	struct answer_json a;
	struct predicate p;
	struct err e;

	buf_addch(&text, '[');
	for (int i = 0; i <= ANSWER_MAX_ITEMS; i++)
		buf_adds(&text, i ? ",1" : "1");
	buf_addch(&text, ']');
	ck_assert_int_eq(predicate_parse(&p, span_str("/*==1"), &e), 0);
	answer_json_parse(&a, span_of(text.data, text.len), &e);
	ck_assert_int_eq(a.n, 1);
	ck_assert(!holds_for_all(&p, &a, NULL) && holds_for_some(&p, &a));
	answer_json_release(&a);
	buf_release(&text);
}
END_TEST

static long most_kbytes(void)
{
	struct rusage u;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &u), 0);
	return u.ru_maxrss;
}

START_TEST(many_documents_take_no_more_memory_than_one)
{
	enum { MANY = 1000, LONG = 1 << 20, MOST_KBYTES = 64 * 1024 };
	struct buf text = BUF_INIT(2 * LONG);
	long before;
	struct answer_json a;
	struct err e;

	for (int i = 0; i < MANY; i++)
		buf_adds(&text, i % 2 ? "[0]\n" : "{\"a\":\"\\\"}\"}");
	buf_addch(&text, '"');
	while (text.len < LONG)
		buf_addch(&text, 'x');
	buf_addch(&text, '"');
	before = most_kbytes();
	answer_json_parse(&a, span_of(text.data, text.len), &e);
	ck_assert_int_eq(a.n, MANY + 1);
	ck_assert_int_lt(most_kbytes() - before, MOST_KBYTES);
	answer_json_release(&a);
	buf_release(&text);
}
END_TEST

START_TEST(what_is_no_json_has_no_documents)
{
	static const char *const texts[] = {"{",   "[1",  "\"a",     "\"a\\",
					    "]",   "{}]", "[1] tru", "{\"a\":}",
					    "1,2", "{]",  "\"\\\""};
	struct answer_json a;
	struct err e;

	for (size_t i = 0; i < COUNT(texts); i++) {
		answer_json_parse(&a, span_str(texts[i]), &e);
		ck_assert_msg(!a.n, "%s", texts[i]);
	}
	answer_json_parse(&a, span_of("1\0002", 3), &e);
	ck_assert(!a.n);
	answer_json_parse(&a, span_str(" 1 true\n\"a b\"[]null{}"), &e);
	ck_assert_int_eq(a.n, 6);
	answer_json_release(&a);
}
END_TEST

/* A JSON string may hold a NUL, and a URL ends there. */
START_TEST(an_id_is_no_way_out_of_a_url)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {{"12\0", 3},	     {"\0", 1},	 {".", 1},   {"..", 2},
		   {"12\0/../x", 8}, {"1/2", 3}, {"1?x", 3}, {"1#", 2}};
	struct values v;
	struct err e;

	values_init(&v);
	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert_int_eq(values_set(&v, TEMPLATE_REMOTE_ID,
					    span_of(bad[i].bytes, bad[i].n),
					    &e),
				 ERR_MALFORMED);
		ck_assert_ptr_nonnull(strstr(e.msg, "no id may have"));
	}
	ck_assert_int_eq(
		values_set(&v, TEMPLATE_REMOTE_ID, span_str("_.-a"), &e), 0);
	values_release(&v);
}
END_TEST

/* Some pages end a line at a carriage return. */
START_TEST(no_line_of_a_block_begins_without_its_blanks)
{
	struct buf out = BUF_INIT(4096);
	static const char text[] = "{\"t\":\"a\\r*b*\\r\\nc\"}";
	struct template t;
	struct values v;
	struct err e;

	values_init(&v);
	buf_adds(&v.record, text);
	values_take_record(&v, NULL);
	ck_assert_int_eq(template_parse(&t, span_str("${jsonpre:/t}"),
					TEMPLATE_IN_BODY, &e),
			 0);
	ck_assert_int_eq(values_render(&t, &v, &out, &e), 0);
	ck_assert_str_eq(out.data, "    a\\u000d    *b*\\u000d    \\n    c");
	template_release(&t);
	values_release(&v);
	buf_release(&out);
}
END_TEST

/* What is judged to be no silence must come through as what it is. */
START_TEST(the_reason_is_text_however_long_the_name)
{
	struct sink sink = {.ticket_repository = (char *)(uintptr_t) "/about"};
	struct ticket_question q = {.id = "7"};
	struct ticket_reply r;
	struct err e;

	for (size_t n = 1; n < 120; n++) {
		memset(&r, 0, sizeof(r));
		memset(q.repository, 'a', n);
		for (size_t i = n; i < n + 150; i += 3)
			memcpy(q.repository + i, "\xe2\x82\xac", 4);
		ck_assert_int_eq(ticket_ask_judge(&q, &sink,
						  span_str("{\"about\":\"b\"}"),
						  1, &r, &e),
				 0);
		ck_assert_str_eq(r.code, "repository");
		ck_assert(text_is_utf8(span_str(r.why)));
	}
	snprintf(q.repository, sizeof(q.repository), "a\xff\x1b[1m");
	ck_assert_int_eq(ticket_ask_judge(&q, &sink,
					  span_str("{\"about\":\"b\"}"), 1, &r,
					  &e),
			 0);
	ck_assert_str_eq(r.why, "it does not name the repository a??[1m");
}
END_TEST

/* A system that knows no such parameter, or a cache, may answer for another. */
START_TEST(an_answer_can_be_held_to_the_ticket_that_was_asked_for)
{
	static const struct {
		const char *id, *code;
	} asked[] = {{"#7", "verified"}, {"77", "unknown"}, {"07", "unknown"}};
	struct sink sink = {.ticket_pattern = (char *)(uintptr_t) "#?([0-9]+)"};
	struct ticket_question q;
	struct ticket_reply r;
	struct err e;

	ck_assert_int_eq(
		option_list_add(&sink.ticket_found, "/id==${ticket}", 1, &e),
		0);
	for (size_t i = 0; i < COUNT(asked); i++) {
		q = (struct ticket_question){.repository = "a"};
		r = (struct ticket_reply){.asked = 0};
		snprintf(q.id, sizeof(q.id), "%s", asked[i].id);
		ck_assert_int_eq(ticket_ask_judge(&q, &sink,
						  span_str("{\"id\":7}"), 1, &r,
						  &e),
				 0);
		ck_assert_str_eq(r.code, asked[i].code);
	}
	option_list_release(&sink.ticket_found);
}
END_TEST

static const struct {
	const char *text, *repository;
	bool is;
} names[] = {
	{"deploys payments/api today", "payments/api", true},
	{"payments/api.git: now", "payments/api", true},
	{"(payments/api)", "payments/api", true},
	{"repository:payments/api.", "payments/api", true},
	{"payments/api.old", "payments/api", false},
	{"other/payments/api", "payments/api", false},
	{"deploys libc++", "libc", false},
	{"deploys libc++", "libc++", true},
	{"deploys caf\xc3\xa9", "caf", false},
	{"deploys \xc3\xa9tat", "tat", false},
	{"~bob/api", "bob/api", false},
};

START_TEST(a_ticket_names_a_repository_by_its_whole_name)
{
	ck_assert_int_eq(ticket_names(span_str(names[_i].text),
				      span_str(names[_i].repository)),
			 names[_i].is);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("hostile endpoints");
	TCase *c = tcase_create("answers");

	tcase_add_test(c, a_list_that_is_too_long_fulfils_nothing);
	tcase_add_test(c, many_documents_take_no_more_memory_than_one);
	tcase_add_test(c, what_is_no_json_has_no_documents);
	tcase_add_test(c, an_id_is_no_way_out_of_a_url);
	tcase_add_test(c, the_reason_is_text_however_long_the_name);
	tcase_add_test(c,
		       an_answer_can_be_held_to_the_ticket_that_was_asked_for);
	tcase_add_loop_test(c, a_ticket_names_a_repository_by_its_whole_name, 0,
			    (int)COUNT(names));
	tcase_add_test(c, no_line_of_a_block_begins_without_its_blanks);
	suite_add_tcase(s, c);
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
