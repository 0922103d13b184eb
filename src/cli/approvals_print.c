/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/approvals_print.h"

#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "cli/json.h"
#include "gate/answer.h"

enum {
	ABBREV = 12,
	WORD_COLUMNS = 120,
	TEXT_COLUMNS = 600,
	JSON_MAX_TEXT = 4096
};

bool approvals_is_rule(const struct policy *p, size_t rule)
{
	return rule < p->nrules && !strcmp(p->rules[rule].check, "review");
}

/* What a line of the quorum still lacks is a finding. */
static bool lacks(const struct report_finding *f, size_t rule)
{
	return f->rule == rule && f->weight != WEIGHT_NONE;
}

static void add(struct buf *out, const char *text)
{
	text_add_printable(out, span_str(text), WORD_COLUMNS);
}

static void add_id(struct buf *out, const char *hex)
{
	size_t n = strlen(hex);

	buf_add(out, hex, n < ABBREV ? n : ABBREV);
}

/* ---- for people ---- */

static void print_approval(const struct report *r,
			   const struct report_approval *a, struct buf *out)
{
	buf_adds(out, a->counted ? "  counts    " : "  no        ");
	add(out, answer_person(r, a->who));
	if (a->made) {
		buf_adds(out, ", ");
		add(out, a->made);
	}
	buf_adds(out, "\n            ");
	add(out, a->at);
	buf_adds(out, "\n");
	if (a->fingerprint && *a->fingerprint) {
		buf_adds(out, "            key ");
		add(out, a->fingerprint);
		buf_adds(out, a->presence ? ", presence proved\n"
					  : ", presence not proved\n");
	}
	if (!a->counted && a->why) {
		buf_adds(out, "            because: ");
		text_add_printable(out, span_str(a->why), TEXT_COLUMNS);
		buf_adds(out, "\n");
	}
}

static void print_rule(const struct policy *p, const struct report *r,
		       const struct report_result *result, struct buf *out)
{
	size_t i, n = 0;

	buf_adds(out, "\nrule ");
	add(out, p->rules[result->rule].name);
	buf_addf(out, ": %s",
		 result->result == RESULT_PASS ? "satisfied"
		 : result->result == RESULT_FAIL ||
				 result->result == RESULT_WARN
			 ? "not satisfied"
			 : result_word((enum result)result->result));
	buf_addf(out, ", %zu of %zu commits\n", result->matched,
		 result->commits);
	if (result->why) {
		buf_adds(out, "  ");
		text_add_printable(out, span_str(result->why), TEXT_COLUMNS);
		buf_adds(out, "\n");
	}
	for (i = 0; i < r->nfindings; i++) {
		if (!lacks(&r->findings[i], result->rule))
			continue;
		buf_adds(out, "  ");
		answer_add_text(out, r, &r->findings[i], r->findings[i].text,
				TEXT_COLUMNS);
		buf_adds(out, "\n");
		if (r->findings[i].hint) {
			buf_adds(out, "  hint: ");
			answer_add_text(out, r, &r->findings[i],
					r->findings[i].hint, TEXT_COLUMNS);
			buf_adds(out, "\n");
		}
	}
	for (i = 0; i < r->napprovals; i++) {
		if (r->approvals[i].rule != result->rule)
			continue;
		print_approval(r, &r->approvals[i], out);
		n++;
	}
	if (!n && result->matched)
		buf_adds(out, "  nobody has approved\n");
}

static void print_import(const struct report *r, const struct report_tag *t,
			 struct buf *out)
{
	buf_addf(out, "\nimported: %zu commit%s up to ", t->commits,
		 t->commits == 1 ? "" : "s");
	add_id(out, t->tip ? t->tip : "");
	if (t->files)
		buf_addf(out, ", %zu file%s", t->files,
			 t->files == 1 ? "" : "s");
	if (t->paths && t->paths[0]) {
		buf_adds(out, " in ");
		add(out, t->paths[0]);
	}
	buf_adds(out, "\n  signed for by ");
	add(out, answer_person(r, t->who));
	buf_adds(out, ": ");
	text_add_printable(out, span_str(t->reason ? t->reason : ""),
			   TEXT_COLUMNS);
	buf_adds(out, "\n  ");
	add(out, t->at);
	buf_adds(out, "\n");
}

int approvals_print(const struct policy *p, const struct report *r,
		    struct buf *out, struct err *e)
{
	const struct report_ref *ref = &r->refs[0];
	size_t i, n = 0;

	add(out, ref->name);
	buf_adds(out, ": ");
	add_id(out, ref->old);
	buf_adds(out, " to ");
	add_id(out, ref->new_);
	buf_addf(out, ", %zu commit%s", ref->commits,
		 ref->commits == 1 ? "" : "s");
	if (ref->digest)
		buf_addf(out, ", sha256:%s", ref->digest);
	buf_adds(out, "\n");
	for (i = 0; i < r->nresults; i++) {
		if (!approvals_is_rule(p, r->results[i].rule))
			continue;
		print_rule(p, r, &r->results[i], out);
		n++;
	}
	if (!n)
		buf_adds(out, "no rule asks for approvals there\n");
	for (i = 0; i < r->ntags; i++)
		if (r->tags[i].kind == STATEMENT_IMPORT)
			print_import(r, &r->tags[i], out);
	return buf_ok(out) ? 0 : err_nomem(e);
}

