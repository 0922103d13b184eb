/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEAL_H
#define GATEPOST_LEDGER_SEAL_H

/**
 * Sealing: the records become the leaves of a Merkle tree, in the order of
 * their numbers, and a checkpoint over all of them is signed. A record's
 * leaf is its line, without the LF; as this names the digests of its
 * persons, the leaf commits to them, too.
 *
 *     sealed/checkpoint   the last checkpoint
 *     sealed/tile/        C2SP tlog-tiles, see ledger/tiles.h
 *     sealed/vkeys        the public keys, see ledger/seal_keys.h
 *     keys/<id>.skey      the private ones
 *     keys/last           the last checkpoint as it was signed
 *     keys/lock           one sealer at a time
 *
 * `sealed/` can be served as it is: its URL is the prefix of a log. It and
 * `keys/` belong to the user who seals, who needs no more than to read the
 * records. Where that is not the user of the hooks, and the ledger's
 * directory is not theirs either, they can neither change what was sealed
 * nor sign.
 *
 * Written in this order: tiles; `keys/last`; `sealed/checkpoint`; each is on
 * disk before the next. Whatever is killed in between, the next run goes on
 * from the larger of the two checkpoints, and signs nothing that does not
 * extend it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ledger/checkpoint.h"
#include "ledger/ledger.h"

enum seal_flags {
	SEAL_REBUILD = 1, /* write all tiles again, from the records */
	SEAL_DAMAGED = 2  /* seal, in the place of a damaged record, an entry
			   * that says so; else the tree ends before it */
};

struct seal_report {
	uint64_t before, after; /* records sealed */
	bool signed_now;	/* whether there is a new checkpoint */
	size_t unusable;	/* keys that this libcrypto does not know */
	uint64_t replaced;	/* damaged records, see SEAL_DAMAGED */
};

/** Make `sealed/` and `keys/` with new keys and the checkpoint of the empty
 * tree. ERR_USAGE when there is a tree already. */
int seal_create(struct ledger *l, struct err *e);

/**
 * Append all durable records to the tree and, if there are any, sign a new
 * checkpoint. Opened for reading is enough.
 *
 * @return 0; ERR_NOT_FOUND without keys; ERR_DENIED when `sealed/` is
 *   another user's; ERR_TIMEOUT when another sealer is at work;
 *   ERR_MALFORMED when the last checkpoint, tiles and records do not agree,
 *   or a record is damaged (what stands before it has been sealed)
 */
int seal_run(struct ledger *l, unsigned flags, struct seal_report *out,
	     struct err *e);

/** Make new keys beside the present ones, and sign the last checkpoint
 * with all of them. Where there are no keys, as seal_create. */
int seal_rotate(struct ledger *l, struct err *e);

/**
 * Remove the private key of this id.
 * @return 0; ERR_USAGE unless another key of its kind has signed the last
 *   checkpoint; ERR_NOT_FOUND
 */
int seal_retire(struct ledger *l, uint32_t id, struct err *e);

/**
 * The last checkpoint that was published; its signatures are not verified.
 * @return 0; ERR_NOT_FOUND when there is none; ERR_MALFORMED; in any case
 *   checkpoint_note_release
 */
int seal_checkpoint_read(struct ledger *l, struct checkpoint_note *out,
			 struct err *e);

/** How many records the last checkpoint says there are, where a key of the
 * ledger's own has signed it; otherwise 0, for nobody knows. */
uint64_t seal_promised(struct ledger *l);

#endif
