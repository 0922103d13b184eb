/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/audit_tickets.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/ledger_open.h"
#include "desk/access.h"

static const char help[] =
	"usage: gatepost audit [--policy FILE] [--ledger DIR] [--overdue] "
	"[--json]\n"
	"                      [REPO...]\n"
	"       gatepost audit --waivers [--policy FILE] [--ledger DIR] "
	"[--json]\n"
	"       gatepost audit --close ID --reason TEXT [--policy FILE] "
	"[--ledger DIR]\n"
	"\n"
	"Look at the pushes that were let in by an emergency, or unreviewed "
	"since they\n"
	"only take a change back: judge each again with the approvals and "
	"statements that\n"
	"have followed, record those that are complete as closed, and those "
	"that are late\n"
	"as overdue. And at those whose ticket could not be verified: show "
	"which of them\n"
	"the ticketing system has refused since, and which it has not "
	"answered yet.\n"
	"For a timer; run it as the owner of the repositories.\n"
	"\n"
	"Without REPO: in all repositories below the policy's root.\n"
	"\n"
	"  --overdue      show only what is late, or refused\n"
	"  --waivers      show exceptions from rules instead, and how often "
	"each was used\n"
	"  --close ID     close what is open of a decision by hand\n"
	"  --reason TEXT  why\n" LEDGER_HELP
	"  --json         print each as one line of JSON\n"
	"\n"
	"Exit status: 0 nothing is late or refused; 1 something is; 2 it "
	"could not tell.\n";

enum { LINE_MAX_BYTES = 1 << 20, COLUMNS = 200, MIN_ID = 6 };

struct audit {
	struct ledger_wish wish;
	const char *close, *reason;
	bool overdue, waivers;
	struct cli_args only; /* repositories; none: all */
	struct place place;   /* of the ledger */
	struct emergency_book book;
	struct unverified_book tickets;
	size_t late, shown;
};

/* ---- showing ---- */

static const char *state_of(const struct audit_case *a, int64_t now)
{
	if (!a->nmissing)
		return "closed";
	return now > a->what->deadline ? "overdue" : "open";
}

static void add_text(struct buf *out, const char *s)
{
	text_add_printable(out, span_str(s), COLUMNS);
}

static void add_lines(struct buf *out, const struct audit_case *a,
		      const char *state, const char *deadline)
{
	const struct emergency_case *c = a->what;
	size_t i;

	buf_addf(out, "%-8s", state);
	add_text(out, c->revert ? "revert" : c->ticket);
	buf_adds(out, "  ");
	add_text(out, c->repository);
	for (i = 0; i < c->nrefs && i < 3; i++) {
		buf_adds(out, "  ");
		add_text(out, c->refs[i].real);
	}
	buf_adds(out, "  by ");
	add_text(out, c->owner ? c->owner : "somebody");
	buf_addf(out, "  until %s  %s\n", deadline, c->decision);
	for (i = 0; i < a->nmissing; i++) {
		buf_adds(out, "        missing: ");
		add_text(out, a->texts[i]);
		buf_addch(out, '\n');
	}
}

static int add_json(struct buf *out, const struct audit_case *a,
		    const char *state, const char *deadline, struct err *e)
{
	const struct emergency_case *c = a->what;
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc), *arr;
	size_t i;
	int rc;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "state", state);
	yyjson_mut_obj_add_str(doc, root, "decision", c->decision);
	yyjson_mut_obj_add_str(doc, root, "repository", c->repository);
	yyjson_mut_obj_add_str(doc, root, "kind",
			       c->revert ? "revert" : "emergency");
	if (!c->revert) {
		yyjson_mut_obj_add_str(doc, root, "ticket", c->ticket);
		yyjson_mut_obj_add_str(doc, root, "reason", c->reason);
	}
	arr = c->nreverts ? yyjson_mut_obj_add_arr(doc, root, "reverts") : NULL;
	for (i = 0; arr && i < c->nreverts; i++)
		yyjson_mut_arr_add_str(doc, arr, c->reverts[i]);
	if (c->owner)
		yyjson_mut_obj_add_str(doc, root, "owner", c->owner);
	yyjson_mut_obj_add_str(doc, root, "deadline", deadline);
	arr = yyjson_mut_obj_add_arr(doc, root, "refs");
	for (i = 0; i < c->nrefs; i++)
		yyjson_mut_arr_add_str(doc, arr, c->refs[i].real);
	arr = yyjson_mut_obj_add_arr(doc, root, "missing");
	for (i = 0; i < a->nmissing; i++)
		yyjson_mut_arr_add_str(doc, arr, a->texts[i]);
	rc = cli_add_json(out, doc, e);
	yyjson_mut_doc_free(doc);
	return rc;
}

