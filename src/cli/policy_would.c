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
#include "desk/would.h"

enum {
	OUT_MAX_BYTES = 16 << 20,
	NAME_COLUMNS = 60,
	TEXT_COLUMNS = 100,
	TOLD = 20, /* lines of each part */
	TYPED = 5  /* repositories named in the end */
};

static const char help[] =
	"usage: gatepost policy would [--since TIME] [--until TIME] "
	"[--repository NAME]\n"
	"                             [--ref REF] [--json]\n"
	"                             [--ledger DIR | --policy FILE]\n"
	"\n"
	"Tell what gates in mode warn would have refused: how many pushes, by "
	"which\n"
	"rules, of people with which roles, in which repositories, since when; "
	"and what\n"
	"to type to enforce. That somebody looked is recorded.\n"
	"Exit status: 0 nothing would have been refused, 1 something, 2 could "
	"not tell.\n"
	"\n"
	"  --since TIME       from 2027-01-31, 2027-01-31T23:59:59Z, or so "
	"long ago:\n"
	"                     36h, 7d, 4w\n"
	"  --until TIME       up to then, a day included\n"
	"  --repository NAME  of that repository\n"
	"  --ref REF          of pushes that name this ref; main means "
	"refs/heads/main\n"
	"  --json             one JSON object; all lines, not only the "
	"first 20\n" LEDGER_HELP;

/* ---- for people ---- */

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void add_text(struct buf *out, const char *s, size_t columns)
{
	text_add_printable(out, span_str(s), columns);
}

static void add_day(struct buf *out, int64_t ms)
{
	char day[TIME_RFC3339_SIZE];

	time_format(ms, day);
	buf_addf(out, "%.10s", day);
}

static void add_span(struct buf *out, int64_t first, int64_t last)
{
	add_day(out, first);
	buf_adds(out, " to ");
	add_day(out, last);
}

static void add_line(struct buf *out, const struct would_line *l)
{
	buf_addf(out, "  %7zu push%s  %5zu %s  ", l->pushes,
		 l->pushes == 1 ? "  " : "es", l->people,
		 l->people == 1 ? "person" : "people");
	add_span(out, l->first, l->last);
	buf_adds(out, "  ");
	add_text(out, l->name, NAME_COLUMNS);
	buf_addch(out, '\n');
	if (!*l->reason)
		return;
	buf_addf(out, "%10smostly ", "");
	add_text(out, l->reason, NAME_COLUMNS);
	buf_addf(out, " (%zu): ", l->reasons);
	add_text(out, l->example, TEXT_COLUMNS);
	buf_addch(out, '\n');
}

static void add_table(struct buf *out, const char *head,
		      const struct would_table *t)
{
	size_t i;

	if (!t->n)
		return;
	buf_addf(out, "\n%s\n", head);
	for (i = 0; i < t->n && i < TOLD; i++)
		add_line(out, &t->v[i]);
	if (i < t->n)
		buf_addf(out, "  and %zu more (--json shows all)\n", t->n - i);
}

/* What was already enforced is not in the count, so all that is named warns
 * now, or did. */
static void add_commands(struct buf *out, const struct would *w,
			 const char *root)
{
	char path[FILE_MAX_PATH];
	size_t i, n = 0;

	buf_adds(out, "\nTo enforce, once that is what you want:\n");
	for (i = 0; i < w->repositories.n && n < TYPED; i++) {
		const char *name = w->repositories.v[i].name;

		if (!root || !place_below(root, name, path))
			continue;
		n++;
		buf_adds(out, "  gatepost mode enforce ");
		add_text(out, path, FILE_MAX_PATH);
		buf_addch(out, '\n');
	}
	if (n < w->repositories.n)
		buf_adds(out, n ? "  and the same for the others, or all at "
				  "once: mode = enforce in the policy\n"
				: "  mode = enforce in the policy, or gatepost "
				  "mode enforce REPO\n");
}

static void add_report(struct buf *out, const struct would *w, const char *root)
{
	if (!w->pushes) {
		buf_adds(out, "No push met a gate that only warns.\n");
		return;
	}
	buf_addf(out,
		 "%zu of %zu push%s that met a gate in mode warn would "
		 "have been refused,\nof %zu of %s%zu %s, ",
		 w->refused, w->pushes, w->pushes == 1 ? "" : "es", w->nmet,
		 w->bounded ? "at least " : "", w->npeople,
		 w->npeople == 1 ? "person" : "people");
	add_span(out, w->first, w->last);
	buf_adds(out, ".\n");
	if (w->unread)
		buf_addf(out, "Of %zu record%s a part is gone.\n", w->unread,
			 plural(w->unread));
	add_table(out, "By rule:", &w->rules);
	add_table(out, "By role of who pushed:", &w->roles);
	add_table(out, "By repository:", &w->repositories);
	if (w->repositories.n)
		add_commands(out, w, root);
	else
		buf_adds(out, "\nNothing keeps you from enforcing: gatepost "
			      "mode enforce REPO\n");
}

