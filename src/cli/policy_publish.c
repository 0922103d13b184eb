/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/publish.h"
#include "policy/published.h"

static const char help[] =
	"usage: gatepost policy publish [REPO]\n"
	"\n"
	"Tell reviewers' clones how approvals are made here: write what git "
	"approve may\n"
	"know of the policy to " PUBLISHED_REF " of a repository, and print "
	"it.\n"
	"Install does so; do it again after a change of the policy. REPO is a "
	"directory\n"
	"(default: the one you are in).\n";

static int publish(struct place *p, struct err *e)
{
	struct buf text = BUF_INIT(2 * PUBLISHED_MAX_BYTES);
	bool changed = false;
	int rc = place_policy(p, NULL, 0, e);

	if (!rc)
		rc = publish_write(p, &text, &changed, e);
	if (!rc)
		fprintf(stderr, "gatepost: %s in %s %s\n", PUBLISHED_REF,
			p->gitdir,
			changed ? "now says:" : "said this already:");
	if (!rc)
		rc = cli_print(&text, e);
	buf_release(&text);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct cli_args args;
	struct place place;
	int rc = cli_parse(argc, argv, NULL, 0, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 1, "REPO", e);
	if (rc)
		return rc;
	place_init(&place);
	rc = args.n ? place_repository(&place, args.v[0], e)
		    : place_discover(&place, e);
	if (!rc)
		rc = publish(&place, e);
	place_release(&place);
	return rc;
}

const struct cli_command command_policy_publish = {
	.name = "publish",
	.summary = "tell clones how approvals are made here",
	.help = help,
	.run = run,
};
