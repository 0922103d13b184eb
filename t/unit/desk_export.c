/* SPDX-License-Identifier: Apache-2.0 */

/* What records become for other programs. */

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/encode.h"
#include "desk/export.h"
#include "desk/export_private.h"
#include "ledger_help.h"

enum { OUT_MAX = 1 << 20 };

static struct place place;
static struct ledger *ledger;
static struct buf out;
static struct err e;

static void setup(void)
{
	place_make(&place);
	ledger = place_open(&place, LEDGER_APPEND);
	buf_init(&out, OUT_MAX);
	err_clear(&e);
}

static void teardown(void)
{
	buf_release(&out);
	ledger_close(ledger);
	place_remove(&place);
}

static int take(void *arg, struct span bytes, struct err *err)
{
	(void)arg;
	return buf_add(&out, bytes.p, bytes.n) ? err_nomem(err) : 0;
}

/* One record, with alice for person 0, through a format. */
static int convert(enum export_format format, const char *json)
{
	static const unsigned char seed[ED25519_SEED] = {1};
	struct ledger_item item = {
		.id = span_str("01890000-0000-7000-8000-000000000001"),
		.json = span_str(json),
		.persons = span_str("[{\"salt\":\"0\",\"principal\":"
				    "\"alice\"}]"),
	};
	struct ed25519_key *key;
	struct export_setup s = {
		.format = format,
		.ledger = ledger,
		.resource = "git+ssh://h/",
		.verifier = "https://h/v",
		.now = INT64_C(1700000000000),
		.sink = take,
	};
	struct export *x;
	int rc;

	buf_clear(&out);
	ck_assert_int_eq(ed25519_from_seed(&key, seed, &e), 0);
	s.key = key;
	ck_assert_int_eq(export_new(&x, &s, &e), 0);
	rc = export_add(x, &item, &e);
	if (!rc)
		rc = export_end(x, &e);
	export_free(x);
	ed25519_free(key);
	return rc;
}

/* Parts of a decision; each is written where the one before it ends. */
#define HEAD                                                                   \
	"{\"v\":1,\"id\":\"01890000-0000-7000-8000-000000000001\","            \
	"\"kind\":\"decision\",\"time\":\"2023-07-01T00:00:00.000Z\","         \
	"\"repository\":\"a\",\"pusher\":{\"person\":0},"                      \
	"\"policy\":\"00\",\"verdict\":\"pass\",\"mode\":\"enforce\","
#define REFS "\"refs\":["
#define REF(name) REF_WITH(name, "")
#define REF_WITH(name, more)                                                   \
	"{\"name\":\"" name "\",\"real\":\"" name                              \
	"\",\"old\":\"0000000000000000000000000000000000000000\","             \
	"\"new\":\"1111111111111111111111111111111111111111\","                \
	"\"gates\":[\"g\"],\"verdict\":\"pass\"" more "}"
#define RULES "],\"rules\":["
#define RULE(name, check, mode, result)                                        \
	"{\"rule\":\"" name "\",\"check\":\"" check                            \
	"\",\"ref\":\"refs/heads/"                                             \
	"main\",\"controls\":[\"S:1\"],\"mode\":\"" mode                       \
	"\",\"result\":\"" result "\"}"
#define END "]}"

/* ------------------------------------------------------------------ CSV */

static void cell_is(const char *text, const char *want)
{
	struct buf b = BUF_INIT(4096);

	export_add_cell(&b, text);
	ck_assert_str_eq(b.data, want);
	buf_release(&b);
}

START_TEST(a_cell_is_quoted_where_it_must_be)
{
	cell_is("", "");
	cell_is("plain", "plain");
	cell_is("a b", "a b");
	cell_is("a,b", "\"a,b\"");
	cell_is("say \"no\"", "\"say \"\"no\"\"\"");
	cell_is("two\nlines", "\"two\nlines\"");
	cell_is("two\r\nlines", "\"two\r\nlines\"");
	cell_is(" begins with a blank", "\" begins with a blank\"");
	cell_is("a;b", "\"a;b\"");
}
END_TEST

START_TEST(no_cell_is_a_formula)
{
	cell_is("=1+2", "\"'=1+2\"");
	cell_is("+1", "\"'+1\"");
	cell_is("-1", "\"'-1\"");
	cell_is("@SUM(A1)", "\"'@SUM(A1)\"");
	cell_is("\t=1", "\"'\t=1\"");
	cell_is("\r=1", "\"'\r=1\"");
	cell_is("\n=1", "\"'\n=1\"");
	cell_is("=\"a\"", "\"'=\"\"a\"\"\"");
	/* full-width signs */
	cell_is("\xef\xbc\x9d"
		"1",
		"\"'\xef\xbc\x9d"
		"1\"");
	cell_is("a=1", "a=1");
}
END_TEST

static size_t lines(void)
{
	size_t n = 0, i;

	for (i = 0; i < out.len; i++)
		n += out.data[i] == '\n';
	return n;
}

