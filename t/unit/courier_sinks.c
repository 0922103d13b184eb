/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "courier/change.h"
#include "courier/holds.h"
#include "courier/judge.h"
#include "courier/load.h"
#include "courier/tell.h"
#include "courier/values.h"
#include "ledger/persons.h"
#include "policy/predicate.h"
#include "policy/sink_value.h"
#include "policy/status_set.h"
#include "policy/template.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ID "01934f6e-7b3a-7cc1-9d3f-0123456789ab"

static void expect(int rc, int code, const struct err *e, const char *word)
{
	ck_assert_msg(rc == code, "%d instead of %d: %s", rc, code, e->msg);
	ck_assert_msg(strstr(e->msg, word) != NULL, "no \"%s\" in: %s", word,
		      e->msg);
}

/* Templates */

static const struct {
	const char *text;
	enum template_place place;
	const char *words;
} mistakes[] = {
	{"a\n b ${idd}", TEMPLATE_IN_BODY, "2:6: there is no value \"idd\""},
	{"${idd}", TEMPLATE_IN_BODY, "did you mean id?"},
	{"${jsn:/a}", TEMPLATE_IN_BODY, "1:3: there is no ${jsn:…}"},
	{"${json:/a", TEMPLATE_IN_BODY, "1:1: this ${ has no }"},
	{"${}", TEMPLATE_IN_BODY, "which value?"},
	{"${json:}", TEMPLATE_IN_BODY, "which value?"},
	{"${json:a}", TEMPLATE_IN_BODY, "begins with /"},
	{"${summary}", TEMPLATE_IN_BODY, "say for which place"},
	{"${/a}", TEMPLATE_IN_BODY, "say for which place"},
	{"${json:/a~2}", TEMPLATE_IN_BODY, "~ is written ~0"},
	{"${json:/a|x}", TEMPLATE_IN_BODY, "must be JSON"},
	{"${map:/a}", TEMPLATE_IN_BODY, "a map needs words"},
	{"${map:/a|b}", TEMPLATE_IN_BODY, "WORD=TEXT"},
	{"${secret}", TEMPLATE_IN_BODY, "may not stand here"},
	{"${json:secret}", TEMPLATE_IN_FOLLOWING, "may not stand here"},
	{"${json:proof}", TEMPLATE_IN_BODY, "may not stand here"},
	{"/x/${url:/repository}", TEMPLATE_IN_ADDRESS, "forms no URL"},
	{"/x/${url:repository}", TEMPLATE_IN_ADDRESS, "may not stand here"},
	{"X: ${jsonstr:comment}", TEMPLATE_IN_HEADER, "may not stand here"},
	{"/x/${secret}", TEMPLATE_IN_ADDRESS, "may not stand here"},
};

START_TEST(a_mistake_in_a_template_is_told_with_its_place)
{
	struct template t;
	struct err e = {0};

	expect(template_parse(&t, span_str(mistakes[_i].text),
			      mistakes[_i].place, &e),
	       ERR_CONFIG, &e, mistakes[_i].words);
}
END_TEST

static void take(struct values *v, const char *record)
{
	values_init(v);
	buf_adds(&v->record, record);
	values_take_record(v, NULL);
}

static const struct {
	const char *text, *out;
} renders[] = {
	{"a${b}", NULL},
	{"$${json:/a} $ } {", "${json:/a} $ } {"},
	{"${json:/t}", "\"a\\\"\\\\\\n\\u003c/x>\""},
	{"\"${jsonstr:/t}\"", "\"a\\\"\\\\\\n\\u003c/x>\""},
	{"${json:/n} ${jsonstr:/n} ${json:/o}", "17 17 {\"k\":[1,null]}"},
	{"${json:/none} [${jsonstr:/none}]", "null []"},
	{"${json:/none|{}} ${jsonstr:/none|a\"b}", "{} a\\\"b"},
	{"${json:/null} ${jsonstr:/null|x}", "null x"},
	{"${url:/u}", "a%20%26%2f%c3%a9-._~"},
	{"${html:/h}", "&#60;b&#62; &#38; &#34;&#39;"},
	{"${base64:/u}", "YSAmL8OpLS5ffg=="},
	{"${map:/n|17=yes,*=no}${map:/t|17=yes,*=no}${map:/t|x=y}", "yesno"},
	{"${json:/o/k/0}${json:/o/k/9|[]}", "1[]"},
	{"${id} ${json:id} ${index} ${json:index}", ID " \"" ID "\" 42 42"},
};

