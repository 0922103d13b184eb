/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger_anchors.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/ledger_keys.h"
#include "courier/anchor_trust.h"
#include "courier/progress.h"
#include "ledger/seal.h"

enum { MAX_COLUMNS = 300, MAX_TEXT = 8 * ERR_MAX_MSG };

/* ----------------------------------------------------------------- read */

static int add_witnesses(struct anchor_trust *t, const char *given,
			 struct err *e)
{
	struct anchor_party p = {.kind = ANCHOR_WITNESS};
	struct note_vkeys keys = {0};
	size_t i;
	int rc = ledger_keys_read(given, &keys, e);

	for (i = 0; !rc && i < keys.n; i++) {
		p.key = keys.v[i];
		rc = anchor_trust_add(t, &p, e);
	}
	note_vkeys_release(&keys);
	return rc;
}

static int take_trust(struct anchor_trust *t, const struct place *p,
		      const struct ledger_anchors_wish *wish, struct err *e)
{
	struct anchor_party stamper = {.kind = ANCHOR_TIMESTAMP,
				       .ca = wish->tsa_ca};
	int rc = 0;

	if (p->policy)
		rc = anchor_trust_take(t, p->policy, e);
	if (!rc && wish->witness)
		rc = add_witnesses(t, wish->witness, e);
	if (!rc && wish->tsa_ca)
		rc = anchor_trust_add(t, &stamper, e);
	return rc;
}

static int read_sinks(struct ledger_anchors *a, const struct place *p,
		      struct err *e)
{
	size_t i;

	if (!p->policy || !p->policy->nsinks)
		return 0;
	a->sinks = calloc(p->policy->nsinks, sizeof(*a->sinks));
	if (!a->sinks)
		return err_nomem(e);
	for (i = 0; i < p->policy->nsinks; i++) {
		const char *name = p->policy->sinks[i].name;
		struct progress got;

		/* a cursor that cannot be read proves nothing */
		if (progress_load(&got, ledger_dir(p->ledger), name, NULL) ||
		    !got.checkpoint)
			continue;
		a->sinks[a->nsinks++] =
			(struct ledger_anchors_sink){name, got.checkpoint};
	}
	return 0;
}

int ledger_anchors_read(struct ledger_anchors *out, const struct place *p,
			const struct ledger_anchors_wish *wish,
			const struct note_vkeys *keys, struct err *e)
{
	struct anchor_trust trust = {0};
	struct checkpoint_note last;
	int rc;

	*out = (struct ledger_anchors){0};
	if (!seal_checkpoint_read(p->ledger, &last, NULL))
		out->sealed = last.at.size;
	checkpoint_note_release(&last);
	rc = take_trust(&trust, p, wish, e);
	out->trusting = trust.n > 0;
	out->policy = p->policy;
	if (!rc)
		rc = anchors_read(p->ledger, &trust, keys, &out->list, e);
	if (!rc)
		rc = read_sinks(out, p, e);
	if (!rc && p->policy)
		rc = status_read_anchors(&out->asked, p->policy, p->ledger, e);
	anchor_trust_release(&trust);
	return rc;
}

void ledger_anchors_release(struct ledger_anchors *a)
{
	anchors_release(&a->list);
	free(a->sinks);
	status_release_anchors(&a->asked);
	*a = (struct ledger_anchors){0};
}

/* It has cosigned something that is no beginning of this ledger. */
static bool is_alarm(const struct anchor_status *s)
{
	return s->progress.failing_since && (s->progress.error_status == 409 ||
					     s->progress.error_status == 422);
}

uint64_t ledger_anchors_faults(const struct ledger_anchors *a)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < a->list.n; i++)
		n += a->list.v[i].result == ANCHOR_FAILS;
	for (i = 0; i < a->asked.nanchors; i++)
		n += is_alarm(&a->asked.anchors[i]);
	return n;
}

/* ----------------------------------------------------------------- text */

static const char *word_of(const struct anchor *a)
{
	return a->kind == ANCHOR_WITNESS ? "witness" : "time stamper";
}

static void add_shown(struct buf *out, const char *text)
{
	text_add_printable(out, span_str(text), MAX_COLUMNS);
}

static void add_trouble(struct buf *out, const struct anchor *a)
{
	buf_adds(out, a->result == ANCHOR_FAILS ? "WRONG " : "not counted: ");
	buf_addf(out, "%s ", word_of(a));
	add_shown(out, a->name);
	if (a->size)
		buf_addf(out, ", %" PRIu64 " records", a->size);
	buf_adds(out, ": ");
	add_shown(out, a->why);
	buf_addch(out, '\n');
}

static void add_one(struct buf *out, const struct anchor *a)
{
	char when[TIME_RFC3339_SIZE];

	if (a->result != ANCHOR_HOLDS) {
		add_trouble(out, a);
		return;
	}
	time_format(a->time_ms, when);
	buf_addf(out, "%s ", word_of(a));
	add_shown(out, a->name);
	if (a->kind == ANCHOR_WITNESS) {
		buf_adds(out, ": ");
		add_shown(out, a->by);
		buf_addf(out,
			 " has cosigned the first %" PRIu64 " records, at %s\n",
			 a->size, when);
	} else {
		buf_addf(out,
			 ": the first %" PRIu64 " records were there at %s; "
			 "%zu time stamp%s hold%s\n",
			 a->size, when, a->count, a->count == 1 ? "" : "s",
			 a->count == 1 ? "s" : "");
	}
}

static uint64_t covered(const struct ledger_anchors *a)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < a->list.n; i++)
		if (a->list.v[i].result == ANCHOR_HOLDS &&
		    a->list.v[i].size > n)
			n = a->list.v[i].size;
	return n;
}

