/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/policy.h"
#include "sys/files.h"

static const char *const own_keys[] = {"policy", "repository", "mode",
				       "baseline"};

void policy_repository_release(struct policy_repository *r)
{
	free(r->policy);
	free(r->name);
	option_list_release(&r->baseline);
	free(r->object_format);
	free(r->ref_storage);
	free(r->nonce_seed);
	*r = (struct policy_repository){0};
}

static int wrong(const struct syntax_entry *entry, struct err *e,
		 const char *what)
{
	return err_set(e, ERR_CONFIG, "%s:%u: gatepost.%s: %s", entry->at.file,
		       entry->at.line, entry->key, what);
}

/* git takes the last one of several. */
static int take_text(char **field, const struct syntax_entry *entry,
		     struct err *e)
{
	free(*field);
	*field = span_dup(span_str(entry->value ? entry->value : ""));
	return *field ? 0 : err_nomem(e);
}

static int take_baseline(struct policy_repository *out,
			 const struct syntax_entry *entry, struct err *e)
{
	unsigned char id[OID_MAX_RAW];
	struct span hex = span_str(entry->value);

	if ((hex.n != oid_hex_size(OID_SHA1) &&
	     hex.n != oid_hex_size(OID_SHA256)) ||
	    !hex_decode(hex, id, hex.n / 2))
		return wrong(entry, e, "is no object id");
	return option_list_add(&out->baseline, entry->value, entry->at.line, e);
}

static int take_own(struct policy_repository *out,
		    const struct syntax_entry *entry, struct err *e)
{
	const size_t n = sizeof(own_keys) / sizeof(own_keys[0]);
	struct err why;
	const char *near;

	if (!entry->value || !*entry->value)
		return wrong(entry, e, "needs a value");
	if (!strcmp(entry->key, "baseline"))
		return take_baseline(out, entry, e);
	if (!strcmp(entry->key, "repository"))
		return take_text(&out->name, entry, e);
	if (!strcmp(entry->key, "policy"))
		return *entry->value == '/'
			       ? take_text(&out->policy, entry, e)
			       : wrong(entry, e, "must be an absolute path");
	if (!strcmp(entry->key, "mode")) {
		out->mode = policy_mode_parse(entry->value, &why);
		return out->mode > 0 ? 0 : wrong(entry, e, why.msg);
	}
	near = text_nearest(entry->key, own_keys, n);
	return err_set(e, ERR_CONFIG,
		       "%s:%u: gatepost.%s: there is no such key%s%s%s",
		       entry->at.file, entry->at.line, entry->key,
		       near ? "; did you mean " : "", near ? near : "",
		       near ? "?" : "");
}

/* What cannot be read as a number of seconds allows no slop. */
static int take_receive(struct policy_repository *out,
			const struct syntax_entry *entry, struct err *e)
{
	uint64_t slop;

	if (!strcmp(entry->key, "certnonceseed"))
		return take_text(&out->nonce_seed, entry, e);
	if (strcmp(entry->key, "certnonceslop"))
		return 0;
	out->nonce_slop = 0;
	if (entry->value && text_to_u64(span_str(entry->value), INT32_MAX, &slop))
		out->nonce_slop = (int64_t)slop;
	return 0;
}

static int take_entry(struct policy_repository *out, const struct syntax *s,
		      const struct syntax_entry *entry, struct err *e)
{
	const struct syntax_section *in = &s->sections[entry->section];

	if (in->sub)
		return 0;
	if (!strcmp(in->name, "gatepost"))
		return take_own(out, entry, e);
	if (!strcmp(in->name, "core") && !strcmp(entry->key, "hookspath"))
		out->hooks_path = true;
	if (!strcmp(in->name, "receive"))
		return take_receive(out, entry, e);
	if (strcmp(in->name, "extensions"))
		return 0;
	if (!strcmp(entry->key, "objectformat"))
		return take_text(&out->object_format, entry, e);
	if (!strcmp(entry->key, "refstorage"))
		return take_text(&out->ref_storage, entry, e);
	return 0;
}

int policy_repository_load(struct policy_repository *out, const char *gitdir,
			   struct err *e)
{
	struct policy_mistakes mistakes = {0};
	struct syntax s = {0};
	char path[FILE_MAX_PATH];
	size_t i;
	int rc;

	*out = (struct policy_repository){0};
	err_clear(e);
	rc = file_join(gitdir, "config", path, e);
	if (!rc)
		rc = syntax_read(&s, path, SYNTAX_REPOSITORY, &mistakes, e);
	if (!rc)
		rc = policy_mistakes_error(&mistakes, e);
	for (i = 0; i < s.nentries && !rc; i++)
		rc = take_entry(out, &s, &s.entries[i], e);
	syntax_release(&s);
	policy_mistakes_release(&mistakes);
	if (rc)
		policy_repository_release(out);
	return rc;
}

/* The part of `path` below `root`; empty when it is not below it. */
static struct span below(const char *path, const char *root)
{
	size_t n = strlen(root);

	while (n && root[n - 1] == '/')
		n--;
	if (strncmp(path, root, n) || path[n] != '/')
		return span_of(NULL, 0);
	return span_str(path + n + 1);
}

static struct span last_component(struct span path)
{
	size_t i = path.n;

	while (i && path.p[i - 1] != '/')
		i--;
	return span_of(path.p + i, path.n - i);
}

char *policy_repository_name(const struct policy *p,
			     const struct policy_repository *r,
			     const char *gitdir)
{
	char real[FILE_MAX_PATH], root[FILE_MAX_PATH];
	struct span name = {NULL, 0}, tail;

	if (r && r->name)
		return span_dup(span_str(r->name));
	if (file_real_path(gitdir, real, NULL))
		return NULL;
	if (p && p->root && !file_real_path(p->root, root, NULL))
		name = below(real, root);
	if (!name.n)
		name = span_str(real);
	tail = last_component(name);
	if (span_is(tail, ".git") && name.n > tail.n)
		name.n -= tail.n + 1;
	else if (tail.n > 4 && span_is(span_of(tail.p + tail.n - 4, 4), ".git"))
		name.n -= 4;
	if (name.p == real)
		name = last_component(name);
	return span_dup(name);
}
