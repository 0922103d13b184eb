/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/approvals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "git/refs.h"

void approval_init(struct approval *a)
{
	memset(a, 0, sizeof(*a));
}

void approval_release(struct approval *a)
{
	size_t i;

	free(a->ref);
	for (i = 0; i < APPROVAL_MAX_REFS; i++)
		free(a->more[i]);
	free(a->repository);
	free(a->change);
	free(a->tagger);
	approval_init(a);
}

/* @return false, so that `return refuse(…)` ends a check */
static bool refuse(struct approval *a, enum approval_fault fault,
		   const char *why)
{
	struct signature text;

	/* the same hygiene as for a signature's reason */
	signature_say(&text, SIG_NONE, "%s", why);
	snprintf(a->why, sizeof(a->why), "%s", text.why);
	a->fault = fault;
	return false;
}

/* The governed trailers, as found. */
struct fields {
	struct span refs[APPROVAL_MAX_REFS];
	size_t nrefs;
	struct span diff, base, patch, repository, change, end, withdraws;
};

/* At most one trailer of a key. @return false when there are more */
static bool one_trailer(const struct trailers *t, const char *key,
			struct span *out)
{
	const struct trailer *found;
	size_t i = 0;

	*out = span_of(NULL, 0);
	found = trailers_find(t, key, &i);
	if (!found)
		return true;
	*out = found->value;
	return !trailers_find(t, key, &i);
}

static const struct {
	const char *key, *many;
	size_t at; /* in struct fields */
} keys[] = {
	{"Approves-diff", "there are several Approves-diff trailers",
	 offsetof(struct fields, diff)},
	{"Approves-base", "there are several Approves-base trailers",
	 offsetof(struct fields, base)},
	{"Approves-patch", "there are several Approves-patch trailers",
	 offsetof(struct fields, patch)},
	{"Repository", "there are several Repository trailers",
	 offsetof(struct fields, repository)},
	{"Change", "there are several Change trailers",
	 offsetof(struct fields, change)},
	{"Valid-until", "there are several Valid-until trailers",
	 offsetof(struct fields, end)},
	{"Withdraws", "there are several Withdraws trailers",
	 offsetof(struct fields, withdraws)},
};

static const char ref_key[] = "Approves-ref";

static bool fits(struct approval *a, const struct trailers *t,
		 const struct trailers *divided, const char *key,
		 struct span value)
{
	if (value.n > APPROVAL_MAX_VALUE)
		return refuse(a, APPROVAL_MALFORMED, "a trailer is too long");
	if (!trailers_same_for(t, divided, span_str(key)))
		return refuse(a, APPROVAL_MALFORMED,
			      "a line `---` makes its trailers ambiguous");
	return true;
}

static bool is_listed(const struct fields *f, struct span ref)
{
	size_t i;

	for (i = 0; i < f->nrefs; i++)
		if (span_equal(f->refs[i], ref))
			return true;
	return false;
}

static bool read_refs(struct approval *a, const struct trailers *t,
		      const struct trailers *divided, struct fields *f)
{
	const struct trailer *found;
	size_t i = 0;

	f->nrefs = 0;
	while ((found = trailers_find(t, ref_key, &i))) {
		if (f->nrefs == APPROVAL_MAX_REFS)
			return refuse(a, APPROVAL_MALFORMED,
				      "there are too many Approves-ref "
				      "trailers");
		if (is_listed(f, found->value))
			return refuse(a, APPROVAL_MALFORMED,
				      "two Approves-ref trailers name the "
				      "same ref");
		if (!fits(a, t, divided, ref_key, found->value))
			return false;
		f->refs[f->nrefs++] = found->value;
	}
	return fits(a, t, divided, ref_key, span_of("", 0));
}

static bool read_fields(struct approval *a, const struct trailers *t,
			const struct trailers *divided, struct fields *f)
{
	size_t i;

	if (!read_refs(a, t, divided, f))
		return false;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct span *value = (struct span *)((char *)f + keys[i].at);

		if (!one_trailer(t, keys[i].key, value))
			return refuse(a, APPROVAL_MALFORMED, keys[i].many);
		if (!fits(a, t, divided, keys[i].key, *value))
			return false;
	}
	return true;
}

static bool read_digest(struct approval *a, struct span value)
{
	static const char word[] = "sha256:";
	unsigned char nothing[SHA256_SIZE];

	if (!value.p)
		return true;
	if (!span_starts(value, word) ||
	    !hex_decode(span_of(value.p + sizeof(word) - 1,
				value.n - (sizeof(word) - 1)),
			a->digest, SHA256_SIZE))
		return refuse(a, APPROVAL_MALFORMED,
			      "Approves-diff is not sha256: and 64 digits of "
			      "lower-case hex");
	/* a change of nothing is like every other change of nothing */
	sha256_of("", 0, nothing);
	a->has_digest = memcmp(a->digest, nothing, SHA256_SIZE) != 0;
	return true;
}

static bool read_end(struct approval *a, struct span value)
{
	a->has_end = value.p != NULL;
	if (!a->has_end || time_parse(value, &a->end))
		return true;
	return refuse(a, APPROVAL_MALFORMED,
		      "Valid-until is no date (YYYY-MM-DD), nor a time with "
		      "its zone");
}