static int show(struct audit *u, const struct audit_case *a, int64_t now,
		struct err *e)
{
	struct buf out = BUF_INIT(LINE_MAX_BYTES);
	const char *state = state_of(a, now);
	char deadline[TIME_RFC3339_SIZE];
	int rc = 0;

	if (u->overdue && strcmp(state, "overdue") != 0)
		return 0;
	u->shown++;
	time_format(a->what->deadline, deadline);
	if (u->wish.json)
		rc = add_json(&out, a, state, deadline, e);
	else
		add_lines(&out, a, state, deadline);
	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}

/* ---- one emergency ---- */

static int record(struct audit *u, const struct audit_case *a, struct place *p,
		  struct err *e)
{
	struct ledger *l = u->place.ledger;
	struct record_frame frame;
	struct emergency_end end = {
		.report = a->judged ? &a->report : NULL,
		.missing = a->missing,
		.nmissing = a->nmissing,
	};

	place_frame(p, &frame);
	if (!a->nmissing)
		return emergency_record_closed(l, &frame, a->what, &end, e);
	if (frame.now <= a->what->deadline)
		return 0;
	u->late++;
	if (a->what->overdue_told)
		return 0;
	return emergency_record_overdue(l, &frame, a->what, &end, e);
}

/* Among those that were named; `p` is as after place_init when there is none
 * or an error. */
static int find_named(const struct audit *u, const char *name, struct place *p,
		      struct err *e)
{
	int i, rc = 0;

	for (i = 0; !rc && i < u->only.n; i++) {
		rc = place_repository(p, u->only.v[i], e);
		if (!rc)
			rc = place_policy(p, u->wish.policy, 0, e);
		if (!rc && !strcmp(p->repository, name))
			return 0;
		place_release(p);
		place_init(p);
	}
	return rc;
}

static int find_below_root(const struct audit *u, const char *name,
			   struct place *p, struct err *e)
{
	const char *root = u->place.policy->root;
	char path[FILE_MAX_PATH];
	int rc;

	if (!root || !place_below(root, name, path))
		return 0;
	rc = place_repository(p, path, e);
	return rc ? rc : place_policy(p, u->wish.policy, 0, e);
}

/* @param p  its repository, or without one what is missing says so */
static int look(struct audit *u, struct audit_case *a, struct place *p,
		struct err *e)
{
	int rc = 0;

	if (p->gitdir)
		rc = audit_judge(p, u->place.ledger, a, e);
	else
		audit_case_misses(a, "no-repository",
				  "its repository is not below the policy's "
				  "root");
	if (!rc)
		rc = record(u, a, p->gitdir ? p : &u->place, e);
	return rc ? rc : show(u, a, time_now_ms(), e);
}

static int one(struct audit *u, const struct emergency_case *c, struct err *e)
{
	struct audit_case a;
	struct place p;
	int rc;

	place_init(&p);
	audit_case_init(&a, c);
	if (u->only.n)
		rc = find_named(u, c->repository, &p, e);
	else
		rc = find_below_root(u, c->repository, &p, e);
	if (!rc && (p.gitdir || !u->only.n))
		rc = look(u, &a, &p, e);
	audit_case_release(&a);
	place_release(&p);
	return rc;
}

/* ---- all of them ---- */

static int audit_all(struct audit *u, struct err *e)
{
	size_t i, n = 0;
	int rc;

	for (i = 0; i < u->book.n; i++)
		n += !u->book.v[i].closed;
	rc = audit_record_access(&u->place, n, e);
	for (i = 0; !rc && i < u->book.n; i++)
		if (!u->book.v[i].closed)
			rc = one(u, &u->book.v[i], e);
	return rc;
}

/* ---- tickets ---- */

/* @param yes  whether it is in a repository that is looked at */
static int is_named(struct audit *u, const struct unverified_case *c, bool *yes,
		    struct err *e)
{
	struct place p;
	int rc = 0;

