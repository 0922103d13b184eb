/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_PREVIEW_H
#define GATEPOST_GATE_PREVIEW_H

/**
 * Pushes to branches that no gate stands before, and for which some gate gives
 * advice: they are judged as if for a ref of that gate.
 */

#include "gate/judging.h"

/** What the ref is, while it is taken for another. */
struct preview {
	struct judged_ref *of; /* NULL: it is not */
	char *real;
	struct oid old;
};

/** Whether a ref is judged for advice alone. */
bool preview_is(const struct judging *j, size_t ref);

/**
 * Take the ref for one of the gate whose advice is wanted: the first that
 * exists of those that the gates name in full. Where there is none, it stays
 * what it is.
 * @param p  give it to preview_end() also after an error
 */
int preview_begin(struct preview *p, struct judging *j, size_t ref,
		  struct err *e);
void preview_end(struct preview *p);

#endif
