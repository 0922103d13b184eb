/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/check_value.h"

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/options.h"

static bool token_char(char c)
{
	/* RFC 9110, 5.6.2 */
	return ascii_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

int value_is_word(const char *value, struct err *e)
{
	const char *c;

	if (!*value)
		return err_set(e, ERR_CONFIG, "needs a value");
	for (c = value; *c; c++)
		if (ascii_space(*c))
			return err_set(e, ERR_CONFIG, "\"%s\" is not one word",
				       value);
	if (c - value > VALUE_MAX_WORD)
		return err_set(e, ERR_CONFIG, "is longer than %d bytes",
			       VALUE_MAX_WORD);
	return 0;
}

int value_is_name(const char *value, struct err *e)
{
	const char *c;

	for (c = value; *c; c++)
		if (!ascii_alnum(*c) && !strchr("._-@+", *c))
			break;
	if (*c || !ascii_alnum(*value) || strstr(value, ".."))
		return err_set(e, ERR_CONFIG,
			       "\"%s\" is no name: letters, digits and ._-@+, "
			       "beginning with a letter or digit",
			       value);
	if (c - value > VALUE_MAX_WORD)
		return err_set(e, ERR_CONFIG,
			       "this name is longer than %d bytes",
			       VALUE_MAX_WORD);
	return 0;
}

int value_is_owner(const char *value, struct err *e)
{
	static const char role[] = VALUE_ROLE;

	if (!strncmp(value, role, sizeof(role) - 1))
		return value_is_word(value + sizeof(role) - 1, e);
	return value_is_name(value, e);
}

int value_is_email(const char *value, struct err *e)
{
	const char *at = strrchr(value, '@');
	const char *c;

	for (c = value; *c; c++)
		if (ascii_space(*c) || strchr("<>,;", *c))
			break;
	if (*c || !at || at == value || !at[1])
		return err_set(e, ERR_CONFIG, "\"%s\" is no e-mail address",
			       value);
	return 0;
}

/* Variables that mean something to a shell, a loader, git or sshd, or that a
 * client may set; a name that ends in `_` stands for all that begin so. */
static const char *const reserved_vars[] = {
	"PATH",	   "HOME",  "IFS",     "ENV",	"LANG",	  "TERM",
	"DISPLAY", "SHELL", "PWD",     "TZ",	"TMPDIR", "LD_",
	"LC_",	   "GIT_",  "BASH_",   "PS4",	"XDG_",	  "OPENSSL",
	"SSL",	   "CURL_", "MALLOC_", "NODE_", "PERL",	  "PYTHON"};

static bool var_is_reserved(const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(reserved_vars) / sizeof(*reserved_vars); i++) {
		const char *word = reserved_vars[i];
		size_t n = strlen(word);

		if (strncmp(value, word, n) == 0 &&
		    (!value[n] || word[n - 1] == '_'))
			return true;
	}
	return !strcmp(value, "SSH_ORIGINAL_COMMAND") ||
	       !strcmp(value, "HTTP_PROXY");
}

int value_is_pusher_from(const char *value, struct err *e)
{
	const char *c;

	if (!strcmp(value, "uid") || !strcmp(value, PUSHER_FROM_CERTIFICATE))
		return 0;
	for (c = value; *c; c++)
		if (!(*c >= 'A' && *c <= 'Z') && *c != '_' &&
		    !(c > value && ascii_digit(*c)))
			return err_set(e, ERR_CONFIG,
				       "\"%s\" is neither uid nor "
				       "push-certificate nor a variable's "
				       "name (A-Z, 0-9, _)",
				       value);
	if (c - value > VALUE_MAX_WORD || var_is_reserved(value))
		return err_set(e, ERR_CONFIG,
			       "\"%.128s\" can be set by others than this "
			       "server: it cannot say who pushes",
			       value);
	return 0;
}

int value_is_log(const char *value, struct err *e)
{
	if (!strcmp(value, "syslog") || *value == '/')
		return 0;
	return err_set(e, ERR_CONFIG,
		       "\"%s\" is neither syslog nor an absolute path", value);
}

/* A URL's authority behind `scheme`, up to `/`, `?` or `#`; and whether the
 * whole has only bytes that may stand in a URL (RFC 3986, 2). */
static bool url_authority(const char *value, const char *scheme,
			  struct span *out)
{
	size_t n = strlen(scheme);
	const char *c;

	if (!span_is_nocase(span_of(value, strnlen(value, n)), scheme))
		return false;
	for (c = value + n; *c; c++)
		if (*c <= ' ' || *c == 0x7f || strchr("\"<>\\^`{|}", *c))
			return false;
	*out = span_of(value + n, strcspn(value + n, "/?#"));
	return out->n > 0 && *out->p != ':';
}

int value_is_link(const char *value, struct err *e)
{
	struct span authority;

	if (url_authority(value, "https://", &authority) ||
	    url_authority(value, "http://", &authority))
		return 0;
	return err_set(e, ERR_CONFIG, "\"%s\" is no http or https URL", value);
}

/* localhost, 127.0.0.0/8 or [::1], with or without a port. */
static bool host_is_loopback(struct span authority)
{
	struct cursor c = cursor_of(authority.p, authority.n);
	struct span host, part;
	int parts = 0;
	uint64_t n;

	if (cursor_literal(&c, "[::1]"))
		return !cursor_left(&c) || *c.p == ':';
	if (!cursor_until(&c, ':', &host))
		host = authority;
	if (span_is_nocase(host, "localhost"))
		return true;
	c = cursor_of(host.p, host.n);
	for (; cursor_left(&c); parts++) {
		if (!cursor_until(&c, '.', &part))
			cursor_take(&c, cursor_left(&c), &part);
		if (!text_to_u64(part, 255, &n) || (!parts && n != 127))
			return false;
	}
	return parts == 4 && host.p[host.n - 1] != '.';
}

