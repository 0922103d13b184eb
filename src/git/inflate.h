/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_INFLATE_H
#define GATEPOST_GIT_INFLATE_H

/** zlib streams of known size. Private to this room. */

#include <stdbool.h>
#include <stddef.h>
#include <zlib.h>

#include "base/cursor.h"

/**
 * Room behind what is unpacked. A stream that is too long shows there; and
 * zlib has a loop three times as fast, which it leaves where fewer bytes than
 * these are left: a fifth of a signed commit.
 */
enum { INFLATE_SPARE = 258 };

struct inflater {
	z_stream z;
	bool ready;
};

void inflater_release(struct inflater *f);

/**
 * Inflate the stream at the start of `in` to exactly `size` bytes. `out` has
 * room for INFLATE_SPARE more.
 * @return false when the stream is broken, cut, shorter or longer
 */
bool inflate_exact(struct inflater *f, struct span in, char *out, size_t size);

/** The first at most `max` bytes. @return how many; 0 when it is broken */
size_t inflate_some(struct inflater *f, struct span in, char *out, size_t max);

/**
 * Go on behind inflate_some on the same stream, to exactly `size` more bytes
 * and its end. `out` has room for INFLATE_SPARE more.
 * @param all_used  whether nothing of the input was left
 */
bool inflate_rest(struct inflater *f, char *out, size_t size, bool *all_used);

#endif
