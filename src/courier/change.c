/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/change.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"

bool change_take_word(const char *text, char out[CHANGE_KEY_SIZE])
{
	struct span s;

	*out = '\0';
	if (!text)
		return false;
	s = span_trim(span_str(text));
	if (s.n && *s.p == '#')
		s = span_of(s.p + 1, s.n - 1);
	/* a word of dots would be a way up, in a URL */
	if (!s.n || s.n > CHANGE_MAX_KEY || !ascii_alnum(*s.p))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && !strchr("._-", s.p[i]))
			return false;
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

bool change_fits(const char *pattern, const char *named,
		 char out[CHANGE_KEY_SIZE])
{
	char whole[600], part[CHANGE_KEY_SIZE];
	regmatch_t m[3];
	regex_t compiled;
	bool fits;
	int group;

	if (snprintf(whole, sizeof(whole), "^(%s)$", pattern) >=
		    (int)sizeof(whole) ||
	    regcomp(&compiled, whole, REG_EXTENDED))
		return false;
	fits = !regexec(&compiled, named, 3, m, 0);
	group = compiled.re_nsub > 1 ? 2 : 1;
	regfree(&compiled);
	if (!fits || m[group].rm_so < 0)
		return false;
	snprintf(part, sizeof(part), "%.*s",
		 (int)(m[group].rm_eo - m[group].rm_so),
		 named + m[group].rm_so);
	return change_take_word(part, out);
}

bool change_named(const struct about *a, const struct sink *sink,
		  char out[CHANGE_KEY_SIZE])
{
	yyjson_val *ticket = yyjson_ptr_get(about_decision(a), "/tickets/0");
	char word[CHANGE_KEY_SIZE];

	*out = '\0';
	return change_take_word(about_text(ticket, "id"), word) &&
	       change_fits(sink->ticket_pattern, word, out);
}

static bool is_gated(yyjson_val *ref)
{
	return yyjson_arr_size(yyjson_obj_get(ref, "gates")) > 0;
}

static yyjson_val *first_gated(yyjson_val *decision)
{
	yyjson_val *refs = yyjson_obj_get(decision, "refs"), *ref;
	size_t i, n;

	yyjson_arr_foreach(refs, i, n, ref) if (is_gated(ref)) return ref;
	return NULL;
}

static void add_part(struct buf *out, const char *text)
{
	buf_adds(out, text ? text : "");
	buf_addch(out, '\0');
}

/* The ref's own digest is there where a rule asked for it. Those of its
 * commits survive a reword and a rebase, too; of one commit it is the same. */
static void add_digest(struct buf *out, yyjson_val *decision, yyjson_val *ref)
{
	yyjson_val *list = yyjson_obj_get(decision, "changes"), *change;
	const char *whole = about_text(ref, "digest");
	size_t i, n, before = out->len;

	if (whole) {
		add_part(out, whole);
		return;
	}
	yyjson_arr_foreach(list, i, n, change)
	{
		if (yyjson_equals(yyjson_obj_get(change, "ref"),
				  yyjson_obj_get(ref, "name")))
			add_part(out, about_text(change, "digest"));
	}
	if (out->len == before)
		add_part(out, about_text(ref, "new"));
}

/* By what is pushed, not by who pushes it or how often. */
static int key_by_digest(yyjson_val *decision, yyjson_val *ref,
			 char out[CHANGE_KEY_SIZE], struct err *e)
{
	struct buf bytes = BUF_INIT(LEDGER_MAX_RECORD);
	const char *target = about_text(ref, "real");
	char hex[SHA256_HEX_SIZE];
	int rc = 0;

	add_part(&bytes, about_text(decision, "repository"));
	add_part(&bytes, target ? target : about_text(ref, "name"));
	add_digest(&bytes, decision, ref);
	if (buf_ok(&bytes)) {
		sha256_hex(bytes.data, bytes.len, hex);
		snprintf(out, CHANGE_KEY_SIZE, "gp-%.*s", CHANGE_DIGEST_DIGITS,
			 hex);
	} else {
		rc = err_nomem(e);
	}
	buf_release(&bytes);
	return rc;
}

/* A ref that moved and is gated. */
static bool has_landed(const struct about *a, yyjson_val *decision)
{
	yyjson_val *moved = yyjson_obj_get(about_root(a), "refs"), *one, *ref;
	size_t i, n, k, m;

	yyjson_arr_foreach(moved, i, n, one) yyjson_arr_foreach(
		yyjson_obj_get(decision, "refs"), k, m,
		ref) if (is_gated(ref) &&
			 yyjson_equals(
				 yyjson_obj_get(one, "name"),
				 yyjson_obj_get(ref, "name"))) return true;
	return false;
}

static enum change_event event_of(const struct about *a, yyjson_val *decision)
{
	const char *kind = a->head.kind;
	const char *verdict = about_text(decision, "verdict");

	if (!strcmp(kind, "emergency"))
		return yyjson_equals_str(yyjson_obj_get(about_root(a), "state"),
					 "open")
			       ? CHANGE_EMERGENCY
			       : CHANGE_NEWS;
	if (!strcmp(kind, "ticket"))
		return yyjson_equals_str(
			       yyjson_obj_get(about_root(a), "lookup"),
			       "refused")
			       ? CHANGE_NEWS
			       : CHANGE_NOTHING;
	if (!strcmp(kind, "outcome"))
		return has_landed(a, decision) ? CHANGE_LANDED : CHANGE_NOTHING;
	if (!strcmp(kind, "decision") && verdict &&
	    (!strcmp(verdict, "reject") || !strcmp(verdict, "error")))
		return CHANGE_REFUSED;
	return CHANGE_NOTHING;
}

int change_of(const struct about *a, struct ledger *l, struct change *out,
	      struct err *e)
{
	yyjson_val *decision = about_decision(a), *ref, *ticket;
	char emergency[ABOUT_MAX_TICKET];
	int rc;

	memset(out, 0, sizeof(*out));
	ref = first_gated(decision);
	if (!ref)
		return 0;
	out->event = event_of(a, decision);
	if (!out->event)
		return 0;
	ticket = yyjson_ptr_get(decision, "/tickets/0");
	change_take_word(about_text(ticket, "id"), out->named);
	if (*out->named)
		memcpy(out->key, out->named, sizeof(out->key));
	else if ((rc = key_by_digest(decision, ref, out->key, e)) != 0)
		return rc;
	rc = about_emergency(a, l, emergency, e);
	if (!rc && *emergency && !*out->named)
		change_take_word(emergency, out->named);
	return rc;
}
