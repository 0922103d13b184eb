/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_ABOUT_H
#define GATEPOST_COURIER_ABOUT_H

/** A record with what it belongs to: its decision, its severity, its
 * people. */

#include <stdbool.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/err.h"
#include "courier/decisions.h"
#include "courier/event.h"
#include "ledger/ledger.h"
#include "policy/sink.h"

struct about {
	struct event_head head;
	uint64_t index;
	yyjson_doc *record, *people; /* as they stand in the ledger */
	/** Of an outcome or emergency, the decision; NULL: none, or it was
	 * not looked for. They stay until another is. */
	yyjson_doc *decision, *decision_people;
	uint64_t decision_index;
	/** What `record` and `people` are of: the caller's, or `own`. */
	struct event_record *event;
	struct event_record own;
};

/**
 * Take a record apart.
 * @param d     where decisions are found; NULL if not deep
 * @param deep  find the decision, too
 * @return 0; ERR_MALFORMED when it is no record; ERR_MEMORY; ERR_SYS
 */
int about_read(struct about *out, struct decisions *d,
	       const struct ledger_item *item, bool deep, struct err *e);
/** The same of a record that is read already, which must stay until
 * about_release. */
int about_of(struct about *out, struct decisions *d, struct event_record *event,
	     uint64_t index, bool deep, struct err *e);
void about_release(struct about *a);

yyjson_val *about_root(const struct about *a);
/** The decision: the record itself, or the one it belongs to, or NULL. */
yyjson_val *about_decision(const struct about *a);
/** The text of a member of an object; NULL when there is none. */
const char *about_text(yyjson_val *object, const char *name);

enum severity about_severity(const struct about *a);

/**
 * The ticket of the emergency that let this in: the record's own, or of the
 * record that follows its decision.
 * @param out  at least ABOUT_MAX_TICKET bytes; empty when there is none
 */
int about_emergency(const struct about *a, struct ledger *l, char *out,
		    struct err *e);
enum { ABOUT_MAX_TICKET = 128, ABOUT_NEAR = 64 /* records */ };

/** Whether a sink asks for it: by all that it says of records. */
bool about_is_wanted(const struct about *a, const struct sink *sink);

/** Whether a sink says more of records than their kind, so that the decision
 * must be known. */
bool about_is_asked(const struct sink *sink);

#endif
