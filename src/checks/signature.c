/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether commits and tags are signed, and by somebody whose signature
 * counts for them.
 */
#include "checks/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/check_value.h"

static const char register_hint[] =
	"sign with the key that is registered for you: git config "
	"user.signingkey KEY; or ask the admin to add this one";
static const char touch_hint[] =
	"sign with a security key (ssh-keygen -t ed25519-sk), and touch it "
	"when it blinks";

/* ---- options ---- */

static const char *const object_words[] = {"commits", "tags", NULL};
static const char *const by_words[] = {"author", "committer", "anyone",
				       "role:NAME", NULL};
static const char *const presence_words[] = {"any", "required", NULL};
static const char *const require_words[] = {"user-verification", NULL};
static const char *const push_words[] = {"optional", "required", NULL};

typedef int word_fn(void *field, const char *word, unsigned line,
		    struct err *e);

/* Each word of `a, b`. */
static int each_word(const char *value, word_fn *fn, void *field, unsigned line,
		     struct err *e)
{
	struct cursor c = cursor_of(value, strlen(value));
	struct span word;
	int rc = 0;

	if (!span_trim(span_str(value)).n)
		return err_set(e, ERR_CONFIG, "needs a value");
	while (!rc && cursor_left(&c)) {
		char *copy;

		if (!cursor_until(&c, ',', &word))
			cursor_take(&c, cursor_left(&c), &word);
		copy = span_dup(span_trim(word));
		rc = copy ? fn(field, copy, line, e) : err_nomem(e);
		free(copy);
	}
	return rc;
}

static int add_object(void *field, const char *word, unsigned line,
		      struct err *e)
{
	int at = option_word(word, object_words, e);

	(void)line;
	if (at > 0)
		*(unsigned *)field |= 1u << (at - 1);
	return at < 0 ? at : 0;
}

static int objects_parse(const char *value, void *field,
			 const struct option_place *at, struct err *e)
{
	return each_word(value, add_object, field, at->line, e);
}

static int add_by(void *field, const char *word, unsigned line, struct err *e)
{
	struct signature_who *by = field;
	int at, rc;

	if (!strncmp(word, "role:", 5)) {
		rc = value_is_word(word + 5, e);
		return rc ? rc : option_list_add(&by->roles, word + 5, line, e);
	}
	at = option_word(word, by_words, e);
	if (at > 3)
		return err_set(e, ERR_CONFIG, "role:NAME is a role's name");
	if (at > 0)
		by->who |= 1u << (at - 1);
	return at < 0 ? at : 0;
}

static int by_parse(const char *value, void *field,
		    const struct option_place *at, struct err *e)
{
	/* the default is one for want of others: it is not kept */
	return at->line ? each_word(value, add_by, field, at->line, e) : 0;
}

static void by_release(void *field)
{
	struct signature_who *by = field;

	option_list_release(&by->roles);
	by->who = 0;
}

static const struct option signature_table[] = {
	{.name = "objects",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct signature_options, objects),
	 .words = object_words,
	 .many = true,
	 .parse = objects_parse,
	 .help = "what must be signed"},
	{.name = "by",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct signature_options, by),
	 .fallback = "author, committer",
	 .words = by_words,
	 .many = true,
	 .parse = by_parse,
	 .release = by_release,
	 .help = "whose signature counts"},
	{.name = "presence",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct signature_options, presence),
	 .fallback = "any",
	 .words = presence_words,
	 .help = "whether a security key must have been touched"},
	{.name = "require",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct signature_options, require),
	 .words = require_words,
	 .help = "that a security key has recognised its user"},
	{.name = "push",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct signature_options, push),
	 .fallback = "optional",
	 .words = push_words,
	 .help = "whether the push itself must be signed"},
};

/* A role that nobody has would refuse for ever. */
static int signature_resolve(const void *options, const struct policy *p,
			     struct err *e)
{
	const struct signature_options *o = options;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < o->by.roles.n; i++)
		rc = policy_check_role(p, o->by.roles.v[i], e);
	return rc;
}

/* Who asks for signed pushes alone says nothing of commits. */
bool signature_asks_push(const struct rule *r)
{
	const struct signature_options *o = r->options;

	return !strcmp(r->check, "signature") && o && o->push == PUSH_REQUIRED;
}

/* What must be signed, by the options or their default. */
static unsigned objects_of(const struct signature_options *o)
{
	if (o->objects)
		return o->objects;
	return o->push == PUSH_REQUIRED ? 0 : OBJECTS_COMMITS;
}

static unsigned signature_needs(const void *options)
{
	const struct signature_options *o = options;
	unsigned objects = objects_of(o);
	unsigned needs = o->push == PUSH_REQUIRED ? NEED_PUSH_CERT : 0;

	if (objects & OBJECTS_COMMITS)
		needs |= NEED_SIGNATURES;
	if (objects & OBJECTS_TAGS)
		needs |= NEED_TAG;
	return needs;
}

