/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_help.h"

#define SHA1 "0123456789abcdef0123456789abcdef01234567"

/* The directory of the file that scratch_text wrote. */
static const char *gitdir_with(const char *config)
{
	static char dir[4096];

	strcpy(dir, scratch_text("config", config));
	*strrchr(dir, '/') = '\0';
	return dir;
}

START_TEST(a_repositorys_settings_are_read)
{
	struct policy_repository r;
	struct err e;

	scratch_text("extra", "[core]\nhooksPath = /elsewhere\n");
	if (policy_repository_load(
		    &r,
		    gitdir_with("[core]\n\tbare = true\n"
				"[extensions]\n\tobjectFormat = sha256\n"
				"\trefStorage = reftable\n"
				"[gatepost]\n\tpolicy = /etc/a\n"
				"\tpolicy = /etc/b\n"
				"\tmode = enforce\n\trepository = team/api\n"
				"\tbaseline = " SHA1 "\n"
				"[include]\n\tpath = extra\n"
				"[includeIf \"gitdir:/\"]\n\tpath = none\n"
				"[include]\n\tpath = missing\n"
				"\tpath = ~/.gitconfig\n"),
		    &e))
		ck_abort_msg("%s", e.msg);
	ck_assert_str_eq(r.policy, "/etc/b");
	ck_assert_str_eq(r.name, "team/api");
	ck_assert_int_eq(r.mode, MODE_ENFORCE);
	ck_assert_uint_eq(r.baseline.n, 1);
	ck_assert_str_eq(r.object_format, "sha256");
	ck_assert_str_eq(r.ref_storage, "reftable");
	ck_assert(r.hooks_path);
	policy_repository_release(&r);
}
END_TEST

START_TEST(an_ordinary_config_says_nothing)
{
	struct policy_repository r;
	struct err e;

	ck_assert_int_eq(
		policy_repository_load(
			&r,
			gitdir_with("[core]\n\trepositoryformatversion = 0\n"
				    "[remote \"origin\"]\n\turl = x\n"),
			&e),
		0);
	ck_assert_ptr_null(r.policy);
	ck_assert_int_eq(r.mode, MODE_UNSET);
	ck_assert(!r.hooks_path);
	policy_repository_release(&r);
}
END_TEST

START_TEST(a_shared_repositorys_config_may_be_group_writable)
{
	const char *dir = gitdir_with("[gatepost]\nmode = warn\n");
	struct policy_repository r;
	struct err e;

	ck_assert_int_eq(chmod(scratch_path("config"), 0664), 0);
	ck_assert_int_eq(policy_repository_load(&r, dir, &e), 0);
	ck_assert_int_eq(r.mode, MODE_WARN);
	policy_repository_release(&r);
}
END_TEST

static const struct {
	const char *text, *words;
} wrong[] = {
	{"[gatepost]\nmode = enforced\n",
	 "config:2: gatepost.mode: \"enforced"},
	{"[gatepost]\nmode\n", "needs a value"},
	{"[gatepost]\npolicy = policy.conf\n", "absolute path"},
	{"[gatepost]\npolcy = /x\n", "did you mean policy?"},
	{"[gatepost]\nbaseline = 0123\n", "no object id"},
	{"[gatepost]\nbaseline = 0123456789ABCDEF0123456789abcdef01234567\n",
	 "no object id"},
	{"[gatepost]\nmode = warn\n[core\n", "config:3: "},
};

START_TEST(wrong_settings_are_errors)
{
	struct policy_repository r;
	struct err e;

	ck_assert_int_eq(
		policy_repository_load(&r, gitdir_with(wrong[_i].text), &e),
		ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, wrong[_i].words) != NULL, "%s", e.msg);
	ck_assert_ptr_null(r.policy);
}
END_TEST

START_TEST(a_missing_config_is_an_error)
{
	struct policy_repository r;
	struct err e;

	ck_assert_int_eq(policy_repository_load(&r, scratch_path("none"), &e),
			 ERR_NOT_FOUND);
}
END_TEST

static void assert_name(const char *root, const char *below, const char *want)
{
	struct policy p = {0};
	char dir[4096], path[4096];
	char *name;

	strcpy(path, scratch_path("x"));
	*strrchr(path, '/') = '\0';
	strcpy(dir, path);
	strcat(dir, below);
	if (root) {
		strcat(path, root);
		p.root = path;
	}
	name = policy_repository_name(&p, NULL, dir);
	ck_assert_ptr_nonnull(name);
	ck_assert_str_eq(name, want);
	free(name);
}

START_TEST(names_are_paths_below_root_without_git)
{
	char made[3][4096];
	static const char *const dirs[] = {"/team", "/team/api.git",
					   "/team/api.git/.git"};
	size_t i;

	for (i = 0; i < COUNT(dirs); i++) {
		strcpy(made[i], scratch_path("x"));
		strcpy(strrchr(made[i], '/'), dirs[i]);
		ck_assert_int_eq(mkdir(made[i], 0755), 0);
	}
	assert_name("", "/team/api.git", "team/api");
	assert_name("/team", "/team/api.git", "api");
	assert_name("/team/", "/team/../team/api.git", "api");
	assert_name("/te", "/team/api.git", "api");
	assert_name(NULL, "/team/api.git", "api");
	assert_name(NULL, "/team/api.git/.git", "api.git");
	assert_name("", "/team/api.git/.git", "team/api.git");
	for (i = COUNT(dirs); i; i--)
		rmdir(made[i - 1]);
}
END_TEST

START_TEST(the_hosts_name_comes_first)
{
	char given[] = "hosted/name";
	struct policy_repository r = {.name = given};
	char *name = policy_repository_name(NULL, &r, "/");

	ck_assert_str_eq(name, "hosted/name");
	free(name);
}
END_TEST

Suite *suite_repository(void)
{
	Suite *s = suite_create("policy repository");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_repositorys_settings_are_read);
	tcase_add_test(t, an_ordinary_config_says_nothing);
	tcase_add_test(t, a_shared_repositorys_config_may_be_group_writable);
	tcase_add_loop_test(t, wrong_settings_are_errors, 0, (int)COUNT(wrong));
	tcase_add_test(t, a_missing_config_is_an_error);
	tcase_add_test(t, names_are_paths_below_root_without_git);
	tcase_add_test(t, the_hosts_name_comes_first);
	suite_add_tcase(s, t);
	return s;
}
