/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_COPY_H
#define GATEPOST_LEDGER_COPY_H

/**
 * A verified copy of another machine's ledger, as a ledger that can be read
 * and not be appended to. It has no `keys/` and no `state`; its own:
 *
 *     format              with a line `copy-of SOURCE`, and, where it has
 *                         the records alone, `copy-lacks evidence people`
 *     sealed/vkeys        the keys that it believes, and no others
 *     sealed/checkpoint   how far it is verified: readers see no further
 *     incoming            evidence of the run that is under way
 *     locks/follow        one run at a time
 *
 * A run adds records and evidence behind what the checkpoint covers, grows
 * the copy's own tree, and publishes the source's checkpoint when the tree
 * has the root that it says. Whatever ends the run before that, it is undone
 * then or when the copy is opened the next time.
 */

#include <stdint.h>

#include "ledger/checkpoint.h"
#include "ledger/frame.h"
#include "ledger/gone.h"
#include "ledger/ledger.h"

struct copy;

/**
 * Open the copy in `dir` for a run; made when there is none.
 * @param source  where it comes from, for people
 * @param origin  the ledger that it is to be a copy of
 * @param bare    whether it is to have the records alone
 * @return 0; ERR_USAGE when there is something else in `dir`, a copy of the
 *   other kind included; ERR_MALFORMED
 *   when it is a copy of another ledger, or damaged; ERR_TIMEOUT when
 *   another run is under way; ERR_SYS, …
 */
int copy_open(struct copy **out, const char *dir, const char *source,
	      struct span origin, bool bare, struct err *e);
/** Close, and undo what was not published. */
void copy_close(struct copy *c);

/** How many records are verified. */
uint64_t copy_size(const struct copy *c);
/** The root over the first `size` of them. */
int copy_root(struct copy *c, uint64_t size, struct merkle_hash *out,
	      struct err *e);
/** The keys that it believes; none at the first run. */
const struct note_vkeys *copy_keys(const struct copy *c);
/** Whether its last checkpoint is this one, signatures included. */
bool copy_has_note(const struct copy *c, const struct checkpoint_note *n);

/** Make ready to add. */
int copy_begin(struct copy *c, struct err *e);
/** The number of the record that comes next. */
uint64_t copy_next(const struct copy *c);
/** Add the next record, an intact frame with the header `h`.
 * @return 0; ERR_MALFORMED when it is not the next record, or none */
int copy_add(struct copy *c, const char *frame, const struct frame_header *h,
	     struct err *e);
/** Add the next record, of which there is the leaf's hash alone. */
int copy_add_hash(struct copy *c, const struct merkle_hash *leaf,
		  struct err *e);
/** Say that these records, added so, have left the source for good. */
int copy_add_gone(struct copy *c, const struct gone_range *range,
		  struct err *e);
/** Add evidence. ERR_MALFORMED when it has another digest. */
int copy_add_evidence(struct copy *c, const char *hex, struct span bytes,
		      struct err *e);
bool copy_has_evidence(const struct copy *c, const char *hex);

/**
 * Keep what others vouch for, once it is published: what a witness has
 * cosigned, or, with `stamp`, a time stamp. Durable on return; an older one
 * replaces no newer one, and one of more records than are verified is passed
 * over.
 * @return 0; ERR_MALFORMED when it is of another ledger or of other records
 */
int copy_put_anchor(struct copy *c, const char *name,
		    const struct checkpoint_note *note, const struct buf *stamp,
		    struct err *e);
/** So many records every time stamper has stamped, as far as is known. */
uint64_t copy_stamped(const struct copy *c);

/**
 * Take over a checkpoint whose signatures have been verified, and the keys
 * to believe from now on. Its bytes move into the copy.
 * @return 0; ERR_MALFORMED when the records are not under its root
 */
int copy_publish(struct copy *c, struct checkpoint_note *note,
		 const struct note_vkeys *keys, struct err *e);

#endif
