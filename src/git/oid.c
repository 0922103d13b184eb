/* SPDX-License-Identifier: Apache-2.0 */
#include "git/oid.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"

enum {
	SHA1_RAW = 20,
	SHA256_RAW = 32,
	MAP_FIRST_SLOTS = 32, /* a power of two */
};

struct oid_map_slot {
	struct oid id;
	size_t value_1; /* the value plus one; 0: the slot is free */
};

size_t oid_raw_size(enum oid_algo algo)
{
	switch (algo) {
	case OID_SHA1:
		return SHA1_RAW;
	case OID_SHA256:
		return SHA256_RAW;
	case OID_NONE:
		break;
	}
	return 0;
}

size_t oid_hex_size(enum oid_algo algo)
{
	return 2 * oid_raw_size(algo);
}

const char *oid_algo_name(enum oid_algo algo)
{
	switch (algo) {
	case OID_SHA1:
		return "sha1";
	case OID_SHA256:
		return "sha256";
	case OID_NONE:
		break;
	}
	return "none";
}

enum oid_algo oid_algo_of_name(struct span name)
{
	if (span_is(name, "sha1"))
		return OID_SHA1;
	if (span_is(name, "sha256"))
		return OID_SHA256;
	return OID_NONE;
}

bool oid_from_hex(struct oid *out, enum oid_algo algo, struct span hex)
{
	size_t n = oid_raw_size(algo);

	memset(out, 0, sizeof(*out));
	if (n == 0 || hex.n != 2 * n)
		return false;
	if (!hex_decode(hex, out->id, n)) {
		memset(out->id, 0, sizeof(out->id));
		return false;
	}
	out->algo = (unsigned char)algo;
	return true;
}

void oid_from_raw(struct oid *out, enum oid_algo algo, const void *raw)
{
	size_t n = oid_raw_size(algo);

	out->algo = (unsigned char)algo;
	memcpy(out->id, raw, n);
	memset(out->id + n, 0, OID_MAX_RAW - n);
}

char *oid_to_hex(const struct oid *id, char out[OID_HEX_SIZE])
{
	hex_encode(id->id, oid_raw_size((enum oid_algo)id->algo), out);
	return out;
}

bool oid_equal(const struct oid *a, const struct oid *b)
{
	return a->algo == b->algo && memcmp(a->id, b->id, OID_MAX_RAW) == 0;
}

int oid_compare(const struct oid *a, const struct oid *b)
{
	if (a->algo != b->algo)
		return a->algo < b->algo ? -1 : 1;
	return memcmp(a->id, b->id, OID_MAX_RAW);
}

bool oid_is_null(const struct oid *id)
{
	static const unsigned char zeros[OID_MAX_RAW];

	return id->algo == OID_NONE || memcmp(id->id, zeros, OID_MAX_RAW) == 0;
}

/*
 * Pushers choose ids, within what they can compute: the address of the
 * slots, which they do not know, is mixed in so that ids made to fall into
 * one slot fall apart.
 */
static size_t slot_of(const struct oid_map *m, const struct oid *id)
{
	uint64_t h, more;

	memcpy(&h, id->id, sizeof(h));
	memcpy(&more, id->id + sizeof(h), sizeof(more));
	h ^= (uint64_t)(uintptr_t)m->slots * 0x9e3779b97f4a7c15ULL;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93ULL;
	h ^= more;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93ULL;
	return (size_t)(h ^ h >> 32) & (m->cap - 1);
}

/* The slot that holds `id`, or the free one where it belongs. */
static struct oid_map_slot *slot_find(const struct oid_map *m,
				      const struct oid *id)
{
	size_t i = slot_of(m, id);

	while (m->slots[i].value_1 && !oid_equal(&m->slots[i].id, id))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

size_t oid_map_get(const struct oid_map *m, const struct oid *id)
{
	if (m->n == 0)
		return SIZE_MAX;
	return slot_find(m, id)->value_1 - 1;
}

static int map_grow(struct oid_map *m)
{
	struct oid_map wider = {0};
	size_t i;

	wider.n = m->n;
	wider.cap = m->cap ? 2 * m->cap : MAP_FIRST_SLOTS;
	if (wider.cap < m->cap)
		return -1;
	wider.slots = calloc(wider.cap, sizeof(*wider.slots));
	if (!wider.slots)
		return -1;
	for (i = 0; i < m->cap; i++)
		if (m->slots[i].value_1)
			*slot_find(&wider, &m->slots[i].id) = m->slots[i];
	free(m->slots);
	*m = wider;
	return 0;
}

int oid_map_put(struct oid_map *m, const struct oid *id, size_t value)
{
	struct oid_map_slot *slot;

	if (m->n >= m->cap - m->cap / 4 && map_grow(m) < 0)
		return -1;
	slot = slot_find(m, id);
	if (!slot->value_1) {
		slot->id = *id;
		m->n++;
	}
	slot->value_1 = value + 1;
	return 0;
}

void oid_map_release(struct oid_map *m)
{
	free(m->slots);
	memset(m, 0, sizeof(*m));
}
