/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/reconciling.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/ledger_open.h"
#include "desk/reconcile.h"
#include "sys/files.h"

static unsigned flags_of(const struct reconciling *w)
{
	return w->look_only ? LEDGER_READ : LEDGER_READ | LEDGER_APPEND;
}

static int look(const struct reconciling *w, struct place *p,
		struct reconcile *r, struct err *e)
{
	struct record_frame frame;
	struct reconcile_repository at = {
		.policy = p->policy,
		.override = (enum policy_mode)p->settings.mode,
		.name = p->repository,
		.baseline = &p->settings.baseline,
		.frame = &frame,
		.tell = w->tell,
		.ctx = w->ctx,
		.look_only = w->look_only,
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
static int one(const char *path, struct reconciling *w, struct err *e)
{
	struct reconcile r = {0};
	struct place p;
	int rc;

	place_init(&p);
	rc = place_repository(&p, path, e);
	if (!rc)
		rc = place_policy(&p, w->policy, POLICY_SHALLOW, e);
	if (!rc)
		rc = place_ledger(&p, NULL, flags_of(w), e);
	if (!rc)
		rc = reconcile_init(&r, p.ledger, w->grace, e);
	if (!rc)
		rc = look(w, &p, &r, e);
	w->moves += r.moves;
	reconcile_release(&r);
	place_release(&p);
	return rc;
}

/* ---- all repositories of a ledger ---- */

static void complain(const char *name, const char *what)
{
	struct buf clean = BUF_INIT(8 * (FILE_MAX_PATH + ERR_MAX_MSG));

	text_add_printable(&clean, span_str(name), FILE_MAX_PATH);
	buf_adds(&clean, ": ");
	text_add_printable(&clean, span_str(what), ERR_MAX_MSG);
	fprintf(stderr, "gatepost: %s\n", clean.data);
	buf_release(&clean);
}

static int one_of_ledger(struct reconcile *r, const struct reconciling *w,
			 const char *root, const char *name, struct err *e)
{
	char path[FILE_MAX_PATH];
	struct place p;
	int rc;

	if (!place_below(root, name, path)) {
		complain(name, "the records name it, and it is not below the "
			       "policy's root");
		return 0;
	}
	place_init(&p);
	rc = place_repository(&p, path, e);
	if (!rc)
		rc = place_policy(&p, w->policy, POLICY_SHALLOW, e);
	if (!rc && p.repository && !strcmp(p.repository, name))
		rc = look(w, &p, r, e);
	place_release(&p);
	return rc;
}

/* The book grows while it is read, and its names stay where they are. What is
 * wrong with one repository hides nothing of the others. */
static int all_of_ledger(struct reconcile *r, const struct reconciling *w,
			 const char *root, struct err *e)
{
	struct name_map seen = {NULL, 0, 0};
	size_t i, failed = 0;
	int rc = 0;

	for (i = 0; !rc && i < r->book.nrefs; i++) {
		const char *name = r->book.refs[i].repository;
		char *copy;

		if (name_map_get(&seen, name) != SIZE_MAX)
			continue;
		copy = arena_strdup(&r->names, name);
		if (!copy || name_map_put(&seen, copy, 1))
			rc = err_nomem(e);
		if (!rc && one_of_ledger(r, w, root, copy, e)) {
			complain(copy, e->msg);
			failed++;
			err_clear(e);
		}
	}
	name_map_release(&seen);
	if (!rc && failed)
		rc = err_set(e, ERR_CONFIG,
			     "%zu repositories could not be looked at", failed);
	return rc;
}

static int all(struct reconciling *w, struct err *e)
{
	struct ledger_wish which = {.policy = w->policy};
	struct reconcile r = {0};
	struct place p;
	int rc;

	place_init(&p);
	rc = ledger_wish_open(&which, flags_of(w), &p, e);
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

int reconcile_repos(struct reconciling *w, char **repos, int n, struct err *e)
{
	int i, rc = 0;

	if (!n)
		return all(w, e);
	for (i = 0; !rc && i < n; i++)
		rc = one(repos[i], w, e);
	return rc;
}
