/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/login.h"

#include "base/cursor.h"
#include "base/text.h"
#include "sys/files.h"

enum { PASSWD_MAX_BYTES = 16 << 20 };

/* name:password:uid:… (passwd(5)) */
static bool line_of(struct span line, uid_t uid, struct span *name)
{
	struct cursor at = cursor_of(line.p, line.n);
	struct span password, number;
	uint64_t n;

	return cursor_until(&at, ':', name) &&
	       cursor_until(&at, ':', &password) &&
	       cursor_until(&at, ':', &number) &&
	       text_to_u64(number, UINT32_MAX, &n) && n == uid && name->n;
}

int login_of(uid_t uid, struct buf *out, struct err *e)
{
	struct buf all = BUF_INIT(PASSWD_MAX_BYTES);
	struct span line, name;
	struct cursor at;
	int rc = file_read("/etc/passwd", &all, e);

	if (rc == ERR_NOT_FOUND) {
		/* an empty chroot has none */
		err_clear(e);
		rc = 0;
	}
	at = cursor_of(all.data, all.len);
	while (!rc && cursor_line(&at, &line)) {
		if (!line_of(line, uid, &name))
			continue;
		rc = buf_add(out, name.p, name.n) ? err_nomem(e) : 0;
		buf_release(&all);
		return rc;
	}
	buf_release(&all);
	if (!rc && buf_addf(out, "%lu", (unsigned long)uid))
		rc = err_nomem(e);
	return rc;
}
