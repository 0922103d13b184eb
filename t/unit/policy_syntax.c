/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/syntax.h"
#include "policy_help.h"
#include "sys/child.h"

/* What `git config -f FILE --list --includes -z` prints; false when git
 * refuses the file. */
static bool git_list(const char *path, struct buf *out)
{
	const char *const argv[] = {"git",    "config",	    "-f", path,
				    "--list", "--includes", "-z", NULL};
	struct child_spec spec = {.program = "git",
				  .argv = argv,
				  .deadline = deadline_in_ms(20000)};
	struct child_end end;
	struct err e;

	if (child_run(&spec, out, NULL, &end, &e))
		ck_abort_msg("git: %s", e.msg);
	return end.how == CHILD_END_EXIT && end.code == 0;
}

/* The same list of what we have read. */
static void our_list(const struct syntax *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->nentries; i++) {
		const struct syntax_entry *entry = &s->entries[i];
		const struct syntax_section *in = &s->sections[entry->section];

		buf_adds(out, in->name);
		if (in->sub)
			buf_addf(out, ".%s", in->sub);
		buf_addf(out, ".%s", entry->key);
		if (entry->value)
			buf_addf(out, "\n%s", entry->value);
		buf_addch(out, '\0');
	}
}

struct reading {
	struct syntax s;
	struct policy_mistakes m;
};

static struct reading read_ours(const char *path, enum syntax_kind kind)
{
	struct reading r = {0};
	struct err e;

	if (syntax_read(&r.s, path, kind, &r.m, &e))
		ck_abort_msg("not read: %s", e.msg);
	return r;
}

static void reading_release(struct reading *r)
{
	syntax_release(&r->s);
	policy_mistakes_release(&r->m);
}

static void assert_same_list(const char *path, const struct reading *r)
{
	struct buf git = BUF_INIT(1 << 20), ours = BUF_INIT(1 << 20);

	ck_assert_msg(git_list(path, &git), "git refuses what we accept");
	our_list(&r->s, &ours);
	ck_assert_uint_eq(ours.len, git.len);
	ck_assert_int_eq(memcmp(ours.data, git.data, git.len), 0);
	buf_release(&git);
	buf_release(&ours);
}

static const char *const valid[] = {
	"",
	"\n\n  \n",
	"# only a comment",
	"[a]\nkey = value\n",
	"[a]\nkey=value",
	"[a]\n\tkey\n",
	"[a]\nkey =\n",
	"[a]\nkey = \n[b]\nk = 1\n",
	"[A]\nKeY = VaLue\n",
	"[a \"Sub\"]\nk = v\n",
	"[a \"sub with blanks\"]\nk = v\n",
	"[a \"q\\\"uote\\\\slash\\x\"]\nk = v\n",
	"[a   \"many blanks\"]\nk = v\n",
	"[a\t\"tab\"]\nk = v\n",
	"[a \"\"]\nk = v\n",
	"[a \"with.dot\"]\nk = v\n",
	"[a \"]\"]\nk = v\n",
	"[a \"#;=\"]\nk = v\n",
	"[a.Legacy]\nk = v\n",
	"[a.b.c]\nk = v\n",
	"[a.b \"c\"]\nk = v\n",
	"[a] k = v\n",
	"[a] k = v ; comment\n[b] l = w # comment\n",
	"[a][b]\nk = v\n",
	"[a-1]\nk-2 = v\n",
	"[a]\nk = v ; comment\n",
	"[a]\nk = v# comment\n",
	"[a]\nk = \"v ; no comment\" ; comment\n",
	"[a]\nk = \"v\\\"w\"\n",
	"[a]\nk = a\\tb\\nc\\bd\\\\e\\\"f\n",
	"[a]\nk = \"  kept  \"\n",
	"[a]\nk =   cut   \n",
	"[a]\nk = in  ner\n",
	"[a]\nk = one \"two  three\" four\n",
	"[a]\nk = \"\" x\n",
	"[a]\nk = x \"\"\n",
	"[a]\nk = one \\\n  two\n",
	"[a]\nk = one\\\ntwo\n",
	"[a]\nk = \\\n  two\n",
	"[a]\nk = one \\\n\n[b]\nk=1\n",
	"[a]\nk = \"one \\\ntwo\"\n",
	"[a]\nk = v \\\n; comment\nl = w\n",
	"[a]\nk = v ; comment \\\nl = w\n",
	"[a]\nk = v\\\\\nl = w\n",
	"[a]\r\nk = v\r\nl = \"w\"\r\n",
	"[a]\r\nk = one \\\r\n two\r\n",
	"[a]\r\nk\r\n",
	"\xef\xbb\xbf[a]\nk = v\n",
	"[a]\nk = \xc3\xa9t\xc3\xa9\n",
	"[a]\nk = 1\nk = 2\n[b]\nk = 3\n[a]\nk = 4\n",
	"[a]\nk = ==\n",
	"[a]\nk = [b]\n",
	"  [a]\n  k = v\n",
	"[a]\n; k = v\n#[b]\nl = w",
	"[a]\nk = v\\\"\n",
	"[a]\nk =\t v\t\n",
	"[a]\nk2a-b = v\n",
	"[a \"x\"]k=v\n",
	"[a]\nk = \\\\\\", /* a continuation that never comes */
};

