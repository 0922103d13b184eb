/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_SETTINGS_H
#define GATEPOST_CLI_SETTINGS_H

/**
 * What `gatepost install` sets in a repository's config. What stood there
 * before is kept beside it, in the file gatepost-before, so that `gatepost
 * uninstall` can put it back.
 */

#include "cli/place.h"

/** The list of bad objects for receive.fsck.skipList, in the repository. */
#define SETTINGS_SKIP_FILE "gatepost-fsck-skip"

/** Whether something is remembered: the gate was installed before. */
bool settings_kept(const struct place *p);

/** Remember what stands under a key, unless that was done before. */
int settings_remember(const struct place *p, const char *key, struct err *e);

/** Remember, then set to this one value. */
int settings_set(const struct place *p, const char *key, const char *value,
		 struct err *e);

/** The last value that a key had before; "" when it had none. */
int settings_before(const struct place *p, const char *key, struct buf *out,
		    struct err *e);

/**
 * Put everything back. A setting that somebody has changed since stays, and
 * that is said.
 */
int settings_restore(const struct place *p, struct err *e);

#endif
