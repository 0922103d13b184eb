/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "ledger/ledger.h"
#include "ledger/seal.h"

enum { HOST_MAX = 256 };

static const char help[] =
	"usage: gatepost ledger init [--origin NAME] DIR\n"
	"\n"
	"Make an empty ledger, and the keys that seal it. Run it as the user "
	"whom git\n"
	"runs as, or give the directory to that user afterwards.\n"
	"\n"
	"  --origin NAME  how the ledger is called in what it signs "
	"(default: the\n"
	"                 host's name)\n";

static int make_seal(const char *dir, struct err *e)
{
	struct ledger *l;
	int rc = ledger_open(&l, dir, LEDGER_READ, e);

	if (!rc)
		rc = seal_create(l, e);
	ledger_close(l);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	const char *origin = NULL;
	const struct cli_option options[] = {{"--origin", NULL, &origin}};
	char host[HOST_MAX] = "";
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 1, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "DIR", e);
	if (!rc && !origin && gethostname(host, sizeof(host) - 1))
		rc = err_sys(e, "gethostname");
	if (!rc)
		rc = ledger_create(args.v[0], origin ? origin : host, e);
	if (!rc)
		rc = make_seal(args.v[0], e);
	if (!rc)
		printf("gatepost: made the ledger %s of %s\n", args.v[0],
		       origin ? origin : host);
	return rc;
}

const struct cli_command command_ledger_init = {
	.name = "init",
	.summary = "make an empty ledger",
	.help = help,
	.run = run,
};