START_TEST(a_template_escapes_for_the_place)
{
	struct buf out = BUF_INIT(65536);
	struct template t;
	struct values v;
	struct err e = {0};
	int rc = template_parse(&t, span_str(renders[_i].text),
				TEMPLATE_IN_BODY, &e);

	if (!renders[_i].out) {
		ck_assert_int_eq(rc, ERR_CONFIG);
		return;
	}
	ck_assert_msg(!rc, "%s", e.msg);
	take(&v, "{\"t\":\"a\\\"\\\\\\n</x>\",\"n\":17,\"o\":{\"k\":[1,null]},"
		 "\"u\":\"a &/\\u00e9-._~\",\"h\":\"<b> & \\\"'\","
		 "\"null\":null}");
	ck_assert_int_eq(values_set(&v, TEMPLATE_ID, span_str(ID), &e), 0);
	ck_assert_int_eq(values_set_number(&v, TEMPLATE_INDEX, 42, &e), 0);
	ck_assert_int_eq(values_render(&t, &v, &out, &e), 0);
	ck_assert_str_eq(out.data, renders[_i].out);
	buf_release(&out);
	values_release(&v);
	template_release(&t);
}
END_TEST

static void note_decision(struct decisions *d, int i)
{
	char json[200], people[100];
	struct event_record r = {.doc = NULL};
	struct err e = {0};

	snprintf(json, sizeof(json),
		 "{\"id\":\"01934f6e-7b3a-7cc1-9d3f-%012d\",\"kind\":"
		 "\"decision\",\"n\":%d}",
		 i, i);
	snprintf(people, sizeof(people), "[%d]", i);
	ck_assert_int_eq(
		event_record_read(&r, span_str(json), span_str(people), &e), 0);
	decisions_note(d, &r, (uint64_t)i + 1000);
	decisions_note(d, &r, (uint64_t)i + 1000); /* which is kept */
	event_record_release(&r);
}

/* There is no ledger in which they could be searched. */
START_TEST(the_latest_decisions_are_at_hand)
{
	struct decisions d;
	struct err e = {0};
	char id[UUID_TEXT_SIZE];

	decisions_init(&d, NULL);
	for (int i = 0; i < 3 * DECISIONS_KEPT; i++)
		note_decision(&d, i);
	for (int i = 3 * DECISIONS_KEPT; i-- > 2 * DECISIONS_KEPT;) {
		snprintf(id, sizeof(id), "01934f6e-7b3a-7cc1-9d3f-%012d", i);
		for (int again = 0; again < 2; again++) {
			ck_assert_int_eq(decisions_find(&d, id, &e), 0);
			ck_assert_uint_eq(d.index, (uint64_t)i + 1000);
			ck_assert_int_eq(
				yyjson_get_int(yyjson_obj_get(
					yyjson_doc_get_root(d.doc), "n")),
				i);
			ck_assert_int_eq(
				yyjson_get_int(yyjson_arr_get_first(
					yyjson_doc_get_root(d.people))),
				i);
		}
	}
	decisions_release(&d);
}
END_TEST

