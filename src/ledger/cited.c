/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/cited.h"

#include <string.h>

#include "base/sha256.h"
#include "base/text.h"

enum { MAX_DEPTH = 64 };

static int tell(yyjson_val *hex, bool list, cited_visitor *visit, void *arg,
		struct err *e)
{
	const char *text = yyjson_get_str(hex);
	unsigned char digest[SHA256_SIZE];

	if (!text || !hex_decode(span_of(text, yyjson_get_len(hex)), digest,
				 sizeof(digest)))
		return 0; /* evidence in words, no file */
	return visit(arg, text, list, e);
}

static bool ends_in(yyjson_val *key, const char *end)
{
	size_t n = yyjson_get_len(key), m = strlen(end);

	return n > m && !memcmp(yyjson_get_str(key) + n - m, end, m);
}

/* Recursion is bounded by MAX_DEPTH. */
static int find(yyjson_val *val, int depth, cited_visitor *visit, void *arg,
		struct err *e)
{
	yyjson_val *key, *member;
	size_t i, n;
	int rc = 0;

	if (depth > MAX_DEPTH)
		return 0;
	if (yyjson_is_arr(val)) {
		yyjson_arr_foreach(val, i, n, member)
		{
			rc = find(member, depth + 1, visit, arg, e);
			if (rc)
				return rc;
		}
		return 0;
	}
	yyjson_obj_foreach(val, i, n, key, member)
	{
		if (yyjson_is_ctn(member))
			rc = find(member, depth + 1, visit, arg, e);
		if (!rc && yyjson_equals_str(key, "evidence"))
			rc = tell(member, false, visit, arg, e);
		if (!rc && ends_in(key, "_evidence"))
			rc = tell(yyjson_obj_get(member, "sha256"), true, visit,
				  arg, e);
		if (rc)
			return rc;
	}
	return 0;
}

int cited_visit(yyjson_val *record, cited_visitor *visit, void *arg,
		struct err *e)
{
	return find(record, 0, visit, arg, e);
}
