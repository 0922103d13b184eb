/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/baseline.h"
#include "cli/commands.h"
#include "cli/hooks_dir.h"
#include "cli/place.h"
#include "cli/publish.h"
#include "cli/settings.h"

static const char help[] =
	"usage: gatepost install [--policy FILE] [--enforce] [--replace] "
	"REPO\n"
	"\n"
	"Put the gate before a repository on this server: links the three "
	"hooks,\n"
	"proves that they run, and notes the present tips as the baseline "
	"that is\n"
	"never judged. Undone by `gatepost uninstall REPO`.\n"
	"\n"
	"  --policy FILE  the policy of this repository (default: the "
	"system's)\n"
	"  --enforce      refuse from now on, whatever mode the policy has; "
	"also sets\n"
	"                 receive.fsckObjects, with the bad objects that are "
	"already\n"
	"                 there in a skip list\n"
	"  --replace      take the place of a gatepost that is installed "
	"elsewhere\n";

/** What is asked for. */
struct wish {
	const char *policy;
	bool enforce, replace;
};

static int refuse_other(const struct place *p, const char *dir,
			const char *name, struct err *e)
{
	char other[FILE_MAX_PATH];
	int rc = hooks_dir_other(dir, name, other, e);

	return rc ? rc
		  : err_set(e, ERR_DENIED,
			    "%s/%s is the hook of another gatepost, in %s; "
			    "nothing was changed. To put the one in %s in its "
			    "place, which keeps baseline and settings: "
			    "gatepost install --replace %s",
			    dir, name, other, PKGLIBEXECDIR, p->gitdir);
}

/* Somebody else's hook is not ours to replace. */
static int refuse_foreign(const struct place *p, const char *dir, bool replace,
			  struct err *e)
{
	enum hook_state state;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < HOOKS_COUNT; i++) {
		const char *name = hooks_names[i];

		rc = hooks_dir_state(dir, name, &state, e);
		if (!rc && state == HOOK_FOREIGN)
			rc = err_set(e, ERR_DENIED,
				     "%s/%s is not gatepost's; nothing was "
				     "changed. Move it away, or have it call "
				     "%s/%s",
				     dir, name, PKGLIBEXECDIR, name);
		else if (!rc && state == HOOK_OF_OTHER && !replace)
			rc = refuse_other(p, dir, name, e);
		else if (!rc && state == HOOK_OF_OTHER)
			/* before one that does run is taken away */
			rc = hooks_dir_prove(p, PKGLIBEXECDIR, name, e);
	}
	return rc;
}

static int check_objects(struct place *p, struct err *e)
{
	char path[FILE_MAX_PATH];
	size_t n;
	int rc;

	fprintf(stderr, "gatepost: looking for bad objects (git fsck; this "
			"may take a while)\n");
	rc = baseline_bad_objects(p, path, &n, e);
	if (!rc && n) {
		printf("gatepost: %zu objects in %s would not pass git fsck; "
		       "they are listed in %s\n",
		       n, p->gitdir, path);
		rc = settings_set(p, "receive.fsck.skipList", path, e);
	}
	return rc ? rc : settings_set(p, "receive.fsckObjects", "true", e);
}

static int settings(struct place *p, const char *policy, bool enforce,
		    struct baseline *base, struct err *e)
{
	int rc = settings_set(p, "core.useReplaceRefs", "false", e);

	if (!rc)
		rc = settings_set(p, "receive.advertisePushOptions", "true", e);
	/* `gatepost mode` may set it later: it goes when the gate goes */
	if (!rc)
		rc = settings_remember(p, "gatepost.mode", e);
	if (!rc && policy)
		rc = settings_set(p, "gatepost.policy", p->policy->path, e);
	if (!rc && enforce)
		rc = settings_set(p, "gatepost.mode", "enforce", e);
	if (!rc && enforce)
		rc = check_objects(p, e);
	return rc ? rc : baseline_store(p, base, e);
}

