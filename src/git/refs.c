/* SPDX-License-Identifier: Apache-2.0 */
#include "git/refs.h"

#include <stdlib.h>
#include <string.h>

#include "git/loose_refs.h"
#include "git/packed_refs.h"
#include "git/repo_private.h"

static int check_storage(const struct repository *repo, struct err *e)
{
	if (repo->format.refs == REF_STORAGE_FILES)
		return 0;
	return err_set(e, ERR_CONFIG,
		       "%s keeps its refs as reftable, which cannot be read "
		       "yet; `git refs migrate --ref-format=files` changes it",
		       repo->layout.commondir);
}

static int packed_value(const struct repository *repo,
			const struct packed_ref *ref, struct oid *id,
			struct err *e)
{
	if (oid_from_hex(id, repo->format.algo, ref->hex) && !oid_is_null(id))
		return 0;
	return err_set(e, ERR_MALFORMED, "packed-refs: %.*s has no valid id",
		       (int)(ref->name.n > 255 ? 255 : ref->name.n),
		       ref->name.p);
}

static int lookup_packed(struct repository *repo, struct span name,
			 struct oid *id, struct err *e)
{
	struct packed_refs *packed;
	struct packed_ref ref;
	const char *at;
	int ret;

	ret = packed_refs_get(&repo->packed, repo->layout.commondir, &packed,
			      e);
	if (ret)
		return ret;
	ret = packed_refs_seek(packed, name, &at, e);
	if (!ret)
		ret = packed_refs_next(packed, &at, &ref, e);
	if (ret == 1) {
		ret = 0;
		if (span_equal(ref.name, name))
			ret = packed_value(repo, &ref, id, e);
	}
	packed_refs_free(packed);
	return ret;
}

/** HEAD is each work tree's own; what begins with refs/ is shared. */
static const char *home_of(const struct repository *repo, struct span name)
{
	return span_is(name, "HEAD") ? repo->layout.gitdir
				     : repo->layout.commondir;
}

int refs_resolve(struct repository *repo, const char *name, struct buf *real,
		 struct oid *id, struct err *e)
{
	struct loose_ref loose;
	unsigned depth;
	int ret = check_storage(repo, e);

	memset(id, 0, sizeof(*id));
	buf_clear(real);
	buf_adds(real, name);
	for (depth = 0; !ret; depth++) {
		struct span at = span_of(real->data, real->len);

		if (!buf_ok(real))
			return err_nomem(e);
		if (!refs_name_ok(at) && !(span_is(at, "HEAD") && !depth))
			return err_set(e, ERR_MALFORMED,
				       "not a ref's full name");
		if (depth > REFS_MAX_SYMREF_DEPTH)
			return err_set(e, ERR_MALFORMED,
				       "symbolic refs are a loop, or more "
				       "than %d deep",
				       REFS_MAX_SYMREF_DEPTH);
		ret = loose_ref_read(&loose, home_of(repo, at), real->data,
				     repo->format.algo, e);
		if (ret)
			break;
		if (loose.kind == LOOSE_MISSING)
			return lookup_packed(repo, at, id, e);
		if (loose.kind == LOOSE_ID) {
			*id = loose.id;
			return 0;
		}
		buf_clear(real);
		buf_adds(real, loose.target);
	}
	return ret;
}

struct each {
	struct repository *repo;
	struct span prefix;
	refs_fn *fn;
	void *ctx;
	struct buf name; /* NUL-terminated copy of a packed name */
};

static int emit_packed(struct each *each, const struct packed_ref *ref,
		       struct err *e)
{
	struct oid id;
	int ret = packed_value(each->repo, ref, &id, e);

	if (ret)
		return ret;
	if (!refs_name_ok(ref->name))
		return err_set(e, ERR_MALFORMED,
			       "packed-refs: a name is not well formed");
	buf_clear(&each->name);
	if (buf_add(&each->name, ref->name.p, ref->name.n))
		return err_nomem(e);
	return each->fn(each->ctx, each->name.data, &id);
}

static bool wanted(const struct each *each, struct span name)
{
	struct span p = each->prefix;

	if (p.p[p.n - 1] != '/')
		return span_equal(name, p);
	return name.n > p.n && !memcmp(name.p, p.p, p.n);
}

/** Both lists are in the order of names. */
static int merge(struct each *each, const struct loose_refs *loose,
		 const struct packed_refs *packed, struct err *e)
{
	const char *at;
	struct packed_ref ref;
	size_t i = 0;
	int more = packed_refs_seek(packed, each->prefix, &at, e), ret = 0;

	if (!more)
		more = packed_refs_next(packed, &at, &ref, e);

	while (more >= 0 && !ret) {
		bool p = more && wanted(each, ref.name);
		bool l = i < loose->n;
		int d = 0;

		if (!p && !l)
			return 0;
		if (p && l)
			d = loose_refs_compare(loose->v[i].name, ref.name);
		if (l && (!p || d <= 0)) {
			if (loose->v[i].kind == LOOSE_ID)
				ret = each->fn(each->ctx, loose->v[i].name,
					       &loose->v[i].id);
			i++;
		} else {
			ret = emit_packed(each, &ref, e);
		}
		if (p && (!l || d >= 0))
			more = packed_refs_next(packed, &at, &ref, e);
	}
	return ret ? ret : more;
}

int refs_each(struct repository *repo, const char *prefix, refs_fn *fn,
	      void *ctx, struct err *e)
{
	struct each each = {
		.repo = repo, .prefix = span_str(prefix), .fn = fn, .ctx = ctx};
	struct loose_refs loose = {0};
	struct packed_refs *packed = NULL;
	int ret = check_storage(repo, e);

	if (ret)
		return ret;
	if (!span_starts(each.prefix, "refs/") || each.prefix.n > REFS_MAX_NAME)
		return err_set(e, ERR_USAGE, "refs are listed below refs/");
	buf_init(&each.name, REFS_MAX_NAME);
	/* Loose refs first: one that is packed meanwhile is then seen in the
	 * packed file, which is written before the loose one goes. */
	ret = loose_refs_list(&loose, repo->layout.commondir, prefix,
			      repo->format.algo, e);
	if (!ret)
		ret = packed_refs_get(&repo->packed, repo->layout.commondir,
				      &packed, e);
	if (!ret)
		ret = merge(&each, &loose, packed, e);
	packed_refs_free(packed);
	loose_refs_release(&loose);
	buf_release(&each.name);
	return ret;
}

void refs_glob_prefix(const char *glob, struct buf *out)
{
	size_t n = strcspn(glob, "*?[\\");

	buf_clear(out);
	if (glob[n])
		while (n && glob[n - 1] != '/')
			n--;
	buf_add(out, glob, n);
}
