/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char buf_empty[1] = "";

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.data = buf_empty, .max = max};
}

void buf_release(struct buf *b)
{
	if (b->cap)
		free(b->data);
	buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->cap)
		b->data[0] = '\0';
}

int buf_reserve(struct buf *b, size_t n)
{
	size_t want;
	char *grown;

	if (b->failed || n > b->max || b->len > b->max - n) {
		b->failed = true;
		return -1;
	}
	want = b->len + n + 1;
	if (want <= b->cap)
		return 0;
	if (want < b->cap + b->cap / 2)
		want = b->cap + b->cap / 2;
	if (want < 64)
		want = 64;
	grown = realloc(b->cap ? b->data : NULL, want);
	if (!grown) {
		b->failed = true;
		return -1;
	}
	b->data = grown;
	b->cap = want;
	b->data[b->len] = '\0';
	return 0;
}

int buf_add(struct buf *b, const void *bytes, size_t n)
{
	/* what mostly is so: asked here, it costs no call */
	bool fits = n < b->cap - b->len && n <= b->max - b->len && !b->failed;

	if (!fits && buf_reserve(b, n))
		return -1;
	if (n)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	b->data[b->len] = '\0';
	return 0;
}

int buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int buf_addch(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || buf_reserve(b, (size_t)n)) {
		b->failed = true;
		return -1;
	}
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return 0;
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = buf_addv(b, fmt, ap);
	va_end(ap);
	return rc;
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

bool buf_ok(const struct buf *b)
{
	return !b->failed;
}

char *buf_detach(struct buf *b, size_t *len)
{
	char *out = NULL;

	if (len)
		*len = 0;
	if (!b->failed && !buf_reserve(b, 0)) {
		out = b->data;
		if (len)
			*len = b->len;
		buf_init(b, b->max);
	} else {
		buf_release(b);
	}
	return out;
}
