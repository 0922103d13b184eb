/* SPDX-License-Identifier: Apache-2.0 */
/* What a ticket must be, what is asked about again, and what is then said. */
#include <stdint.h>

#include "ledger_help.h"

#include "base/buf.h"
#include "courier/asks.h"
#include "courier/change.h"
#include "courier/reask_record.h"
#include "courier/tell.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT(s) ((char *)(uintptr_t)(s))

enum { NOON = 1767355200 }; /* 2026-01-02T12:00:00Z, in seconds */

/* ---- what a ticket must be ---- */

#define ABOUT "\"about\":[{\"name\":\"x\"},{\"name\":\"payments/api\"}]"
#define MORNING "\"start\":\"2026-01-02 08:00:00\","
#define EVENING "\"end\":\"2026-01-02T18:00:00Z\","
#define PLAN "\"plan\":\"restore\","
#define OK "\"approval\":\"approved\","

/* @param words  what the rule requires, each with a blank before it */
static const struct {
	const char *answer, *words, *code, *why;
} answers[] = {
	{"{\"state\":\"Open\"," OK MORNING EVENING PLAN ABOUT "}", "",
	 "verified", ""},
	{"{\"state\":\"Open\",\"approval\":\"requested\"," MORNING EVENING PLAN
		 ABOUT "}",
	 "", "state", "it is not approved"},
	{"{\"state\":\"Open\"," MORNING EVENING PLAN ABOUT "}", "", "state",
	 "it is not approved"},
	{"{\"state\":\"Open\"," OK
	 "\"start\":\"2026-01-02 12:00:01\"," EVENING PLAN ABOUT "}",
	 "", "window", "its change window begins at 2026-01-02T12:00:01Z"},
	{"{\"state\":\"Open\"," OK MORNING
	 "\"end\":\"2026-01-02 11:59:59\"," PLAN ABOUT "}",
	 "", "window", "its change window was over at 2026-01-02T11:59:59Z"},
	{"{\"state\":\"Open\"," OK EVENING PLAN ABOUT "}", "", "window",
	 "it has no change window"},
	{"{\"state\":\"Open\"," OK MORNING "\"end\":\"soon\"," PLAN ABOUT "}",
	 "", "window", "it has no change window"},
	{"{\"state\":\"Open\"," OK MORNING EVENING "\"plan\":\" \\n\"," ABOUT
	 "}",
	 "", "no-backout", "its backout plan is empty"},
	{"{\"state\":\"Open\"," OK MORNING EVENING PLAN
	 "\"about\":[{\"name\":\"payments/api2\"}]}",
	 "", "repository", "it does not name the repository payments/api"},
	{"{\"state\":\"Open\"," OK MORNING EVENING PLAN "\"about\":[]}", "",
	 "repository", "it does not name the repository payments/api"},
	{"{" OK MORNING EVENING PLAN ABOUT "}", "", "state", NULL},
	{"{\"state\":\"Done\"}", " none", "state", NULL},
	/* no more than the rule requires */
	{"{\"state\":\"Open\"}", " none", "verified", ""},
	{"{\"state\":\"Open\"," OK "\"plan\":\"\"}", " approval", "verified",
	 ""},
	{"{\"state\":\"Open\"," PLAN "\"end\":\"\"}", " backout", "verified",
	 ""},
	{"{\"state\":\"Open\"," MORNING EVENING "\"plan\":\"\"}", " window",
	 "verified", ""},
	{"{\"state\":\"Open\"," ABOUT "}", " repository", "verified", ""},
	{"{\"state\":\"Open\"," PLAN "\"end\":\"\"}", " backout window",
	 "window", "it has no change window"},
};

static void add_words(struct option_list *list, const char *words)
{
	struct cursor c = cursor_of(words, strlen(words));
	struct span word;

	while (cursor_until(&c, ' ', &word) || cursor_line(&c, &word)) {
		char *copy = span_dup(word);

		if (word.n)
			ck_assert_int_eq(option_list_add(list, copy, 0, NULL),
					 0);
		free(copy);
	}
}

START_TEST(a_ticket_is_what_the_rule_asks_for)
{
	struct sink sink = {.ticket_state = TEXT("/state"),
			    .ticket_window_start = TEXT("/start"),
			    .ticket_window_end = TEXT("/end"),
			    .ticket_backout = TEXT("/plan"),
			    .ticket_repository = TEXT("/about/*/name")};
	struct ticket_question q = {.id = "7", .repository = "payments/api"};
	struct ticket_reply r = {.asked = 1, .why = "left from before"};
	struct err e;

	ck_assert_int_eq(option_list_add(&sink.ticket_approved,
					 "/approval==approved", 0, &e),
			 0);
	add_words(&q.states, " Open");
	add_words(&q.require, answers[_i].words);
	ck_assert_int_eq(ticket_ask_judge(&q, &sink,
					  span_str(answers[_i].answer),
					  INT64_C(1000) * NOON, &r, &e),
			 0);
	ck_assert_str_eq(r.code, answers[_i].code);
	if (answers[_i].why)
		ck_assert_str_eq(r.why, answers[_i].why);
	ticket_question_release(&q);
	option_list_release(&sink.ticket_approved);
}
END_TEST

