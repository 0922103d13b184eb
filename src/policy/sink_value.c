/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/sink_value.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"
#include "policy/check_value.h"
#include "policy/options.h"
#include "policy/pointer.h"
#include "policy/predicate.h"
#include "policy/sink.h"
#include "policy/status_set.h"
#include "policy/template.h"

/* One line: the column alone says where. */
static int check_template(const char *value, enum template_place place,
			  struct err *e)
{
	struct template t;
	int rc = template_parse(&t, span_str(value), place, e);

	template_release(&t);
	return rc;
}

int value_is_sink_base(const char *value, struct err *e)
{
	int rc = value_is_sink_url(value, e);

	return rc ? rc : check_template(value, TEMPLATE_IN_ADDRESS, e);
}

static bool is_url_byte(char c)
{
	return ascii_alnum(c) || (c && strchr("-._~:/?[]@!$&'()*+,;=%{}", c));
}

int value_is_sink_path(const char *value, struct err *e)
{
	if (*value != '/')
		return err_set(e, ERR_CONFIG,
			       "\"%s\" does not begin with `/`: it is appended "
			       "to the sink's url, so that no credentials go "
			       "elsewhere",
			       value);
	for (const char *p = value; *p; p++)
		if (!is_url_byte(*p))
			return err_set(e, ERR_CONFIG,
				       "what is no letter, digit or mark of a "
				       "URL is written %%XX in it");
	return check_template(value, TEMPLATE_IN_ADDRESS, e);
}

int value_is_sink_header(const char *value, struct err *e)
{
	int rc = value_is_header(value, e);

	return rc ? rc : check_template(value, TEMPLATE_IN_HEADER, e);
}

int value_is_media_type(const char *value, struct err *e)
{
	if (strchr(value, '/') && *value != '/')
		return 0;
	return err_set(e, ERR_CONFIG,
		       "\"%s\" is no media type such as application/json",
		       value);
}

/* `"` and `\` stand in no scope. */
static bool is_scope_byte(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

int value_is_scope(const char *value, struct err *e)
{
	size_t n = 0;

	while (is_scope_byte(value[n]))
		n++;
	if (n && !value[n] && n <= SINK_MAX_CLIENT_ID)
		return 0;
	return err_set(e, ERR_CONFIG,
		       "a scope is one line of words with blanks between, "
		       "%d bytes at most",
		       SINK_MAX_CLIENT_ID);
}

int value_is_client_id(const char *value, struct err *e)
{
	size_t n = 0;

	while (value[n] >= ' ' && value[n] <= '~')
		n++;
	if (n && !value[n] && n <= SINK_MAX_CLIENT_ID)
		return 0;
	return err_set(e, ERR_CONFIG,
		       "a client-id is one line of printable ASCII, %d bytes "
		       "at most",
		       SINK_MAX_CLIENT_ID);
}

int value_is_key_id(const char *value, struct err *e)
{
	size_t n = strlen(value);

	if (n > 0 && n <= SINK_MAX_KEY_ID &&
	    strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			  "0123456789._:/@+-") == n)
		return 0;
	return err_set(e, ERR_CONFIG,
		       "\"%s\" is no key's name: 1 to %d letters, digits and "
		       ". _ : / @ + -",
		       value, SINK_MAX_KEY_ID);
}

int value_is_status_set(const char *value, struct err *e)
{
	struct status_set set;

	return status_set_parse(&set, span_str(value), e);
}

int value_is_predicate(const char *value, struct err *e)
{
	struct predicate p;
	int rc = predicate_parse(&p, span_str(value), e);

	return rc ? rc : check_template(value, TEMPLATE_IN_ADDRESS, e);
}

int value_is_pointer(const char *value, struct err *e)
{
	if (*value == '/' && strlen(value) <= TEMPLATE_MAX_POINTER)
		return pointer_check(span_str(value), e);
	return err_set(e, ERR_CONFIG,
		       "\"%s\" is no JSON pointer such as /issue/id", value);
}

int value_is_pin(const char *value, struct err *e)
{
	struct cursor c = cursor_of(value, strlen(value));
	struct buf raw = BUF_INIT(SHA256_SIZE);
	bool good = cursor_literal(&c, "sha256//") &&
		    base64_decode(&raw, span_of(c.p, cursor_left(&c))) &&
		    raw.len == SHA256_SIZE;

	buf_release(&raw);
	return good ? 0
		    : err_set(e, ERR_CONFIG,
			      "a pin is sha256// and the base64 of the SHA-256 "
			      "of a public key (DER)");
}

int value_is_verdict(const char *value, struct err *e)
{
	static const char *const words[] = {"pass", "warn", "reject", "error",
					    NULL};
	int at = option_word(value, words, e);

	return at < 0 ? at : 0;
}

int value_is_opener(const char *value, struct err *e)
{
	static const char *const words[] = {SINK_OPENS_EMERGENCY,
					    SINK_OPENS_LANDING,
					    SINK_OPENS_REFUSAL, NULL};
	int at = option_word(value, words, e);

	return at < 0 ? at : 0;
}

int value_is_ticket_pattern(const char *value, struct err *e)
{
	char whole[512];
	regex_t compiled;
	size_t groups;
	int rc = value_is_pattern(value, e);

	if (rc)
		return rc;
	snprintf(whole, sizeof(whole), "^(%s)$", value);
	if (regcomp(&compiled, whole, REG_EXTENDED))
		return err_set(e, ERR_CONFIG, "\"%s\" cannot be read", value);
	groups = compiled.re_nsub;
	regfree(&compiled);
	return groups <= 2 ? 0
			   : err_set(e, ERR_CONFIG,
				     "one group at most: it is the ticket's "
				     "number");
}
