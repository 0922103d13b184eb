/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/json.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

static int parse(yyjson_doc **out, struct span text, const yyjson_alc *alc,
		 const char *what, struct err *e)
{
	yyjson_read_flag flags = alc ? YYJSON_READ_INSITU : 0;
	yyjson_read_err why;
	union {
		const char *in;
		char *out;
	} u = {text.p}; /* not written to without YYJSON_READ_INSITU */

	*out = yyjson_read_opts(u.out, text.n, flags, alc, &why);
	if (*out)
		return 0;
	if (why.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return err_nomem(e);
	return err_set(e, ERR_MALFORMED, "the %s is no JSON: %s at byte %zu",
		       what, why.msg, why.pos);
}

int json_parse(yyjson_doc **out, struct span text, const char *what,
	       struct err *e)
{
	return parse(out, text, NULL, what, e);
}

int json_parse_in(struct json_pool *pool, yyjson_doc **out, struct span text,
		  const char *what, struct err *e)
{
	size_t copy =
		(text.n + YYJSON_PADDING_SIZE + ALIGN - 1) / ALIGN * ALIGN;
	size_t need =
		copy + yyjson_read_max_memory_usage(text.n, YYJSON_READ_INSITU);
	yyjson_alc alc;
	char *mem;

	*out = NULL;
	if (need > pool->size) {
		json_pool_release(pool);
		pool->mem = malloc(need);
		if (!pool->mem)
			return err_nomem(e);
		pool->size = need;
	}
	mem = pool->mem;
	memcpy(mem, text.p, text.n);
	memset(mem + text.n, 0, YYJSON_PADDING_SIZE);
	if (!yyjson_alc_pool_init(&alc, mem + copy, pool->size - copy))
		return err_nomem(e);
	return parse(out, span_of(mem, text.n), &alc, what, e);
}

void json_pool_release(struct json_pool *pool)
{
	free(pool->mem);
	*pool = (struct json_pool){NULL, 0};
}

struct span json_str(yyjson_val *obj, const char *key)
{
	yyjson_val *v = yyjson_obj_get(obj, key);

	if (!yyjson_is_str(v))
		return span_of("", 0);
	return span_of(yyjson_get_str(v), yyjson_get_len(v));
}
