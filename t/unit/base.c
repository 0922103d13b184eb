/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/name_map.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"

START_TEST(buf_refuses_beyond_cap_and_stays_as_it_was)
{
	struct buf b = BUF_INIT(4);

	ck_assert_int_eq(buf_adds(&b, "abc"), 0);
	ck_assert_int_eq(buf_adds(&b, "de"), -1);
	ck_assert(!buf_ok(&b));
	ck_assert_str_eq(b.data, "abc");
	ck_assert_int_eq(buf_adds(&b, ""), -1);
	buf_clear(&b);
	ck_assert_int_eq(buf_addf(&b, "%d", 1234), 0);
	ck_assert_str_eq(b.data, "1234");
	buf_release(&b);
}
END_TEST

START_TEST(buf_detach_gives_a_string_even_when_empty)
{
	struct buf b = BUF_INIT(4);
	size_t len = 7;
	char *s = buf_detach(&b, &len);

	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(s, "");
	free(s);
	buf_adds(&b, "12345");
	ck_assert_ptr_null(buf_detach(&b, &len));
}
END_TEST

START_TEST(array_stops_at_its_maximum)
{
	size_t n = 0, cap = 0;
	int *v = NULL;

	while (array_push(&v, n, &cap, 20) == 0) {
		v[n] = (int)n;
		n++;
	}
	ck_assert_uint_eq(n, 20);
	ck_assert_int_eq(array_push(&v, n, &cap, 20), -2);
	free(v);
}
END_TEST

START_TEST(cursor_takes_nothing_when_short)
{
	struct cursor c = cursor_of("\0\0\0\3ab", 6);
	struct span s;
	uint32_t n;

	ck_assert(!cursor_string(&c, &s));
	ck_assert_uint_eq(cursor_left(&c), 6);
	ck_assert(cursor_u32(&c, &n));
	ck_assert_uint_eq(n, 3);
	ck_assert(!cursor_take(&c, 3, &s));
	ck_assert(cursor_take(&c, 2, &s));
	ck_assert(span_is(s, "ab"));
	ck_assert(!cursor_line(&c, &s));
}
END_TEST

START_TEST(err_is_bounded_and_wraps)
{
	char big[2 * ERR_MAX_MSG];
	struct err e;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ck_assert_int_eq(err_set(&e, ERR_LIMIT, "%s", big), ERR_LIMIT);
	ck_assert_uint_eq(strlen(e.msg), ERR_MAX_MSG - 1);
	err_set(&e, ERR_DENIED, "inner");
	ck_assert_int_eq(err_wrap(&e, "outer %d", 1), ERR_DENIED);
	ck_assert_str_eq(e.msg, "outer 1: inner");
}
END_TEST

static const char *printable(const char *s, size_t max)
{
	static char out[512];
	struct buf b = BUF_INIT(sizeof(out) - 1);

	text_add_printable(&b, span_str(s), max);
	ck_assert(buf_ok(&b));
	memcpy(out, b.data, b.len + 1);
	buf_release(&b);
	return out;
}

START_TEST(printable_stops_terminal_escapes)
{
	ck_assert_str_eq(printable("a\033[31mb\r\a\b\x7f\n", 99),
			 "a?[31mb?????");
	ck_assert_str_eq(printable("\xc2\x9b"
				   "31m",
				   99),
			 "?31m");
	ck_assert_str_eq(printable("a\tb", 99), "a b");
}
END_TEST

START_TEST(printable_stops_bidi_and_zero_width)
{
	static const char *const bad[] = {
		"\xe2\x80\x8e",	   "\xe2\x80\x8f",     "\xe2\x80\xaa",
		"\xe2\x80\xae",	   "\xe2\x81\xa6",     "\xe2\x81\xa9",
		"\xe2\x80\x8b",	   "\xe2\x80\x8d",     "\xef\xbb\xbf",
		"\xe2\x80\xa8",	   "\xe2\x80\xa9",     "\xef\xbf\xbe",
		"\xef\xb7\x90",	   "\xf0\x9f\xbf\xbf", "\xd8\x9c",
		"\xf3\xa0\x81\x81"};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_str_eq(printable(bad[i], 99), "?");
}
END_TEST

