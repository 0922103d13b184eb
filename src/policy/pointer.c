/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pointer.h"

/* Where the part at the beginning of `s` ends. */
static size_t end_of_part(struct span s)
{
	bool inside = s.n && *s.p == '[';
	size_t i;

	for (i = 0; inside && i < s.n; i++)
		if (s.p[i] == ']' && (i + 1 == s.n || s.p[i + 1] == '/'))
			return i + 1;
	for (i = 0; i < s.n && s.p[i] != '/'; i++)
		;
	return i;
}

struct span pointer_part(struct span *rest)
{
	struct span s = span_of(rest->p + 1, rest->n - 1);
	size_t n = end_of_part(s);

	*rest = span_of(s.p + n, s.n - n);
	return span_of(s.p, n);
}

bool pointer_selects(struct span part, struct span *member, struct span *text)
{
	struct cursor c = cursor_of(part.p, part.n);

	if (!cursor_literal(&c, "[") || part.p[part.n - 1] != ']' ||
	    !cursor_until(&c, '=', member))
		return false;
	*text = span_of(c.p, cursor_left(&c) - 1);
	return member->n && text->n;
}

int pointer_check(struct span pointer, struct err *e)
{
	struct span part, member, text;

	if (!pointer.n || *pointer.p != '/')
		return err_set(e, ERR_CONFIG,
			       "a JSON pointer begins with /: /issue/id");
	while (pointer.n) {
		part = pointer_part(&pointer);
		if (part.n && *part.p == '[' &&
		    !pointer_selects(part, &member, &text))
			return err_set(e, ERR_CONFIG,
				       "what stands in brackets is like "
				       "[name=Backout plan]");
	}
	return 0;
}
