/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_EVENT_H
#define GATEPOST_COURIER_EVENT_H

/**
 * A record as a CloudEvent (CloudEvents 1.0.2, JSON format 1.0.2), the same
 * bytes on every attempt.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/uuid.h"
#include "ledger/json.h"

enum {
	EVENT_MAX_BYTES = 4 << 20,
	EVENT_MAX_SOURCE = 4096,
	EVENT_MAX_KIND = 32 /* bytes of a record's kind, with the NUL */
};

#define EVENT_CONTENT_TYPE "application/cloudevents+json; charset=UTF-8"
#define EVENT_BATCH_CONTENT_TYPE                                               \
	"application/cloudevents-batch+json; charset=UTF-8"

/** What the courier must know of a record before it does anything. */
struct event_head {
	char id[UUID_TEXT_SIZE];
	char kind[EVENT_MAX_KIND];
	int64_t time_ms; /* 0 when the record has none */
};

/** @return 0; ERR_MALFORMED when the id is no UUID, the kind no word, or
 *   the record not one JSON object; ERR_MEMORY */
int event_read_head(struct span json, struct event_head *out, struct err *e);

/**
 * A record, parsed once for all that is asked of it. One after the other is
 * read into the same memory.
 */
struct event_record {
	struct event_head head;
	struct span json, persons; /* the caller's */
	/** As the two say; not to be freed. `people` is NULL until somebody
	 * asks for it. */
	yyjson_doc *doc, *people;
	struct json_pool pool, people_pool;
};
/** Zeroed: none yet. */
void event_record_release(struct event_record *r);

/** As event_read_head. Until the next one `json` and `persons` must stay. */
int event_record_read(struct event_record *r, struct span json,
		      struct span persons, struct err *e);

/** What `persons` says. @return 0, ERR_MALFORMED, ERR_MEMORY */
int event_record_people(struct event_record *r, yyjson_doc **out,
			struct err *e);

/** Append the record with its persons joined in.
 * @return 0, ERR_MALFORMED, ERR_LIMIT, ERR_MEMORY */
int event_record_join(struct event_record *r, struct buf *out, struct err *e);

/** As event_render. */
int event_record_render(struct event_record *r, const char *origin,
			uint64_t index, struct buf *out, struct err *e);

/** An id that is the same for the same bytes (RFC 9562, version 8). */
void event_name_by_digest(struct span bytes, char out[UUID_TEXT_SIZE]);

/** Append the source of a ledger's events: `/gatepost/ORIGIN`. @return 0, or
 * -1 when a buffer failed */
int event_source(const char *origin, struct buf *out);

/**
 * Append the event: id, source (`/gatepost/ORIGIN`), type
 * (`dev.gatepost.KIND.v1`), subject (the repository, where there is one),
 * time, sequence (the record's number, 20 digits, so that a receiver sees
 * gaps), data: the record with its persons joined in.
 *
 * @param out  its cap should be EVENT_MAX_BYTES; undefined on error
 * @return 0, ERR_MALFORMED, ERR_LIMIT, ERR_MEMORY
 */
int event_render(struct span json, struct span persons, const char *origin,
		 uint64_t index, struct buf *out, struct err *e);

#endif
