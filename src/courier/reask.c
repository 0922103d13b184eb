/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/reask.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "courier/backoff.h"
#include "courier/reask_record.h"
#include "ledger/json.h"
#include "ledger/lists.h"

/* `next` is saved when it has gone so far, that a restart reads little. */
enum { SAVE_EVERY = 1000, MAX_SECONDS = 10 /* for one answer */ };

bool reask_is_possible(const struct sink *sink)
{
	return sink->ticket_url && sink->ticket_pattern;
}

int64_t reask_until_due(const struct drain *d)
{
	int64_t left = d->asks.next_attempt - time_now_ms();

	if (!d->asks.n)
		return INT64_MAX;
	/* More than we ever wait: the clock was set back. */
	return left < 1 || left > 2 * BACKOFF_MAX_MS ? 1 : left;
}

/* ---- one record ---- */

static int take_words(yyjson_val *root, const char *name,
		      struct option_list *out, struct err *e)
{
	yyjson_val *list = yyjson_obj_get(root, name), *one;
	size_t i, n;
	int rc = 0;

	yyjson_arr_foreach(list, i, n, one)
	{
		if (!rc && i < TICKET_ASK_MAX_STATES && yyjson_is_str(one))
			rc = option_list_add(out, yyjson_get_str(one), 0, e);
	}
	return rc;
}

static bool take_text(yyjson_val *o, const char *name, char *out, size_t size)
{
	struct span text = json_str(o, name);

	if (!text.n || text.n >= size)
		return false;
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	return true;
}

static int make_question(struct drain *d, yyjson_val *root,
			 struct ticket_question *q, struct err *e)
{
	int rc;

	q->seconds =
		d->sink->timeout < MAX_SECONDS ? d->sink->timeout : MAX_SECONDS;
	q->stop = drain_must_stop;
	q->stop_arg = d;
	if (!take_text(root, "repository", q->repository,
		       sizeof(q->repository)) ||
	    !time_parse(json_str(root, "time"), &q->at))
		return err_set(e, ERR_MALFORMED, "it does not say of what");
	rc = take_words(root, "states", &q->states, e);
	return rc ? rc : take_words(root, "require", &q->require, e);
}

/* One that holds is enough; without one, each must have its answer. */
static int ask_all(struct drain *d, yyjson_val *tickets,
		   struct ticket_question *q, struct reask_answer *a,
		   struct err *e)
{
	yyjson_val *one;
	size_t i, n;

	a->outcome = REASK_REFUSED;
	yyjson_arr_foreach(tickets, i, n, one)
	{
		struct reask_ticket *t = &a->tickets[a->n];
		int rc;

		if (a->n == REASK_MAX_TICKETS ||
		    !take_text(one, "id", q->id, sizeof(q->id)))
			continue;
		memcpy(t->id, q->id, sizeof(t->id));
		rc = ticket_ask(q, d->sink, d->log, &t->reply, e);
		if (rc)
			return rc;
		a->n++;
		if (!strcmp(t->reply.code, "verified")) {
			a->outcome = REASK_VERIFIED;
			return 0;
		}
		if (!strcmp(t->reply.code, "unreachable"))
			a->outcome = REASK_NONE;
	}
	if (!a->n)
		a->outcome = REASK_NONE;
	return 0;
}

static int ask_about(struct drain *d, yyjson_val *root, struct reask_answer *a,
		     struct err *e)
{
	struct ticket_question q = {.at = 0};
	yyjson_val *tickets = NULL;
	yyjson_doc *held = NULL;
	int rc = make_question(d, root, &q, e);

	if (!rc)
		rc = ledger_list_load(d->ledger, root, "tickets", &tickets,
				      &held, e);
	if (!rc)
		rc = ask_all(d, tickets, &q, a, e);
	yyjson_doc_free(held);
	ticket_question_release(&q);
	return rc;
}

static void log_answer(struct drain *d, yyjson_val *root,
		       const struct reask_answer *a)
{
	const struct reask_ticket *last = &a->tickets[a->n - 1];
	const char *decision = yyjson_get_str(yyjson_obj_get(root, "decision"));

	if (a->outcome == REASK_VERIFIED)
		admin_log_say(d->log, ADMIN_LOG_INFO,
			      "destination %s: ticket %s of decision %s is "
			      "verified now",
			      d->sink->name, last->id,
			      decision ? decision : "?");
	else
		admin_log_say(d->log, ADMIN_LOG_WARN,
			      "destination %s: decision %s was let in, and its "
			      "ticket %s is refused now: %s",
			      d->sink->name, decision ? decision : "?",
			      last->id, last->reply.why);
}