/* @param plain  http leaves this machine, too */
static int check_posting_url(const char *value, bool plain, struct err *e)
{
	struct span authority;
	bool https = url_authority(value, "https://", &authority);

	if (!https && !url_authority(value, "http://", &authority))
		return err_set(e, ERR_CONFIG, "\"%s\" is no https URL", value);
	if (memchr(authority.p, '@', authority.n))
		return err_set(e, ERR_CONFIG,
			       "a URL with a user or password in it would "
			       "show them in logs: use a header");
	if (strchr(value, '#'))
		return err_set(e, ERR_CONFIG,
			       "a URL with a `#` is no place "
			       "to post to");
	if (https || plain || host_is_loopback(authority))
		return 0;
	return err_set(e, ERR_CONFIG,
		       "\"%s\": records leave this machine by https only",
		       value);
}

int value_is_sink_url(const char *value, struct err *e)
{
	return check_posting_url(value, false, e);
}

int value_is_timestamp_url(const char *value, struct err *e)
{
	return check_posting_url(value, true, e);
}

/* Headers that the courier sends itself, or that frame a request. */
static bool header_is_ours(struct span name)
{
	static const char *const ours[] = {"host",
					   "content-type",
					   "content-length",
					   "content-encoding",
					   "transfer-encoding",
					   "connection",
					   "expect",
					   "te",
					   "trailer",
					   "upgrade",
					   "user-agent",
					   "webhook-id",
					   "webhook-timestamp",
					   "webhook-signature"};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (span_is_nocase(name, ours[i]))
			return true;
	return name.n > 3 && span_is_nocase(span_of(name.p, 3), "ce-");
}

int value_is_header(const char *value, struct err *e)
{
	size_t n = 0;

	while (token_char(value[n]))
		n++;
	if (!n || value[n] != ':' || !span_trim(span_str(value + n + 1)).n)
		return err_set(e, ERR_CONFIG, "write `Name: value`");
	if (header_is_ours(span_of(value, n)))
		return err_set(e, ERR_CONFIG,
			       "%.*s is set by the courier itself", (int)n,
			       value);
	return 0;
}

int value_is_record_kind(const char *value, struct err *e)
{
	static const char *const kinds[] = {
		"decision", "outcome",	 "policy",  "install",	 "mode",
		"parked",   "uninstall", "break",   "access",	 "checkpoint",
		"erase",    "hold",	 "release", "retention", "emergency", "waiver",
		"revert",   "ticket",	 NULL};
	int at = option_word(value, kinds, e);

	return at < 0 ? at : 0;
}

int value_is_carry(const char *value, struct err *e)
{
	bool full = span_starts(span_str(value), "refs/");
	const char *part = full ? value + strlen("refs/") : value;

	if (strpbrk(value, " *?[\\^~:") || strstr(value, "..") ||
	    strstr(value, "//") || !*part || *part == '/' || *part == '-' ||
	    part[strlen(part) - 1] == '/')
		return err_set(e, ERR_CONFIG,
			       "\"%s\" names no one ref: write a branch, or a "
			       "full name (refs/...)",
			       value);
	return 0;
}

int value_is_pattern(const char *value, struct err *e)
{
	char whole[512];
	regex_t compiled;

	if (snprintf(whole, sizeof(whole), "^(%s)$", value) >=
	    (int)sizeof(whole))
		return err_set(e, ERR_CONFIG, "this pattern is too long");
	if (regcomp(&compiled, whole, REG_EXTENDED | REG_NOSUB))
		return err_set(e, ERR_CONFIG,
			       "\"%s\" is no extended regular expression",
			       value);
	regfree(&compiled);
	return 0;
}

int value_is_path_glob(const char *value, struct err *e)
{
	struct cursor c = cursor_of(value, strlen(value));
	struct span part;

	if (*value == '/')
		return err_set(e, ERR_CONFIG,
			       "\"%s\": paths begin at the top of the "
			       "repository, without a `/`",
			       value);
	while (cursor_left(&c)) {
		if (!cursor_until(&c, '/', &part))
			cursor_take(&c, cursor_left(&c), &part);
		if (!part.n || span_is(part, ".") || span_is(part, ".."))
			return err_set(e, ERR_CONFIG,
				       "\"%s\" matches no path in a repository",
				       value);
	}
	return 0;
}

int value_is_ref_glob(const char *value, struct err *e)
{
	if (!strncmp(value, "refs/", 5) || !strcmp(value, "**") ||
	    !strncmp(value, "**/", 3) || !strncmp(value, "*/", 2))
		return 0;
	return err_set(e, ERR_CONFIG,
		       "\"%s\" is no full ref name; did you mean "
		       "refs/heads/%s?",
		       value, value);
}

int value_is_when(const char *value, struct err *e)
{
	static const char *const words[] = {"ai-assisted", "merge", "not-merge",
					    "area:NAME", NULL};
	int at;

	if (!strncmp(value, "area:", 5))
		return value_is_name(value + 5, e);
	at = option_word(value, words, e);
	return at < 0 ? at : 0;
}
