/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_SECCOMP_H
#define GATEPOST_SYS_SECCOMP_H

#include <stdbool.h>

#include "base/err.h"

/**
 * Allow only the system calls of a single-threaded program that reads files
 * and writes to descriptors it has (seccomp(2)); any other kills it with
 * SIGSYS. no_new_privs must be set.
 *
 * @param active  false when kernel or processor have no such filter
 * @return 0, also without seccomp; ERR_SYS
 */
int seccomp_enter(bool *active, struct err *e);

#endif
