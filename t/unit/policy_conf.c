/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "policy_help.h"
#include "sys/files.h"

/* A copy of an installed file: who may write in the source tree is not for
 * this test to say. */
static const char *copy_of(const char *source, const char *name)
{
	struct buf b = BUF_INIT(1 << 20);
	const char *path;
	struct err e;
	char from[4096];

	strcpy(from, TOP_SRCDIR "/conf/");
	strcat(from, source);
	if (file_read(from, &b, &e))
		ck_abort_msg("%s", e.msg);
	path = scratch_write(name, b.data, b.len);
	buf_release(&b);
	return path;
}

/* Without the checks' options, which are tested where the checks are. */
static struct policy *load(const char *path)
{
	struct policy *p;
	struct err e;

	if (policy_load(&p, path, NULL, 0, 0, NULL, &e))
		ck_abort_msg("%s", e.msg);
	return p;
}

START_TEST(the_installed_policy_is_right_and_refuses_nobody)
{
	struct policy *p;

	copy_of("agents.conf", "agents.conf");
	p = load(copy_of("policy.conf", "policy.conf"));
	ck_assert_int_eq(p->mode, MODE_WARN);
	ck_assert_uint_eq(p->ngates, 1);
	policy_free(p);
}
END_TEST

static const struct {
	const char *file;
	const char *rules[4];
} presets[] = {
	{"asf", {"generated-by"}},
	{"company",
	 {"approved-ai-tools", "ai-second-person", "sensitive-rollback",
	  "keep-history"}},
	{"fedora-llvm", {"assisted-by"}},
	{"kernel", {"kernel-ai"}},
	{"mesa", {"mesa-ai"}},
	{"no-ai", {"no-ai"}},
	{"no-attribution", {"no-ai-attribution"}},
	{"openinfra", {"openinfra-ai"}},
	{"zephyr", {"zephyr-ai"}},
};

START_TEST(every_preset_can_be_included)
{
	struct buf b = BUF_INIT(1 << 16);
	char name[256];
	struct policy *p;
	size_t i;

	strcpy(name, "presets/");
	strcat(name, presets[_i].file);
	strcat(name, ".conf");
	copy_of("agents.conf", "agents.conf");
	copy_of(name, "preset.conf");
	buf_adds(&b, "[include]\npath = preset.conf\n"
		     "[area \"sensitive\"]\npath = src/\n"
		     "[gate \"g\"]\nref = refs/heads/main\n");
	for (i = 0; i < 4 && presets[_i].rules[i]; i++)
		buf_addf(&b, "rule = %s\n", presets[_i].rules[i]);
	p = load(scratch_write("policy.conf", b.data, b.len));
	ck_assert_uint_eq(p->nrules, i);
	policy_free(p);
	buf_release(&b);
}
END_TEST

Suite *suite_conf(void)
{
	Suite *s = suite_create("policy conf");
	TCase *t = tcase_create("all");

	tcase_add_test(t, the_installed_policy_is_right_and_refuses_nobody);
	tcase_add_loop_test(t, every_preset_can_be_included, 0,
			    (int)COUNT(presets));
	suite_add_tcase(s, t);
	return s;
}
