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

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool hex_decode(struct span hex, void *out, size_t n)
{
	unsigned char *p = out;
	size_t i;

	if (hex.n % 2 != 0 || hex.n / 2 != n)
		return false;
	for (i = 0; i < n; i++) {
		int high = hex_value(hex.p[2 * i]);
		int low = hex_value(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void base64_encode(struct buf *out, const void *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = bytes;
	size_t i, k;

	for (i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t group = (uint32_t)p[i] << 16;
		char four[4] = {'=', '=', '=', '='};

		if (have > 1)
			group |= (uint32_t)p[i + 1] << 8;
		if (have > 2)
			group |= p[i + 2];
		for (k = 0; k <= have; k++)
			four[k] = digits[group >> (18 - 6 * k) & 63];
		if (buf_add(out, four, 4))
			return;
	}
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Four digits, of which the last `pad` are padding, to 3 - pad bytes. */
static bool decode_group(struct buf *out, const char *four, size_t pad)
{
	uint32_t group = 0;
	char three[3];
	size_t i;

	for (i = 0; i < 4; i++) {
		int v = i < 4 - pad ? base64_value(four[i]) : 0;

		if (v < 0)
			return false;
		group = group << 6 | (uint32_t)v;
	}
	three[0] = (char)(group >> 16 & 0xff);
	three[1] = (char)(group >> 8 & 0xff);
	three[2] = (char)(group & 0xff);
	/* bits that no byte takes must be zero, else two texts decode alike */
	for (i = 3 - pad; i < 3; i++)
		if (three[i])
			return false;
	return buf_add(out, three, 3 - pad) == 0;
}

bool base64_decode(struct buf *out, struct span text)
{
	size_t was = out->len, i, pad = 0;

	if (text.n % 4 != 0)
		return false;
	if (text.n && text.p[text.n - 1] == '=')
		pad = text.p[text.n - 2] == '=' ? 2 : 1;
	for (i = 0; i < text.n; i += 4) {
		size_t here = i + 4 == text.n ? pad : 0;

		if (!decode_group(out, text.p + i, here)) {
			buf_truncate(out, was);
			return false;
		}
	}
	return true;
}
