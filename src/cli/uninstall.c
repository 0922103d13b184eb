/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/baseline.h"
#include "cli/commands.h"
#include "cli/hooks_dir.h"
#include "cli/place.h"
#include "cli/publish.h"
#include "cli/settings.h"

static const char help[] =
	"usage: gatepost uninstall REPO\n"
	"\n"
	"Take the gate away from a repository: removes gatepost's hooks and "
	"puts the\n"
	"settings back to what they were before `gatepost install`. Records "
	"stay. Hooks\n"
	"of others stay, and settings that were changed since.\n";

static void say_other(const char *dir, const char *name)
{
	char other[FILE_MAX_PATH];
	struct err e = {0};

	if (!hooks_dir_other(dir, name, other, &e))
		fprintf(stderr,
			"gatepost: %s/%s was of another gatepost, in %s\n", dir,
			name, other);
}

static int remove_hooks(const struct place *p, struct err *e)
{
	char dir[FILE_MAX_PATH];
	enum hook_state state;
	size_t i;
	int rc = hooks_dir_find(p, dir, e);

	for (i = 0; !rc && i < HOOKS_COUNT; i++) {
		rc = hooks_dir_state(dir, hooks_names[i], &state, e);
		if (!rc && state == HOOK_OF_OTHER)
			say_other(dir, hooks_names[i]);
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
		rc = settings_restore(&place, e);
	if (!rc)
		rc = baseline_remove(&place, e);
	if (!rc)
		rc = publish_remove(&place, e);
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
