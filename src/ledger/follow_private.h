/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_FOLLOW_PRIVATE_H
#define GATEPOST_LEDGER_FOLLOW_PRIVATE_H

/** What the sources of a run share. */

#include "ledger/copy.h"
#include "ledger/follow.h"
#include "ledger/tiles.h"
#include "ledger/wire.h"

struct follow {
	const struct follow_wish *wish;
	struct follow_report *report;
	struct wire w;
	char *origin;
	struct note_vkeys named; /* by the source itself */
	struct note_vkeys keys;	 /* to be believed from now on */
	struct checkpoint_note note;
	struct copy *copy;
	struct tile_tree served; /* its tree, where it is served */
};

/** Tell whoever runs it. */
void follow_tell(struct follow *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** The next line; the end of the stream, and an `#error`, are errors. */
int follow_line(struct follow *f, char line[WIRE_MAX_LINE], struct err *e);

/** Ask for the records that are missing up to the checkpoint, and add them to
 * the copy. */
int follow_records(struct follow *f, struct err *e);

/** Ask for what others vouch for up to the checkpoint, and keep it. */
int follow_anchors(struct follow *f, struct err *e);

/** The same where the source is served: the texts of its keys, none where
 * they are not served, and of its checkpoint. */
int follow_served_head(struct follow *f, struct buf *keys, struct buf *note,
		       struct err *e);
/** Once the checkpoint is taken. */
int follow_served_open(struct follow *f, struct err *e);
int follow_served_root(struct follow *f, uint64_t size, struct merkle_hash *out,
		       struct err *e);
int follow_served_records(struct follow *f, struct err *e);

#endif
