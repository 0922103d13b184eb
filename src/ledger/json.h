/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_JSON_H
#define GATEPOST_LEDGER_JSON_H

#include <yyjson.h>

#include "base/cursor.h"
#include "base/err.h"

/**
 * Parse strictly (RFC 8259, well-formed UTF-8).
 * @param what  names it in the message
 * @return 0, ERR_MALFORMED, ERR_MEMORY; free *out with yyjson_doc_free
 */
int json_parse(yyjson_doc **out, struct span text, const char *what,
	       struct err *e);

/** Memory for one document after another. Zeroed: none yet. */
struct json_pool {
	void *mem;
	size_t size;
};
/**
 * As json_parse; the document is gone with the next one from this pool, and
 * is not freed. Its strings lie in a copy of the text at `pool->mem`, each
 * where it began in the text.
 */
int json_parse_in(struct json_pool *pool, yyjson_doc **out, struct span text,
		  const char *what, struct err *e);
void json_pool_release(struct json_pool *pool);

/** A string member as a span; empty when absent or of another type. */
struct span json_str(yyjson_val *obj, const char *key);

#endif
