/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_EXPORT_PRIVATE_H
#define GATEPOST_DESK_EXPORT_PRIVATE_H

/** What the formats share. */

#include <yyjson.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "desk/export.h"

enum { EXPORT_MAX_OUT = 96 << 20 /* bytes that one record may become */ };

/** The lists of a decision that exports read. */
enum export_list {
	LIST_REFS = 0,
	LIST_RULES,
	LIST_FINDINGS,
	LIST_APPROVALS,
	LIST_PROVENANCE,
	LIST_COUNT
};

/** One record, parsed; its lists wherever they are kept. */
struct export_record {
	const struct ledger_item *item;
	yyjson_doc *record_doc, *people_doc;
	yyjson_val *root, *people; /* people: NULL when they are left out */
	yyjson_val *lists[LIST_COUNT];
	yyjson_doc *held[LIST_COUNT];
	char id[UUID_TEXT_SIZE];
	int64_t ms; /* its time */
};

struct export
{
	struct export_setup setup;
	const struct export_kind *kind;
	struct buf out; /* made, not yet given to the sink */
	uint64_t left_out;
	struct oscal *oscal; /* what only that format keeps */
};

struct export_kind {
	const char *word;
	bool decisions; /* others are passed over */
	int (*begin)(struct export *x, struct err *e);
	int (*add)(struct export *x, struct export_record *r, struct err *e);
	int (*end)(struct export *x, struct err *e);
};

extern const struct export_kind export_ndjson, export_csv, export_intoto,
	export_ocsf, export_oscal;
void export_oscal_free(struct export *x);

/** A string member, "" when there is none. */
const char *export_text(yyjson_val *obj, const char *name);
/** Principal, login, e-mail or name of a person of the record, "" when
 * nobody is to be named. */
const char *export_person(const struct export_record *r, yyjson_val *number);

/**
 * Refs by name, fast for rules, which come in the order of the refs.
 * @param hint  where to begin; gets where it was found
 */
yyjson_val *export_ref(const struct export_record *r, const char *real,
		       size_t *hint);

/** Append a JSON value as one line, and free the document. */
int export_line(struct export *x, yyjson_mut_doc *doc, struct err *e);

/** Append a URI's path with what it may not hold escaped (RFC 3986). */
void export_add_uri(struct buf *out, const char *path);

/** Append one cell of a line of CSV, quoted where needed; what a spreadsheet
 * would take for a formula gets an apostrophe in front. */
void export_add_cell(struct buf *out, const char *text);

#endif
