/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "policy/check_value.h"
#include "policy/loader.h"

enum { MAX_INSTANCES = 100000, MAX_SECTIONS_NAMED = 16 };

static void *member(const struct loader *l, size_t offset)
{
	return (char *)l->p + offset;
}

void *loader_target(const struct loader *l, const struct instance *i)
{
	char *array;

	if (!i->desc->has_subsection)
		return l->p;
	memcpy(&array, member(l, i->desc->array), sizeof(array));
	return array + i->position * i->desc->size;
}

/* FNV-1a over the section's address and the name. */
static size_t hash_of(const struct policy_section_desc *desc, const char *name)
{
	uint64_t h = 14695981039346656037ULL ^ (uintptr_t)desc;

	for (; name && *name; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211ULL;
	return (size_t)(h ^ h >> 32);
}

/* The slot where this instance is, or would be; slots hold position + 1. */
static size_t *slot_of(const struct loader *l,
		       const struct policy_section_desc *desc, const char *name)
{
	size_t at = hash_of(desc, name) & (l->nslots - 1);

	for (; l->slots[at]; at = (at + 1) & (l->nslots - 1)) {
		const struct instance *i = &l->instances[l->slots[at] - 1];

		if (i->desc == desc &&
		    (!name || !i->name ? name == i->name
				       : !strcmp(name, i->name)))
			break;
	}
	return &l->slots[at];
}

const struct instance *loader_find(const struct loader *l, const char *section,
				   const char *name)
{
	const struct policy_section_desc *desc = policy_section_find(section);
	size_t at = *slot_of(l, desc, name);

	return at ? &l->instances[at - 1] : NULL;
}

bool loader_has_key(const struct instance *i, const char *key)
{
	const struct option *o = option_find(i->desc->table, i->desc->n, key);

	return o && i->seen[o - i->desc->table].file;
}

/* `rule.NAME.key: ` or what of it there is. */
static void add_label(struct buf *b, const struct instance *i, const char *key)
{
	buf_adds(b, i->desc->section);
	if (i->name)
		buf_addf(b, ".%s", i->name);
	if (key)
		buf_addf(b, ".%s", key);
	buf_adds(b, ": ");
}

/* Fingerprints are written in groups, and in either case. */
static bool same_value(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == ' ')
			a++;
		while (*b == ' ')
			b++;
		if (ascii_lower(*a) != ascii_lower(*b))
			return false;
		if (!*a)
			return true;
	}
}

struct option_place loader_place(const struct loader *l,
				 const struct instance *i, const char *key,
				 const char *value)
{
	const struct syntax *s = &l->p->source;
	const struct option_place *near = &i->at;
	size_t n, mine = (size_t)(i - l->instances);

	for (n = 0; key && n < s->nentries; n++) {
		const struct syntax_entry *entry = &s->entries[n];

		if (l->of_section[entry->section] != mine ||
		    strcmp(entry->key, key))
			continue;
		if (!value || (entry->value && !strcmp(entry->value, value)))
			return entry->at;
		if (near == &i->at && entry->value &&
		    same_value(entry->value, value))
			near = &entry->at;
	}
	return *near;
}

static int say_at(struct loader *l, const struct instance *i, const char *key,
		  const struct option_place *at, const char *text)
{
	struct buf b = BUF_INIT(8192);
	int rc;

	add_label(&b, i, key);
	rc = policy_mistakes_add(l->mistakes, at, "%s%s", b.data, text);
	buf_release(&b);
	return rc ? err_nomem(l->e) : 0;
}

int loader_mistake(struct loader *l, const struct instance *i, const char *key,
		   const char *value, const char *fmt, ...)
{
	struct option_place at = loader_place(l, i, key, value);
	char text[ERR_MAX_MSG];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return say_at(l, i, key, &at, text);
}

static int unknown_section(struct loader *l, const struct syntax_section *s)
{
	const char *names[MAX_SECTIONS_NAMED], *near;
	size_t n, i;
	const struct policy_section_desc *const *all = policy_sections(&n);

	for (i = 0; i < n && i < MAX_SECTIONS_NAMED - 1; i++)
		names[i] = all[i]->section;
	names[i++] = "include";
	near = text_nearest(s->name, names, i);
	if (policy_mistakes_add(l->mistakes, &s->at,
				"there is no section [%s]%s%s%s", s->name,
				near ? "; did you mean [" : "",
				near ? near : "", near ? "]?" : ""))
		return err_nomem(l->e);
	return 0;
}

/* Make room for the struct behind a new instance, and give it defaults. */
static int new_target(struct loader *l, struct instance *i)
{
	const struct policy_section_desc *desc = i->desc;
	size_t *count, *cap;
	char *name, *target;

	if (!desc->has_subsection)
		return 0;
	count = member(l, desc->count);
	cap = member(l, desc->cap);
	if (array_grow(member(l, desc->array), *count, cap, desc->size,
		       MAX_INSTANCES))
		return err_nomem(l->e);
	name = span_dup(span_str(i->name));
	if (!name)
		return err_nomem(l->e);
	i->position = (*count)++;
	target = loader_target(l, i);
	memset(target, 0, desc->size);
	memcpy(target + desc->name, &name, sizeof(name));
	return options_defaults(desc->table, desc->n, target, l->e);
}

