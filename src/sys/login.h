/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_LOGIN_H
#define GATEPOST_SYS_LOGIN_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/**
 * The login name of a user id by /etc/passwd, read directly: getpwuid(3)
 * loads modules of the system's C library, which a static program must not.
 * Users known to a directory service alone get their number in decimal.
 *
 * @param out  the name is appended
 */
int login_of(uid_t uid, struct buf *out, struct err *e);

#endif
