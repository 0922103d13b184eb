/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_TEMPLATE_H
#define GATEPOST_POLICY_TEMPLATE_H

/**
 * Templates of what is posted: text with `${FORM:VALUE|DEFAULT}` in it. A
 * FORM says for which place the value is escaped, so there is none that
 * inserts it as it is; only names whose bytes are harmless everywhere may
 * stand without. `$${` is `${`. There are no conditions and no loops.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"

enum {
	TEMPLATE_MAX_BYTES = 256 * 1024, /* of one template */
	TEMPLATE_MAX_PARTS = 4096,
	TEMPLATE_MAX_POINTER = 256, /* bytes of a JSON pointer */
	TEMPLATE_MAX_WORDS = 64	    /* of one ${map:…} */
};

/** Values that have a name; the others are JSON pointers into the record.
 * SAFE: letters, digits and `._-` alone; NUMBER: digits; JSON: JSON text. */
#define TEMPLATE_NAMES(X)                                                      \
	X(ID, "id", TRAIT_SAFE)                                                \
	X(INDEX, "index", TRAIT_SAFE | TRAIT_NUMBER)                           \
	X(KIND, "kind", TRAIT_SAFE)                                            \
	X(TIME, "time", 0)                                                     \
	X(TIME_MS, "time-ms", TRAIT_SAFE | TRAIT_NUMBER)                       \
	X(TIME_S, "time-s", TRAIT_SAFE | TRAIT_JSON)                           \
	X(RECORD, "record", TRAIT_JSON)                                        \
	X(EVENT, "event", TRAIT_JSON)                                          \
	X(SOURCE, "source", 0)                                                 \
	X(ORIGIN, "origin", 0)                                                 \
	X(SUMMARY, "summary", 0)                                               \
	X(COMMENT, "comment", 0)                                               \
	X(SEVERITY, "severity", TRAIT_SAFE)                                    \
	X(VERDICT, "verdict", TRAIT_SAFE)                                      \
	X(REPOSITORY, "repository", 0)                                         \
	X(DECISION, "decision", TRAIT_SAFE)                                    \
	X(CHANGE_KEY, "change-key", TRAIT_SAFE)                                \
	X(TICKET, "ticket", TRAIT_SAFE)                                        \
	X(REMOTE_ID, "remote-id", TRAIT_SAFE)                                  \
	X(UPLOAD_ID, "upload-id", TRAIT_SAFE)                                  \
	X(COUNT, "count", TRAIT_SAFE | TRAIT_NUMBER)                           \
	X(DAY, "day", TRAIT_SAFE)                                              \
	X(PROOF, "proof", TRAIT_FOLLOWS)                                       \
	X(SECRET, "secret", TRAIT_SECRET)                                      \
	X(VAR, "var.", TRAIT_SITE)

enum template_trait {
	TRAIT_SAFE = 1,
	TRAIT_NUMBER = 2,
	TRAIT_JSON = 4,
	TRAIT_FOLLOWS = 8, /* only in what is not the record's own body */
	TRAIT_SECRET = 16, /* only in a header */
	TRAIT_SITE = 32	   /* the admin's own: anywhere, escaped */
};

enum template_name {
	TEMPLATE_NO_NAME = 0,
#define X(id, word, traits) TEMPLATE_##id,
	TEMPLATE_NAMES(X)
#undef X
		TEMPLATE_N_NAMES
};

enum template_form {
	TEMPLATE_LITERAL = 0,
	TEMPLATE_BARE,
	TEMPLATE_AS_JSON,
	TEMPLATE_AS_JSONSTR,
	TEMPLATE_AS_JSONPRE,
	TEMPLATE_AS_URL,
	TEMPLATE_AS_BASE64,
	TEMPLATE_AS_HTML,
	TEMPLATE_AS_MAP
};

struct template_word {
	struct span from, to;
};

/** Spans point into the template's own copy of its text. */
struct template_part {
	enum template_form form;
	enum template_name name;   /* or, when there is none, */
	struct span text;	   /* the pointer; of a literal, the bytes; of a
				    * TEMPLATE_VAR, what is behind the dot */
	struct span fallback;	   /* p is NULL: there is none */
	struct template_word *map; /* TEMPLATE_AS_MAP; `*` is any other */
	size_t nmap;
};

struct template
{
	struct template_part *parts;
	size_t n, cap;
	char *bytes;
	uint64_t uses; /* bit 1 << name for each name that stands in it */
};

/** Where a template stands: what may be in it. */
enum template_place {
	TEMPLATE_IN_NOTHING = 0,
	TEMPLATE_IN_BODY,      /* of a record */
	TEMPLATE_IN_FOLLOWING, /* of a comment, of what comes then */
	TEMPLATE_IN_ADDRESS,   /* URLs and predicates: SAFE names alone */
	TEMPLATE_IN_HEADER     /* these, and the secret */
};

/**
 * Take a template apart.
 * @return 0; ERR_CONFIG with a message that begins with LINE:COLUMN;
 *   ERR_LIMIT, ERR_MEMORY
 */
int template_parse(struct template *out, struct span text,
		   enum template_place place, struct err *e);
void template_release(struct template *t);

/** The same from a file that none but its owner may write; the message
 * begins with its path. One line feed at its end is cut. */
int template_read(struct template *out, const char *path,
		  enum template_place place, struct err *e);

static inline bool template_uses(const struct template *t,
				 enum template_name name)
{
	return t->uses >> name & 1;
}

/** How a name is written. */
const char *template_word(enum template_name name);

unsigned template_traits(enum template_name name);

#endif