/* Both say more of a difference that is named. */
static bool read_base_and_patch(struct approval *a, const struct fields *f,
				enum oid_algo algo)
{
	if ((f->base.p || f->patch.p) && !a->has_digest)
		return refuse(a, APPROVAL_MALFORMED,
			      "Approves-base and Approves-patch need an "
			      "Approves-diff beside them");
	if (f->base.p &&
	    (!oid_from_hex(&a->base, algo, f->base) || oid_is_null(&a->base)))
		return refuse(a, APPROVAL_MALFORMED,
			      "Approves-base is no full id of a commit here");
	if (f->patch.p && (!oid_from_hex(&a->patch, algo, f->patch) ||
			   oid_is_null(&a->patch)))
		return refuse(a, APPROVAL_MALFORMED,
			      "Approves-patch is no patch id as git prints it "
			      "here");
	return true;
}

/* It must not be taken for what it takes back. */
static bool read_withdrawal(struct approval *a, const struct fields *f,
			    enum oid_algo algo)
{
	a->withdrawal = true;
	if (f->nrefs || f->diff.p || f->base.p || f->patch.p || f->end.p)
		return refuse(a, APPROVAL_MALFORMED,
			      "Withdraws stands beside what only an approval "
			      "has");
	if (!oid_from_hex(&a->withdraws, algo, f->withdraws))
		return refuse(a, APPROVAL_MALFORMED,
			      "Withdraws is no full id of an object here");
	return true;
}

static bool check_fields(struct approval *a, const struct fields *f,
			 enum oid_algo algo)
{
	size_t i;

	if (!f->nrefs && !f->withdraws.p)
		return refuse(a, APPROVAL_MALFORMED,
			      "there is no Approves-ref trailer at its end");
	if (!f->repository.n)
		return refuse(a, APPROVAL_MALFORMED,
			      "there is no Repository trailer at its end");
	if (f->withdraws.p)
		return read_withdrawal(a, f, algo);
	for (i = 0; i < f->nrefs; i++)
		if (!refs_name_ok(f->refs[i]))
			return refuse(a, APPROVAL_MALFORMED,
				      "Approves-ref is no full ref name, like "
				      "refs/heads/main");
	return read_digest(a, f->diff) && read_base_and_patch(a, f, algo) &&
	       read_end(a, f->end);
}

static int copy_fields(struct approval *a, const struct fields *f,
		       struct err *e)
{
	bool all = true;
	size_t i;

	if (!a->withdrawal)
		a->ref = span_dup(f->refs[0]);
	for (i = 1; i < f->nrefs; i++) {
		a->more[i - 1] = span_dup(f->refs[i]);
		all &= a->more[i - 1] != NULL;
	}
	a->repository = span_dup(f->repository);
	if (f->change.n)
		a->change = span_dup(f->change);
	if (!a->repository || !all || (!a->withdrawal && !a->ref) ||
	    (f->change.n && !a->change))
		return err_nomem(e);
	return 0;
}

/* Both readings of the message; a fault is told in `a`. */
static int parse_both(struct approval *a, struct span message,
		      struct trailers *t, struct trailers *divided,
		      struct err *e)
{
	int rc = trailers_parse(t, message, TRAILERS_NO_DIVIDER,
				APPROVAL_MAX_TRAILERS, e);

	if (!rc)
		rc = trailers_parse(divided, message, TRAILERS_DIVIDER,
				    APPROVAL_MAX_TRAILERS, e);
	if (rc == ERR_LIMIT) {
		refuse(a, APPROVAL_MALFORMED, "it has too many trailers");
		rc = 0;
	}
	return rc;
}

static int read_message(struct approval *a, struct span message,
			enum oid_algo algo, struct err *e)
{
	struct trailers t, divided;
	size_t at = 0, other = 0;
	struct fields f;
	int rc;

	trailers_init(&t);
	trailers_init(&divided);
	rc = parse_both(a, message, &t, &divided, e);
	if (!rc && (trailers_find(&t, "Imports", &at) ||
		    trailers_find(&divided, "Imports", &other)))
		refuse(a, APPROVAL_MALFORMED,
		       "it imports history, which is no approval of a change");
	if (!rc && !a->fault && read_fields(a, &t, &divided, &f) &&
	    check_fields(a, &f, algo))
		rc = copy_fields(a, &f, e);
	trailers_release(&t);
	trailers_release(&divided);
	return rc;
}

bool approval_names_ref(const struct approval *a, const char *ref)
{
	size_t i;

	if (!a->ref)
		return false;
	if (!strcmp(a->ref, ref))
		return true;
	for (i = 0; i < APPROVAL_MAX_REFS && a->more[i]; i++)
		if (!strcmp(a->more[i], ref))
			return true;
	return false;
}

static bool check_tag(struct approval *a, const struct tag *t)
{
	if (t->type != OBJECT_COMMIT)
		return refuse(a, APPROVAL_MALFORMED, "it tags no commit");
	if (!t->signature.n)
		return refuse(a, APPROVAL_UNSIGNED, "it is not signed");
	return true;
}

