/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "policy/agents_data.h"
#include "policy/check_value.h"
#include "policy/syntax.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int is_key(const char *value, struct err *e)
{
	const char *c;

	for (c = value; *c; c++)
		if (!ascii_alnum(*c) && *c != '-')
			return err_set(e, ERR_CONFIG,
				       "\"%s\" cannot be a trailer's key",
				       value);
	return 0;
}

static int is_account(const char *value, struct err *e)
{
	uint64_t number;

	if (!text_to_u64(span_str(value), UINT64_MAX, &number))
		return err_set(e, ERR_CONFIG, "\"%s\" is no number", value);
	if (number == 41898282)
		return err_set(e, ERR_CONFIG,
			       "41898282 is GitHub Actions, which commits for "
			       "everybody");
	return 0;
}

static int is_line(const char *value, struct err *e)
{
	if (line_undecorated(span_str(value)).n < 6)
		return err_set(e, ERR_CONFIG,
			       "\"%s\" would be found in ordinary text", value);
	return 0;
}

static int is_url_start(const char *value, struct err *e)
{
	const char *colon = strstr(value, "://");

	if (colon && colon > value && strlen(colon) > 8)
		return 0;
	return err_set(e, ERR_CONFIG, "\"%s\" does not begin a URL", value);
}

/* POSIX, environment variables; no shell is ever asked for another one. */
static int is_variable(const char *value, struct err *e)
{
	const char *c;
	bool ok = *value && !ascii_digit(*value);

	for (c = value; *c; c++)
		ok &= ascii_alnum(*c) || *c == '_';
	if (ok && c - value < AGENTS_MAX_VARIABLE)
		return 0;
	return err_set(e, ERR_CONFIG,
		       "\"%.80s\" cannot be the name of a variable", value);
}

#define KEYS(field) .offset = offsetof(struct agents, field)

static const struct option keys_table[] = {
	{.name = "strong",
	 .type = OPTION_STRINGS,
	 KEYS(strong),
	 .check = is_key,
	 .help = "a trailer that declares an agent"},
	{.name = "weak",
	 .type = OPTION_STRINGS,
	 KEYS(weak),
	 .check = is_key,
	 .help = "one that does so only with a known agent as value"},
	{.name = "person",
	 .type = OPTION_STRINGS,
	 KEYS(people),
	 .check = is_key,
	 .help = "a strong one that also thanks people"},
	{.name = "model",
	 .type = OPTION_STRINGS,
	 KEYS(model_keys),
	 .check = is_key,
	 .help = "one that tells the model of another"},
	{.name = "no",
	 .type = OPTION_STRINGS,
	 KEYS(no),
	 .help = "a value that says that no agent was used"},
	{.name = "yes",
	 .type = OPTION_STRINGS,
	 KEYS(yes),
	 .help = "a value that says that one was, but not which"},
	{.name = "model-name",
	 .type = OPTION_GLOBS,
	 KEYS(models),
	 .help = "a pattern of names of models: lower case, - for blanks"},
};

#define AGENT(field) .offset = offsetof(struct agent_def, field)

