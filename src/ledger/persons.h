/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_PERSONS_H
#define GATEPOST_LEDGER_PERSONS_H

/**
 * The persons of one record: clear names stand apart, salted, and the record
 * refers to them by number.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	PERSONS_MAX = 4096,	/* of one record */
	PERSON_MAX_FIELD = 4096 /* bytes of a name, e-mail, … */
};

struct person {
	struct span principal; /* empty fields are left out */
	struct span name;
	struct span email;
	struct span login;
};

struct persons;
int persons_new(struct persons **out, struct err *e);
void persons_free(struct persons *p);

/**
 * The number of this person in the record; equal persons share one.
 * @return 0; ERR_MALFORMED when a field is not UTF-8 (text_add_utf8 makes
 *   it so); ERR_LIMIT
 */
int persons_add(struct persons *p, const struct person *who, size_t *number,
		struct err *e);

/**
 * Append the persons line, and the JSON array of digests for the record's
 * member "persons": `"sha256:<hex>"` of each element's bytes as they stand
 * in the line. Every element has 16 random bytes of salt, drawn when it was
 * added, so a second call says the same.
 */
int persons_lines(struct persons *p, struct buf *line, struct buf *digests,
		  struct err *e);

/** A record with its persons joined in: every member `"person": N` (and
 * every number in a `"people": [N…]` array) becomes the person's object
 * (without salt), an erased one `{"erased": true}`. */
int persons_join(struct span json, struct span line, struct buf *out,
		 struct err *e);

/** A record and its persons line, parsed. */
struct yyjson_val;
struct persons_parsed {
	struct span json, line;
	struct yyjson_val *record, *people;
	/** Where the strings of `record` lie, each as far from here as it
	 * began in `json`; json_parse_in() does that. */
	const char *strings;
};
/** The same when both have been parsed. */
int persons_join_parsed(const struct persons_parsed *p, struct buf *out,
			struct err *e);

/**
 * Whether the line matches the digests in the record; an erased element,
 * `null`, matches any. A record without "persons" has the line `[]`.
 * @return 0, ERR_MALFORMED
 */
int persons_check(struct span json, struct span line, struct err *e);

/** The same when both have been parsed. */
int persons_match(struct yyjson_val *record, struct yyjson_val *people,
		  struct span line, struct err *e);

/** Append the line of a record whose people are all erased. */
void persons_write_erased(struct yyjson_val *record, struct buf *out);

/**
 * Take the next element, as it stands, from a line that is well-formed JSON
 * and whose `[` was taken before. @return false when there is none
 */
bool persons_element(struct cursor *c, struct span *out);

#endif