static void add_asked(struct buf *out, const struct anchor_status *s)
{
	char when[TIME_RFC3339_SIZE];

	if (!s->progress.failing_since && s->covered)
		return;
	buf_adds(out, is_alarm(s) ? "WRONG " : "");
	buf_addf(out, "%s ", s->word);
	add_shown(out, s->name);
	if (s->progress.failing_since) {
		time_format(s->progress.failing_since, when);
		buf_addf(out, ", in vain since %s: ", when);
		add_shown(out, s->progress.error);
		buf_addch(out, '\n');
	} else {
		buf_adds(out, ": has vouched for nothing yet\n");
	}
}

static void add_rest(struct buf *out, const struct ledger_anchors *a)
{
	uint64_t n = covered(a);

	if (n >= a->sealed && n)
		return;
	if (n)
		buf_addf(out,
			 "nobody outside vouches for the %" PRIu64
			 " sealed records behind these\n",
			 a->sealed - n);
	else
		buf_adds(out,
			 "no witness and no time stamp vouches for any record: "
			 "who has the sealing key could have made all of this "
			 "anew\n");
	if (!a->trusting)
		buf_adds(out,
			 a->policy ? "(the policy names no witness and no "
				     "timestamp; nor does --witness or "
				     "--tsa-ca)\n"
				   : "(nobody was named who would be believed: "
				     "--policy, --witness, --tsa-ca)\n");
}

void ledger_anchors_text(const struct ledger_anchors *a, struct buf *out)
{
	size_t i;

	for (i = 0; i < a->list.n; i++)
		add_one(out, &a->list.v[i]);
	for (i = 0; i < a->asked.nanchors; i++)
		add_asked(out, &a->asked.anchors[i]);
	for (i = 0; i < a->nsinks; i++) {
		buf_adds(out, "destination ");
		add_shown(out, a->sinks[i].name);
		buf_addf(out,
			 ": was told the checkpoint of %" PRIu64
			 " records; compare with what it has\n",
			 a->sinks[i].size);
	}
	add_rest(out, a);
}

/* ----------------------------------------------------------------- JSON */

static bool put_text(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     const char *text)
{
	struct buf clean = BUF_INIT(MAX_TEXT);
	bool ok;

	text_add_utf8(&clean, span_str(text));
	ok = buf_ok(&clean) &&
	     yyjson_mut_obj_add_strncpy(doc, o, name, clean.data, clean.len);
	buf_release(&clean);
	return ok;
}

static bool put_one(yyjson_mut_doc *doc, yyjson_mut_val *list,
		    const struct anchor *a)
{
	static const char *const results[] = {"unknown", "holds", "unknown",
					      "wrong"};
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, list);
	char when[TIME_RFC3339_SIZE];
	bool ok =
		o && yyjson_mut_obj_add_str(doc, o, "kind", word_of(a)) &&
		put_text(doc, o, "name", a->name) &&
		yyjson_mut_obj_add_str(doc, o, "result", results[a->result]) &&
		yyjson_mut_obj_add_uint(doc, o, "records", a->size);

	if (!ok || a->result != ANCHOR_HOLDS)
		return ok && put_text(doc, o, "text", a->why);
	time_format(a->time_ms, when);
	ok = yyjson_mut_obj_add_strcpy(doc, o, "time", when);
	if (a->kind == ANCHOR_WITNESS)
		return ok && put_text(doc, o, "key", a->by);
	return ok && yyjson_mut_obj_add_uint(doc, o, "count", a->count);
}

static bool put_sink(yyjson_mut_doc *doc, yyjson_mut_val *list,
		     const struct ledger_anchors_sink *s)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, list);

	return o && yyjson_mut_obj_add_str(doc, o, "kind", "destination") &&
	       put_text(doc, o, "name", s->name) &&
	       yyjson_mut_obj_add_str(doc, o, "result", "delivered") &&
	       yyjson_mut_obj_add_uint(doc, o, "records", s->size);
}

static bool put_asked(yyjson_mut_doc *doc, yyjson_mut_val *list,
		      const struct anchor_status *s)
{
	yyjson_mut_val *o;
	char when[TIME_RFC3339_SIZE];

	if (!s->progress.failing_since)
		return true;
	o = yyjson_mut_arr_add_obj(doc, list);
	time_format(s->progress.failing_since, when);
	return o && yyjson_mut_obj_add_str(doc, o, "kind", s->word) &&
	       put_text(doc, o, "name", s->name) &&
	       yyjson_mut_obj_add_str(doc, o, "result",
				      is_alarm(s) ? "wrong" : "failing") &&
	       yyjson_mut_obj_add_strcpy(doc, o, "time", when) &&
	       put_text(doc, o, "text", s->progress.error);
}

bool ledger_anchors_json(const struct ledger_anchors *a, yyjson_mut_doc *doc,
			 yyjson_mut_val *root)
{
	yyjson_mut_val *list = yyjson_mut_arr(doc);
	bool ok = list != NULL;
	size_t i;

	for (i = 0; ok && i < a->list.n; i++)
		ok = put_one(doc, list, &a->list.v[i]);
	for (i = 0; ok && i < a->asked.nanchors; i++)
		ok = put_asked(doc, list, &a->asked.anchors[i]);
	for (i = 0; ok && i < a->nsinks; i++)
		ok = put_sink(doc, list, &a->sinks[i]);
	return ok && yyjson_mut_obj_add_val(doc, root, "anchors", list) &&
	       yyjson_mut_obj_add_uint(doc, root, "anchored", covered(a));
}
