/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_PERSONS_SPLICE_H
#define GATEPOST_LEDGER_PERSONS_SPLICE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/cursor.h"

/**
 * Join persons into a record byte by byte, which takes a tenth of the time
 * that it takes to build the record anew. For texts as gatepost writes them:
 * without white space, no name of a member escaped, few persons.
 *
 * @param json, line  well-formed JSON, parsed by the caller: an object and an
 *   array
 * @return whether it was done; if not, `out` is as it was, and the other way
 *   shall be gone, which also finds the words for what is wrong
 */
bool persons_splice(struct span json, struct span line, struct buf *out);

#endif
