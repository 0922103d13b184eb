/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_JSON_H
#define GATEPOST_CLI_JSON_H

#include <yyjson.h>

#include "base/buf.h"
#include "base/err.h"

/** Append a document as one line. It stays the caller's; NULL, or what there
 * was no memory to make or write, is ERR_MEMORY. */
int cli_add_json(struct buf *out, yyjson_mut_doc *doc, struct err *e);

/** Print it. */
int cli_print_json(yyjson_mut_doc *doc, struct err *e);

#endif
