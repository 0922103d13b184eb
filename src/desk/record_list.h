/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_RECORD_LIST_H
#define GATEPOST_DESK_RECORD_LIST_H

/**
 * A list of a record: its own member, or, where that was too long, the
 * evidence that it cites (gatepost-records(5), Evidence).
 */

#include <yyjson.h>

#include "base/err.h"
#include "ledger/ledger.h"

struct record_list {
	yyjson_doc *doc; /* of the evidence; NULL: the record holds the list */
	yyjson_val *v;	 /* an array; NULL: the record has no such list */
};

/**
 * @param record  borrowed; must outlive the list
 * @param name    of the member, e.g. "refs"
 * @return 0; ERR_MALFORMED for evidence that is no list, and what
 *         ledger_evidence_get returns
 */
int record_list_read(struct record_list *out, struct ledger *l,
		     yyjson_val *record, const char *name, struct err *e);
void record_list_release(struct record_list *list);

#endif
