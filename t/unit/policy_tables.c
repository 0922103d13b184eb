/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "policy/tables.h"
#include "policy_help.h"
#include "sys/files.h"

struct sample {
	char *text;
	struct option_list texts, globs;
	char *path;
	bool yes;
	int64_t number, duration, date;
	int word;
};

static const char *const words[] = {"alpha", "beta", "gamma", NULL};

static const struct option table[] = {
	{.name = "text",
	 .type = OPTION_STRING,
	 .offset = offsetof(struct sample, text)},
	{.name = "texts",
	 .type = OPTION_STRINGS,
	 .offset = offsetof(struct sample, texts)},
	{.name = "globs",
	 .type = OPTION_GLOBS,
	 .offset = offsetof(struct sample, globs)},
	{.name = "path",
	 .type = OPTION_PATH,
	 .offset = offsetof(struct sample, path)},
	{.name = "yes",
	 .type = OPTION_BOOL,
	 .offset = offsetof(struct sample, yes)},
	{.name = "number",
	 .type = OPTION_NUMBER,
	 .offset = offsetof(struct sample, number),
	 .min = 2,
	 .max = 4096},
	{.name = "duration",
	 .type = OPTION_DURATION,
	 .offset = offsetof(struct sample, duration),
	 .min = 60,
	 .max = 86400},
	{.name = "date",
	 .type = OPTION_DATE,
	 .offset = offsetof(struct sample, date)},
	{.name = "word",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct sample, word),
	 .words = words},
};

static int read_key(struct sample *s, const char *key, const char *value,
		    struct err *e)
{
	const struct option_place at = {"/etc/gatepost/policy.conf", 7};
	const struct option *o = option_find(table, COUNT(table), key);

	ck_assert_ptr_nonnull(o);
	return option_read(o, value, s, &at, e);
}

START_TEST(values_become_what_they_mean)
{
	struct sample s = {0};
	struct err e;

	ck_assert_int_eq(read_key(&s, "text", "a b", &e), 0);
	ck_assert_str_eq(s.text, "a b");
	ck_assert_int_eq(read_key(&s, "texts", "one", &e), 0);
	ck_assert_int_eq(read_key(&s, "texts", "two", &e), 0);
	ck_assert_uint_eq(s.texts.n, 2);
	ck_assert_uint_eq(s.texts.lines[1], 7);
	ck_assert_int_eq(read_key(&s, "path", "keys/ca.pem", &e), 0);
	ck_assert_str_eq(s.path, "/etc/gatepost/keys/ca.pem");
	ck_assert_int_eq(read_key(&s, "path", "/x", &e), 0);
	ck_assert_str_eq(s.path, "/x");
	ck_assert_int_eq(read_key(&s, "yes", NULL, &e), 0);
	ck_assert(s.yes);
	ck_assert_int_eq(read_key(&s, "yes", "OFF", &e), 0);
	ck_assert(!s.yes);
	ck_assert_int_eq(read_key(&s, "number", "3K", &e), 0);
	ck_assert_int_eq(s.number, 3072);
	ck_assert_int_eq(read_key(&s, "duration", "2h", &e), 0);
	ck_assert_int_eq(s.duration, 7200);
	ck_assert_int_eq(read_key(&s, "date", "1970-01-01", &e), 0);
	ck_assert_int_eq(s.date, 86399999);
	ck_assert_int_eq(read_key(&s, "word", "beta", &e), 0);
	ck_assert_int_eq(s.word, 2);
	options_release(table, COUNT(table), &s);
	ck_assert_ptr_null(s.text);
	ck_assert_uint_eq(s.texts.n, 0);
}
END_TEST

static const struct {
	const char *key, *value, *words;
} wrong[] = {
	{"text", "", "needs a value"},
	{"text", NULL, "needs a value"},
	{"text", "a\nb", "control characters"},
	{"text", "a\xff", "UTF-8"},
	{"globs", "src**", "`**` must stand alone"},
	{"globs", "a/**b/c", "`**` must stand alone"},
	{"globs", "a/***", "`**` must stand alone"},
	{"path", "~/keys", "not expanded"},
	{"yes", "perhaps", "true or false"},
	{"yes", "", "true or false"},
	{"number", "1", "from 2 to 4096"},
	{"number", "5k", "from 2 to 4096"},
	{"number", "-3", "from 2 to 4096"},
	{"number", "3x", "from 2 to 4096"},
	{"number", "k", "from 2 to 4096"},
	{"number", "99999999999999999999g", "from 2 to 4096"},
	{"duration", "59s", "from 1m to 1d"},
	{"duration", "60", "from 1m to 1d"},
	{"duration", "0", "from 1m to 1d"},
	{"date", "2026-02-30", "a date"},
	{"word", "bta", "alpha, beta or gamma; did you mean beta?"},
	{"word", "zzz", "alpha, beta or gamma"},
};

START_TEST(wrong_values_are_refused_with_what_is_right)
{
	struct sample s = {0};
	struct err e;

	ck_assert_int_eq(read_key(&s, wrong[_i].key, wrong[_i].value, &e),
			 ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, wrong[_i].words) != NULL, "%s", e.msg);
	options_release(table, COUNT(table), &s);
}
END_TEST

