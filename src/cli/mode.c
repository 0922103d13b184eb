/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/hooks_dir.h"
#include "cli/place.h"

static const char help[] =
	"usage: gatepost mode warn|enforce|off REPO...\n"
	"\n"
	"Set the mode of repositories, over what the policy says: warn "
	"records and\n"
	"never refuses, enforce refuses, off neither judges nor records. The "
	"change\n"
	"is recorded.\n";

static bool is_mode(const char *word)
{
	return !strcmp(word, "warn") || !strcmp(word, "enforce") ||
	       !strcmp(word, "off");
}

static int set_mode(struct place *p, const char *mode, struct err *e)
{
	const char *argv[] = {"git", "config", "gatepost.mode", mode, NULL};
	const char *was =
		policy_mode_word(p->settings.mode != MODE_UNSET
					 ? (enum policy_mode)p->settings.mode
					 : (enum policy_mode)p->policy->mode);
	struct change_note what = {.kind = "mode", .from = was, .to = mode};
	struct buf out = BUF_INIT(4096);
	struct record_frame frame;
	int rc;

	/* recorded first: a gate that was opened unrecorded is the worse */
	place_frame(p, &frame);
	rc = change_record(p->ledger, &frame, &what, e);
	if (!rc)
		rc = place_git(p, argv, &out, e);
	if (!rc)
		printf("gatepost: %s is now in mode %s (was %s)\n", p->gitdir,
		       mode, was);
	buf_release(&out);
	return rc;
}

/* Nobody is to think that a repository is gated because it has a mode. A
 * foreign hook may well run ours, and another gatepost judges, too. */
static void warn_without_hook(const struct place *p)
{
	enum hook_state state = HOOK_ABSENT;
	char dir[FILE_MAX_PATH];
	struct err e = {0};

	if (hooks_dir_find(p, dir, &e) ||
	    hooks_dir_state(dir, "pre-receive", &state, &e) ||
	    state == HOOK_OURS || state == HOOK_OF_OTHER ||
	    state == HOOK_FOREIGN)
		return;
	fprintf(stderr,
		"gatepost: but nothing is judged there: pre-receive is %s; "
		"run: gatepost install %s\n",
		hook_state_word(state), p->gitdir);
}

static int one(const char *repo, const char *mode, struct err *e)
{
	struct place p;
	int rc;

	place_init(&p);
	rc = place_repository(&p, repo, e);
	if (!rc)
		rc = place_policy(&p, NULL, 0, e);
	if (!rc)
		rc = place_ledger(&p, NULL, LEDGER_APPEND, e);
	if (!rc)
		rc = set_mode(&p, mode, e);
	if (!rc && strcmp(mode, "off") != 0)
		warn_without_hook(&p);
	place_release(&p);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct cli_args args;
	int i;
	int rc = cli_parse(argc, argv, NULL, 0, &args, e);

	if (!rc)
		rc = cli_expect(&args, 2, -1, "the mode or REPO", e);
	if (!rc && !is_mode(args.v[0]))
		rc = err_set(e, ERR_USAGE,
			     "%s is no mode; say warn, enforce or off",
			     args.v[0]);
	for (i = 1; !rc && i < args.n; i++)
		rc = one(args.v[i], args.v[0], e);
	return rc;
}

const struct cli_command command_mode = {
	.name = "mode",
	.summary = "switch repositories between warn, enforce and off",
	.help = help,
	.run = run,
};
