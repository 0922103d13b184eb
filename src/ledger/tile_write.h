/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_TILE_WRITE_H
#define GATEPOST_LEDGER_TILE_WRITE_H

/**
 * Lets a tree of tiles grow on disk. Tiles and bundles are written whole,
 * under their final names, when they are full; tile_writer_flush writes the
 * partial ones and makes all of it durable. Until a checkpoint says so,
 * nothing of that counts: who finds more tiles than the checkpoint speaks of
 * writes them again.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger/tiles.h"

struct tile_writer;

/**
 * A writer below the directory `dir_fd` (borrowed), for an empty tree.
 * Modes are those of the files and directories that it makes.
 */
int tile_writer_new(struct tile_writer **out, int dir_fd, mode_t file_mode,
		    mode_t dir_mode, struct err *e);
void tile_writer_free(struct tile_writer *w);

/**
 * Go on where a tree of `size` ended, whose root must be `root`.
 * @return 0; ERR_MALFORMED, ERR_NOT_FOUND when tiles or the last bundle are
 *   missing, damaged, or not those of that root
 */
int tile_writer_resume(struct tile_writer *w, uint64_t size,
		       const struct merkle_hash *root, struct err *e);

uint64_t tile_writer_size(const struct tile_writer *w);
void tile_writer_root(const struct tile_writer *w, struct merkle_hash *out);

/** Whether the tree's last leaf is this one. */
bool tile_writer_is_last(const struct tile_writer *w,
			 const struct merkle_hash *leaf);

/** Append a leaf. */
int tile_writer_add(struct tile_writer *w, struct span entry, struct err *e);

/** Append a leaf of which there is the hash alone; its entry is empty. */
int tile_writer_add_hash(struct tile_writer *w, const struct merkle_hash *leaf,
			 struct err *e);

/** Write what is partial, make everything durable, and remove the partial
 * tiles in whose place there are full ones. */
int tile_writer_flush(struct tile_writer *w, struct err *e);

#endif
