/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_TEXT_H
#define GATEPOST_BASE_TEXT_H

/**
 * Text hygiene: what turns bytes of unknown origin into something that may
 * be shown, and the small comparisons that must not depend on a locale.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/encode.h"
#include "base/glob.h"

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
static inline bool ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool ascii_alpha(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}
static inline bool ascii_alnum(char c)
{
	return ascii_digit(c) || ascii_alpha(c);
}

/** Whether the bytes are well-formed UTF-8 (RFC 3629). */
bool text_is_utf8(struct span s);

/**
 * Append `s` for a terminal: well-formed, printable UTF-8 as it stands;
 * control characters (C0, DEL, C1), bidirectional and zero-width format
 * characters, line and paragraph separators, and bytes that are not UTF-8,
 * each as `?`; tab as one space. Cuts after `max` columns (one a code point)
 * and then ends in `...`.
 */
void text_add_printable(struct buf *out, struct span s, size_t max);

/**
 * Append `s` for JSON or other machine text that must be UTF-8: ill-formed
 * bytes become U+FFFD. Everything else stays (the JSON writer escapes it).
 */
void text_add_utf8(struct buf *out, struct span s);

/**
 * Append `word` quoted for a POSIX shell: bare when it needs no quotes, else
 * in single quotes. What text_add_printable would not show becomes `?`.
 */
void text_add_shell(struct buf *out, struct span word);

/** Case-insensitive (ASCII) comparison and search. */
bool text_equal_nocase(struct span a, struct span b);
/** @return the first place of `needle` in `hay` without ASCII case, or NULL */
const char *text_find_nocase(struct span hay, struct span needle);

/**
 * The word of `words` (`n` of them, NULLs skipped) nearest to `word` by
 * edits, if it is near enough to be worth suggesting; else NULL.
 */
const char *text_nearest(const char *word, const char *const *words, size_t n);

/**
 * A decimal number of digits only, at most `max`.
 * @return false on anything else, overflow included
 */
bool text_to_u64(struct span s, uint64_t max, uint64_t *out);

enum { TEXT_U64_SIZE = 21 };
/** Decimal digits and a NUL, without what printf(3) costs. */
void text_of_u64(uint64_t n, char out[TEXT_U64_SIZE]);

#endif
