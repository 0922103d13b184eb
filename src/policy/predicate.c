/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/predicate.h"

#include <string.h>

#include "base/text.h"
#include "policy/pointer.h"

static const struct {
	const char *word;
	enum predicate_operator op;
} operators[] = {{"==", PREDICATE_EQUAL},
		 {"!=", PREDICATE_UNEQUAL},
		 {">", PREDICATE_MORE},
		 {"<", PREDICATE_LESS},
		 {"=~", PREDICATE_CONTAINS}};

static enum predicate_operator operator_at(struct cursor *c)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (cursor_literal(c, operators[i].word))
			return operators[i].op;
	return PREDICATE_NONE;
}

/* What stands in brackets is no operator. */
static void skip_selection(struct cursor *c)
{
	struct span part;

	if (cursor_literal(c, "/["))
		cursor_until(c, ']', &part);
}

static int check_value(const struct predicate *p, struct err *e)
{
	struct span v = p->value;

	if (!v.n)
		return err_set(e, ERR_CONFIG,
			       "the condition compares with nothing");
	if (p->op != PREDICATE_MORE && p->op != PREDICATE_LESS)
		return 0;
	for (size_t i = *v.p == '-'; i < v.n; i++)
		if (!ascii_digit(v.p[i]))
			return err_set(e, ERR_CONFIG,
				       "> and < compare whole numbers");
	return 0;
}

int predicate_parse(struct predicate *out, struct span text, struct err *e)
{
	struct cursor c;
	int rc;

	*out = (struct predicate){.op = PREDICATE_THERE};
	text = span_trim(text);
	c = cursor_of(text.p, text.n);
	if (text.n > PREDICATE_MAX)
		return err_set(e, ERR_CONFIG,
			       "a condition is longer than %d bytes",
			       PREDICATE_MAX);
	if (!text.n || *text.p != '/')
		return err_set(e, ERR_CONFIG,
			       "a condition begins with a JSON pointer: "
			       "/errors==false");
	while (cursor_left(&c)) {
		enum predicate_operator op;
		const char *end;

		skip_selection(&c);
		if (!cursor_left(&c))
			break;
		end = c.p;
		op = operator_at(&c);
		if (!op) {
			c.p++;
			continue;
		}
		out->op = op;
		out->pointer =
			span_trim(span_of(text.p, (size_t)(end - text.p)));
		out->value = span_trim(span_of(c.p, cursor_left(&c)));
		rc = check_value(out, e);
		return rc ? rc : pointer_check(out->pointer, e);
	}
	out->pointer = text;
	return pointer_check(text, e);
}
