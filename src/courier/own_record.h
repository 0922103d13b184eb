/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_OWN_RECORD_H
#define GATEPOST_COURIER_OWN_RECORD_H

/** Records that the courier writes itself. They name nobody. */

#include <yyjson.h>

#include "base/err.h"

/** A record begun: what every record has. NULL when memory ran out.
 * @param now  milliseconds since 1970 */
yyjson_mut_doc *own_record_new(const char *kind, int64_t now, struct err *e);

/** Add a text, made valid UTF-8; NULL adds nothing. */
bool own_record_text(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     const char *text);

/** Append it; durable on return. */
int own_record_append(yyjson_mut_doc *doc, const char *ledger_dir,
		      struct err *e);

#endif
