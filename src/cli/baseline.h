/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_BASELINE_H
#define GATEPOST_CLI_BASELINE_H

#include "base/sha256.h"
#include "cli/place.h"
#include "sys/files.h"

/** What was stored, for the record. */
struct baseline {
	size_t tips;
	char digest[SHA256_HEX_SIZE]; /* of the ids, one a line, sorted */
};

/**
 * Store the present tips as gatepost.baseline, in a file of their own that
 * the repository's config includes: what they reach is not judged. Tips that
 * others reach are left out. A baseline that is there already stays.
 */
int baseline_store(struct place *p, struct baseline *out, struct err *e);
/** Take it away again. */
int baseline_remove(struct place *p, struct err *e);

/**
 * List the objects that receive.fsckObjects would not let pass, so that
 * history which is already there still can be pushed.
 * @param path  gets the list's path, for receive.fsck.skipList
 * @param n     how many there are
 */
int baseline_bad_objects(struct place *p, char path[FILE_MAX_PATH], size_t *n,
			 struct err *e);

#endif
