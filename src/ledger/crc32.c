/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/crc32.h"

#include <string.h>
#include <zlib.h>

/*
 * Every record that is read is checked, and zlib's tables take a fifth of all
 * that the courier does with one. The processors of most servers multiply
 * polynomials themselves: what comes 16 bytes (or 64) before the end of some
 * text has the same remainder as its product with x^128 (or x^512) modulo the
 * CRC's polynomial, at that end. So all folds into 16 bytes, of which the
 * tables then make the CRC. (V. Gopal and others, Fast CRC Computation for
 * Generic Polynomials Using PCLMULQDQ Instruction, 2009.)
 */
#if defined(__x86_64__)

#include <emmintrin.h>
#include <wmmintrin.h>

enum { LANE = 16, LANES = 4, STRIDE = LANE * LANES };

static __m128i load(const unsigned char *p)
{
	__m128i x;

	memcpy(&x, p, sizeof(x));
	return x;
}

/* x moved on by as many bits as the factors are for, and `next` added */
__attribute__((target("pclmul"))) static __m128i
fold(__m128i x, __m128i factors, __m128i next)
{
	__m128i low = _mm_clmulepi64_si128(x, factors, 0x00);
	__m128i high = _mm_clmulepi64_si128(x, factors, 0x11);

	return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/* Of a multiple of LANE bytes, STRIDE at least. */
__attribute__((target("pclmul"))) static uint32_t
add_folded(uint32_t crc, const unsigned char *p, size_t n)
{
	/* x^(512+32), x^(512-32); x^(128+32), x^(128-32): bits reversed */
	const __m128i far = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
	const __m128i near = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
	unsigned char rest[LANE];
	__m128i x[LANES];

	for (int i = 0; i < LANES; i++)
		x[i] = load(p + i * LANE);
	x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)~crc));
	for (p += STRIDE, n -= STRIDE; n >= STRIDE; p += STRIDE, n -= STRIDE)
		for (int i = 0; i < LANES; i++)
			x[i] = fold(x[i], far, load(p + i * LANE));
	for (int i = 1; i < LANES; i++)
		x[0] = fold(x[0], near, x[i]);
	for (; n; p += LANE, n -= LANE)
		x[0] = fold(x[0], near, load(p));
	memcpy(rest, &x[0], sizeof(rest));
	/* zlib inverts before and after: it begins with a register of 0 */
	return (uint32_t)crc32_z(UINT32_MAX, rest, sizeof(rest));
}

uint32_t crc32_add(uint32_t crc, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t whole = n / LANE * LANE;

	if (whole >= STRIDE && __builtin_cpu_supports("pclmul")) {
		crc = add_folded(crc, p, whole);
		p += whole;
		n -= whole;
	}
	return n ? (uint32_t)crc32_z(crc, p, n) : crc;
}

#else

uint32_t crc32_add(uint32_t crc, const void *bytes, size_t n)
{
	return n ? (uint32_t)crc32_z(crc, bytes, n) : crc;
}

#endif
