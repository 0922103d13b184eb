/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a push, or each of its commits, names the ticket that it is for, and
 * where a rule has it looked up, whether that ticket allows it.
 */
#include "checks/ticket.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

static const char *const trailer_keys[] = {"Change", "Ticket"};

static const char *const scope_words[] = {"push", "commit", NULL};
static const char *const silence_words[] = {"reject", "accept", NULL};
static const char *const require_words[] = {
	TICKET_REQUIRE_APPROVAL,   TICKET_REQUIRE_BACKOUT, TICKET_REQUIRE_NONE,
	TICKET_REQUIRE_REPOSITORY, TICKET_REQUIRE_WINDOW,  NULL};

/* ---- options ---- */

/** OPTION_CUSTOM has one field: the pattern, and as it was written. */
struct pattern_field {
	struct plan_tickets *pattern;
	char *text;
};
_Static_assert(offsetof(struct ticket_options, pattern_text) ==
		       offsetof(struct ticket_options, pattern) +
			       offsetof(struct pattern_field, text),
	       "both members of a pattern stand side by side");

static void pattern_release(void *field)
{
	struct pattern_field *f = field;

	plan_tickets_free(f->pattern);
	free(f->text);
	*f = (struct pattern_field){.pattern = NULL};
}

static int pattern_parse(const char *value, void *field,
			 const struct option_place *at, struct err *e)
{
	struct pattern_field *f = field, read = {.pattern = NULL};
	int rc;

	(void)at;
	if (!*value)
		return err_set(e, ERR_CONFIG,
			       "needs a value; one with # or ; stands in \"\"");
	/* what a comment has left of a second form */
	if (value[strlen(value) - 1] == '|')
		return err_set(e, ERR_CONFIG,
			       "\"%s\" ends in |; one with # or ; stands in "
			       "\"\"",
			       value);
	rc = plan_tickets_new(&read.pattern, value, e);
	if (rc)
		return rc;
	read.text = strdup(value);
	if (!read.text) {
		pattern_release(&read);
		return err_nomem(e);
	}
	pattern_release(f);
	*f = read;
	return 0;
}

static int check_state(const char *value, struct err *e)
{
	size_t n = strlen(value);

	return n && n <= TICKET_MAX_STATE
		       ? 0
		       : err_set(e, ERR_CONFIG,
				 "the word for a state has 1 to %d bytes",
				 TICKET_MAX_STATE);
}

static int check_require(const char *value, struct err *e)
{
	int at = option_word(value, require_words, e);

	return at < 0 ? at : 0;
}

static const struct option ticket_table[] = {
	{.name = "pattern",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct ticket_options, pattern),
	 .fallback = PLAN_DEFAULT_TICKETS,
	 .parse = pattern_parse,
	 .release = pattern_release,
	 .help = "extended regular expression for a ticket's number"},
	{.name = "scope",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct ticket_options, scope),
	 .fallback = "push",
	 .words = scope_words,
	 .help = "whether the push names one, or every commit"},
	{.name = "lookup",
	 .type = OPTION_STRING,
	 .offset = offsetof(struct ticket_options, lookup),
	 .help = "the sink that is asked about the ticket"},
	{.name = "timeout",
	 .type = OPTION_DURATION,
	 .offset = offsetof(struct ticket_options, timeout),
	 .fallback = "2s",
	 .min = 1,
	 .max = 20,
	 .help = "how long a push waits for all answers"},
	{.name = "cache",
	 .type = OPTION_DURATION,
	 .offset = offsetof(struct ticket_options, cache),
	 .fallback = "60s",
	 .min = 0,
	 .max = 3600,
	 .help = "how long a good answer is used again; 0: never"},
	{.name = "state",
	 .type = OPTION_STRINGS,
	 .offset = offsetof(struct ticket_options, states),
	 .check = check_state,
	 .help = "a state that allows the push; none given: any"},
	{.name = "require",
	 .type = OPTION_STRINGS,
	 .offset = offsetof(struct ticket_options, require),
	 .words = require_words,
	 .check = check_require,
	 .help = "what else is asked of it; none given: all its system tells"},
	{.name = "unreachable",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct ticket_options, unreachable),
	 .fallback = "reject",
	 .words = silence_words,
	 .help = "what an unanswered look-up means"},
};

