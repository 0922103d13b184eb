/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "policy/check_value.h"
#include "policy/loader.h"
#include "policy/sink_var.h"
#include "sys/files.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#define READY_DIR SYSCONFDIR "/gatepost/sinks"
#define READY_FILE "sink.conf"

enum { MAX_READY = 1000, MAX_SHOWN = 64 };

/* What was set where the template is used goes before it, and it has no
 * business with who is written to and with which secret. */
static bool is_left(const struct instance *i, const struct option *o,
		    const bool *own)
{
	static const char *const never[] = {
		"url",	     "secret-file", "sign-secret-file", "template",
		"token-url", "client-cert", "client-key"};

	for (size_t k = 0; k < sizeof(never) / sizeof(*never); k++)
		if (!strcmp(o->name, never[k]))
			return false;
	return !own[o - i->desc->table];
}

static int say(struct loader *l, const struct syntax_entry *entry,
	       const char *text)
{
	return policy_mistakes_add(l->mistakes, &entry->at, "sink.%s: %s",
				   entry->key, text)
		       ? err_nomem(l->e)
		       : 0;
}

/* These go name by name: the template's say what is usual. */
static bool is_new_var(const struct sink *sink, const struct option *o,
		       const struct syntax_entry *entry)
{
	struct span value;

	return !strcmp(o->name, "var") && entry->value &&
	       !sink_var_find(&sink->vars, sink_var_name(entry->value), &value);
}

static int take_entry(struct loader *l, const struct instance *i,
		      const struct syntax_entry *entry, const bool *own)
{
	const struct option *o =
		option_find(i->desc->table, i->desc->n, entry->key);
	struct option_place *seen;
	struct err why = {0};
	int rc;

	if (!o)
		return say(l, entry, "there is no such key");
	if (!is_left(i, o, own) && !is_new_var(loader_target(l, i), o, entry))
		return 0;
	seen = &i->seen[o - i->desc->table];
	if (seen->file && !option_is_many(o))
		return say(l, entry, "is given twice");
	if (!seen->file)
		*seen = entry->at;
	rc = option_read(o, entry->value, loader_target(l, i), &entry->at,
			 &why);
	if (rc == ERR_MEMORY)
		return err_nomem(l->e);
	return rc ? say(l, entry, why.msg) : 0;
}

static int take_entries(struct loader *l, const struct instance *i,
			const struct syntax *s)
{
	bool own[SINK_N_OPTIONS];
	int rc = 0;

	for (size_t k = 0; k < SINK_N_OPTIONS; k++)
		own[k] = i->seen[k].file != NULL;
	for (size_t k = 0; k < s->nentries && !rc; k++) {
		const struct syntax_section *in =
			&s->sections[s->entries[k].section];

		if (strcmp(in->name, "sink") || in->sub)
			rc = say(l, &s->entries[k],
				 "stands in the one section [sink]");
		else
			rc = take_entry(l, i, &s->entries[k], own);
	}
	return rc;
}

/* A word, or a folder beside the policy. */
static int find_folder(const struct instance *i, const char *ready, char *out,
		       struct err *e)
{
	char dir[FILE_MAX_PATH];
	int rc;

	if (!strchr(ready, '/')) {
		rc = value_is_name(ready, e);
		return rc ? rc : file_join(READY_DIR, ready, out, e);
	}
	rc = file_parent(i->at.file, dir, e);
	return rc ? rc : file_join(dir, ready, out, e);
}

static int read_ready(struct loader *l, const char *folder, struct syntax **out,
		      struct err *why)
{
	char path[FILE_MAX_PATH];
	int rc = file_join(folder, READY_FILE, path, why);

	if (rc)
		return rc;
	if (array_push(&l->ready, l->nready, &l->ready_cap, MAX_READY))
		return err_nomem(why);
	*out = &l->ready[l->nready];
	**out = (struct syntax){0};
	l->nready++;
	return syntax_read(*out, path, SYNTAX_TRUSTED, l->mistakes, why);
}

/* The names of those that were installed; how many. */
static size_t list_ready(char names[][NAME_MAX + 1], size_t max)
{
	DIR *d = opendir(READY_DIR);
	struct dirent *entry;
	size_t n = 0;

	while (d && n < max && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			snprintf(names[n++], NAME_MAX + 1, "%s", entry->d_name);
	if (d)
		closedir(d);
	return n;
}

static int no_such_ready(struct loader *l, const struct instance *i,
			 const char *ready)
{
	char names[MAX_SHOWN][NAME_MAX + 1];
	const char *words[MAX_SHOWN], *near;
	size_t n = list_ready(names, MAX_SHOWN), k;

	for (k = 0; k < n; k++)
		words[k] = names[k];
	near = text_nearest(ready, words, n);
	return loader_mistake(l, i, "template", NULL,
			      "there is no ready template \"%s\" in %s%s%s%s",
			      ready, READY_DIR, near ? "; did you mean " : "",
			      near ? near : "", near ? "?" : "");
}

int loader_fill_ready(struct loader *l, struct instance *i)
{
	const struct sink *sink = loader_target(l, i);
	char folder[FILE_MAX_PATH];
	struct syntax *s = NULL;
	struct err why = {0};
	int rc;

	if (!sink->ready || !(l->flags & POLICY_SINKS))
		return 0;
	rc = find_folder(i, sink->ready, folder, &why);
	if (!rc)
		rc = read_ready(l, folder, &s, &why);
	if (rc == ERR_MEMORY)
		return err_nomem(l->e);
	if (rc == ERR_NOT_FOUND && !strchr(sink->ready, '/'))
		return no_such_ready(l, i, sink->ready);
	if (rc)
		return loader_mistake(l, i, "template", NULL, "%s", why.msg);
	return take_entries(l, i, s);
}
