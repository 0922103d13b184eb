/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit_tickets.h"

#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/json.h"

enum { LINE_MAX_BYTES = 1 << 20, COLUMNS = 200, SHOWN = 3, PREFIX_MIN = 6 };

static const char *state_of(const struct unverified_case *c, int64_t now)
{
	if (c->state == UNVERIFIED_REFUSED)
		return "refused";
	return unverified_is_amiss(c, now) ? "overdue" : "waiting";
}

static void add_text(struct buf *out, const char *s)
{
	text_add_printable(out, span_str(s), COLUMNS);
}

static void add_why(struct buf *out, const struct unverified_case *c,
		    const struct unverified_ticket *t)
{
	buf_adds(out, "        ticket ");
	add_text(out, t->id);
	buf_adds(out, ": ");
	if (c->state == UNVERIFIED_REFUSED)
		add_text(out, t->why);
	else
		buf_adds(out, "no answer yet");
	buf_addch(out, '\n');
}

static void add_lines(struct buf *out, const struct unverified_case *c,
		      int64_t now)
{
	char pushed[TIME_RFC3339_SIZE];
	size_t i;

	time_format(c->pushed, pushed);
	buf_addf(out, "%-8s", state_of(c, now));
	for (i = 0; i < c->ntickets && i < SHOWN; i++) {
		buf_adds(out, i ? ", " : "");
		add_text(out, c->tickets[i].id);
	}
	buf_adds(out, "  ");
	add_text(out, c->repository);
	for (i = 0; i < c->nrefs && i < SHOWN; i++) {
		buf_adds(out, "  ");
		add_text(out, c->refs[i]);
	}
	buf_adds(out, "  asked of ");
	add_text(out, c->sink);
	buf_addf(out, "  pushed %s  %s\n", pushed, c->decision);
	for (i = 0; i < c->ntickets; i++)
		add_why(out, c, &c->tickets[i]);
}

static void put_time(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     int64_t ms)
{
	char at[TIME_RFC3339_SIZE];

	if (!ms)
		return;
	time_format(ms, at);
	yyjson_mut_obj_add_strcpy(doc, o, name, at);
}

static void put_tickets(yyjson_mut_doc *doc, yyjson_mut_val *root,
			const struct unverified_case *c)
{
	yyjson_mut_val *arr = yyjson_mut_obj_add_arr(doc, root, "tickets");
	size_t i;

	for (i = 0; arr && i < c->ntickets; i++) {
		const struct unverified_ticket *t = &c->tickets[i];
		yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, arr);

		yyjson_mut_obj_add_str(doc, o, "id", t->id);
		yyjson_mut_obj_add_str(doc, o, "code", t->code);
		yyjson_mut_obj_add_str(doc, o, "why", t->why);
	}
}

static int add_json(struct buf *out, const struct unverified_case *c,
		    int64_t now, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc), *arr;
	size_t i;
	int rc;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "state", state_of(c, now));
	yyjson_mut_obj_add_str(doc, root, "decision", c->decision);
	yyjson_mut_obj_add_str(doc, root, "repository", c->repository);
	yyjson_mut_obj_add_str(doc, root, "kind", "ticket");
	yyjson_mut_obj_add_str(doc, root, "rule", c->rule);
	yyjson_mut_obj_add_str(doc, root, "sink", c->sink);
	put_tickets(doc, root, c);
	put_time(doc, root, "pushed", c->pushed);
	put_time(doc, root, "deadline", c->pushed + UNVERIFIED_LATE_MS);
	put_time(doc, root, "answered", c->answered);
	if (*c->answer)
		yyjson_mut_obj_add_str(doc, root, "record", c->answer);
	arr = yyjson_mut_obj_add_arr(doc, root, "refs");
	for (i = 0; i < c->nrefs; i++)
		yyjson_mut_arr_add_str(doc, arr, c->refs[i]);
	rc = cli_add_json(out, doc, e);
	yyjson_mut_doc_free(doc);
	return rc;
}

bool audit_ticket_is_open(const struct unverified_case *c)
{
	return c->state == UNVERIFIED_WAITS || c->state == UNVERIFIED_REFUSED;
}

int audit_ticket_show(const struct unverified_case *c, int64_t now, bool json,
		      struct err *e)
{
	struct buf out = BUF_INIT(LINE_MAX_BYTES);
	int rc = 0;

	if (json)
		rc = add_json(&out, c, now, e);
	else
		add_lines(&out, c, now);
	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}

/* All that is open of the one decision whose id begins so. */
static const char *decision_of(const struct unverified_book *b, const char *id)
{
	const char *found = NULL;
	size_t i, n = strlen(id);

	for (i = 0; n >= PREFIX_MIN && i < b->n; i++) {
		if (strncmp(b->v[i].decision, id, n) != 0 ||
		    !audit_ticket_is_open(&b->v[i]))
			continue;
		if (found && strcmp(found, b->v[i].decision) != 0)
			return NULL;
		found = b->v[i].decision;
	}
	return found;
}

int audit_tickets_close(const struct unverified_book *b, struct place *p,
			const char *id, const char *reason, struct err *e)
{
	const char *decision = decision_of(b, id);
	struct record_frame frame;
	size_t i;
	int rc = 0;

	if (!decision)
		return ERR_NOT_FOUND;
	place_frame(p, &frame);
	for (i = 0; !rc && i < b->n; i++)
		if (!strcmp(b->v[i].decision, decision) &&
		    audit_ticket_is_open(&b->v[i]))
			rc = unverified_record_closed(p->ledger, &frame,
						      &b->v[i], reason, e);
	return rc;
}
