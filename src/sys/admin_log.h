/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_ADMIN_LOG_H
#define GATEPOST_SYS_ADMIN_LOG_H

/**
 * The admin's log: what the pusher must not see and the ledger does not
 * hold. It never blocks and never fails a caller; a line that cannot be
 * written is lost.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <sys/types.h>

enum {
	ADMIN_LOG_MAX_COLUMNS = 2000, /* of a line; the rest is cut */
	ADMIN_LOG_MAX_PROGRAM = 32,
	ADMIN_LOG_MAX_PATH = 1024
};

enum admin_log_level {
	ADMIN_LOG_NONE, /* written as an error */
	ADMIN_LOG_ERROR,
	ADMIN_LOG_WARN,
	ADMIN_LOG_INFO
};

struct admin_log {
	int fd; /* -1: nowhere */
	bool syslog;
	char program[ADMIN_LOG_MAX_PROGRAM];
	char fallback[ADMIN_LOG_MAX_PATH];
};

/** A log that goes nowhere, so that it may be used before it is opened. */
#define ADMIN_LOG_INIT                                                         \
	{                                                                      \
		.fd = -1                                                       \
	}

/**
 * Open the log.
 *
 * @param program   the name in each line
 * @param file      append to this file (created 0640, no link followed);
 *   NULL: the local syslog daemon (RFC 3164 over /dev/log)
 * @param fallback  the file to take when that fails, now or later; or NULL
 */
void admin_log_open(struct admin_log *log, const char *program,
		    const char *file, const char *fallback);

void admin_log_close(struct admin_log *log);

/** Write one line; what is not printable in it becomes `?`. */
void admin_log_say(struct admin_log *log, enum admin_log_level level,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void admin_log_sayv(struct admin_log *log, enum admin_log_level level,
		    const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

#endif
