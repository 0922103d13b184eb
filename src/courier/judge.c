/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/judge.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int take_set(struct status_set *out, const char *text, struct err *e)
{
	*out = (struct status_set){0};
	return text ? status_set_parse(out, span_str(text), e) : 0;
}

int judge_init(struct judge *j, const struct sink *sink, struct err *e)
{
	int rc = take_set(&j->ok, sink->ok_status ? sink->ok_status : "200-299",
			  e);

	j->sink = sink;
	if (!rc)
		rc = take_set(&j->duplicate, sink->duplicate_status, e);
	if (!rc)
		rc = take_set(&j->permanent, sink->permanent_status, e);
	return rc;
}

bool judge_is_ok(const struct judge *j, const struct http_answer *a)
{
	return status_set_has(&j->ok, a->status);
}

/* `the endpoint answered 200, but WHAT TEXT` */
static void explain(struct http_answer *a, const char *what, const char *text)
{
	struct buf line = BUF_INIT(HTTP_MAX_ERROR - 1);

	buf_addf(&line, "the endpoint answered %ld, but %s", a->status, what);
	text_add_printable(&line, span_str(text), HTTP_MAX_DETAIL);
	memcpy(a->error, line.data, line.len + 1);
	buf_release(&line);
}

static int parse_condition(const char *text, struct values *v,
			   struct buf *rendered, struct predicate *p,
			   struct err *e)
{
	int rc = values_render_text(text, TEMPLATE_IN_ADDRESS, v, rendered, e);

	return rc ? rc
		  : predicate_parse(p, span_of(rendered->data, rendered->len),
				    e);
}

int judge_conditions(struct http_answer *a, const struct option_list *all,
		     struct values *v, struct items_held *items, bool *hold,
		     struct err *e)
{
	struct answer_json json;
	int rc;

	*hold = true;
	if (!all->n)
		return 0;
	rc = answer_json_parse(&json, span_of(a->body.data, a->body.len), e);
	for (size_t i = 0; !rc && i < all->n; i++) {
		struct buf text = BUF_INIT(2 * PREDICATE_MAX);
		struct predicate p;

		rc = parse_condition(all->v[i], v, &text, &p, e);
		if (!rc && !holds_for_all(&p, &json, items)) {
			*hold = false;
			explain(a, json.n ? "not with " : "with no JSON",
				json.n ? all->v[i] : "");
		}
		buf_release(&text);
	}
	answer_json_release(&json);
	return rc;
}

bool judge_take_id(const struct http_answer *a, const char *pointer,
		   enum template_name name, struct values *v)
{
	struct buf id = BUF_INIT(TEMPLATE_MAX_POINTER);
	struct answer_json json;
	bool got = false;

	if (!answer_json_parse(&json, span_of(a->body.data, a->body.len),
			       NULL)) {
		got = answer_json_text(&json, pointer, &id) &&
		      !values_set(v, name, span_of(id.data, id.len), NULL);
		answer_json_release(&json);
	}
	buf_release(&id);
	return got;
}

static bool any_apart(const struct items_held *items)
{
	size_t failed = 0;

	for (size_t i = 0; items->apart && i < items->n; i++)
		failed += items->failed[i];
	return failed > 0;
}

/* The status is good; is the body? */
static int judge_body(const struct judge *j, struct http_answer *a,
		      struct values *v, uint64_t attempts,
		      struct judgement *out, struct err *e)
{
	const char *pointer = j->sink->id_json;
	bool hold;
	int rc = judge_conditions(a, &j->sink->ok_json, v, &out->items, &hold,
				  e);

	if (rc)
		return rc;
	if (!hold) {
		out->answer =
			attempts >= SUSPECT_OTHER || any_apart(&out->items)
				? ANSWER_SUSPECT
				: ANSWER_RETRY;
	} else if (pointer &&
		   !judge_take_id(a, pointer, TEMPLATE_REMOTE_ID, v)) {
		explain(a, "without the id that id-json names", "");
		out->answer = ANSWER_RETRY;
	} else {
		out->answer = ANSWER_DELIVERED;
	}
	return 0;
}

int judge_post(const struct judge *j, struct http_answer *a, struct values *v,
	       uint64_t attempts, struct judgement *out, struct err *e)
{
	out->duplicate = status_set_has(&j->duplicate, a->status);
	if (out->duplicate) {
		out->answer = ANSWER_DELIVERED;
		return 0;
	}
	if (judge_is_ok(j, a))
		return judge_body(j, a, v, attempts, out, e);
	if (status_set_has(&j->permanent, a->status))
		out->answer = ANSWER_SUSPECT;
	else if (a->status >= 200 && a->status <= 299)
		out->answer = ANSWER_RETRY;
	else
		out->answer = answer_of(a->status, attempts);
	return 0;
}

int judge_found(const struct judge *j, struct http_answer *a,
		const struct option_list *found, const char *pointer,
		struct values *v, struct err *e)
{
	struct answer_json json;
	bool some = false;
	int rc;

	if (!judge_is_ok(j, a))
		return err_set(e, ERR_MALFORMED, "%s", a->error);
	rc = answer_json_parse(&json, span_of(a->body.data, a->body.len), e);
	if (!rc && !json.n) {
		explain(a, "with no JSON", "");
		rc = err_set(e, ERR_MALFORMED, "%s", a->error);
	}
	for (size_t i = 0; !rc && i < found->n && !some; i++) {
		struct buf text = BUF_INIT(2 * PREDICATE_MAX);
		struct predicate p;

		rc = parse_condition(found->v[i], v, &text, &p, e);
		some = !rc && holds_for_some(&p, &json);
		buf_release(&text);
	}
	answer_json_release(&json);
	if (rc || !some)
		return rc;
	if (!pointer || judge_take_id(a, pointer, TEMPLATE_REMOTE_ID, v))
		return 1;
	explain(a, "without the id that lookup-id names", "");
	return err_set(e, ERR_MALFORMED, "%s", a->error);
}
