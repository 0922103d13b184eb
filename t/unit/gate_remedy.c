/* SPDX-License-Identifier: Apache-2.0 */

/* The command that adds missing trailers, typed into a shell for real. */

#include "gate_help.h"

#include "gate/remedy.h"
#include "git_help.h"

static struct buf text;

static const char *remedy_of(const struct report *r)
{
	buf_release(&text);
	buf_init(&text, HELP_MAX);
	return remedy_command(r, WEIGHT_REJECT, &text) ? text.data : NULL;
}

START_TEST(the_tip_alone_is_amended)
{
	struct report r;

	report_refused(&r);
	report_lacks(&r, HEX_A, "Assisted-by: Claude:claude-opus-4-6");
	report_lacks(&r, HEX_A, "Rollback: revert");
	report_lacks(&r, HEX_A, "Rollback: revert");
	ck_assert_str_eq(remedy_of(&r),
			 "git commit --amend --no-edit --trailer "
			 "\"Assisted-by: Claude:claude-opus-4-6\" --trailer "
			 "\"Rollback: revert\"");
	report_release(&r);
}
END_TEST

START_TEST(nothing_to_add_is_no_command)
{
	struct report r;

	report_refused(&r);
	report_find(&r, WEIGHT_REJECT, HEX_A, "no trailer helps", NULL);
	report_find(&r, WEIGHT_WARN, HEX_A, "only a warning", NULL);
	ck_assert_ptr_null(remedy_of(&r));
	report_release(&r);
}
END_TEST

static const char *const dangerous[] = {
	"Assisted-by: \"x",	    "Assisted-by: 'x",	    "Assisted-by: `id`",
	"Assisted-by: $(id)",	    "Assisted-by: \\x",	    "Assisted-by: !x",
	"Assisted-by: x\ny",	    "Assisted-by: x;y",	    "Assisted-by: x|y",
	"Assisted-by: caf\xc3\xa9", "Assisted-by: \x1b[1m", "Assisted-by: ${x}",
	"Assisted-by: x*",	    "Assisted-by: ~x"};

START_TEST(what_a_shell_might_read_is_left_out)
{
	struct report r;

	report_refused(&r);
	report_lacks(&r, HEX_A, dangerous[_i]);
	ck_assert_ptr_null(remedy_of(&r));
	report_lacks(&r, HEX_A, "Assisted-by: Fine");
	ck_assert_str_eq(remedy_of(&r), "git commit --amend --no-edit "
					"--trailer \"Assisted-by: Fine\"");
	report_release(&r);
}
END_TEST

static void unsigned_(struct report *r, const char *commit, int sign)
{
	struct err e;
	struct report_finding f = {.commit = commit,
				   .rule = 0,
				   .check = "signature",
				   .code = "unsigned",
				   .author = REPORT_NO_PERSON,
				   .weight = WEIGHT_REJECT,
				   .text = "not signed",
				   .sign = sign};

	ck_assert_int_eq(report_add_finding(r, &f, &e), 0);
}

START_TEST(what_lacks_a_signature_is_signed_by_one_command)
{
	struct report r;

	report_refused(&r);
	unsigned_(&r, HEX_A, SIGN_COMMIT);
	ck_assert_str_eq(remedy_of(&r), "git commit --amend --no-edit -S");
	report_lacks(&r, HEX_A, "Assisted-by: Fine");
	ck_assert_str_eq(remedy_of(&r),
			 "git commit --amend --no-edit --trailer "
			 "\"Assisted-by: Fine\" -S");
	report_release(&r);
	report_refused(&r);
	unsigned_(&r, HEX_A, SIGN_COMMIT);
	unsigned_(&r, HEX_B, SIGN_COMMIT);
	ck_assert_str_eq(remedy_of(&r),
			 "git rebase --rebase-merges --no-ff -S bbbbbbbbb^");
	report_release(&r);
	report_refused(&r);
	unsigned_(&r, HEX_A, SIGN_COMMIT);
	unsigned_(&r, HEX_B, SIGN_ROOT);
	ck_assert_str_eq(remedy_of(&r),
			 "git rebase --rebase-merges --no-ff -S --root");
	report_release(&r);
}
END_TEST