START_TEST(printable_stops_ill_formed_bytes)
{
	ck_assert_str_eq(printable("\xc0\xaf", 99), "??");
	ck_assert_str_eq(printable("\xed\xa0\x80", 99), "???");
	ck_assert_str_eq(printable("\xe0\x80\xaf", 99), "???");
	ck_assert_str_eq(printable("\xf4\x90\x80\x80", 99), "????");
	ck_assert_str_eq(printable("\xe2\x82", 99), "??");
	ck_assert_str_eq(printable("\xff", 99), "?");
}
END_TEST

START_TEST(printable_keeps_ordinary_text_and_cuts)
{
	ck_assert_str_eq(printable("gr\xc3\xbc\xc3\x9f \xe4\xb8\xad", 99),
			 "gr\xc3\xbc\xc3\x9f \xe4\xb8\xad");
	ck_assert_str_eq(printable("\xc3\xbc\xc3\xbc\xc3\xbc", 2),
			 "\xc3\xbc\xc3\xbc...");
	ck_assert_str_eq(printable("abc", 3), "abc");
}
END_TEST

START_TEST(utf8_replaces_only_what_is_ill_formed)
{
	struct buf b = BUF_INIT(64);

	text_add_utf8(&b, span_of("a\xff\0\xe2\x80\xae", 6));
	ck_assert_uint_eq(b.len, 8);
	ck_assert_int_eq(memcmp(b.data, "a\xef\xbf\xbd\0\xe2\x80\xae", b.len),
			 0);
	ck_assert(text_is_utf8(span_of(b.data, b.len)));
	ck_assert(!text_is_utf8(span_str("\xc1\x81")));
	buf_release(&b);
}
END_TEST

START_TEST(shell_quotes_what_needs_it)
{
	static const char *const pairs[][2] = {
		{"main", "main"},     {"", "''"},
		{"a b", "'a b'"},     {"it's", "'it'\\''s'"},
		{"$(id)", "'$(id)'"}, {"a\nb\033", "'a?b?'"},
		{"~x", "'~x'"},
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf b = BUF_INIT(64);

		text_add_shell(&b, span_str(pairs[i][0]));
		ck_assert_str_eq(b.data, pairs[i][1]);
		buf_release(&b);
	}
}
END_TEST

static const struct {
	const char *pattern, *path;
	bool match;
} globs[] = {
	{"refs/heads/main", "refs/heads/main", true},
	{"refs/heads/main", "refs/heads/mainx", false},
	{"refs/heads/main", "refs/heads", false},
	{"refs/heads/*", "refs/heads/a", true},
	{"refs/heads/*", "refs/heads/a/b", false},
	{"refs/heads/**", "refs/heads/a/b", true},
	{"refs/heads/**", "refs/heads", false},
	{"**", "", true},
	{"**", "a", true},
	{"**", "a/b/c", true},
	{"*", "a/b", false},
	{"**/x", "x", true},
	{"**/x", "a/b/x", true},
	{"**/x", "a/bx", false},
	{"a/**/b", "a/b", true},
	{"a/**/b", "a/x/y/b", true},
	{"a/**/b", "a/x/y", false},
	{"a/**/b/**/c", "a/b/b/x/c", true},
	{"a/**/b/*/c", "a/b/b/x/c", true},
	{"a**b", "axxb", true},
	{"a**b", "a/b", false},
	{"**/**", "a", true},
	{"*.sql", ".sql", true},
	{"a*b*c", "abbbc", true},
	{"a*b*c", "abbb", false},
	{"?", "a", true},
	{"?", "", false},
	{"a?c", "a/c", false},
	{"[a-c]x", "bx", true},
	{"[!a-c]x", "bx", false},
	{"[^a-c]x", "dx", true},
	{"[]a]", "]", true},
	{"[a-]", "-", true},
	{"[[:digit:]]", "7", true},
	{"[[:digit:]]", "x", false},
	{"[\\]]", "]", true},
	{"[a", "[a", true},
	{"[a/b]", "[a/b]", true},
	{"a[/]b", "a/b", false},
	{"\\*", "*", true},
	{"\\*", "a", false},
	{"a\\/b", "a/b", true},
	{"a\\", "a\\", false},
	{"release/*", "release/", true},
};

