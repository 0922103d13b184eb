/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/proc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/uuid.h"
#include "sys/files.h"

enum {
	MAX_STAT = 4096,
	MAX_BOOT_ID = 64,
	FIELD_PARENT = 4,
	FIELD_FLAGS = 9,
	FIELD_START_TIME = 22,
	IS_EXITING = 4 /* PF_EXITING of the kernel, in these flags */
};

/*
 * The name in field 2 stands in parentheses and is the process's own
 * choice, blanks and parentheses included: what follows the last `)` is
 * the kernel's.
 */
static bool find_field(struct span stat, size_t number, uint64_t *value)
{
	struct cursor c = cursor_of(stat.p, stat.n);
	struct span field;
	size_t i;

	while (cursor_until(&c, ')', &field))
		;
	if (c.p == stat.p || !cursor_literal(&c, " "))
		return false;
	for (i = 3; i <= number; i++)
		if (!cursor_until(&c, ' ', &field))
			return false;
	return text_to_u64(field, UINT64_MAX, value);
}

static int read_field(pid_t pid, size_t number, uint64_t *value, struct err *e)
{
	struct buf stat = BUF_INIT(MAX_STAT);
	char path[64];
	int rc;

	*value = 0;
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	rc = file_read(path, &stat, e);
	if (rc == ERR_NOT_FOUND && !file_exists("/proc/self/stat"))
		rc = err_set(e, ERR_SYS, "/proc is not mounted");
	else if (!rc &&
		 !find_field(span_of(stat.data, stat.len), number, value))
		rc = err_set(e, ERR_MALFORMED, "%s is not as proc(5) says",
			     path);
	buf_release(&stat);
	return rc;
}

int proc_start_time(pid_t pid, uint64_t *ticks, struct err *e)
{
	return read_field(pid, FIELD_START_TIME, ticks, e);
}

static int64_t milliseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int proc_started_at(pid_t pid, int64_t *seconds, struct err *e)
{
	long hertz = sysconf(_SC_CLK_TCK);
	struct timespec now, up;
	uint64_t ticks;
	int64_t age;
	int rc = proc_start_time(pid, &ticks, e);

	*seconds = 0;
	if (rc)
		return rc;
	/* in this order: what passes between the two makes it no older */
	if (hertz <= 0 || clock_gettime(CLOCK_BOOTTIME, &up) ||
	    clock_gettime(CLOCK_REALTIME, &now))
		return err_sys(e, "reading the clock");
	/* to seconds at the end only: three roundings are worth as many */
	age = milliseconds(up) - (int64_t)(ticks * 1000 / (uint64_t)hertz);
	*seconds = (milliseconds(now) - age) / 1000;
	return 0;
}

bool proc_lives(pid_t pid)
{
	uint64_t flags;
	int rc = read_field(pid, FIELD_FLAGS, &flags, NULL);

	return rc ? rc != ERR_NOT_FOUND : !(flags & IS_EXITING);
}

int proc_parent(pid_t pid, pid_t *parent, struct err *e)
{
	uint64_t value;
	int rc = read_field(pid, FIELD_PARENT, &value, e);

	*parent = rc ? 0 : (pid_t)value;
	return rc;
}

int proc_arguments(pid_t pid, struct buf *out, struct err *e)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	return file_read(path, out, e);
}

int proc_boot_id(char out[PROC_BOOT_ID_SIZE], struct err *e)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	struct buf b = BUF_INIT(MAX_BOOT_ID);
	struct span id;
	int rc;

	out[0] = '\0';
	rc = file_read(path, &b, e);
	id = span_trim(span_of(b.data, b.len));
	if (!rc && !uuid_is(id))
		rc = err_set(e, ERR_MALFORMED, "%s is no UUID", path);
	if (!rc) {
		memcpy(out, id.p, id.n);
		out[id.n] = '\0';
	}
	buf_release(&b);
	return rc;
}