static const struct option agent_table[] = {
	{.name = "title",
	 .type = OPTION_STRING,
	 AGENT(title),
	 .required = true,
	 .help = "its name for people"},
	{.name = "email",
	 .type = OPTION_STRINGS,
	 AGENT(emails),
	 .check = value_is_email,
	 .help = "an address that it commits with"},
	{.name = "github-id",
	 .type = OPTION_STRINGS,
	 AGENT(accounts),
	 .check = is_account,
	 .help = "the number before + in its GitHub noreply address"},
	{.name = "name",
	 .type = OPTION_STRINGS,
	 AGENT(names),
	 .help = "a name of it in trailers"},
	{.name = "given-name",
	 .type = OPTION_STRINGS,
	 AGENT(given_names),
	 .help = "the same, where people are called so too"},
	{.name = "author-name",
	 .type = OPTION_STRINGS,
	 AGENT(author_names),
	 .help = "a name of it as author or committer"},
	{.name = "author-suffix",
	 .type = OPTION_STRINGS,
	 AGENT(author_suffixes),
	 .help = "what it puts behind the author's or committer's name"},
	{.name = "line",
	 .type = OPTION_STRINGS,
	 AGENT(lines),
	 .check = is_line,
	 .help = "how a line begins that it leaves in messages"},
	{.name = "session-key",
	 .type = OPTION_STRINGS,
	 AGENT(session_keys),
	 .check = is_key,
	 .help = "a trailer that only it leaves"},
	{.name = "session-url",
	 .type = OPTION_STRINGS,
	 AGENT(session_urls),
	 .check = is_url_start,
	 .help = "how the URL of a session with it begins"},
	{.name = "environment",
	 .type = OPTION_STRINGS,
	 AGENT(environment),
	 .check = is_variable,
	 .help = "a variable in the environment of the commands that it runs"},
	{.name = "suggest",
	 .type = OPTION_STRING,
	 AGENT(suggest),
	 .help = "what to write before `:MODEL` in a trailer"},
	{.name = "dotless",
	 .type = OPTION_BOOL,
	 AGENT(dotless),
	 .fallback = "false",
	 .help = "whether its models are written with - for ."},
};

void agents_free(struct agents *a)
{
	size_t i;

	if (!a)
		return;
	for (i = 0; i < a->n; i++) {
		options_release(agent_table, COUNT(agent_table), &a->v[i]);
		free(a->v[i].id);
	}
	free(a->v);
	options_release(keys_table, COUNT(keys_table), a);
	word_table_release(&a->keys);
	word_table_release(&a->names);
	word_table_release(&a->mails);
	word_table_release(&a->accounts);
	word_table_release(&a->authors);
	free(a->phrases);
	free(a->suffixes);
	free(a->urls);
	free(a);
}

static struct agent_def *find_def(const struct agents *a, const char *id)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!strcmp(a->v[i].id, id))
			return &a->v[i];
	return NULL;
}

const char *agents_title(const struct agents *a, const char *id)
{
	const struct agent_def *def = find_def(a, id);

	return def ? def->title : NULL;
}

int agents_variables(const struct agents *a, agents_variable_fn *fn, void *ctx)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; i < a->n; i++)
		for (k = 0; k < a->v[i].environment.n && !rc; k++)
			rc = fn(ctx, a->v[i].id, a->v[i].environment.v[k]);
	return rc;
}

const char *agents_nearest(const struct agents *a, const char *id)
{
	const char *ids[AGENTS_MAX];
	size_t i;

	for (i = 0; i < a->n; i++)
		ids[i] = a->v[i].id;
	return text_nearest(id, ids, i);
}

static int new_def(struct agents *a, const char *id, struct err *e)
{
	struct agent_def *def;

	if (a->n == AGENTS_MAX)
		return err_set(e, ERR_LIMIT, "more than %d agents", AGENTS_MAX);
	if (array_push(&a->v, a->n, &a->cap, AGENTS_MAX))
		return err_nomem(e);
	def = &a->v[a->n];
	*def = (struct agent_def){.id = span_dup(span_str(id))};
	if (!def->id)
		return err_nomem(e);
	a->n++;
	return options_defaults(agent_table, COUNT(agent_table), def, e);
}

struct filling {
	struct agents *a;
	const struct syntax *s;
	struct policy_mistakes *mistakes;
	struct err *e;
};

static int mistake(struct filling *f, const struct option_place *at,
		   const char *key, const char *text)
{
	if (policy_mistakes_add(f->mistakes, at, "%s: %s", key, text))
		return err_nomem(f->e);
	return 0;
}

static bool option_is_set(const struct option *o, const void *target)
{
	char *text;

	if (o->type != OPTION_STRING)
		return false;
	memcpy(&text, (const char *)target + o->offset, sizeof(text));
	return text != NULL;
}