START_TEST(name_map_keeps_many_names)
{
	enum { NAMES = 1000 };
	static char names[NAMES][16];
	struct name_map m = {NULL, 0, 0};
	size_t i;

	ck_assert_uint_eq(name_map_get(&m, "absent"), SIZE_MAX);
	for (i = 0; i < NAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "name-%zu", i);
		ck_assert_int_eq(name_map_put(&m, names[i], i), 0);
	}
	ck_assert_int_eq(name_map_put(&m, "name-7", 70), 0);
	ck_assert_uint_eq(m.n, NAMES);
	for (i = 0; i < NAMES; i++)
		ck_assert_uint_eq(name_map_get(&m, names[i]), i == 7 ? 70 : i);
	ck_assert_uint_eq(name_map_get(&m, "name-"), SIZE_MAX);
	name_map_release(&m);
}
END_TEST

START_TEST(glob_matches_as_documented)
{
	ck_assert_msg(text_glob(globs[_i].pattern, globs[_i].path) ==
			      globs[_i].match,
		      "%s against %s", globs[_i].pattern, globs[_i].path);
}
END_TEST

START_TEST(glob_takes_no_exponential_time)
{
	char pattern[400], deep[200], path[8000];
	int64_t start = time_mono_us();
	size_t i;

	for (i = 0; i < 198; i += 2)
		memcpy(pattern + i, "a*", 2);
	memcpy(pattern + i, "b", 2);
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert(!text_glob(pattern, path));
	for (i = 0; i < 195; i += 5)
		memcpy(deep + i, "**/a/", 5);
	memcpy(deep + i, "b", 2);
	for (i = 1; i < sizeof(path) - 1; i += 2)
		path[i] = '/';
	ck_assert(!text_glob(deep, path));
	ck_assert_int_lt(time_mono_us() - start, 1000000);
}
END_TEST

START_TEST(nearest_suggests_only_what_is_near)
{
	static const char *const words[] = {"quorum", NULL, "when", "check"};

	ck_assert_str_eq(text_nearest("quroum", words, 4), "quorum");
	ck_assert_str_eq(text_nearest("Chek", words, 4), "check");
	ck_assert_ptr_null(text_nearest("banana", words, 4));
	ck_assert_ptr_null(text_nearest("", words, 4));
}
END_TEST

START_TEST(hex_decode_is_strict)
{
	unsigned char out[2];
	char text[5];

	ck_assert(hex_decode(span_str("0aff"), out, 2));
	hex_encode(out, 2, text);
	ck_assert_str_eq(text, "0aff");
	ck_assert(!hex_decode(span_str("0AFF"), out, 2));
	ck_assert(!hex_decode(span_str("0aff0"), out, 2));
	ck_assert(!hex_decode(span_str("0aff00"), out, 2));
	ck_assert(!hex_decode(span_str("0ag0"), out, 2));
}
END_TEST

START_TEST(base64_round_trips)
{
	static const char *const pairs[][2] = {{"", ""},
					       {"f", "Zg=="},
					       {"fo", "Zm8="},
					       {"foo", "Zm9v"},
					       {"foob", "Zm9vYg=="},
					       {"fooba", "Zm9vYmE="},
					       {"\xfb\xff", "+/8="}};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf b = BUF_INIT(64), back = BUF_INIT(64);

		base64_encode(&b, pairs[i][0], strlen(pairs[i][0]));
		ck_assert_str_eq(b.data, pairs[i][1]);
		ck_assert(base64_decode(&back, span_str(pairs[i][1])));
		ck_assert_str_eq(back.data, pairs[i][0]);
		buf_release(&b);
		buf_release(&back);
	}
}
END_TEST

START_TEST(base64_refuses_other_forms)
{
	static const char *const bad[] = {
		"Zg",	"Zg=",	"Zh==",	    "Zm9=", "Zg==\n",
		"====", "Z===", "Zg==Zg==", "Zm 9", "Zm-_"};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf b = BUF_INIT(64);

		buf_adds(&b, "x");
		ck_assert_msg(!base64_decode(&b, span_str(bad[i])), "%s",
			      bad[i]);
		ck_assert_str_eq(b.data, "x");
		buf_release(&b);
	}
}
END_TEST