/* With the record as the ledger has it at hand, too, or without. */
static void say_who(struct values *v, const char *want, bool plain)
{
	static const char text[] =
		"{\"person\":1,\"n\":1,\"t\":\"x\",\"o\":{\"person\":1,"
		"\"people\":[1,0]},\"persons\":[\"d\"]}";
	static const char persons[] =
		"[null,{\"salt\":\"00\",\"login\":\"alice\"}]";
	yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
	struct buf out = BUF_INIT(65536);
	struct err e = {0};

	values_clear(v);
	ck_assert_int_eq(
		persons_join(span_str(text), span_str(persons), &v->record, &e),
		0);
	values_take_record(v, plain ? yyjson_doc_get_root(doc) : NULL);
	ck_assert_int_eq(
		values_render_text("${json:/person/login}${json:/n}${json:/t}"
				   "${json:/o}${json:/o/person}"
				   "${json:/o/people/0/login|1}${json:/no|2}"
				   "${json:/o/people/1/erased}${json:/persons}",
				   TEMPLATE_IN_BODY, v, &out, &e),
		0);
	ck_assert_str_eq(out.data, want);
	buf_release(&out);
	yyjson_doc_free(doc);
}

START_TEST(a_pointer_says_the_same_however_it_is_looked_up)
{
	static const char want[] =
		"\"alice\"1\"x\"{\"person\":{\"login\":\"alice\"},\"people\":"
		"[{\"login\":\"alice\"},{\"erased\":true}]}"
		"{\"login\":\"alice\"}\"alice\"2true[\"d\"]";
	struct values v;

	values_init(&v);
	for (int i = 0; i < 4; i++)
		say_who(&v, want, i % 2);
	values_release(&v);
}
END_TEST

START_TEST(values_that_were_cleared_are_gone)
{
	struct buf out = BUF_INIT(65536);
	struct values v;
	struct err e = {0};

	values_init(&v);
	buf_adds(&v.record, "{\"t\":1}");
	values_take_record(&v, NULL);
	ck_assert_int_eq(values_set(&v, TEMPLATE_SUMMARY, span_str("s"), &e),
			 0);
	values_clear(&v);
	ck_assert_int_eq(values_render_text("[${jsonstr:summary}${jsonstr:/t}"
					    "${jsonstr:record}]",
					    TEMPLATE_IN_BODY, &v, &out, &e),
			 0);
	ck_assert_str_eq(out.data, "[]");
	buf_release(&out);
	values_release(&v);
}
END_TEST

START_TEST(what_stands_bare_is_checked)
{
	static const char *const bad[] = {"",	  "a b", "a/b", "a\"b",
					  "a\nb", "a?b", "a%b", "\xc3\xa9"};
	struct values v;
	struct err e;

	values_init(&v);
	for (size_t i = 0; i < COUNT(bad); i++)
		expect(values_set(&v, TEMPLATE_REMOTE_ID, span_str(bad[i]), &e),
		       ERR_MALFORMED, &e, "no id may have");
	expect(values_set(&v, TEMPLATE_COUNT, span_str("x"), &e), ERR_MALFORMED,
	       &e, "no id may have");
	ck_assert_ptr_null(values_get(&v, TEMPLATE_REMOTE_ID));
	values_release(&v);
}
END_TEST

START_TEST(what_a_template_makes_is_bounded)
{
	struct buf out = BUF_INIT(8);
	struct template t;
	struct values v;
	struct err e = {0};

	values_init(&v);
	ck_assert_int_eq(
		template_parse(&t, span_str("123456789"), TEMPLATE_IN_BODY, &e),
		0);
	expect(values_render(&t, &v, &out, &e), ERR_LIMIT, &e, "larger than 8");
	template_release(&t);
	buf_release(&out);
}
END_TEST

/* Conditions */