void approval_judge_signature(struct approval *a)
{
	switch (a->sig.status) {
	case SIG_GOOD:
		return;
	case SIG_NONE:
		refuse(a, APPROVAL_UNSIGNED, "it is not signed");
		return;
	case SIG_UNKNOWN_KEY:
	case SIG_EXPIRED:
	case SIG_REVOKED:
	case SIG_UNSUPPORTED:
		refuse(a, APPROVAL_UNKNOWN_KEY, a->sig.why);
		return;
	case SIG_BAD:
	case SIG_MALFORMED:
		break;
	}
	refuse(a, APPROVAL_MALFORMED, a->sig.why);
}

/* The name and mail of whoever claims to have made the tag. */
static char *tagger_text(const struct ident *tagger)
{
	struct buf b = BUF_INIT(APPROVAL_MAX_BYTES);

	buf_add(&b, tagger->name.p, tagger->name.n);
	buf_adds(&b, " <");
	buf_add(&b, tagger->mail.p, tagger->mail.n);
	buf_addch(&b, '>');
	return buf_detach(&b, NULL);
}

static bool parse_tag(struct approval *a, struct span raw, enum oid_algo algo,
		      struct tag *t)
{
	struct object_fault fault;

	if (raw.n > APPROVAL_MAX_BYTES)
		return refuse(a, APPROVAL_MALFORMED, "it is too big");
	if (!tag_parse(raw, algo, &object_limits_default, t, &fault))
		return refuse(a, APPROVAL_MALFORMED, fault.text);
	return true;
}

int approval_read(struct approval *a, struct span raw, const struct oid *id,
		  enum oid_algo algo, const struct verifier *v, struct err *e)
{
	struct tag t;
	int rc;

	a->tag = *id;
	if (!parse_tag(a, raw, algo, &t))
		return 0;
	a->target = t.object;
	sha256_of(t.payload.p, t.payload.n, a->payload);
	a->made = t.tagger.when * 1000;
	a->tagger = tagger_text(&t.tagger);
	if (!a->tagger)
		return err_nomem(e);
	if (!check_tag(a, &t))
		return 0;
	rc = read_message(a, t.message, algo, e);
	if (rc || a->fault)
		return rc;
	rc = signature_verify(v, t.payload, t.signature, &a->sig, e);
	if (!rc)
		approval_judge_signature(a);
	return rc;
}

/* A run of characters of a class, at least one. */
static size_t run_of(const char *s, bool (*in)(char))
{
	size_t n = 0;

	while (s[n] && in(s[n]))
		n++;
	return n;
}

static bool hex_char(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'f');
}

static bool who_char(char c)
{
	return ascii_alnum(c) || c == '-' || c == '_' || c == '.';
}

bool approval_last_component_ok(const char *s)
{
	size_t n = run_of(s, who_char), digits = 0;

	while (digits < n && ascii_digit(s[n - 1 - digits]))
		digits++;
	if (s[n] || !digits || digits > APPROVAL_MAX_NUMBER ||
	    s[n - digits] == '0')
		return false;
	n -= digits;
	return n >= 2 && n - 1 <= APPROVAL_MAX_WHO && s[n - 1] == '-' &&
	       ascii_alnum(s[0]);
}

bool approval_ref_ok(const char *refname,
		     char prefix[APPROVAL_DIGEST_PREFIX + 1])
{
	const char *digest;

	if (!span_starts(span_str(refname), APPROVALS_PREFIX) ||
	    !refs_name_ok(span_str(refname)))
		return false;
	digest = refname + strlen(APPROVALS_PREFIX);
	if (run_of(digest, hex_char) != APPROVAL_DIGEST_PREFIX ||
	    digest[APPROVAL_DIGEST_PREFIX] != '/' ||
	    !approval_last_component_ok(digest + APPROVAL_DIGEST_PREFIX + 1))
		return false;
	memcpy(prefix, digest, APPROVAL_DIGEST_PREFIX);
	prefix[APPROVAL_DIGEST_PREFIX] = '\0';
	return true;
}

bool approval_is_ref(const char *refname)
{
	struct span name = span_str(refname);

	return span_starts(name, APPROVALS_PREFIX) ||
	       span_starts(name, APPROVAL_TAGS_PREFIX);
}

void approval_tip_prefix(const struct oid *tip,
			 char prefix[APPROVAL_DIGEST_PREFIX + 1])
{
	char hex[OID_HEX_SIZE], digest[SHA256_HEX_SIZE];

	oid_to_hex(tip, hex);
	sha256_hex(hex, strlen(hex), digest);
	memcpy(prefix, digest, APPROVAL_DIGEST_PREFIX);
	prefix[APPROVAL_DIGEST_PREFIX] = '\0';
}

bool approval_repository_matches(const char *repository, const char *trailer)
{
	size_t have = strlen(repository), want = strlen(trailer);

	if (!want || want > have ||
	    memcmp(repository + have - want, trailer, want) != 0)
		return false;
	return want == have ||
	       (repository[have - want - 1] == '/' && trailer[0] != '/');
}