START_TEST(trailers_and_signatures_are_one_command)
{
	struct report r;
	const char *command;

	report_refused(&r);
	report_lacks(&r, HEX_A, "Assisted-by: Fine");
	unsigned_(&r, HEX_B, SIGN_COMMIT);
	command = remedy_of(&r);
	ck_assert_ptr_nonnull(
		strstr(command, "--commit-filter 'git commit-tree -S \"$@\"' "
				"-- HEAD --not bbbbbbbbb^@"));
	report_release(&r);
}
END_TEST

START_TEST(another_branch_is_not_mixed_in)
{
	struct report r;
	struct report_finding f = {
		.ref = 1,
		.check = "provenance",
		.code = "undeclared",
		.commit = HEX_B,
		.author = REPORT_NO_PERSON,
		.text = "x",
		.trailer = "Assisted-by: X",
		.weight = WEIGHT_REJECT,
	};
	struct err e;

	report_refused(&r);
	report_ref(&r, "refs/heads/other", VERDICT_REJECT);
	report_lacks(&r, HEX_A, "Assisted-by: X");
	ck_assert_int_eq(report_add_finding(&r, &f, &e), 0);
	ck_assert_str_eq(remedy_of(&r),
			 "git commit --amend --no-edit --trailer "
			 "\"Assisted-by: X\"   # then 1 more");
	report_release(&r);
}
END_TEST

START_TEST(a_command_is_whole_or_absent)
{
	struct buf small = BUF_INIT(60);
	struct report r;

	report_refused(&r);
	report_lacks(&r, HEX_A, "Assisted-by: Claude:claude-opus-4-6");
	ck_assert(!remedy_command(&r, WEIGHT_REJECT, &small));
	buf_release(&small);
	report_release(&r);
}
END_TEST

/* ---- for real ---- */

/* Root, a side branch, a merge that adds a file of its own. */
static void make_history(const char *format)
{
	help_run(NULL,
		 "git init -q -b main --object-format=%s w && cd w && "
		 "c() { echo $1 > $1 && git add . && "
		 "git commit -q -m \"$1\n\nbody\n---\nbelow\"; } && "
		 "c root && c one && git checkout -q -b side && c two && "
		 "git checkout -q main && c three && "
		 "git merge -q --no-commit side 2> /dev/null && "
		 "echo by hand > hand && git add hand && "
		 "git commit -q -m merge && c four",
		 format);
}

static void report_of(struct report *r, const char *const *names, size_t n)
{
	const char *none[] = {NULL};
	struct oid tip = help_id("git -C w rev-parse HEAD");
	struct report_ref ref = {
		.name = "refs/heads/main",
		.real = "refs/heads/main",
		.old = HEX_0,
		.new_ = help_hex(&tip),
		.gates = none,
		.previews = none,
	};
	struct err e;
	size_t i;

	report_init(r);
	ck_assert_int_eq(report_add_ref(r, &ref, &e), 0);
	for (i = 0; i < n; i++) {
		struct oid id = help_id("git -C w rev-parse %s", names[i]);

		report_lacks(r, help_hex(&id),
			     i % 2 ? "Co-authored-by: X <1+x@y.example>"
				   : "Assisted-by: Claude:claude-opus-4-6");
	}
}

/* Subjects of the commits that have some trailer, sorted. */
static void trailed_are(const char *want)
{
	struct buf out = BUF_INIT(HELP_MAX);

	help_run(&out, "cd w && git log --topo-order --reverse "
		       "--format='%%H %%s' | while read id s; do "
		       "git cat-file commit $id | "
		       "grep -q '^\\(Assisted\\|Co-authored\\)-by: ' && "
		       "printf '%%s\\n' $s; done | sort | tr '\\n' ' '");
	ck_assert_str_eq(out.data, want);
	buf_release(&out);
}