static int ticket_validate(const void *options, struct err *e)
{
	const struct ticket_options *o = options;

	if (o->states.n && !o->lookup)
		return err_set(e, ERR_CONFIG, "state needs lookup beside it");
	if (o->require.n && !o->lookup)
		return err_set(e, ERR_CONFIG, "require needs lookup beside it");
	if (o->unreachable == TICKET_ACCEPT && !o->lookup)
		return err_set(e, ERR_CONFIG,
			       "unreachable = accept needs lookup beside it: "
			       "nobody is asked");
	if (o->require.n > 1 &&
	    option_list_has(&o->require, TICKET_REQUIRE_NONE))
		return err_set(e, ERR_CONFIG,
			       "require = none stands beside no other");
	if (o->states.n > TICKET_MAX_STATES)
		return err_set(e, ERR_CONFIG, "more than %d states",
			       TICKET_MAX_STATES);
	return 0;
}

static bool requires(const struct ticket_options *o, const char *what)
{
	return option_list_has(&o->require, what);
}

/* The key that a section lacks to tell what the rule asks; NULL: none. */
static const char *lacking(const struct ticket_options *o, const struct sink *s,
			   const char **asks)
{
	const struct {
		const char *asks, *key;
		bool asked, told;
	} keys[] = {
		{"lookup", "ticket-url", true, s->ticket_url},
		{"lookup", "ticket-pattern", true, s->ticket_pattern},
		{"state", "ticket-state", o->states.n > 0, s->ticket_state},
		{"require = approval", "ticket-approved",
		 requires(o, TICKET_REQUIRE_APPROVAL), s->ticket_approved.n},
		{"require = backout", "ticket-backout",
		 requires(o, TICKET_REQUIRE_BACKOUT), s->ticket_backout},
		{"require = repository", "ticket-repository",
		 requires(o, TICKET_REQUIRE_REPOSITORY), s->ticket_repository},
		{"require = window", "ticket-window-start",
		 requires(o, TICKET_REQUIRE_WINDOW),
		 s->ticket_window_start || s->ticket_window_end},
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!keys[i].asked || keys[i].told)
			continue;
		*asks = keys[i].asks;
		return keys[i].key;
	}
	return NULL;
}

/* Without its ready template nothing can be said of a sink. */
static int ticket_resolve(const void *options, const struct policy *p,
			  struct err *e)
{
	const struct ticket_options *o = options;
	const char *key, *asks = NULL;
	size_t i;

	if (!o->lookup)
		return 0;
	for (i = 0; i < p->nsinks; i++) {
		const struct sink *s = &p->sinks[i];

		if (strcmp(s->name, o->lookup) != 0)
			continue;
		key = s->ready && !p->sinks_whole ? NULL : lacking(o, s, &asks);
		if (!key)
			return 0;
		return err_set(e, ERR_CONFIG,
			       "%s: sink \"%s\"%s has no %s to tell that: give "
			       "it one, or take this out of the rule",
			       asks, s->name,
			       s->ready ? " with its template" : "", key);
	}
	return err_set(e, ERR_CONFIG, "lookup: there is no sink \"%s\"",
		       o->lookup);
}

const struct ticket_options *ticket_options_of(const struct rule *rule)
{
	return rule->kind == &check_ticket.kind ? rule->options : NULL;
}

bool ticket_is_asked(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->nrules; i++) {
		const struct ticket_options *o =
			ticket_options_of(&p->rules[i]);

		if (o && o->lookup)
			return true;
	}
	return false;
}

/* ---- what is named ---- */

struct span ticket_number(struct span id)
{
	struct span none = {"", 0};
	size_t i;

	if (id.n && *id.p == '#')
		id = span_of(id.p + 1, id.n - 1);
	/* a word of dots would be a way up, in a URL */
	if (!id.n || id.n > TICKET_MAX_ID || !ascii_alnum(*id.p))
		return none;
	for (i = 0; i < id.n; i++)
		if (!ascii_alnum(id.p[i]) && id.p[i] != '.' && id.p[i] != '_' &&
		    id.p[i] != '-')
			return none;
	return id;
}

static void list_release(struct ticket_list *l)
{
	free(l->v);
	*l = (struct ticket_list){.v = NULL};
}

static void note_malformed(struct ticket_list *l, struct span value,
			   bool divided, const struct oid *commit)
{
	if (l->malformed)
		return;
	l->malformed = true;
	l->divided = divided;
	if (commit)
		l->malformed_at = *commit;
	if (value.n > TICKET_MAX_ID)
		value.n = TICKET_MAX_ID;
	memcpy(l->bad, value.p, value.n);
	l->bad[value.n] = '\0';
}

