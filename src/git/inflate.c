/* SPDX-License-Identifier: Apache-2.0 */
#include "git/inflate.h"

#include <limits.h>
#include <string.h>

void inflater_release(struct inflater *f)
{
	if (f->ready)
		inflateEnd(&f->z);
	f->ready = false;
}

/** zlib counts in unsigned int; an object is never that long here. */
static unsigned clamp(size_t n)
{
	return n < UINT_MAX ? (unsigned)n : UINT_MAX;
}

static bool start(struct inflater *f, struct span in)
{
	if (!f->ready) {
		memset(&f->z, 0, sizeof(f->z));
		if (inflateInit(&f->z) != Z_OK)
			return false;
		f->ready = true;
	} else if (inflateReset(&f->z) != Z_OK) {
		return false;
	}
	/* zlib does not write there. */
	f->z.next_in = (Bytef *)(uintptr_t)in.p;
	f->z.avail_in = clamp(in.n);
	return true;
}

static bool finish(struct inflater *f, char *out, size_t size)
{
	if (size >= UINT_MAX - INFLATE_SPARE)
		return false;
	f->z.next_out = (Bytef *)out;
	f->z.avail_out = (unsigned)size + INFLATE_SPARE;
	return inflate(&f->z, Z_FINISH) == Z_STREAM_END &&
	       f->z.avail_out == INFLATE_SPARE;
}

bool inflate_exact(struct inflater *f, struct span in, char *out, size_t size)
{
	bool ok = start(f, in) && finish(f, out, size);

	out[size] = '\0';
	return ok;
}

size_t inflate_some(struct inflater *f, struct span in, char *out, size_t max)
{
	int ret;

	if (!start(f, in))
		return 0;
	f->z.next_out = (Bytef *)out;
	f->z.avail_out = clamp(max);
	ret = inflate(&f->z, Z_SYNC_FLUSH);
	if (ret != Z_OK && ret != Z_STREAM_END && ret != Z_BUF_ERROR)
		return 0;
	return clamp(max) - f->z.avail_out;
}

bool inflate_rest(struct inflater *f, char *out, size_t size, bool *all_used)
{
	bool ok = finish(f, out, size);

	out[size] = '\0';
	*all_used = !f->z.avail_in;
	return ok;
}
