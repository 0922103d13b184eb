/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/ask_ticket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "sys/child.h"
#include "sys/files.h"

enum {
	HEAD = 5,		  /* bytes before a ticket's number */
	MAX_QUESTION = 16 * 1024, /* of what the courier reads */
	MAX_REPOSITORY = 1024,
	MAX_REPLY = 4096 /* of what it says */
};

struct asked_ticket {
	const struct rule *rule;
	char id[TICKET_MAX_ID + 2];
	struct ticket_said said;
};

/* ---- on the wire ---- */

static void encode(const struct ticket_said *s, unsigned char *out)
{
	size_t i;

	memset(out, 0, ASK_TICKET_ANSWER);
	out[0] = (unsigned char)s->answer;
	for (i = 0; i < 8; i++)
		out[1 + i] =
			(unsigned char)((uint64_t)s->asked >> (56 - 8 * i));
	memcpy(out + 9, s->state, sizeof(s->state));
	memcpy(out + 9 + sizeof(s->state), s->why, sizeof(s->why));
}

static bool decode(const unsigned char *in, struct ticket_said *s)
{
	uint64_t asked = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		asked = asked << 8 | in[1 + i];
	s->answer = (enum ticket_answer)in[0];
	s->asked = (int64_t)asked;
	memcpy(s->state, in + 9, sizeof(s->state));
	memcpy(s->why, in + 9 + sizeof(s->state), sizeof(s->why));
	return in[0] > TICKET_UNASKED && in[0] < TICKET_N_ANSWERS &&
	       asked <= INT64_MAX && !s->state[TICKET_MAX_STATE] &&
	       !s->why[TICKET_MAX_WHY];
}

/* ---- the judge ---- */

static int ask(const struct asker *a, size_t rule, const char *id,
	       struct ticket_said *out, struct err *e)
{
	unsigned char question[1 + HEAD + TICKET_MAX_ID + 1];
	unsigned char answer[ASK_TICKET_ANSWER];
	size_t n = strlen(id), i;
	int rc;

	question[0] = ASK_TICKET;
	for (i = 0; i < 4; i++)
		question[1 + i] = (unsigned char)(rule >> (24 - 8 * i));
	question[5] = (unsigned char)n;
	memcpy(question + 1 + HEAD, id, n);
	rc = file_write_all(a->fd, question, 1 + HEAD + n, e);
	if (!rc)
		rc = asker_read(a, answer, sizeof(answer), e);
	if (!rc && !decode(answer, out))
		rc = err_set(e, ERR_INTERNAL, "the answer is none");
	return rc;
}

static struct asked_ticket *find_asked(struct asker *a, const struct rule *rule,
				       const char *id)
{
	for (size_t i = 0; i < a->ntickets; i++)
		if (a->tickets[i].rule == rule && !strcmp(a->tickets[i].id, id))
			return &a->tickets[i];
	return NULL;
}

static size_t number_of(const struct asker *a, const struct rule *rule)
{
	return (size_t)(rule - a->rules);
}

int asker_ticket(void *ctx, const struct rule *rule, const char *id,
		 struct ticket_said *out, struct err *e)
{
	struct asker *a = ctx;
	struct asked_ticket *t = find_asked(a, rule, id);
	int rc;

	if (t) {
		*out = t->said;
		return 0;
	}
	if (a->ntickets == TICKET_MAX_ASKED || strlen(id) > TICKET_MAX_ID + 1) {
		out->answer = TICKET_TOO_MANY;
		snprintf(out->why, sizeof(out->why),
			 "more than %d tickets in one push", TICKET_MAX_ASKED);
		return 0;
	}
	if (!a->tickets)
		a->tickets = calloc(TICKET_MAX_ASKED, sizeof(*a->tickets));
	if (!a->tickets)
		return err_nomem(e);
	rc = ask(a, number_of(a, rule), id, out, e);
	if (rc)
		return rc;
	t = &a->tickets[a->ntickets++];
	t->rule = rule;
	memcpy(t->id, id, strlen(id) + 1);
	t->said = *out;
	return 0;
}

/* ---- the parent ---- */

static int read_question(const struct answerer *a, size_t *rule,
			 char id[TICKET_MAX_ID + 2], struct err *e)
{
	unsigned char head[HEAD] = {0};
	int rc = ask_read(a->fd, a->until, head, sizeof(head), e);

	if (rc)
		return rc;
	*rule = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
		(size_t)head[2] << 8 | head[3];
	memset(id, 0, TICKET_MAX_ID + 2);
	if (!head[4] || head[4] > TICKET_MAX_ID + 1)
		return err_set(e, ERR_INTERNAL, "the judge asks for no ticket");
	rc = ask_read(a->fd, a->until, id, head[4], e);
	if (!rc && (strlen(id) != head[4] || !ticket_number(span_str(id)).n))
		rc = err_set(e, ERR_INTERNAL, "the judge asks for no ticket");
	return rc;
}

static void unreachable(struct ticket_said *out, const char *why)
{
	out->answer = TICKET_UNREACHABLE;
	out->asked = time_now_ms();
	snprintf(out->why, sizeof(out->why), "%s", why);
}

