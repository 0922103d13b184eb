/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "trust/crypto_memory.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

enum {
	STEP = 64,    /* bytes between two classes */
	CLASSES = 64, /* the last one has blocks of 4 KiB */
};

/* Sanitizers should see each block come and go. */
#ifdef WITH_SANITIZERS
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* Stands before each block. */
union head {
	struct {
		size_t size;	  /* that libcrypto may use */
		union head *next; /* while it is free */
	} is;
	max_align_t align;
};

/* libcrypto's hooks get no context, so there is one for the process. */
static struct {
	union head *free[CLASSES];
	size_t bytes; /* free ones */
} kept;

/* CLASSES for what is too large to be kept */
static size_t class_of(size_t n)
{
	return n > (size_t)STEP * CLASSES ? CLASSES : (n + STEP - 1) / STEP - 1;
}

static void *take(size_t n, const char *file, int line)
{
	size_t class = n ? class_of(n) : CLASSES;
	union head *h;

	(void)file;
	(void)line;
	if (!n || n > SIZE_MAX - sizeof(*h))
		return NULL;
	if (class < CLASSES) {
		h = kept.free[class];
		if (h) {
			kept.free[class] = h->is.next;
			kept.bytes -= h->is.size;
			return h + 1;
		}
		n = (class + 1) * STEP;
	}
	h = malloc(sizeof(*h) + n);
	if (!h)
		return NULL;
	h->is.size = n;
	return h + 1;
}

static void give(void *block, const char *file, int line)
{
	union head *h;
	size_t class;

	(void)file;
	(void)line;
	if (!block)
		return;
	h = (union head *)block - 1;
	class = class_of(h->is.size);
	if (class == CLASSES || kept.bytes + h->is.size > CRYPTO_MEMORY_MAX) {
		free(h);
		return;
	}
	h->is.next = kept.free[class];
	kept.free[class] = h;
	kept.bytes += h->is.size;
}

static void *retake(void *block, size_t n, const char *file, int line)
{
	size_t had = block ? ((union head *)block - 1)->is.size : 0;
	void *out;

	if (!n) {
		give(block, file, line);
		return NULL;
	}
	if (n <= had)
		return block;
	out = take(n, file, line);
	if (out && block) {
		memcpy(out, block, had);
		give(block, file, line);
	}
	return out;
}

void crypto_memory_keep(void)
{
	if (!SANITIZED)
		CRYPTO_set_mem_functions(take, retake, give);
}
