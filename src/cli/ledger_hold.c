/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/ledger_reading.h"
#include "desk/holds.h"
#include "ledger/runs.h"
#include "ledger/search.h"

enum { HOLD_MAX_LINE = 65536, HOLD_MAX_REASON = 4096 };

static const char help[] =
	"usage: gatepost ledger hold (ID | --repository NAME | --principal "
	"NAME)\n"
	"                            --until DAY --reason TEXT\n"
	"                            [--ledger DIR | --policy FILE]\n"
	"       gatepost ledger hold --list [--json] [--ledger DIR | --policy "
	"FILE]\n"
	"\n"
	"Keep records over their retention until a day, for a case. What is "
	"held is one\n"
	"record with its outcome, those of a repository, or those that name a "
	"person.\n"
	"Holds are records themselves.\n"
	"\n"
	"  --repository NAME  records of that repository\n"
	"  --principal NAME   records with that person: principal, login or "
	"e-mail\n"
	"  --until DAY        2027-01-31, or so long from now: 52w\n"
	"  --reason TEXT      why; it stands in the record as it is\n"
	"  --list             list the holds that are in force\n"
	"  --json             all holds, one JSON object each\n" LEDGER_HELP;

struct holding {
	struct ledger_wish which;
	const char *repository, *principal, *until, *reason;
	bool list;
};

/* ----------------------------------------------------------------- list */

static void add_text(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     const char *value)
{
	if (value && *value)
		yyjson_mut_obj_add_str(doc, o, name, value);
}

static int print_json(const struct hold *h, int64_t now, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *o = yyjson_mut_obj(doc);
	char since[TIME_RFC3339_SIZE], until[TIME_RFC3339_SIZE];
	int rc;

	time_format(h->since, since);
	time_format(h->until, until);
	yyjson_mut_doc_set_root(doc, o);
	add_text(doc, o, "id", h->id);
	yyjson_mut_obj_add_bool(doc, o, "active", hold_is_active(h, now));
	add_text(doc, o, "since", since);
	add_text(doc, o, "until", until);
	add_text(doc, o, "record", h->record);
	add_text(doc, o, "repository", h->repository);
	add_text(doc, o, "person", h->person);
	if (h->erased)
		yyjson_mut_obj_add_bool(doc, o, "erased", true);
	add_text(doc, o, "reason", h->reason);
	add_text(doc, o, "released", h->released);
	rc = cli_print_json(doc, e);
	yyjson_mut_doc_free(doc);
	return rc;
}

static int print_line(const struct hold *h, struct err *e)
{
	struct buf out = BUF_INIT(HOLD_MAX_LINE);
	const char *what = h->record	   ? h->record
			   : h->repository ? h->repository
			   : h->person	   ? h->person
					   : "(erased)";
	char until[TIME_RFC3339_SIZE];
	int rc;

	time_format(h->until, until);
	buf_addf(&out, "%s  until %.10s  %s ", h->id, until,
		 h->record	 ? "record"
		 : h->repository ? "repository"
				 : "person");
	text_add_printable(&out, span_str(what), 200);
	if (h->reason) {
		buf_adds(&out, ": ");
		text_add_printable(&out, span_str(h->reason), 1000);
	}
	buf_addch(&out, '\n');
	rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}

static int list(struct reading *r, bool json, struct err *e)
{
	struct holds holds = {0};
	int64_t now = time_now_ms();
	size_t i;
	int rc = holds_read(&holds, r->place.ledger, e);

	r->query.kind = "hold";
	if (!rc)
		rc = reading_record(r, holds.n, NULL, e);
	for (i = 0; !rc && i < holds.n; i++) {
		if (json)
			rc = print_json(&holds.v[i], now, e);
		else if (hold_is_active(&holds.v[i], now))
			rc = print_line(&holds.v[i], e);
	}
	holds_release(&holds);
	return rc;
}

static int run_list(const struct holding *w, struct err *e)
{
	struct reading r;
	int rc;

	reading_init(&r, "ledger hold --list");
	r.format = w->which.json ? "json" : NULL;
	rc = reading_open(&r, &w->which, e);
	if (!rc)
		rc = list(&r, w->which.json, e);
	reading_release(&r);
	return rc;
}

/* ----------------------------------------------------------------- hold */

static int take_until(const char *word, int64_t *ms, struct err *e)
{
	int64_t seconds;

	if (time_parse_duration(span_str(word), &seconds))
		*ms = time_now_ms() + seconds * 1000;
	else if (!time_parse(span_str(word), ms))
		return err_set(e, ERR_USAGE,
			       "--until takes a day or a duration: 2027-01-31, "
			       "52w");
	if (*ms <= time_now_ms())
		return err_set(e, ERR_USAGE, "--until %s is past", word);
	return 0;
}

