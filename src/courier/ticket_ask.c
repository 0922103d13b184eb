/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/ticket_ask.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "courier/holds.h"
#include "courier/sender.h"
#include "courier/ticket_window.h"
#include "policy/pointer.h"

enum {
	MAX_TEXT = 65536, /* bytes of one value that is looked at */
	MAX_STARS = 4,	  /* in a pointer */
	MAX_ELEMENTS = 10000
};

void ticket_question_release(struct ticket_question *q)
{
	option_list_release(&q->states);
	option_list_release(&q->require);
}

static void reply(struct ticket_reply *out, const char *code, const char *fmt,
		  ...) __attribute__((format(printf, 3, 4)));

/* No part of a letter is left at the end: the text would be no UTF-8. */
static void put_why(struct ticket_reply *out, struct span text)
{
	size_t n = text.n;

	if (n >= sizeof(out->why))
		for (n = sizeof(out->why) - 1;
		     n && ((unsigned char)text.p[n] & 0xc0) == 0x80; n--)
			;
	memcpy(out->why, text.p, n);
	out->why[n] = '\0';
}

static void reply(struct ticket_reply *out, const char *code, const char *fmt,
		  ...)
{
	struct buf safe = BUF_INIT(MAX_TEXT);
	char text[2 * TICKET_ASK_REPOSITORY_SIZE];
	va_list ap;

	snprintf(out->code, sizeof(out->code), "%s", code);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_add_printable(&safe, span_str(text), sizeof(text));
	put_why(out, span_of(safe.data, safe.len));
	buf_release(&safe);
}

static bool number_of(const struct ticket_question *q, const struct sink *sink,
		      char out[CHANGE_KEY_SIZE])
{
	char word[CHANGE_KEY_SIZE];

	return change_take_word(q->id, word) &&
	       change_fits(sink->ticket_pattern, word, out);
}

/* ---- what an answer says ---- */

struct looking {
	const struct ticket_question *q;
	const struct sink *sink;
	struct answer_json json;
	struct values v; /* what conditions may name */
	int64_t now;
	struct ticket_reply *out;
};

static bool is_asked(const struct ticket_question *q, const char *what)
{
	return !q->require.n || option_list_has(&q->require, what);
}

/* The policy's reader has seen that it can be read. */
static bool holds(struct looking *k, const char *condition, bool all)
{
	struct buf text = BUF_INIT(2 * PREDICATE_MAX);
	struct predicate p;
	bool good = false;

	if (!values_render_text(condition, TEMPLATE_IN_ADDRESS, &k->v, &text,
				NULL) &&
	    !predicate_parse(&p, span_of(text.data, text.len), NULL))
		good = all ? holds_for_all(&p, &k->json, NULL)
			   : holds_for_some(&p, &k->json);
	buf_release(&text);
	return good;
}

/* A field with another name, or one that is not shown, is not one that is
 * empty: the admin has to look elsewhere. */
static bool lacks(const struct looking *k, const char *code,
		  struct span pointer)
{
	yyjson_val *v = yyjson_doc_get_root(k->json.docs[0]);
	struct span member, name;

	while (pointer.n) {
		struct span part = pointer_part(&pointer);

		if (span_is(part, "*"))
			return false;
		v = answer_json_step(v, part);
		if (!v && pointer_selects(part, &member, &name)) {
			reply(k->out, code, "it has no field %.*s", (int)name.n,
			      name.p);
			return true;
		}
	}
	return false;
}

static bool lacks_at(const struct looking *k, const char *code,
		     const char *pointer)
{
	return pointer && lacks(k, code, span_str(pointer));
}

static bool is_found(struct looking *k)
{
	const struct option_list *found = &k->sink->ticket_found;
	size_t i;

	for (i = 0; i < found->n; i++)
		if (holds(k, found->v[i], false))
			return true;
	return !found->n;
}

static bool is_approved(struct looking *k)
{
	const struct option_list *approved = &k->sink->ticket_approved;
	struct predicate p;
	size_t i;

	for (i = 0; i < approved->n; i++) {
		if (holds(k, approved->v[i], true))
			continue;
		if (predicate_parse(&p, span_str(approved->v[i]), NULL) ||
		    !lacks(k, "state", p.pointer))
			reply(k->out, "state", "it is not approved");
		return false;
	}
	return true;
}

static bool names_it(yyjson_val *v, struct span pointer, unsigned stars,
		     struct span repository);

static bool some_names_it(yyjson_val *list, struct span rest, unsigned stars,
			  struct span repository)
{
	yyjson_arr_iter it;
	yyjson_val *v;
	size_t n = 0;

	if (stars == MAX_STARS || !yyjson_arr_iter_init(list, &it))
		return false;
	while ((v = yyjson_arr_iter_next(&it)) && n++ < MAX_ELEMENTS)
		if (names_it(v, rest, stars + 1, repository))
			return true;
	return false;
}