START_TEST(numbers_come_back_from_their_digits)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {{0, "0"},
		     {7, "7"},
		     {10, "10"},
		     {1801439999001, "1801439999001"},
		     {UINT64_MAX, "18446744073709551615"}};
	char text[TEXT_U64_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_of_u64(cases[i].n, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(a_cleared_arena_has_room_for_all_again)
{
	struct arena a;

	arena_init(&a, 100000);
	for (int i = 0; i < 100; i++) {
		/* more than a block of its own, and what fits into one */
		ck_assert_ptr_nonnull(arena_alloc(&a, i % 2 ? 60000 : 100));
		ck_assert_str_eq(arena_strdup(&a, "abc"), "abc");
		ck_assert_ptr_null(arena_alloc(&a, 100000));
		arena_clear(&a);
		ck_assert_uint_eq(a.used, 0);
	}
	arena_release(&a);
}
END_TEST

START_TEST(numbers_refuse_signs_and_overflow)
{
	uint64_t v;

	ck_assert(
		text_to_u64(span_str("18446744073709551615"), UINT64_MAX, &v));
	ck_assert(v == UINT64_MAX);
	ck_assert(
		!text_to_u64(span_str("18446744073709551616"), UINT64_MAX, &v));
	ck_assert(!text_to_u64(span_str("101"), 100, &v));
	ck_assert(!text_to_u64(span_str(""), 100, &v));
	ck_assert(!text_to_u64(span_str("-1"), 100, &v));
	ck_assert(!text_to_u64(span_str(" 1"), 100, &v));
	ck_assert(text_to_u64(span_str("7"), 7, &v) && v == 7);
	ck_assert(!text_to_u64(span_str("8"), 7, &v));
}
END_TEST

START_TEST(find_ignores_ascii_case)
{
	struct span hay = span_str("Made with CLAUDE");

	ck_assert_ptr_eq(text_find_nocase(hay, span_str("claude")), hay.p + 10);
	ck_assert_ptr_null(text_find_nocase(hay, span_str("claudex")));
	ck_assert_ptr_eq(text_find_nocase(hay, span_str("")), hay.p);
}
END_TEST

static void assert_time(const char *text, int64_t want)
{
	int64_t ms = 0;

	ck_assert_msg(time_parse(span_str(text), &ms), "%s", text);
	ck_assert_msg(ms == want, "%s gave %lld", text, (long long)ms);
}

START_TEST(time_parses_dates_and_rfc3339)
{
	assert_time("1970-01-01T00:00:00Z", 0);
	assert_time("1970-01-01", 86399999);
	assert_time("2027-12-31", 1830297599999);
	assert_time("2000-02-29T12:00:00.5Z", 951825600500);
	assert_time("2000-02-29T13:30:00.123456+01:30", 951825600123);
	assert_time("1969-12-31T23:59:59Z", -1000);
	assert_time("0000-01-01T00:00:00Z", -62167219200000);
	assert_time("9999-12-31", 253402300799999);
}
END_TEST

START_TEST(time_refuses_what_is_no_date)
{
	static const char *const bad[] = {"",
					  "2027",
					  "2027-02-29",
					  "2027-13-01",
					  "2027-00-01",
					  "2027-01-00",
					  "2027-1-1",
					  "2027-01-01 ",
					  "2027-01-01T00:00:00",
					  "2027-01-01T24:00:00Z",
					  "2027-01-01T00:00:00.Z",
					  "2027-01-01T00:00:00+1:00",
					  "2027-01-01T00:00:00Zx",
					  "1900-02-29"};
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!time_parse(span_str(bad[i]), &ms), "%s", bad[i]);
}
END_TEST

START_TEST(time_formats_and_clamps)
{
	char out[TIME_RFC3339_SIZE];
	int64_t ms, day;

	time_format(1830297599123, out);
	ck_assert_str_eq(out, "2027-12-31T23:59:59.123Z");
	time_format(-1, out);
	ck_assert_str_eq(out, "1969-12-31T23:59:59.999Z");
	time_format(INT64_MAX, out);
	ck_assert_str_eq(out, "9999-12-31T23:59:59.999Z");
	time_format(INT64_MIN, out);
	ck_assert_str_eq(out, "0000-01-01T00:00:00.000Z");
	for (day = -719528; day < 2932897; day += 97) {
		time_format(day * 86400000 + 1, out);
		ck_assert(time_parse(span_str(out), &ms));
		ck_assert(ms == day * 86400000 + 1);
	}
}
END_TEST

START_TEST(durations_have_one_unit)
{
	int64_t s;

	ck_assert(time_parse_duration(span_str("30s"), &s) && s == 30);
	ck_assert(time_parse_duration(span_str("2h"), &s) && s == 7200);
	ck_assert(time_parse_duration(span_str("1y"), &s) && s == 31536000);
	ck_assert(!time_parse_duration(span_str("30"), &s));
	ck_assert(!time_parse_duration(span_str("d"), &s));
	ck_assert(!time_parse_duration(span_str("-1d"), &s));
	ck_assert(!time_parse_duration(span_str("1d2h"), &s));
	ck_assert(!time_parse_duration(span_str("99999999999999999y"), &s));
}
END_TEST

START_TEST(sha256_knows_the_standard_vectors)
{
	char hex[SHA256_HEX_SIZE], again[SHA256_HEX_SIZE];
	unsigned char raw[SHA256_SIZE];
	struct sha256 h;

	sha256_hex("abc", 3, hex);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223"
			      "b00361a396177a9cb410ff61f20015ad");
	sha256_init(&h);
	sha256_update(&h, "a", 1);
	sha256_update(&h, "bc", 2);
	sha256_final(&h, raw);
	hex_encode(raw, sizeof(raw), again);
	ck_assert_str_eq(again, hex);
}
END_TEST

