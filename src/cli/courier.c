/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/place.h"

static const char help[] =
	"usage: gatepost courier run [--once [--deadline SECONDS]] [--now]\n"
	"                            [--policy FILE]\n"
	"       gatepost courier status [--json|--prometheus] [--policy FILE]\n"
	"       gatepost courier retry [SINK] ID|--all [--policy FILE]\n"
	"\n"
	"Deliver records to the policy's destinations, say how far each is, or "
	"send\n"
	"again what one has refused for good. This is the only program that "
	"uses the\n"
	"network:\n" PKGLIBEXECDIR "/courier\n"
	"\n"
	"  --once              deliver what is due, then end: 0 all "
	"delivered, 1 not all\n"
	"  --deadline SECONDS  try again for so long, not once alone\n"
	"  --now               do not wait for the next attempt at what failed\n"
	"  --json              print the status as JSON\n"
	"  --prometheus        print it in the text format of Prometheus\n"
	"  --all               all that was refused, not one record\n"
	"  --policy FILE       the policy (default: the repository's, the "
	"system's)\n";

static bool names_policy(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--policy", 8))
			return true;
	return false;
}

static int run(int argc, char **argv, struct err *e)
{
	char **words = calloc((size_t)argc + 3, sizeof(*words));
	char program[] = PKGLIBEXECDIR "/courier", option[] = "--policy";
	struct err ignored = {0};
	struct place p;
	int i, rc = 0;

	if (!words)
		return err_nomem(e);
	place_init(&p);
	words[0] = program;
	for (i = 1; i < argc; i++)
		words[i] = argv[i];
	if (!names_policy(argc, argv)) {
		/* outside of a repository the system's policy is meant */
		if (place_discover(&p, &ignored))
			err_clear(&ignored);
		rc = place_policy(&p, NULL, POLICY_SHALLOW, e);
		words[argc] = option;
		words[argc + 1] = p.policy_path;
	}
	if (!rc) {
		execv(program, words);
		rc = err_sys(e, "%s", program);
	}
	free(words);
	place_release(&p);
	return rc;
}

const struct cli_command command_courier = {
	.name = "courier",
	.summary = "deliver records to destinations, or say how far it is",
	.help = help,
	.run = run,
};
