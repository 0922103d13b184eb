/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "checks/check.h"
#include "cli/commands.h"
#include "policy/policy.h"

static const char help[] =
	"usage: gatepost policy check FILE...\n"
	"\n"
	"Name every mistake in policy files, and in the files they name, as "
	"file:line.\n"
	"Exit status: 0 none, 1 some, 2 a file could not be read.\n";

/* Load a policy, and what is else read at the first need only. */
static int load(struct policy **p, const char *path,
		struct policy_mistakes *mistakes, struct err *e)
{
	struct option_place at = {NULL, 0};
	int rc = policy_load(p, path, checks_kinds, checks_count, 0, mistakes,
			     e);

	if (rc)
		return rc;
	at.file = (*p)->path;
	rc = signers_check((*p)->signers, e);
	if (rc == ERR_CONFIG &&
	    policy_mistakes_add(mistakes, &at, "%s", e->msg))
		rc = err_nomem(e);
	return rc;
}

static int one(const char *path, struct err *e)
{
	struct policy_mistakes mistakes = {0};
	struct policy *p = NULL;
	size_t i;
	int rc = load(&p, path, &mistakes, e);

	for (i = 0; i < mistakes.n; i++)
		fprintf(stderr, "%s\n", mistakes.v[i]);
	if (rc == ERR_CONFIG && mistakes.n) {
		err_clear(e);
		fprintf(stderr, "gatepost: %s: %zu mistake%s\n", path,
			mistakes.n, mistakes.n == 1 ? "" : "s");
		rc = CLI_NO;
	} else if (!rc) {
		printf("gatepost: %s is fine: %zu gate%s, %zu rule%s, digest "
		       "%.16s\n",
		       path, p->ngates, p->ngates == 1 ? "" : "s", p->nrules,
		       p->nrules == 1 ? "" : "s", p->digest);
	}
	policy_mistakes_release(&mistakes);
	policy_free(p);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct cli_args args;
	int i, worst = CLI_YES;
	int rc = cli_parse(argc, argv, NULL, 0, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, -1, "FILE", e);
	for (i = 0; rc >= 0 && i < args.n; i++) {
		rc = one(args.v[i], e);
		if (rc > worst)
			worst = rc;
	}
	return rc < 0 ? rc : worst;
}

const struct cli_command command_policy_check = {
	.name = "check",
	.summary = "name every mistake in policy files",
	.help = help,
	.run = run,
};
