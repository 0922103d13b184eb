/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/loader.h"
#include "sys/files.h"
#include "trust/openpgp.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

enum { MAX_NORMAL = 64 << 20, MAX_LOADING = 256 << 20 };

/* Free the instances of a section: the table's fields, the name, the array.
 * What stands in no table is freed before. */
static void release_section(struct policy *p,
			    const struct policy_section_desc *desc)
{
	char *array;
	size_t i, n;

	memcpy(&array, (char *)p + desc->array, sizeof(array));
	memcpy(&n, (char *)p + desc->count, sizeof(n));
	for (i = 0; i < n; i++) {
		char *one = array + i * desc->size, *name;

		options_release(desc->table, desc->n, one);
		memcpy(&name, one + desc->name, sizeof(name));
		free(name);
	}
	free(array);
}

void policy_free(struct policy *p)
{
	const struct policy_section_desc *const *all;
	size_t n, i;

	if (!p)
		return;
	for (i = 0; i < p->nrules; i++) {
		struct rule *rule = &p->rules[i];

		if (rule->kind && rule->options)
			options_release(rule->kind->options,
					rule->kind->noptions, rule->options);
		free(rule->options);
		free(rule->when);
	}
	for (i = 0; i < p->ngates; i++) {
		free(p->gates[i].rules);
		option_list_release(&p->gates[i].spared);
	}
	principals_release(&p->people);
	all = policy_sections(&n);
	for (i = 0; i < n; i++) {
		if (all[i]->has_subsection)
			release_section(p, all[i]);
		else
			options_release(all[i]->table, all[i]->n, p);
	}
	signers_free(p->signers);
	agents_free(p->agents);
	syntax_release(&p->source);
	free(p->path);
	free(p->normal);
	free(p);
}

static int set_defaults(struct policy *p, struct err *e)
{
	const struct policy_section_desc *const *all;
	size_t n, i;
	int rc = 0;

	all = policy_sections(&n);
	for (i = 0; i < n && !rc; i++)
		if (!all[i]->has_subsection)
			rc = options_defaults(all[i]->table, all[i]->n, p, e);
	return rc;
}

/* agents.conf beside the policy, else the one that was installed. */
static int default_agents_path(struct policy *p, struct err *e)
{
	char dir[FILE_MAX_PATH], path[FILE_MAX_PATH];
	int rc = file_parent(p->path, dir, e);

	if (!rc)
		rc = file_join(dir, "agents.conf", path, e);
	if (rc)
		return rc;
	p->agents_path = span_dup(span_str(
		file_exists(path) ? path : SYSCONFDIR "/gatepost/agents.conf"));
	return p->agents_path ? 0 : err_nomem(e);
}

static int whole_file_mistake(struct loader *l, const char *key,
			      const struct err *why)
{
	const struct instance *i = key ? loader_find(l, "signers", NULL)
				       : loader_find(l, "gatepost", NULL);
	struct option_place at = {l->p->path, 0};

	if (why->code == ERR_MEMORY)
		return err_nomem(l->e);
	if (i)
		return loader_mistake(l, i, key ? key : "agents", NULL, "%s",
				      why->msg);
	return policy_mistakes_add(l->mistakes, &at, "%s", why->msg)
		       ? err_nomem(l->e)
		       : 0;
}

static int load_agents(struct loader *l, struct buf *normal)
{
	struct policy *p = l->p;
	struct err why = {0};
	int rc = 0;

	if (!p->agents_path)
		rc = default_agents_path(p, l->e);
	if (rc)
		return rc;
	buf_adds(normal, "agents\n");
	if (!agents_load(&p->agents, p->agents_path, normal, &why))
		return 0;
	return whole_file_mistake(l, NULL, &why);
}

static int load_signers(struct loader *l, struct buf *normal)
{
	struct policy *p = l->p;
	const char *failed = NULL;
	struct signers_spec spec = {.ssh = p->signers_ssh,
				    .ssh_revoked = p->signers_ssh_revoked,
				    .openpgp = p->signers_openpgp,
				    .x509_ca = p->signers_x509_ca,
				    .x509_crl = p->signers_x509_crl,
				    .failed = &failed};
	struct err why = {0};
	size_t from;

	/* comes last: what follows this line is the signers' text */
	buf_adds(normal, "signers\n");
	from = normal->len;
	if (signers_load(&p->signers, &spec, normal, &why))
		return whole_file_mistake(l, failed ? failed : "ssh", &why);
	sha256_hex(normal->data + from, normal->len - from, p->signers_digest);
	if (p->signers_openpgp && openpgp_check(p->signers_gpgv, &why))
		return whole_file_mistake(l, "openpgp", &why);
	return 0;
}

/* What the policy names outside itself, and the digest of it all. */
static int load_deep(struct loader *l)
{
	struct buf normal = BUF_INIT(MAX_NORMAL);
	struct policy *p = l->p;
	int rc;

	syntax_add_normal(&p->source, &normal);
	rc = load_agents(l, &normal);
	if (!rc)
		rc = load_signers(l, &normal);
	if (!rc) {
		p->normal = buf_detach(&normal, &p->normal_len);
		if (!p->normal)
			rc = err_set(l->e, ERR_LIMIT,
				     "the policy is larger than %d bytes",
				     MAX_NORMAL);
		else
			sha256_hex(p->normal, p->normal_len, p->digest);
	}
	buf_release(&normal);
	return rc;
}

static int load_all(struct loader *l, const char *path)
{
	struct policy *p = l->p;
	int rc = set_defaults(p, l->e);

	if (!rc)
		rc = syntax_read(&p->source, path, SYNTAX_TRUSTED, l->mistakes,
				 l->e);
	if (rc)
		return rc;
	p->sinks_whole = l->flags & POLICY_SINKS;
	p->path = span_dup(span_str(p->source.paths[0]));
	if (!p->path)
		return err_nomem(l->e);
	rc = loader_fill(l);
	if (!rc && !(l->flags & POLICY_SHALLOW))
		rc = load_deep(l);
	return rc ? rc : loader_resolve(l);
}

int policy_load(struct policy **out, const char *path,
		const struct rule_kind *const *kinds, size_t nkinds,
		unsigned flags, struct policy_mistakes *mistakes, struct err *e)
{
	struct policy_mistakes own = {0};
	struct loader l = {.kinds = kinds,
			   .nkinds = nkinds,
			   .flags = flags,
			   .mistakes = mistakes ? mistakes : &own,
			   .e = e};
	int rc;

	*out = NULL;
	err_clear(e);
	l.p = calloc(1, sizeof(*l.p));
	if (!l.p)
		return err_nomem(e);
	arena_init(&l.arena, MAX_LOADING);
	rc = load_all(&l, path);
	policy_mistakes_sort(l.mistakes, (const char *const *)l.p->source.paths,
			     l.p->source.nfiles);
	if (!rc)
		rc = policy_mistakes_error(l.mistakes, e);
	if (!rc) {
		*out = l.p;
		l.p = NULL;
	}
	policy_free(l.p);
	free(l.instances);
	for (size_t i = 0; i < l.nready; i++)
		syntax_release(&l.ready[i]);
	free(l.ready);
	arena_release(&l.arena);
	policy_mistakes_release(&own);
	return rc;
}
