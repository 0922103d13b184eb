/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/trial.h"
#include "gate/answer.h"

static const char help[] =
	"usage: gatepost check [--policy FILE] [--ref REF] [--repository "
	"NAME]\n"
	"                      [--enforce] [--json] RANGE\n"
	"\n"
	"Judge commits in a clone as the server would, before pushing them. "
	"RANGE is\n"
	"OLD..NEW, such as origin/main..HEAD, or one revision with all of its "
	"history.\n"
	"\n"
	"  --policy FILE      the policy (default: the repository's, the "
	"system's)\n"
	"  --ref REF          where the commits are to go (default: what OLD "
	"names on\n"
	"                     a remote, else refs/heads/main)\n"
	"  --repository NAME  the repository's name on the server\n"
	"  --enforce          judge as where `gatepost mode enforce` was said "
	"on the\n"
	"                     server (default: the policy's mode)\n"
	"  --json             print as JSON what a record of it would say\n"
	"\n"
	"Exit status: 0 it would be accepted, 1 refused, 2 could not tell.\n";

struct wish {
	const char *policy, *ref, *repository;
	bool json, enforce;
	char *old_word, *new_word; /* of RANGE */
	char full_ref[1024];
};

static int split_range(const char *range, struct wish *w, struct err *e)
{
	const char *dots = strstr(range, "..");

	if (dots && dots[2] == '.')
		return err_set(e, ERR_USAGE, "%s: say OLD..NEW, with two dots",
			       range);
	w->old_word = dots ? strndup(range, (size_t)(dots - range)) : NULL;
	w->new_word = strdup(dots ? dots + 2 : range);
	if (!w->new_word || (dots && !w->old_word))
		return err_nomem(e);
	if (!*w->new_word) {
		free(w->new_word);
		w->new_word = strdup("HEAD");
	}
	return w->new_word ? 0 : err_nomem(e);
}

/* origin/main..HEAD is bound for main. */
static void choose_ref(struct wish *w)
{
	const char *name = "main", *slash;

	if (w->ref && !strncmp(w->ref, "refs/", 5)) {
		snprintf(w->full_ref, sizeof(w->full_ref), "%s", w->ref);
		return;
	}
	slash = w->old_word ? strchr(w->old_word, '/') : NULL;
	if (w->ref)
		name = w->ref;
	else if (slash && strncmp(w->old_word, "refs/", 5) != 0)
		name = slash + 1;
	snprintf(w->full_ref, sizeof(w->full_ref), "refs/heads/%s", name);
}

static int print_answer(const struct record_frame *frame,
			const struct report *report, bool json, struct err *e)
{
	struct buf out = BUF_INIT(4 * (size_t)REPORT_MAX_BYTES);
	struct answer a = {report, frame->policy, NULL, false};
	int rc = json ? decision_print(frame, report, &out, e)
		      : answer_write(&a, &out, e);

	if (!rc && json) {
		buf_addch(&out, '\n');
		rc = cli_print(&out, e);
	} else if (!rc) {
		fwrite(out.data, 1, out.len, stderr);
	}
	buf_release(&out);
	return rc;
}

static int check(const struct wish *w, struct err *e)
{
	struct record_frame frame;
	struct report report;
	struct place p;
	struct trial t = {
		.ref = w->full_ref,
		.old_word = w->old_word,
		.new_word = w->new_word,
		.repository = w->repository,
		.enforce = w->enforce,
	};
	int rc;

	place_init(&p);
	report_init(&report);
	rc = place_discover(&p, e);
	if (!rc)
		rc = place_policy(&p, w->policy, 0, e);
	if (!rc)
		rc = trial_run(&p, &t, &frame, &report, e);
	if (!rc)
		rc = print_answer(&frame, &report, w->json, e);
	if (!rc)
		rc = verdict_accepts((enum verdict)report.verdict) ? CLI_YES
								   : CLI_NO;
	report_release(&report);
	place_release(&p);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct wish w = {0};
	const struct cli_option options[] = {
		{"--policy", NULL, &w.policy},
		{"--ref", NULL, &w.ref},
		{"--repository", NULL, &w.repository},
		{"--enforce", &w.enforce, NULL},
		{"--json", &w.json, NULL},
	};
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 5, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "RANGE", e);
	if (!rc)
		rc = split_range(args.v[0], &w, e);
	if (!rc) {
		choose_ref(&w);
		rc = check(&w, e);
	}
	free(w.old_word);
	free(w.new_word);
	return rc;
}

const struct cli_command command_check = {
	.name = "check",
	.summary = "judge commits in a clone as the server would",
	.help = help,
	.run = run,
};
