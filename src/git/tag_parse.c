/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "git/armor.h"
#include "git/fault.h"

static bool take_field(struct cursor *c, const char *key, struct span *value,
		       struct object_fault *fault)
{
	if (cursor_literal(c, key) && cursor_literal(c, " ") &&
	    cursor_until(c, '\n', value))
		return true;
	return fault_set(fault, FAULT_MALFORMED,
			 "no %s header where it should be", key);
}

static enum object_type type_of_name(struct span name)
{
	if (span_is(name, "commit"))
		return OBJECT_COMMIT;
	if (span_is(name, "tree"))
		return OBJECT_TREE;
	if (span_is(name, "blob"))
		return OBJECT_BLOB;
	if (span_is(name, "tag"))
		return OBJECT_TAG;
	return OBJECT_NONE;
}

static bool take_target(struct cursor *c, enum oid_algo algo,
			struct oid *object, enum object_type *type,
			struct object_fault *fault)
{
	struct span value;

	if (!take_field(c, "object", &value, fault))
		return false;
	if (!oid_from_hex(object, algo, value))
		return fault_set(fault, FAULT_MALFORMED,
				 "an ill-formed object id \"%.*s\"",
				 FAULT_QUOTE(value));
	if (!take_field(c, "type", &value, fault))
		return false;
	*type = type_of_name(value);
	if (*type == OBJECT_NONE)
		return fault_set(fault, FAULT_MALFORMED,
				 "an unknown object type \"%.*s\"",
				 FAULT_QUOTE(value));
	return true;
}

static bool take_name(struct cursor *c, struct span *name,
		      struct object_fault *fault)
{
	size_t i;

	if (!take_field(c, "tag", name, fault))
		return false;
	if (name->n == 0)
		return fault_set(fault, FAULT_MALFORMED, "a tag without name");
	for (i = 0; i < name->n; i++)
		if ((unsigned char)name->p[i] <= ' ' || name->p[i] == 0x7f)
			return fault_set(fault, FAULT_MALFORMED,
					 "a blank or control character in the "
					 "tag's name \"%.*s\"",
					 FAULT_QUOTE(*name));
	return true;
}

/*
 * Cut the signature off. git takes the last line that could begin one, other
 * programs the first: with several, or with text behind, two people would
 * verify different bytes.
 */
static bool cut_signature(struct tag *out, struct span body,
			  struct object_fault *fault)
{
	struct cursor c = cursor_of(body.p, body.n);
	const char *start = c.p, *why;
	struct span line;

	out->message = body;
	out->payload = out->raw;
	while (cursor_line(&c, &line) && !armor_begins(line))
		start = c.p;
	if (start == c.end)
		return true;
	out->message.n = (size_t)(start - body.p);
	out->payload.n = (size_t)(start - out->raw.p);
	out->signature = span_of(start, (size_t)(c.end - start));
	why = armor_check(out->signature, 0, ARMOR_KNOWN);
	if (why)
		return fault_set(fault, FAULT_MALFORMED, "%s", why);
	return true;
}

static bool check_body(struct span body, const struct object_limits *limits,
		       struct object_fault *fault)
{
	size_t max = limit_or(limits->message, object_limits_default.message);

	if (body.n > max)
		return fault_set(fault, FAULT_TOO_BIG,
				 "a message of %zu bytes, more than %zu",
				 body.n, max);
	if (body.n && memchr(body.p, '\0', body.n))
		return fault_set(fault, FAULT_NUL,
				 "a NUL byte in the message, where some "
				 "programs stop reading");
	return true;
}

bool tag_parse(struct span raw, enum oid_algo algo,
	       const struct object_limits *limits, struct tag *out,
	       struct object_fault *fault)
{
	struct cursor c = cursor_of(raw.p, raw.n);
	struct span value, body;

	memset(out, 0, sizeof(*out));
	fault->code = FAULT_NONE;
	fault->text[0] = '\0';
	out->algo = algo;
	out->raw = raw;
	if (!limits)
		limits = &object_limits_default;
	if (!take_target(&c, algo, &out->object, &out->type, fault) ||
	    !take_name(&c, &out->name, fault) ||
	    !take_field(&c, "tagger", &value, fault) ||
	    !ident_parse(value, &out->tagger, fault))
		return false;
	/* a signature in a header, as interoperation of hash functions has
	 * it, is signed text to some versions of git and not to others */
	if (!cursor_literal(&c, "\n"))
		return fault_set(fault, FAULT_MALFORMED,
				 "something other than an empty line behind "
				 "the tagger");
	body = span_of(c.p, cursor_left(&c));
	return check_body(body, limits, fault) &&
	       cut_signature(out, body, fault);
}

bool tag_parse_target(struct span raw, enum oid_algo algo, struct oid *object,
		      enum object_type *type)
{
	struct cursor c = cursor_of(raw.p, raw.n);
	struct object_fault ignored;

	*type = OBJECT_NONE;
	return take_target(&c, algo, object, type, &ignored);
}
