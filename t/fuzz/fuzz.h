/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_FUZZ_H
#define GATEPOST_FUZZ_H

/**
 * A target: one parser of bytes that an outsider chose.
 *
 *	FUZZ(name)
 *	{
 *		parse(span_of(data, size));
 *	}
 *
 * By itself it is libFuzzer's entry; with FUZZ_REPLAY, one of the functions
 * that replay.c calls. Each also stands in targets.def.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cursor.h"

#ifdef FUZZ_REPLAY
#define FUZZ_ENTRY(name) fuzz_##name
#else
#define FUZZ_ENTRY(name) LLVMFuzzerTestOneInput
#endif

#define FUZZ(name)                                                             \
	static void target(const char *data, size_t size);                     \
	int FUZZ_ENTRY(name)(const uint8_t *bytes, size_t size);               \
	int FUZZ_ENTRY(name)(const uint8_t *bytes, size_t size)                \
	{                                                                      \
		target((const char *)bytes, size);                             \
		return 0;                                                      \
	}                                                                      \
	static void target(const char *data, size_t size)

/** What must hold whatever the bytes are. */
#define FUZZ_MUST(condition)                                                   \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

#endif
