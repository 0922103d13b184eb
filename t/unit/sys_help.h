/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_T_UNIT_SYS_HELP_H
#define GATEPOST_T_UNIT_SYS_HELP_H

/** What the tests of this room share: a directory of their own. */

#include <check.h>
#include <sys/types.h>

void setup_dir(void);
void remove_dir(void);

extern char test_dir[64];

/** A path in it; the last 16 are good. */
const char *in_dir(const char *name);

/** Write a file, which must succeed. */
void put(const char *path, const char *text, mode_t mode);

Suite *suite_files(void);
Suite *suite_child(void);
Suite *suite_proc(void);
Suite *suite_sandbox(void);

#endif
