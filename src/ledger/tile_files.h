/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_TILE_FILES_H
#define GATEPOST_LEDGER_TILE_FILES_H

/** How tiles get to the disk: each atomically, directories synced at last. */

#include <sys/types.h>

#include "ledger/tiles.h"

enum { TILE_FILES_DIRTY = 32 };

struct tile_files {
	int dir_fd; /* borrowed */
	mode_t file_mode, dir_mode;
	/* directories with new names that are not durable yet */
	char dirty[TILE_FILES_DIRTY][TILE_PATH_SIZE];
	size_t ndirty;
};

/** Write a tile; its content is durable, its name after tile_files_sync. */
int tile_files_write(struct tile_files *f, const struct tile *t,
		     struct span bytes, struct err *e);

int tile_files_sync(struct tile_files *f, struct err *e);

/** Remove all partial tiles in the place of `t`. */
void tile_files_drop_partial(struct tile_files *f, const struct tile *t);

#endif