START_TEST(every_rule_and_every_bare_ref_has_a_line)
{
	static const char two[] =
		HEAD REFS REF("refs/heads/x") "," REF("refs/heads/main")
			RULES RULE("r", "review", "enforce", "pass") "," RULE(
				"s", "history", "enforce", "pass") END;

	ck_assert_int_eq(convert(EXPORT_CSV, two), 0);
	ck_assert_uint_eq(lines(), 1 + 2 + 1);
	ck_assert_ptr_nonnull(strstr(out.data, ",alice,refs/heads/main,"));
	ck_assert_int_eq(convert(EXPORT_CSV, HEAD "\"persons\":[]}"), 0);
	ck_assert_uint_eq(lines(), 1 + 1);
}
END_TEST

/* ------------------------------------------------------------- in-toto */

/* How many envelopes there are, and the statement of the last. */
static size_t statements(struct buf *statement)
{
	const char *at = out.data;
	size_t n = 0;

	while ((at = strstr(at, "\"payload\":\""))) {
		at += strlen("\"payload\":\"");
		buf_clear(statement);
		ck_assert(base64_decode(statement,
					span_of(at, strcspn(at, "\""))));
		n++;
	}
	return n;
}

START_TEST(what_was_not_enforced_is_not_claimed)
{
	static const char decision[] = HEAD REFS REF("refs/heads/main")
		RULES RULE("r", "review", "warn", "pass") "," RULE(
			"h", "history", "enforce",
			"not-applicable") "," RULE("p", "provenance", "enforce",
						   "pass") END;
	struct buf st = BUF_INIT(OUT_MAX);

	ck_assert_int_eq(convert(EXPORT_INTOTO, decision), 0);
	ck_assert_uint_eq(statements(&st), 1);
	ck_assert_ptr_nonnull(
		strstr(st.data, "\"verifiedLevels\":[\"SLSA_SOURCE_LEVEL_1\","
				"\"ORG_SOURCE_GATEPOST_PROVENANCE\"]"));
	buf_release(&st);
}
END_TEST

START_TEST(what_would_be_refused_has_no_statement)
{
	static const char would[] =
		HEAD REFS REF_WITH("refs/heads/main", ",\"would\":\"reject\"")
			END;
	/* a tag may be an object of its own */
	static const char tag[] = HEAD REFS REF("refs/tags/v1") END;
	struct buf st = BUF_INIT(OUT_MAX);

	ck_assert_int_eq(convert(EXPORT_INTOTO, would), 0);
	ck_assert_uint_eq(statements(&st), 0);
	ck_assert_int_eq(convert(EXPORT_INTOTO, tag), 0);
	ck_assert_uint_eq(statements(&st), 0);
	buf_release(&st);
}
END_TEST

START_TEST(names_cannot_leave_their_place_in_a_uri)
{
	struct buf b = BUF_INIT(256);

	export_add_uri(&b, "a/b c?d#e%\n\xc3\xa9");
	ck_assert_str_eq(b.data, "a/b%20c%3Fd%23e%25%0A%C3%A9");
	buf_release(&b);
}
END_TEST

/* ------------------------------------------------------ JSON of others */

#define ODD "\\\"}\\u0000\\u001b[31m\\n\\u2028</script>"

START_TEST(odd_texts_stay_texts)
{
	static const enum export_format all[] = {EXPORT_NDJSON, EXPORT_OCSF,
						 EXPORT_OSCAL};
	static const char odd[] = HEAD REFS REF("refs/heads/main")
		RULES RULE("r" ODD, "review", "enforce",
			   "fail") "],\"findings\":[{\"rule\":\"r" ODD
				   "\",\"check\":\"" ODD
				   "\",\"code\":\"c\"}" END;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		yyjson_doc *doc;

		ck_assert_int_eq(convert(all[i], odd), 0);
		ck_assert(out.len > 0 && out.data[out.len - 1] == '\n');
		doc = yyjson_read(out.data, out.len, 0);
		ck_assert_ptr_nonnull(doc);
		yyjson_doc_free(doc);
		ck_assert_ptr_null(memchr(out.data, 0x1b, out.len));
	}
}
END_TEST

START_TEST(a_record_that_is_none_is_an_error)
{
	ck_assert_int_eq(convert(EXPORT_CSV, "{\"kind\":"), ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "no JSON"));
}
END_TEST

START_TEST(evidence_that_is_gone_is_an_error)
{
	ck_assert_int_eq(convert(EXPORT_CSV, HEAD
				 "\"refs_evidence\":{\"sha256\":\""
				 "0123456789012345678901234567890123456789"
				 "012345678901234567890123\",\"count\":1}}"),
			 ERR_NOT_FOUND);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("desk export");
	TCase *t = tcase_create("formats");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_cell_is_quoted_where_it_must_be);
	tcase_add_test(t, no_cell_is_a_formula);
	tcase_add_test(t, every_rule_and_every_bare_ref_has_a_line);
	tcase_add_test(t, what_was_not_enforced_is_not_claimed);
	tcase_add_test(t, what_would_be_refused_has_no_statement);
	tcase_add_test(t, names_cannot_leave_their_place_in_a_uri);
	tcase_add_test(t, odd_texts_stay_texts);
	tcase_add_test(t, a_record_that_is_none_is_an_error);
	tcase_add_test(t, evidence_that_is_gone_is_an_error);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