START_TEST(git_reads_the_same_from_valid_files)
{
	const char *path = scratch_text("valid", valid[_i]);
	struct reading r = read_ours(path, SYNTAX_TRUSTED);

	ck_assert_msg(!r.m.n, "%s", r.m.n ? r.m.v[0] : "");
	assert_same_list(path, &r);
	reading_release(&r);
}
END_TEST

static const struct {
	const char *text, *words;
	unsigned line;
	bool ours; /* git accepts it; we do not */
} invalid[] = {
	{"k = v\n", "before the first [section]", 1, true},
	{"[a\nk = v\n", "`]` is missing", 1, false},
	{"[a\n", "`]` is missing", 1, false},
	{"[a", "`]` is missing", 1, false},
	{"[a_b]\n", "letters, digits", 1, false},
	{"[a \"b]\n", "has no end", 1, false},
	{"[a \"b\\\n\"]\n", "has no end", 1, false},
	{"[a \"b\"", "`]` is missing", 1, false},
	{"[a \"b\" ]\n", "`]` is missing", 1, false},
	{"[a b]\n", "[name \"word\"]", 1, false},
	{"[]\n", "needs a name", 1, true},
	{"[\"b\"]\n", "letters, digits", 1, false},
	{"[a]\n\n1k = v\n", "neither", 3, false},
	{"[a]\n-k = v\n", "neither", 2, false},
	{"[a]\n\xc3\xa9 = v\n", "neither", 2, false},
	{"[a]\nk_l = v\n", "`=` is missing", 2, false},
	{"[a]\nk ; comment\n", "`=` is missing", 2, false},
	{"[a]\nk v\n", "`=` is missing", 2, false},
	{"[a]\nk = \"v\n", "no end on this line", 2, false},
	{"[a]\nk = \"v", "no end on this line", 2, false},
	{"[a]\nk = \\q\n", "behind a backslash", 2, false},
	{"\xef\xbb[a]\n", "neither", 1, false},
	{"[a]\nk = one \\\n two \\x\n", "behind a backslash", 2, false},
	{"[includeIf \"gitdir:/x\"]\npath = y\n", "conditional", 1, true},
	{"[include]\npath =\n", "needs a file's name", 2, true},
	{"[include]\nother = x\n", "one key, path", 2, true},
	{"[include]\npath = ~/x\n", "absolute or relative", 2, true},
	{"[include]\npath = not-there\n", "not-there", 2, true},
};

START_TEST(mistakes_are_told_with_line_and_reason)
{
	const char *path = scratch_text("policy.conf", invalid[_i].text);
	struct reading r = read_ours(path, SYNTAX_TRUSTED);
	struct buf git = BUF_INIT(1 << 20);

	assert_mistake(&r.m, 0, invalid[_i].line, invalid[_i].words);
	if (!invalid[_i].ours)
		ck_assert(!git_list(path, &git));
	buf_release(&git);
	reading_release(&r);
}
END_TEST

START_TEST(reading_goes_on_behind_a_mistake)
{
	const char *path = scratch_text("policy.conf", "[a]\n"
						       "k v\n"
						       "good = 1\n"
						       "[b\n"
						       "hidden = 1\n"
						       "worse = \"\n"
						       "[c]\n"
						       "good = 2\n"
						       "bad = \\z\n");
	struct reading r = read_ours(path, SYNTAX_TRUSTED);

	ck_assert_uint_eq(r.m.n, 4);
	assert_mistake(&r.m, 0, 2, "`=`");
	assert_mistake(&r.m, 1, 4, "`]`");
	assert_mistake(&r.m, 2, 6, "quote");
	assert_mistake(&r.m, 3, 9, "backslash");
	ck_assert_uint_eq(r.s.nentries, 2);
	ck_assert_str_eq(r.s.entries[1].value, "2");
	ck_assert_uint_eq(r.s.entries[1].at.line, 8);
	reading_release(&r);
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
	const char *path = scratch_write("policy.conf", "[a]\nk = v\0w\n", 12);
	struct reading r = read_ours(path, SYNTAX_TRUSTED);

	ck_assert_uint_eq(r.m.n, 1);
	assert_mistake(&r.m, 0, 2, "NUL");
	reading_release(&r);
}
END_TEST