static bool names_it(yyjson_val *v, struct span pointer, unsigned stars,
		     struct span repository)
{
	while (pointer.n) {
		struct span part = pointer_part(&pointer);

		if (span_is(part, "*"))
			return some_names_it(v, pointer, stars, repository);
		v = answer_json_step(v, part);
	}
	/* a field may have one value or several */
	if (yyjson_is_arr(v))
		return some_names_it(v, pointer, stars, repository);
	return yyjson_is_str(v) &&
	       ticket_names(span_of(yyjson_get_str(v), yyjson_get_len(v)),
			    repository);
}

static bool is_about_repository(const struct looking *k)
{
	const char *pointer = k->sink->ticket_repository;

	if (!pointer ||
	    names_it(yyjson_doc_get_root(k->json.docs[0]), span_str(pointer), 0,
		     span_str(k->q->repository)))
		return true;
	if (!lacks_at(k, "repository", pointer))
		reply(k->out, "repository",
		      "it does not name the repository %s", k->q->repository);
	return false;
}

static void take_state(struct looking *k)
{
	struct buf text = BUF_INIT(MAX_TEXT), safe = BUF_INIT(MAX_TEXT);

	if (k->sink->ticket_state &&
	    answer_json_text(&k->json, k->sink->ticket_state, &text)) {
		text_add_printable(&safe, span_of(text.data, text.len),
				   TICKET_ASK_STATE_SIZE / 4);
		snprintf(k->out->state, sizeof(k->out->state), "%s", safe.data);
	}
	buf_release(&text);
	buf_release(&safe);
}

static bool state_is_allowed(const struct looking *k)
{
	struct buf text = BUF_INIT(MAX_TEXT);
	bool good = !k->q->states.n;

	if (!good && answer_json_text(&k->json, k->sink->ticket_state, &text))
		good = option_list_has(&k->q->states, text.data);
	buf_release(&text);
	return good;
}

/* @return whether there is such a time, or none is asked for */
static bool time_at(const struct looking *k, const char *pointer, bool end,
		    int64_t *ms)
{
	struct buf text = BUF_INIT(MAX_TEXT);
	bool good;

	if (!pointer)
		return true;
	good = answer_json_text(&k->json, pointer, &text) &&
	       ticket_time(span_of(text.data, text.len), end, ms);
	buf_release(&text);
	return good;
}

static bool window_is_open(const struct looking *k)
{
	char at[TIME_RFC3339_SIZE];
	int64_t start = INT64_MIN, end = INT64_MAX;

	if (!time_at(k, k->sink->ticket_window_start, false, &start) ||
	    !time_at(k, k->sink->ticket_window_end, true, &end)) {
		if (!lacks_at(k, "window", k->sink->ticket_window_start) &&
		    !lacks_at(k, "window", k->sink->ticket_window_end))
			reply(k->out, "window", "it has no change window");
		return false;
	}
	if (k->now >= start && k->now <= end) {
		k->out->until = k->sink->ticket_window_end ? end : 0;
		return true;
	}
	time_format(k->now < start ? start : end, at);
	reply(k->out, "window", "its change window %s %.19sZ",
	      k->now < start ? "begins at" : "was over at", at);
	return false;
}

static bool has_backout(const struct looking *k)
{
	struct buf text = BUF_INIT(MAX_TEXT);
	bool good =
		!k->sink->ticket_backout ||
		(answer_json_text(&k->json, k->sink->ticket_backout, &text) &&
		 span_trim(span_of(text.data, text.len)).n);

	/* a plan that is longer than what is looked at is one */
	good |= text.failed;
	buf_release(&text);
	if (!good && !lacks_at(k, "no-backout", k->sink->ticket_backout))
		reply(k->out, "no-backout", "its backout plan is empty");
	return good;
}

/* What would do is said where it fits. */
static void reply_state(const struct looking *k)
{
	struct buf allowed = BUF_INIT(sizeof(k->out->why) / 2);
	size_t i;

	for (i = 0; i < k->q->states.n; i++)
		buf_addf(&allowed, "%s%s", i ? " or " : ", not ",
			 k->q->states.v[i]);
	reply(k->out, "state", "its state is %s%s",
	      *k->out->state ? k->out->state : "not known",
	      buf_ok(&allowed) ? allowed.data : "");
	buf_release(&allowed);
}

/* Each that does not hold says so itself. */
static bool allows(struct looking *k)
{
	if (is_asked(k->q, "repository") && !is_about_repository(k))
		return false;
	if (!state_is_allowed(k)) {
		reply_state(k);
		return false;
	}
	return (!is_asked(k->q, "approval") || is_approved(k)) &&
	       (!is_asked(k->q, "window") || window_is_open(k)) &&
	       (!is_asked(k->q, "backout") || has_backout(k));
}

static void look(struct looking *k)
{
	take_state(k);
	if (!is_found(k))
		reply(k->out, "unknown", "there is no such ticket");
	else if (allows(k))
		reply(k->out, "verified", "%s", "");
}

static void unreachable(struct ticket_reply *out)
{
	reply(out, "unreachable",
	      "the ticketing system gave no answer that can be used");
}

