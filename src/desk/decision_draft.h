/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_DRAFT_H
#define GATEPOST_DESK_DECISION_DRAFT_H

/**
 * A record of kind decision while it is written out of what the judge
 * reported: the people whom it names, and members that several parts of it
 * have.
 */

#include "desk/record.h"

struct draft {
	struct record *r;
	const struct report *report;
	const struct policy *policy;
	size_t *numbers; /* in the record, of the report's persons; owned */
	size_t named, unnamed, bytes;
	struct err *e;
};

/**
 * Number the people whom it names, as many as there is room for. Those who
 * approved come first: the import of a long history brings more.
 * @return 0, or a code with d->e set; free d->numbers in any case
 */
int draft_name_people(struct draft *d);

/** Whether a person of the report has a number in the record. */
bool draft_is_named(const struct draft *d, size_t person);

/** The number of a person, if there is one. */
void draft_add_person(struct draft *d, yyjson_mut_val *obj, const char *name,
		      size_t person);

/** @return NULL for what no rule asks for */
const struct rule *draft_rule(const struct draft *d, size_t rule);

/** @param list  ends with NULL; NULL: of none */
size_t draft_list_length(const char **list);

/** A list as above; of none, nothing is added. */
void draft_add_texts(struct draft *d, yyjson_mut_val *obj, const char *name,
		     const char **list);

/**
 * The bytes of a signed object, which outlive its ref: as `evidence`.
 * @param raw  in Base64; NULL or empty: none are kept
 */
int draft_add_bytes(struct draft *d, yyjson_mut_val *obj, const char *raw);

#endif
