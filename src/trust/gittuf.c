/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/gittuf.h"

#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "base/encode.h"
#include "base/text.h"

static const char payload_type[] = "application/vnd.gittuf+json";
static const char predicate_type[] =
	"https://gittuf.dev/reference-authorization/v0.2";
static const char statement_type[] = "https://in-toto.io/Statement/v1";

void gittuf_path(const struct gittuf_move *move, struct buf *out)
{
	char from[OID_HEX_SIZE], to[OID_HEX_SIZE];

	buf_addf(out, "reference-authorizations/%s/%s-%s", move->ref,
		 oid_to_hex(&move->from, from), oid_to_hex(&move->to, to));
}

/* ---- JSON ---- */

/* A member that stands there once: parsers differ in which of two they take,
 * and so does what a signer was shown. */
static yyjson_val *one_member(yyjson_val *object, const char *key)
{
	yyjson_obj_iter it = yyjson_obj_iter_with(object);
	yyjson_val *k, *found = NULL;

	while ((k = yyjson_obj_iter_next(&it))) {
		if (!yyjson_equals_str(k, key))
			continue;
		if (found)
			return NULL;
		found = yyjson_obj_iter_get_val(k);
	}
	return found;
}

static bool member_is(yyjson_val *object, const char *key, const char *value)
{
	return yyjson_equals_str(one_member(object, key), value);
}

static bool member_is_oid(yyjson_val *object, const char *key,
			  const struct oid *id)
{
	char hex[OID_HEX_SIZE];

	return member_is(object, key, oid_to_hex(id, hex));
}

static struct span member_text(yyjson_val *object, const char *key)
{
	yyjson_val *v = one_member(object, key);

	return span_of(yyjson_get_str(v), yyjson_get_len(v));
}

/* The tree is the first subject; gittuf looks at no other. */
static bool subject_is(yyjson_val *statement, const struct oid *tree)
{
	yyjson_val *all = one_member(statement, "subject");
	yyjson_val *digest = one_member(yyjson_arr_get_first(all), "digest");

	return yyjson_arr_size(all) == 1 &&
	       member_is_oid(digest, "gitTree", tree);
}

/* @return NULL when the payload authorizes exactly this move */
static const char *check_statement(struct span payload,
				   const struct gittuf_move *move)
{
	yyjson_doc *doc = yyjson_read(payload.p, payload.n, 0);
	yyjson_val *root = yyjson_doc_get_root(doc), *predicate;
	const char *why = NULL;

	predicate = one_member(root, "predicate");
	if (!member_is(root, "type", statement_type) ||
	    !member_is(root, "predicate_type", predicate_type))
		why = "its payload is no reference authorization v0.2";
	else if (!member_is(predicate, "targetRef", move->ref) ||
		 !member_is_oid(predicate, "fromID", &move->from) ||
		 !member_is_oid(predicate, "targetID", &move->to) ||
		 !subject_is(root, &move->to))
		why = "it authorizes another move than its name says";
	yyjson_doc_free(doc);
	return why;
}

/* ---- approvals ---- */

/* The next free place, with what all signatures of the envelope share. */
static int add(struct approval *out, size_t *n, const struct oid *id,
	       const struct gittuf_move *move, struct span payload,
	       struct err *e)
{
	struct approval *a = &out[*n];

	approval_init(a);
	a->tag = *id;
	a->ref = span_dup(span_str(move->ref));
	if (!a->ref)
		return err_nomem(e);
	if (payload.n)
		sha256_of(payload.p, payload.n, a->payload);
	++*n;
	return 0;
}

static void refuse(struct approval *a, enum approval_fault fault,
		   const char *why)
{
	a->fault = fault;
	snprintf(a->why, sizeof(a->why), "%s", why);
}

static int add_faulty(struct approval *out, size_t *n, const struct oid *id,
		      const struct gittuf_move *move, const char *why,
		      struct err *e)
{
	struct span none = {"", 0};
	int rc = add(out, n, id, move, none, e);

	if (!rc)
		refuse(&out[*n - 1], APPROVAL_MALFORMED, why);
	return rc;
}

/* What each signs (DSSE 1.0, pre-authentication encoding). */
static void encode(struct span payload, struct buf *out)
{
	buf_addf(out, "DSSEv1 %zu %s %zu ", strlen(payload_type), payload_type,
		 payload.n);
	buf_add(out, payload.p, payload.n);
}

static int verify_one(yyjson_val *entry, struct span signed_bytes,
		      const struct verifier *v, struct approval *a,
		      struct err *e)
{
	struct buf text = BUF_INIT(GITTUF_MAX_BYTES);
	int rc = 0;

	if (!base64_decode(&text, member_text(entry, "sig")))
		signature_say(&a->sig, SIG_MALFORMED,
			      "its signature is no base64");
	else
		rc = signature_verify(v, signed_bytes,
				      span_of(text.data, text.len), &a->sig, e);
	if (!rc)
		approval_judge_signature(a);
	buf_release(&text);
	return rc;
}

static int verify_all(yyjson_val *signatures, struct span payload,
		      const struct oid *id, const struct gittuf_move *move,
		      const struct verifier *v, struct approval *out, size_t *n,
		      struct err *e)
{
	struct buf bytes = BUF_INIT(2 * GITTUF_MAX_BYTES);
	yyjson_arr_iter it = yyjson_arr_iter_with(signatures);
	yyjson_val *entry;
	int rc = 0;

	encode(payload, &bytes);
	if (!buf_ok(&bytes))
		rc = err_nomem(e);
	while (!rc && (entry = yyjson_arr_iter_next(&it))) {
		rc = add(out, n, id, move, payload, e);
		if (!rc)
			rc = verify_one(entry, span_of(bytes.data, bytes.len),
					v, &out[*n - 1], e);
	}
	buf_release(&bytes);
	return rc;
}

int gittuf_read(struct span envelope, const struct oid *id,
		const struct gittuf_move *move, const struct verifier *v,
		struct approval out[GITTUF_MAX_SIGNATURES], size_t *n,
		struct err *e)
{
	struct buf payload = BUF_INIT(GITTUF_MAX_BYTES);
	const char *why = NULL;
	yyjson_val *root, *signatures;
	yyjson_doc *doc = NULL;
	int rc;

	*n = 0;
	if (envelope.n <= GITTUF_MAX_BYTES)
		doc = yyjson_read(envelope.p, envelope.n, 0);
	root = yyjson_doc_get_root(doc);
	signatures = one_member(root, "signatures");
	if (!member_is(root, "payloadType", payload_type) ||
	    !member_text(root, "payload").n ||
	    !base64_decode(&payload, member_text(root, "payload")))
		why = "it is no DSSE envelope of gittuf's type";
	else if (yyjson_arr_size(signatures) > GITTUF_MAX_SIGNATURES)
		why = "it has too many signatures";
	else
		why = check_statement(span_of(payload.data, payload.len), move);
	if (why)
		rc = add_faulty(out, n, id, move, why, e);
	else
		rc = verify_all(signatures, span_of(payload.data, payload.len),
				id, move, v, out, n, e);
	yyjson_doc_free(doc);
	buf_release(&payload);
	return rc;
}