static int hooks(struct place *p, const char *dir, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < HOOKS_COUNT; i++)
		rc = hooks_dir_link(dir, hooks_names[i], e);
	for (i = 0; !rc && i < HOOKS_COUNT; i++)
		rc = hooks_dir_prove(p, dir, hooks_names[i], e);
	if (!rc)
		return 0;
	/* a gate that does not run is worse than none: take it down again */
	for (i = 0; i < HOOKS_COUNT; i++) {
		struct err ignored = {0};

		hooks_dir_unlink(dir, hooks_names[i], &ignored);
	}
	return rc;
}

static enum policy_mode mode_in_force(const struct place *p, bool enforce)
{
	if (enforce)
		return MODE_ENFORCE;
	if (p->settings.mode != MODE_UNSET)
		return (enum policy_mode)p->settings.mode;
	return (enum policy_mode)p->policy->mode;
}

static int note(struct place *p, bool enforce, const struct baseline *base,
		struct err *e)
{
	struct record_frame frame;
	struct change_note what = {
		.kind = "install",
		.to = policy_mode_word(mode_in_force(p, enforce)),
		.digest = base->digest[0] ? base->digest : NULL,
		.count = base->tips,
	};

	place_frame(p, &frame);
	return change_record(p->ledger, &frame, &what, e);
}

/* Half an installation is worse than none. */
static void undo(struct place *p)
{
	struct err e = {0};

	if (baseline_remove(p, &e) || settings_restore(p, &e) ||
	    publish_remove(p, &e))
		fprintf(stderr, "gatepost: %s\n", e.msg);
}

static int change(struct place *p, const char *dir, const struct wish *w,
		  struct err *e)
{
	bool again = settings_kept(p);
	struct baseline base;
	int rc = settings(p, w->policy, w->enforce, &base, e);

	if (!rc)
		rc = hooks(p, dir, e);
	if (!rc)
		rc = publish_write(p, NULL, NULL, e);
	if (!rc)
		rc = note(p, w->enforce, &base, e);
	if (rc && !again)
		undo(p);
	return rc;
}

/* Hooks and records go by the path and the name, a line each. */
static int refuse_odd_name(const struct place *p, struct err *e)
{
	if (!strpbrk(p->gitdir, "\n\r") && !strpbrk(p->repository, "\n\r"))
		return 0;
	return err_set(e, ERR_DENIED,
		       "%s: a repository whose path has a line break cannot "
		       "be gated; rename it",
		       p->gitdir);
}

static int install(struct place *p, const struct wish *w, struct err *e)
{
	char dir[FILE_MAX_PATH];
	int rc = place_policy(p, w->policy, 0, e);

	if (!rc)
		rc = refuse_odd_name(p, e);
	if (!rc)
		rc = place_ledger(p, NULL, LEDGER_APPEND, e);
	if (!rc)
		rc = hooks_dir_find(p, dir, e);
	if (!rc)
		rc = refuse_foreign(p, dir, w->replace, e);
	if (!rc)
		rc = change(p, dir, w, e);
	if (!rc)
		printf("gatepost: installed in %s as %s, policy %s, mode %s\n",
		       p->gitdir, p->repository, p->policy->path,
		       policy_mode_word(mode_in_force(p, w->enforce)));
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct wish w = {.policy = NULL};
	const struct cli_option options[] = {
		{"--policy", NULL, &w.policy},
		{"--enforce", &w.enforce, NULL},
		{"--replace", &w.replace, NULL},
	};
	struct cli_args args;
	struct place place;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "REPO", e);
	if (rc)
		return rc;
	place_init(&place);
	rc = place_repository(&place, args.v[0], e);
	if (!rc)
		rc = install(&place, &w, e);
	place_release(&place);
	return rc;
}

const struct cli_command command_install = {
	.name = "install",
	.summary = "put the gate before a repository",
	.help = help,
	.run = run,
};