START_TEST(a_field_that_is_not_there_is_named)
{
	static const char answer[] =
		"{\"f\":[{\"name\":\"Plan\",\"values\":[]},"
		"{\"name\":\"Approval\",\"values\":[\"asked\"]}]}";
	static const struct {
		const char *plan, *approved, *code, *why;
	} asked[] = {{"/f/[name=Plan]/values/0", NULL, "no-backout",
		      "its backout plan is empty"},
		     {"/f/[name=Plans]/values/0", NULL, "no-backout",
		      "it has no field Plans"},
		     {NULL, "/f/[name=Approval]/values/*==approved", "state",
		      "it is not approved"},
		     {NULL, "/f/[name=Approvals]/values/*==approved", "state",
		      "it has no field Approvals"}};

	for (size_t i = 0; i < COUNT(asked); i++) {
		struct ticket_question q = {.id = "7", .repository = "a"};
		struct sink sink = {.ticket_backout = TEXT(asked[i].plan)};
		struct ticket_reply r = {.asked = 1};
		struct err e;

		if (asked[i].approved)
			option_list_add(&sink.ticket_approved,
					asked[i].approved, 0, &e);
		ck_assert_int_eq(ticket_ask_judge(&q, &sink, span_str(answer),
						  1, &r, &e),
				 0);
		ck_assert_str_eq(r.code, asked[i].code);
		ck_assert_str_eq(r.why, asked[i].why);
		option_list_release(&sink.ticket_approved);
	}
}
END_TEST

/* ---- what waits ---- */

static struct place place;

static void setup(void)
{
	place_make(&place);
}

static void teardown(void)
{
	place_remove(&place);
}

#define ID "01934f6e-7b3a-7cc1-9d3f-00000000000"

static void append(const char *json)
{
	struct ledger *l = place_open(&place, LEDGER_APPEND);
	struct ledger_entry entry = {.json = span_str(json),
				     .persons = span_str("[]")};
	uint64_t index;

	ck_assert_msg(!ledger_append(l, &entry, &index, &place.e), "%s",
		      place.e.msg);
	ledger_close(l);
}

static void ask(char n, const char *sink, const char *time)
{
	struct buf json = BUF_INIT(4096);

	buf_addf(&json,
		 "{\"id\":\"" ID "%c\",\"kind\":\"ticket\",\"time\":\"%s\","
		 "\"repository\":\"a/b\",\"lookup\":\"unverified\","
		 "\"decision\":\"" ID "f\",\"rule\":\"r\",\"sink\":\"%s\","
		 "\"tickets\":[{\"id\":\"CHG%c\"}],\"refs\":[{\"real\":"
		 "\"refs/heads/main\"}],\"persons\":[]}",
		 n, time, sink, n);
	append(json.data);
	buf_release(&json);
}

static void settle(char n, char question, const char *what)
{
	struct buf json = BUF_INIT(4096);

	buf_addf(&json,
		 "{\"id\":\"" ID "%c\",\"kind\":\"ticket\",\"question\":"
		 "\"" ID "%c\",%s,\"persons\":[]}",
		 n, question, what);
	append(json.data);
	buf_release(&json);
}

/* The last digits of what waits at this sink, in order. */
static void waits(struct asks *a, const char *expected)
{
	char got[16] = "";

	for (size_t i = 0; i < a->n && i < sizeof(got) - 1; i++)
		got[i] = a->v[i].id[UUID_TEXT_SIZE - 2];
	ck_assert_str_eq(got, expected);
}

static void look(const char *expected)
{
	struct ledger *l = place_open(&place, LEDGER_READ);
	struct asks a;

	ck_assert_msg(!asks_look(&a, l, "itsm", &place.e), "%s", place.e.msg);
	waits(&a, expected);
	asks_release(&a);
	ledger_close(l);
}

static void put(const char *text)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/cursors/itsm.asks.json", place.dir);
	ck_assert_msg(
		!file_write_durable(path, text, strlen(text), 0600, &place.e),
		"%s", place.e.msg);
}

