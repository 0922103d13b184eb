/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <yyjson.h>

#include "base/time.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/ledger_open.h"
#include "courier/asks.h"
#include "courier/progress.h"
#include "desk/retention.h"
#include "ledger/runs.h"
#include "ledger/seal.h"
#include "sys/lock.h"

static const char help[] =
	"usage: gatepost ledger retain [--dry-run | --sealed] [--json]\n"
	"                              [--ledger DIR] [--policy FILE]\n"
	"\n"
	"Remove records that are older than the policy's [retention] keeps "
	"them: whole\n"
	"segments of the ledger, each when all of its records may leave. "
	"Their hashes\n"
	"stay. For a timer.\n"
	"\n"
	"  --dry-run      only tell what would be removed\n"
	"  --sealed       for the user to whom DIR/sealed belongs, where that "
	"is another:\n"
	"                 remove what was removed from there, too\n"
	"  --json         print one JSON object\n" LEDGER_HELP;

enum {
	ROTATE_PARTS = 12,
	ROTATE_MOST = 30 * 86400 /* seconds */
};

struct retaining {
	struct ledger_wish which;
	bool dry, sealed;
	struct place place;
	struct holds holds;
	struct retention_judge judge;
	bool read_again; /* holds, from the records themselves */
	struct retain_plan plan;
	int64_t shortest; /* seconds */
	int lock;
	uint64_t evidence, bundles;
	bool waits; /* for the record to be sealed */
	bool left;  /* entry bundles are another user's */
	yyjson_mut_doc *doc;
	yyjson_mut_val *root, *gone, *stay;
};

/* ---------------------------------------------------------------- print */

static yyjson_mut_val *add_range(struct retaining *r, yyjson_mut_val *list,
				 const struct gone_range *range)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(r->doc, list);

	yyjson_mut_obj_add_uint(r->doc, o, "first", range->first);
	yyjson_mut_obj_add_uint(r->doc, o, "count", range->end - range->first);
	return o;
}

static void tell_stays(void *arg, const struct gone_range *range,
		       const char *why)
{
	struct retaining *r = arg;
	yyjson_mut_val *o;

	if (!r->which.json) {
		printf("records %" PRIu64 " to %" PRIu64 " stay: %s\n",
		       range->first, range->end - 1, why);
		return;
	}
	o = add_range(r, r->stay, range);
	yyjson_mut_obj_add_strcpy(r->doc, o, "why", why);
}

static void tell_leaves(struct retaining *r)
{
	const char *verb = r->dry     ? "would leave"
			   : r->waits ? "leave when that is sealed"
				      : "left";
	size_t i;

	for (i = 0; i < r->plan.n; i++) {
		const struct retain_segment *s = &r->plan.v[i];
		char from[TIME_RFC3339_SIZE], until[TIME_RFC3339_SIZE];
		yyjson_mut_val *o;

		time_format(s->from_ms, from);
		time_format(s->until_ms, until);
		if (!r->which.json) {
			printf("records %" PRIu64 " to %" PRIu64 " %s: of %s "
			       "to %s\n",
			       s->range.first, s->range.end - 1, verb, from,
			       until);
			continue;
		}
		o = add_range(r, r->gone, &s->range);
		yyjson_mut_obj_add_strcpy(r->doc, o, "from", from);
		yyjson_mut_obj_add_strcpy(r->doc, o, "until", until);
	}
}

static int print_json(struct retaining *r, struct err *e)
{
	yyjson_mut_obj_add_uint(r->doc, r->root, "evidence", r->evidence);
	yyjson_mut_obj_add_uint(r->doc, r->root, "bundles", r->bundles);
	yyjson_mut_obj_add_bool(r->doc, r->root, "waits", r->waits);
	return cli_print_json(r->doc, e);
}

static int print_end(struct retaining *r, struct err *e)
{
	tell_leaves(r);
	if (r->left)
		fprintf(stderr,
			"gatepost: %s/sealed is another user's, who has to run "
			"gatepost ledger retain --sealed\n",
			ledger_dir(r->place.ledger));
	if (r->which.json)
		return print_json(r, e);
	if (!r->shortest)
		printf("gatepost: the policy keeps all records for ever\n");
	else if (!r->plan.n && !r->sealed)
		printf("gatepost: nothing to remove\n");
	if (r->evidence || r->bundles)
		printf("gatepost: removed %" PRIu64 " pieces of evidence, "
		       "emptied %" PRIu64 " entry bundles\n",
		       r->evidence, r->bundles);
	return 0;
}

/* ----------------------------------------------------------------- work */

static int open_place(struct retaining *r, struct err *e)
{
	struct place *p = &r->place;
	struct err ignored = {0};
	unsigned flags = r->dry || r->sealed ? LEDGER_READ : LEDGER_APPEND;
	int rc;

	if (!r->which.policy)
		(void)place_discover(p, &ignored);
	rc = place_policy(p, r->which.policy, POLICY_SHALLOW, e);
	if (!rc)
		rc = place_ledger(p, r->which.ledger, flags, e);
	if (rc)
		return rc;
	r->shortest = retention_shortest(p->policy);
	r->judge = (struct retention_judge){
		.policy = p->policy, .holds = &r->holds, .now = time_now_ms()};
	if (flags & LEDGER_APPEND) {
		rc = retain_lock(p->ledger, &r->lock, e);
		(void)runs_update(p->ledger, &ignored);
	}
	return rc ? rc : holds_read(&r->holds, p->ledger, e);
}

/* Before anything may leave, no hold must have been missed. */
static int judge(void *arg, const struct ledger_item *item, yyjson_val *record,
		 const char **why, struct err *e)
{
	struct retaining *r = arg;
	int rc = retention_judge(&r->judge, item, record, why, e);

	if (rc || *why || r->read_again)
		return rc;
	rc = holds_read_again(&r->holds, r->place.ledger, e);
	r->read_again = !rc;
	return rc ? rc : retention_judge(&r->judge, item, record, why, e);
}

