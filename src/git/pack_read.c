/* SPDX-License-Identifier: Apache-2.0 */
#include "git/pack_read.h"

#include <stdlib.h>

#include "base/array.h"
#include "git/pack_delta.h"

enum { DELTA_HEAD = 32 }; /* more than two sizes need */

void pack_reader_release(struct pack_reader *r)
{
	inflater_release(&r->inflater);
	base_cache_release(&r->cache);
	free(r->delta);
	free(r->chain);
	r->delta = NULL;
	r->chain = NULL;
}

static int broken(struct err *e)
{
	return err_set(e, ERR_MALFORMED, "its pack is broken");
}

static bool is_delta(const struct pack_entry *entry)
{
	return entry->type == PACK_OFS_DELTA || entry->type == PACK_REF_DELTA;
}

static enum object_type type_of(enum pack_type t)
{
	switch (t) {
	case PACK_COMMIT:
		return OBJECT_COMMIT;
	case PACK_TREE:
		return OBJECT_TREE;
	case PACK_BLOB:
		return OBJECT_BLOB;
	case PACK_TAG:
		return OBJECT_TAG;
	default:
		return OBJECT_NONE;
	}
}

/** The type at the end of a chain of deltas. */
static int find_type(const struct pack *p, struct pack_entry entry,
		     enum object_type *type, struct err *e)
{
	unsigned n = 0;

	while (is_delta(&entry))
		if (++n > PACK_MAX_CHAIN ||
		    !pack_entry_at(p, entry.base, &entry))
			return broken(e);
	*type = type_of(entry.type);
	return 0;
}

/** The size of what a delta makes, from the delta's first bytes. */
static int find_size(struct pack_reader *r, const struct pack_entry *entry,
		     uint64_t *size, struct err *e)
{
	char head[DELTA_HEAD];
	size_t n = inflate_some(&r->inflater, entry->data, head, sizeof(head));
	struct cursor c = cursor_of(head, n);
	uint64_t base;

	return delta_take_sizes(&c, &base, size) ? 0 : broken(e);
}

int pack_stat(struct pack_reader *r, const struct pack *p, uint64_t offset,
	      enum object_type *type, uint64_t *size, struct err *e)
{
	struct pack_entry entry;
	int ret;

	if (!pack_entry_at(p, offset, &entry))
		return broken(e);
	ret = find_type(p, entry, type, e);
	*size = entry.size;
	if (!ret && is_delta(&entry))
		ret = find_size(r, &entry, size, e);
	return ret;
}

static int too_big(struct err *e, uint64_t size, size_t max)
{
	return err_set(e, ERR_LIMIT, "%llu bytes, more than %zu",
		       (unsigned long long)size, max);
}

/** Unpack an entry that is no delta. */
static int read_whole(struct pack_reader *r, const struct pack_entry *entry,
		      size_t max, struct object_bytes **out, struct err *e)
{
	if (entry->size > max)
		return too_big(e, entry->size, max);
	*out = object_bytes_new(r->pool, type_of(entry->type),
				(size_t)entry->size);
	if (!*out)
		return err_nomem(e);
	if (inflate_exact(&r->inflater, entry->data, (*out)->data,
			  (*out)->size))
		return 0;
	object_bytes_drop(*out);
	*out = NULL;
	return broken(e);
}

/** Unpack a delta itself into r->delta. */
static int read_delta(struct pack_reader *r, const struct pack_entry *entry,
		      struct cursor *out, struct err *e)
{
	size_t size;

	if (entry->size > PACK_MAX_BASE)
		return too_big(e, entry->size, PACK_MAX_BASE);
	size = (size_t)entry->size;
	if (size + INFLATE_SPARE > r->delta_size) {
		free(r->delta);
		r->delta_size = size + size / 2 + 4096;
		r->delta = malloc(r->delta_size);
		if (!r->delta) {
			r->delta_size = 0;
			return err_nomem(e);
		}
	}
	if (!inflate_exact(&r->inflater, entry->data, r->delta, size))
		return broken(e);
	*out = cursor_of(r->delta, size);
	return 0;
}

/** Replace *bytes by what the delta at `offset` makes of it. */
static int apply(struct pack_reader *r, const struct pack *p, uint64_t offset,
		 size_t max, struct object_bytes **bytes, struct err *e)
{
	struct object_bytes *base = *bytes, *result;
	struct pack_entry entry;
	struct cursor delta;
	uint64_t base_size, size;
	int ret;

	if (!pack_entry_at(p, offset, &entry))
		return broken(e);
	ret = read_delta(r, &entry, &delta, e);
	if (ret)
		return ret;
	if (!delta_take_sizes(&delta, &base_size, &size) ||
	    base_size != base->size)
		return broken(e);
	if (size > max)
		return too_big(e, size, max);
	result = object_bytes_new(r->pool, base->type, (size_t)size);
	if (!result)
		return err_nomem(e);
	if (!delta_apply(&delta, span_of(base->data, base->size), result->data,
			 result->size)) {
		object_bytes_drop(result);
		return broken(e);
	}
	object_bytes_drop(base);
	*bytes = result;
	return 0;
}

/**
 * Follow the deltas from `offset` down, noting where each is.
 * @param out  what the lowest lies on: from the cache, or unpacked
 */
static int find_base(struct pack_reader *r, const struct pack *p,
		     uint64_t offset, size_t max, size_t *n,
		     struct object_bytes **out, struct err *e)
{
	struct pack_entry entry;
	int ret;

	for (*n = 0;; ++*n) {
		*out = base_cache_get(&r->cache, p, offset);
		if (*out)
			return 0;
		if (!pack_entry_at(p, offset, &entry))
			return broken(e);
		if (!is_delta(&entry))
			break;
		switch (array_push(&r->chain, *n, &r->chain_cap,
				   PACK_MAX_CHAIN)) {
		case 0:
			break;
		case -2:
			return err_set(e, ERR_LIMIT, "too many deltas");
		default:
			return err_nomem(e);
		}
		r->chain[*n] = offset;
		offset = entry.base;
	}
	ret = read_whole(r, &entry, *n ? PACK_MAX_BASE : max, out, e);
	if (!ret && *n)
		base_cache_put(&r->cache, p, offset, *out);
	return ret;
}

int pack_read(struct pack_reader *r, const struct pack *p, uint64_t offset,
	      size_t max, struct object_bytes **out, struct err *e)
{
	struct object_bytes *bytes = NULL;
	size_t n;
	int ret;

	*out = NULL;
	ret = find_base(r, p, offset, max, &n, &bytes, e);
	if (!ret && !n && bytes->size > max)
		ret = too_big(e, bytes->size, max);
	while (!ret && n--) {
		ret = apply(r, p, r->chain[n], n ? PACK_MAX_BASE : max, &bytes,
			    e);
		if (!ret && n)
			base_cache_put(&r->cache, p, r->chain[n], bytes);
	}
	/* An older tree is made from the newer one, which a walk asks for
	 * first. */
	if (!ret && bytes->type == OBJECT_TREE)
		base_cache_put(&r->cache, p, offset, bytes);
	if (ret) {
		object_bytes_drop(bytes);
		return ret;
	}
	*out = bytes;
	return 0;
}
