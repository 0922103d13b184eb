/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/ledger_open.h"
#include "desk/erasure.h"
#include "desk/holds.h"
#include "ledger/retain.h"
#include "sys/lock.h"

static const char help[] =
	"usage: gatepost ledger erase (--principal NAME | --email ADDRESS | "
	"--login NAME)\n"
	"                             [--reason TEXT] [--dry-run] [--json]\n"
	"                             [--ledger DIR | --policy FILE]\n"
	"\n"
	"Erase one person's names from all records. The records stay, with "
	"nobody in the\n"
	"person's place, and are still proven by their seals.\n"
	"\n"
	"  --principal NAME  a principal; also what the policy says is theirs\n"
	"  --email ADDRESS   whoever has this address\n"
	"  --login NAME      whoever has this login\n"
	"  --reason TEXT     why; it stands in the record of it as it is\n"
	"  --dry-run         only count the records\n"
	"  --json            print one JSON object\n" LEDGER_HELP "\n"
	"Exit status: 0 erased, 1 nobody of that name or a hold keeps a "
	"record, "
	"2 it\n"
	"could not.\n";

enum { ERASE_MAX_NAMES = 200000, ERASE_MAX_REASON = 4096 };

struct erasing {
	struct ledger_wish which;
	const char *principal, *email, *login, *reason;
	bool dry;
	struct place place;
	struct erase_name *names;
	size_t n, cap;
	struct holds holds;
	int64_t now;
	struct erase_report report;
};

/* ------------------------------------------------------------------ who */

static int add_name(struct erasing *g, enum erase_field field,
		    const char *value, struct err *e)
{
	if (!value)
		return 0;
	if (array_push(&g->names, g->n, &g->cap, ERASE_MAX_NAMES))
		return err_nomem(e);
	g->names[g->n++] = (struct erase_name){field, value};
	return 0;
}

/* What the policy says is theirs, too, be they still there or not. */
static int add_known(struct erasing *g, struct err *e)
{
	const struct principal *p = NULL;
	size_t i;
	int rc = 0;

	if (g->principal && g->place.policy)
		p = principals_by_name(&g->place.policy->people,
				       span_str(g->principal), 0);
	for (i = 0; p && !rc && i < p->nemails; i++)
		rc = add_name(g, ERASE_EMAIL, p->emails[i], e);
	for (i = 0; p && !rc && i < p->nlogins; i++)
		rc = add_name(g, ERASE_LOGIN, p->logins[i], e);
	return rc;
}

static int add_names(struct erasing *g, struct err *e)
{
	int rc = add_name(g, ERASE_PRINCIPAL, g->principal, e);
	size_t i;

	if (!rc)
		rc = add_name(g, ERASE_EMAIL, g->email, e);
	if (!rc)
		rc = add_name(g, ERASE_LOGIN, g->login, e);
	if (!rc)
		rc = add_known(g, e);
	for (i = 0; !rc && g->reason && i < g->n; i++)
		if (strcasestr(g->reason, g->names[i].value))
			rc = err_set(e, ERR_USAGE,
				     "the reason names the person, and would "
				     "stay");
	return rc;
}

/* ----------------------------------------------------------------- work */

static int ask(void *arg, const struct ledger_item *item, yyjson_val *record,
	       struct err *e)
{
	const struct erasing *g = arg;
	const struct hold *hold = holds_find(&g->holds, item, record, g->now);

	if (!hold)
		return 0;
	return err_set(e, ERR_DENIED,
		       "hold %s keeps record %.*s as it is; nothing is erased "
		       "before it ends",
		       hold->id, (int)item->id.n, item->id.p);
}

static int count(struct erasing *g, struct err *e)
{
	struct erase_wish wish = {.names = g->names, .n = g->n};
	int rc = holds_read_again(&g->holds, g->place.ledger, e);

	wish.ask = ask;
	wish.arg = g;
	return rc ? rc : erase_count(g->place.ledger, &wish, &g->report, e);
}