static const struct {
	const char *condition, *answer;
	bool all, some;
} conditions[] = {
	{"/errors==false", "{\"errors\":false}", true, true},
	{"/errors==false", "{\"errors\":true}", false, false},
	{"/errors==false", "{\"errors\":\"false\"}", true, true},
	{"/errors==false", "{}", false, false},
	{"/errors==false", "<html>", false, false},
	{"/errors==false", "", false, false},
	{"/errors==false", "{\"errors\":false} x", false, false},
	{"/total>0", "{\"total\":1}", true, true},
	{"/total > 0", "{\"total\":0}", false, false},
	{"/total>0", "{\"total\":\"1\"}", false, false},
	{"/total<-1", "{\"total\":-2}", true, true},
	{"/id", "{\"id\":null}", false, false},
	{"/id", "{\"id\":0}", true, true},
	{"/r/*/status!=error", "{\"r\":[{\"status\":\"ok\"},{}]}", true, true},
	{"/r/*/status!=error", "{\"r\":[{\"status\":\"error\"}]}", false,
	 false},
	{"/r/*/status!=error", "{}", false, false},
	{"/r/*/status!=error", "{\"r\":[]}", false, false},
	{"/r/*/c==200|201", "{\"r\":[{\"c\":200},{\"c\":201}]}", true, true},
	{"/r/*/c==200|201", "{\"r\":[{\"c\":200},{\"c\":400}]}", false, true},
	{"/r/*/k/*/c==1", "{\"r\":[{\"k\":[{\"c\":1}]},{\"k\":[{\"c\":2}]}]}",
	 false, true},
	{"/t=~abc", "{\"t\":\"x abc y\"}", true, true},
	{"/t=~abc", "{\"t\":\"ab\"}", false, false},
	{"/t=~abc", "{\"t\":5}", false, false},
	{"/c==200", "{\"c\":200}\r\n{\"c\":200}", true, true},
	{"/c==200", "{\"c\":200}\n{\"c\":500}\n", false, true},
	{"/a~1b==1", "{\"a/b\":1}", true, true},
	{"/s/0==x", "{\"s\":[\"x\"]}", true, true},
	{"/f/[n=b]/v==1", "{\"f\":[{\"n\":\"a\"},{\"n\":\"b\",\"v\":1}]}", true,
	 true},
	{"/f/[n=b]/v==1", "{\"f\":[{\"n\":\"b\",\"v\":2},{\"v\":1}]}", false,
	 false},
	{"/f/[n=b]/v!=1", "{\"f\":[{\"n\":\"a\",\"v\":1}]}", true, true},
	{"/f/[n=b]/v", "{\"f\":{\"n\":\"b\",\"v\":1}}", false, false},
	{"/f/[n=a/b==c]", "{\"f\":[{\"n\":\"a/b==c\"}]}", true, true},
	{"/f/[n=a/b]/v/*=~x", "{\"f\":[{\"n\":\"a/b\",\"v\":[\"x\",\"yx\"]}]}",
	 true, true},
};

START_TEST(conditions_hold_of_answers)
{
	struct answer_json a;
	struct predicate p;
	struct err e;

	ck_assert_int_eq(
		predicate_parse(&p, span_str(conditions[_i].condition), &e), 0);
	ck_assert_int_eq(
		answer_json_parse(&a, span_str(conditions[_i].answer), &e), 0);
	ck_assert_int_eq(holds_for_all(&p, &a, NULL), conditions[_i].all);
	ck_assert_int_eq(holds_for_some(&p, &a), conditions[_i].some);
	answer_json_release(&a);
}
END_TEST

static const struct {
	const char *condition, *answer;
	bool apart, failed[3];
} bulks[] = {
	{"/r/*/c==1",
	 "{\"r\":[{\"c\":1},{\"c\":2},{\"c\":1}]}",
	 true,
	 {false, true, false}},
	{"/r/*/c==1",
	 "{\"r\":[{\"c\":1},{},{\"c\":9}]}",
	 true,
	 {false, true, true}},
	/* of how many it speaks says whether it is of those that were sent */
	{"/r/*/c==1", "{\"r\":[{\"c\":1},{\"c\":2}]}", false, {false}},
	{"/r/*/c==1",
	 "{\"r\":[{\"c\":1},{},{\"c\":1},{\"c\":9}]}",
	 false,
	 {false}},
	{"/c==1", "{\"c\":1}\n{\"c\":1}{\"c\":2}", true, {false, false, true}},
	{"/c==1", "{\"c\":1}\n{\"c\":2}", false, {false}},
};

