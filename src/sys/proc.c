/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/proc.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "sys/files.h"

enum { MAX_STAT = 4096, MAX_BOOT_ID = 64, FIELD_START_TIME = 22 };

/*
 * The name in field 2 stands in parentheses and is the process's own
 * choice, blanks and parentheses included: what follows the last `)` is
 * the kernel's.
 */
static bool find_start_time(struct span stat, uint64_t *ticks)
{
	struct cursor c = cursor_of(stat.p, stat.n);
	struct span field;
	size_t i;

	while (cursor_until(&c, ')', &field))
		;
	if (c.p == stat.p || !cursor_literal(&c, " "))
		return false;
	for (i = 3; i <= FIELD_START_TIME; i++)
		if (!cursor_until(&c, ' ', &field))
			return false;
	return text_to_u64(field, UINT64_MAX, ticks);
}

int proc_start_time(pid_t pid, uint64_t *ticks, struct err *e)
{
	struct buf stat = BUF_INIT(MAX_STAT);
	char path[64];
	int rc;

	*ticks = 0;
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	rc = file_read(path, &stat, e);
	if (rc == ERR_NOT_FOUND && !file_exists("/proc/self/stat"))
		rc = err_set(e, ERR_SYS, "/proc is not mounted");
	else if (!rc && !find_start_time(span_of(stat.data, stat.len), ticks))
		rc = err_set(e, ERR_MALFORMED, "%s is not as proc(5) says",
			     path);
	buf_release(&stat);
	return rc;
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
