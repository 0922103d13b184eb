/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "policy/loader.h"
#include "policy/sink_var.h"
#include "policy/template.h"

/** One sink that is looked at, and how it went. */
struct view {
	struct loader *l;
	const struct instance *i;
	const struct sink *s;
	const char *told; /* the key that the last mistake was about */
	int rc;
};

static bool has(const struct view *v, const char *key)
{
	return loader_has_key(v->i, key);
}

/* One mistake a key: the next shows when this one is mended. */
static void say(struct view *v, const char *key, const char *text)
{
	if (v->rc || (v->told && !strcmp(v->told, key)))
		return;
	v->told = key;
	v->rc = loader_mistake(v->l, v->i, key, NULL, "%s", text);
}

/* `needed` is there where `key` is; also one with a mistake of its own. */
static void pair(struct view *v, const char *key, bool given,
		 const char *needed, bool given_needed)
{
	char text[128];

	if (!given || given_needed || has(v, needed))
		return;
	snprintf(text, sizeof(text), "needs %s beside it", needed);
	say(v, key, text);
}

static bool header_wants_secret(const struct sink *s)
{
	for (size_t i = 0; i < s->headers.n; i++)
		if (strstr(s->headers.v[i], "${secret}"))
			return true;
	return false;
}

/* What asks for tokens, and the certificate that is shown. */
static void look_at_client(struct view *v)
{
	const struct sink *s = v->s;
	bool oauth = s->auth == SINK_AUTH_OAUTH2;

	pair(v, "auth", oauth, "token-url", s->token_url != NULL);
	pair(v, "auth", oauth, "client-id", s->client_id != NULL);
	pair(v, "token-url", s->token_url != NULL, "auth = oauth2", oauth);
	pair(v, "client-id", s->client_id != NULL, "auth = oauth2", oauth);
	pair(v, "scope", s->scope != NULL, "auth = oauth2", oauth);
	pair(v, "client-cert", s->client_cert != NULL, "client-key",
	     s->client_key != NULL);
	pair(v, "client-key", s->client_key != NULL, "client-cert",
	     s->client_cert != NULL);
	if (oauth && header_wants_secret(s))
		say(v, "header",
		    "has ${secret}, which goes to token-url alone with "
		    "auth = oauth2");
}

static void look_at_secrets(struct view *v)
{
	const struct sink *s = v->s;
	bool logs_in = s->auth > SINK_AUTH_NONE;
	bool in_header = header_wants_secret(s);
	bool signs = s->sign > SINK_SIGN_NONE;

	pair(v, "auth", logs_in, "secret-file", s->secret_file != NULL);
	pair(v, "header", in_header, "secret-file", s->secret_file != NULL);
	if (signs && (logs_in || in_header))
		pair(v, "sign", true, "sign-secret-file",
		     s->sign_secret_file != NULL);
	else
		pair(v, "sign", signs, "secret-file",
		     s->secret_file || s->sign_secret_file);
	pair(v, "sign-secret-file", s->sign_secret_file != NULL, "sign", signs);
	look_at_client(v);
	if (s->secret_file && !logs_in && !in_header &&
	    (!signs || s->sign_secret_file))
		say(v, "secret-file",
		    "is used by nothing: sign is none; did you mean "
		    "sign = standard-webhooks, rfc9421, or auth?");
}

static void look_at_batches(struct view *v)
{
	const struct sink *s = v->s;
	bool many = s->batch_max > 1;

	if (s->format == SINK_CLOUDEVENTS &&
	    (many || s->frame > SINK_FRAME_SINGLE))
		say(v, many ? "batch-max" : "frame",
		    "format = cloudevents is one event a request; did you "
		    "mean format = cloudevents-batch?");
	if (s->format == SINK_CLOUDEVENTS_BATCH && s->frame &&
	    s->frame != SINK_FRAME_ARRAY)
		say(v, "frame", "format = cloudevents-batch is an array");
	if (s->format == SINK_TEMPLATE && many && s->frame < SINK_FRAME_ARRAY)
		say(v, "batch-max", "needs frame = array or ndjson beside it");
	if (many && s->lookup_url)
		say(v, "batch-max",
		    "what is looked up goes one by one: lookup-url stands "
		    "beside it");
	if (many && s->per == SINK_PER_CHANGE)
		say(v, "batch-max", "per = change posts one by one");
}