START_TEST(what_waits_is_in_the_ledger)
{
	ask('1', "itsm", "2026-01-02T10:00:00.000Z");
	ask('2', "other", "2026-01-02T10:00:00.000Z");
	ask('3', "itsm", "2026-01-01T10:00:00.000Z");
	ask('4', "itsm", "2026-01-03T10:00:00.000Z");
	look("134");
	settle('5', '3', "\"lookup\":\"refused\"");
	settle('6', '1', "\"by_hand\":\"seen to it\"");
	look("4");
	settle('7', '4', "\"lookup\":\"verified\"");
	look("");
}
END_TEST

START_TEST(what_was_saved_is_gone_on_from)
{
	struct ledger *l;
	struct asks a;

	ask('1', "itsm", "2026-01-02T10:00:00.000Z");
	ask('2', "itsm", "2026-01-01T10:00:00.000Z");
	ask('3', "itsm", "2026-01-03T10:00:00.000Z");
	l = place_open(&place, LEDGER_READ);
	ck_assert_int_eq(asks_look(&a, l, "itsm", &place.e), 0);
	ck_assert_int_eq(asks_oldest(&a), INT64_C(1000) * (NOON - 26 * 3600));
	asks_put_last(&a, 0);
	waits(&a, "231");
	a.attempts = 3;
	a.next_attempt = 12345;
	ck_assert(a.changed);
	ck_assert_int_eq(asks_save(&a, place.dir, "itsm", &place.e), 0);
	ck_assert(!a.changed);
	asks_release(&a);
	settle('4', '3', "\"lookup\":\"refused\"");
	ask('5', "itsm", "2026-01-03T10:00:00.000Z");
	ck_assert_int_eq(asks_load(&a, place.dir, "itsm", &place.e), 0);
	waits(&a, "231");
	ck_assert_uint_eq(a.attempts, 3);
	ck_assert_int_eq(a.next_attempt, 12345);
	ck_assert_uint_eq(a.next, 3);
	ck_assert_int_eq(asks_read_on(&a, l, "itsm", &place.e), 0);
	waits(&a, "215");
	asks_drop(&a, 1);
	waits(&a, "25");
	asks_release(&a);
	ledger_close(l);
}
END_TEST

START_TEST(a_state_that_is_no_use_is_none)
{
	static const char *const texts[] = {
		"", "{", "[]", "{\"format\":2,\"next\":1}",
		"{\"format\":1,\"next\":99,\"waiting\":[]}"};

	ask('1', "itsm", "2026-01-02T10:00:00.000Z");
	for (size_t i = 0; i < COUNT(texts); i++) {
		put(texts[i]);
		look("1");
	}
	put("{\"format\":1,\"next\":1,\"waiting\":[{\"id\":\"../x\"},7]}");
	look("");
}
END_TEST

/* ---- what is said then ---- */

static const char question[] =
	"{\"id\":\"" ID "1\",\"kind\":\"ticket\",\"time\":\"2026-01-02T10:00:"
	"00.000Z\",\"repository\":\"a/b\",\"namespace\":\"n\",\"lookup\":"
	"\"unverified\",\"decision\":\"" ID "f\",\"rule\":\"r\",\"sink\":\"s\","
	"\"refs_evidence\":{\"sha256\":\"00\",\"count\":200},\"persons\":[]}";

/* The last record, which this appends. */
static yyjson_doc *answer(const char *code, enum reask_outcome outcome,
			  struct buf *json)
{
	struct reask_answer a = {.outcome = outcome, .n = 1};
	yyjson_doc *doc = yyjson_read(question, strlen(question), 0);
	struct buf persons = BUF_INIT(LEDGER_MAX_PERSONS);
	struct ledger_reader *r;
	struct ledger_item item;
	struct ledger *l;

	strcpy(a.tickets[0].id, "CHG1");
	strcpy(a.tickets[0].reply.code, code);
	strcpy(a.tickets[0].reply.state, "Open");
	a.tickets[0].reply.asked = INT64_C(1000) * NOON;
	if (outcome == REASK_REFUSED)
		strcpy(a.tickets[0].reply.why, "its backout plan is empty");
	ck_assert_msg(!reask_record(place.dir, yyjson_doc_get_root(doc), &a,
				    &place.e),
		      "%s", place.e.msg);
	yyjson_doc_free(doc);
	l = place_open(&place, LEDGER_READ);
	ck_assert_int_eq(ledger_reader_new(&r, l, 0, &place.e), 0);
	while (ledger_reader_next(r, &item, &place.e) == 1) {
		buf_clear(json);
		buf_add(json, item.json.p, item.json.n);
	}
	ledger_reader_free(r);
	ledger_close(l);
	buf_release(&persons);
	return yyjson_read(json->data, json->len, 0);
}