static int fill_entry(struct filling *f, const struct syntax_entry *entry,
		      const struct option *table, size_t n, void *target)
{
	const struct option *o = option_find(table, n, entry->key);
	struct err why = {0};
	int rc;

	if (!o)
		return mistake(f, &entry->at, entry->key,
			       "there is no such key");
	if (option_is_set(o, target))
		return mistake(f, &entry->at, entry->key, "is given twice");
	rc = option_read(o, entry->value, target, &entry->at, &why);
	if (rc == ERR_MEMORY)
		return err_nomem(f->e);
	return rc ? mistake(f, &entry->at, entry->key, why.msg) : 0;
}

static int open_section(struct filling *f, const struct syntax_section *in)
{
	struct err why = {0};

	if (!strcmp(in->name, "include") ||
	    (!strcmp(in->name, "keys") && !in->sub))
		return 0;
	if (strcmp(in->name, "agent") || !in->sub)
		return mistake(f, &in->at, in->name,
			       "there is [keys] and [agent \"name\"] here, and "
			       "no other section");
	if (value_is_name(in->sub, &why))
		return mistake(f, &in->at, in->name, why.msg);
	return find_def(f->a, in->sub) ? 0 : new_def(f->a, in->sub, f->e);
}

static int fill(struct filling *f)
{
	struct agents *a = f->a;
	size_t i;
	int rc = 0;

	for (i = 0; i < f->s->nsections && !rc; i++)
		rc = open_section(f, &f->s->sections[i]);
	for (i = 0; i < f->s->nentries && !rc; i++) {
		const struct syntax_entry *entry = &f->s->entries[i];
		const struct syntax_section *in =
			&f->s->sections[entry->section];
		struct agent_def *def = in->sub ? find_def(a, in->sub) : NULL;

		if (!strcmp(in->name, "keys") && !in->sub)
			rc = fill_entry(f, entry, keys_table, COUNT(keys_table),
					a);
		else if (!strcmp(in->name, "agent") && def)
			rc = fill_entry(f, entry, agent_table,
					COUNT(agent_table), def);
	}
	return rc;
}

static int take_words(struct filling *f, struct word_table *t,
		      const struct option_list *words, unsigned value,
		      unsigned agent)
{
	const struct option_place at = {f->s->paths[0], 0};
	size_t i;
	int rc = 0;

	for (i = 0; i < words->n && rc >= 0; i++) {
		rc = word_table_add(t, span_str(words->v[i]), value, agent);
		if (rc > 0 &&
		    policy_mistakes_add(f->mistakes, &at,
					"\"%s\" is two agents'", words->v[i]))
			rc = -1;
	}
	return rc < 0 ? err_nomem(f->e) : 0;
}

static int take_phrases(struct filling *f, const struct agent_def *def)
{
	struct agents *a = f->a;
	unsigned agent = (unsigned)(def - a->v);
	size_t i;

	for (i = 0; i < def->lines.n; i++) {
		struct span s = span_str(def->lines.v[i]);
		bool pictured = *s.p & 0x80;

		if (!pictured)
			s = line_undecorated(s);
		if (array_push(&a->phrases, a->nphrases, &a->phrases_cap,
			       AGENTS_MAX_WORDS))
			return err_nomem(f->e);
		a->phrases[a->nphrases++] = (struct agent_phrase){
			.text = s, .pictured = pictured, .agent = agent};
		a->starts[(unsigned char)*s.p] = true;
		a->starts[(unsigned char)*s.p ^ 0x20] |= ascii_alpha(*s.p);
	}
	for (i = 0; i < def->session_urls.n; i++) {
		const char *url = def->session_urls.v[i];

		if (array_push(&a->urls, a->nurls, &a->urls_cap,
			       AGENTS_MAX_WORDS))
			return err_nomem(f->e);
		a->urls[a->nurls++] = (struct agent_phrase){
			.text = span_str(url),
			.scheme = (size_t)(strstr(url, "://") - url),
			.agent = agent};
	}
	for (i = 0; i < def->author_suffixes.n; i++) {
		struct span s = span_str(def->author_suffixes.v[i]);

		if (array_push(&a->suffixes, a->nsuffixes, &a->suffixes_cap,
			       AGENTS_MAX_WORDS))
			return err_nomem(f->e);
		a->suffixes[a->nsuffixes++] =
			(struct agent_phrase){.text = s, .agent = agent};
	}
	return 0;
}

