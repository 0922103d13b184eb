/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "desk/export_private.h"

/*
 * One in-toto Statement v1 with a SLSA verification summary for each branch
 * that a push was accepted for, in a DSSE envelope. What is claimed is what
 * one record shows, and no more: a level above 2 asks for things that it
 * does not show, such as how tags are kept.
 */

enum { URI_MAX = 8192, PROPERTY_MAX = 128, MAX_STATEMENT = 1 << 20 };

static const char payload_type[] = "application/vnd.in-toto+json";

static bool is(yyjson_val *obj, const char *name, const char *wanted)
{
	return !strcmp(export_text(obj, name), wanted);
}

/* A branch that was accepted, with no rule broken. */
static bool attestable(struct export *x, yyjson_val *ref)
{
	const char *new_ = export_text(ref, "new");
	bool zeros = new_[strspn(new_, "0")] == '\0';

	if (zeros || !yyjson_arr_size(yyjson_obj_get(ref, "gates")) ||
	    *export_text(ref, "would") ||
	    (!is(ref, "verdict", "pass") && !is(ref, "verdict", "warn")))
		return false;
	if (strncmp(export_text(ref, "real"), "refs/heads/", 11) != 0) {
		x->left_out++;
		return false;
	}
	return true;
}

/* ------------------------------------------------------------ the claims */

static bool has_text(yyjson_mut_val *arr, const char *text)
{
	yyjson_mut_val *one;
	size_t i, n;

	yyjson_mut_arr_foreach(arr, i, n, one)
	{
		if (yyjson_mut_equals_str(one, text))
			return true;
	}
	return false;
}

static void add_property(yyjson_mut_doc *doc, yyjson_mut_val *levels,
			 const char *check)
{
	struct buf b = BUF_INIT(PROPERTY_MAX);
	const char *p;

	buf_adds(&b, "ORG_SOURCE_GATEPOST_");
	for (p = check; *p; p++) {
		char c = *p == '-' ? '_' : *p;

		buf_addch(&b, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
	}
	if (buf_ok(&b) && !has_text(levels, b.data))
		yyjson_mut_arr_add_strcpy(doc, levels, b.data);
	buf_release(&b);
}

/*
 * Level 1 is any commit in git; level 2 a branch whose history is kept, with
 * a record made at the time: so says an enforced rule of the history check.
 */
static yyjson_mut_val *levels_of(yyjson_mut_doc *doc, struct export_record *r,
				 yyjson_val *ref)
{
	yyjson_mut_val *levels = yyjson_mut_arr(doc), *level;
	const char *real = export_text(ref, "real");
	bool history = false;
	yyjson_val *rule;
	size_t i, n;

	yyjson_arr_foreach(r->lists[LIST_RULES], i, n, rule)
	{
		if (!is(rule, "ref", real) || !is(rule, "mode", "enforce") ||
		    !is(rule, "result", "pass"))
			continue;
		history = history || is(rule, "check", "history");
		add_property(doc, levels, export_text(rule, "check"));
	}
	level = yyjson_mut_str(doc, history ? "SLSA_SOURCE_LEVEL_2"
					    : "SLSA_SOURCE_LEVEL_1");
	return yyjson_mut_arr_prepend(levels, level) ? levels : NULL;
}

/* --------------------------------------------------------- the statement */

/* {"uri": BASE + PATH, "digest": {NAME: HEX}} */
static void add_resource(yyjson_mut_doc *doc, yyjson_mut_val *o,
			 const char *base, const char *below, const char *path,
			 const char *hex)
{
	struct buf uri = BUF_INIT(URI_MAX);
	yyjson_mut_val *digest;

	buf_adds(&uri, base);
	buf_adds(&uri, below);
	export_add_uri(&uri, path);
	yyjson_mut_obj_add_strcpy(doc, o, "uri", uri.data);
	digest = yyjson_mut_obj_add_obj(doc, o, "digest");
	yyjson_mut_obj_add_strcpy(doc, digest, "sha256", hex);
	buf_release(&uri);
}

static void add_subject(yyjson_mut_doc *doc, yyjson_mut_val *root,
			yyjson_val *ref)
{
	yyjson_mut_val *arr = yyjson_mut_obj_add_arr(doc, root, "subject");
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, arr), *part;

	part = yyjson_mut_obj_add_obj(doc, o, "digest");
	yyjson_mut_obj_add_strcpy(doc, part, "gitCommit",
				  export_text(ref, "new"));
	part = yyjson_mut_obj_add_obj(doc, o, "annotations");
	part = yyjson_mut_obj_add_arr(doc, part, "sourceRefs");
	yyjson_mut_arr_add_strcpy(doc, part, export_text(ref, "real"));
}

