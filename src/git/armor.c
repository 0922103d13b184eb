/* SPDX-License-Identifier: Apache-2.0 */
#include "git/armor.h"

#include "base/text.h"

static const char *const known_begins[] = {
	"-----BEGIN SSH SIGNATURE-----",
	"-----BEGIN PGP SIGNATURE-----",
	"-----BEGIN PGP MESSAGE-----",
	"-----BEGIN SIGNED MESSAGE-----",
};

bool armor_begins(struct span line)
{
	size_t i;

	for (i = 0; i < sizeof(known_begins) / sizeof(*known_begins); i++)
		if (span_starts(line, known_begins[i]))
			return true;
	return false;
}

/* The X of a line that is exactly `-----WORD X-----`. */
static bool label_of(struct span line, const char *word, struct span *label)
{
	struct cursor c = cursor_of(line.p, line.n);
	size_t i, left;

	if (!cursor_literal(&c, "-----") || !cursor_literal(&c, word) ||
	    !cursor_literal(&c, " "))
		return false;
	left = cursor_left(&c);
	if (left <= 5 || !span_is(span_of(c.end - 5, 5), "-----"))
		return false;
	*label = span_of(c.p, left - 5);
	for (i = 0; i < label->n; i++)
		if (label->p[i] != ' ' && !ascii_digit(label->p[i]) &&
		    !(label->p[i] >= 'A' && label->p[i] <= 'Z'))
			return false;
	return true;
}

/* A line without its LF and `fold` leading blanks. */
static bool take_line(struct cursor *c, size_t fold, struct span *line)
{
	size_t i;

	for (i = 0; i < fold; i++, c->p++)
		if (!cursor_left(c) || *c->p != ' ')
			return false;
	return cursor_line(c, line);
}

static const char *check_tail(struct cursor *c, size_t fold)
{
	struct span line;

	while (cursor_left(c))
		if (!take_line(c, fold, &line) || line.n)
			return "text after the end of the signature";
	return NULL;
}

const char *armor_check(struct span text, size_t fold, enum armor_labels labels)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span line, label, end;

	if (!take_line(&c, 0, &line) || !label_of(line, "BEGIN", &label))
		return "a signature without a plain BEGIN line";
	if (labels == ARMOR_KNOWN && !armor_begins(line))
		return "a signature of an unknown kind";
	while (take_line(&c, fold, &line)) {
		if (!line.n || line.p[0] != '-')
			continue; /* nearly all of them */
		if (span_starts(line, "-----BEGIN "))
			return "a second signature inside the first";
		if (!span_starts(line, "-----END "))
			continue;
		if (!label_of(line, "END", &end) || !span_equal(label, end))
			return "a signature whose END line is off";
		return check_tail(&c, fold);
	}
	return "a signature without an END line";
}
