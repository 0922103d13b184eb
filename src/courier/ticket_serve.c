/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/ticket_serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "courier/http.h"
#include "courier/ticket_cache.h"
#include "sys/files.h"

enum { MAX_QUESTION = 16 * 1024, MAX_SECONDS = 600, MAX_CACHE = 3600 };

static bool take_text(struct span value, char *out, size_t size)
{
	if (!value.n || value.n >= size)
		return false;
	memcpy(out, value.p, value.n);
	out[value.n] = '\0';
	return true;
}

static bool take_number(struct span value, uint64_t max, int64_t *out)
{
	uint64_t n;

	if (!text_to_u64(value, max, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static bool take_word(struct span value, struct option_list *list)
{
	char *copy = span_dup(value);
	bool ok = copy && list->n < TICKET_ASK_MAX_STATES &&
		  !option_list_add(list, copy, 0, NULL);

	free(copy);
	return ok;
}

static bool take_line(struct span line, struct ticket_question *q)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct span word, value;

	if (!cursor_until(&c, ' ', &word))
		return false;
	value = span_of(c.p, cursor_left(&c));
	if (span_is(word, "ticket"))
		return take_text(value, q->id, sizeof(q->id));
	if (span_is(word, "repository"))
		return take_text(value, q->repository, sizeof(q->repository));
	if (span_is(word, "seconds"))
		return take_number(value, MAX_SECONDS, &q->seconds);
	if (span_is(word, "cache"))
		return take_number(value, MAX_CACHE, &q->cache);
	if (span_is(word, "require"))
		return take_word(value, &q->require);
	return span_is(word, "state") && take_word(value, &q->states);
}

static int read_question(int in, struct ticket_question *q, struct err *e)
{
	struct buf text = BUF_INIT(MAX_QUESTION);
	struct cursor c;
	struct span line;
	bool ok = true;
	int rc = file_read_fd(in, "the question", &text, e);

	c = cursor_of(text.data, text.len);
	while (!rc && ok && cursor_line(&c, &line))
		ok = take_line(line, q);
	if (!rc && (!ok || !*q->id || !*q->repository || !q->seconds))
		rc = err_set(e, ERR_MALFORMED, "that is no question");
	buf_release(&text);
	return rc;
}

static int write_reply(const struct ticket_reply *r, int out, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *o = yyjson_mut_obj(doc);
	char *text = NULL;
	int rc;

	yyjson_mut_doc_set_root(doc, o);
	if (o && yyjson_mut_obj_add_str(doc, o, "code", r->code) &&
	    yyjson_mut_obj_add_sint(doc, o, "asked", r->asked) &&
	    yyjson_mut_obj_add_str(doc, o, "state", r->state) &&
	    yyjson_mut_obj_add_str(doc, o, "why", r->why))
		text = yyjson_mut_write(doc, YYJSON_WRITE_NEWLINE_AT_END, NULL);
	rc = text ? file_write_all(out, text, strlen(text), e) : err_nomem(e);
	free(text);
	yyjson_mut_doc_free(doc);
	return rc;
}

static const struct sink *find_sink(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->nsinks; i++)
		if (!strcmp(p->sinks[i].name, name))
			return &p->sinks[i];
	return NULL;
}

static int answer(const struct policy *policy, const struct sink *sink,
		  const struct ticket_question *q, struct ticket_reply *reply,
		  struct err *e)
{
	struct admin_log log = ADMIN_LOG_INIT;
	int rc = http_start(e);

	admin_log_open(&log, "gatepost-courier",
		       strcmp(policy->log, "syslog") ? policy->log : NULL,
		       NULL);
	if (!rc)
		rc = ticket_ask(q, sink, &log, reply, e);
	if (!rc)
		ticket_cache_keep(policy->ledger, sink, q, reply);
	else
		admin_log_say(&log, ADMIN_LOG_ERROR,
			      "destination %s: tickets cannot be looked up: %s",
			      sink->name, e->msg);
	admin_log_close(&log);
	return rc;
}

int ticket_serve(const struct policy *policy, const char *sink, int in, int out,
		 struct err *e)
{
	const struct sink *asked = find_sink(policy, sink);
	struct ticket_question q = {.seconds = 0};
	struct ticket_reply reply = {.asked = 0};
	int rc = read_question(in, &q, e);

	if (!rc && !asked)
		rc = err_set(e, ERR_NOT_FOUND, "there is no sink \"%s\"", sink);
	if (!rc && !ticket_cache_find(policy->ledger, asked, &q, time_now_ms(),
				      &reply))
		rc = answer(policy, asked, &q, &reply, e);
	if (!rc)
		rc = write_reply(&reply, out, e);
	ticket_question_release(&q);
	return rc;
}
