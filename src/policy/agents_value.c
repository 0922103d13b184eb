/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "policy/agents_data.h"
#include "trust/principals.h"

enum { MAX_MODEL = 96 }; /* bytes; what is longer names no model */

static struct span before(struct span s, const char *at)
{
	return span_trim(span_of(s.p, (size_t)(at - s.p)));
}

static struct span behind(struct span s, const char *at)
{
	return span_trim(span_of(at, (size_t)(s.p + s.n - at)));
}

/*
 * One spelling of models: lower case, `-` for blanks and `_`, nothing in
 * parentheses behind it, nothing before the last `/` (a vendor).
 * @return false when it is no such word
 */
static bool spell_model(struct span text, bool dotless, char out[MAX_MODEL])
{
	const char *at = text.n ? memchr(text.p, '(', text.n) : NULL;
	size_t i;

	if (text.n && memchr(text.p, ':', text.n))
		return false;
	if (at)
		text = before(text, at);
	for (i = text.n; i; i--)
		if (text.p[i - 1] == '/')
			break;
	text = behind(text, text.p + i);
	if (!text.n || text.n >= MAX_MODEL)
		return false;
	for (i = 0; i < text.n; i++) {
		char c = ascii_lower(text.p[i]);

		if (ascii_space(c) || c == '_' || (dotless && c == '.'))
			c = '-';
		out[i] = c;
	}
	out[i] = '\0';
	return true;
}

bool agents_model_matches(const char *glob, const char *model)
{
	char name[MAX_MODEL];
	struct span s = span_str(model);

	return text_glob(glob, model) ||
	       (spell_model(s, false, name) && text_glob(glob, name)) ||
	       (spell_model(s, true, name) && text_glob(glob, name));
}

bool agents_is_model(const struct agents *a, struct span text)
{
	char name[MAX_MODEL];
	size_t i;

	if (!spell_model(text, false, name))
		return false;
	for (i = 0; i < a->models.n; i++)
		if (text_glob(a->models.v[i], name))
			return true;
	return false;
}

const struct agent_def *agent_of_mail(const struct agents *a, struct span mail)
{
	const struct word_slot *slot = word_table_find(&a->mails, mail);
	struct span account;

	if (!slot) {
		account = email_account(mail);
		slot = word_table_find(&a->accounts, account);
	}
	return slot ? &a->v[slot->agent] : NULL;
}

static const struct agent_def *agent_of_name(const struct agents *a,
					     struct span name, unsigned roles)
{
	const struct word_slot *slot =
		word_table_find(&a->names, line_undecorated(name));

	return slot && (slot->value & roles) ? &a->v[slot->agent] : NULL;
}

const struct agent_def *agent_of_tool_name(const struct agents *a,
					   struct span name)
{
	return agent_of_name(a, name, NAME_TOOL);
}

/* The agent whose name is the first words of a text, the longest of them. */
static const struct agent_def *
agent_at_start(const struct agents *a, struct span text, struct span *rest)
{
	size_t n;

	for (n = text.n; n; n--) {
		const struct agent_def *agent;

		if (n < text.n && !ascii_space(text.p[n]))
			continue;
		agent = agent_of_name(a, span_of(text.p, n),
				      NAME_TOOL | NAME_GIVEN);
		if (agent) {
			*rest = behind(text, text.p + n);
			return agent;
		}
	}
	return NULL;
}

/* Names are short: a longer text is not searched for one at its start, which
 * would cost its length squared. */
static struct span start_of(struct span text)
{
	text.n = text.n > 64 ? 64 : text.n;
	return text;
}

static bool in_list(const struct option_list *l, struct span s)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (span_is_nocase(s, l->v[i]))
			return true;
	return false;
}

/* `Model` or `Model` of an agent whose name it starts with. */
static bool read_bare_model(const struct agents *a, struct span text,
			    struct agent_value *out)
{
	struct span rest;

	if (!agents_is_model(a, text))
		return false;
	if (!out->agent)
		out->agent = agent_at_start(a, start_of(text), &rest);
	out->model = text;
	return true;
}

static void read_tool(const struct agents *a, struct span text,
		      struct agent_value *out)
{
	out->tool = text;
	if (!out->agent)
		out->agent = agent_of_name(a, text, NAME_TOOL | NAME_GIVEN);
}

/* The model is one word, unless it is known as several ("AWS Claude Opus
 * 4.6"); other tools may follow it. */
static struct span first_model(const struct agents *a, struct span text)
{
	size_t n = 0;

