/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/baseline.h"
#include "cli/commands.h"
#include "cli/hooks_dir.h"
#include "cli/place.h"

static const char help[] =
	"usage: gatepost uninstall REPO\n"
	"\n"
	"Take the gate away from a repository: removes gatepost's hooks and "
	"the\n"
	"settings that `gatepost install` made. Records stay. Hooks of others "
	"stay.\n";

/* git-config(1): exit status 5 says that there was nothing to unset. */
static int unset(const struct place *p, const char *key, struct err *e)
{
	const char *argv[] = {"git", "config", "--unset-all", key, NULL};
	struct buf out = BUF_INIT(4096), errors = BUF_INIT(4096);
	int status = 0;
	int rc = place_git_both(p, argv, &out, &errors, &status, e);

	if (!rc && status && status != 5)
		rc = err_set(e, ERR_SYS, "git config: %.500s", errors.data);
	buf_release(&out);
	buf_release(&errors);
	return rc;
}

static int remove_hooks(const struct place *p, struct err *e)
{
	char dir[FILE_MAX_PATH];
	enum hook_state state;
	size_t i;
	int rc = hooks_dir_find(p, dir, e);

	for (i = 0; !rc && i < HOOKS_COUNT; i++) {
		rc = hooks_dir_state(dir, hooks_names[i], &state, e);
		if (!rc && state == HOOK_FOREIGN)
			fprintf(stderr,
				"gatepost: %s/%s is not gatepost's and "
				"stays\n",
				dir, hooks_names[i]);
		else if (!rc)
			rc = hooks_dir_unlink(dir, hooks_names[i], e);
	}
	return rc;
}

static int remove_settings(struct place *p, struct err *e)
{
	static const char *const keys[] = {
		"core.useReplaceRefs", "receive.advertisePushOptions",
		"receive.fsckObjects", "receive.fsck.skipList",
		"gatepost.mode",       "gatepost.policy",
	};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < sizeof(keys) / sizeof(keys[0]); i++)
		rc = unset(p, keys[i], e);
	return rc ? rc : baseline_remove(p, e);
}

/* The gate can be taken away also when policy or ledger are broken: then
 * nothing is recorded, and that is said. */
static void note(struct place *p)
{
	const struct change_note what = {.kind = "uninstall"};
	struct record_frame frame;
	struct err e = {0};
	int rc = place_policy(p, NULL, 0, &e);

	if (!rc)
		rc = place_ledger(p, NULL, LEDGER_APPEND, &e);
	if (!rc) {
		place_frame(p, &frame);
		rc = change_record(p->ledger, &frame, &what, &e);
	}
	if (rc)
		fprintf(stderr, "gatepost: not recorded: %s\n", e.msg);
}

static int run(int argc, char **argv, struct err *e)
{
	struct cli_args args;
	struct place place;
	int rc = cli_parse(argc, argv, NULL, 0, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "REPO", e);
	if (rc)
		return rc;
	place_init(&place);
	rc = place_repository(&place, args.v[0], e);
	if (!rc)
		note(&place);
	if (!rc)
		rc = remove_hooks(&place, e);
	if (!rc)
		rc = remove_settings(&place, e);
	if (!rc)
		printf("gatepost: removed from %s\n", place.gitdir);
	place_release(&place);
	return rc;
}

const struct cli_command command_uninstall = {
	.name = "uninstall",
	.summary = "take the gate away from a repository",
	.help = help,
	.run = run,
};