static int new_instance(struct loader *l, const struct syntax_section *s,
			const struct policy_section_desc *desc)
{
	struct instance *i;

	if (l->ninstances == MAX_INSTANCES)
		return err_set(l->e, ERR_LIMIT, "more than %d sections",
			       MAX_INSTANCES);
	if (array_push(&l->instances, l->ninstances, &l->instances_cap,
		       MAX_INSTANCES))
		return err_nomem(l->e);
	i = &l->instances[l->ninstances];
	*i = (struct instance){.desc = desc, .name = s->sub, .at = s->at};
	i->seen = arena_alloc(&l->arena, desc->n * sizeof(*i->seen));
	if (!i->seen)
		return err_nomem(l->e);
	*slot_of(l, desc, s->sub) = ++l->ninstances;
	return new_target(l, i);
}

static int name_mistake(struct loader *l, const struct syntax_section *s,
			const struct policy_section_desc *desc, bool *bad)
{
	struct err why = {0};
	int rc = 0;

	*bad = true;
	if (desc->has_subsection && !s->sub)
		rc = policy_mistakes_add(l->mistakes, &s->at,
					 "write [%s \"name\"]", desc->section);
	else if (!desc->has_subsection && s->sub)
		rc = policy_mistakes_add(l->mistakes, &s->at,
					 "[%s] takes no name", desc->section);
	else if (s->sub && value_is_name(s->sub, &why))
		rc = policy_mistakes_add(l->mistakes, &s->at, "%s", why.msg);
	else
		*bad = false;
	return rc ? err_nomem(l->e) : 0;
}

/* Give each section header its instance. */
static int open_section(struct loader *l, size_t n)
{
	const struct syntax_section *s = &l->p->source.sections[n];
	const struct policy_section_desc *desc = policy_section_find(s->name);
	bool bad;
	int rc;

	l->of_section[n] = SIZE_MAX;
	if (!*s->name || !strcmp(s->name, "include") ||
	    !strcmp(s->name, "includeif"))
		return 0; /* the syntax has dealt with them */
	if (!desc)
		return unknown_section(l, s);
	rc = name_mistake(l, s, desc, &bad);
	if (rc || bad)
		return rc;
	if (!*slot_of(l, desc, s->sub)) {
		rc = new_instance(l, s, desc);
		if (rc)
			return rc;
	}
	l->of_section[n] = *slot_of(l, desc, s->sub) - 1;
	return 0;
}

static int open_sections(struct loader *l)
{
	size_t n = l->p->source.nsections, i;
	int rc = 0;

	for (l->nslots = 64; l->nslots < 2 * n; l->nslots *= 2)
		;
	l->slots = arena_alloc(&l->arena, l->nslots * sizeof(*l->slots));
	l->of_section =
		arena_alloc(&l->arena, (n + 1) * sizeof(*l->of_section));
	if (!l->slots || !l->of_section)
		return err_nomem(l->e);
	for (i = 0; i < n && !rc; i++)
		rc = open_section(l, i);
	return rc;
}

/* Read one key whose option is known. `seen` is that option's. */
static int set_key(struct loader *l, const struct instance *i,
		   const struct syntax_entry *entry, const struct option *o,
		   void *target, struct option_place *seen)
{
	struct err why = {0};
	char text[ERR_MAX_MSG];
	int rc;

	if (seen->file && !option_is_many(o)) {
		snprintf(text, sizeof(text), "is given twice, first in %s:%u",
			 seen->file, seen->line);
		return say_at(l, i, o->name, &entry->at, text);
	}
	if (!seen->file)
		*seen = entry->at;
	rc = option_read(o, entry->value, target, &entry->at, &why);
	if (rc == ERR_MEMORY)
		return err_nomem(l->e);
	return rc ? say_at(l, i, o->name, &entry->at, why.msg) : 0;
}

static int unknown_key(struct loader *l, const struct instance *i,
		       const struct syntax_entry *entry, const char *near)
{
	char text[ERR_MAX_MSG];

	snprintf(text, sizeof(text), "there is no such key%s%s%s",
		 near ? "; did you mean " : "", near ? near : "",
		 near ? "?" : "");
	return say_at(l, i, entry->key, &entry->at, text);
}

static bool is_rule(const struct instance *i)
{
	return !strcmp(i->desc->section, "rule");
}