START_TEST(what_failed_of_several_is_told_by_position)
{
	bool failed[3] = {false};
	struct items_held items = {.failed = failed, .n = 3};
	struct answer_json a;
	struct predicate p;
	struct err e;

	ck_assert_int_eq(predicate_parse(&p, span_str(bulks[_i].condition), &e),
			 0);
	answer_json_parse(&a, span_str(bulks[_i].answer), &e);
	ck_assert(!holds_for_all(&p, &a, &items));
	ck_assert_int_eq(items.apart, bulks[_i].apart);
	for (size_t i = 0; items.apart && i < 3; i++)
		ck_assert_int_eq(failed[i], bulks[_i].failed[i]);
	answer_json_release(&a);
}
END_TEST

START_TEST(a_wrong_condition_is_refused)
{
	static const struct {
		const char *text, *words;
	} wrong[] = {{"errors==false", "begins with a JSON pointer"},
		     {"", "begins with a JSON pointer"},
		     {"/a==", "compares with nothing"},
		     {"/a>x", "compare whole numbers"},
		     {"/a/[b]/c==1", "what stands in brackets"},
		     {"/a/[=b]/c==1", "what stands in brackets"},
		     {"/a/[b=c/d==1", "what stands in brackets"}};
	struct err e;

	for (size_t i = 0; i < COUNT(wrong); i++)
		expect(value_is_predicate(wrong[i].text, &e), ERR_CONFIG, &e,
		       wrong[i].words);
	expect(value_is_predicate("/a==${jsonstr:/b}", &e), ERR_CONFIG, &e,
	       "forms no URL");
	ck_assert_int_eq(value_is_predicate("/acks/${remote-id}==true", &e), 0);
}
END_TEST

/* Statuses */

START_TEST(statuses_are_numbers_and_ranges)
{
	static const char *const wrong[] = {"99",      "600",	   "200-", "x",
					    "299-200", "200,,201", "-200"};
	struct status_set s;
	struct err e;

	ck_assert_int_eq(status_set_parse(&s, span_str("200-204, 409"), &e), 0);
	ck_assert(status_set_has(&s, 200) && status_set_has(&s, 204) &&
		  status_set_has(&s, 409));
	ck_assert(!status_set_has(&s, 205) && !status_set_has(&s, 0));
	for (size_t i = 0; i < COUNT(wrong); i++)
		expect(status_set_parse(&s, span_str(wrong[i]), &e), ERR_CONFIG,
		       &e, "200-299,409");
}
END_TEST

/* Values of keys */

START_TEST(a_path_stays_on_its_host)
{
	struct err e;

	ck_assert_int_eq(value_is_sink_path("/a?b=%27${id}%27&c=*", &e), 0);
	expect(value_is_sink_path("https://evil.example/", &e), ERR_CONFIG, &e,
	       "does not begin with `/`");
	expect(value_is_sink_path("@evil.example/", &e), ERR_CONFIG, &e,
	       "no credentials go elsewhere");
	expect(value_is_sink_path("/a b", &e), ERR_CONFIG, &e, "%XX");
	expect(value_is_sink_path("/a\nHost: x", &e), ERR_CONFIG, &e, "%XX");
	expect(value_is_pin("sha256//x", &e), ERR_CONFIG, &e, "a pin is");
	ck_assert_int_eq(
		value_is_pin(
			"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF"
			"U=",
			&e),
		0);
	expect(value_is_ticket_pattern("(a)(b)(c)", &e), ERR_CONFIG, &e,
	       "one group at most");
	expect(value_is_sink_header("X: ${json:/a}", &e), ERR_CONFIG, &e,
	       "forms no URL");
}
END_TEST

/* Judging answers */

static void answer(struct http_answer *a, long status, const char *body)
{
	http_answer_init(a);
	a->status = status;
	buf_adds(&a->body, body);
}

static enum answer judge(struct sink *sink, long status, const char *body,
			 uint64_t attempts)
{
	struct judgement j = {.answer = ANSWER_NONE};
	struct http_answer a;
	struct values v;
	struct judge judge;
	struct err e;

	ck_assert_int_eq(judge_init(&judge, sink, &e), 0);
	values_init(&v);
	answer(&a, status, body);
	ck_assert_int_eq(judge_post(&judge, &a, &v, attempts, &j, &e), 0);
	http_answer_release(&a);
	values_release(&v);
	return j.answer;
}

