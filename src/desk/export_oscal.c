/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "base/text.h"
#include "base/time.h"
#include "desk/export_private.h"

/*
 * One OSCAL assessment-results document (JSON, version 1.1.2) with one
 * result, the period: an observation for each decision, as they come, then
 * for each control that a rule names a finding. A control is satisfied when
 * no change that broke one of its rules was let in: a refusal is the control
 * at work, not its failure.
 */

enum {
	CONTROLS_MAX = 4096,
	RELATED_MAX = 50, /* observations that a finding names */
	UUID_NAME_MAX = 8192,
	VALUE_MAX = 1024
};

#define OSCAL_NS "https://gatepost.invalid/ns/oscal"

/** What is known of one control. */
struct control {
	char *name;
	uint64_t passed, refused, let_in;
	char related[RELATED_MAX][UUID_TEXT_SIZE];
	size_t nrelated;
};

struct oscal {
	struct control *v;
	size_t n, cap;
	uint64_t observations;
	int64_t first_ms, last_ms; /* of the records; 0: none yet */
	char uuid[UUID_TEXT_SIZE]; /* of the document: the space of names */
};

/* -------------------------------------------------------------- values */

/*
 * RFC 9562, 5.5. OSCAL takes versions 4 and 5 alone, and the ids of records
 * are of version 7; the same record has the same one in every export.
 */
static void uuid5(const char *space, const char *name, char out[UUID_TEXT_SIZE])
{
	unsigned char raw[20] = {0};
	struct buf b = BUF_INIT(UUID_NAME_MAX);
	char hex[33];

	buf_addf(&b, "gatepost %s %s", space, name);
	SHA1((const unsigned char *)b.data, b.len, raw);
	buf_release(&b);
	raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x50);
	raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80);
	hex_encode(raw, 16, hex);
	snprintf(out, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
		 hex + 12, hex + 16, hex + 20);
}

/* A token (an XML name without colons): SOC2:CC8.1 becomes SOC2_CC8.1. */
static void add_token(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		      const char *value)
{
	struct buf b = BUF_INIT(VALUE_MAX);

	if (!ascii_alpha(*value) && *value != '_')
		buf_addch(&b, '_');
	for (; *value; value++)
		buf_addch(&b, ascii_alnum(*value) || strchr("._-", *value)
				      ? *value
				      : '_');
	yyjson_mut_obj_add_strcpy(doc, o, name, b.data);
	buf_release(&b);
}

/* A property; its value is not empty, and one line. */
static void add_prop(yyjson_mut_doc *doc, yyjson_mut_val *props,
		     const char *name, const char *value)
{
	struct buf b = BUF_INIT(VALUE_MAX);
	struct span clean;
	yyjson_mut_val *o;

	text_add_printable(&b, span_str(value), VALUE_MAX / 8);
	clean = span_trim(span_of(b.data, b.len));
	if (clean.n) {
		o = yyjson_mut_arr_add_obj(doc, props);
		yyjson_mut_obj_add_strcpy(doc, o, "name", name);
		yyjson_mut_obj_add_str(doc, o, "ns", OSCAL_NS);
		yyjson_mut_obj_add_strncpy(doc, o, "value", clean.p, clean.n);
	}
	buf_release(&b);
}

static void add_number(yyjson_mut_doc *doc, yyjson_mut_val *props,
		       const char *name, uint64_t n)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, n);
	add_prop(doc, props, name, digits);
}

static void add_time(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     int64_t ms)
{
	char when[TIME_RFC3339_SIZE];

	time_format(ms, when);
	yyjson_mut_obj_add_strcpy(doc, o, name, when);
}

/* Append `"name":VALUE` of a document's root, and free it. */
static int put_member(struct export *x, const char *name, yyjson_mut_doc *doc,
		      struct err *e)
{
	size_t len = 0;
	char *text = doc ? yyjson_mut_write(doc, 0, &len) : NULL;

	yyjson_mut_doc_free(doc);
	if (!text)
		return err_nomem(e);
	if (name)
		buf_addf(&x->out, "\"%s\":", name);
	buf_add(&x->out, text, len);
	free(text);
	return 0;
}

