/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_RESERVE_H
#define GATEPOST_LEDGER_RESERVE_H

/**
 * The emergency reserve: a file `reserve` that holds nothing but room. When
 * the disk is full it is given up, so that decisions can still be recorded
 * while somebody makes space. It is made again when there is plenty.
 */

#include <stdbool.h>

#include "ledger/internal.h"

enum {
	RESERVE_BYTES = 1 << 20,  /* some hundreds of records */
	RESERVE_PLENTY = 16 << 20 /* free bytes before it is made again */
};

/** Make it if it is missing and there is plenty of room. That it cannot be
 * made is no error: see ledger_has_reserve. */
void reserve_make(struct ledger *l);

/**
 * After a failure: give the reserve up.
 * @return whether the failure was for want of room, and there is some now
 */
bool reserve_use(struct ledger *l);

#endif
