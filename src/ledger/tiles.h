/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_TILES_H
#define GATEPOST_LEDGER_TILES_H

/**
 * The Merkle tree as files (C2SP tlog-tiles): `tile/<L>/<N>` holds the
 * hashes of 256 neighbouring nodes of level 8 * L; `tile/entries/<N>` the
 * records below tile/0/<N>, each behind its length in two bytes. At the
 * right edge of the tree they are partial: `<N>.p/<W>` holds the first W.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"

enum {
	TILE_HEIGHT = 8,
	TILE_WIDTH = 1 << TILE_HEIGHT,
	TILE_LEVELS = 8,   /* of 64 bits */
	TILE_ENTRIES = -1, /* in place of a level */
	TILE_PATH_SIZE = 64,
	TILE_MAX_BUNDLE = TILE_WIDTH * (2 + LEDGER_MAX_RECORD),
	TILES_CACHED = 8
};

struct tile {
	int level; /* or TILE_ENTRIES */
	uint64_t n;
	unsigned width; /* TILE_WIDTH: full */
};

/** Its path below the prefix, such as `tile/0/x001/234.p/17`. */
void tile_path(const struct tile *t, char out[TILE_PATH_SIZE]);

/** How wide the tile `n` of a level is in a tree of `size`; 0: none. */
unsigned tile_width(int level, uint64_t n, uint64_t size);

/** Where tiles come from: a directory, another host. */
struct tile_source {
	/** Append the file's bytes, at most as many as `out` takes.
	 * @return 0; ERR_NOT_FOUND; another error that names the path */
	int (*read)(void *arg, const char *path, struct buf *out,
		    struct err *e);
	void *arg;
};

/** The source that reads below the directory open as `*dir_fd`. */
struct tile_source tile_source_dir(int *dir_fd);

/**
 * Append a tile or bundle; where the partial one is gone, the full one,
 * which begins with it.
 * @return as the source does; ERR_MALFORMED when a tile of hashes has
 *   another length than its width demands
 */
int tile_read(const struct tile_source *s, const struct tile *t,
	      struct buf *out, struct err *e);
/** The same from any partial tile that is wider, for a tree that grows while it
 * is read: of a directory, for this asks for one after the other. */
int tile_read_wider(const struct tile_source *s, const struct tile *t,
		    struct buf *out, struct err *e);

/** A tree read from tiles. Some of them are kept, so that a proof reads
 * none twice. */
struct tile_tree {
	struct tile_source source;
	uint64_t size;
	struct tile_cached {
		struct tile tile; /* width 0: unused */
		struct merkle_hash hash[TILE_WIDTH];
	} * cache;
	unsigned next; /* the place in the cache to use */
};

int tile_tree_init(struct tile_tree *t, struct tile_source source,
		   uint64_t size, struct err *e);
void tile_tree_release(struct tile_tree *t);
/** It as a tree to prove from; valid as long as `t`. */
struct merkle_tree tile_tree_merkle(struct tile_tree *t);
/** The root over its first `size` leaves, as many as it has or fewer. */
int tile_tree_root(struct tile_tree *t, uint64_t size, struct merkle_hash *out,
		   struct err *e);

/** Append an entry to a bundle; ERR_LIMIT when it is too long. */
int bundle_add(struct buf *bundle, struct span entry, struct err *e);
/** Take the next entry. @return false when no whole one follows */
bool bundle_next(struct cursor *c, struct span *entry);

#endif
