/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_ENV_H
#define GATEPOST_SYS_ENV_H

/**
 * The environment of a hook is partly the pusher's: sshd's AcceptEnv and
 * HTTP wrappers pass variables on that load code, write files or redirect
 * connections. So every program keeps what git itself sets for its hooks
 * and drops the rest before any library has looked.
 */

#include <stddef.h>

#include "base/err.h"

/** The PATH that every program sets for itself and its children. */
#define ENV_SAFE_PATH                                                          \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum {
	ENV_MAX_VARIABLES = 65536,
	ENV_MAX_PUSH_OPTIONS = 256 /* GIT_PUSH_OPTION_<n> that are kept */
};

/** The environment as the program got it, sorted by name. */
struct env_saved {
	char **vars; /* heap array of the kernel's own strings */
	size_t n;
};

/**
 * Reduce `environ` to PATH (ENV_SAFE_PATH) and what git-receive-pack sets
 * (githooks(5), git-receive-pack(1)): GIT_DIR, GIT_QUARANTINE_PATH,
 * GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_NAMESPACE,
 * GIT_PUSH_OPTION_*, GIT_PUSH_CERT*. The values are not judged here. First
 * call in every main; `environ` is reduced also when this fails.
 *
 * @param saved  what was there; release with env_saved_release()
 * @return 0; ERR_MALFORMED when a name stands there twice with different
 *   values (libraries differ in which they take; then that name is kept
 *   by nobody); ERR_LIMIT beyond the limits above; ERR_MEMORY
 */
int env_scrub(struct env_saved *saved, struct err *e);

/**
 * The value that `name` had, for the one variable that `pusher-from`
 * names; NULL when it was not set, or set twice with different values.
 */
const char *env_saved_get(const struct env_saved *saved, const char *name);

void env_saved_release(struct env_saved *saved);

#endif