/* Files of fragments, each of which git may or may not like where it lands.
 * No blanks but spaces inside values: git before 2.45 turns tabs there into
 * spaces, later ones do not. */
static const char *const fragments[] = {
	"[a]",	   "[a \"b\"]", "[A.B]",      "[c \"d\\\"e\"]",
	"key",	   "k",		"=",	      " = ",
	"=",	   "value",	"\"quoted\"", "\"",
	"\\\\",	   "\\\"",	"\\n",	      "\\t",
	"\\\n",	   "\n",	"\n",	      "\n",
	"\n",	   "\r\n",	" ",	      "  ",
	"#c",	   ";c",	"[",	      "]",
	"x-1",	   "\\x",	"\"a b\"",    "[e]\nk = v\n",
	"\nk2 = ", "1",		".",	      "\n[f]\n",
};

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 8;
}

static const char *generate(uint32_t seed)
{
	struct buf b = BUF_INIT(4096);
	const char *path;
	uint32_t state = seed * 7919U + 1;
	size_t n = 3 + next_random(&state) % 20, i;

	if (next_random(&state) % 4)
		buf_adds(&b, "[a]\n");
	for (i = 0; i < n; i++)
		buf_adds(&b, fragments[next_random(&state) % COUNT(fragments)]);
	path = scratch_write("generated", b.data, b.len);
	buf_release(&b);
	return path;
}

/* The few things that git lets pass. */
static bool only_ours(const struct policy_mistakes *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (!strstr(m->v[i], "before the first") &&
		    !strstr(m->v[i], "needs a name"))
			return false;
	return m->n > 0;
}

START_TEST(git_agrees_on_generated_files)
{
	const char *path = generate((uint32_t)_i);
	struct reading r = read_ours(path, SYNTAX_TRUSTED);
	struct buf git = BUF_INIT(1 << 20);

	if (!r.m.n)
		assert_same_list(path, &r);
	else
		ck_assert_msg(!git_list(path, &git) || only_ours(&r.m),
			      "git accepts this; we: %s", r.m.v[0]);
	buf_release(&git);
	reading_release(&r);
}
END_TEST

START_TEST(includes_are_read_where_they_stand)
{
	const char *path;
	struct reading r;

	scratch_text("one", "[a]\nk = 1\n[include]\npath = two\n");
	scratch_text("two", "[b]\nk = 2\n");
	path = scratch_text("policy.conf", "[a]\nk = 0\n[include]\npath = one\n"
					   "[a]\nk = 3\n");
	r = read_ours(path, SYNTAX_TRUSTED);
	ck_assert_uint_eq(r.m.n, 0);
	ck_assert_uint_eq(r.s.nfiles, 3);
	ck_assert_uint_eq(r.s.nentries, 6);
	ck_assert_str_eq(r.s.entries[2].at.file, scratch_path("one"));
	ck_assert_uint_eq(r.s.entries[2].at.line, 2);
	assert_same_list(path, &r);
	reading_release(&r);
}
END_TEST

START_TEST(circular_includes_are_refused)
{
	const char *path;
	struct reading r;

	scratch_text("one", "[include]\npath = policy.conf\n");
	path = scratch_text("policy.conf", "[include]\npath = one\n");
	r = read_ours(path, SYNTAX_TRUSTED);
	ck_assert_uint_eq(r.m.n, 1);
	ck_assert_ptr_nonnull(strstr(r.m.v[0], "/one:2: "));
	ck_assert_ptr_nonnull(strstr(r.m.v[0], "circle"));
	reading_release(&r);
}
END_TEST

START_TEST(deep_includes_are_refused_where_git_refuses_them)
{
	char name[32], text[64];
	int i, deepest;

	for (deepest = SYNTAX_MAX_DEPTH; deepest <= SYNTAX_MAX_DEPTH + 1;
	     deepest++) {
		struct buf git = BUF_INIT(1 << 20);
		struct reading r;
		const char *path;

		for (i = 1; i < deepest; i++) {
			snprintf(name, sizeof(name), "f%d", i);
			snprintf(text, sizeof(text), "[include]\npath = f%d\n",
				 i + 1);
			scratch_text(name, text);
		}
		snprintf(name, sizeof(name), "f%d", deepest);
		scratch_text(name, "[a]\nk = v\n");
		path = scratch_text("policy.conf", "[include]\npath = f1\n");
		r = read_ours(path, SYNTAX_TRUSTED);
		ck_assert_uint_eq(r.m.n, deepest > SYNTAX_MAX_DEPTH);
		ck_assert(git_list(path, &git) == (r.m.n == 0));
		if (r.m.n)
			ck_assert_ptr_nonnull(strstr(r.m.v[0], "10 deep"));
		buf_release(&git);
		reading_release(&r);
	}
}
END_TEST