	place_init(&p);
	if (u->only.n)
		rc = find_named(u, c->repository, &p, e);
	*yes = !u->only.n || p.gitdir;
	place_release(&p);
	return rc;
}

static int audit_tickets(struct audit *u, struct err *e)
{
	int64_t now = time_now_ms();
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < u->tickets.n; i++) {
		const struct unverified_case *c = &u->tickets.v[i];
		bool amiss = unverified_is_amiss(c, now), yes;

		if (!audit_ticket_is_open(c))
			continue;
		rc = is_named(u, c, &yes, e);
		if (rc || !yes)
			continue;
		u->late += amiss;
		if (amiss || !u->overdue)
			rc = audit_ticket_show(c, now, u->wish.json, e);
	}
	return rc;
}

/* ---- by hand ---- */

static const struct emergency_case *find(const struct audit *u)
{
	const struct emergency_case *found = NULL;
	size_t i, n = strlen(u->close);

	for (i = 0; n >= MIN_ID && i < u->book.n; i++) {
		if (strncmp(u->book.v[i].decision, u->close, n) != 0)
			continue;
		/* an emergency may take changes back, too: one after the other
		 */
		if (u->book.v[i].revert && found && found->closed &&
		    !strcmp(found->decision, u->book.v[i].decision))
			found = NULL;
		if (u->book.v[i].revert && found &&
		    !strcmp(found->decision, u->book.v[i].decision))
			continue;
		if (found)
			return NULL;
		found = &u->book.v[i];
	}
	return found;
}

static int close_one(struct audit *u, struct err *e)
{
	const struct emergency_case *c = find(u);
	struct emergency_end end = {.by_hand = u->reason};
	struct record_frame frame;
	int rc;

	if (!c || c->closed) {
		rc = audit_tickets_close(&u->tickets, &u->place, u->close,
					 u->reason, e);
		if (rc != ERR_NOT_FOUND)
			return rc;
	}
	if (!c)
		return err_set(e, ERR_USAGE,
			       "%s: of no one decision is anything due; "
			       "gatepost audit shows their ids",
			       u->close);
	if (c->closed)
		return err_set(e, ERR_USAGE, "%s is closed already",
			       c->decision);
	place_frame(&u->place, &frame);
	return emergency_record_closed(u->place.ledger, &frame, c, &end, e);
}

static int audit(struct audit *u, struct err *e)
{
	int rc;

	place_init(&u->place);
	emergency_book_init(&u->book);
	unverified_book_init(&u->tickets);
	rc = ledger_wish_open(&u->wish, LEDGER_READ | LEDGER_APPEND, &u->place,
			      e);
	if (!rc && !u->place.policy)
		rc = place_policy(&u->place, u->wish.policy, POLICY_SHALLOW, e);
	if (!rc && u->waivers) {
		rc = audit_waivers(&u->place, u->wish.json, e);
		goto out;
	}
	if (!rc)
		rc = emergency_book_read(&u->book, u->place.ledger, e);
	if (!rc)
		rc = unverified_book_read(&u->tickets, u->place.ledger, e);
	if (!rc)
		rc = u->close ? close_one(u, e) : audit_all(u, e);
	if (!rc && !u->close)
		rc = audit_tickets(u, e);
out:
	unverified_book_release(&u->tickets);
	emergency_book_release(&u->book);
	place_release(&u->place);
	if (rc)
		return rc;
	return u->late ? CLI_NO : CLI_YES;
}

static int run(int argc, char **argv, struct err *e)
{
	struct audit u = {.close = NULL};
	const struct cli_option options[] = {
		LEDGER_OPTIONS(u.wish),
		{"--overdue", &u.overdue, NULL},
		{"--waivers", &u.waivers, NULL},
		{"--close", NULL, &u.close},
		{"--reason", NULL, &u.reason},
	};
	int rc = cli_parse(argc, argv, options, 7, &u.only, e);

	if (!rc && (u.close != NULL) != (u.reason && *u.reason))
		rc = err_set(e, ERR_USAGE,
			     "--close ID and --reason TEXT go together");
	return rc ? rc : audit(&u, e);
}

const struct cli_command command_audit = {
	.name = "audit",
	.summary = "see that pushes let in have what they lacked",
	.help = help,
	.run = run,
};
