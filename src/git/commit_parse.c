/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "git/armor.h"
#include "git/fault.h"

enum { MAX_HEADER_KEY = 100 };

/* A header with the folded lines that continue it. */
struct header {
	struct span all; /* with the final LF */
	struct span key;
	struct span value; /* of the first line */
	struct span rest;  /* the folded lines */
};

/* `KEY SP VALUE LF`, nothing folded. */
static bool take_field(struct cursor *c, const char *key, struct span *value)
{
	struct cursor was = *c;

	if (cursor_literal(c, key) && cursor_literal(c, " ") &&
	    cursor_until(c, '\n', value))
		return true;
	*c = was;
	return false;
}

static bool take_id(struct cursor *c, const char *key, enum oid_algo algo,
		    struct oid *id)
{
	struct cursor was = *c;
	struct span hex;

	if (take_field(c, key, &hex) && oid_from_hex(id, algo, hex))
		return true;
	*c = was;
	return false;
}

static bool take_links(struct cursor *c, enum oid_algo algo, struct oid *tree,
		       const char **parent_lines, size_t *nparents)
{
	struct oid parent;

	if (!take_id(c, "tree", algo, tree))
		return false;
	*parent_lines = c->p;
	for (*nparents = 0; take_id(c, "parent", algo, &parent);)
		++*nparents;
	return true;
}

static void parent_at(const char *lines, enum oid_algo algo, size_t i,
		      struct oid *out)
{
	static const size_t before = sizeof("parent ") - 1;
	size_t hex = oid_hex_size(algo);
	const char *line = lines + i * (before + hex + 1);

	oid_from_hex(out, algo, span_of(line + before, hex));
}

void commit_parent(const struct commit *c, size_t i, struct oid *out)
{
	parent_at(c->parent_lines, c->algo, i, out);
}

void commit_links_parent(const struct commit_links *c, enum oid_algo algo,
			 size_t i, struct oid *out)
{
	parent_at(c->parent_lines, algo, i, out);
}

static bool take_ident(struct cursor *c, const char *key, struct ident *out,
		       struct object_fault *fault)
{
	struct span value;

	if (!take_field(c, key, &value))
		return fault_set(fault, FAULT_MALFORMED,
				 "no %s header where it should be", key);
	return ident_parse(value, out, fault);
}

static bool key_ok(struct span key)
{
	size_t i;

	if (key.n == 0 || key.n > MAX_HEADER_KEY || !ascii_alnum(key.p[0]))
		return false;
	for (i = 1; i < key.n; i++)
		if (!ascii_alnum(key.p[i]) && !strchr("-_.:", key.p[i]))
			return false;
	return true;
}

static bool take_header(struct cursor *c, struct header *h,
			struct object_fault *fault)
{
	const char *start = c->p;
	struct span line;
	struct cursor in;

	if (!cursor_until(c, '\n', &line))
		return fault_set(fault, FAULT_MALFORMED,
				 "no empty line behind the headers");
	in = cursor_of(line.p, line.n);
	if (memchr(line.p, '\0', line.n) || !cursor_until(&in, ' ', &h->key) ||
	    !key_ok(h->key))
		return fault_set(fault, FAULT_MALFORMED,
				 "an ill-formed header line \"%.*s\"",
				 FAULT_QUOTE(line));
	h->value = span_of(in.p, cursor_left(&in));
	h->rest = span_of(c->p, 0);
	while (cursor_left(c) && *c->p == ' ')
		if (!cursor_until(c, '\n', &line) ||
		    memchr(line.p, '\0', line.n))
			return fault_set(fault, FAULT_MALFORMED,
					 "an ill-formed folded line in %.*s",
					 FAULT_QUOTE(h->key));
	h->rest.n = (size_t)(c->p - h->rest.p);
	h->all = span_of(start, (size_t)(c->p - start));
	return true;
}

static const char *signature_key(enum oid_algo algo)
{
	return algo == OID_SHA256 ? "gpgsig-sha256" : "gpgsig";
}

/*
 * A signature for the hash function that this repository does not use is
 * part of what is signed to some versions of git and not to others, as is
 * anything else whose name begins like that: refused.
 */
static bool on_signature(struct commit *out, const struct header *h,
			 struct object_fault *fault)
{
	struct span text = span_of(h->value.p, h->value.n + 1 + h->rest.n);
	const char *why;

	if (!span_is(h->key, signature_key(out->algo)))
		return fault_set(fault, FAULT_MALFORMED,
				 "a signature header \"%.*s\", which is not of "
				 "this repository's hash function",
				 FAULT_QUOTE(h->key));
	if (out->signature.n)
		return fault_set(fault, FAULT_MALFORMED,
				 "more than one signature header");
	why = armor_check(text, 1, ARMOR_ANY);
	if (why)
		return fault_set(fault, FAULT_MALFORMED, "%s", why);
	out->signature = h->all;
	return true;
}

static bool on_encoding(struct commit *out, const struct header *h,
			struct object_fault *fault)
{
	if (out->encoding.p)
		return fault_set(fault, FAULT_MALFORMED,
				 "more than one encoding header");
	if (h->rest.n || h->value.n == 0)
		return fault_set(fault, FAULT_MALFORMED,
				 "an ill-formed encoding header");
	out->encoding = h->value;
	return true;
}

/* Whether the key is, but for case, one that has its place further up. */
static const char *misplaced(struct span key)
{
	static const char *const fixed[] = {"tree", "parent", "author",
					    "committer"};
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		if (span_is_nocase(key, fixed[i]))
			return fixed[i];
	return NULL;
}

