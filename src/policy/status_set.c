/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/status_set.h"

#include "base/text.h"

enum { LEAST = 200, MOST = 599 };

static bool take_status(struct span text, int *out)
{
	uint64_t n;

	text = span_trim(text);
	if (!text_to_u64(text, MOST, &n) || n < LEAST)
		return false;
	*out = (int)n;
	return true;
}

static bool take_range(struct span text, int *from, int *to)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span first;

	if (!cursor_until(&c, '-', &first)) {
		*to = 0;
		return take_status(text, from) && (*to = *from);
	}
	return take_status(first, from) &&
	       take_status(span_of(c.p, cursor_left(&c)), to) && *from <= *to;
}

int status_set_parse(struct status_set *out, struct span text, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);

	*out = (struct status_set){0};
	while (cursor_left(&c)) {
		struct span part;

		if (!cursor_until(&c, ',', &part))
			cursor_take(&c, cursor_left(&c), &part);
		if (out->n == STATUS_SET_MAX)
			return err_set(e, ERR_CONFIG, "more than %d parts",
				       STATUS_SET_MAX);
		if (!take_range(part, &out->v[out->n].from, &out->v[out->n].to))
			return err_set(e, ERR_CONFIG,
				       "statuses are written 200-299,409: "
				       "numbers from %d to %d",
				       LEAST, MOST);
		out->n++;
	}
	return 0;
}

bool status_set_has(const struct status_set *s, long status)
{
	for (size_t i = 0; i < s->n; i++)
		if (status >= s->v[i].from && status <= s->v[i].to)
			return true;
	return false;
}
