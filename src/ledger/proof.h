/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_PROOF_H
#define GATEPOST_LEDGER_PROOF_H

/**
 * Proofs that stand alone (C2SP tlog-proof): a record's place in a tree, the
 * hashes from there to the root, the checkpoint that signs the root. The
 * record itself is the `extra` line.
 */

#include "ledger/checkpoint.h"
#include "ledger/ledger.h"
#include "ledger/tiles.h"

enum {
	PROOF_MAX = NOTE_MAX + (128 << 10) /* bytes of a proof */
};

/**
 * Write the proof of a sealed record. It has been checked, so that damage
 * shows here, not at the one who gets it.
 * @param restored  set when the record in the segments is damaged, missing or
 *   another, and the proof has it as it was sealed
 * @return 0; ERR_NOT_FOUND when there is no such record, or it is not
 *   sealed yet, or nothing is; ERR_MALFORMED when record, tiles and
 *   checkpoint do not agree
 */
int proof_make(struct ledger *l, uint64_t index, struct buf *out,
	       bool *restored, struct err *e);

/** What a proof proves. */
struct proof_facts {
	uint64_t index;
	struct buf record; /* the record's line */
	struct checkpoint_note checkpoint;
};

void proof_facts_init(struct proof_facts *f);
void proof_facts_release(struct proof_facts *f);

/**
 * Read a proof and check it: one of the keys has signed the checkpoint, and
 * the record is under its root.
 * @param record  the record's line, or empty: the one in the proof
 * @return 0; ERR_MALFORMED when it is no proof or proves nothing;
 *   ERR_NOT_FOUND when none of the keys has signed, or it has no record
 */
int proof_check(struct span proof, struct span record,
		const struct note_vkeys *keys, struct proof_facts *out,
		struct err *e);

/**
 * Prove, from the tiles, that a checkpoint extends an older one; checked.
 * Signatures are not looked at.
 * @return 0; ERR_MALFORMED when it does not; ERR_NOT_FOUND without tiles
 */
int proof_consistency(const struct tile_source *source,
		      const struct checkpoint *older,
		      const struct checkpoint *newer, struct merkle_proof *out,
		      struct err *e);

/** Append one hash a line, in base64. */
void proof_write_hashes(const struct merkle_proof *p, struct buf *out);

#endif
