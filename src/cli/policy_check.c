/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/text.h"
#include "base/time.h"
#include "checks/check.h"
#include "cli/commands.h"
#include "policy/policy.h"
#include "trust/signers_notes.h"

enum { MAX_NOTES = 256 * 1024 };

static const char help[] =
	"usage: gatepost policy check FILE...\n"
	"\n"
	"Name every mistake in policy files, and in the files they name, as "
	"file:line.\n"
	"Keys that can never count are noted; they are no mistakes.\n"
	"Exit status: 0 none, 1 some, 2 a file could not be read.\n";

/* Load a policy, and what is else read at the first need only. */
static int load(struct policy **p, const char *path,
		struct policy_mistakes *mistakes, struct err *e)
{
	struct option_place at = {NULL, 0};
	int rc = policy_load(p, path, checks_kinds, checks_count,
			     POLICY_SINKS | POLICY_SINK_FILES, mistakes, e);

	if (rc)
		return rc;
	at.file = (*p)->path;
	rc = signers_check((*p)->signers, e);
	if (rc == ERR_CONFIG &&
	    policy_mistakes_add(mistakes, &at, "%s", e->msg))
		rc = err_nomem(e);
	return rc;
}

/* What is right and yet hardly meant; told as mistakes are. */
static int tell_notes(const struct policy *p, size_t *n, struct err *e)
{
	const struct signers_spec files = {.ssh = p->signers_ssh,
					   .openpgp = p->signers_openpgp};
	struct buf text = BUF_INIT(MAX_NOTES);
	struct buf clean = BUF_INIT(MAX_NOTES);
	struct cursor c;
	struct span line;
	int rc = signers_note(p->signers, &files, &p->people, p->path,
			      time_now_ms(), &text, n, e);

	c = cursor_of(text.data, text.len);
	while (!rc && cursor_line(&c, &line)) {
		buf_clear(&clean);
		text_add_printable(&clean, line, MISTAKES_MAX_COLUMNS);
		fprintf(stderr, "%s\n", clean.data ? clean.data : "");
	}
	if (!rc && *n > SIGNERS_MAX_NOTES)
		fprintf(stderr, "note: and %zu more\n", *n - SIGNERS_MAX_NOTES);
	buf_release(&text);
	buf_release(&clean);
	return rc;
}

static int tell_fine(const char *path, const struct policy *p, struct err *e)
{
	char sinks[40] = "", noted[32] = "";
	size_t n = 0;
	int rc = tell_notes(p, &n, e);

	if (rc)
		return rc;
	if (n)
		snprintf(noted, sizeof(noted), ", %zu note%s", n,
			 n == 1 ? "" : "s");
	if (p->nsinks)
		snprintf(sinks, sizeof(sinks), ", %zu destination%s", p->nsinks,
			 p->nsinks == 1 ? "" : "s");
	printf("gatepost: %s is fine: %zu gate%s, %zu rule%s%s%s, digest "
	       "%.16s\n",
	       path, p->ngates, p->ngates == 1 ? "" : "s", p->nrules,
	       p->nrules == 1 ? "" : "s", sinks, noted, p->digest);
	return 0;
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
		rc = tell_fine(path, p, e);
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