/* ---- for programs ---- */

static void json_time(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		      int64_t ms)
{
	char text[TIME_RFC3339_SIZE];

	if (!ms)
		return;
	time_format(ms, text);
	yyjson_mut_obj_add_strcpy(doc, o, name, text);
}

static void json_table(yyjson_mut_doc *doc, yyjson_mut_val *root,
		       const char *name, const struct would_table *t)
{
	yyjson_mut_val *arr = yyjson_mut_obj_add_arr(doc, root, name);
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct would_line *l = &t->v[i];
		yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, arr);

		yyjson_mut_obj_add_str(doc, o, "name", l->name);
		yyjson_mut_obj_add_uint(doc, o, "pushes", l->pushes);
		yyjson_mut_obj_add_uint(doc, o, "people", l->people);
		json_time(doc, o, "first", l->first);
		json_time(doc, o, "last", l->last);
		if (!*l->reason)
			continue;
		yyjson_mut_obj_add_str(doc, o, "reason", l->reason);
		yyjson_mut_obj_add_uint(doc, o, "reasons", l->reasons);
		yyjson_mut_obj_add_str(doc, o, "example", l->example);
	}
}

static int add_json(struct buf *out, const struct would *w, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	int rc;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_uint(doc, root, "pushes", w->pushes);
	yyjson_mut_obj_add_uint(doc, root, "refused", w->refused);
	yyjson_mut_obj_add_uint(doc, root, "people", w->npeople);
	yyjson_mut_obj_add_uint(doc, root, "people_met", w->nmet);
	if (w->bounded)
		yyjson_mut_obj_add_bool(doc, root, "bounded", true);
	if (w->unread)
		yyjson_mut_obj_add_uint(doc, root, "unread", w->unread);
	json_time(doc, root, "first", w->first);
	json_time(doc, root, "last", w->last);
	json_table(doc, root, "rules", &w->rules);
	json_table(doc, root, "roles", &w->roles);
	json_table(doc, root, "repositories", &w->repositories);
	rc = cli_add_json(out, doc, e);
	yyjson_mut_doc_free(doc);
	return rc;
}

/* ---- the command ---- */

struct tally {
	struct would would;
	struct ledger *ledger;
};

static int add_one(void *arg, const struct ledger_item *item, struct err *e)
{
	struct tally *t = arg;

	return would_add(&t->would, t->ledger, item, e);
}

static int show(const struct would *w, const struct place *p, bool json,
		struct err *e)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	int rc = 0;

	if (json)
		rc = add_json(&out, w, e);
	else
		add_report(&out, w, p->policy ? p->policy->root : NULL);
	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}

static int tally(struct reading *r, const struct ledger_wish *w, struct err *e)
{
	struct place *p = &r->place;
	struct tally t = {.ledger = p->ledger};
	struct err damage = {0};
	int rc = 0;

	/* without one, what is level = warn cannot be told from the rest */
	if (!p->policy && w->policy)
		rc = place_policy(p, w->policy, POLICY_SHALLOW, e);
	would_init(&t.would, p->policy);
	if (!rc)
		rc = reading_each(r, add_one, &t, e);
	if (rc == ERR_MALFORMED && r->damaged) {
		damage = *e;
		rc = 0;
	}
	would_finish(&t.would);
	if (!rc)
		rc = show(&t.would, p, w->json, e);
	if (!rc)
		rc = t.would.refused ? CLI_NO : CLI_YES;
	would_release(&t.would);
	if (rc < 0 || !damage.code)
		return rc;
	*e = damage;
	return damage.code;
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	struct ledger_filter f = {.kind = "decision"};
	const struct cli_option options[] = {
		LEDGER_OPTIONS(w),
		{"--repository", NULL, &f.repository},
		{"--ref", NULL, &f.ref},
		{"--since", NULL, &f.since},
		{"--until", NULL, &f.until},
	};
	struct cli_args args;
	struct reading r;
	int rc = cli_parse(argc, argv, options, 7, &args, e);

	reading_init(&r, "policy would");
	r.unnamed = true;
	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (!rc)
		rc = reading_filter(&r, &f, e);
	r.format = w.json ? "json" : NULL;
	if (!rc)
		rc = reading_open(&r, &w, e);
	if (!rc)
		rc = tally(&r, &w, e);
	reading_release(&r);
	return rc;
}

const struct cli_command command_policy_would = {
	.name = "would",
	.summary = "tell what gates that only warn would have refused",
	.help = help,
	.run = run,
};
