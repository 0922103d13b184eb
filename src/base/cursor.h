/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_CURSOR_H
#define GATEPOST_BASE_CURSOR_H

/**
 * A read position in bytes that somebody else wrote. No call reads beyond
 * the end; each says whether it could take what was asked for, and takes
 * nothing when it could not.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Borrowed bytes; not NUL-terminated. */
struct span {
	const char *p;
	size_t n;
};

struct cursor {
	const char *p;
	const char *end;
};

static inline struct cursor cursor_of(const void *bytes, size_t n)
{
	const char *p = bytes;
	/* an empty span may have no address, and NULL + 0 is undefined */
	struct cursor c = {p, n ? p + n : p};
	return c;
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

/** Take `n` bytes. */
bool cursor_take(struct cursor *c, size_t n, struct span *out);

/** Take a byte, a big-endian number. */
bool cursor_u8(struct cursor *c, uint8_t *out);
bool cursor_u16(struct cursor *c, uint16_t *out);
bool cursor_u32(struct cursor *c, uint32_t *out);
bool cursor_u64(struct cursor *c, uint64_t *out);

/** Take an SSH string (RFC 4251, 5): uint32 length, bytes. */
bool cursor_string(struct cursor *c, struct span *out);

/** Take `lit` if it is next. */
bool cursor_literal(struct cursor *c, const char *lit);

/**
 * Take bytes up to `stop`, and the stop itself (not part of `out`).
 * @return false, taking nothing, when there is no `stop` ahead.
 */
bool cursor_until(struct cursor *c, char stop, struct span *out);

/** Take a line: up to LF, or to the end. @return false only at the end. */
bool cursor_line(struct cursor *c, struct span *out);

/** Whether a span equals a string; the second without ASCII case. */
bool span_is(struct span s, const char *text);
bool span_is_nocase(struct span s, const char *text);
bool span_starts(struct span s, const char *text);
bool span_equal(struct span a, struct span b);

/** The span without ASCII blanks (space, tab, CR, LF, VT, FF) at both ends. */
struct span span_trim(struct span s);

/** A heap copy, NUL-terminated; NULL when memory ran out. Caller frees. */
char *span_dup(struct span s);

static inline struct span span_of(const void *bytes, size_t n)
{
	struct span s = {bytes, n};
	return s;
}
struct span span_str(const char *s);

#endif