static void run_it(const struct report *r)
{
	const char *command = remedy_of(r);

	ck_assert_ptr_nonnull(command);
	help_write("command", command);
	help_run(NULL, "cp -r w before && cd w && "
		       "sh -e ../command > ../log 2>&1 || "
		       "{ cat ../log >&2; exit 1; }");
	/* no content has changed, and no commit has gone */
	help_run(NULL, "cd w && git diff --quiet "
		       "$(git -C ../before rev-parse HEAD) HEAD && "
		       "test -f hand && test -z \"$(git status --porcelain)\" "
		       "&& test $(git rev-list --count HEAD) = 6 && "
		       "test $(git rev-list --merges --count HEAD) = 1");
}

static const char *const formats[] = {"sha1", "sha256"};

START_TEST(exactly_the_listed_commits_get_their_trailer)
{
	const char *const names[] = {"HEAD", "HEAD~1^1", "side"};
	struct report r;

	help_algo = _i ? OID_SHA256 : OID_SHA1;
	make_history(formats[_i]);
	report_of(&r, names, 3);
	run_it(&r);
	trailed_are("four three two ");
	help_run(NULL, "cd w && test \"$(git log -1 --format=%%b)\" = "
		       "\"$(printf 'body\\n---\\nbelow\\n\\n"
		       "Assisted-by: Claude:claude-opus-4-6')\"");
	report_release(&r);
}
END_TEST

START_TEST(a_merge_and_a_root_get_theirs)
{
	const char *const names[] = {"HEAD~1", "HEAD~4"};
	struct report r;

	make_history("sha1");
	report_of(&r, names, 2);
	run_it(&r);
	trailed_are("merge root ");
	report_release(&r);
}
END_TEST

START_TEST(several_trailers_of_one_commit_are_added_together)
{
	const char *const names[] = {"HEAD~4", "HEAD~4"};
	struct report r;

	make_history("sha1");
	report_of(&r, names, 2);
	run_it(&r);
	trailed_are("root ");
	help_run(NULL, "cd w && git cat-file commit HEAD~4 | tail -n 2 | "
		       "tr '\\n' '|' | grep -qxF 'Assisted-by: "
		       "Claude:claude-opus-4-6|"
		       "Co-authored-by: X <1+x@y.example>|'");
	report_release(&r);
}
END_TEST

START_TEST(an_amend_works_as_printed)
{
	const char *const names[] = {"HEAD"};
	struct report r;

	make_history("sha1");
	report_of(&r, names, 1);
	run_it(&r);
	trailed_are("four ");
	report_release(&r);
}
END_TEST

Suite *suite_remedy(void)
{
	Suite *s = suite_create("remedy");
	TCase *t = tcase_create("text"), *real = tcase_create("real");

	tcase_add_test(t, the_tip_alone_is_amended);
	tcase_add_test(t, nothing_to_add_is_no_command);
	tcase_add_loop_test(t, what_a_shell_might_read_is_left_out, 0,
			    sizeof(dangerous) / sizeof(dangerous[0]));
	tcase_add_test(t, what_lacks_a_signature_is_signed_by_one_command);
	tcase_add_test(t, trailers_and_signatures_are_one_command);
	tcase_add_test(t, another_branch_is_not_mixed_in);
	tcase_add_test(t, a_command_is_whole_or_absent);
	suite_add_tcase(s, t);
	tcase_set_timeout(real, 60);
	tcase_add_checked_fixture(real, help_setup, help_teardown);
	tcase_add_loop_test(real, exactly_the_listed_commits_get_their_trailer,
			    0, 2);
	tcase_add_test(real, a_merge_and_a_root_get_theirs);
	tcase_add_test(real, several_trailers_of_one_commit_are_added_together);
	tcase_add_test(real, an_amend_works_as_printed);
	suite_add_tcase(s, real);
	return s;
}
