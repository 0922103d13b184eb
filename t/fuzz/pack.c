/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "fuzz.h"
#include "git/pack_read.h"
#include "scratch.h"
#include "sys/files.h"

enum {
	SHA1 = 20,
	HEAD = 12,	   /* where the first entry is */
	MAX_SEEN = 1 << 16 /* bytes of an object */
};

static void put_u32(struct buf *b, unsigned v)
{
	char bytes[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8),
			 (char)v};

	buf_add(b, bytes, sizeof(bytes));
}

/* An index of one object, whose id is all zeros, for any pack. */
static void write_index(const char *path)
{
	static const char zeros[3 * SHA1];
	struct buf b = BUF_INIT(4096);
	struct err e;
	unsigned i;

	buf_add(&b, "\377tOc", 4);
	put_u32(&b, 2);
	for (i = 0; i < 256; i++)
		put_u32(&b, 1);
	buf_add(&b, zeros, SHA1 + 4); /* its id, its checksum */
	put_u32(&b, HEAD);
	buf_add(&b, zeros, 2 * SHA1);
	FUZZ_MUST(!file_write(path, b.data, b.len, 0600, &e));
	buf_release(&b);
}

static void write_pack(const char *path, const char *data, size_t size)
{
	static const char zeros[SHA1];
	struct buf b = BUF_INIT(1 << 21);
	struct err e;

	buf_adds(&b, "PACK");
	put_u32(&b, 2);
	put_u32(&b, 1);
	buf_add(&b, data, size);
	buf_add(&b, zeros, SHA1);
	if (buf_ok(&b))
		FUZZ_MUST(!file_write(path, b.data, b.len, 0600, &e));
	buf_release(&b);
}

static void read_at(struct pack_reader *r, const struct pack *p, uint64_t at)
{
	struct object_bytes *bytes = NULL;
	enum object_type type;
	struct err e = {0};
	uint64_t n;

	if (!pack_read(r, p, at, MAX_SEEN, &bytes, &e)) {
		FUZZ_MUST(bytes->size <= MAX_SEEN);
		FUZZ_MUST(!pack_stat(r, p, at, &type, &n, &e));
		FUZZ_MUST(n == bytes->size && type == bytes->type);
	}
	object_bytes_drop(bytes);
}

/* The entries of a pack, without what stands before and behind them. */
FUZZ(pack)
{
	const unsigned char id[SHA1] = {0};
	struct bytes_pool pool = {0};
	struct pack_reader *r = calloc(1, sizeof(*r));
	struct pack *p;
	struct err e = {0};
	char index[SCRATCH_PATH], path[SCRATCH_PATH];
	uint64_t at;

	scratch_path("p.pack", path);
	if (scratch_path("p.idx", index))
		write_index(index);
	write_pack(path, data, size);
	if (r && !pack_open(&p, index, OID_SHA1, &e)) {
		r->pool = &pool;
		FUZZ_MUST(pack_find(p, id, &at) && at == HEAD);
		for (at = 0; at < 64 && at < size; at++)
			read_at(r, p, HEAD + at);
		pack_reader_release(r);
		pack_free(p);
	}
	bytes_pool_release(&pool);
	free(r);
}