/* What a ticketing system is still to be asked about. */
static int keep_asks(struct ledger *l, const char *sink, uint64_t *below,
		     struct err *e)
{
	struct asks asks;
	size_t i;
	int rc = asks_load(&asks, ledger_dir(l), sink, e);

	/* where nobody has asked there is nothing to be lost */
	if (!rc && asks.n)
		rc = asks_read_on(&asks, l, sink, e);
	for (i = 0; !rc && i < asks.n; i++)
		if (asks.v[i].index < *below)
			*below = asks.v[i].index;
	asks_release(&asks);
	return rc;
}

/* The number below which all is sealed, delivered and answered. */
static int find_limit(struct retaining *r, uint64_t *below, struct err *e)
{
	const struct policy *policy = r->place.policy;
	struct checkpoint_note last;
	struct progress at;
	size_t i;
	int rc = seal_checkpoint_read(r->place.ledger, &last, e);

	*below = last.at.size;
	checkpoint_note_release(&last);
	for (i = 0; !rc && i < policy->nsinks; i++) {
		rc = progress_load(&at, ledger_dir(r->place.ledger),
				   policy->sinks[i].name, e);
		if (!rc && at.next < *below)
			*below = at.next;
		if (!rc)
			rc = keep_asks(r->place.ledger, policy->sinks[i].name,
				       below, e);
	}
	return rc;
}

static int make_plan(struct retaining *r, struct err *e)
{
	struct retain_wish wish = {
		.before_ms = r->judge.now - r->shortest * 1000,
		.judge = judge,
		.judge_arg = r,
		.tell = tell_stays,
		.arg = r,
	};
	int rc = find_limit(r, &wish.below, e);

	return rc ? rc : retain_plan(r->place.ledger, &wish, &r->plan, e);
}

/* @param yes  whether the record of this number is under a checkpoint */
static int seal(struct retaining *r, uint64_t index, bool *yes, struct err *e)
{
	struct ledger *l = r->place.ledger;
	struct checkpoint_note last;
	struct seal_report report;
	struct err why = {0};
	int rc = seal_run(l, 0, &report, &why);

	*yes = false;
	if (rc && rc != ERR_DENIED && rc != ERR_TIMEOUT)
		return err_set(e, rc, "%s", why.msg);
	rc = seal_checkpoint_read(l, &last, e);
	*yes = !rc && last.at.size > index;
	checkpoint_note_release(&last);
	return rc;
}

static int empty_bundles(struct retaining *r, struct err *e)
{
	struct err why = {0};
	int rc = retain_sealed(r->place.ledger, judge, r, &r->bundles, &why);

	if (rc == ERR_DENIED && !r->sealed) {
		r->left = true;
		return 0;
	}
	return rc ? err_set(e, rc, "%s", why.msg) : 0;
}

static int remove_planned(struct retaining *r, struct err *e)
{
	struct ledger *l = r->place.ledger;
	struct record_frame frame;
	uint64_t index = 0;
	bool sealed = false;
	int rc;

	if (!r->plan.n)
		return 0;
	place_frame(&r->place, &frame);
	rc = retention_record(l, &frame, &r->plan, &index, e);
	if (!rc)
		rc = seal(r, index, &sealed, e);
	if (rc)
		return rc;
	if (!sealed) {
		r->waits = true;
		return 0;
	}
	rc = retain_commit(l, &r->plan, e);
	return rc ? rc : retain_finish(l, &r->evidence, e);
}

static int retain(struct retaining *r, struct err *e)
{
	struct ledger *l = r->place.ledger;
	int64_t age = r->shortest / ROTATE_PARTS;
	int rc;

	if (r->sealed)
		return empty_bundles(r, e);
	rc = r->dry ? 0 : retain_finish(l, &r->evidence, e);
	if (!rc && r->shortest && !r->dry) {
		age = age < ROTATE_MOST ? age : ROTATE_MOST;
		rc = retain_rotate(l, r->judge.now - age * 1000, e);
	}
	if (!rc && r->shortest)
		rc = make_plan(r, e);
	if (!rc && !r->dry)
		rc = remove_planned(r, e);
	return rc || r->dry ? rc : empty_bundles(r, e);
}

static int run(int argc, char **argv, struct err *e)
{
	struct retaining r = {.lock = -1};
	const struct cli_option options[] = {
		LEDGER_OPTIONS(r.which),
		{"--dry-run", &r.dry, NULL},
		{"--sealed", &r.sealed, NULL},
	};
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 5, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (!rc && r.dry && r.sealed)
		rc = err_set(e, ERR_USAGE, "--dry-run or --sealed, not both");
	if (rc)
		return rc;
	place_init(&r.place);
	r.doc = yyjson_mut_doc_new(NULL);
	r.root = yyjson_mut_obj(r.doc);
	yyjson_mut_doc_set_root(r.doc, r.root);
	r.gone = yyjson_mut_obj_add_arr(r.doc, r.root, "segments");
	r.stay = yyjson_mut_obj_add_arr(r.doc, r.root, "stay");
	rc = open_place(&r, e);
	if (!rc)
		rc = retain(&r, e);
	if (!rc)
		rc = print_end(&r, e);
	yyjson_mut_doc_free(r.doc);
	retain_plan_release(&r.plan);
	holds_release(&r.holds);
	lock_release(&r.lock);
	place_release(&r.place);
	return rc;
}

const struct cli_command command_ledger_retain = {
	.name = "retain",
	.summary = "remove records that are old enough",
	.help = help,
	.run = run,
};
