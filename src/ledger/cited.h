/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_CITED_H
#define GATEPOST_LEDGER_CITED_H

#include <stdbool.h>

#include <yyjson.h>

#include "base/err.h"

/** Called with the 64 digits that name a piece of evidence; anything but 0
 * ends the visit.
 * @param list  whether it is a list of the record */
typedef int cited_visitor(void *arg, const char *hex, bool list, struct err *e);

/**
 * Visit the evidence that a record cites, wherever in it: each member
 * `evidence` that is a digest, and `sha256` of each `NAME_evidence`.
 * @return 0, or what the visitor returned
 */
int cited_visit(yyjson_val *record, cited_visitor *visit, void *arg,
		struct err *e);

#endif
