/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"

#include <stdint.h>

void hex_encode(const void *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

/* The value of each digit, plus 16; less: no digit. A table, since what an id
 * holds no processor can foresee. */
static const unsigned char hex_values[256] = {
	['0'] = 16, ['1'] = 17, ['2'] = 18, ['3'] = 19, ['4'] = 20, ['5'] = 21,
	['6'] = 22, ['7'] = 23, ['8'] = 24, ['9'] = 25, ['a'] = 26, ['b'] = 27,
	['c'] = 28, ['d'] = 29, ['e'] = 30, ['f'] = 31,
};

bool hex_decode(struct span hex, void *out, size_t n)
{
	const unsigned char *in = (const unsigned char *)hex.p;
	unsigned char *p = out;
	size_t i;

	if (hex.n % 2 != 0 || hex.n / 2 != n)
		return false;
	for (i = 0; i < n; i++) {
		unsigned high = hex_values[in[2 * i]];
		unsigned low = hex_values[in[2 * i + 1]];

		if (!(high & low & 16))
			return false;
		p[i] = (unsigned char)((high & 15) << 4 | (low & 15));
	}
	return true;
}

void base64_encode(struct buf *out, const void *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = bytes;
	size_t i, groups = n / 3 + (n % 3 != 0);
	char *to;

	/* what overflows is more than any buffer takes */
	if (!n ||
	    buf_reserve(out, groups > SIZE_MAX / 4 ? SIZE_MAX : 4 * groups))
		return;
	to = out->data + out->len;
	for (i = 0; i < n; i += 3, to += 4) {
		size_t have = n - i;
		unsigned b = have > 1 ? p[i + 1] : 0,
			 c = have > 2 ? p[i + 2] : 0;

		to[0] = digits[p[i] >> 2];
		to[1] = digits[(p[i] & 3) << 4 | b >> 4];
		to[2] = have > 1 ? digits[(b & 15) << 2 | c >> 6] : '=';
		to[3] = have > 2 ? digits[c & 63] : '=';
	}
	*to = '\0';
	out->len += 4 * groups;
}

enum { B64_BAD = 64 }; /* beyond every digit's value */

/* The value of each digit, plus one; 0: no digit. */
static const unsigned char base64_values[256] = {
	['A'] = 1,  ['B'] = 2,	['C'] = 3,  ['D'] = 4,	['E'] = 5,  ['F'] = 6,
	['G'] = 7,  ['H'] = 8,	['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12,
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
	['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
	['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64};

/* B64_BAD or more for what is no digit */
static unsigned base64_value(char c)
{
	return base64_values[(unsigned char)c] - 1u;
}

/* Four digits to three bytes. */
static inline bool decode_four(const char *four, char *three)
{
	unsigned a = base64_value(four[0]), b = base64_value(four[1]);
	unsigned c = base64_value(four[2]), d = base64_value(four[3]);

	if ((a | b | c | d) >= B64_BAD)
		return false;
	three[0] = (char)(a << 2 | b >> 4);
	three[1] = (char)(b << 4 | c >> 2);
	three[2] = (char)(c << 6 | d);
	return true;
}

/* The last four digits, of which `pad` are padding, to 3 - pad bytes. */
static bool decode_last(const char *last, size_t pad, char *out)
{
	char four[4] = {last[0], last[1], pad > 1 ? 'A' : last[2], 'A'};
	char three[3];
	size_t i;

	if (!decode_four(four, three))
		return false;
	/* bits that no byte takes must be zero, else two texts decode alike */
	for (i = 3 - pad; i < 3; i++)
		if (three[i])
			return false;
	for (i = 0; i < 3 - pad; i++)
		out[i] = three[i];
	return true;
}

bool base64_decode(struct buf *out, struct span text)
{
	size_t pad = 0, whole, i, n;
	char *to;

	if (text.n % 4 != 0)
		return false;
	if (!text.n)
		return buf_ok(out);
	if (text.p[text.n - 1] == '=')
		pad = text.p[text.n - 2] == '=' ? 2 : 1;
	n = text.n / 4 * 3 - pad;
	whole = pad ? text.n - 4 : text.n;
	if (buf_reserve(out, n))
		return false;
	to = out->data + out->len;
	for (i = 0; i < whole; i += 4, to += 3)
		if (!decode_four(text.p + i, to))
			break;
	if (i < whole || (pad && !decode_last(text.p + whole, pad, to))) {
		out->data[out->len] = '\0';
		return false;
	}
	out->len += n;
	out->data[out->len] = '\0';
	return true;
}
