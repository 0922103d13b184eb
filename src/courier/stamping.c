/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/stamping.h"

#include <stdio.h>

#include "ledger/timestamp.h"
#include "sys/files.h"

int stamping_open(const struct timestamp *s, struct http_target *target,
		  struct http **out, struct err *e)
{
	target->url = s->url;
	target->ca_file = s->ca_file;
	target->seconds = s->timeout;
	target->plain = true;
	return http_new(out, target, e);
}

/* Whoever can write that file can vouch for any time. */
static int check(const struct anchoring *a, const struct buf *request,
		 const struct http_answer *answer, struct err *e)
{
	struct buf ca = BUF_INIT(TIMESTAMP_MAX_CA);
	int64_t ms;
	int rc = file_read_trusted(a->stamper->ca, 0, &ca, e);

	if (!rc)
		rc = timestamp_check_response(
			span_of(request->data, request->len),
			span_of(answer->body.data, answer->body.len),
			span_of(ca.data, ca.len), &ms, e);
	buf_release(&ca);
	return rc;
}

static int take(struct anchoring *a, const struct buf *note,
		const struct buf *request, const struct http_answer *answer,
		struct anchoring_try *t, struct err *e)
{
	int rc;

	t->status = answer->status;
	t->retry_after = answer->retry_after;
	if (answer->status != 200) {
		snprintf(t->why, sizeof(t->why), "%s", answer->error);
		return 0;
	}
	rc = check(a, request, answer, e);
	if (rc == ERR_MALFORMED || rc == ERR_DENIED) {
		snprintf(t->why, sizeof(t->why), "its time stamp %.900s",
			 e->msg);
		return 0;
	}
	if (!rc)
		rc = anchor_put_stamp(
			a->ledger, a->stamper->name,
			span_of(note->data, note->len),
			span_of(answer->body.data, answer->body.len), e);
	t->done = !rc;
	return rc;
}

int stamping_ask(struct anchoring *a, struct http *http,
		 const struct checkpoint_note *c, struct anchoring_try *t,
		 struct err *e)
{
	static const char *const headers[] = {
		"Content-Type: application/timestamp-query",
		"Accept: application/timestamp-reply"};
	struct buf request = BUF_INIT(TIMESTAMP_MAX_REQUEST);
	struct buf note = BUF_INIT(NOTE_MAX);
	struct http_answer answer;
	int rc;

	http_answer_init(&answer);
	anchor_own_note(c, &note);
	rc = buf_ok(&note) ? timestamp_request(span_of(note.data, note.len),
					       &request, e)
			   : err_nomem(e);
	if (!rc)
		rc = http_post(http, span_of(request.data, request.len),
			       headers, 2, &answer, e);
	if (!rc)
		rc = take(a, &note, &request, &answer, t, e);
	http_answer_release(&answer);
	buf_release(&note);
	buf_release(&request);
	return rc;
}