static void look_at_steps(struct view *v)
{
	const struct sink *s = v->s;

	pair(v, "format", s->format == SINK_TEMPLATE, "body-template",
	     s->body_template != NULL);
	if (s->body_template && s->format != SINK_TEMPLATE)
		say(v, "body-template", "is used with format = template alone");
	pair(v, "lookup-url", s->lookup_url != NULL, "lookup-found",
	     s->lookup_found.n > 0);
	pair(v, "lookup-found", s->lookup_found.n > 0, "lookup-url",
	     s->lookup_url != NULL);
	pair(v, "lookup-id", s->lookup_id != NULL, "lookup-url",
	     s->lookup_url != NULL);
	pair(v, "then-url", s->then.url != NULL, "then-template",
	     s->then.template != NULL);
	/* who was killed before what follows learns the id by it alone */
	pair(v, "then-url", s->then.url && s->duplicate_status && s->id_json,
	     "lookup-url", s->lookup_url != NULL);
	pair(v, "then-template", s->then.template != NULL, "then-url",
	     s->then.url != NULL);
	pair(v, "then-ok-json", s->then_ok_json.n > 0, "then-url",
	     s->then.url != NULL);
}

static void look_at_change(struct view *v)
{
	const struct sink *s = v->s;
	bool change = s->per == SINK_PER_CHANGE;

	pair(v, "per", change, "format = template", s->format == SINK_TEMPLATE);
	pair(v, "per", change, "id-json", s->id_json != NULL);
	pair(v, "per", change, "lookup-url", s->lookup_url != NULL);
	pair(v, "per", change, "lookup-id", s->lookup_id != NULL);
	pair(v, "per", change, "comment-url", s->comment.url != NULL);
	pair(v, "per", change, "comment-template", s->comment.template != NULL);
	pair(v, "per", change, "comment-lookup-url",
	     s->comment_lookup_url != NULL);
	pair(v, "per", change, "comment-lookup-found",
	     s->comment_lookup_found.n > 0);
	pair(v, "comment-url", s->comment.url != NULL, "per = change", change);
	pair(v, "comment-ok-json", s->comment_ok_json.n > 0, "comment-url",
	     s->comment.url != NULL);
	pair(v, "open", s->opens.n > 0, "per = change", change);
	pair(v, "ticket-pattern", change && s->ticket_pattern, "ticket-url",
	     s->ticket_url != NULL);
	pair(v, "ticket-pattern", s->ticket_pattern && !s->ticket_url,
	     "format = template", s->format == SINK_TEMPLATE);
	if (s->ticket_pattern && s->batch_max > 1)
		say(v, "batch-max", "each record may have another ticket");
	pair(v, "ticket-url", s->ticket_url != NULL, "ticket-pattern",
	     s->ticket_pattern != NULL);
	pair(v, "upload-url", s->upload_url != NULL, "upload-id",
	     s->upload_id != NULL);
	if (change && s->then.url)
		say(v, "then-url", "per = change comments instead");
}

static uint64_t names_in(const char *text)
{
	struct template t;
	uint64_t uses = 0;

	if (!template_parse(&t, span_str(text), TEMPLATE_IN_ADDRESS, NULL))
		uses = t.uses;
	template_release(&t);
	return uses;
}

/* What asks for one of many must say for which, here or in the conditions that
 * the answer has to meet: else any will do. */
static void must_name(struct view *v, const char *key, const char *url,
		      const struct option_list *conditions,
		      enum template_name name)
{
	char text[160];
	uint64_t uses;

	if (!url)
		return;
	uses = names_in(url);
	for (size_t i = 0; i < conditions->n; i++)
		uses |= names_in(conditions->v[i]);
	if (uses >> name & 1)
		return;
	snprintf(text, sizeof(text),
		 "does not name ${%s}, so its answer is the same for all",
		 template_word(name));
	say(v, key, text);
}

static void look_at_questions(struct view *v)
{
	const struct sink *s = v->s;

	must_name(v, "ticket-url", s->ticket_url, &s->ticket_found,
		  TEMPLATE_TICKET);
	must_name(v, "lookup-url", s->lookup_url, &s->lookup_found,
		  s->per == SINK_PER_CHANGE ? TEMPLATE_CHANGE_KEY
					    : TEMPLATE_ID);
	must_name(v, "comment-lookup-url", s->comment_lookup_url,
		  &s->comment_lookup_found, TEMPLATE_ID);
}

