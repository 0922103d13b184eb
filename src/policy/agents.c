/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/agents.h"

#include <string.h>

#include "base/text.h"
#include "policy/agents_data.h"

enum { MAX_DECORATION = 32, MAX_KEY = 64, MAX_URL = 255 };

struct span line_undecorated(struct span line)
{
	size_t i = 0;

	while (i < line.n && i < MAX_DECORATION && !ascii_alnum(line.p[i]))
		i++;
	return span_of(line.p + i, line.n - i);
}

/* As much of `s` as fits, printable. */
static void copy_word(char *out, size_t size, struct span s)
{
	struct buf b = BUF_INIT(size - 1);

	text_add_printable(&b, s, size);
	memcpy(out, b.data, b.len + 1);
	buf_release(&b);
}

static struct agent_seen *see(struct agents_facts *out,
			      const struct agent_def *def,
			      enum agent_place place)
{
	struct agent_seen *seen;
	size_t i;

	for (i = 0; i < out->nseen; i++) {
		if (out->seen[i].id == def->id) {
			out->seen[i].places |= place;
			return &out->seen[i];
		}
	}
	if (out->nseen == AGENTS_MAX_SEEN) {
		out->too_many = true;
		return NULL;
	}
	seen = &out->seen[out->nseen++];
	seen->id = def->id;
	seen->title = def->title;
	seen->places = place;
	seen->model[0] = '\0';
	seen->session[0] = '\0';
	return seen;
}

static void see_model(struct agent_seen *seen, struct span model)
{
	if (seen && !seen->model[0] && model.n)
		copy_word(seen->model, sizeof(seen->model), model);
}

static void see_session(struct agent_seen *seen, struct span session)
{
	if (seen && !seen->session[0] && session.n)
		copy_word(seen->session, sizeof(seen->session), session);
}

/* The agent that an author or committer is. */
static const struct agent_def *agent_of_ident(const struct agents *a,
					      const struct ident *who)
{
	const struct agent_def *def = agent_of_mail(a, who->mail);
	const struct word_slot *slot;
	size_t i;

	if (def)
		return def;
	slot = word_table_find(&a->authors, who->name);
	if (slot)
		return &a->v[slot->agent];
	for (i = 0; i < a->nsuffixes; i++) {
		struct span tail = a->suffixes[i].text;

		if (who->name.n > tail.n &&
		    text_equal_nocase(
			    span_of(who->name.p + who->name.n - tail.n, tail.n),
			    tail))
			return &a->v[a->suffixes[i].agent];
	}
	return NULL;
}

static void examine_ident(const struct agents *a, const struct ident *who,
			  enum agent_place place, struct agents_facts *out)
{
	const struct agent_def *def = agent_of_ident(a, who);
	struct agent_value value;

	if (!def)
		return;
	agent_value_read(a, who->name, 0, &value);
	/* what stands in parentheses behind a person's name is none */
	if (!agents_is_model(a, value.model))
		value.model.n = 0;
	see_model(see(out, def, place), value.model);
}

static void declare(const struct trailer *t, const struct agent_value *v,
		    unsigned roles, struct agents_facts *out)
{
	struct agent_declaration *d;

	if (out->ndeclared == AGENTS_MAX_SEEN) {
		out->too_many = true;
		return;
	}
	d = &out->declared[out->ndeclared++];
	d->trailer = t;
	d->id = v->agent ? v->agent->id : NULL;
	d->none = v->none;
	d->person = v->person;
	d->weak = roles & KEY_WEAK;
	copy_word(d->tool, sizeof(d->tool), v->tool);
	copy_word(d->model, sizeof(d->model), v->model);
}

/* The place that a line with such a key means. */
static enum agent_place place_of(unsigned roles, bool in_block)
{
	if (roles & KEY_COAUTHOR)
		return AGENT_COAUTHOR;
	return in_block ? AGENT_TRAILER : AGENT_BODY;
}

/* Who signs off is an address; a name alone may be a namesake's. Most commits
 * have such a line, so it is not read for shapes. */
static void examine_signoff(const struct agents *a, struct span text,
			    struct agents_facts *out)
{
	const struct agent_def *def;
	struct cursor c = cursor_of(text.p, text.n);
	struct span name, mail;

	if (!cursor_until(&c, '<', &name))
		return;
	if (!cursor_until(&c, '>', &mail))
		cursor_take(&c, cursor_left(&c), &mail);
	def = agent_of_mail(a, span_trim(mail));
	if (!def)
		def = agent_of_tool_name(a, span_trim(name));
	if (def)
		see(out, def, AGENT_SIGNOFF);
}

