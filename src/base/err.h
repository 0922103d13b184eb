/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_ERR_H
#define GATEPOST_BASE_ERR_H

/**
 * Errors are values: a function that can fail returns 0 or a negative
 * enum err_code and, through its last parameter, a caller-owned struct err
 * with the same code and one bounded line for the person who can mend it.
 * A policy verdict is never an error.
 */

#include <stdarg.h>
#include <stddef.h>

enum { ERR_MAX_MSG = 1024 }; /* bytes, with the NUL */

enum err_code {
	ERR_OK = 0,
	ERR_SYS = -1,	    /* a system call failed; the message names it */
	ERR_USAGE = -2,	    /* the caller's words are off */
	ERR_CONFIG = -3,    /* a policy, key or configuration file is off */
	ERR_MALFORMED = -4, /* bytes from outside break their format */
	ERR_LIMIT = -5,	    /* more than a named MAX_ allows */
	ERR_NOT_FOUND = -6, /* what was asked for is not there */
	ERR_DENIED = -7,    /* an ownership or permission check failed */
	ERR_TIMEOUT = -8,   /* a deadline passed */
	ERR_MEMORY = -9,    /* an allocation failed */
	ERR_CRYPTO = -10,   /* libcrypto could not do what it should */
	ERR_INTERNAL = -11  /* a bug: an invariant does not hold */
};

struct err {
	int code; /* enum err_code */
	char msg[ERR_MAX_MSG];
};

/** Forget what `e` says. `e` may be NULL, here and in all calls below. */
void err_clear(struct err *e);

/**
 * Say `fmt` in `e` with `code`, over whatever it said before.
 * @return `code`, so that `return err_set(…)` is one statement.
 */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int err_setv(struct err *e, int code, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

/** As err_set with ERR_SYS, and ": " with strerror(errno) behind it. */
int err_sys(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Put "fmt: " before what `e` says. @return the code that `e` has. */
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** ERR_MEMORY with a fixed text. */
int err_nomem(struct err *e);

#endif
