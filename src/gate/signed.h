/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_SIGNED_H
#define GATEPOST_GATE_SIGNED_H

/**
 * Signatures of the objects that a push brings. What is verified is cut from
 * the object's own bytes, and nothing is verified before some rule asks.
 */

#include "gate/judging.h"

enum {
	SIGNED_MAX_KEPT = 4096,	     /* different results that are remembered */
	SIGNED_MAX_COMMITS = 1 << 17 /* commits that one is remembered of */
};

/** What is kept from one verification to the next: buffers, and of merges and
 * in pushes of several refs the results. */
void signed_objects_free(struct signed_objects *s);

/** The signature of a parsed commit; SIG_NONE when it has none. */
int signed_commit(struct judging *j, const struct oid *id,
		  const struct commit *commit, struct signature *out,
		  struct err *e);

/** Zero-initialise; release when done. */
struct signed_tag {
	bool is_tag; /* else the rest is empty */
	struct signature signature;
	struct buf tagger; /* e-mail */
};

/** The signature of an annotated tag, if `id` is one. One that cannot be read
 * is SIG_MALFORMED. */
int signed_tag_read(struct judging *j, const struct oid *id,
		    struct signed_tag *out, struct err *e);
void signed_tag_release(struct signed_tag *t);

#endif