/* A key that names an agent or, for strong ones, may name none or a person.
 * `t` is NULL for a line that is outside of the trailer block. */
static void examine_named(const struct agents *a, unsigned roles,
			  struct span text, const struct trailer *t,
			  struct agents_facts *out)
{
	enum agent_place place = place_of(roles, t != NULL);
	const struct agent_def *def;
	struct agent_value v;

	agent_value_read(a, text, roles, &v);
	def = v.agent;
	if (t && ((roles & KEY_STRONG) || ((roles & KEY_WEAK) && def)))
		declare(t, &v, roles, out);
	if (!def && (roles & KEY_STRONG) && !v.none && !v.person && !t)
		def = &a->v[0];
	if (def)
		see_model(see(out, def, place), v.model);
}

static void examine_keyed(const struct agents *a, const struct word_slot *key,
			  struct span text, const struct trailer *t,
			  struct agents_facts *out)
{
	if (key->value & KEY_SESSION)
		see_session(see(out, &a->v[key->agent],
				t ? AGENT_TRAILER : AGENT_BODY),
			    span_trim(text));
	if (key->value & KEY_SIGNOFF)
		examine_signoff(a, text, out);
	if (key->value & (KEY_STRONG | KEY_WEAK))
		examine_named(a, key->value, text, t, out);
}

/* `AI-Model: …` beside a declaration that names a tool alone. */
static void examine_model_keys(const struct agents *a, const struct trailers *t,
			       struct agents_facts *out)
{
	size_t i, k;

	for (i = 0; i < t->n && out->ndeclared; i++) {
		const struct word_slot *key =
			word_table_find(&a->keys, t->v[i].key);

		if (!key || !(key->value & KEY_MODEL))
			continue;
		for (k = 0; k < out->ndeclared; k++)
			if (!out->declared[k].model[0] &&
			    !out->declared[k].none && !out->declared[k].person)
				copy_word(out->declared[k].model,
					  AGENTS_MAX_WORD, t->v[i].value);
	}
}

static void examine_trailers(const struct agents *a, const struct trailers *t,
			     struct agents_facts *out)
{
	bool model = false;
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct word_slot *key =
			word_table_find(&a->keys, t->v[i].key);

		if (!key)
			continue;
		model |= key->value & KEY_MODEL;
		examine_keyed(a, key, t->v[i].value, &t->v[i], out);
	}
	if (model)
		examine_model_keys(a, t, out);
}

/* What an agent's own line leaves behind its text: nothing, or a link. */
static bool ends_phrase(struct span rest)
{
	rest = span_trim(rest);
	return !rest.n || (!ascii_alnum(*rest.p) && !(*rest.p & (char)0x80));
}

static bool is_phrase(const struct agent_phrase *phrase, struct span line)
{
	struct span text = phrase->text;

	if (line.n < text.n ||
	    !text_equal_nocase(span_of(line.p, text.n), text))
		return false;
	return phrase->pictured ||
	       ends_phrase(span_of(line.p + text.n, line.n - text.n));
}

static void examine_phrase(const struct agents *a, struct span line,
			   struct agents_facts *out)
{
	size_t i;

	for (i = 0; i < a->nphrases; i++)
		if (is_phrase(&a->phrases[i], line))
			see(out, &a->v[a->phrases[i].agent], AGENT_BODY);
}

/* The key of a line `Key: value`, empty when it is none. */
static struct span key_of_line(struct span line, struct span *value)
{
	size_t n = 0, at;

	while (n < line.n && n <= MAX_KEY &&
	       (ascii_alnum(line.p[n]) || line.p[n] == '-'))
		n++;
	for (at = n; at < line.n && (line.p[at] == ' ' || line.p[at] == '\t');)
		at++;
	if (at == line.n || line.p[at] != ':')
		return span_of(NULL, 0);
	*value = span_of(line.p + at + 1, line.n - at - 1);
	return span_of(line.p, n);
}

static void examine_line(const struct agents *a, struct span line,
			 struct agents_facts *out)
{
	const struct word_slot *key;
	struct span text;

	line = span_trim(line);
	if (line.n && (*line.p & 0x80) && a->starts[(unsigned char)*line.p])
		examine_phrase(a, line, out);
	line = line_undecorated(line);
	if (!line.n)
		return;
	if (a->starts[(unsigned char)*line.p])
		examine_phrase(a, line, out);
	key = word_table_find(&a->keys, key_of_line(line, &text));
	if (key)
		examine_keyed(a, key, text, NULL, out);
}