static int change(struct erasing *g, struct err *e)
{
	struct erase_wish wish = {.names = g->names, .n = g->n};
	const char *by = g->principal ? "principal"
			 : g->email   ? "email"
				      : "login";
	struct erase_report done;
	struct record_frame frame;
	int rc;

	place_frame(&g->place, &frame);
	if (g->report.elements) {
		rc = erasure_record(g->place.ledger, &frame, by, g->reason,
				    &g->report, e);
		if (rc)
			return rc;
	}
	rc = erase_run(g->place.ledger, &wish, &done, e);
	g->report.damaged = done.damaged;
	/* copies that were set aside name people, too */
	if (!g->report.elements)
		g->report = done;
	return rc;
}

static int erase(struct erasing *g, struct err *e)
{
	struct ledger *l = g->place.ledger;
	int lock = -1, rc;

	if (g->dry)
		return count(g, e);
	rc = retain_lock(l, &lock, e);
	if (!rc)
		rc = count(g, e);
	if (!rc)
		rc = erase_begin(l, e);
	if (!rc)
		rc = change(g, e);
	lock_release(&lock);
	return rc;
}

/* ---------------------------------------------------------------- print */

static int print(const struct erasing *g, struct err *e)
{
	const struct erase_report *r = &g->report;
	struct buf out = BUF_INIT(4096);
	int rc;

	if (g->which.json)
		buf_addf(&out,
			 "{\"records\":%" PRIu64 ",\"elements\":%" PRIu64
			 ",\"damaged\":%" PRIu64 ",\"erased\":%s}\n",
			 r->records, r->elements, r->damaged,
			 g->dry ? "false" : "true");
	else if (!r->elements)
		buf_adds(&out, "gatepost: no record names this person\n");
	else
		buf_addf(&out,
			 "gatepost: %" PRIu64 " records name%s this person%s\n",
			 r->records, g->dry ? "" : "d",
			 g->dry ? "" : ", and no longer do");
	if (r->damaged)
		fprintf(stderr,
			"gatepost: %" PRIu64 " damaged places could not be "
			"looked at\n",
			r->damaged);
	rc = cli_print(&out, e);
	buf_release(&out);
	return rc ? rc : r->elements ? CLI_YES : CLI_NO;
}

static int work(struct erasing *g, struct err *e)
{
	unsigned flags = g->dry ? LEDGER_READ : LEDGER_APPEND;
	int rc;

	place_init(&g->place);
	g->now = time_now_ms();
	rc = ledger_wish_open(&g->which, flags, &g->place, e);
	if (!rc)
		rc = add_names(g, e);
	if (!rc)
		rc = erase(g, e);
	if (!rc)
		rc = print(g, e);
	if (rc == ERR_DENIED && g->holds.n) {
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	holds_release(&g->holds);
	free(g->names);
	place_release(&g->place);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct erasing g = {.dry = false};
	const struct cli_option options[] = {
		LEDGER_OPTIONS(g.which),
		{"--principal", NULL, &g.principal},
		{"--email", NULL, &g.email},
		{"--login", NULL, &g.login},
		{"--reason", NULL, &g.reason},
		{"--dry-run", &g.dry, NULL},
	};
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 8, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (!rc && !!g.principal + !!g.email + !!g.login != 1)
		rc = err_set(e, ERR_USAGE,
			     "say who: --principal, --email or --login");
	if (!rc && ((g.principal && !*g.principal) || (g.email && !*g.email) ||
		    (g.login && !*g.login)))
		rc = err_set(e, ERR_USAGE, "an empty name is nobody's");
	if (!rc && g.reason && strlen(g.reason) > ERASE_MAX_REASON)
		rc = err_set(e, ERR_USAGE, "a reason of more than %d bytes",
			     ERASE_MAX_REASON);
	return rc ? rc : work(&g, e);
}

const struct cli_command command_ledger_erase = {
	.name = "erase",
	.summary = "erase one person's names from all records",
	.help = help,
	.run = run,
};