START_TEST(uuid7_carries_its_time_and_version)
{
	char a[UUID_TEXT_SIZE], b[UUID_TEXT_SIZE];
	struct err e;
	int64_t ms = 0;

	ck_assert_int_eq(uuid7_make(0x0123456789ab, a, &e), 0);
	ck_assert_int_eq(uuid7_make(0x0123456789ab, b, &e), 0);
	ck_assert(uuid_is(span_str(a)));
	ck_assert_int_eq(strncmp(a, "01234567-89ab-7", 15), 0);
	ck_assert(strchr("89ab", a[19]) != NULL);
	ck_assert_str_ne(a, b);
	ck_assert(uuid7_time(span_str(a), &ms));
	ck_assert_int_eq(ms, 0x0123456789ab);
	a[14] = '4';
	ck_assert(!uuid7_time(span_str(a), &ms));
	ck_assert(!uuid_is(span_str("01234567-89AB-7000-8000-000000000000")));
	ck_assert(!uuid_is(span_str("0123456789ab-7000-8000-0000000000000")));
}
END_TEST

static Suite *base_suite(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("all");

	tcase_add_test(t, buf_refuses_beyond_cap_and_stays_as_it_was);
	tcase_add_test(t, buf_detach_gives_a_string_even_when_empty);
	tcase_add_test(t, array_stops_at_its_maximum);
	tcase_add_test(t, cursor_takes_nothing_when_short);
	tcase_add_test(t, err_is_bounded_and_wraps);
	tcase_add_test(t, printable_stops_terminal_escapes);
	tcase_add_test(t, printable_stops_bidi_and_zero_width);
	tcase_add_test(t, printable_stops_ill_formed_bytes);
	tcase_add_test(t, printable_keeps_ordinary_text_and_cuts);
	tcase_add_test(t, utf8_replaces_only_what_is_ill_formed);
	tcase_add_test(t, shell_quotes_what_needs_it);
	tcase_add_test(t, name_map_keeps_many_names);
	tcase_add_loop_test(t, glob_matches_as_documented, 0,
			    (int)(sizeof(globs) / sizeof(globs[0])));
	tcase_add_test(t, glob_takes_no_exponential_time);
	tcase_add_test(t, nearest_suggests_only_what_is_near);
	tcase_add_test(t, hex_decode_is_strict);
	tcase_add_test(t, base64_round_trips);
	tcase_add_test(t, base64_refuses_other_forms);
	tcase_add_test(t, numbers_come_back_from_their_digits);
	tcase_add_test(t, a_cleared_arena_has_room_for_all_again);
	tcase_add_test(t, numbers_refuse_signs_and_overflow);
	tcase_add_test(t, find_ignores_ascii_case);
	tcase_add_test(t, time_parses_dates_and_rfc3339);
	tcase_add_test(t, time_refuses_what_is_no_date);
	tcase_add_test(t, time_formats_and_clamps);
	tcase_add_test(t, durations_have_one_unit);
	tcase_add_test(t, sha256_knows_the_standard_vectors);
	tcase_add_test(t, uuid7_carries_its_time_and_version);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(base_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