/* ------------------------------------------------------------- controls */

static int find_control(struct oscal *o, const char *name, struct control **out,
			struct err *e)
{
	struct control *c;
	size_t i;
	int rc;

	for (i = 0; i < o->n; i++) {
		if (!strcmp(o->v[i].name, name)) {
			*out = &o->v[i];
			return 0;
		}
	}
	rc = array_push(&o->v, o->n, &o->cap, CONTROLS_MAX);
	if (rc == -2)
		return err_set(e, ERR_LIMIT, "more than %d controls",
			       CONTROLS_MAX);
	if (rc)
		return err_nomem(e);
	c = &o->v[o->n];
	memset(c, 0, sizeof(*c));
	c->name = strdup(name);
	if (!c->name)
		return err_nomem(e);
	o->n++;
	*out = c;
	return 0;
}

static bool was_refused(const struct export_record *r)
{
	const char *verdict = export_text(r->root, "verdict");

	return strcmp(verdict, "pass") != 0 && strcmp(verdict, "warn") != 0;
}

static int count_rule(struct oscal *o, struct export_record *r,
		      yyjson_val *rule, const char *control, const char *uuid,
		      struct err *e)
{
	bool pass = !strcmp(export_text(rule, "result"), "pass");
	struct control *c = NULL;
	int rc = find_control(o, control, &c, e);

	if (rc)
		return rc;
	if (pass)
		c->passed++;
	else if (was_refused(r))
		c->refused++;
	else
		c->let_in++;
	if (!pass && c->nrelated < RELATED_MAX &&
	    (!c->nrelated || strcmp(c->related[c->nrelated - 1], uuid)))
		memcpy(c->related[c->nrelated++], uuid, UUID_TEXT_SIZE);
	return 0;
}

static bool came_to_a_result(yyjson_val *rule)
{
	const char *result = export_text(rule, "result");

	return strcmp(export_text(rule, "mode"), "preview") != 0 &&
	       (!strcmp(result, "pass") || !strcmp(result, "warn") ||
		!strcmp(result, "waived") || !strcmp(result, "fail"));
}

static int count_rules(struct oscal *o, struct export_record *r,
		       const char *uuid, struct err *e)
{
	yyjson_val *rule, *control;
	size_t i, k, n, m;
	int rc = 0;

	yyjson_arr_foreach(r->lists[LIST_RULES], i, n, rule)
	{
		if (!came_to_a_result(rule))
			continue;
		yyjson_arr_foreach(yyjson_obj_get(rule, "controls"), k, m,
				   control)
		{
			if (!rc && yyjson_is_str(control))
				rc = count_rule(o, r, rule,
						yyjson_get_str(control), uuid,
						e);
		}
	}
	return rc;
}

/* --------------------------------------------------------- observations */

static void describe(struct export_record *r, yyjson_mut_doc *doc,
		     yyjson_mut_val *root)
{
	const char *verdict = export_text(r->root, "verdict");
	const char *repository = export_text(r->root, "repository");
	struct buf b = BUF_INIT(VALUE_MAX);

	buf_adds(&b, "Decision on a push to ");
	text_add_printable(&b, span_str(repository), VALUE_MAX / 8);
	yyjson_mut_obj_add_strcpy(doc, root, "title", b.data);
	buf_addf(&b, ": %zu refs, %zu rules applied, verdict %s.",
		 yyjson_arr_size(r->lists[LIST_REFS]),
		 yyjson_arr_size(r->lists[LIST_RULES]), verdict);
	yyjson_mut_obj_add_strcpy(doc, root, "description", b.data);
	buf_release(&b);
}

static void add_props(struct export_record *r, yyjson_mut_doc *doc,
		      yyjson_mut_val *root)
{
	yyjson_mut_val *props = yyjson_mut_obj_add_arr(doc, root, "props");
	yyjson_val *pusher = yyjson_obj_get(r->root, "pusher");

	add_prop(doc, props, "record", r->id);
	add_prop(doc, props, "repository", export_text(r->root, "repository"));
	add_prop(doc, props, "verdict", export_text(r->root, "verdict"));
	add_prop(doc, props, "mode", export_text(r->root, "mode"));
	add_prop(doc, props, "policy", export_text(r->root, "policy"));
	add_prop(doc, props, "pusher",
		 export_person(r, yyjson_obj_get(pusher, "person")));
}

