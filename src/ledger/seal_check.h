/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEAL_CHECK_H
#define GATEPOST_LEDGER_SEAL_CHECK_H

/** Whether records are what was sealed, one by one, by the stored tiles. That
 * these are under a checkpoint is for verify to say. */

#include "base/err.h"
#include "ledger/ledger.h"

struct seal_check;

/** @return 0, also where nothing was ever sealed; the errors of
 *   seal_checkpoint_read(); ERR_MEMORY. `l` is borrowed. */
int seal_check_new(struct seal_check **out, struct ledger *l, struct err *e);
void seal_check_free(struct seal_check *c);

/** @return 0 when it is, or is not sealed yet; ERR_MALFORMED when another one
 *   was sealed; the errors of tile_read() */
int seal_check_item(struct seal_check *c, const struct ledger_item *item,
		    struct err *e);

#endif