START_TEST(a_sink_says_what_an_answer_means)
{
	struct sink s = {.ok_status = (char *)(uintptr_t) "200",
			 .duplicate_status = (char *)(uintptr_t) "409",
			 .permanent_status = (char *)(uintptr_t) "422,404",
			 .id_json = (char *)(uintptr_t) "/id"};
	struct err e;

	ck_assert_int_eq(option_list_add(&s.ok_json, "/code==0", 1, &e), 0);
	ck_assert_int_eq(judge(&s, 200, "{\"code\":0,\"id\":\"a\"}", 1),
			 ANSWER_DELIVERED);
	ck_assert_int_eq(judge(&s, 200, "{\"code\":0}", 1), ANSWER_RETRY);
	ck_assert_int_eq(judge(&s, 200, "{\"code\":0,\"id\":\"a b\"}", 1),
			 ANSWER_RETRY);
	ck_assert_int_eq(judge(&s, 200, "{\"code\":7,\"id\":1}", 1),
			 ANSWER_RETRY);
	ck_assert_int_eq(judge(&s, 200, "{\"code\":7,\"id\":1}", SUSPECT_OTHER),
			 ANSWER_SUSPECT);
	ck_assert_int_eq(judge(&s, 201, "{\"code\":0,\"id\":\"a\"}", 1000),
			 ANSWER_RETRY);
	ck_assert_int_eq(judge(&s, 409, "", 1), ANSWER_DELIVERED);
	ck_assert_int_eq(judge(&s, 404, "", 1), ANSWER_SUSPECT);
	ck_assert_int_eq(judge(&s, 401, "", 1000), ANSWER_RETRY);
	ck_assert_int_eq(judge(&s, 302, "", 1000), ANSWER_RETRY);
	option_list_release(&s.ok_json);
}
END_TEST

START_TEST(a_look_up_that_is_no_use_says_nothing)
{
	struct sink s = {.name = NULL};
	struct option_list found = {0};
	struct http_answer a;
	struct values v;
	struct judge judge;
	struct err e;

	ck_assert_int_eq(judge_init(&judge, &s, &e), 0);
	ck_assert_int_eq(option_list_add(&found, "/n>0", 1, &e), 0);
	values_init(&v);
	answer(&a, 200, "{\"n\":1,\"id\":5}");
	ck_assert_int_eq(judge_found(&judge, &a, &found, "/id", &v, &e), 1);
	ck_assert_str_eq(values_get(&v, TEMPLATE_REMOTE_ID), "5");
	expect(judge_found(&judge, &a, &found, "/nothing", &v, &e),
	       ERR_MALFORMED, &e, "without the id");
	http_answer_release(&a);
	answer(&a, 200, "{\"n\":0}");
	ck_assert_int_eq(judge_found(&judge, &a, &found, "/id", &v, &e), 0);
	http_answer_release(&a);
	answer(&a, 200, "<html>log in, please");
	expect(judge_found(&judge, &a, &found, "/id", &v, &e), ERR_MALFORMED,
	       &e, "with no JSON");
	http_answer_release(&a);
	answer(&a, 500, "{\"n\":0}");
	ck_assert_int_eq(judge_found(&judge, &a, &found, "/id", &v, &e),
			 ERR_MALFORMED);
	http_answer_release(&a);
	values_release(&v);
	option_list_release(&found);
}
END_TEST

/* Changes */