static void add_evidence(struct export_record *r, yyjson_mut_doc *doc,
			 yyjson_mut_val *root)
{
	yyjson_mut_val *arr =
		yyjson_mut_obj_add_arr(doc, root, "relevant-evidence");
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, arr);
	char urn[UUID_TEXT_SIZE + 16];

	snprintf(urn, sizeof(urn), "urn:uuid:%s", r->id);
	yyjson_mut_obj_add_strcpy(doc, o, "href", urn);
	yyjson_mut_obj_add_str(doc, o, "description",
			       "The record of the decision in the ledger.");
}

static int add(struct export *x, struct export_record *r, struct err *e)
{
	struct oscal *o = x->oscal;
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root, *methods;
	char uuid[UUID_TEXT_SIZE];

	if (!doc)
		return err_nomem(e);
	root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	uuid5("observation", r->id, uuid);
	yyjson_mut_obj_add_strcpy(doc, root, "uuid", uuid);
	describe(r, doc, root);
	add_props(r, doc, root);
	methods = yyjson_mut_obj_add_arr(doc, root, "methods");
	yyjson_mut_arr_add_str(doc, methods, "TEST");
	add_evidence(r, doc, root);
	add_time(doc, root, "collected", r->ms);
	buf_adds(&x->out, o->observations++ ? ",\n" : "\"observations\":[\n");
	if (!o->first_ms)
		o->first_ms = r->ms;
	o->last_ms = r->ms;
	if (put_member(x, NULL, doc, e))
		return e->code;
	return count_rules(o, r, uuid, e);
}

/* ------------------------------------------------------ begin and end */

static yyjson_mut_doc *metadata(struct export *x)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = doc ? yyjson_mut_obj(doc) : NULL;
	struct buf title = BUF_INIT(VALUE_MAX);

	yyjson_mut_doc_set_root(doc, root);
	buf_addf(&title, "Decisions of %s", ledger_origin(x->setup.ledger));
	yyjson_mut_obj_add_strcpy(doc, root, "title", title.data);
	buf_release(&title);
	add_time(doc, root, "last-modified", x->setup.now);
	yyjson_mut_obj_add_str(doc, root, "version", PACKAGE_VERSION);
	yyjson_mut_obj_add_str(doc, root, "oscal-version", "1.1.2");
	return doc;
}

static int begin(struct export *x, struct err *e)
{
	char now[TIME_RFC3339_SIZE], plan[UUID_TEXT_SIZE];
	struct oscal *o = calloc(1, sizeof(*o));
	char result[UUID_TEXT_SIZE];
	int rc;

	if (!o)
		return err_nomem(e);
	x->oscal = o;
	time_format(x->setup.now, now);
	uuid5("document", now, o->uuid);
	uuid5("result", now, result);
	uuid5("plan", "policy", plan);
	buf_addf(&x->out, "{\"assessment-results\":{\"uuid\":\"%s\",", o->uuid);
	rc = put_member(x, "metadata", metadata(x), e);
	buf_addf(&x->out,
		 ",\"import-ap\":{\"href\":\"#%s\"},"
		 "\"back-matter\":{\"resources\":[{\"uuid\":\"%s\",\"title\":"
		 "\"The policy in force\",\"description\":\"There is no "
		 "separate assessment plan: each decision names the digest of "
		 "the policy by which it was made, whose text the ledger "
		 "keeps.\"}]},\n\"results\":[{\"uuid\":\"%s\",",
		 plan, plan, result);
	return rc;
}