/* ---- a signature ---- */

const char *signature_code(enum signature_status s)
{
	switch (s) {
	case SIG_UNKNOWN_KEY:
		return "unknown-key";
	case SIG_BAD:
		return "bad";
	case SIG_MALFORMED:
		return "malformed";
	case SIG_EXPIRED:
		return "expired";
	case SIG_REVOKED:
		return "revoked";
	case SIG_UNSUPPORTED:
		return "unsupported";
	case SIG_NONE:
	case SIG_GOOD:
		break;
	}
	return "unsigned";
}

void signature_name(struct finding_who *out, const struct principal *p)
{
	*out = (struct finding_who){.principal = p,
				    .name = {"", 0},
				    .email = {"", 0},
				    .login = {"", 0}};
}

/* Of whom a text speaks, by the e-mail in an object. */
static struct finding_who person_at(const struct check_ctx *ctx,
				    struct span name, struct span mail)
{
	struct finding_who w;

	signature_name(
		&w, principals_by_email(&ctx->policy->people, mail, ctx->now));
	w.name = name;
	w.email = mail;
	return w;
}

int signature_check_presence(const struct check_ctx *ctx, struct finding f,
			     const char *what, const struct signature *sig,
			     bool *said, struct err *e)
{
	const struct signature_options *o = ctx->options;
	bool verified = o->require == 0 || sig->verification;
	char text[CHECK_MAX_TEXT];

	*said = false;
	if ((o->presence != PRESENCE_REQUIRED || sig->presence) && verified)
		return 0;
	*said = true;
	snprintf(text, sizeof(text), "%s by {0} does not prove that %s", what,
		 verified ? "somebody touched a security key"
			  : "a security key recognised its user");
	f.code = "presence";
	f.text = text;
	f.hint = touch_hint;
	signature_name(&f.who[0], sig->principal);
	f.nwho = 1;
	return check_find(ctx, &f, e);
}

/* Bots and agents sign what their programs do; nobody stands behind it
 * unless the policy says so by a role. */
static bool has_role(const struct check_ctx *ctx,
		     const struct signature_options *o,
		     const struct principal *p)
{
	size_t i;

	for (i = 0; i < o->by.roles.n; i++)
		if (principal_has_role(p, o->by.roles.v[i], ctx->now))
			return true;
	return false;
}

/* What is signed, and who made it. */
struct subject {
	enum signed_thing of;
	struct oid id;
	struct finding_who author, committer; /* the tagger: author */
	struct finding f;		      /* begun */
};

static unsigned counts_by(const struct signature_options *o)
{
	if (o->by.who || o->by.roles.n)
		return o->by.who;
	return SIGNER_AUTHOR | SIGNER_COMMITTER;
}

static bool counts(const struct check_ctx *ctx, const struct subject *s,
		   const struct principal *p)
{
	const struct signature_options *o = ctx->options;
	unsigned by = counts_by(o);

	if (has_role(ctx, o, p))
		return true;
	if (p->kind != KIND_HUMAN)
		return false;
	return (by & SIGNER_ANYONE) ||
	       (by & SIGNER_AUTHOR && s->author.principal == p) ||
	       (by & SIGNER_COMMITTER && s->committer.principal == p);
}

static void add_roles(const struct signature_options *o, struct buf *out)
{
	size_t i;

	for (i = 0; i < o->by.roles.n; i++)
		buf_addf(out, "%s%.60s", i ? " or " : "", o->by.roles.v[i]);
}

/* "signed by {0}, not by {1} who wrote it, …" */
static void add_expected(const struct check_ctx *ctx, struct subject *s,
			 struct buf *out)
{
	const struct signature_options *o = ctx->options;
	unsigned by = counts_by(o);
	const char *between = "";

	if (by & SIGNER_AUTHOR) {
		buf_addf(out, "its %s {%zu}",
			 s->of == SIGNED_TAG ? "tagger" : "author", s->f.nwho);
		s->f.who[s->f.nwho++] = s->author;
		between = " or ";
	}
	if (by & SIGNER_COMMITTER && s->of == SIGNED_COMMIT) {
		buf_addf(out, "%sits committer {%zu}", between, s->f.nwho);
		s->f.who[s->f.nwho++] = s->committer;
		between = " or ";
	}
	if (o->by.roles.n) {
		buf_addf(out, "%sa person with the role ", between);
		add_roles(o, out);
	}
}

static const char *kind_word(const struct principal *p)
{
	return p->kind == KIND_BOT ? "bot" : "agent";
}