static void says(yyjson_doc *doc, const char *pointer, const char *text)
{
	const char *got = yyjson_get_str(yyjson_doc_ptr_get(doc, pointer));

	ck_assert_msg(got && !strcmp(got, text), "%s is %s", pointer,
		      got ? got : "not there");
}

START_TEST(an_answer_says_what_it_is_about)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	yyjson_doc *doc = answer("no-backout", REASK_REFUSED, &json);

	says(doc, "/kind", "ticket");
	says(doc, "/lookup", "refused");
	says(doc, "/severity", "high");
	says(doc, "/question", ID "1");
	says(doc, "/decision", ID "f");
	says(doc, "/repository", "a/b");
	says(doc, "/namespace", "n");
	says(doc, "/rule", "r");
	says(doc, "/sink", "s");
	says(doc, "/pushed", "2026-01-02T10:00:00.000Z");
	says(doc, "/refs_evidence/sha256", "00");
	says(doc, "/tickets/0/id", "CHG1");
	says(doc, "/tickets/0/lookup", "refused");
	says(doc, "/tickets/0/code", "no-backout");
	says(doc, "/tickets/0/state", "Open");
	says(doc, "/tickets/0/asked", "2026-01-02T12:00:00.000Z");
	says(doc, "/tickets/0/why", "its backout plan is empty");
	yyjson_doc_free(doc);
	doc = answer("verified", REASK_VERIFIED, &json);
	says(doc, "/lookup", "verified");
	says(doc, "/severity", "low");
	says(doc, "/tickets/0/lookup", "verified");
	ck_assert_ptr_null(yyjson_doc_ptr_get(doc, "/tickets/0/code"));
	ck_assert_ptr_null(yyjson_doc_ptr_get(doc, "/tickets/0/why"));
	yyjson_doc_free(doc);
	buf_release(&json);
}
END_TEST

static const char decision[] =
	"{\"id\":\"" ID "f\",\"kind\":\"decision\",\"verdict\":\"pass\","
	"\"repository\":\"a/b\",\"tickets\":[{\"id\":\"CHG1\"}],\"refs\":["
	"{\"name\":\"refs/heads/main\",\"new\":\"11\",\"gates\":[\"g\"]}],"
	"\"persons\":[]}";

static enum change_event event_of(struct ledger *l, struct span json,
				  struct buf *comment)
{
	struct ledger_item item = {.json = json, .persons = span_str("[]")};
	struct decisions decisions;
	struct change c;
	struct about a;

	decisions_init(&decisions, l);
	ck_assert_msg(!about_read(&a, &decisions, &item, true, &place.e), "%s",
		      place.e.msg);
	ck_assert_int_eq(change_of(&a, l, &c, &place.e), 0);
	ck_assert(!c.event || !strcmp(c.named, "CHG1"));
	buf_clear(comment);
	tell_comment(&a, comment);
	about_release(&a);
	decisions_release(&decisions);
	return c.event;
}

START_TEST(a_ticket_hears_of_a_no_and_of_nothing_else)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct buf text = BUF_INIT(TELL_MAX_COMMENT);
	struct ledger *l;

	append(decision);
	yyjson_doc_free(answer("no-backout", REASK_REFUSED, &json));
	l = place_open(&place, LEDGER_READ);
	ck_assert_int_eq(event_of(l, span_of(json.data, json.len), &text),
			 CHANGE_NEWS);
	ck_assert_ptr_nonnull(strstr(text.data, "gatepost: ticket REFUSED "
						"after the push was let in: "));
	ck_assert_ptr_nonnull(strstr(
		text.data, "\nTicket CHG1: its backout plan is empty\n"));
	ck_assert_ptr_nonnull(strstr(text.data, "\nSeverity: high\n"));
	ck_assert_int_eq(event_of(l, span_str(question), &text),
			 CHANGE_NOTHING);
	yyjson_doc_free(answer("verified", REASK_VERIFIED, &json));
	ck_assert_int_eq(event_of(l, span_of(json.data, json.len), &text),
			 CHANGE_NOTHING);
	ledger_close(l);
	buf_release(&text);
	buf_release(&json);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("asking about tickets");
	TCase *c = tcase_create("tickets");

	tcase_add_loop_test(c, a_ticket_is_what_the_rule_asks_for, 0,
			    (int)COUNT(answers));
	tcase_add_test(c, a_field_that_is_not_there_is_named);
	suite_add_tcase(s, c);
	c = tcase_create("again");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, what_waits_is_in_the_ledger);
	tcase_add_test(c, what_was_saved_is_gone_on_from);
	tcase_add_test(c, a_state_that_is_no_use_is_none);
	tcase_add_test(c, an_answer_says_what_it_is_about);
	tcase_add_test(c, a_ticket_hears_of_a_no_and_of_nothing_else);
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