/* So that a condition can ask whether the answer is about that ticket. */
static int name_ticket(struct looking *k, struct err *e)
{
	char number[CHANGE_KEY_SIZE];

	k->v.vars = &k->sink->vars;
	if (!k->sink->ticket_pattern || !number_of(k->q, k->sink, number))
		return 0;
	return values_set(&k->v, TEMPLATE_TICKET, span_str(number), e);
}

int ticket_ask_judge(const struct ticket_question *q, const struct sink *sink,
		     struct span answer, int64_t now, struct ticket_reply *out,
		     struct err *e)
{
	struct looking k = {.q = q, .sink = sink, .now = now, .out = out};
	int rc = answer_json_parse(&k.json, answer, e);

	values_init(&k.v);
	if (!rc)
		rc = name_ticket(&k, e);
	if (!rc && k.json.n == 1)
		look(&k);
	else if (!rc)
		unreachable(out);
	answer_json_release(&k.json);
	values_release(&k.v);
	return rc;
}

/* ---- asking ---- */

/*
 * Whoever names the ticket can choose one that is hidden from us, or fill one
 * until what is said of it is too long: that is no silence of the system,
 * which a policy may accept.
 */
static bool is_hidden(const struct http_answer *a)
{
	return a->long_body || answer_is_for_request(a->status);
}

static void say_trouble(const struct ticket_question *q, const struct sender *s,
			const struct http_answer *a, struct admin_log *log)
{
	admin_log_say(log, ADMIN_LOG_WARN,
		      "destination %s: asked about ticket %s: %s",
		      s->sink->name, q->id,
		      *a->error ? a->error : "the answer is no JSON");
}

/* 404 and 410: there is no such ticket. */
static int judge_answer(const struct ticket_question *q, struct sender *s,
			const struct http_answer *a, struct admin_log *log,
			struct ticket_reply *out, struct err *e)
{
	int rc = 0;

	if (a->status == 404 || a->status == 410) {
		reply(out, "unknown", "there is no such ticket");
		return 0;
	}
	if (is_hidden(a)) {
		reply(out, "unknown", "the ticketing system %s",
		      a->long_body ? "says too much of it"
				   : "does not show it");
		say_trouble(q, s, a, log);
		return 0;
	}
	unreachable(out);
	if (judge_is_ok(&s->judge, a))
		rc = ticket_ask_judge(q, s->sink,
				      span_of(a->body.data, a->body.len),
				      q->at ? q->at : out->asked, out, e);
	if (!rc && !strcmp(out->code, "unreachable"))
		say_trouble(q, s, a, log);
	return rc;
}

static int send_question(const struct ticket_question *q, struct sender *s,
			 const char *number, struct admin_log *log,
			 struct ticket_reply *out, struct err *e)
{
	struct http_answer answer;
	struct values v;
	int rc;

	values_init(&v);
	http_answer_init(&answer);
	rc = values_set(&v, TEMPLATE_TICKET, span_str(number), e);
	if (!rc)
		rc = sender_send(s, SENDER_TICKET, &v, span_of(NULL, 0),
				 &answer, e);
	out->asked = time_now_ms();
	if (!rc)
		rc = judge_answer(q, s, &answer, log, out, e);
	http_answer_release(&answer);
	values_release(&v);
	return rc;
}

/* What a question asks that this sink has no key to tell. */
static int check_keys(const struct ticket_question *q, const struct sink *sink,
		      struct err *e)
{
	static const char *const words[] = {"approval", "backout", "repository",
					    "window"};
	const bool told[] = {sink->ticket_approved.n, sink->ticket_backout,
			     sink->ticket_repository,
			     sink->ticket_window_start ||
				     sink->ticket_window_end};
	size_t i;

	if (!sink->ticket_url || !sink->ticket_pattern)
		return err_set(e, ERR_CONFIG,
			       "sink %s has no ticket-url and ticket-pattern",
			       sink->name);
	if (q->states.n && !sink->ticket_state)
		return err_set(e, ERR_CONFIG, "sink %s has no ticket-state",
			       sink->name);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!told[i] && option_list_has(&q->require, words[i]))
			return err_set(e, ERR_CONFIG,
				       "sink %s has no key that tells the %s "
				       "of a ticket",
				       sink->name, words[i]);
	return 0;
}

int ticket_ask(const struct ticket_question *q, const struct sink *sink,
	       struct admin_log *log, struct ticket_reply *out, struct err *e)
{
	struct sink hurried = *sink;
	char number[CHANGE_KEY_SIZE];
	struct sender *s = NULL;
	int rc = check_keys(q, sink, e);

	memset(out, 0, sizeof(*out));
	out->asked = time_now_ms();
	if (rc)
		return rc;
	if (!number_of(q, sink, number)) {
		reply(out, "unknown", "that system has no such tickets");
		return 0;
	}
	hurried.timeout = q->seconds;
	rc = sender_new(&s, &hurried, q->stop, q->stop_arg, e);
	if (!rc)
		rc = send_question(q, s, number, log, out, e);
	sender_free(s);
	return rc;
}
