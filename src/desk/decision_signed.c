/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_signed.h"

#include <string.h>

int decision_add_approvals(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;
	int rc = 0;

	for (i = 0; arr && !rc && i < d->report->napprovals; i++) {
		const struct report_approval *a = &d->report->approvals[i];
		const struct rule *rule = draft_rule(d, a->rule);
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "rule", rule ? rule->name : NULL);
		record_text(d->r, o, "ref", d->report->refs[a->ref].real);
		record_text(d->r, o, "kind", a->kind);
		record_text(d->r, o, "proof", "signed");
		record_text(d->r, o, "at", a->at);
		record_text(d->r, o, "tag", a->tag);
		record_digest(d->r, o, "payload", a->payload);
		draft_add_person(d, o, "person", a->who);
		record_text(d->r, o, "format", a->format);
		record_text(d->r, o, "key_type", a->key_type);
		record_text(d->r, o, "key", a->fingerprint);
		record_bool(d->r, o, "presence", a->presence);
		record_bool(d->r, o, "verification", a->verification);
		record_bool(d->r, o, "counted", a->counted);
		record_text(d->r, o, "why", a->why);
		record_number(d->r, o, "covers", a->covers);
		record_text(d->r, o, "withdrawn_by", a->withdrawn);
		record_text(d->r, o, "withdrawal", a->withdrawal);
		draft_add_texts(d, o, "also_for", a->others);
		record_digest(d->r, o, "digest", a->digest);
		record_text(d->r, o, "tip", a->tip);
		record_text(d->r, o, "made", a->digest ? a->made : NULL);
		record_text(d->r, o, "end", a->end);
		record_text(d->r, o, "carried", a->carried);
		record_text(d->r, o, "carried_from", a->from);
		rc = draft_add_bytes(d, o, a->raw);
	}
	return rc ? rc : record_list(d->r, "approvals", arr, d->e);
}

static const char *signed_word(int of)
{
	switch ((enum signed_thing)of) {
	case SIGNED_TAG:
		return "tag";
	case SIGNED_PUSH:
		return "push";
	case SIGNED_COMMIT:
	case SIGNED_NONE:
		break;
	}
	return "commits";
}

/* Ids with blanks between them, as a list. */
static void add_ids(struct draft *d, yyjson_mut_val *o, const char *ids)
{
	yyjson_mut_val *arr;
	struct cursor at;
	struct span id;

	if (!ids)
		return;
	arr = yyjson_mut_obj_add_arr(d->r->doc, o, "objects");
	at = cursor_of(ids, strlen(ids));
	while (arr && cursor_left(&at)) {
		if (!cursor_until(&at, ' ', &id))
			cursor_take(&at, cursor_left(&at), &id);
		yyjson_mut_arr_add_strncpy(d->r->doc, arr, id.p, id.n);
	}
}

int decision_add_signatures(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;

	if (!d->report->nsignatures)
		return 0;
	for (i = 0; arr && i < d->report->nsignatures; i++) {
		const struct report_signature *s = &d->report->signatures[i];
		const struct rule *rule = draft_rule(d, s->rule);
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "rule", rule ? rule->name : NULL);
		if (s->ref < d->report->nrefs)
			record_text(d->r, o, "ref",
				    d->report->refs[s->ref].real);
		record_text(d->r, o, "of", signed_word(s->of));
		draft_add_person(d, o, "person", s->who);
		record_text(d->r, o, "format", s->format);
		record_text(d->r, o, "key_type",
			    s->key_type[0] ? s->key_type : NULL);
		record_text(d->r, o, "key", s->fingerprint);
		record_bool(d->r, o, "presence", s->presence);
		record_bool(d->r, o, "verification", s->verification);
		record_number(d->r, o, "count", s->count);
		add_ids(d, o, s->objects);
	}
	return record_list(d->r, "signatures", arr, d->e);
}

/* One word for what came of a certificate. */
static const char *certificate_word(const struct report_certificate *c)
{
	switch ((enum push_cert_state)c->state) {
	case PUSH_CERT_MALFORMED:
	case PUSH_CERT_NONE:
		break;
	case PUSH_CERT_OTHER:
		return "other-push";
	case PUSH_CERT_NONCE:
		return "nonce";
	case PUSH_CERT_FITS:
		return signature_status_word((enum signature_status)c->status);
	}
	return "malformed";
}

static const char *unless_empty(const char *s)
{
	return *s ? s : NULL;
}

int decision_add_certificate(struct draft *d)
{
	const struct report_certificate *c = d->report->certificates;
	yyjson_mut_val *o;

	if (!d->report->ncertificates)
		return 0;
	o = yyjson_mut_obj_add_obj(d->r->doc, d->r->root, "certificate");
	if (!o)
		return err_nomem(d->e);
	record_text(d->r, o, "result", certificate_word(c));
	record_text(d->r, o, "why", unless_empty(c->why));
	record_text(d->r, o, "nonce", c->nonce);
	draft_add_person(d, o, "person", c->who);
	record_text(d->r, o, "format", unless_empty(c->format));
	record_text(d->r, o, "key_type", unless_empty(c->key_type));
	record_text(d->r, o, "key", unless_empty(c->fingerprint));
	record_bool(d->r, o, "presence", c->presence);
	record_bool(d->r, o, "verification", c->verification);
	return draft_add_bytes(d, o, c->raw);
}