START_TEST(a_ticket_is_a_word)
{
	static const char *const bad[] = {"",	 "#",  "..",  "../x", "a/b",
					  "a b", "-x", "a\n", "a%2f", "\xc3"};
	char out[CHANGE_KEY_SIZE], longest[CHANGE_MAX_KEY + 2];

	ck_assert(change_take_word(" #4711 ", out));
	ck_assert_str_eq(out, "4711");
	ck_assert(change_take_word("CHG-12.a_b", out));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (strcmp(bad[i], "a\n") != 0)
			ck_assert_msg(!change_take_word(bad[i], out), "%s",
				      bad[i]);
	memset(longest, 'a', sizeof(longest));
	longest[CHANGE_MAX_KEY + 1] = '\0';
	ck_assert(!change_take_word(longest, out));
	ck_assert(!change_take_word(NULL, out));
	ck_assert_str_eq(out, "");
}
END_TEST

static void read_about(struct about *a, const char *record)
{
	struct ledger_item item = {
		.json = span_str(record),
		.persons = span_str("[{\"principal\":\"alice\"},null]")};

	ck_assert_int_eq(about_read(a, NULL, &item, false, NULL), 0);
}

static void change_key(const char *members, struct change *c)
{
	struct buf record = BUF_INIT(65536);
	struct about a;
	struct err e;

	buf_addf(&record,
		 "{\"id\":\"" ID "\",\"kind\":\"decision\",\"verdict\":"
		 "\"reject\",\"repository\":\"a/b\",%s}",
		 members);
	read_about(&a, record.data);
	ck_assert_int_eq(change_of(&a, NULL, c, &e), 0);
	about_release(&a);
	buf_release(&record);
}

#define REF(name, new, digest)                                                 \
	"\"refs\":[{\"name\":\"x\"},{\"name\":\"" name                         \
	"\",\"new\":\"" new "\",\"gates\":[\"g\"]" digest "}]"

START_TEST(a_change_is_the_same_when_rebased)
{
	struct change a, b;

	change_key(REF("m", "11", ",\"digest\":\"sha256:aa\""), &a);
	change_key(REF("m", "22", ",\"digest\":\"sha256:aa\""), &b);
	ck_assert_str_eq(a.key, b.key);
	ck_assert_uint_eq(strlen(a.key), 3 + CHANGE_DIGEST_DIGITS);
	ck_assert_int_eq(a.event, CHANGE_REFUSED);
	ck_assert_str_eq(a.named, "");
	change_key(REF("n", "22", ",\"digest\":\"sha256:aa\""), &b);
	ck_assert_str_ne(a.key, b.key);
	change_key(REF("m", "11", ""), &a);
	change_key(REF("m", "22", ""), &b);
	ck_assert_str_ne(a.key, b.key);
	change_key(REF("m", "11", "") ",\"tickets\":[{\"id\":\"#17\"}]", &a);
	ck_assert_str_eq(a.key, "17");
	ck_assert_str_eq(a.named, "17");
	change_key(REF("m", "11", "") ",\"tickets\":[{\"id\":\"a/b\"}]", &a);
	ck_assert_int_eq(strncmp(a.key, "gp-", 3), 0);
	change_key("\"refs\":[{\"name\":\"m\"}]", &a);
	ck_assert_int_eq(a.event, CHANGE_NOTHING);
}
END_TEST

/* Words */