static int copy(char **out, const char *text, struct err *e)
{
	if (!text)
		return 0;
	*out = strdup(text);
	return *out ? 0 : err_nomem(e);
}

/* The whole id of the record that is meant, which must be there. */
static int find_record(struct ledger *l, const char *id, char **out,
		       struct err *e)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct buf persons = BUF_INIT(LEDGER_MAX_PERSONS);
	yyjson_doc *doc = NULL;
	uint64_t index;
	int rc = ledger_find(l, id, &json, &persons, &index, e);

	if (!rc) {
		doc = yyjson_read(json.data, json.len, 0);
		rc = copy(out,
			  yyjson_get_str(yyjson_obj_get(
				  yyjson_doc_get_root(doc), "id")),
			  e);
	}
	yyjson_doc_free(doc);
	buf_release(&json);
	buf_release(&persons);
	return rc;
}

static int fill(const struct holding *w, const char *id, struct ledger *l,
		struct hold *hold, struct err *e)
{
	int rc = take_until(w->until, &hold->until, e);

	if (!rc && id)
		rc = find_record(l, id, &hold->record, e);
	if (!rc)
		rc = copy(&hold->repository, w->repository, e);
	if (!rc)
		rc = copy(&hold->person, w->principal, e);
	return rc ? rc : copy(&hold->reason, w->reason, e);
}

/* A name with a mistake in it would hold nothing, and nobody would know. */
static int note_if_nothing(struct ledger *l, const struct hold *hold,
			   struct err *e)
{
	const struct ledger_query q = {.repository = hold->repository,
				       .person = hold->person};
	uint64_t end, n = 0;
	int rc;

	if (hold->record)
		return 0;
	rc = ledger_size(l, &end, e);
	if (!rc)
		rc = ledger_search_count(l, &q, 0, end, &n, e);
	if (!rc && !n)
		fprintf(stderr,
			"gatepost: no record so far has this name; is it as "
			"gatepost ledger list shows it?\n");
	return rc;
}

static int make(const struct holding *w, const char *id, struct err *e)
{
	struct hold *hold = calloc(1, sizeof(*hold));
	struct holds one = {hold, 1, 1};
	struct record_frame frame;
	struct place p;
	int rc = hold ? 0 : err_nomem(e);

	place_init(&p);
	if (!rc)
		rc = ledger_wish_open(&w->which, LEDGER_APPEND, &p, e);
	if (!rc)
		rc = fill(w, id, p.ledger, hold, e);
	if (!rc)
		rc = note_if_nothing(p.ledger, hold, e);
	if (!rc) {
		place_frame(&p, &frame);
		rc = hold_record(p.ledger, &frame, hold, e);
	}
	if (!rc)
		printf("gatepost: hold %s\n", hold->id);
	if (rc == ERR_NOT_FOUND && p.ledger) {
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	if (hold)
		holds_release(&one);
	place_release(&p);
	return rc;
}

static int check(const struct holding *w, int nargs, struct err *e)
{
	int what = nargs + !!w->repository + !!w->principal;

	if (w->list)
		return what || w->until || w->reason
			       ? err_set(e, ERR_USAGE,
					 "--list stands alone, or with --json")
			       : 0;
	if (what != 1)
		return err_set(e, ERR_USAGE,
			       "say what is held: a record's id, --repository "
			       "or --principal");
	if (!w->until || !w->reason || !*w->reason)
		return err_set(e, ERR_USAGE,
			       "a hold has an end and a reason: --until, "
			       "--reason");
	if (strlen(w->reason) > HOLD_MAX_REASON)
		return err_set(e, ERR_USAGE, "a reason of more than %d bytes",
			       HOLD_MAX_REASON);
	return 0;
}

static int run(int argc, char **argv, struct err *e)
{
	struct holding w = {.list = false};
	const struct cli_option options[] = {
		LEDGER_OPTIONS(w.which),
		{"--repository", NULL, &w.repository},
		{"--principal", NULL, &w.principal},
		{"--until", NULL, &w.until},
		{"--reason", NULL, &w.reason},
		{"--list", &w.list, NULL},
	};
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 8, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 1, "ID", e);
	if (!rc)
		rc = check(&w, args.n, e);
	if (rc)
		return rc;
	return w.list ? run_list(&w, e)
		      : make(&w, args.n ? args.v[0] : NULL, e);
}

const struct cli_command command_ledger_hold = {
	.name = "hold",
	.summary = "keep records over their retention",
	.help = help,
	.run = run,
};
