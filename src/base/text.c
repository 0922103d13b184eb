/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

enum { MAX_NEAREST_WORD = 63 };

/*
 * The well-formed sequence at the start of `s` (RFC 3629, 4).
 * @return its bytes, 0 when there is none
 */
static size_t utf8_take(struct span s, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n, i;

	if (!s.n)
		return 0;
	n = p[0] < 0x80	  ? 1
	    : p[0] < 0xc2 ? 0
	    : p[0] < 0xe0 ? 2
	    : p[0] < 0xf0 ? 3
	    : p[0] < 0xf5 ? 4
			  : 0;
	if (n == 0 || n > s.n)
		return 0;
	*point = n == 1 ? p[0] : p[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (p[i] & 0x3f);
	}
	if (*point < least[n] || *point > 0x10ffff)
		return 0;
	return *point >= 0xd800 && *point <= 0xdfff ? 0 : n;
}

static struct span rest_of(struct span s, size_t n)
{
	return span_of(s.p + n, s.n - n);
}

bool text_is_utf8(struct span s)
{
	uint32_t point;

	while (s.n) {
		size_t n = utf8_take(s, &point);

		if (!n)
			return false;
		s = rest_of(s, n);
	}
	return true;
}

/*
 * What moves the cursor, changes the order of what stands around it, or
 * cannot be seen. In ascending order.
 */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{0x0000, 0x001f},   /* C0 */
	{0x007f, 0x009f},   /* DEL, C1 */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x034f, 0x034f},   /* combining grapheme joiner */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x115f, 0x1160},   /* Hangul fillers */
	{0x17b4, 0x17b5},   /* Khmer inherent vowels */
	{0x180b, 0x180f},   /* Mongolian selectors, vowel separator */
	{0x200b, 0x200f},   /* zero-width, left-to-right and reverse marks */
	{0x2028, 0x202e},   /* separators, embeddings, overrides */
	{0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xfdd0, 0xfdef},   /* noncharacters */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xffa0, 0xffa0},   /* half-width Hangul filler */
	{0xfff0, 0xfffb},   /* unassigned specials, annotations */
	{0x1bca0, 0x1bca3}, /* shorthand format controls */
	{0x1d173, 0x1d17a}, /* musical format controls */
	{0xe0000, 0xe0fff}, /* tags, supplementary selectors */
};

static bool shown(uint32_t point)
{
	size_t low = 0, high = sizeof(hidden) / sizeof(hidden[0]);

	if ((point & 0xfffe) == 0xfffe) /* noncharacters of every plane */
		return false;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (point > hidden[mid].last)
			low = mid + 1;
		else if (point < hidden[mid].first)
			high = mid;
		else
			return false;
	}
	return true;
}

/* Append what may be shown of the first character. @return its bytes */
static size_t add_shown(struct buf *out, struct span s)
{
	uint32_t point = 0;
	size_t n = utf8_take(s, &point);

	if (n && shown(point))
		buf_add(out, s.p, n);
	else
		buf_addch(out, '?');
	return n ? n : 1;
}

/* Most text is of these alone, and they are added at once. */
static size_t ascii_run(struct span s, char first, char last, size_t max)
{
	size_t n = 0;

	while (n < s.n && n < max && s.p[n] >= first && s.p[n] <= last)
		n++;
	return n;
}

void text_add_printable(struct buf *out, struct span s, size_t max)
{
	size_t columns = 0;

	while (s.n && columns < max) {
		size_t run = ascii_run(s, ' ', '~', max - columns);

		buf_add(out, s.p, run);
		s = rest_of(s, run);
		columns += run;
		if (!s.n || columns == max)
			break;
		if (*s.p == '\t') {
			buf_addch(out, ' ');
			s = rest_of(s, 1);
		} else {
			s = rest_of(s, add_shown(out, s));
		}
		columns++;
	}
	if (s.n)
		buf_adds(out, "...");
}