/* Lines of the message that are not the first line of a trailer. */
static void examine_lines(const struct agents *a, struct span message,
			  const struct trailers *t, struct agents_facts *out)
{
	struct cursor c = cursor_of(message.p, message.n);
	struct span line;
	size_t next = 0;

	while (cursor_line(&c, &line)) {
		/* keys point into the message, in its order */
		if (t && next < t->n && t->v[next].key.p == line.p)
			next++;
		else
			examine_line(a, line, out);
	}
}

static bool ends_url(char c)
{
	return (unsigned char)c <= ' ' || strchr("\"'<>()[]{}`|", c);
}

/* A URL whose `://` is at `at`. */
static void examine_url(const struct agents *a, struct span message,
			const char *at, struct agents_facts *out)
{
	size_t ahead = (size_t)(at - message.p), i, n;

	for (i = 0; i < a->nurls; i++) {
		const struct agent_phrase *u = &a->urls[i];
		struct span s;

		if (ahead < u->scheme)
			continue;
		s.p = at - u->scheme;
		s.n = (size_t)(message.p + message.n - s.p);
		if (s.n < u->text.n ||
		    !text_equal_nocase(span_of(s.p, u->text.n), u->text))
			continue;
		for (n = u->text.n; n < s.n && n < MAX_URL; n++)
			if (ends_url(s.p[n]))
				break;
		see_session(see(out, &a->v[u->agent], AGENT_BODY),
			    span_of(s.p, n));
	}
}

static void examine_urls(const struct agents *a, struct span message,
			 struct agents_facts *out)
{
	struct cursor c = cursor_of(message.p, message.n);
	struct span skipped;

	while (cursor_until(&c, ':', &skipped))
		if (cursor_literal(&c, "//"))
			examine_url(a, message, c.p - 3, out);
}

/* A session of an unnamed tool is that of the named one, if there is any. */
static void drop_other(const struct agents *a, struct agents_facts *out)
{
	bool told = out->nseen > 1;
	size_t i;

	for (i = 0; i < out->ndeclared; i++)
		told |= !out->declared[i].none && !out->declared[i].person;
	for (i = 0; i < out->nseen && told; i++) {
		struct agent_seen *s = &out->seen[i];

		if (s->id != a->v[0].id || (s->places & AGENT_SIGNOFF))
			continue;
		if (out->nseen == 2)
			see_session(&out->seen[1 - i], span_str(s->session));
		memmove(s, s + 1, (out->nseen - i - 1) * sizeof(*s));
		out->nseen--;
		return;
	}
}

void agents_examine(const struct agents *a, const struct commit *c,
		    const struct trailers *t, struct agents_facts *out)
{
	out->nseen = 0;
	out->ndeclared = 0;
	out->too_many = false;
	examine_ident(a, &c->author, AGENT_AUTHOR, out);
	examine_ident(a, &c->committer, AGENT_COMMITTER, out);
	if (t)
		examine_trailers(a, t, out);
	examine_lines(a, c->message, t, out);
	examine_urls(a, c->message, out);
	if (out->nseen)
		drop_other(a, out);
}

static void add_model(struct buf *out, const struct agent_def *def,
		      const char *model)
{
	bool paren = false;

	if (!*model)
		buf_adds(out, "MODEL");
	for (; *model && !paren; model++) {
		char c = ascii_lower(*model);

		paren = c == '(';
		if (c == '.' && def->dotless)
			c = '-';
		if (paren)
			break;
		buf_addch(out, ascii_space(c) ? '-' : c);
	}
	while (out->len && out->data[out->len - 1] == '-')
		buf_truncate(out, out->len - 1);
}

void agents_suggest(const struct agents *a, const struct agent_seen *seen,
		    const char *key, struct buf *out)
{
	const struct agent_def *def = &a->v[0];
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!strcmp(a->v[i].id, seen->id))
			def = &a->v[i];
	if (!strcmp(key, "Co-authored-by") && def->emails.n) {
		buf_addf(out, "%s: %s <%s>", key, def->title, def->emails.v[0]);
		return;
	}
	buf_addf(out, "%s: %s:", key, def->suggest ? def->suggest : "TOOL");
	add_model(out, def, seen->model);
}

bool agents_declare_by(const struct agents *a, const char *key)
{
	const struct word_slot *slot = word_table_find(&a->keys, span_str(key));

	return slot && (slot->value & (KEY_STRONG | KEY_WEAK));
}