/* Beyond TICKET_MAX_NAMED of them one more is of no use to anybody. */
static int name_ticket(struct ticket_list *l, struct span id,
		       const struct oid *commit, struct err *e)
{
	struct ticket_named *t;
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++)
		if (span_is(id, l->v[i].id))
			return 0;
	rc = array_push(&l->v, l->n, &l->cap, TICKET_MAX_NAMED);
	if (rc)
		return rc == -2 ? 0 : err_nomem(e);
	t = &l->v[l->n++];
	memset(t, 0, sizeof(*t));
	memcpy(t->id, id.p, id.n);
	t->by_option = !commit;
	if (commit)
		t->commit = *commit;
	return 0;
}

static int take(const struct check_ctx *ctx, struct ticket_list *l,
		struct span value, bool divided, const struct oid *commit,
		struct err *e)
{
	const struct ticket_options *o = ctx->options;

	value = span_trim(value);
	if (divided || !plan_is_ticket(value, o->pattern) ||
	    !ticket_number(value).n) {
		note_malformed(l, value, divided, commit);
		return 0;
	}
	return name_ticket(l, value, commit, e);
}

static bool is_ticket_key(struct span key)
{
	size_t i;

	for (i = 0; i < sizeof(trailer_keys) / sizeof(trailer_keys[0]); i++)
		if (span_is_nocase(key, trailer_keys[i]))
			return true;
	return false;
}

static int take_trailers(const struct check_ctx *ctx,
			 const struct commit_facts *facts,
			 struct ticket_list *l, struct err *e)
{
	size_t i;
	int rc = 0;

	if (!facts->trailers)
		return err_set(e, ERR_INTERNAL, "a message was not read");
	for (i = 0; i < facts->trailers->n && !rc; i++) {
		const struct trailer *t = &facts->trailers->v[i];

		if (is_ticket_key(t->key))
			rc = take(ctx, l, t->value,
				  facts->divided &&
					  !trailers_same_for(facts->trailers,
							     facts->divided,
							     t->key),
				  &facts->id, e);
	}
	return rc;
}

static int take_options(const struct check_ctx *ctx, struct ticket_list *l,
			struct err *e)
{
	size_t i, n = sizeof(TICKET_OPTION) - 1;
	int rc = 0;

	for (i = 0; i < ctx->npush_options && !rc; i++)
		if (!strncmp(ctx->push_options[i], TICKET_OPTION, n))
			rc = take(ctx, l, span_str(ctx->push_options[i] + n),
				  false, NULL, e);
	return rc;
}

/* ---- the check ---- */

static int ticket_commit(const struct check_ctx *ctx, void *opaque,
			 const struct commit_facts *facts, bool matched,
			 struct err *e)
{
	const struct ticket_options *o = ctx->options;
	struct ticket_list own = {.v = NULL};
	int rc;

	/* any commit may name that of the push */
	if (o->scope == TICKET_PUSH)
		return take_trailers(ctx, facts, opaque, e);
	if (facts->merge && facts->changes_nothing)
		return 0;
	rc = take_trailers(ctx, facts, &own, e);
	if (!rc)
		rc = matched ? ticket_judge(ctx, &own, facts, e)
			     : ticket_note(ctx, &own, e);
	list_release(&own);
	return rc;
}

/* Who names a ticket beside the push means that one, whatever older ones its
 * commits speak of. */
static int ticket_finish(const struct check_ctx *ctx, void *opaque,
			 const struct range_facts *range, struct err *e)
{
	const struct ticket_options *o = ctx->options;
	struct ticket_list said = {.v = NULL}, *named;
	int rc;

	if (o->scope != TICKET_PUSH)
		return 0;
	rc = take_options(ctx, &said, e);
	named = said.n || said.malformed ? &said : opaque;
	if (!rc)
		rc = range->matched ? ticket_judge(ctx, named, NULL, e)
				    : ticket_note(ctx, named, e);
	list_release(&said);
	return rc;
}

static void ticket_release(void *opaque)
{
	list_release(opaque);
}

const struct check check_ticket = {
	.kind = {.name = "ticket",
		 .options = ticket_table,
		 .noptions = sizeof(ticket_table) / sizeof(ticket_table[0]),
		 .size = sizeof(struct ticket_options),
		 .validate = ticket_validate,
		 .resolve = ticket_resolve},
	.excuses_reverts = true,
	.needs = NEED_MESSAGE,
	.state_size = sizeof(struct ticket_list),
	.commit = ticket_commit,
	.finish = ticket_finish,
	.release = ticket_release,
};