START_TEST(globs_take_whole_stars)
{
	struct sample s = {0};
	struct err e;

	ck_assert_int_eq(read_key(&s, "globs", "**", &e), 0);
	ck_assert_int_eq(read_key(&s, "globs", "a/**/b", &e), 0);
	ck_assert_int_eq(read_key(&s, "globs", "**/b*", &e), 0);
	ck_assert_uint_eq(s.globs.n, 3);
	options_release(table, COUNT(table), &s);
}
END_TEST

START_TEST(every_key_of_every_section_is_described)
{
	size_t n, i, k;
	const struct policy_section_desc *const *all = policy_sections(&n);

	ck_assert_uint_eq(n, 12);
	for (i = 0; i < n; i++) {
		ck_assert_ptr_eq(policy_section_find(all[i]->section), all[i]);
		for (k = 0; k < all[i]->n; k++) {
			const struct option *o = &all[i]->table[k];
			char what[256];

			ck_assert_ptr_nonnull(o->help);
			ck_assert_ptr_eq(
				option_find(all[i]->table, all[i]->n, o->name),
				o);
			option_describe(o, what, sizeof(what));
			ck_assert_uint_gt(strlen(what), 0);
		}
	}
	ck_assert_ptr_null(policy_section_find("auditor"));
}
END_TEST

START_TEST(every_default_can_be_read)
{
	size_t n, i;
	const struct policy_section_desc *const *all = policy_sections(&n);

	for (i = 0; i < n; i++) {
		size_t size = all[i]->has_subsection ? all[i]->size
						     : sizeof(struct policy);
		void *target = calloc(1, size);
		struct err e;

		if (options_defaults(all[i]->table, all[i]->n, target, &e))
			ck_abort_msg("%s: %s", all[i]->section, e.msg);
		options_release(all[i]->table, all[i]->n, target);
		free(target);
	}
}
END_TEST

/* The manual's text on one section: from its heading to the next. */
static struct span manual_section(struct span manual, const char *section)
{
	struct cursor c = cursor_of(manual.p, manual.n);
	struct span line, out = {NULL, 0};
	char heading[128];

	strcpy(heading, ".Ss Section ");
	strcat(heading, section);
	while (cursor_line(&c, &line)) {
		if (out.p &&
		    (span_starts(line, ".Ss ") || span_starts(line, ".Sh ")))
			break;
		if (!out.p && span_starts(line, heading) &&
		    (line.n == strlen(heading) ||
		     line.p[strlen(heading)] == ' '))
			out.p = line.p;
	}
	ck_assert_msg(out.p != NULL, "the manual has no section %s", section);
	out.n = (size_t)(line.p - out.p);
	return out;
}

static void assert_manual_keys(const struct policy_section_desc *desc,
			       struct span text)
{
	struct cursor c = cursor_of(text.p, text.n);
	const struct option *o = NULL;
	size_t found = 0;
	struct span line;
	bool told = true;

	while (cursor_line(&c, &line)) {
		char key[64] = "";

		if (span_starts(line, ".It Ic ")) {
			ck_assert_msg(told, "%s.%s: no default in the manual",
				      desc->section, o ? o->name : "");
			memcpy(key, line.p + 7, line.n - 7);
			key[line.n - 7] = '\0';
			o = option_find(desc->table, desc->n, key);
			ck_assert_msg(o != NULL, "%s: the manual has %s",
				      desc->section, key);
			found++;
			told = o->fallback == NULL;
		} else if (o && o->fallback && span_starts(line, ".Cm ")) {
			struct span rest = span_of(line.p + 4, line.n - 4);

			told |= span_starts(rest, o->fallback);
		}
	}
	ck_assert(told);
	ck_assert_msg(found == desc->n, "%s: %zu keys, %zu in the manual",
		      desc->section, desc->n, found);
}

START_TEST(the_manual_has_every_key_and_default_and_no_other)
{
	size_t n, i;
	const struct policy_section_desc *const *all = policy_sections(&n);
	struct buf b = BUF_INIT(1 << 20);
	struct err e;

	if (file_read(TOP_SRCDIR "/doc/gatepost-policy.5", &b, &e))
		ck_abort_msg("%s", e.msg);
	for (i = 0; i < n; i++)
		assert_manual_keys(all[i],
				   manual_section(span_of(b.data, b.len),
						  all[i]->section));
	buf_release(&b);
}
END_TEST

Suite *suite_tables(void)
{
	Suite *s = suite_create("policy tables");
	TCase *t = tcase_create("all");

	tcase_add_test(t, values_become_what_they_mean);
	tcase_add_loop_test(t, wrong_values_are_refused_with_what_is_right, 0,
			    (int)COUNT(wrong));
	tcase_add_test(t, globs_take_whole_stars);
	tcase_add_test(t, every_key_of_every_section_is_described);
	tcase_add_test(t, every_default_can_be_read);
	tcase_add_test(t, the_manual_has_every_key_and_default_and_no_other);
	suite_add_tcase(s, t);
	return s;
}
