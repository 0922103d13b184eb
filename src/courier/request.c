/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void request_init(struct request *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->url, REQUEST_MAX_URL);
}

void request_release(struct request *r)
{
	for (size_t i = 0; i < r->nheaders; i++) {
		explicit_bzero(r->headers[i], strlen(r->headers[i]));
		free(r->headers[i]);
	}
	buf_release(&r->url);
	request_init(r);
}

/* One allocation of the right size: growing would leave secrets behind. */
int request_add_header(struct request *r, struct err *e, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || n > REQUEST_MAX_HEADER ||
	    r->nheaders == REQUEST_MAX_HEADERS)
		return err_set(e, ERR_LIMIT, "too many or too long headers");
	text = malloc((size_t)n + 1);
	if (!text)
		return err_nomem(e);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	r->headers[r->nheaders++] = text;
	return 0;
}