	while (n < text.n && !ascii_space(text.p[n]))
		n++;
	if (n < text.n && !agents_is_model(a, span_of(text.p, n)) &&
	    agents_is_model(a, text))
		return text;
	return span_of(text.p, n);
}

/* `Tool:model tools…`, `Tool/model`, `Tool (model)`; with `known`, only those
 * of a known tool, since a vendor's name may stand there, too. */
static bool read_pair(const struct agents *a, struct span text, bool known,
		      struct agent_value *out)
{
	size_t n = 0;
	struct span tool, rest;

	while (n < text.n && !memchr(":/(", text.p[n], 3))
		n++;
	if (n == 0 || n == text.n)
		return false;
	tool = before(text, text.p + n);
	rest = behind(text, text.p + n + 1);
	if (known && !agent_of_name(a, tool, NAME_TOOL | NAME_GIVEN))
		return false;
	if (text.p[n] == ':' && span_starts(rest, "//"))
		return false;
	if (text.p[n] == '/' && !known)
		return false;
	if (text.p[n] == '(') {
		if (rest.n && rest.p[rest.n - 1] == ')')
			rest.n--;
		out->model = span_trim(rest);
	} else {
		out->model = first_model(a, rest);
	}
	read_tool(a, tool, out);
	return true;
}

/* `Model via Tool` */
static bool read_via(const struct agents *a, struct span text,
		     struct agent_value *out)
{
	const char *at = text_find_nocase(text, span_str(" via "));

	if (!at)
		return false;
	read_tool(a, behind(text, at + 5), out);
	out->model = before(text, at);
	return true;
}

/* Two or more words of letters, or a word where people are thanked and that
 * is written as a name: `Jane Doe`, `bubbleguuum on github`. */
static bool looks_like_person(struct span text)
{
	size_t i, words = 1;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (ascii_space((char)c))
			words++;
		else if (c < 0x80 && !ascii_alpha((char)c) &&
			 !memchr("-.',", c, 4))
			return false;
	}
	return words > 1;
}

/* `LLM tools…`: what follows a tool's name is lower case, unlike a surname. */
static bool read_first_word(const struct agents *a, struct span text,
			    struct agent_value *out)
{
	const struct agent_def *agent;
	struct span rest;

	agent = agent_at_start(a, start_of(text), &rest);
	if (!agent || (rest.n && *rest.p >= 'A' && *rest.p <= 'Z' &&
		       looks_like_person(text)))
		return false;
	out->agent = agent;
	out->tool = before(text, rest.n ? rest.p : text.p + text.n);
	return true;
}

static void read_text(const struct agents *a, struct span text, unsigned roles,
		      struct agent_value *out)
{
	if (!text.n || in_list(&a->yes, text))
		return;
	if (agent_of_name(a, text, NAME_TOOL | NAME_GIVEN))
		read_tool(a, text, out);
	else if (!read_via(a, text, out) && !read_pair(a, text, true, out) &&
		 !read_bare_model(a, text, out) &&
		 !read_pair(a, text, false, out) &&
		 !read_first_word(a, text, out))
		out->tool = text;
	if (!out->agent && !out->model.n && (roles & KEY_PERSON))
		out->person = looks_like_person(text);
}

/* `Name <mail>` of an address that no agent has. */
static void read_unknown_mail(const struct agents *a, struct span name,
			      struct agent_value *out)
{
	if (read_via(a, name, out) && out->agent)
		return;
	*out = (struct agent_value){.agent = agent_of_name(a, name, NAME_TOOL)};
	if (out->agent)
		out->tool = name;
	else if (!read_bare_model(a, name, out))
		out->person = true;
}

void agent_value_read(const struct agents *a, struct span value, unsigned roles,
		      struct agent_value *out)
{
	const char *open;
	struct span name, mail;

	*out = (struct agent_value){0};
	value = span_trim(value);
	if (in_list(&a->no, value)) {
		out->none = true;
		return;
	}
	open = value.n ? memchr(value.p, '<', value.n) : NULL;
	if (!open) {
		read_text(a, value, roles, out);
		return;
	}
	name = before(value, open);
	mail = behind(value, open + 1);
	if (mail.n && memchr(mail.p, '>', mail.n))
		mail = before(mail, memchr(mail.p, '>', mail.n));
	out->agent = agent_of_mail(a, mail);
	if (!out->agent)
		read_unknown_mail(a, name, out);
	else if (!read_via(a, name, out) && !read_bare_model(a, name, out))
		read_text(a, name, 0, out);
}