/* Every ${var.NAME} is given. */
static void look_at_vars(struct view *v, const char *key,
			 const struct template *t)
{
	char text[160];
	struct span value;

	for (size_t i = 0; i < t->n; i++) {
		const struct template_part *part = &t->parts[i];

		if (part->name != TEMPLATE_VAR ||
		    sink_var_find(&v->s->vars, part->text, &value))
			continue;
		snprintf(text, sizeof(text),
			 "has ${var.%.*s}, and there is no var = %.*s ...",
			 (int)(part->text.n > 32 ? 32 : part->text.n),
			 part->text.p,
			 (int)(part->text.n > 32 ? 32 : part->text.n),
			 part->text.p);
		say(v, key, text);
		return;
	}
}

static void look_at_text(struct view *v, const char *key, const char *text,
			 enum template_place place)
{
	struct template t;

	if (!text || v->rc)
		return;
	if (!template_parse(&t, span_str(text), place, NULL))
		look_at_vars(v, key, &t);
	template_release(&t);
}

static void look_at_texts(struct view *v)
{
	const struct sink *s = v->s;
	const struct {
		const char *key, *text;
	} urls[] = {{"url", s->url},
		    {"post-url", s->post_url},
		    {"lookup-url", s->lookup_url},
		    {"then-url", s->then.url},
		    {"ticket-url", s->ticket_url},
		    {"comment-url", s->comment.url},
		    {"comment-lookup-url", s->comment_lookup_url},
		    {"upload-url", s->upload_url}};

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		look_at_text(v, urls[i].key, urls[i].text, TEMPLATE_IN_ADDRESS);
	for (size_t i = 0; i < s->headers.n; i++)
		look_at_text(v, "header", s->headers.v[i], TEMPLATE_IN_HEADER);
}

/* What is asked of a ticket needs the answer that shows it. */
static void look_at_ticket(struct view *v)
{
	const struct sink *s = v->s;
	bool asked = s->ticket_url != NULL;

	pair(v, "ticket-found", s->ticket_found.n > 0, "ticket-url", asked);
	pair(v, "ticket-id", s->ticket_id != NULL, "ticket-url", asked);
	pair(v, "ticket-state", s->ticket_state != NULL, "ticket-url", asked);
	pair(v, "ticket-approved", s->ticket_approved.n > 0, "ticket-url",
	     asked);
	pair(v, "ticket-window-start", s->ticket_window_start != NULL,
	     "ticket-url", asked);
	pair(v, "ticket-window-end", s->ticket_window_end != NULL, "ticket-url",
	     asked);
	pair(v, "ticket-backout", s->ticket_backout != NULL, "ticket-url",
	     asked);
	pair(v, "ticket-repository", s->ticket_repository != NULL, "ticket-url",
	     asked);
}

static void look_at_file(struct view *v, const char *key, const char *path,
			 enum template_place place)
{
	struct template t;
	struct err why = {0};
	int rc;

	if (!path || v->rc)
		return;
	rc = template_read(&t, path, place, &why);
	if (!rc)
		look_at_vars(v, key, &t);
	template_release(&t);
	if (rc == ERR_MEMORY)
		v->rc = err_nomem(v->l->e);
	else if (rc)
		say(v, key, why.msg);
}

int loader_resolve_sink(struct loader *l, const struct sink *sink)
{
	struct view v = {
		.l = l, .i = loader_find(l, "sink", sink->name), .s = sink};
	bool whole = l->flags & POLICY_SINKS;

	if (sink->ready && !whole)
		return 0;
	look_at_secrets(&v);
	look_at_batches(&v);
	look_at_steps(&v);
	look_at_change(&v);
	look_at_ticket(&v);
	look_at_questions(&v);
	if (!(l->flags & POLICY_SINK_FILES))
		return v.rc;
	look_at_texts(&v);
	look_at_file(&v, "body-template",
		     sink->format == SINK_TEMPLATE ? sink->body_template : NULL,
		     sink->per == SINK_PER_CHANGE ? TEMPLATE_IN_FOLLOWING
						  : TEMPLATE_IN_BODY);
	look_at_file(&v, "then-template", sink->then.template,
		     TEMPLATE_IN_FOLLOWING);
	look_at_file(&v, "comment-template", sink->comment.template,
		     TEMPLATE_IN_FOLLOWING);
	return v.rc;
}
