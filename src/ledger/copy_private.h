/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_COPY_PRIVATE_H
#define GATEPOST_LEDGER_COPY_PRIVATE_H

/** What the sources of a copy share. */

#include <sys/types.h>

#include "ledger/copy.h"
#include "ledger/internal.h"
#include "ledger/tile_write.h"
#include "ledger/tiles.h"

enum { COPY_BUFFER = 1 << 20 };

#define COPY_INCOMING "incoming"

struct copy {
	struct ledger *l;
	int lock_fd, sealed_fd;
	mode_t sealed_mode, sealed_dir_mode; /* of what is made there */
	struct note_vkeys keys;
	struct checkpoint_note last; /* of no bytes: there is none yet */
	struct tile_tree tree;	     /* as large as that says */
	bool begun;
	/* the run's own */
	struct tile_writer *w;
	int segment_fd, incoming_fd;
	uint64_t segment_bytes;
	bool gap; /* the next record is not the one behind the segment's last */
	struct gone_list gone;
	bool gone_changed;
	struct buf pending; /* frames to be written to the segment */
};

/** Make what a copy consists of, where it is missing. */
int copy_make(const char *dir, const char *source, struct span origin,
	      bool bare, struct err *e);

/** Undo what a run has left behind the checkpoint. */
int copy_undo(struct copy *c, struct err *e);

/** Open the segment in which the next record is to stand, which ends where
 * the verified records do. */
int copy_open_segment(struct copy *c, struct err *e);
/** Begin another for the next record. */
int copy_next_segment(struct copy *c, struct err *e);
/** Write what is pending, and make it durable. */
int copy_sync_segment(struct copy *c, struct err *e);

#endif
