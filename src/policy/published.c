/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/published.h"

#include <string.h>

#include "policy/scope.h"

/* Always in quotes, so that no value can be read as anything else. */
static void add_line(struct buf *out, const char *key, const char *value)
{
	const char *c;

	for (c = value; *c; c++)
		if ((unsigned char)*c < 0x20)
			return;
	buf_addf(out, "\t%s = \"", key);
	for (c = value; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_addch(out, '\\');
		buf_addch(out, *c);
	}
	buf_adds(out, "\"\n");
}

static int add_variable(void *ctx, const char *id, const char *variable)
{
	(void)id;
	add_line(ctx, "agent-variable", variable);
	return 0;
}

/* Whatever the mode is that they have now. */
static void add_refs(const struct policy *p, const char *repository,
		     struct buf *out)
{
	size_t i, k;

	for (i = 0; i < p->ngates; i++) {
		const struct gate *g = &p->gates[i];

		if (!gate_has_repository(g, repository) || g->pushers.n)
			continue;
		for (k = 0; k < g->refs.n; k++)
			add_line(out, "ref", g->refs.v[k]);
	}
}

/* `bind = patch` of a review: the one option of a check that clients heed. */
static bool binds_patch(const struct rule *rule)
{
	const struct option *o;
	int word = 0;

	if (!rule->kind || !rule->options)
		return false;
	o = option_find(rule->kind->options, rule->kind->noptions, "bind");
	if (!o || o->type != OPTION_WORD)
		return false;
	memcpy(&word, (const char *)rule->options + o->offset, sizeof(word));
	return word > 0 && !strcmp(o->words[word - 1], "patch");
}

/* Where an approval is to have a patch id. */
static void add_patched(const struct policy *p, const char *repository,
			struct buf *out)
{
	size_t i, k;

	for (i = 0; i < p->ngates; i++) {
		const struct gate *g = &p->gates[i];
		bool patched = false;

		for (k = 0; k < g->nrules; k++)
			patched |= binds_patch(&p->rules[g->rules[k]]);
		if (!patched || !gate_has_repository(g, repository))
			continue;
		for (k = 0; k < g->refs.n; k++)
			add_line(out, "patch", g->refs.v[k]);
	}
}

int published_text(const struct policy *p, const char *repository,
		   struct buf *out, struct err *e)
{
	buf_adds(out, "# Written by gatepost policy publish, for "
		      "git-approve(1).\n[gatepost]\n");
	add_line(out, "repository", repository);
	add_refs(p, repository, out);
	buf_adds(out, "[approve]\n");
	add_line(out, "unattended",
		 p->unattended == UNATTENDED_ALLOW ? "allow" : "refuse");
	add_patched(p, repository, out);
	if (p->agents)
		agents_variables(p->agents, add_variable, out);
	if (buf_ok(out) && out->len <= PUBLISHED_MAX_BYTES)
		return 0;
	return err_set(e, ERR_LIMIT,
		       "what is to be published is longer than %d bytes",
		       PUBLISHED_MAX_BYTES);
}
