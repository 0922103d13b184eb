/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/approvals_print.h"
#include "cli/commands.h"
#include "cli/trial.h"

enum { PRINT_MAX_BYTES = 64 << 20 };

static const char help[] =
	"usage: gatepost approvals [--policy FILE] [--repository NAME] "
	"[--json]\n"
	"                          [REF [TIP]]\n"
	"\n"
	"Judge a push of TIP to REF in a repository on this server, and list "
	"and explain\n"
	"all approvals of that change, counted or not, and what each rule "
	"still lacks.\n"
	"REF is a branch (default: main) or a full ref name, TIP what was or "
	"is to be\n"
	"reviewed (default: HEAD).\n"
	"\n"
	"  --policy FILE      the policy (default: the repository's, the "
	"system's)\n"
	"  --repository NAME  the repository's name\n"
	"  --json             print one JSON object\n"
	"\n"
	"Exit status: 0 nothing lacks, 1 something does, 2 could not tell.\n";

struct wish {
	const char *policy, *repository, *tip;
	bool json;
	char ref[1024];
};

/* Without the ledger what only it knows is not known, which is said. */
static bool open_ledger(struct place *p)
{
	struct err why = {0};

	if (!place_ledger(p, NULL, LEDGER_READ, &why))
		return true;
	fprintf(stderr,
		"gatepost: %s; so who brought the change, and which approvals "
		"are used up, is not known\n",
		why.msg);
	return false;
}

static int ref_exists(const struct place *p, const char *ref, bool *exists,
		      struct err *e)
{
	const char *argv[] = {"git",	 "rev-parse", "--verify",
			      "--quiet", ref,	      NULL};
	struct buf out = BUF_INIT(4096), errors = BUF_INIT(4096);
	int status = 0;
	int rc = place_git_both(p, argv, &out, &errors, &status, e);

	*exists = !rc && !status;
	buf_release(&out);
	buf_release(&errors);
	return rc;
}

/* A change that could not be read was not judged for approvals either. */
static int refuse_unread(const struct report *r, struct err *e)
{
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		const struct report_finding *f = &r->findings[i];

		if (!strcmp(f->check, "object") || !strcmp(f->check, "push"))
			return err_set(e, ERR_MALFORMED,
				       "cannot be judged: %.400s", f->text);
	}
	if (r->nrefs != 1 || r->verdict == VERDICT_ERROR ||
	    r->verdict == VERDICT_NONE)
		return err_set(e, ERR_MALFORMED, "this was not judged");
	return 0;
}

static bool is_satisfied(const struct policy *p, const struct report *r)
{
	size_t i;

	for (i = 0; i < r->nresults; i++)
		if (approvals_is_rule(p, r->results[i].rule) &&
		    r->results[i].result != RESULT_PASS &&
		    r->results[i].result != RESULT_WAIVED &&
		    r->results[i].result != RESULT_NOT_APPLICABLE)
			return false;
	return true;
}

static int print(const struct place *p, const struct wish *w,
		 const char *repository, const struct report *r, struct err *e)
{
	struct buf out = BUF_INIT(PRINT_MAX_BYTES);
	bool satisfied = is_satisfied(p->policy, r);
	int rc = w->json ? approvals_print_json(p->policy, repository, r,
						satisfied, &out, e)
			 : approvals_print(p->policy, r, &out, e);

	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	if (rc)
		return rc;
	return satisfied ? CLI_YES : CLI_NO;
}

static int approvals(struct place *p, const struct wish *w, struct err *e)
{
	struct record_frame frame;
	struct report report;
	struct trial t = {
		.ref = w->ref,
		.new_word = w->tip,
		.repository = w->repository,
		/* approvals are judged where the gate is off, too */
		.enforce = p->settings.mode == MODE_OFF,
		.remembers = open_ledger(p),
	};
	bool exists = false;
	int rc = ref_exists(p, w->ref, &exists, e);

	report_init(&report);
	if (exists)
		t.old_word = w->ref;
	if (!rc)
		rc = trial_run(p, &t, &frame, &report, e);
	if (!rc)
		rc = refuse_unread(&report, e);
	if (!rc)
		rc = print(p, w, frame.repository, &report, e);
	report_release(&report);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct wish w = {.tip = "HEAD"};
	const struct cli_option options[] = {
		{"--policy", NULL, &w.policy},
		{"--repository", NULL, &w.repository},
		{"--json", &w.json, NULL},
	};
	struct cli_args args;
	struct place p;
	const char *ref;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 2, "REF TIP", e);
	if (rc)
		return rc;
	ref = args.n ? args.v[0] : "main";
	w.tip = args.n > 1 ? args.v[1] : w.tip;
	snprintf(w.ref, sizeof(w.ref), "%s%s",
		 strncmp(ref, "refs/", 5) ? "refs/heads/" : "", ref);
	place_init(&p);
	rc = place_discover(&p, e);
	if (!rc)
		rc = place_policy(&p, w.policy, 0, e);
	if (!rc)
		rc = approvals(&p, &w, e);
	place_release(&p);
	return rc;
}

const struct cli_command command_approvals = {
	.name = "approvals",
	.summary = "list and explain the approvals of a change",
	.help = help,
	.run = run,
};
