/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/ledger_open.h"
#include "ledger/memory.h"
#include "ledger/runs.h"

static const char help[] =
	"usage: gatepost ledger reindex [--ledger DIR | --policy FILE]\n"
	"\n"
	"Build the index of changes and approvals, and the one by which "
	"records are\n"
	"found, again from the records.\n"
	"\n" LEDGER_HELP;

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const struct cli_option options[] = {LEDGER_OPTIONS(w)};
	struct cli_args args;
	struct place p;
	/* --json would mean nothing here */
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (rc)
		return rc;
	place_init(&p);
	rc = ledger_wish_open(&w, LEDGER_APPEND, &p, e);
	if (!rc)
		rc = memory_rebuild(p.ledger, e);
	if (!rc)
		rc = runs_remove(p.ledger, e);
	if (!rc)
		rc = runs_update(p.ledger, e);
	if (!rc)
		printf("gatepost: built the index of %s again\n",
		       ledger_dir(p.ledger));
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_reindex = {
	.name = "reindex",
	.summary = "build the ledger's index again",
	.help = help,
	.run = run,
};
