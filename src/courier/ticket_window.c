/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/ticket_window.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"

enum { DAY_BYTES = 10, TIME_BYTES = 19, DAY_MS = 24 * 3600 * 1000 };

bool ticket_time(struct span text, bool end, int64_t *ms)
{
	char utc[TIME_BYTES + 1];

	text = span_trim(text);
	/* where a product writes no time so */
	if (span_starts(text, "1970-01-01"))
		return false;
	if (text.n == DAY_BYTES) {
		if (!time_parse(text, ms))
			return false;
		if (!end)
			*ms -= DAY_MS - 1;
		return true;
	}
	if (text.n != TIME_BYTES || text.p[DAY_BYTES] != ' ')
		return time_parse(text, ms);
	memcpy(utc, text.p, TIME_BYTES);
	utc[DAY_BYTES] = 'T';
	utc[TIME_BYTES] = 'Z';
	return time_parse(span_of(utc, TIME_BYTES + 1), ms);
}

/* Of what repositories are called; `:`, `,` and the like stand around names. */
static bool is_of_name(char c)
{
	return ascii_alnum(c) || ((unsigned char)c & 0x80) ||
	       (c && strchr("_/-+~%=@", c));
}

/* A dot is of a name when a name goes on behind it. */
static bool ends_there(struct span rest)
{
	static const char git[] = ".git";

	if (rest.n >= sizeof(git) - 1 && !memcmp(rest.p, git, sizeof(git) - 1))
		rest = span_of(rest.p + 4, rest.n - 4);
	if (rest.n && *rest.p == '.')
		rest = span_of(rest.p + 1, rest.n - 1);
	return !rest.n || !is_of_name(*rest.p);
}

bool ticket_names(struct span text, struct span repository)
{
	size_t i;

	if (!repository.n)
		return false;
	for (i = 0; i + repository.n <= text.n; i++) {
		size_t end = i + repository.n;

		if (!memcmp(text.p + i, repository.p, repository.n) &&
		    (!i ||
		     (!is_of_name(text.p[i - 1]) && text.p[i - 1] != '.')) &&
		    ends_there(span_of(text.p + end, text.n - end)))
			return true;
	}
	return false;
}
