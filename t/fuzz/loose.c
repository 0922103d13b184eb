/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "fuzz.h"
#include "git/loose_object.h"
#include "scratch.h"
#include "sys/files.h"

enum { MAX_SEEN = 1 << 16 };

/* The first byte says whether the rest is a file, or is compressed first. */
static void write_object(const char *path, const char *data, size_t size)
{
	uLongf room = compressBound((uLong)size);
	unsigned char *small;
	struct err e;

	if (!size || data[0] & 1) {
		FUZZ_MUST(!file_write(path, data, size, 0600, &e));
		return;
	}
	small = malloc(room);
	if (small && compress2(small, &room, (const Bytef *)data + 1,
			       (uLong)size - 1, 1) == Z_OK)
		FUZZ_MUST(!file_write(path, small, room, 0600, &e));
	free(small);
}

FUZZ(loose)
{
	struct oid id = {.algo = OID_SHA1};
	struct object_bytes *bytes = NULL;
	struct bytes_pool pool = {0};
	struct inflater f = {0};
	enum object_type type;
	struct err e = {0};
	char dir[SCRATCH_PATH], path[SCRATCH_PATH];
	uint64_t n;

	if (scratch_path("00", dir))
		FUZZ_MUST(!file_make_dirs(dir, 0700, &e));
	scratch_path("00/00000000000000000000000000000000000000", path);
	scratch_path("", dir);
	write_object(path, data, size);
	if (!loose_object_read(&f, &pool, dir, &id, MAX_SEEN, &bytes, &e)) {
		FUZZ_MUST(!loose_object_stat(&f, dir, &id, &type, &n, &e));
		FUZZ_MUST(n == bytes->size && type == bytes->type);
	}
	object_bytes_drop(bytes);
	bytes_pool_release(&pool);
	inflater_release(&f);
}
