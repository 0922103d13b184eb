/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/park.h"

#include "base/time.h"
#include "courier/own_record.h"

static bool fill(yyjson_mut_doc *doc, const struct park *park)
{
	yyjson_mut_val *o = yyjson_mut_doc_get_root(doc);

	return own_record_text(doc, o, "sink", park->sink) &&
	       (!*park->id ||
		yyjson_mut_obj_add_str(doc, o, "record", park->id)) &&
	       yyjson_mut_obj_add_uint(doc, o, "index", park->index) &&
	       yyjson_mut_obj_add_int(doc, o, "status", park->status) &&
	       own_record_text(doc, o, "reason", park->reason);
}

int park_record(const struct park *park, struct err *e)
{
	yyjson_mut_doc *doc = own_record_new("parked", time_now_ms(), e);
	int rc;

	if (!doc)
		return e->code;
	rc = fill(doc, park) ? own_record_append(doc, park->ledger_dir, e)
			     : err_nomem(e);
	yyjson_mut_doc_free(doc);
	return rc;
}