/* @return 1 answered and recorded, 0 there was no answer, or an error */
static int handle(struct drain *d, const struct ledger_item *item,
		  struct err *e)
{
	struct reask_answer a = {.outcome = REASK_NONE};
	yyjson_doc *doc = NULL;
	int rc = json_parse(&doc, item->json, "record", e);
	yyjson_val *root = yyjson_doc_get_root(doc);

	if (!rc)
		rc = ask_about(d, root, &a, e);
	if (!rc && a.outcome != REASK_NONE) {
		rc = reask_record(d->ledger_dir, root, &a, e);
		if (!rc)
			log_answer(d, root, &a);
		rc = rc ? rc : 1;
	}
	yyjson_doc_free(doc);
	return rc;
}

/* @param gone  the record is not there any more */
static int ask_one(struct drain *d, const struct ask *ask, bool *gone,
		   struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	int rc = ledger_reader_new(&reader, d->ledger, ask->index, e);

	if (!rc) {
		rc = ledger_reader_next(reader, &item, e);
		*gone = rc >= 0 && !(rc && span_is(item.id, ask->id));
		if (*gone)
			rc = err_set(e, ERR_NOT_FOUND, "it is not there");
		else if (rc == 1)
			rc = handle(d, &item, e);
	}
	ledger_reader_free(reader);
	return rc;
}

/* ---- a round ---- */

static void say_trouble(struct drain *d, const struct ask *ask,
			const struct err *e)
{
	admin_log_say(d->log, ADMIN_LOG_WARN,
		      "destination %s: cannot ask again about the ticket of "
		      "record %s: %s",
		      d->sink->name, ask->id, e->msg);
}

static void note_failure(struct asks *a)
{
	uint32_t random = 0;

	a->attempts++;
	if (random_bytes(&random, sizeof(random), NULL))
		random = 0;
	a->next_attempt = time_now_ms() + backoff_ms(a->attempts, random, 0);
	a->changed = true;
}

/* What a round has come to. */
struct tally {
	size_t answered, failed;
	unsigned in_a_row; /* failed */
};

static void ask_first(struct drain *d, bool say, struct tally *t)
{
	struct asks *a = &d->asks;
	struct err e = {0};
	bool gone = false;
	int rc = ask_one(d, &a->v[0], &gone, &e);

	if (rc < 0 && (gone || say))
		say_trouble(d, &a->v[0], &e);
	if (rc == 1 || gone) {
		t->answered += rc == 1;
		t->in_a_row = 0;
		asks_drop(a, 0);
	} else {
		t->failed++;
		t->in_a_row++;
		asks_put_last(a, 0);
	}
}

/* Each at most once. Who gave no answer is asked last the next time, so that
 * one question that a system cannot answer stops no other. While nothing is
 * answered one question a round is enough: deliveries wait for it. */
static void ask_due(struct drain *d)
{
	struct asks *a = &d->asks;
	size_t left = a->n < REASK_MAX_ROUND ? a->n : REASK_MAX_ROUND;
	unsigned most = a->attempts ? 1 : REASK_MAX_FAILURES;
	bool say = !a->attempts;
	struct tally t = {.answered = 0};

	while (left-- > 0 && t.in_a_row < most && !drain_must_stop(d))
		ask_first(d, say, &t);
	if (t.answered)
		a->attempts = 0;
	a->next_attempt = 0;
	if (t.failed && a->n)
		note_failure(a);
}

static int run(struct drain *d, struct err *e)
{
	struct asks *a = &d->asks;
	int rc = asks_read_on(a, d->ledger, d->sink->name, e);

	if (!rc && a->n && reask_until_due(d) <= 1)
		ask_due(d);
	if (!rc && (a->changed || a->next - a->saved >= SAVE_EVERY))
		rc = asks_save(a, d->ledger_dir, d->sink->name, e);
	return rc;
}

void reask_round(struct drain *d)
{
	struct err e = {0};

	if (!reask_is_possible(d->sink))
		return;
	if (run(d, &e))
		admin_log_say(d->log, ADMIN_LOG_WARN,
			      "destination %s: cannot see which tickets are "
			      "to be asked about again: %s",
			      d->sink->name, e.msg);
}
