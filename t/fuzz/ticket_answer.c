/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "courier/oauth.h"
#include "courier/ticket_ask.h"
#include "fuzz.h"
#include "policy/status_set.h"

static void fuzz_statuses(struct span text)
{
	struct status_set set;
	struct err e;

	if (status_set_parse(&set, text, &e))
		return;
	FUZZ_MUST(!status_set_has(&set, 0) && !status_set_has(&set, 199) &&
		  !status_set_has(&set, 600));
}

static void fuzz_token(struct span json)
{
	struct oauth_token token = {.text = NULL};
	struct err e;

	if (!oauth_read_token(&token, json, 1, &e)) {
		FUZZ_MUST(token.text && !strpbrk(token.text, " \r\n\t:"));
		FUZZ_MUST(token.until_us > 0 &&
			  token.until_us <=
				  1 + OAUTH_MAX_SECONDS * INT64_C(1000000));
	}
	oauth_refusal(json);
	oauth_token_release(&token);
}

static bool is_code(const char *code)
{
	static const char *const codes[] = {
		"verified", "unknown",	  "repository", "state",
		"window",   "no-backout", "unreachable"};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (!strcmp(code, codes[i]))
			return true;
	return false;
}

static char *word(const char *text)
{
	return (char *)(uintptr_t)text;
}

static void fuzz_ticket(struct span condition, struct span json)
{
	struct sink sink = {.ticket_pattern = word("#?([0-9]+)"),
			    .ticket_state = word("/state"),
			    .ticket_window_start = word("/start"),
			    .ticket_window_end = word("/end"),
			    .ticket_backout = word("/backout"),
			    .ticket_repository = word("/about/*/name")};
	struct ticket_question q = {.id = "#7", .repository = "a/b"};
	struct ticket_reply r;
	struct err e;
	char *text = span_dup(condition);

	memset(&r, 0, sizeof(r));
	if (text && *text)
		option_list_add(&sink.ticket_found, text, 0, &e);
	option_list_add(&q.states, "Scheduled", 0, &e);
	if (!ticket_ask_judge(&q, &sink, json, time_now_ms(), &r, &e)) {
		FUZZ_MUST(is_code(r.code));
		FUZZ_MUST(text_is_utf8(span_str(r.why)) &&
			  text_is_utf8(span_str(r.state)));
	}
	option_list_release(&sink.ticket_found);
	ticket_question_release(&q);
	free(text);
}

/* A condition, or statuses, a line feed, and what a ticketing system, or one
 * that gives tokens, answered. */
FUZZ(ticket_answer)
{
	struct cursor c = cursor_of(data, size);
	struct span line, json;

	if (!cursor_line(&c, &line) || memchr(line.p, '\0', line.n))
		return;
	json = span_of(c.p, cursor_left(&c));
	fuzz_statuses(line);
	fuzz_token(json);
	fuzz_ticket(line, json);
}
