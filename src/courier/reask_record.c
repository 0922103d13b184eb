/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/reask_record.h"

#include <string.h>

#include "base/time.h"
#include "courier/own_record.h"

static const char *word_of(const char *code)
{
	if (!strcmp(code, "verified"))
		return code;
	return strcmp(code, "unreachable") ? "refused" : "unverified";
}

static bool add_ticket(yyjson_mut_doc *doc, yyjson_mut_val *list,
		       const struct reask_ticket *t)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, list);
	const struct ticket_reply *r = &t->reply;
	const char *word = word_of(r->code);
	char asked[TIME_RFC3339_SIZE];

	time_format(r->asked, asked);
	return o && own_record_text(doc, o, "id", t->id) &&
	       own_record_text(doc, o, "lookup", word) &&
	       own_record_text(doc, o, "code",
			       strcmp(word, "verified") ? r->code : NULL) &&
	       own_record_text(doc, o, "state", *r->state ? r->state : NULL) &&
	       own_record_text(doc, o, "asked", asked) &&
	       own_record_text(doc, o, "why", *r->why ? r->why : NULL);
}

static bool add_tickets(yyjson_mut_doc *doc, yyjson_mut_val *root,
			const struct reask_answer *a)
{
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "tickets");
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < a->n; i++)
		ok = add_ticket(doc, list, &a->tickets[i]);
	return ok;
}

/* What it is about is said again, so that it can be found by itself. */
static bool copy(yyjson_mut_doc *doc, yyjson_mut_val *root, yyjson_val *from,
		 const char *name)
{
	yyjson_val *v = yyjson_obj_get(from, name);

	return !v || yyjson_mut_obj_add_val(doc, root, name,
					    yyjson_val_mut_copy(doc, v));
}

static bool fill(yyjson_mut_doc *doc, yyjson_val *question,
		 const struct reask_answer *a)
{
	static const char *const same[] = {"decision", "rule", "sink", "refs",
					   "refs_evidence"};
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
	bool yes = a->outcome == REASK_VERIFIED;
	const char *pushed = yyjson_get_str(yyjson_obj_get(question, "time"));
	const char *id = yyjson_get_str(yyjson_obj_get(question, "id"));
	bool ok =
		copy(doc, root, question, "repository") &&
		copy(doc, root, question, "namespace") &&
		own_record_text(doc, root, "lookup",
				yes ? "verified" : "refused") &&
		own_record_text(doc, root, "severity", yes ? "low" : "high") &&
		own_record_text(doc, root, "question", id) &&
		own_record_text(doc, root, "pushed", pushed);

	for (size_t i = 0; ok && i < sizeof(same) / sizeof(same[0]); i++)
		ok = copy(doc, root, question, same[i]);
	return ok && add_tickets(doc, root, a);
}

int reask_record(const char *ledger_dir, yyjson_val *question,
		 const struct reask_answer *a, struct err *e)
{
	yyjson_mut_doc *doc = own_record_new("ticket", time_now_ms(), e);
	int rc;

	if (!doc)
		return e->code;
	rc = fill(doc, question, a) ? own_record_append(doc, ledger_dir, e)
				    : err_nomem(e);
	yyjson_mut_doc_free(doc);
	return rc;
}