START_TEST(what_people_read_is_clean_and_short)
{
	struct buf out = BUF_INIT(TELL_MAX_COMMENT);
	struct about a;

	read_about(
		&a,
		"{\"id\":\"" ID "\",\"kind\":\"decision\",\"verdict\":"
		"\"reject\",\"repository\":\"a/b\",\"problems\":1,"
		"\"pusher\":{\"person\":0},\"refs\":[{\"name\":"
		"\"refs/heads/m\\u001b[31m</pre>\",\"gates\":[\"g\"]}],"
		"\"findings\":[{\"commit\":\"aabbccddeeff\",\"text\":"
		"\"{person:0} and {person:1} and {person:?} and {person:\","
		"\"subject\":\"one\\ntwo\\u202e\"}],\"tickets\":["
		"{\"id\":\"#7\",\"lookup\":\"verified\",\"state\":"
		"\"in\\nwork\"},"
		"{\"id\":\"#8\",\"lookup\":\"unverified\",\"why\":\"silence\"},"
		"{\"id\":\"#9\"}]}");
	tell_summary(&a, &out);
	ck_assert_str_eq(out.data, "refused: 1 problem, m?[31m< /pre> in a/b");
	buf_clear(&out);
	tell_comment(&a, &out);
	ck_assert_ptr_nonnull(strstr(out.data, "Pushed by: alice\n"));
	ck_assert_ptr_nonnull(
		strstr(out.data, "- aabbccddee \"one?two?\" alice and somebody "
				 "and somebody and somebody\n"));
	ck_assert_ptr_nonnull(strstr(
		out.data,
		"\nAsked about ticket #7: verified, its state was in?work\n"
		"Asked about ticket #8: NOT VERIFIED, silence\n"));
	ck_assert_ptr_null(strstr(out.data, "#9"));
	ck_assert_ptr_nonnull(strstr(out.data, "\nRecord: " ID));
	buf_clear(&out);
	tell_count(&a, 3, "2027-01-31", "first", &out);
	ck_assert_ptr_nonnull(strstr(
		out.data, "3 pushes of this change refused on 2027-01-31; "));
	ck_assert_ptr_nonnull(strstr(out.data, "First record: first"));
	about_release(&a);
	buf_release(&out);
}
END_TEST

START_TEST(severity_comes_from_the_record)
{
	static const struct {
		const char *text;
		enum severity severity;
	} records[] = {
		{"\"kind\":\"decision\",\"severity\":\"low\"", SEVERITY_LOW},
		{"\"kind\":\"decision\"", SEVERITY_NONE},
		{"\"kind\":\"decision\",\"severity\":\"x\"", SEVERITY_NONE},
		{"\"kind\":\"break\"", SEVERITY_HIGH},
		{"\"kind\":\"parked\"", SEVERITY_MEDIUM},
		{"\"kind\":\"emergency\",\"severity\":\"high\"",
		 SEVERITY_HIGH}};

	for (size_t i = 0; i < COUNT(records); i++) {
		struct buf text = BUF_INIT(1024);
		struct about a;

		buf_addf(&text, "{\"id\":\"" ID "\",%s}", records[i].text);
		read_about(&a, text.data);
		ck_assert_int_eq(about_severity(&a), records[i].severity);
		about_release(&a);
		buf_release(&text);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("courier sinks");
	TCase *t = tcase_create("templates"), *c = tcase_create("conditions");
	TCase *w = tcase_create("words");

	tcase_add_loop_test(t, a_mistake_in_a_template_is_told_with_its_place,
			    0, (int)COUNT(mistakes));
	tcase_add_loop_test(t, a_template_escapes_for_the_place, 0,
			    (int)COUNT(renders));
	tcase_add_test(t, the_latest_decisions_are_at_hand);
	tcase_add_test(t, a_pointer_says_the_same_however_it_is_looked_up);
	tcase_add_test(t, values_that_were_cleared_are_gone);
	tcase_add_test(t, what_stands_bare_is_checked);
	tcase_add_test(t, what_a_template_makes_is_bounded);
	tcase_add_loop_test(c, conditions_hold_of_answers, 0,
			    (int)COUNT(conditions));
	tcase_add_loop_test(c, what_failed_of_several_is_told_by_position, 0,
			    (int)COUNT(bulks));
	tcase_add_test(c, a_wrong_condition_is_refused);
	tcase_add_test(c, statuses_are_numbers_and_ranges);
	tcase_add_test(c, a_path_stays_on_its_host);
	tcase_add_test(c, a_sink_says_what_an_answer_means);
	tcase_add_test(c, a_look_up_that_is_no_use_says_nothing);
	tcase_add_test(w, a_ticket_is_a_word);
	tcase_add_test(w, a_change_is_the_same_when_rebased);
	tcase_add_test(w, what_people_read_is_clean_and_short);
	tcase_add_test(w, severity_comes_from_the_record);
	suite_add_tcase(s, t);
	suite_add_tcase(s, c);
	suite_add_tcase(s, w);
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
