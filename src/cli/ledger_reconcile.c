/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/ledger_open.h"
#include "desk/reconcile.h"
#include "sys/files.h"

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

enum { GRACE_SECONDS = 600 };

struct wish {
	const char *policy;
	int64_t grace; /* milliseconds */
	size_t moves;
};

static void tell(void *ctx, const char *text)
{
	struct buf clean = BUF_INIT(65536);

	(void)ctx;
	text_add_printable(&clean, span_str(text), 60000);
	printf("%s\n", clean.data);
	buf_release(&clean);
}

static int look(struct place *p, struct reconcile *r, struct err *e)
{
	struct record_frame frame;
	struct reconcile_repository at = {
		.policy = p->policy,
		.override = (enum policy_mode)p->settings.mode,
		.name = p->repository,
		.baseline = &p->settings.baseline,
		.frame = &frame,
		.tell = tell,
	};
	struct repository *repo;
	int rc = place_open(p, &repo, e);

	if (rc)
		return rc;
	place_frame(p, &frame);
	at.repo = repo;
	rc = reconcile_repository(r, &at, e);
	repository_free(repo);
	return rc;
}

/* Repositories with policies of their own may have ledgers of their own. */
static int one(const char *path, struct wish *w, struct err *e)
{
	struct reconcile r = {0};
	struct place p;
	int rc;

	place_init(&p);
	rc = place_repository(&p, path, e);
	if (!rc)
		rc = place_policy(&p, w->policy, POLICY_SHALLOW, e);
	if (!rc)
		rc = place_ledger(&p, NULL, LEDGER_READ | LEDGER_APPEND, e);
	if (!rc)
		rc = reconcile_init(&r, p.ledger, w->grace, e);
	if (!rc)
		rc = look(&p, &r, e);
	w->moves += r.moves;
	reconcile_release(&r);
	place_release(&p);
	return rc;
}

/* ---- all repositories of a ledger ---- */

/* @return false when there is none of this name below the root */
static bool find_path(const char *root, const char *name,
		      char path[FILE_MAX_PATH])
{
	struct place p;
	struct err ignored = {0};
	struct buf b = BUF_INIT(FILE_MAX_PATH);
	bool found = false;
	int pass;

	for (pass = 0; !found && pass < 2; pass++) {
		buf_clear(&b);
		buf_addf(&b, "%s/%s%s", root, name, pass ? "" : ".git");
		if (!buf_ok(&b))
			break;
		place_init(&p);
		found = !place_repository(&p, b.data, &ignored);
		place_release(&p);
	}
	if (found)
		snprintf(path, FILE_MAX_PATH, "%s", b.data);
	buf_release(&b);
	return found;
}

static int one_of_ledger(struct reconcile *r, const struct wish *w,
			 const char *root, const char *name, struct err *e)
{
	char path[FILE_MAX_PATH];
	struct place p;
	int rc;

	if (!find_path(root, name, path)) {
		fprintf(stderr,
			"gatepost: the records name %s, which is not below "
			"%s\n",
			name, root);
		return 0;
	}
	place_init(&p);
	rc = place_repository(&p, path, e);
	if (!rc)
		rc = place_policy(&p, w->policy, POLICY_SHALLOW, e);
	if (!rc && p.repository && !strcmp(p.repository, name))
		rc = look(&p, r, e);
	place_release(&p);
	return rc;
}

/* The book grows while it is read, and its names stay where they are. */
static int all_of_ledger(struct reconcile *r, const struct wish *w,
			 const char *root, struct err *e)
{
	struct name_map seen = {NULL, 0, 0};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < r->book.nrefs; i++) {
		const char *name = r->book.refs[i].repository;
		char *copy;

		if (name_map_get(&seen, name) != SIZE_MAX)
			continue;
		copy = arena_strdup(&r->names, name);
		if (!copy || name_map_put(&seen, copy, 1))
			rc = err_nomem(e);
		if (!rc)
			rc = one_of_ledger(r, w, root, copy, e);
	}
	name_map_release(&seen);
	return rc;
}

static int all(struct wish *w, struct err *e)
{
	struct ledger_wish which = {.policy = w->policy};
	struct reconcile r = {0};
	struct place p;
	int rc;

	place_init(&p);
	rc = ledger_wish_open(&which, LEDGER_READ | LEDGER_APPEND, &p, e);
	if (!rc && !p.policy->root)
		rc = err_set(e, ERR_USAGE,
			     "the policy has no root, so say which "
			     "repositories");
	if (!rc)
		rc = reconcile_init(&r, p.ledger, w->grace, e);
	if (!rc)
		rc = reconcile_read(&r, e);
	if (!rc)
		rc = all_of_ledger(&r, w, p.policy->root, e);
	w->moves += r.moves;
	reconcile_release(&r);
	place_release(&p);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct wish w = {.grace = GRACE_SECONDS};
	const char *grace = NULL;
	const struct cli_option options[] = {
		{"--policy", NULL, &w.policy},
		{"--grace", NULL, &grace},
	};
	struct cli_args args;
	int i;
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc && grace && !time_parse_duration(span_str(grace), &w.grace))
		rc = err_set(e, ERR_USAGE,
			     "--grace %s is no time; say 10m or 0s", grace);
	w.grace *= 1000;
	if (!rc && !args.n)
		rc = all(&w, e);
	for (i = 0; !rc && i < args.n; i++)
		rc = one(args.v[i], &w, e);
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