void text_add_utf8(struct buf *out, struct span s)
{
	uint32_t point;

	while (s.n) {
		size_t n = ascii_run(s, '\0', '\x7f', s.n);

		if (!n)
			n = utf8_take(s, &point);
		if (n)
			buf_add(out, s.p, n);
		else
			buf_adds(out, "\xef\xbf\xbd");
		s = rest_of(s, n ? n : 1);
	}
}

static bool shell_bare(struct span word)
{
	size_t i;

	for (i = 0; i < word.n; i++)
		if (!ascii_alnum(word.p[i]) &&
		    (!word.p[i] || !strchr("_./:@%+=,-", word.p[i])))
			return false;
	return word.n > 0;
}

void text_add_shell(struct buf *out, struct span word)
{
	if (shell_bare(word)) {
		buf_add(out, word.p, word.n);
		return;
	}
	buf_addch(out, '\'');
	while (word.n) {
		if (*word.p == '\'') {
			buf_adds(out, "'\\''");
			word = rest_of(word, 1);
		} else {
			word = rest_of(word, add_shown(out, word));
		}
	}
	buf_addch(out, '\'');
}

bool text_equal_nocase(struct span a, struct span b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

const char *text_find_nocase(struct span hay, struct span needle)
{
	for (; hay.n >= needle.n; hay = rest_of(hay, 1)) {
		if (text_equal_nocase(span_of(hay.p, needle.n), needle))
			return hay.p;
		if (!hay.n)
			break;
	}
	return NULL;
}

/*
 * Insertions, deletions, substitutions and swaps of neighbours between two
 * words of at most MAX_NEAREST_WORD bytes, without ASCII case.
 */
static size_t edits(struct span a, struct span b)
{
	size_t row[3][MAX_NEAREST_WORD + 1];
	size_t *older = row[0], *old = row[1], *now = row[2], i, j;

	for (j = 0; j <= b.n; j++)
		old[j] = j;
	for (i = 1; i <= a.n; i++) {
		size_t *spare = older;
		char x = ascii_lower(a.p[i - 1]);

		now[0] = i;
		for (j = 1; j <= b.n; j++) {
			char y = ascii_lower(b.p[j - 1]);
			size_t least = old[j - 1] + (x != y);

			if (old[j] + 1 < least)
				least = old[j] + 1;
			if (now[j - 1] + 1 < least)
				least = now[j - 1] + 1;
			if (i > 1 && j > 1 && older[j - 2] + 1 < least &&
			    x == ascii_lower(b.p[j - 2]) &&
			    y == ascii_lower(a.p[i - 2]))
				least = older[j - 2] + 1;
			now[j] = least;
		}
		older = old;
		old = now;
		now = spare;
	}
	return old[b.n];
}

const char *text_nearest(const char *word, const char *const *words, size_t n)
{
	struct span want = span_str(word);
	size_t most = want.n < 4 ? 1 : (want.n + 1) / 3;
	const char *best = NULL;
	size_t i;

	if (!want.n || want.n > MAX_NEAREST_WORD)
		return NULL;
	for (i = 0; i < n; i++) {
		size_t len = words[i] ? strlen(words[i]) : 0;
		size_t d;

		if (!len || len > MAX_NEAREST_WORD)
			continue;
		d = edits(want, span_of(words[i], len));
		/* a word that shares nothing is no suggestion */
		if (d > most || d >= want.n || (best && d == most))
			continue;
		best = words[i];
		most = d;
	}
	return best;
}

bool text_to_u64(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (!s.n)
		return false;
	for (i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]) || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (unsigned)(s.p[i] - '0'), &v))
			return false;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

void text_of_u64(uint64_t n, char out[TEXT_U64_SIZE])
{
	char digits[TEXT_U64_SIZE];
	size_t at = sizeof(digits);

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	memcpy(out, digits + at, sizeof(digits) - at);
}
