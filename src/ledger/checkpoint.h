/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_CHECKPOINT_H
#define GATEPOST_LEDGER_CHECKPOINT_H

/**
 * Checkpoints (C2SP tlog-checkpoint): a note whose text is the log's origin,
 * the number of its records and the root over them.
 */

#include "ledger/merkle.h"
#include "ledger/note.h"

struct checkpoint {
	struct span origin; /* borrowed from the text */
	uint64_t size;
	struct merkle_hash root;
};

/** Read the text of a note. ERR_MALFORMED when it is no checkpoint. */
int checkpoint_parse(struct checkpoint *out, struct span text, struct err *e);
/** Append the text, extension lines none. */
void checkpoint_write(const struct checkpoint *c, struct buf *out);

/** A note that is a checkpoint, with its bytes. */
struct checkpoint_note {
	struct buf bytes;
	struct note note;
	struct checkpoint at; /* borrowed from `bytes` */
};

/**
 * Take over the bytes in `from`, which becomes empty, and read them.
 * @param what  names it in messages
 * @return 0, ERR_MALFORMED; checkpoint_note_release in both cases
 */
int checkpoint_note_take(struct checkpoint_note *out, struct buf *from,
			 const char *what, struct err *e);
/** The same from a file. */
int checkpoint_note_read(struct checkpoint_note *out, const char *path,
			 struct err *e);
void checkpoint_note_init(struct checkpoint_note *c);
void checkpoint_note_release(struct checkpoint_note *c);

#endif
