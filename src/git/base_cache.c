/* SPDX-License-Identifier: Apache-2.0 */
#include "git/base_cache.h"

#include <stdlib.h>

struct base_entry {
	const struct pack *pack;
	uint64_t offset;
	struct object_bytes *bytes;
	struct base_entry *chain;	  /* in the bucket */
	struct base_entry *newer, *older; /* by last use */
};

static struct base_entry **bucket_of(struct base_cache *c, uint64_t offset)
{
	/* The odd number spreads neighbours (Knuth, 6.4). */
	uint64_t h = offset * UINT64_C(0x9e3779b97f4a7c15);

	return &c->buckets[(h >> 32) % BASE_CACHE_BUCKETS];
}

static void unlink_entry(struct base_cache *c, struct base_entry *entry)
{
	if (entry->newer)
		entry->newer->older = entry->older;
	else
		c->newest = entry->older;
	if (entry->older)
		entry->older->newer = entry->newer;
	else
		c->oldest = entry->newer;
}

static void link_newest(struct base_cache *c, struct base_entry *entry)
{
	entry->newer = NULL;
	entry->older = c->newest;
	if (c->newest)
		c->newest->newer = entry;
	else
		c->oldest = entry;
	c->newest = entry;
}

static struct base_entry *find(struct base_cache *c, const struct pack *p,
			       uint64_t offset)
{
	struct base_entry *entry = *bucket_of(c, offset);

	while (entry && (entry->offset != offset || entry->pack != p))
		entry = entry->chain;
	return entry;
}

static void evict(struct base_cache *c, struct base_entry *entry)
{
	struct base_entry **at = bucket_of(c, entry->offset);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	unlink_entry(c, entry);
	c->bytes -= entry->bytes->size + sizeof(*entry);
	object_bytes_drop(entry->bytes);
	free(entry);
}

struct object_bytes *base_cache_get(struct base_cache *c, const struct pack *p,
				    uint64_t offset)
{
	struct base_entry *entry = find(c, p, offset);

	if (!entry)
		return NULL;
	unlink_entry(c, entry);
	link_newest(c, entry);
	object_bytes_hold(entry->bytes);
	return entry->bytes;
}

void base_cache_put(struct base_cache *c, const struct pack *p, uint64_t offset,
		    struct object_bytes *bytes)
{
	struct base_entry *entry, **bucket = bucket_of(c, offset);

	if (bytes->size > BASE_CACHE_MAX_OBJECT || find(c, p, offset))
		return;
	entry = malloc(sizeof(*entry));
	if (!entry)
		return;
	object_bytes_hold(bytes);
	entry->pack = p;
	entry->offset = offset;
	entry->bytes = bytes;
	entry->chain = *bucket;
	*bucket = entry;
	link_newest(c, entry);
	c->bytes += bytes->size + sizeof(*entry);
	while (c->bytes > BASE_CACHE_BYTES && c->oldest != entry)
		evict(c, c->oldest);
}

void base_cache_release(struct base_cache *c)
{
	while (c->oldest)
		evict(c, c->oldest);
}
