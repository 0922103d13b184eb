/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signature_wire.h"

#include <stddef.h>
#include <string.h>

#include "base/cursor.h"

enum { FLAG_PRESENCE = 1, FLAG_VERIFICATION = 2, FLAGS = 3 };

#define TEXT(field)                                                            \
	{                                                                      \
		offsetof(struct signature, field),                             \
			sizeof(((struct signature *)0)->field)                 \
	}

/* Each takes its whole size, with zeros after the text. */
static const struct {
	size_t offset, size;
} texts[] = {TEXT(format), TEXT(key_type), TEXT(fingerprint), TEXT(signer),
	     TEXT(why)};

enum { NTEXTS = sizeof(texts) / sizeof(texts[0]) };

static uint32_t position(const struct principal *p,
			 const struct principals *people)
{
	size_t i;

	for (i = 0; p && i < people->n; i++)
		if (&people->v[i] == p)
			return (uint32_t)i + 1;
	return 0;
}

void signature_encode(const struct signature *sig,
		      const struct principals *people,
		      unsigned char out[SIGNATURE_WIRE_SIZE])
{
	uint32_t who = position(sig->principal, people);
	unsigned char *at = out;
	size_t i;

	memset(out, 0, SIGNATURE_WIRE_SIZE);
	*at++ = (unsigned char)sig->status;
	*at++ = (unsigned char)((sig->presence ? FLAG_PRESENCE : 0) |
				(sig->verification ? FLAG_VERIFICATION : 0));
	for (i = 0; i < 4; i++)
		*at++ = (unsigned char)(who >> (24 - 8 * i));
	for (i = 0; i < NTEXTS; i++) {
		const char *from = (const char *)sig + texts[i].offset;

		memcpy(at, from, strnlen(from, texts[i].size - 1));
		at += texts[i].size;
	}
}

static bool read_text(struct cursor *c, size_t i, struct signature *out)
{
	struct span s;
	size_t n;

	if (!cursor_take(c, texts[i].size, &s))
		return false;
	n = strnlen(s.p, s.n);
	memcpy((char *)out + texts[i].offset, s.p, s.n);
	while (n < s.n && !s.p[n])
		n++;
	return n == s.n && !s.p[n - 1];
}

static bool read_all(struct cursor *c, const struct principals *people,
		     struct signature *out)
{
	uint8_t status = 0, flags = 0;
	uint32_t who = 0;
	bool good;
	size_t i;

	if (!cursor_u8(c, &status) || !cursor_u8(c, &flags) ||
	    !cursor_u32(c, &who))
		return false;
	for (i = 0; i < NTEXTS; i++)
		if (!read_text(c, i, out))
			return false;
	good = status == SIG_GOOD;
	if (status < SIG_GOOD || status > SIG_UNSUPPORTED || flags > FLAGS ||
	    who > people->n || (who != 0) != good || !out->why[0] != good)
		return false;
	out->status = (enum signature_status)status;
	out->presence = flags & FLAG_PRESENCE;
	out->verification = flags & FLAG_VERIFICATION;
	out->principal = who ? &people->v[who - 1] : NULL;
	return true;
}

bool signature_decode(const unsigned char in[SIGNATURE_WIRE_SIZE],
		      const struct principals *people, struct signature *out)
{
	struct cursor c = cursor_of(in, SIGNATURE_WIRE_SIZE);

	memset(out, 0, sizeof(*out));
	if (read_all(&c, people, out))
		return true;
	memset(out, 0, sizeof(*out));
	return false;
}
