/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_ERASE_PRIVATE_H
#define GATEPOST_LEDGER_ERASE_PRIVATE_H

/** What the sources of erasing share. */

#include "base/buf.h"
#include "ledger/erase.h"

/** A persons line without the person, as long as before.
 * @param elements  how many are theirs
 * @return 0; ERR_MALFORMED when it is none */
int erase_line(const struct erase_wish *wish, struct span line, struct buf *out,
	       uint64_t *elements, struct err *e);

#endif