static int say_not_theirs(const struct check_ctx *ctx, struct subject *s,
			  const struct principal *p, struct err *e)
{
	struct buf text = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	s->f.code = "not-theirs";
	signature_name(&s->f.who[s->f.nwho++], p);
	if (p->kind != KIND_HUMAN)
		buf_addf(&text,
			 "signed by {0}, %s %s: it would count by a role that "
			 "the rule names",
			 p->kind == KIND_BOT ? "a" : "an", kind_word(p));
	else
		buf_adds(&text, "signed by {0}, not by ");
	if (p->kind == KIND_HUMAN)
		add_expected(ctx, s, &text);
	if (buf_ok(&text))
		s->f.text = text.data;
	else
		s->f.text = "signed by {0}, whose signature does not count";
	s->f.hint = s->of == SIGNED_COMMIT
			    ? "who made it signs it, under an e-mail that the "
			      "policy knows: git config user.email ADDRESS"
			    : s->f.hint;
	rc = check_find(ctx, &s->f, e);
	buf_release(&text);
	return rc;
}

static int say_not_good(const struct check_ctx *ctx, struct subject *s,
			const struct signature *sig, struct err *e)
{
	char text[CHECK_MAX_TEXT];

	if (sig->status == SIG_NONE)
		snprintf(text, sizeof(text), "not signed");
	else
		snprintf(text, sizeof(text), "its signature does not count: %s",
			 sig->why);
	s->f.code = signature_code(sig->status);
	s->f.text = text;
	if (sig->status == SIG_UNKNOWN_KEY || sig->status == SIG_EXPIRED ||
	    sig->status == SIG_REVOKED || sig->status == SIG_UNSUPPORTED)
		s->f.hint = register_hint;
	return check_find(ctx, &s->f, e);
}

static int judge(const struct check_ctx *ctx, struct subject *s,
		 const struct signature *sig, struct err *e)
{
	bool said;
	int rc;

	if (sig->status != SIG_GOOD || !sig->principal)
		return say_not_good(ctx, s, sig, e);
	if (!counts(ctx, s, sig->principal))
		return say_not_theirs(ctx, s, sig->principal, e);
	rc = signature_check_presence(ctx, s->f, "the signature", sig, &said,
				      e);
	if (rc || said)
		return rc;
	return check_signed(ctx, s->of, &s->id, sig, e);
}

static int signature_commit(const struct check_ctx *ctx, void *state,
			    const struct commit_facts *facts, bool matched,
			    struct err *e)
{
	const struct commit *c = facts->commit;
	struct subject s;

	(void)state;
	if (!matched || !facts->signature)
		return 0;
	s = (struct subject){
		.of = SIGNED_COMMIT,
		.id = facts->id,
		.author = person_at(ctx, c->author.name, c->author.mail),
		.committer =
			person_at(ctx, c->committer.name, c->committer.mail),
		.f = {.commit = facts, .sign = true},
	};
	return judge(ctx, &s, facts->signature, e);
}

/* ---- tags ---- */

static bool is_tag(const char *ref)
{
	return strncmp(ref, "refs/tags/", 10) == 0;
}

static int judge_tag(const struct check_ctx *ctx, const struct ref_facts *ref,
		     struct err *e)
{
	static const struct signature none;
	struct buf hint = BUF_INIT(2 * CHECK_MAX_TEXT);
	const char *name = ref->ref + (is_tag(ref->ref) ? 10 : 0);
	struct subject s = {.of = SIGNED_TAG, .id = ref->new_};
	int rc;

	if (!ref->tag_signature && !is_tag(ref->ref))
		return 0; /* a branch is no tag */
	s.author = person_at(ctx, span_of("", 0), ref->tagger);
	buf_adds(&hint, "git tag -s -f ");
	text_add_shell(&hint, span_str(name));
	buf_addch(&hint, ' ');
	text_add_shell(&hint, span_str(name));
	buf_adds(&hint, "^{}");
	s.f.hint = buf_ok(&hint) ? hint.data : "git tag -s -f TAG";
	rc = judge(ctx, &s, ref->tag_signature ? ref->tag_signature : &none, e);
	buf_release(&hint);
	return rc;
}

static int signature_ref(const struct check_ctx *ctx,
			 const struct ref_facts *ref, struct err *e)
{
	const struct signature_options *o = ctx->options;
	int rc = 0;

	/* where nobody pushes there is no certificate to ask for */
	if (o->push == PUSH_REQUIRED && ctx->certificate)
		rc = signature_judge_push(ctx, e);
	if (rc || oid_is_null(&ref->new_) || !(objects_of(o) & OBJECTS_TAGS))
		return rc;
	return judge_tag(ctx, ref, e);
}

const struct check check_signature = {
	.kind = {.name = "signature",
		 .options = signature_table,
		 .noptions =
			 sizeof(signature_table) / sizeof(signature_table[0]),
		 .size = sizeof(struct signature_options),
		 .resolve = signature_resolve},
	.needs = NEED_SIGNATURES | NEED_TAG | NEED_PUSH_CERT,
	.needs_of = signature_needs,
	.commit = signature_commit,
	.ref = signature_ref,
};
