/* SPDX-License-Identifier: Apache-2.0 */
#include "git/pack_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER = 8, FANOUT = 256 * 4, PACK_HEADER = 12 };

struct mapping {
	const unsigned char *p;
	size_t n;
};

struct pack {
	enum oid_algo algo;
	size_t raw_size;
	struct mapping idx, pack;
	uint32_t n; /* objects */
	const unsigned char *ids, *offsets, *far_offsets;
	size_t nfar;
};

static uint32_t u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static int map_file(struct mapping *m, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *at = MAP_FAILED;
	int ret = 0;

	if (fd < 0)
		return errno == ENOENT
			       ? err_set(e, ERR_NOT_FOUND, "%s is gone", path)
			       : err_sys(e, "open %s", path);
	if (fstat(fd, &st) < 0)
		ret = err_sys(e, "stat %s", path);
	else if (!S_ISREG(st.st_mode) || st.st_size < HEADER)
		ret = err_set(e, ERR_MALFORMED, "%s is no pack file", path);
	if (!ret) {
		m->n = (size_t)st.st_size;
		at = mmap(NULL, m->n, PROT_READ, MAP_PRIVATE, fd, 0);
		if (at == MAP_FAILED)
			ret = err_sys(e, "map %s", path);
		else
			m->p = at;
	}
	close(fd);
	return ret;
}

static void unmap(struct mapping *m)
{
	if (m->p)
		munmap((void *)(uintptr_t)m->p, m->n);
	m->p = NULL;
}

static const unsigned char *fanout(const struct pack *p, unsigned i)
{
	return p->idx.p + HEADER + (size_t)i * 4;
}

static int read_index(struct pack *p, const char *path, struct err *e)
{
	static const unsigned char magic[] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
	size_t each = p->raw_size + 4 + 4, fixed;
	unsigned i;

	if (memcmp(p->idx.p, magic, sizeof(magic)) != 0)
		return err_set(e, ERR_CONFIG, "%s: an index of another version",
			       path);
	fixed = HEADER + FANOUT + 2 * p->raw_size;
	if (p->idx.n < fixed)
		return err_set(e, ERR_MALFORMED, "%s is cut short", path);
	for (i = 1; i < 256; i++)
		if (u32(fanout(p, i - 1)) > u32(fanout(p, i)))
			return err_set(e, ERR_MALFORMED,
				       "%s: its fan-out is not in order", path);
	p->n = u32(fanout(p, 255));
	if ((p->idx.n - fixed) / each < p->n)
		return err_set(e, ERR_MALFORMED, "%s is cut short", path);
	p->ids = p->idx.p + HEADER + FANOUT;
	p->offsets = p->ids + (size_t)p->n * (p->raw_size + 4);
	p->far_offsets = p->offsets + (size_t)p->n * 4;
	p->nfar = (p->idx.n - fixed - p->n * each) / 8;
	return 0;
}

/** The index names the pack by the checksum at the pack's end. */
static int check_pack(struct pack *p, const char *path, struct err *e)
{
	const unsigned char *sum = p->idx.p + p->idx.n - 2 * p->raw_size;
	uint32_t version;

	if (p->pack.n < PACK_HEADER + p->raw_size ||
	    memcmp(p->pack.p, "PACK", 4) != 0)
		return err_set(e, ERR_MALFORMED, "%s is no pack", path);
	version = u32(p->pack.p + 4);
	if ((version != 2 && version != 3) || u32(p->pack.p + 8) != p->n ||
	    memcmp(p->pack.p + p->pack.n - p->raw_size, sum, p->raw_size) != 0)
		return err_set(e, ERR_MALFORMED,
			       "%s does not belong to its index", path);
	return 0;
}

int pack_open(struct pack **out, const char *path, enum oid_algo algo,
	      struct err *e)
{
	size_t n = strlen(path), stem = n < 4 ? 0 : n - 4; /* without .idx */
	struct pack *p = calloc(1, sizeof(*p));
	char *pack_path = malloc(stem + sizeof(".pack"));
	int ret;

	*out = NULL;
	if (!p || !pack_path) {
		free(p);
		free(pack_path);
		return err_nomem(e);
	}
	memcpy(pack_path, path, stem);
	memcpy(pack_path + stem, ".pack", sizeof(".pack"));
	p->algo = algo;
	p->raw_size = oid_raw_size(algo);
	ret = map_file(&p->idx, path, e);
	if (!ret)
		ret = read_index(p, path, e);
	if (!ret)
		ret = map_file(&p->pack, pack_path, e);
	if (!ret)
		ret = check_pack(p, pack_path, e);
	free(pack_path);
	if (ret) {
		pack_free(p);
		return ret;
	}
	*out = p;
	return 0;
}

