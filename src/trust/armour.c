/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/armour.h"

#include <stdbool.h>
#include <string.h>

#include "base/encode.h"

/* Join the lines of base64; @return what is wrong with them, or NULL */
static const char *join_lines(const struct armour *form, struct cursor *body,
			      struct buf *joined)
{
	struct span line;
	size_t width = 0;
	bool last = false;

	while (cursor_line(body, &line)) {
		if (!line.n || last)
			return "its lines are not of one width";
		if (!width && cursor_left(body)) {
			width = line.n;
			if (width < form->min_width)
				return "its lines are too short";
		}
		if (line.n > form->max_width || (width && line.n > width))
			return "its lines are too long";
		last = width && line.n < width;
		if (buf_add(joined, line.p, line.n))
			return "it is too long";
	}
	return joined->len ? NULL : "it is empty";
}

static const char *read_text(const struct armour *form, struct span text,
			     struct buf *joined, struct buf *raw)
{
	const size_t begin = strlen(form->begin), end = strlen(form->end);
	struct cursor body;
	const char *wrong;

	if (text.n > form->max_text)
		return "it is too long";
	if (!span_starts(text, form->begin) || text.n < begin + end)
		return "its BEGIN line is not exact";
	if (memcmp(text.p + text.n - end, form->end, end) != 0 ||
	    text.p[text.n - end - 1] != '\n')
		return "it does not end in exactly its END line";
	body = cursor_of(text.p + begin, text.n - begin - end);
	wrong = join_lines(form, &body, joined);
	if (wrong)
		return wrong;
	if (joined->len / 4 * 3 > raw->max)
		return "it is too long";
	return base64_decode(raw, span_of(joined->data, joined->len))
		       ? NULL
		       : "it is not in canonical base64";
}

int armour_read(const struct armour *form, struct span text, struct buf *raw,
		const char **why, struct err *e)
{
	struct buf joined = BUF_INIT(raw->max / 3 * 4 + 4);
	size_t room = text.n < joined.max ? text.n : joined.max;
	int rc = 0;

	*why = NULL;
	/* all memory first, so that a full buffer means a long signature */
	if (buf_reserve(&joined, room) ||
	    buf_reserve(raw, room / 4 * 3 < raw->max ? room / 4 * 3 : raw->max))
		rc = err_nomem(e);
	else
		*why = read_text(form, text, &joined, raw);
	buf_release(&joined);
	return rc;
}
