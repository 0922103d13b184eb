/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "cli/commands.h"
#include "cli/ledger_open.h"
#include "desk/holds.h"

enum { RELEASE_MAX_REASON = 4096 };

static const char help[] =
	"usage: gatepost ledger release [--reason TEXT] [--ledger DIR | "
	"--policy FILE] ID\n"
	"\n"
	"End a hold. ID is its id, or the beginning of it.\n"
	"\n"
	"  --reason TEXT  why; it stands in the record as it is\n" LEDGER_HELP;

static int end_hold(struct place *p, const char *id, const char *reason,
		    struct err *e)
{
	struct record_frame frame;
	struct holds holds = {0};
	const struct hold *hold;
	int rc = holds_read(&holds, p->ledger, e);

	place_frame(p, &frame);
	if (!rc)
		rc = holds_by_id(&holds, id, &hold, e);
	if (!rc && !hold_is_active(hold, frame.now))
		rc = err_set(e, ERR_NOT_FOUND, "hold %s has ended before",
			     hold->id);
	if (!rc)
		rc = hold_record_release(p->ledger, &frame, hold, reason, e);
	if (!rc)
		printf("gatepost: released %s\n", hold->id);
	if (rc == ERR_NOT_FOUND) {
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	holds_release(&holds);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	const char *reason = NULL;
	struct ledger_wish w = {0};
	const struct cli_option options[] = {
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
		{"--reason", NULL, &reason},
	};
	struct cli_args args;
	struct place p;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "ID", e);
	if (!rc && reason && strlen(reason) > RELEASE_MAX_REASON)
		rc = err_set(e, ERR_USAGE, "a reason of more than %d bytes",
			     RELEASE_MAX_REASON);
	if (rc)
		return rc;
	place_init(&p);
	rc = ledger_wish_open(&w, LEDGER_APPEND, &p, e);
	if (!rc)
		rc = end_hold(&p, args.v[0], reason, e);
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_release = {
	.name = "release",
	.summary = "end a hold",
	.help = help,
	.run = run,
};
