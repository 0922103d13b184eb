/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_BUF_H
#define GATEPOST_BASE_BUF_H

/**
 * A growing byte buffer with a cap. Every buffer whose size an outsider
 * decides has a named cap. A failed append (cap or memory) leaves the
 * buffer as it was and marks it failed; later appends do nothing, so a
 * caller may append freely and ask buf_ok() once, at the end.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* never NULL after buf_init; NUL-terminated */
	size_t len; /* bytes without that NUL */
	size_t cap; /* bytes allocated */
	size_t max; /* the most that len may become */
	bool failed;
};

/** Static initialiser for a buffer of at most `m` bytes. */
#define BUF_INIT(m) {.data = buf_empty, .max = (m)}

/** What an empty buffer points to; never written. */
extern char buf_empty[];

/** Make `b` empty with a cap of `max` bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t max);

/** Free what `b` holds and make it empty again, with the same cap. */
void buf_release(struct buf *b);

/** Forget the content (and a failure) but keep the memory. */
void buf_clear(struct buf *b);

/** Each returns 0, or -1 when the buffer is (or now became) failed. */
int buf_add(struct buf *b, const void *bytes, size_t n);
int buf_adds(struct buf *b, const char *s);
int buf_addch(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int buf_addv(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** Make room for `n` more bytes, written by the caller at data + len. */
int buf_reserve(struct buf *b, size_t n);

/** Cut to `len` bytes, which must not be more than there are. */
void buf_truncate(struct buf *b, size_t len);

/** Whether every append so far was taken. */
bool buf_ok(const struct buf *b);

/**
 * Hand the bytes to the caller, who frees them with free(3).
 * @return NULL if the buffer failed or memory ran out; else a
 * NUL-terminated string, also when empty.
 */
char *buf_detach(struct buf *b, size_t *len);

#endif
