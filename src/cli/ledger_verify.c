/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/ledger_anchors.h"
#include "cli/ledger_keys.h"
#include "cli/ledger_open.h"
#include "cli/reconciling.h"
#include "ledger/seal_keys.h"
#include "ledger/verify.h"

enum { MAX_TOLD = 1000, MAX_LINE = 8 * ERR_MAX_MSG };

static const char help[] =
	"usage: gatepost ledger verify [--key VKEY] [--since FILE] "
	"[--no-evidence]\n"
	"                              [--witness VKEY] [--tsa-ca FILE] "
	"[--json]\n"
	"                              [--ledger DIR | --policy FILE] [--repos "
	"[REPO...]]\n"
	"\n"
	"Recompute everything from the records and compare: checksums, people, "
	"evidence,\n"
	"tiles, entry bundles, the checkpoint. Each fault is told with its "
	"place.\n"
	"\n"
	"  --since FILE   an older checkpoint, which the records must be "
	"under, too\n"
	"  --no-evidence  do not read the evidence that records cite\n"
	"  --repos        also compare with where the refs stand, in all "
	"repositories\n"
	"                 that the records name or in each REPO\n"
	"  --json         print one JSON object\n" LEDGER_KEY_HELP
		LEDGER_ANCHORS_HELP LEDGER_HELP "\n"
	"Exit status: 0 all is as it was, 1 something is wrong, 2 could not "
	"tell.\n";

/** Where the faults go. */
struct page {
	bool json;
	uint64_t told;
	yyjson_mut_doc *doc;
	yyjson_mut_val *faults, *gone;
};

static void tell_fault(struct page *page, const char *what, uint64_t index,
		       const char *text)
{
	struct buf clean = BUF_INIT(MAX_LINE);
	yyjson_mut_val *o;

	if (page->told++ >= MAX_TOLD)
		return;
	if (page->json) {
		text_add_utf8(&clean, span_str(text));
		o = yyjson_mut_arr_add_obj(page->doc, page->faults);
		yyjson_mut_obj_add_str(page->doc, o, "what", what);
		if (index != VERIFY_NO_INDEX)
			yyjson_mut_obj_add_uint(page->doc, o, "index", index);
		yyjson_mut_obj_add_strcpy(page->doc, o, "text", clean.data);
	} else {
		text_add_printable(&clean, span_str(text), ERR_MAX_MSG);
		printf("WRONG %-10s %s\n", what, clean.data);
	}
	buf_release(&clean);
}

static void tell(void *arg, const struct verify_fault *f)
{
	tell_fault(arg, verify_what_word(f->what), f->index, f->text);
}

static void tell_ref(void *arg, const char *text)
{
	tell_fault(arg, "ref", VERIFY_NO_INDEX, text);
}

static void tell_gone(void *arg, const struct gone_range *range,
		      const struct verify_gone_note *note)
{
	char from[TIME_RFC3339_SIZE], until[TIME_RFC3339_SIZE];
	char left[TIME_RFC3339_SIZE];
	struct page *page = arg;
	yyjson_mut_val *o;

	time_format(note->from_ms, from);
	time_format(note->until_ms, until);
	time_format(note->left_ms, left);
	if (!page->json) {
		printf("gone %" PRIu64 " to %" PRIu64 ": records of %s to %s, "
		       "by retention on %s (record %s)\n",
		       range->first, range->end - 1, from, until, left,
		       note->record);
		return;
	}
	o = yyjson_mut_arr_add_obj(page->doc, page->gone);
	yyjson_mut_obj_add_uint(page->doc, o, "first", range->first);
	yyjson_mut_obj_add_uint(page->doc, o, "count",
				range->end - range->first);
	yyjson_mut_obj_add_strcpy(page->doc, o, "from", from);
	yyjson_mut_obj_add_strcpy(page->doc, o, "until", until);
	yyjson_mut_obj_add_strcpy(page->doc, o, "left", left);
	yyjson_mut_obj_add_strcpy(page->doc, o, "record", note->record);
}

static int print_json(struct page *page, const struct verify_report *r,
		      const struct ledger_anchors *anchors, bool own_keys,
		      struct err *e)
{
	yyjson_mut_val *root = yyjson_mut_obj(page->doc);
	struct {
		const char *name;
		uint64_t n;
	} counts[] = {
		{"records", r->records}, {"sealed", r->sealed},
		{"gone", r->gone},	 {"persons", r->persons},
		{"erased", r->erased},	 {"evidence", r->evidence},
		{"faults", r->faults},
	};
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		yyjson_mut_obj_add_uint(page->doc, root, counts[i].name,
					counts[i].n);
	yyjson_mut_obj_add_str(page->doc, root, "keys",
			       own_keys ? "the ledger's own" : "given");
	yyjson_mut_obj_add_val(page->doc, root, "removed", page->gone);
	yyjson_mut_obj_add_val(page->doc, root, "wrong", page->faults);
	if (!ledger_anchors_json(anchors, page->doc, root))
		return err_nomem(e);
	yyjson_mut_doc_set_root(page->doc, root);
	return cli_print_json(page->doc, e);
}

static int print_text(const struct page *page, const struct verify_report *r,
		      const struct ledger_anchors *anchors, bool own_keys,
		      struct err *e)
{
	struct buf out = BUF_INIT(SIZE_MAX / 2);
	int rc;

