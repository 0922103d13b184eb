/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_pattern.h"

#include <string.h>

#include "base/text.h"

static bool same(char a, char b, bool nocase)
{
	return nocase ? ascii_lower(a) == ascii_lower(b) : a == b;
}

bool ssh_pattern_match(struct span pattern, struct span s, bool nocase)
{
	size_t p = 0, i = 0, star = pattern.n, mark = 0;

	/* only the last `*` seen ever needs to take more than it has */
	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			mark = i;
		} else if (p < pattern.n &&
			   (pattern.p[p] == '?' ||
			    same(pattern.p[p], s.p[i], nocase))) {
			p++;
			i++;
		} else if (star < pattern.n) {
			p = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool ssh_pattern_is_wild(struct span pattern)
{
	return pattern.n && (memchr(pattern.p, '*', pattern.n) ||
			     memchr(pattern.p, '?', pattern.n));
}

bool ssh_pattern_next(struct cursor *list, struct span *pattern, bool *negated)
{
	if (!cursor_left(list))
		return false;
	*negated = cursor_literal(list, "!");
	if (!cursor_until(list, ',', pattern) &&
	    !cursor_take(list, cursor_left(list), pattern))
		return false;
	return true;
}

bool ssh_pattern_list_match(struct span list, struct span s)
{
	struct cursor c = cursor_of(list.p, list.n);
	struct span pattern;
	bool negated, found = false;

	while (ssh_pattern_next(&c, &pattern, &negated)) {
		if (!ssh_pattern_match(pattern, s, false))
			continue;
		if (negated)
			return false;
		found = true;
	}
	return found;
}
