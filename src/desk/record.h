/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_RECORD_H
#define GATEPOST_DESK_RECORD_H

/**
 * Composing one record: members, lists that move into evidence when they
 * are long, people by number.
 */

#include <yyjson.h>

#include "desk/decision.h"
#include "ledger/persons.h"

struct record {
	struct ledger *ledger; /* NULL: it is only printed, as a whole */
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
	struct persons *people;
	bool failed; /* an allocation failed: asked once, at the end */
	char id[UUID_TEXT_SIZE];
};

/** Begin: id, kind, time, host, repository, pusher, policy. */
int record_init(struct record *r, struct ledger *l,
		const struct record_frame *frame, const char *kind,
		struct err *e);
void record_release(struct record *r);

/** Add the persons' digests and append durably. */
int record_append(struct record *r, struct err *e);
/** The same. @param index  its number in the ledger */
int record_append_at(struct record *r, uint64_t *index, struct err *e);

/** Print it instead, with the people joined in. */
int record_print(struct record *r, struct buf *out, struct err *e);

/* Members of objects. Strings are made valid UTF-8; NULL adds nothing. */
void record_text(struct record *r, yyjson_mut_val *obj, const char *name,
		 const char *value);
/** A SHA-256 in hex, as `sha256:…`. */
void record_digest(struct record *r, yyjson_mut_val *obj, const char *name,
		   const char *hex);
void record_number(struct record *r, yyjson_mut_val *obj, const char *name,
		   uint64_t value);
void record_bool(struct record *r, yyjson_mut_val *obj, const char *name,
		 bool value);
void record_texts(struct record *r, yyjson_mut_val *obj, const char *name,
		  const char *const *list, size_t n);
yyjson_mut_val *record_object(struct record *r, yyjson_mut_val *arr);

/**
 * Put a list into the record; one that is too long for a ledger becomes
 * evidence, and the record gets `NAME_evidence` with its SHA-256 and count.
 */
int record_list(struct record *r, const char *name, yyjson_mut_val *arr,
		struct err *e);

/** Evidence of any bytes; adds `name` with its SHA-256 to `obj`. Without a
 * ledger nothing. */
int record_evidence(struct record *r, yyjson_mut_val *obj, const char *name,
		    struct span bytes, struct err *e);

/** A person's number in this record. */
int record_person(struct record *r, const struct report_person *who,
		  size_t *number, struct err *e);

#endif