/* A name that is lines would be more than one, and could ask for another
 * ticket. Who may make repositories chooses it, so it is no silence. */
static bool can_be_asked(const char *repository)
{
	size_t i;

	for (i = 0; repository[i]; i++)
		if ((unsigned char)repository[i] < ' ')
			return false;
	return i && i <= MAX_REPOSITORY;
}

static int write_question(const struct ticket_answerer *t,
			  const struct ticket_options *o, const char *id,
			  struct buf *out, struct err *e)
{
	size_t i;

	buf_addf(out, "ticket %s\nrepository %s\nseconds %lld\ncache %lld\n",
		 id, t->repository, (long long)o->timeout, (long long)o->cache);
	for (i = 0; i < o->states.n; i++)
		buf_addf(out, "state %s\n", o->states.v[i]);
	for (i = 0; i < o->require.n; i++)
		buf_addf(out, "require %s\n", o->require.v[i]);
	return buf_ok(out) ? 0 : err_nomem(e);
}

static void take_text(yyjson_val *reply, const char *name, char *out,
		      size_t size)
{
	const char *text = yyjson_get_str(yyjson_obj_get(reply, name));

	snprintf(out, size, "%s", text ? text : "");
}

static void take_reply(struct span text, struct ticket_said *out)
{
	yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
	yyjson_val *reply = yyjson_doc_get_root(doc);
	const char *code = yyjson_get_str(yyjson_obj_get(reply, "code"));
	int64_t asked = yyjson_get_sint(yyjson_obj_get(reply, "asked"));

	out->answer = code ? ticket_answer_of(code) : TICKET_UNASKED;
	if (out->answer == TICKET_UNASKED || asked <= 0) {
		unreachable(out, "it could not be looked up; tell the admin");
	} else {
		out->asked = asked;
		take_text(reply, "state", out->state, sizeof(out->state));
		take_text(reply, "why", out->why, sizeof(out->why));
	}
	yyjson_doc_free(doc);
}

static void run_courier(const struct answerer *a,
			const struct ticket_answerer *t,
			const struct ticket_options *o,
			const struct buf *question, struct ticket_said *out)
{
	const char *argv[] = {"courier",       "ticket",  "--policy",
			      a->policy->path, o->lookup, NULL};
	struct buf reply = BUF_INIT(MAX_REPLY);
	struct child_end end = {0};
	const struct child_spec spec = {
		.program = t->courier,
		.argv = argv,
		.input = span_of(question->data, question->len),
		.deadline = t->until,
	};
	int rc = child_run(&spec, &reply, NULL, &end, NULL);

	if (rc == ERR_TIMEOUT)
		unreachable(out, "the ticketing system did not answer in time");
	else if (rc || end.how != CHILD_END_EXIT || end.code)
		unreachable(out, "it could not be looked up; tell the admin");
	else
		take_reply(span_of(reply.data, reply.len), out);
	buf_release(&reply);
}

static int answer(const struct answerer *a, struct ticket_answerer *t,
		  const struct ticket_options *o, const char *id,
		  struct ticket_said *out, struct err *e)
{
	struct buf question = BUF_INIT(MAX_QUESTION);
	int64_t most = o->timeout * 1000, left = deadline_left_ms(a->until);
	int rc;

	if (!can_be_asked(t->repository)) {
		*out = (struct ticket_said){.answer = TICKET_REPOSITORY,
					    .asked = time_now_ms()};
		snprintf(out->why, sizeof(out->why),
			 "nothing can be asked for a repository of this name");
		return 0;
	}
	/* the judge must have time to say what it has found */
	if (most > left / 2)
		most = left / 2;
	if (!t->begun)
		t->until = deadline_in_ms(most);
	t->begun = true;
	if (!deadline_left_ms(t->until)) {
		unreachable(out, "the ticketing system did not answer in time");
		return 0;
	}
	rc = write_question(t, o, id, &question, e);
	if (!rc)
		run_courier(a, t, o, &question, out);
	buf_release(&question);
	return rc;
}

int answerer_ticket(struct answerer *a, struct ticket_answerer *t,
		    struct err *e)
{
	unsigned char wire[ASK_TICKET_ANSWER];
	struct ticket_said said = {.answer = TICKET_UNASKED};
	const struct ticket_options *o = NULL;
	char id[TICKET_MAX_ID + 2];
	size_t rule;
	int rc;

	if (!t->courier || t->n++ >= TICKET_MAX_ASKED)
		return err_set(e, ERR_INTERNAL, "the judge asks too much");
	rc = read_question(a, &rule, id, e);
	if (rc)
		return rc;
	if (rule < a->policy->nrules)
		o = ticket_options_of(&a->policy->rules[rule]);
	if (!o || !o->lookup)
		return err_set(e, ERR_INTERNAL, "the judge asks for no rule");
	rc = answer(a, t, o, id, &said, e);
	if (rc)
		return rc;
	encode(&said, wire);
	return answerer_say(a, wire, sizeof(wire), e);
}
