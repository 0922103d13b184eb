/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_COSIGN_H
#define GATEPOST_LEDGER_COSIGN_H

/**
 * Cosigning another ledger's checkpoints (C2SP tlog-witness and
 * tlog-cosignature), from both sides. What the cosigner keeps, in a folder
 * of its own:
 *
 *     key.skey     its private key
 *     seen-DIGEST  the last checkpoint that it cosigned of a ledger, by the
 *                  SHA-256 of the ledger's name
 *     lock         one at a time
 */

#include "ledger/checkpoint.h"
#include "ledger/note_key.h"
#include "ledger/tiles.h"

enum {
	COSIGN_MAX_PROOF = 63, /* hashes, as the specification has it */
	COSIGN_MAX_REQUEST = NOTE_MAX + 8192
};

/* ------------------------------------------------------------- requests */

/** The body of a request add-checkpoint. */
struct cosign_request {
	uint64_t old;
	struct merkle_proof proof;
	struct checkpoint_note note;
};

/** Append one. ERR_LIMIT when the proof is too long. */
int cosign_request_write(uint64_t old, const struct merkle_proof *proof,
			 struct span note, struct buf *out, struct err *e);
/** Strict. @return 0, ERR_MALFORMED; cosign_request_release in any case */
int cosign_request_parse(struct cosign_request *out, struct span bytes,
			 struct err *e);
void cosign_request_release(struct cosign_request *r);

/** `old N` and a line feed, nothing else: what is asked of a ledger. */
bool cosign_question_parse(struct span bytes, uint64_t *old);

/** The proof from `old` records to `size`, by the tiles below the folder
 * `sealed`; it is for the other side to check. */
int cosign_prove(const char *sealed, uint64_t old, uint64_t size,
		 struct merkle_proof *out, struct err *e);

/* ------------------------------------------------------------- cosigner */

struct cosigner {
	const char *dir; /* borrowed */
	int lock_fd;
	struct note_skey key;
};

/**
 * Open the folder, making it and a key where there is none.
 * @param name  of the key to make; NULL: make none
 * @return 0; ERR_NOT_FOUND without a key; ERR_DENIED when others may look
 *   into the folder; ERR_TIMEOUT; in any case cosigner_close
 */
int cosigner_open(struct cosigner *c, const char *dir, const char *name,
		  struct err *e);
void cosigner_close(struct cosigner *c);

/** The last checkpoint that was cosigned of a ledger. ERR_NOT_FOUND when
 * there is none; checkpoint_note_release in any case. */
int cosigner_last(const struct cosigner *c, const char *origin,
		  struct checkpoint_note *out, struct err *e);

/**
 * Cosign a checkpoint that extends the last one, and remember it first.
 * @param keys      of the ledger; all have its name
 * @param cosigned  gets the note with the cosignature
 * @return 0; ERR_MALFORMED when it does not extend it, says why;
 *   ERR_NOT_FOUND when none of the keys has signed it; others are our own
 *   trouble
 */
int cosigner_sign(struct cosigner *c, const struct cosign_request *r,
		  const struct note_vkeys *keys, struct buf *cosigned,
		  struct err *e);

#endif
