/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/reconciling.h"

static const char help[] =
	"usage: gatepost ledger reconcile [--policy FILE] [--grace TIME] "
	"[REPO...]\n"
	"\n"
	"Compare the records with where the refs stand, and record what is "
	"found: pushes\n"
	"whose outcome never came, and gated refs that moved without a "
	"decision. For a\n"
	"timer; run it as the owner of the repositories.\n"
	"\n"
	"Without REPO: all repositories that the records name and that are "
	"below the\n"
	"policy's root.\n"
	"\n"
	"  --policy FILE  the policy (default: each repository's)\n"
	"  --grace TIME   leave pushes alone that are younger (default: 10m)\n"
	"\n"
	"Exit status: 0 all moves are recorded; 1 some were not; 2 it could "
	"not tell.\n";

static void tell(void *ctx, const char *text)
{
	struct buf clean = BUF_INIT(65536);

	(void)ctx;
	text_add_printable(&clean, span_str(text), 60000);
	printf("%s\n", clean.data);
	buf_release(&clean);
}

static int run(int argc, char **argv, struct err *e)
{
	struct reconciling w = {.grace = RECONCILING_GRACE_MS, .tell = tell};
	const char *grace = NULL;
	const struct cli_option options[] = {
		{"--policy", NULL, &w.policy},
		{"--grace", NULL, &grace},
	};
	struct cli_args args;
	int64_t seconds;
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc && grace && !time_parse_duration(span_str(grace), &seconds))
		rc = err_set(e, ERR_USAGE,
			     "--grace %s is no time; say 10m or 0s", grace);
	if (!rc && grace)
		w.grace = seconds * 1000;
	if (!rc)
		rc = reconcile_repos(&w, args.v, args.n, e);
	if (rc)
		return rc;
	return w.moves ? CLI_NO : CLI_YES;
}

const struct cli_command command_ledger_reconcile = {
	.name = "reconcile",
	.summary = "compare the records with where the refs stand",
	.help = help,
	.run = run,
};