static bool on_header(struct commit *out, const struct header *h,
		      struct object_fault *fault)
{
	const char *fixed = misplaced(h->key);
	struct span start = span_of(h->key.p, h->key.n < 6 ? h->key.n : 6);

	if (fixed)
		return fault_set(fault, FAULT_MALFORMED,
				 "a header \"%s\" behind the committer", fixed);
	if (span_is(start, "gpgsig"))
		return on_signature(out, h, fault);
	if (span_is(h->key, "encoding"))
		return on_encoding(out, h, fault);
	if (span_is(h->key, "mergetag")) {
		out->has_mergetag = true;
		return true;
	}
	if (span_is_nocase(start, "gpgsig") ||
	    span_is_nocase(h->key, "encoding") ||
	    span_is_nocase(h->key, "mergetag"))
		return fault_set(fault, FAULT_MALFORMED,
				 "a header \"%.*s\" that looks like another",
				 FAULT_QUOTE(h->key));
	return true;
}

/* Headers behind the committer, in any order, up to the empty line. */
static bool take_headers(struct cursor *c, struct commit *out,
			 struct object_fault *fault)
{
	struct header h;

	while (!cursor_literal(c, "\n"))
		if (!take_header(c, &h, fault) || !on_header(out, &h, fault))
			return false;
	return true;
}

static bool check_message(const struct commit *c,
			  const struct object_limits *limits,
			  struct object_fault *fault)
{
	size_t max = limit_or(limits->message, object_limits_default.message);

	if (c->message.n > max)
		return fault_set(fault, FAULT_TOO_BIG,
				 "a message of %zu bytes, more than %zu",
				 c->message.n, max);
	if (c->message.n && memchr(c->message.p, '\0', c->message.n))
		return fault_set(fault, FAULT_NUL,
				 "a NUL byte in the message, where some "
				 "programs stop reading");
	if (c->encoding.n && !span_is_nocase(c->encoding, "utf-8") &&
	    !span_is_nocase(c->encoding, "utf8"))
		return fault_set(fault, FAULT_ENCODING,
				 "the message is in \"%.*s\", not UTF-8",
				 FAULT_QUOTE(c->encoding));
	return true;
}

static bool check_parents(const struct commit *c,
			  const struct object_limits *limits,
			  struct object_fault *fault)
{
	size_t max = limit_or(limits->parents, object_limits_default.parents);

	if (c->nparents > max)
		return fault_set(fault, FAULT_TOO_BIG,
				 "%zu parents, more than %zu", c->nparents,
				 max);
	return true;
}

bool commit_parse(struct span raw, enum oid_algo algo,
		  const struct object_limits *limits, struct commit *out,
		  struct object_fault *fault)
{
	struct cursor c = cursor_of(raw.p, raw.n);

	memset(out, 0, sizeof(*out));
	fault->code = FAULT_NONE;
	fault->text[0] = '\0';
	out->algo = algo;
	out->raw = raw;
	if (!limits)
		limits = &object_limits_default;
	if (!take_links(&c, algo, &out->tree, &out->parent_lines,
			&out->nparents))
		return fault_set(fault, FAULT_MALFORMED,
				 "no well-formed tree header at the start");
	if (cursor_literal(&c, "parent "))
		return fault_set(fault, FAULT_MALFORMED,
				 "an ill-formed parent header");
	if (!check_parents(out, limits, fault) ||
	    !take_ident(&c, "author", &out->author, fault) ||
	    !take_ident(&c, "committer", &out->committer, fault) ||
	    !take_headers(&c, out, fault))
		return false;
	out->message = span_of(c.p, cursor_left(&c));
	return check_message(out, limits, fault);
}

int commit_signature(const struct commit *c, struct buf *signature,
		     struct buf *payload)
{
	struct cursor in = cursor_of(c->signature.p, c->signature.n);
	const char *behind;
	struct span line;

	if (!c->signature.n || !cursor_literal(&in, signature_key(c->algo)))
		return -1;
	/* a blank stands before every line, the first one included */
	while (cursor_literal(&in, " ") && cursor_line(&in, &line)) {
		buf_add(signature, line.p, line.n);
		buf_addch(signature, '\n');
	}
	behind = c->signature.p + c->signature.n;
	buf_add(payload, c->raw.p, (size_t)(c->signature.p - c->raw.p));
	buf_add(payload, behind, (size_t)(c->raw.p + c->raw.n - behind));
	return buf_ok(signature) && buf_ok(payload) ? 0 : -1;
}

/* The digits behind the last `>` of a committer line, if they are such. */
static int64_t lenient_time(struct span line)
{
	static const size_t max_digits = 18; /* fit an int64_t */
	const char *p = line.p + line.n, *end = p;
	int64_t when = 0;
	size_t digits = 0;

	while (p > line.p && p[-1] != '>')
		p--;
	if (p == line.p)
		return 0;
	while (p < end && *p == ' ')
		p++;
	for (; p < end && ascii_digit(*p); p++) {
		if (++digits > max_digits)
			return 0;
		when = when * 10 + (*p - '0');
	}
	return when;
}

bool commit_parse_links(struct span raw, enum oid_algo algo,
			struct commit_links *out)
{
	struct cursor c = cursor_of(raw.p, raw.n);
	struct span line;

	memset(out, 0, sizeof(*out));
	if (!take_links(&c, algo, &out->tree, &out->parent_lines,
			&out->nparents))
		return false;
	while (cursor_until(&c, '\n', &line) && line.n)
		if (span_starts(line, "committer ")) {
			out->when = lenient_time(line);
			break;
		}
	return true;
}
