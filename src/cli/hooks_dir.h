/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_HOOKS_DIR_H
#define GATEPOST_CLI_HOOKS_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/place.h"
#include "sys/files.h"

/**
 * The three hooks of a repository: links in its hooks directory to the
 * programs that were installed with this command.
 */

enum { HOOKS_COUNT = 3 };
extern const char *const hooks_names[HOOKS_COUNT];

enum hook_state {
	HOOK_ABSENT = 0,
	HOOK_OURS,     /* a link to our program, which is there */
	HOOK_DANGLING, /* a link to a program that is not there */
	HOOK_NOT_EXECUTABLE,
	HOOK_OF_OTHER, /* a link to the program of another installation */
	HOOK_FOREIGN
};
const char *hook_state_word(enum hook_state s);

/** The directory in which git looks for hooks; core.hooksPath is obeyed. */
int hooks_dir_find(const struct place *p, char out[FILE_MAX_PATH],
		   struct err *e);

/** What stands at `dir/name`. */
int hooks_dir_state(const char *dir, const char *name, enum hook_state *out,
		    struct err *e);

/** Of HOOK_OF_OTHER: the directory of that installation's programs. */
int hooks_dir_other(const char *dir, const char *name, char out[FILE_MAX_PATH],
		    struct err *e);

/** Make, or remove, the link to our program. */
int hooks_dir_link(const char *dir, const char *name, struct err *e);
int hooks_dir_unlink(const char *dir, const char *name, struct err *e);

/**
 * Run an installed hook as git would, with nothing to judge, and see whether
 * it is what it should be: a program of another machine or a file system
 * mounted noexec shows here and not at the first push.
 */
int hooks_dir_prove(const struct place *p, const char *dir, const char *name,
		    struct err *e);

#endif