static void add_finding(yyjson_mut_doc *doc, yyjson_mut_val *arr,
			const struct control *c)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, arr), *part, *props;
	struct buf b = BUF_INIT(VALUE_MAX);
	char uuid[UUID_TEXT_SIZE];
	size_t i;

	uuid5("finding", c->name, uuid);
	yyjson_mut_obj_add_strcpy(doc, o, "uuid", uuid);
	text_add_printable(&b, span_str(c->name), VALUE_MAX / 8);
	yyjson_mut_obj_add_strcpy(doc, o, "title", b.data);
	buf_clear(&b);
	buf_addf(&b,
		 "Rules of this control held %" PRIu64 " times; they refused "
		 "a change %" PRIu64 " times; a change that broke them was "
		 "let in %" PRIu64 " times.",
		 c->passed, c->refused, c->let_in);
	yyjson_mut_obj_add_strcpy(doc, o, "description", b.data);
	buf_release(&b);
	props = yyjson_mut_obj_add_arr(doc, o, "props");
	add_prop(doc, props, "control", c->name);
	add_number(doc, props, "passed", c->passed);
	add_number(doc, props, "refused", c->refused);
	add_number(doc, props, "let-in", c->let_in);
	part = yyjson_mut_obj_add_obj(doc, o, "target");
	yyjson_mut_obj_add_str(doc, part, "type", "objective-id");
	add_token(doc, part, "target-id", c->name);
	part = yyjson_mut_obj_add_obj(doc, part, "status");
	yyjson_mut_obj_add_str(doc, part, "state",
			       c->let_in ? "not-satisfied" : "satisfied");
	if (!c->nrelated)
		return;
	part = yyjson_mut_obj_add_arr(doc, o, "related-observations");
	for (i = 0; i < c->nrelated; i++)
		yyjson_mut_obj_add_strcpy(doc,
					  yyjson_mut_arr_add_obj(doc, part),
					  "observation-uuid", c->related[i]);
}

static int put_findings(struct export *x, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *arr = doc ? yyjson_mut_arr(doc) : NULL;
	size_t i;
	int rc;

	yyjson_mut_doc_set_root(doc, arr);
	for (i = 0; i < x->oscal->n; i++)
		add_finding(doc, arr, &x->oscal->v[i]);
	rc = put_member(x, "findings", doc, e);
	buf_addch(&x->out, ',');
	return rc;
}

static int put_reviewed(struct export *x, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = doc ? yyjson_mut_obj(doc) : NULL, *o, *arr;
	size_t i;

	yyjson_mut_doc_set_root(doc, root);
	arr = yyjson_mut_obj_add_arr(doc, root, "control-selections");
	o = yyjson_mut_arr_add_obj(doc, arr);
	yyjson_mut_obj_add_str(doc, o, "description",
			       x->oscal->n ? "The controls that rules name."
					   : "No rule names a control.");
	if (x->oscal->n)
		arr = yyjson_mut_obj_add_arr(doc, o, "include-controls");
	for (i = 0; i < x->oscal->n; i++)
		add_token(doc, yyjson_mut_arr_add_obj(doc, arr), "control-id",
			  x->oscal->v[i].name);
	return put_member(x, "reviewed-controls", doc, e);
}

static int end(struct export *x, struct err *e)
{
	char from[TIME_RFC3339_SIZE], to[TIME_RFC3339_SIZE];
	const struct oscal *o = x->oscal;
	int64_t start = x->setup.since ? x->setup.since : o->first_ms;
	int64_t stop = x->setup.until ? x->setup.until : o->last_ms;
	int rc = 0;

	time_format(start ? start : x->setup.now, from);
	time_format(stop ? stop : x->setup.now, to);
	if (o->observations)
		buf_adds(&x->out, "\n],\n");
	if (o->n)
		rc = put_findings(x, e);
	if (!rc)
		rc = put_reviewed(x, e);
	buf_addf(&x->out,
		 ",\n\"title\":\"Pushes decided in the period\","
		 "\"description\":\"Every decision of the server that the "
		 "export was asked for: %" PRIu64 ".\","
		 "\"start\":\"%s\",\"end\":\"%s\"}]}}\n",
		 o->observations, from, to);
	return rc;
}

void export_oscal_free(struct export *x)
{
	size_t i;

	if (!x->oscal)
		return;
	for (i = 0; i < x->oscal->n; i++)
		free(x->oscal->v[i].name);
	free(x->oscal->v);
	free(x->oscal);
	x->oscal = NULL;
}

const struct export_kind export_oscal = {
	.word = "oscal",
	.decisions = true,
	.begin = begin,
	.add = add,
	.end = end,
};
