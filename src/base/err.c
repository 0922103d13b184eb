/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void err_clear(struct err *e)
{
	if (!e)
		return;
	e->code = ERR_OK;
	e->msg[0] = '\0';
}

int err_setv(struct err *e, int code, const char *fmt, va_list ap)
{
	if (!e)
		return code;
	e->code = code;
	if (vsnprintf(e->msg, sizeof(e->msg), fmt, ap) < 0)
		e->msg[0] = '\0';
	return code;
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_setv(e, code, fmt, ap);
	va_end(ap);
	return code;
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	size_t used;
	va_list ap;

	if (!e)
		return ERR_SYS;
	va_start(ap, fmt);
	err_setv(e, ERR_SYS, fmt, ap);
	va_end(ap);
	used = strlen(e->msg);
	snprintf(e->msg + used, sizeof(e->msg) - used, ": %s",
		 strerror(saved));
	errno = saved;
	return ERR_SYS;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char was[ERR_MAX_MSG];
	size_t used;
	va_list ap;

	if (!e)
		return ERR_INTERNAL;
	memcpy(was, e->msg, sizeof(was));
	va_start(ap, fmt);
	err_setv(e, e->code, fmt, ap);
	va_end(ap);
	used = strlen(e->msg);
	snprintf(e->msg + used, sizeof(e->msg) - used, ": %s", was);
	return e->code;
}

int err_nomem(struct err *e)
{
	return err_set(e, ERR_MEMORY, "out of memory");
}