/* ---- for programs ---- */

struct json {
	yyjson_mut_doc *doc;
	const struct report *r;
};

static void put(struct json *j, yyjson_mut_val *o, const char *key,
		const char *text)
{
	struct buf clean = BUF_INIT(JSON_MAX_TEXT);

	if (text) {
		text_add_utf8(&clean, span_str(text));
		yyjson_mut_obj_add_strcpy(j->doc, o, key,
					  clean.data ? clean.data : "");
	} else {
		yyjson_mut_obj_add_null(j->doc, o, key);
	}
	buf_release(&clean);
}

static void put_lack(struct json *j, yyjson_mut_val *list,
		     const struct report_finding *f)
{
	struct buf text = BUF_INIT(JSON_MAX_TEXT);

	answer_add_text(&text, j->r, f, f->text, TEXT_COLUMNS);
	yyjson_mut_arr_add_strcpy(j->doc, list, text.data ? text.data : "");
	buf_release(&text);
}

static void put_approval(struct json *j, yyjson_mut_val *list,
			 const struct report_approval *a)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(j->doc, list);
	const struct report_person *who =
		a->who < j->r->npersons ? &j->r->persons[a->who] : NULL;

	if (!o)
		return;
	put(j, o, "ref", a->at);
	put(j, o, "tag", a->tag);
	put(j, o, "payload", a->payload);
	put(j, o, "made", a->made);
	put(j, o, "principal", who ? who->principal : NULL);
	put(j, o, "who", answer_person(j->r, a->who));
	put(j, o, "key", a->fingerprint);
	yyjson_mut_obj_add_bool(j->doc, o, "presence", a->presence);
	yyjson_mut_obj_add_bool(j->doc, o, "counted", a->counted);
	put(j, o, "why", a->why);
}

static void put_rule(struct json *j, const struct policy *p,
		     yyjson_mut_val *list, const struct report_result *result)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(j->doc, list), *below;
	size_t i;

	if (!o)
		return;
	put(j, o, "rule", p->rules[result->rule].name);
	put(j, o, "result", result_word((enum result)result->result));
	put(j, o, "why", result->why);
	yyjson_mut_obj_add_uint(j->doc, o, "commits", result->matched);
	below = yyjson_mut_obj_add_arr(j->doc, o, "lacks");
	for (i = 0; below && i < j->r->nfindings; i++)
		if (lacks(&j->r->findings[i], result->rule))
			put_lack(j, below, &j->r->findings[i]);
	below = yyjson_mut_obj_add_arr(j->doc, o, "approvals");
	for (i = 0; below && i < j->r->napprovals; i++)
		if (j->r->approvals[i].rule == result->rule)
			put_approval(j, below, &j->r->approvals[i]);
}

static void put_import(struct json *j, yyjson_mut_val *list,
		       const struct report_tag *t)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(j->doc, list);
	const struct report_person *who =
		t->who < j->r->npersons ? &j->r->persons[t->who] : NULL;

	if (!o)
		return;
	put(j, o, "ref", t->at);
	put(j, o, "tag", t->tag);
	put(j, o, "tip", t->tip);
	put(j, o, "prefix", t->paths ? t->paths[0] : NULL);
	put(j, o, "reason", t->reason);
	put(j, o, "principal", who ? who->principal : NULL);
	yyjson_mut_obj_add_uint(j->doc, o, "commits", t->commits);
	yyjson_mut_obj_add_uint(j->doc, o, "files", t->files);
}

int approvals_print_json(const struct policy *p, const char *repository,
			 const struct report *r, bool satisfied,
			 struct buf *out, struct err *e)
{
	const struct report_ref *ref = &r->refs[0];
	struct json j = {yyjson_mut_doc_new(NULL), r};
	yyjson_mut_val *root = j.doc ? yyjson_mut_obj(j.doc) : NULL, *list;
	size_t i;
	int rc;

	if (root) {
		yyjson_mut_doc_set_root(j.doc, root);
		put(&j, root, "repository", repository);
		put(&j, root, "ref", ref->name);
		put(&j, root, "old", ref->old);
		put(&j, root, "new", ref->new_);
		put(&j, root, "digest", ref->digest);
		yyjson_mut_obj_add_bool(j.doc, root, "satisfied", satisfied);
		list = yyjson_mut_obj_add_arr(j.doc, root, "rules");
		for (i = 0; list && i < r->nresults; i++)
			if (approvals_is_rule(p, r->results[i].rule))
				put_rule(&j, p, list, &r->results[i]);
		list = yyjson_mut_obj_add_arr(j.doc, root, "imports");
		for (i = 0; list && i < r->ntags; i++)
			if (r->tags[i].kind == STATEMENT_IMPORT)
				put_import(&j, list, &r->tags[i]);
	}
	rc = cli_add_json(out, j.doc, e);
	yyjson_mut_doc_free(j.doc);
	return rc;
}