static void add_predicate(struct export *x, yyjson_mut_doc *doc,
			  yyjson_mut_val *root, struct export_record *r,
			  yyjson_val *ref)
{
	yyjson_mut_val *p = yyjson_mut_obj_add_obj(doc, root, "predicate"), *o;
	const char *policy = export_text(r->root, "policy");
	struct buf uri = BUF_INIT(URI_MAX);
	char hex[SHA256_HEX_SIZE];

	o = yyjson_mut_obj_add_obj(doc, p, "verifier");
	yyjson_mut_obj_add_strcpy(doc, o, "id", x->setup.verifier);
	yyjson_mut_obj_add_strcpy(doc, p, "timeVerified",
				  export_text(r->root, "time"));
	buf_adds(&uri, x->setup.resource);
	export_add_uri(&uri, export_text(r->root, "repository"));
	yyjson_mut_obj_add_strcpy(doc, p, "resourceUri", uri.data);
	buf_release(&uri);
	o = yyjson_mut_obj_add_obj(doc, p, "policy");
	add_resource(doc, o, x->setup.verifier, "/policy/", policy, policy);
	/* what this rests on: the record, as it stands in the ledger */
	sha256_hex(r->item->json.p, r->item->json.n, hex);
	o = yyjson_mut_obj_add_arr(doc, p, "inputAttestations");
	o = yyjson_mut_arr_add_obj(doc, o);
	add_resource(doc, o, x->setup.verifier, "/record/", r->id, hex);
	yyjson_mut_obj_add_str(doc, p, "verificationResult", "PASSED");
	yyjson_mut_obj_add_val(doc, p, "verifiedLevels",
			       levels_of(doc, r, ref));
	yyjson_mut_obj_add_str(doc, p, "slsaVersion", "1.2");
}

static int statement(struct export *x, struct export_record *r, yyjson_val *ref,
		     char **text, size_t *len, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = doc ? yyjson_mut_obj(doc) : NULL;

	*text = NULL;
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "_type",
			       "https://in-toto.io/Statement/v1");
	add_subject(doc, root, ref);
	yyjson_mut_obj_add_str(doc, root, "predicateType",
			       "https://slsa.dev/verification_summary/v1");
	add_predicate(x, doc, root, r, ref);
	*text = doc ? yyjson_mut_write(doc, 0, len) : NULL;
	yyjson_mut_doc_free(doc);
	return *text ? 0 : err_nomem(e);
}

/* ---------------------------------------------------------- the envelope */

static int sign(struct export *x, struct span payload, struct buf *out,
		struct err *e)
{
	struct buf pae = BUF_INIT(2 * MAX_STATEMENT);
	unsigned char signature[ED25519_SIGNATURE];
	int rc;

	buf_addf(&pae, "DSSEv1 %zu %s %zu ", strlen(payload_type), payload_type,
		 payload.n);
	buf_add(&pae, payload.p, payload.n);
	rc = buf_ok(&pae)
		     ? ed25519_sign(x->setup.key, span_of(pae.data, pae.len),
				    signature, e)
		     : err_set(e, ERR_LIMIT, "the statement is too long");
	buf_release(&pae);
	if (!rc)
		base64_encode(out, signature, sizeof(signature));
	return rc;
}

static int envelope(struct export *x, struct span payload, struct err *e)
{
	struct buf body = BUF_INIT(2 * MAX_STATEMENT), sig = BUF_INIT(256);
	yyjson_mut_doc *doc = NULL;
	yyjson_mut_val *root, *o;
	int rc = sign(x, payload, &sig, e);

	if (!rc) {
		base64_encode(&body, payload.p, payload.n);
		doc = yyjson_mut_doc_new(NULL);
		root = yyjson_mut_obj(doc);
		yyjson_mut_doc_set_root(doc, root);
		yyjson_mut_obj_add_str(doc, root, "payloadType", payload_type);
		yyjson_mut_obj_add_strcpy(doc, root, "payload", body.data);
		o = yyjson_mut_obj_add_arr(doc, root, "signatures");
		o = yyjson_mut_arr_add_obj(doc, o);
		yyjson_mut_obj_add_strcpy(doc, o, "keyid",
					  ed25519_id(x->setup.key));
		yyjson_mut_obj_add_strcpy(doc, o, "sig", sig.data);
		rc = export_line(x, doc, e);
	}
	buf_release(&body);
	buf_release(&sig);
	return rc;
}

static int add(struct export *x, struct export_record *r, struct err *e)
{
	yyjson_val *ref;
	size_t i, n;
	int rc = 0;

	/* without a policy nothing was verified */
	if (!*export_text(r->root, "policy") ||
	    (!is(r->root, "verdict", "pass") &&
	     !is(r->root, "verdict", "warn")))
		return 0;
	yyjson_arr_foreach(r->lists[LIST_REFS], i, n, ref)
	{
		char *text;
		size_t len = 0;

		if (rc || !attestable(x, ref))
			continue;
		rc = statement(x, r, ref, &text, &len, e);
		if (!rc)
			rc = envelope(x, span_of(text, len), e);
		free(text);
	}
	return rc;
}

const struct export_kind export_intoto = {
	.word = "in-toto",
	.decisions = true,
	.add = add,
};
