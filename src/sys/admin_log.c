/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/admin_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "sys/files.h"

enum {
	MAX_MESSAGE = 8192,
	/* four bytes a column at most, and the prefix */
	MAX_LINE = 4 * ADMIN_LOG_MAX_COLUMNS + 128
};

static const struct {
	const char *word;
	int priority; /* RFC 3164, 4.1.1: facility 3 (daemons), severity */
} levels[] = {
	[ADMIN_LOG_NONE] = {"error", 3 * 8 + 3},
	[ADMIN_LOG_ERROR] = {"error", 3 * 8 + 3},
	[ADMIN_LOG_WARN] = {"warning", 3 * 8 + 4},
	[ADMIN_LOG_INFO] = {"info", 3 * 8 + 6},
};

/* A socket of our own: syslog(3) keeps state for the whole program. */
static bool open_syslog(struct admin_log *log)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

	log->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (log->fd < 0)
		return false;
	log->syslog = true;
	if (connect(log->fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return true;
	admin_log_close(log);
	return false;
}

static bool open_file(struct admin_log *log, const char *path)
{
	struct stat st;

	log->syslog = false;
	log->fd = open(path,
		       O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
			       O_NONBLOCK | O_NOCTTY,
		       0640);
	if (log->fd < 0)
		return false;
	if (fstat(log->fd, &st) == 0 && S_ISREG(st.st_mode))
		return true;
	admin_log_close(log);
	return false;
}

void admin_log_open(struct admin_log *log, const char *program,
		    const char *file, const char *fallback)
{
	*log = (struct admin_log)ADMIN_LOG_INIT;
	snprintf(log->program, sizeof(log->program), "%s", program);
	if (fallback && strlen(fallback) < sizeof(log->fallback))
		snprintf(log->fallback, sizeof(log->fallback), "%s", fallback);
	if (file ? open_file(log, file) : open_syslog(log))
		return;
	if (log->fallback[0])
		open_file(log, log->fallback);
}

void admin_log_close(struct admin_log *log)
{
	file_close(&log->fd);
}

static bool send_line(struct admin_log *log, enum admin_log_level level,
		      struct span text)
{
	char time[TIME_RFC3339_SIZE], line[MAX_LINE];
	ssize_t put;
	int n;

	time_format(time_now_ms(), time);
	if (log->syslog)
		/* without a time: ours is UTC, readers take it for local */
		n = snprintf(line, sizeof(line), "<%d>%s[%ld]: %s: %.*s",
			     levels[level].priority, log->program,
			     (long)getpid(), levels[level].word, (int)text.n,
			     text.p);
	else
		n = snprintf(line, sizeof(line), "%s %s[%ld]: %s: %.*s\n", time,
			     log->program, (long)getpid(), levels[level].word,
			     (int)text.n, text.p);
	if (n < 0 || (size_t)n >= sizeof(line))
		return false;
	do
		put = log->syslog ? send(log->fd, line, (size_t)n, MSG_NOSIGNAL)
				  : write(log->fd, line, (size_t)n);
	while (put < 0 && errno == EINTR);
	return put == n;
}

void admin_log_sayv(struct admin_log *log, enum admin_log_level level,
		    const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT(MAX_LINE);
	char message[MAX_MESSAGE];
	int saved = errno;

	if (log->fd < 0)
		return;
	if ((unsigned)level > ADMIN_LOG_INFO)
		level = ADMIN_LOG_ERROR;
	if (vsnprintf(message, sizeof(message), fmt, ap) < 0)
		message[0] = '\0';
	text_add_printable(&text, span_str(message), ADMIN_LOG_MAX_COLUMNS);
	if (!send_line(log, level, span_of(text.data, text.len)) &&
	    log->syslog && log->fallback[0]) {
		admin_log_close(log);
		if (open_file(log, log->fallback))
			send_line(log, level, span_of(text.data, text.len));
	}
	buf_release(&text);
	errno = saved;
}

void admin_log_say(struct admin_log *log, enum admin_log_level level,
		   const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	admin_log_sayv(log, level, fmt, ap);
	va_end(ap);
}
