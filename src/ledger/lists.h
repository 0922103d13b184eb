/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_LISTS_H
#define GATEPOST_LEDGER_LISTS_H

#include <yyjson.h>

#include "base/err.h"
#include "ledger/ledger.h"

/**
 * A list of a record, wherever it is: a long one is evidence, which the
 * member `<name>_evidence` cites.
 *
 * @param list  NULL when the record has none
 * @param held  to be freed with yyjson_doc_free() when the list has been
 *   used; NULL if it stands in the record
 * @return 0; as ledger_evidence_get; ERR_MALFORMED
 */
int ledger_list_load(struct ledger *l, yyjson_val *record, const char *name,
		     yyjson_val **list, yyjson_doc **held, struct err *e);

#endif
