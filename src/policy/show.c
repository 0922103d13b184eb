/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/mirror.h"
#include "policy/scope.h"
#include "policy/tables.h"

enum { VALUE_COLUMN = 40 };

static bool needs_quotes(const char *value)
{
	size_t n = strlen(value);

	return !n || strpbrk(value, ";#\"\\") || value[0] == ' ' ||
	       value[n - 1] == ' ';
}

static void add_value(struct buf *out, const char *value)
{
	if (!needs_quotes(value)) {
		buf_adds(out, value);
		return;
	}
	buf_addch(out, '"');
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			buf_addch(out, '\\');
		buf_addch(out, *value);
	}
	buf_addch(out, '"');
}

static void add_key(struct buf *out, const char *key, const char *value)
{
	size_t start = out->len;

	buf_addf(out, "\t%s = ", key);
	add_value(out, value);
	do
		buf_addch(out, ' ');
	while (buf_ok(out) && out->len - start < VALUE_COLUMN);
}

static bool is_in(const struct policy *p, const struct syntax_entry *entry,
		  const char *section, const char *sub)
{
	const struct syntax_section *in = &p->source.sections[entry->section];

	if (strcmp(in->name, section))
		return false;
	return sub && in->sub ? !strcmp(in->sub, sub) : sub == in->sub;
}

/* The values of one key as they were written, or its default. */
static void show_option(const struct policy *p, const char *section,
			const char *sub, const struct option *o,
			struct buf *out)
{
	const char *fallback = o->fallback;
	bool given = false;
	size_t i;

	if (!strcmp(section, "gatepost") && !strcmp(o->name, "agents"))
		fallback = p->agents_path; /* found when the policy was read */
	for (i = 0; i < p->source.nentries; i++) {
		const struct syntax_entry *entry = &p->source.entries[i];

		if (strcmp(entry->key, o->name) ||
		    !is_in(p, entry, section, sub))
			continue;
		given = true;
		add_key(out, o->name, entry->value ? entry->value : "true");
		buf_addf(out, "; %s:%u\n", entry->at.file, entry->at.line);
	}
	if (given || !fallback)
		return;
	add_key(out, o->name, fallback);
	buf_adds(out, "; default\n");
}

static void show_table(const struct policy *p, const char *section,
		       const char *sub, const struct option *table, size_t n,
		       struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		show_option(p, section, sub, &table[i], out);
}

static void show_section(const struct policy *p, const char *section,
			 const char *sub, const char *comment, struct buf *out)
{
	const struct policy_section_desc *desc = policy_section_find(section);

	buf_addf(out, "[%s", section);
	if (sub)
		buf_addf(out, " \"%s\"", sub);
	buf_addf(out, "]%s%s\n", *comment ? " ; " : "", comment);
	show_table(p, section, sub, desc->table, desc->n, out);
}

static void show_rule(const struct policy *p, const struct rule *r,
		      const char *comment, struct buf *out)
{
	show_section(p, "rule", r->name, comment, out);
	if (r->kind)
		show_table(p, "rule", r->name, r->kind->options,
			   r->kind->noptions, out);
}

static void mark_areas(const struct rule *r, bool *areas)
{
	size_t i;

	for (i = 0; i < r->nwhen; i++)
		if (r->when[i].kind == WHEN_AREA)
			areas[r->when[i].area] = true;
}

static void show_scope(const struct policy *p, const struct scope *s,
		       bool *areas, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->ngates; i++)
		show_section(p, "gate", p->gates[s->gates[i]].name, "", out);
	for (i = 0; i < s->npreviews; i++)
		show_section(p, "gate", p->gates[s->previews[i]].name,
			     "preview: advice only", out);
	for (i = 0; i < s->nrules; i++) {
		const struct rule *r = &p->rules[s->rules[i].rule];

		mark_areas(r, areas);
		show_rule(p, r, policy_mode_word(s->rules[i].mode), out);
	}
}

static void show_mirrors(const struct policy *p, const char *repository,
			 const char *ref, struct buf *out)
{
	size_t i;

	for (i = 0; i < p->ngates; i++)
		if (mirror_has_ref(&p->gates[i], repository, ref))
			show_section(p, "gate", p->gates[i].name,
				     "for its pusher alone", out);
}

static void show_everything(const struct policy *p, bool *areas,
			    struct buf *out)
{
	size_t i;

	for (i = 0; i < p->ngates; i++)
		show_section(p, "gate", p->gates[i].name, "", out);
	for (i = 0; i < p->nrules; i++)
		show_rule(p, &p->rules[i], "", out);
	for (i = 0; i < p->nareas; i++)
		areas[i] = true;
}

static int show_variable(void *ctx, const char *id, const char *variable)
{
	buf_addf(ctx, ";\t%-24s; %s\n", variable, id);
	return 0;
}

/* They stand in another file, so here they are comments. */
static void show_variables(const struct policy *p, struct buf *out)
{
	size_t before = out->len;

	buf_adds(out, "; where one of these is set, git approve refuses:\n");
	if (!p->agents || agents_variables(p->agents, show_variable, out) ||
	    p->unattended == UNATTENDED_ALLOW)
		buf_truncate(out, before);
}

static void show_head(const struct policy *p, struct buf *out)
{
	size_t i;

	buf_addf(out, "; %s\n", p->path);
	if (*p->digest)
		buf_addf(out, "; digest sha256:%s\n", p->digest);
	show_section(p, "gatepost", NULL, "", out);
	show_variables(p, out);
	show_section(p, "signers", NULL, "", out);
	for (i = 0; i < p->nregistered; i++)
		show_section(p, "agent", p->registered[i].id, "", out);
}

static void add_scope_line(const struct scope *s, const char *repository,
			   const char *ref, struct buf *out)
{
	buf_addf(out, "; %s %s: ", repository, ref);
	if (s->mode != MODE_UNSET)
		buf_addf(out, "%s\n", policy_mode_word(s->mode));
	else if (s->npreviews)
		buf_adds(out, "preview\n");
	else
		buf_adds(out, "outside of every gate\n");
}

int policy_show(const struct policy *p, enum policy_mode override,
		const char *repository, const char *ref, struct buf *out,
		struct err *e)
{
	bool *areas = calloc(p->nareas + 1, sizeof(*areas));
	struct scope scope = {0};
	size_t i;
	int rc = 0;

	if (!areas)
		return err_nomem(e);
	if (ref)
		rc = scope_of_ref(&scope, p, override, repository, ref, e);
	if (!rc) {
		show_head(p, out);
		if (ref) {
			add_scope_line(&scope, repository, ref, out);
			show_scope(p, &scope, areas, out);
			show_mirrors(p, repository, ref, out);
		} else {
			show_everything(p, areas, out);
		}
		for (i = 0; i < p->nareas; i++)
			if (areas[i])
				show_section(p, "area", p->areas[i].name, "",
					     out);
	}
	scope_release(&scope);
	free(areas);
	return rc;
}
