/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "git/refs.h"

void statement_init(struct statement *s)
{
	memset(s, 0, sizeof(*s));
	trailers_init(&s->trailers);
	trailers_init(&s->divided);
}

void statement_release(struct statement *s)
{
	trailers_release(&s->trailers);
	trailers_release(&s->divided);
	free(s->raw);
	statement_init(s);
}

static bool refuse(struct statement *s, enum approval_fault fault,
		   const char *why)
{
	struct signature text;

	if (s->fault != APPROVAL_OK)
		return false;
	/* the same hygiene as for a signature's reason */
	signature_say(&text, SIG_NONE, "%s", why);
	snprintf(s->why, sizeof(s->why), "%s", text.why);
	s->fault = fault;
	return false;
}

bool statement_is_for(const char *repository, struct span value)
{
	char name[STATEMENT_MAX_VALUE + 1];

	if (value.n > STATEMENT_MAX_VALUE)
		return false;
	memcpy(name, value.p, value.n);
	name[value.n] = '\0';
	return approval_repository_matches(repository, name);
}

bool statement_refuse(struct statement *s, const char *why)
{
	return refuse(s, APPROVAL_MALFORMED, why);
}

static int read_trailers(struct statement *s, struct err *e)
{
	int rc = trailers_parse(&s->trailers, s->parsed.message,
				TRAILERS_NO_DIVIDER, STATEMENT_MAX_TRAILERS, e);

	if (!rc)
		rc = trailers_parse(&s->divided, s->parsed.message,
				    TRAILERS_DIVIDER, STATEMENT_MAX_TRAILERS,
				    e);
	if (rc == ERR_LIMIT) {
		err_clear(e);
		statement_refuse(s, "it has too many trailers");
		rc = 0;
	}
	return rc;
}

static bool parse(struct statement *s, enum oid_algo algo)
{
	struct object_fault fault;

	if (!tag_parse(span_of(s->raw, s->raw_len), algo,
		       &object_limits_default, &s->parsed, &fault))
		return statement_refuse(s, fault.text);
	if (s->parsed.type != OBJECT_COMMIT)
		return statement_refuse(s, "it tags no commit");
	if (!s->parsed.signature.n)
		return refuse(s, APPROVAL_UNSIGNED, "it is not signed");
	return true;
}

int statement_read(struct statement *s, struct span tag, const struct oid *id,
		   enum oid_algo algo, struct err *e)
{
	s->tag = *id;
	if (tag.n > STATEMENT_MAX_BYTES) {
		statement_refuse(s, "it is too big");
		return 0;
	}
	s->raw = malloc(tag.n + 1);
	if (!s->raw)
		return err_nomem(e);
	memcpy(s->raw, tag.p, tag.n);
	s->raw_len = tag.n;
	if (!parse(s, algo))
		return 0;
	s->target = s->parsed.object;
	s->made = s->parsed.tagger.when * 1000;
	sha256_of(s->parsed.payload.p, s->parsed.payload.n, s->payload);
	return read_trailers(s, e);
}

static void judge_signature(struct statement *s)
{
	switch (s->sig.status) {
	case SIG_GOOD:
		return;
	case SIG_NONE:
		refuse(s, APPROVAL_UNSIGNED, "it is not signed");
		return;
	case SIG_UNKNOWN_KEY:
	case SIG_EXPIRED:
	case SIG_REVOKED:
	case SIG_UNSUPPORTED:
		refuse(s, APPROVAL_UNKNOWN_KEY, s->sig.why);
		return;
	case SIG_BAD:
	case SIG_MALFORMED:
		break;
	}
	refuse(s, APPROVAL_MALFORMED, s->sig.why);
}

int statement_verify(struct statement *s, const struct verifier *v,
		     struct err *e)
{
	int rc;

	if (s->fault != APPROVAL_OK)
		return 0;
	rc = signature_verify(v, s->parsed.payload, s->parsed.signature,
			      &s->sig, e);
	if (!rc)
		judge_signature(s);
	return rc;
}

bool statement_value(struct statement *s, const char *key, struct span *out)
{
	const struct trailer *found;
	char why[SIG_MAX_TEXT];
	size_t i = 0;

	*out = span_of("", 0);
	if (s->fault != APPROVAL_OK)
		return false;
	found = trailers_find(&s->trailers, key, &i);
	if (!trailers_same_for(&s->trailers, &s->divided, span_str(key)))
		return statement_refuse(s, "a line `---` makes its trailers "
					   "ambiguous");
	if (!found)
		return true;
	if (found->value.n > STATEMENT_MAX_VALUE)
		return statement_refuse(s, "a trailer is too long");
	*out = found->value;
	if (!trailers_find(&s->trailers, key, &i))
		return true;
	snprintf(why, sizeof(why), "there are several %s trailers", key);
	return statement_refuse(s, why);
}

bool statement_ref_ok(const char *refname, const char *prefix,
		      struct span *between)
{
	const char *slash;

	*between = span_of("", 0);
	if (!span_starts(span_str(refname), prefix) ||
	    !refs_name_ok(span_str(refname)))
		return false;
	refname += strlen(prefix);
	slash = strchr(refname, '/');
	if (!slash || slash == refname)
		return false;
	*between = span_of(refname, (size_t)(slash - refname));
	return approval_last_component_ok(slash + 1);
}
