/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/json.h"

int json_parse(yyjson_doc **out, struct span text, const char *what,
	       struct err *e)
{
	yyjson_read_err why;
	union {
		const char *in;
		char *out;
	} u = {text.p}; /* not written to without YYJSON_READ_INSITU */

	*out = yyjson_read_opts(u.out, text.n, 0, NULL, &why);
	if (*out)
		return 0;
	if (why.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return err_nomem(e);
	return err_set(e, ERR_MALFORMED, "the %s is no JSON: %s at byte %zu",
		       what, why.msg, why.pos);
}

struct span json_str(yyjson_val *obj, const char *key)
{
	yyjson_val *v = yyjson_obj_get(obj, key);

	if (!yyjson_is_str(v))
		return span_of("", 0);
	return span_of(yyjson_get_str(v), yyjson_get_len(v));
}
