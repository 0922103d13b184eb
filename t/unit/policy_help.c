/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/files.h"

enum { MAX_SCRATCH = 256 };

static char scratch_dir[] = "/tmp/gatepost-unit-XXXXXX";
static pid_t scratch_owner;
static char *scratch_files[MAX_SCRATCH];
static size_t scratch_n;

const char small_agents[] = "[keys]\n"
			    "strong = Assisted-by\n"
			    "[agent \"claude-code\"]\n"
			    "title = Claude Code\n"
			    "given-name = Claude\n"
			    "[agent \"copilot\"]\n"
			    "title = GitHub Copilot\n";

static void scratch_clean(void)
{
	size_t i;

	if (scratch_owner != getpid())
		return;
	for (i = 0; i < scratch_n; i++)
		unlink(scratch_files[i]);
	rmdir(scratch_dir);
}

static void scratch_open(void)
{
	if (scratch_owner == getpid())
		return;
	scratch_owner = getpid();
	scratch_n = 0;
	strcpy(scratch_dir + strlen(scratch_dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch_dir));
	atexit(scratch_clean);
}

const char *scratch_path(const char *name)
{
	char path[FILE_MAX_PATH];
	size_t i;

	scratch_open();
	snprintf(path, sizeof(path), "%s/%s", scratch_dir, name);
	for (i = 0; i < scratch_n; i++)
		if (!strcmp(scratch_files[i], path))
			return scratch_files[i];
	ck_assert_uint_lt(scratch_n, MAX_SCRATCH);
	return scratch_files[scratch_n++] = strdup(path);
}

const char *scratch_write(const char *name, const char *text, size_t n)
{
	const char *path = scratch_path(name);

	ck_assert_int_eq(file_write(path, text, n, 0644, NULL), 0);
	return path;
}

const char *scratch_text(const char *name, const char *text)
{
	return scratch_write(name, text, strlen(text));
}

static const char *const demo_words[] = {"first", "second", NULL};

static const struct option demo_table[] = {
	{.name = "size",
	 .type = OPTION_NUMBER,
	 .offset = offsetof(struct demo_options, size),
	 .fallback = "7",
	 .min = 1,
	 .max = 10,
	 .help = "a number"},
	{.name = "word",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct demo_options, word),
	 .words = demo_words,
	 .help = "a word"},
	{.name = "role",
	 .type = OPTION_STRING,
	 .offset = offsetof(struct demo_options, role),
	 .help = "a role"},
	{.name = "many",
	 .type = OPTION_STRINGS,
	 .offset = offsetof(struct demo_options, many),
	 .help = "some"},
};

static int demo_validate(const void *options, struct err *e)
{
	const struct demo_options *o = options;

	if (o->size == 3)
		return err_set(e, ERR_CONFIG, "three is not liked");
	return 0;
}

static int demo_resolve(const void *options, const struct policy *p,
			struct err *e)
{
	const struct demo_options *o = options;

	return o->role ? policy_check_role(p, o->role, e) : 0;
}

static const struct rule_kind demo_kind = {
	.name = "demo",
	.options = demo_table,
	.noptions = COUNT(demo_table),
	.size = sizeof(struct demo_options),
	.validate = demo_validate,
	.resolve = demo_resolve,
};

const struct rule_kind *const demo_kinds[1] = {&demo_kind};

struct policy *policy_of(const char *text)
{
	const char *path = scratch_text("policy.conf", text);
	struct policy *p;
	struct err e;

	scratch_text("agents.conf", small_agents);
	if (policy_load(&p, path, demo_kinds, 1, 0, NULL, &e))
		ck_abort_msg("not loaded: %s", e.msg);
	return p;
}

void mistakes_of(const char *text, struct policy_mistakes *m)
{
	const char *path = scratch_text("policy.conf", text);
	struct policy *p;
	struct err e;

	scratch_text("agents.conf", small_agents);
	*m = (struct policy_mistakes){0};
	ck_assert_int_eq(policy_load(&p, path, demo_kinds, 1, 0, m, &e),
			 ERR_CONFIG);
	ck_assert_ptr_null(p);
	ck_assert_uint_gt(m->n, 0);
	ck_assert(!strncmp(e.msg, m->v[0], strlen(m->v[0])));
}

void assert_mistake(const struct policy_mistakes *m, size_t i, unsigned line,
		    const char *words)
{
	char place[64];

	ck_assert_msg(i < m->n, "only %zu mistakes", m->n);
	snprintf(place, sizeof(place), "/policy.conf:%u: ", line);
	ck_assert_msg(strstr(m->v[i], place) != NULL,
		      "\"%s\" is not of line %u", m->v[i], line);
	ck_assert_msg(strstr(m->v[i], words) != NULL, "\"%s\" has no \"%s\"",
		      m->v[i], words);
}
