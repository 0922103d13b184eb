/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_TILE_FILES_H
#define GATEPOST_LEDGER_TILE_FILES_H

/** How tiles get to the disk: each atomically, directories synced at last. */

#include <sys/types.h>

#include "ledger/tiles.h"

enum { TILE_FILES_DIRTY = 32, TILE_FILES_PENDING = 64 };

struct tile_files {
	int dir_fd; /* borrowed */
	mode_t file_mode, dir_mode;
	/* directories with new names that are not durable yet */
	char dirty[TILE_FILES_DIRTY][TILE_PATH_SIZE];
	size_t ndirty;
	/* written, and not synced yet: together that costs little more than
	 * for one */
	struct {
		int fd;
		char path[TILE_PATH_SIZE];
	} pending[TILE_FILES_PENDING];
	size_t npending;
};

/** Write a tile; it is there, durably, after tile_files_sync at the
 * latest. */
int tile_files_write(struct tile_files *f, const struct tile *t,
		     struct span bytes, struct err *e);

int tile_files_sync(struct tile_files *f, struct err *e);

/** Forget what is not synced. */
void tile_files_release(struct tile_files *f);

/** Remove all partial tiles in the place of `t`, but `t` itself if it is
 * one. */
void tile_files_drop_partial(struct tile_files *f, const struct tile *t);

#endif
