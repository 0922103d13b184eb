/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_PERSONS_SPLICE_H
#define GATEPOST_LEDGER_PERSONS_SPLICE_H

#include <stdbool.h>

#include "ledger/persons.h"

/**
 * Join persons into a record byte by byte, which takes a tenth of the time
 * that it takes to build the record anew. For texts as gatepost writes them:
 * without white space, no name of a member escaped, few persons.
 *
 * @return whether it was done; if not, `out` is as it was, and the other way
 *   shall be gone, which also finds the words for what is wrong
 */
bool persons_splice(const struct persons_parsed *p, struct buf *out);

enum { PERSONS_MAX_DEPTH = 64 /* lists and objects within each other */ };

#endif
