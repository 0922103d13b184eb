/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_PACKED_REFS_H
#define GATEPOST_GIT_PACKED_REFS_H

/**
 * The file packed-refs, mapped and searched, never parsed as a whole when
 * its header says that it is sorted. Private to this room.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "base/err.h"

enum {
	PACKED_REFS_MAX = 1 << 30,	    /* bytes of the file */
	PACKED_REFS_MAX_UNSORTED = 64 << 20 /* that are sorted in memory */
};

struct packed_refs;

/**
 * The file as it is now: `*cached` when that is still so, else mapped anew
 * (and kept in `*cached`). Caller frees `out` too: each holds a reference.
 * A missing file gives one without refs.
 */
int packed_refs_get(struct packed_refs **cached, const char *commondir,
		    struct packed_refs **out, struct err *e);
void packed_refs_free(struct packed_refs *p);

struct packed_ref {
	struct span name;
	struct span hex; /* of whatever length the file has */
};

/**
 * Where the first ref is whose name is not before `name`.
 * @return 0, or ERR_MALFORMED when the search met a line that is no ref
 */
int packed_refs_seek(const struct packed_refs *p, struct span name,
		     const char **at, struct err *e);

/**
 * The ref at *at; moves *at behind it (and its peeled line).
 * @return 1, 0 at the end, ERR_MALFORMED
 */
int packed_refs_next(const struct packed_refs *p, const char **at,
		     struct packed_ref *out, struct err *e);

#endif
