/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

#include "base/encode.h"

int random_bytes(void *out, size_t n, struct err *e)
{
	unsigned char *p = out;

	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_sys(e, "getrandom");
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

int uuid7_make(int64_t ms, char out[UUID_TEXT_SIZE], struct err *e)
{
	static const unsigned char ends[] = {4, 6, 8, 10, 16};
	uint64_t stamp = ms > 0 ? (uint64_t)ms : 0;
	unsigned char raw[16];
	size_t from = 0, i;

	out[0] = '\0';
	if (random_bytes(raw, sizeof(raw), e))
		return ERR_SYS;
	for (i = 0; i < 6; i++)
		raw[i] = (unsigned char)(stamp >> (40 - 8 * i) & 0xff);
	raw[6] = (unsigned char)(0x70 | (raw[6] & 0x0f));
	raw[8] = (unsigned char)(0x80 | (raw[8] & 0x3f));
	for (i = 0; i < sizeof(ends); i++) {
		hex_encode(raw + from, ends[i] - from, out);
		out += 2 * (ends[i] - from);
		from = ends[i];
		if (from < sizeof(raw))
			*out++ = '-';
	}
	return 0;
}

static bool are_digits(const char *p, size_t n)
{
	bool good = true;

	while (n--) {
		char c = *p++;

		good &= (unsigned)(c - '0') < 10 || (unsigned)(c - 'a') < 6;
	}
	return good;
}

bool uuid_is(struct span s)
{
	return s.n == UUID_TEXT_SIZE - 1 && s.p[8] == '-' && s.p[13] == '-' &&
	       s.p[18] == '-' && s.p[23] == '-' && are_digits(s.p, 8) &&
	       are_digits(s.p + 9, 4) && are_digits(s.p + 14, 4) &&
	       are_digits(s.p + 19, 4) && are_digits(s.p + 24, 12);
}

bool uuid7_time(struct span s, int64_t *ms)
{
	unsigned char raw[6];
	char hex[12];

	if (!uuid_is(s) || s.p[14] != '7')
		return false;
	memcpy(hex, s.p, 8);
	memcpy(hex + 8, s.p + 9, 4);
	if (!hex_decode(span_of(hex, sizeof(hex)), raw, sizeof(raw)))
		return false;
	*ms = (int64_t)raw[0] << 40 | (int64_t)raw[1] << 32 |
	      (int64_t)raw[2] << 24 | (int64_t)raw[3] << 16 |
	      (int64_t)raw[4] << 8 | raw[5];
	return true;
}