static int read_entry(struct loader *l, const struct syntax_entry *entry)
{
	size_t at = l->of_section[entry->section];
	struct instance *i;
	const struct option *o;

	if (at == SIZE_MAX)
		return 0;
	i = &l->instances[at];
	o = option_find(i->desc->table, i->desc->n, entry->key);
	if (o)
		return set_key(l, i, entry, o, loader_target(l, i),
			       &i->seen[o - i->desc->table]);
	if (is_rule(i))
		return 0; /* perhaps its check's: fill_rule() */
	return unknown_key(
		l, i, entry,
		option_nearest(i->desc->table, i->desc->n, entry->key));
}

/* Keys without which the section means nothing. */
static int require_keys(struct loader *l, const struct instance *i,
			const struct option *table, size_t n,
			const struct option_place *seen)
{
	size_t k;

	for (k = 0; k < n; k++) {
		char text[ERR_MAX_MSG];
		int rc;

		if (!table[k].required || seen[k].file)
			continue;
		snprintf(text, sizeof(text), "needs %s: %s", table[k].name,
			 table[k].help);
		rc = say_at(l, i, NULL, &i->at, text);
		if (rc)
			return rc;
	}
	return 0;
}

static const struct rule_kind *find_kind(struct loader *l,
					 const struct instance *i,
					 const char *check, int *rc)
{
	const char *names[64], *near;
	size_t k;

	for (k = 0; k < l->nkinds && k < 64; k++) {
		if (!strcmp(l->kinds[k]->name, check))
			return l->kinds[k];
		names[k] = l->kinds[k]->name;
	}
	near = text_nearest(check, names, k);
	*rc = loader_mistake(l, i, "check", NULL,
			     "there is no check \"%s\"%s%s%s", check,
			     near ? "; did you mean " : "", near ? near : "",
			     near ? "?" : "");
	return NULL;
}

/* A key that is none of the common ones: the check's, or a mistake. */
static int read_rule_entry(struct loader *l, const struct instance *i,
			   const struct rule_kind *kind, void *options,
			   struct option_place *seen,
			   const struct syntax_entry *entry)
{
	const struct option *o;
	const char *near;

	if (option_find(i->desc->table, i->desc->n, entry->key))
		return 0;
	o = option_find(kind->options, kind->noptions, entry->key);
	if (o)
		return set_key(l, i, entry, o, options,
			       &seen[o - kind->options]);
	near = option_nearest(kind->options, kind->noptions, entry->key);
	if (!near)
		near = option_nearest(i->desc->table, i->desc->n, entry->key);
	return unknown_key(l, i, entry, near);
}

static int read_rule_entries(struct loader *l, const struct instance *i,
			     const struct rule_kind *kind, void *options,
			     struct option_place *seen)
{
	const struct syntax *s = &l->p->source;
	size_t n, mine = (size_t)(i - l->instances);
	int rc = 0;

	for (n = 0; n < s->nentries && !rc; n++)
		if (l->of_section[s->entries[n].section] == mine)
			rc = read_rule_entry(l, i, kind, options, seen,
					     &s->entries[n]);
	return rc;
}

/* The options of a rule's check. */
static int fill_rule(struct loader *l, const struct instance *i)
{
	struct rule *rule = loader_target(l, i);
	const struct rule_kind *kind;
	struct option_place *seen;
	struct err why = {0};
	size_t before = l->mistakes->n;
	int rc = 0;

	rule->line = i->at.line;
	rule->file = i->at.file;
	if (!l->kinds || !rule->check)
		return 0;
	kind = find_kind(l, i, rule->check, &rc);
	if (!kind)
		return rc;
	rule->kind = kind;
	rule->options = calloc(1, kind->size ? kind->size : 1);
	seen = arena_alloc(&l->arena, (kind->noptions + 1) * sizeof(*seen));
	if (!rule->options || !seen)
		return err_nomem(l->e);
	rc = options_defaults(kind->options, kind->noptions, rule->options,
			      l->e);
	if (!rc)
		rc = read_rule_entries(l, i, kind, rule->options, seen);
	if (!rc)
		rc = require_keys(l, i, kind->options, kind->noptions, seen);
	if (rc || !kind->validate || l->mistakes->n != before)
		return rc;
	if (!kind->validate(rule->options, &why))
		return 0;
	return loader_mistake(l, i, NULL, NULL, "%s", why.msg);
}

int loader_fill(struct loader *l)
{
	const struct syntax *s = &l->p->source;
	size_t n;
	int rc = open_sections(l);

	for (n = 0; n < s->nentries && !rc; n++)
		rc = read_entry(l, &s->entries[n]);
	for (n = 0; n < l->ninstances && !rc; n++) {
		struct instance *i = &l->instances[n];

		if (!strcmp(i->desc->section, "sink"))
			rc = loader_fill_ready(l, i);
		if (!rc)
			rc = require_keys(l, i, i->desc->table, i->desc->n,
					  i->seen);
		if (!rc && is_rule(i))
			rc = fill_rule(l, i);
	}
	return rc;
}