	if (page->told > MAX_TOLD)
		buf_addf(&out, "and %" PRIu64 " more\n", page->told - MAX_TOLD);
	buf_addf(&out,
		 "%" PRIu64 " records, %" PRIu64 " of them sealed; %" PRIu64
		 " names of people, %" PRIu64 " of them erased; %" PRIu64
		 " pieces of evidence%s: ",
		 r->records, r->sealed, r->persons, r->erased, r->evidence,
		 r->bare ? ", which this copy is without" : "");
	if (r->faults)
		buf_addf(&out,
			 "%" PRIu64 " %s wrong; what to do: "
			 "gatepost-records(5), WHEN SOMETHING IS WRONG\n",
			 r->faults, r->faults == 1 ? "thing is" : "things are");
	else
		buf_addf(&out, "all as it should be%s\n",
			 own_keys ? ", by the ledger's own keys" : "");
	ledger_anchors_text(anchors, &out);
	rc = buf_ok(&out) ? cli_print(&out, e) : err_nomem(e);
	buf_release(&out);
	return rc;
}

/* --------------------------------------------------------------------- */

struct verifying {
	struct note_vkeys keys;
	bool own_keys;
	struct checkpoint_note since;
	struct verify_point point;
	struct verify_wish wish;
	struct ledger_anchors_wish who;
	struct ledger_anchors anchors;
	struct page page;
	bool repos; /* compare with these, too */
	struct reconciling refs;
	struct cli_args args;
};

/* One who asks about an older checkpoint asks about one that was signed. */
static int read_since(struct verifying *g, const char *path, struct ledger *l,
		      struct err *e)
{
	int rc = checkpoint_note_read(&g->since, path, e);

	if (rc == ERR_NOT_FOUND)
		return ERR_SYS;
	if (!rc && !span_is(g->since.at.origin, ledger_origin(l)))
		rc = err_set(e, ERR_MALFORMED,
			     "%s: is a checkpoint of another ledger", path);
	if (!rc) {
		rc = note_verify(&g->since.note, &g->keys, NULL, e);
		if (rc)
			err_wrap(e, "%s", path);
		if (rc == ERR_NOT_FOUND)
			rc = ERR_MALFORMED;
	}
	g->point = (struct verify_point){.name = path, .at = g->since.at};
	g->wish.points = &g->point;
	g->wish.npoints = 1;
	return rc;
}

static int prepare(struct verifying *g, const char *key, const char *since,
		   struct ledger *l, struct err *e)
{
	int rc;

	g->own_keys = !key;
	rc = key     ? ledger_keys_read(key, &g->keys, e)
	     : since ? seal_vkeys_read(l, &g->keys, e)
		     : 0;
	if (!rc && since)
		rc = read_since(g, since, l, e);
	g->wish.keys = key ? &g->keys : NULL;
	g->wish.tell = tell;
	g->wish.tell_gone = tell_gone;
	g->wish.arg = &g->page;
	g->page.doc = yyjson_mut_doc_new(NULL);
	g->page.faults = yyjson_mut_arr(g->page.doc);
	g->page.gone = yyjson_mut_arr(g->page.doc);
	if (!rc && (!g->page.faults || !g->page.gone))
		rc = err_nomem(e);
	return rc;
}

static int verify(struct verifying *g, const struct place *p, const char *key,
		  const char *since, struct err *e)
{
	struct ledger *l = p->ledger;
	struct verify_report report;
	int rc;

	checkpoint_note_init(&g->since);
	rc = prepare(g, key, since, l, e);
	if (rc == ERR_MALFORMED) {
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
		goto out;
	}
	if (!rc)
		rc = verify_ledger(l, &g->wish, &report, e);
	if (!rc && g->repos) {
		rc = reconcile_repos(&g->refs, g->args.v, g->args.n, e);
		report.faults += g->refs.moves;
	}
	if (!rc)
		rc = ledger_anchors_read(&g->anchors, p, &g->who, g->wish.keys,
					 e);
	if (!rc)
		rc = g->page.json ? print_json(&g->page, &report, &g->anchors,
					       g->own_keys, e)
				  : print_text(&g->page, &report, &g->anchors,
					       g->own_keys, e);
	if (!rc && (report.faults || ledger_anchors_faults(&g->anchors)))
		rc = CLI_NO;
out:
	ledger_anchors_release(&g->anchors);
	yyjson_mut_doc_free(g->page.doc);
	checkpoint_note_release(&g->since);
	note_vkeys_release(&g->keys);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	const char *key = NULL, *since = NULL;
	struct verifying g = {0};
	struct ledger_wish w = {0};
	const struct cli_option options[] = {
		{"--key", NULL, &key},
		{"--since", NULL, &since},
		{"--no-evidence", &g.wish.no_evidence, NULL},
		{"--witness", NULL, &g.who.witness},
		{"--tsa-ca", NULL, &g.who.tsa_ca},
		{"--json", &g.page.json, NULL},
		{"--repos", &g.repos, NULL},
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
	};
	struct place p;
	int rc = cli_parse(argc, argv, options, 9, &g.args, e);

	if (!rc)
		rc = cli_expect(&g.args, 0, g.repos ? -1 : 0, "", e);
	if (!rc && g.repos && w.ledger)
		rc = err_set(e, ERR_USAGE,
			     "--repos needs the policy of the repositories: "
			     "give --policy FILE, not --ledger");
	if (rc)
		return rc;
	g.refs = (struct reconciling){.policy = w.policy,
				      .grace = RECONCILING_GRACE_MS,
				      .look_only = true,
				      .tell = tell_ref,
				      .ctx = &g.page};
	place_init(&p);
	rc = ledger_wish_open(&w, LEDGER_READ, &p, e);
	if (!rc)
		rc = verify(&g, &p, key, since, e);
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_verify = {
	.name = "verify",
	.summary = "are all records as they were sealed?",
	.help = help,
	.run = run,
};