START_TEST(too_many_included_files_are_refused)
{
	struct buf b = BUF_INIT(1 << 16);
	struct reading r;
	int i;

	buf_adds(&b, "[include]\n");
	for (i = 0; i < SYNTAX_MAX_FILES; i++)
		buf_adds(&b, "path = one\n");
	scratch_text("one", "[a]\nk = v\n");
	r = read_ours(scratch_write("policy.conf", b.data, b.len),
		      SYNTAX_TRUSTED);
	ck_assert_uint_eq(r.m.n, 1);
	assert_mistake(&r.m, 0, SYNTAX_MAX_FILES + 1, "64 files");
	reading_release(&r);
	buf_release(&b);
}
END_TEST

START_TEST(files_that_others_can_write_are_refused)
{
	const char *path = scratch_text("policy.conf", "[a]\nk = v\n");
	struct policy_mistakes m = {0};
	struct syntax s = {0};
	struct err e;

	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_int_eq(syntax_read(&s, path, SYNTAX_TRUSTED, &m, &e),
			 ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(e.msg, "policy.conf"));
	ck_assert_int_eq(syntax_read(&s, path, SYNTAX_REPOSITORY, &m, &e), 0);
	syntax_release(&s);
	scratch_text("policy.conf", "[include]\npath = open\n");
	ck_assert_int_eq(chmod(scratch_text("open", "[a]\nk = v\n"), 0666), 0);
	ck_assert_int_eq(syntax_read(&s, path, SYNTAX_TRUSTED, &m, &e), 0);
	ck_assert_uint_eq(m.n, 1);
	assert_mistake(&m, 0, 2, "open");
	syntax_release(&s);
	policy_mistakes_release(&m);
}
END_TEST

START_TEST(files_beyond_the_cap_are_refused)
{
	size_t n = (1 << 20) + 1;
	char *text = malloc(n);
	struct policy_mistakes m = {0};
	struct syntax s = {0};
	const char *path;
	struct err e;

	memset(text, '\n', n);
	path = scratch_write("policy.conf", text, n);
	ck_assert_int_eq(syntax_read(&s, path, SYNTAX_TRUSTED, &m, &e),
			 ERR_LIMIT);
	ck_assert_int_eq(syntax_read(&s, path, SYNTAX_REPOSITORY, &m, &e), 0);
	syntax_release(&s);
	free(text);
}
END_TEST

static char *normal_of(const char *text)
{
	const char *path = scratch_text("policy.conf", text);
	struct reading r = read_ours(path, SYNTAX_TRUSTED);
	struct buf b = BUF_INIT(1 << 16);

	syntax_add_normal(&r.s, &b);
	reading_release(&r);
	return buf_detach(&b, NULL);
}

START_TEST(normal_text_depends_on_meaning_alone)
{
	char *a = normal_of("[A \"x\"] ; one\n\n k = \"v w\"\nl\n");
	char *b = normal_of("[a \"x\"]\nK=v w#c\r\nL");
	char *c = normal_of("[a \"x=y\\\\\"]\nk = \"\\n\\\\=\"\n");

	ck_assert_str_eq(a, "file\na.x.k=v w\na.x.l\n");
	ck_assert_str_eq(b, a);
	ck_assert_str_eq(c, "file\na.x\\x3dy\\x5c.k=\\x0a\\x5c=\n");
	free(a);
	free(b);
	free(c);
}
END_TEST

Suite *suite_syntax(void)
{
	Suite *s = suite_create("policy syntax");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, git_reads_the_same_from_valid_files, 0,
			    (int)COUNT(valid));
	tcase_add_loop_test(t, mistakes_are_told_with_line_and_reason, 0,
			    (int)COUNT(invalid));
	tcase_add_test(t, reading_goes_on_behind_a_mistake);
	tcase_add_test(t, nul_bytes_are_refused);
	tcase_add_loop_test(t, git_agrees_on_generated_files, 0, 300);
	tcase_add_test(t, includes_are_read_where_they_stand);
	tcase_add_test(t, circular_includes_are_refused);
	tcase_add_test(t, deep_includes_are_refused_where_git_refuses_them);
	tcase_add_test(t, too_many_included_files_are_refused);
	tcase_add_test(t, files_that_others_can_write_are_refused);
	tcase_add_test(t, files_beyond_the_cap_are_refused);
	tcase_add_test(t, normal_text_depends_on_meaning_alone);
	suite_add_tcase(s, t);
	return s;
}