void pack_free(struct pack *p)
{
	if (!p)
		return;
	unmap(&p->idx);
	unmap(&p->pack);
	free(p);
}

static bool offset_of(const struct pack *p, uint32_t i, uint64_t *offset)
{
	uint32_t near = u32(p->offsets + (size_t)i * 4);
	uint32_t far = near & 0x7fffffff;

	if (!(near & 0x80000000)) {
		*offset = near;
		return true;
	}
	if (far >= p->nfar)
		return false;
	*offset = (uint64_t)u32(p->far_offsets + (size_t)far * 8) << 32 |
		  u32(p->far_offsets + (size_t)far * 8 + 4);
	return true;
}

/** The first bytes nearly always decide. */
static int compare_ids(const unsigned char *a, const unsigned char *b, size_t n)
{
	uint32_t x = u32(a), y = u32(b);

	if (x != y)
		return x < y ? -1 : 1;
	return memcmp(a + 4, b + 4, n - 4);
}

/* Entries of an index that are left to search, and what ids may be there. */
struct gap {
	uint32_t lo, hi; /* entries from lo, before hi */
	uint32_t least, most;
};

/**
 * Where the id would stand if ids were spread evenly, as those of honest
 * objects are. Pushed ids may not be, so after some looks it is the middle.
 */
static uint32_t guess(const struct gap *g, uint32_t id, unsigned looks)
{
	enum { GUIDED = 4, SMALL = 4 };
	uint32_t n = g->hi - g->lo;

	if (looks > GUIDED || n < SMALL || id < g->least || id > g->most)
		return g->lo + n / 2;
	return g->lo + (uint32_t)((uint64_t)(id - g->least) * n /
				  ((uint64_t)g->most - g->least + 1));
}

bool pack_find(const struct pack *p, const unsigned char *raw_id,
	       uint64_t *offset)
{
	uint32_t first = (uint32_t)raw_id[0] << 24;
	struct gap g = {
		.lo = raw_id[0] ? u32(fanout(p, raw_id[0] - 1U)) : 0,
		.hi = u32(fanout(p, raw_id[0])),
		.least = first,
		.most = first | 0xffffff,
	};
	unsigned looks = 0;

	while (g.lo < g.hi) {
		uint32_t at = guess(&g, u32(raw_id), looks++);
		const unsigned char *here = p->ids + (size_t)at * p->raw_size;
		int d = compare_ids(raw_id, here, p->raw_size);

		if (!d)
			return offset_of(p, at, offset);
		if (d < 0) {
			g.hi = at;
			g.most = u32(here);
		} else {
			g.lo = at + 1;
			g.least = u32(here);
		}
	}
	return false;
}

/** Type and size: 3 bits and 4, then 7 a byte. */
static bool take_head(struct cursor *c, struct pack_entry *out)
{
	unsigned shift = 4;
	uint8_t byte;

	if (!cursor_u8(c, &byte))
		return false;
	out->type = (enum pack_type)(byte >> 4 & 7);
	out->size = byte & 15;
	while (byte & 0x80) {
		if (shift > 56 || !cursor_u8(c, &byte))
			return false;
		out->size |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	}
	return true;
}

/** How far before the delta its base is. */
static bool take_distance(struct cursor *c, uint64_t *out)
{
	uint64_t v;
	uint8_t byte;

	if (!cursor_u8(c, &byte))
		return false;
	v = byte & 0x7f;
	while (byte & 0x80) {
		if (v > UINT64_MAX >> 8 || !cursor_u8(c, &byte))
			return false;
		v = (v + 1) << 7 | (byte & 0x7f);
	}
	*out = v;
	return true;
}

bool pack_entry_at(const struct pack *p, uint64_t offset,
		   struct pack_entry *out)
{
	size_t end = p->pack.n - p->raw_size;
	uint64_t distance;
	struct cursor c;
	struct span id;

	if (offset < PACK_HEADER || offset >= end)
		return false;
	c = cursor_of(p->pack.p + offset, end - (size_t)offset);
	if (!take_head(&c, out))
		return false;
	switch (out->type) {
	case PACK_COMMIT:
	case PACK_TREE:
	case PACK_BLOB:
	case PACK_TAG:
		break;
	case PACK_OFS_DELTA:
		if (!take_distance(&c, &distance) || !distance ||
		    distance > offset)
			return false;
		out->base = offset - distance;
		break;
	case PACK_REF_DELTA:
		if (!cursor_take(&c, p->raw_size, &id) ||
		    !pack_find(p, (const unsigned char *)id.p, &out->base))
			return false;
		break;
	default:
		return false;
	}
	out->data = span_of(c.p, cursor_left(&c));
	return true;
}
