/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEALER_H
#define GATEPOST_LEDGER_SEALER_H

/** What the one who seals holds: the lock, the keys, the last checkpoint. */

#include <stdbool.h>

#include "ledger/internal.h"
#include "ledger/seal.h"
#include "ledger/seal_keys.h"

struct sealer {
	struct ledger *l;
	int sealed_fd, lock_fd;
	mode_t file_mode, dir_mode; /* of what is made in sealed/ */
	struct seal_keys keys;
	struct note_vkeys vkeys;
	struct checkpoint_note last;
	bool unpublished; /* `last` is not in sealed/checkpoint */
};

/** Lock, and read keys and checkpoints.
 * @param rebuild  whether sealed/checkpoint may be damaged or missing */
int sealer_open(struct sealer *s, struct ledger *l, bool rebuild,
		struct err *e);
/** The same without keys and checkpoint, to make the first ones. */
int sealer_open_empty(struct sealer *s, struct ledger *l, struct err *e);
void sealer_close(struct sealer *s);

/**
 * Sign a checkpoint with all keys, and publish it. One that says the same
 * as the last keeps the signatures of others.
 */
int sealer_sign(struct sealer *s, uint64_t size, const struct merkle_hash *root,
		struct err *e);
/** Write `last` to sealed/checkpoint. */
int sealer_publish(struct sealer *s, struct err *e);

/** Whether all keys have signed the last checkpoint. */
bool sealer_all_signed(const struct sealer *s);

#endif