static int index_agent(struct filling *f, const struct agent_def *def)
{
	struct agents *a = f->a;
	unsigned agent = (unsigned)(def - a->v);
	int rc = take_words(f, &a->mails, &def->emails, 1, agent);

	if (!rc)
		rc = take_words(f, &a->accounts, &def->accounts, 1, agent);
	if (!rc)
		rc = take_words(f, &a->names, &def->names, NAME_TOOL, agent);
	if (!rc)
		rc = take_words(f, &a->names, &def->given_names, NAME_GIVEN,
				agent);
	if (!rc)
		rc = take_words(f, &a->authors, &def->author_names, 1, agent);
	if (!rc)
		rc = take_words(f, &a->keys, &def->session_keys, KEY_SESSION,
				agent);
	return rc ? rc : take_phrases(f, def);
}

static int index_all(struct filling *f)
{
	struct agents *a = f->a;
	size_t i;
	int rc = take_words(f, &a->keys, &a->strong, KEY_STRONG, 0);

	if (!rc)
		rc = take_words(f, &a->keys, &a->people,
				KEY_STRONG | KEY_PERSON, 0);
	if (!rc)
		rc = take_words(f, &a->keys, &a->weak, KEY_WEAK, 0);
	if (!rc)
		rc = take_words(f, &a->keys, &a->model_keys, KEY_MODEL, 0);
	if (!rc && word_table_add(&a->keys, span_str("Co-authored-by"),
				  KEY_WEAK | KEY_COAUTHOR, 0))
		rc = err_nomem(f->e);
	if (!rc &&
	    word_table_add(&a->keys, span_str("Signed-off-by"), KEY_SIGNOFF, 0))
		rc = err_nomem(f->e);
	for (i = 0; i < a->n && !rc; i++)
		rc = index_agent(f, &a->v[i]);
	return rc;
}

static int require_titles(struct filling *f)
{
	const struct option_place at = {f->s->paths[0], 0};
	struct agent_def *v = f->a->v;
	size_t i;

	if (!v[0].title)
		v[0].title = span_dup(span_str("an AI tool"));
	if (!v[0].title)
		return err_nomem(f->e);
	for (i = 0; i < f->a->n; i++)
		if (!v[i].title &&
		    policy_mistakes_add(f->mistakes, &at,
					"[agent \"%s\"] needs a title",
					v[i].id))
			return err_nomem(f->e);
	return 0;
}

static int load(struct filling *f, struct syntax *s, const char *path)
{
	int rc = syntax_read(s, path, SYNTAX_TRUSTED, f->mistakes, f->e);

	if (!rc)
		rc = new_def(f->a, AGENTS_OTHER, f->e);
	if (!rc)
		rc = fill(f);
	if (!rc)
		rc = require_titles(f);
	if (!rc)
		rc = index_all(f);
	return rc ? rc : policy_mistakes_error(f->mistakes, f->e);
}

int agents_load(struct agents **out, const char *path, struct buf *normal,
		struct err *e)
{
	struct agents *a = calloc(1, sizeof(*a));
	struct policy_mistakes mistakes = {0};
	struct syntax s = {0};
	struct filling f = {a, &s, &mistakes, e};
	int rc;

	*out = NULL;
	if (!a)
		return err_nomem(e);
	rc = load(&f, &s, path);
	if (!rc && normal)
		syntax_add_normal(&s, normal);
	if (!rc) {
		*out = a;
		a = NULL;
	}
	agents_free(a);
	syntax_release(&s);
	policy_mistakes_release(&mistakes);
	return rc;
}
