/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_EXPORT_H
#define GATEPOST_DESK_EXPORT_H

/**
 * Records in the forms that other programs read. One record is held at a
 * time, whatever their number.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "ledger/ledger.h"
#include "trust/ed25519.h"

enum export_format {
	EXPORT_NONE = 0,
	EXPORT_NDJSON, /* the records, one a line */
	EXPORT_CSV,    /* RFC 4180 */
	EXPORT_INTOTO, /* SLSA VSAs in DSSE envelopes, one a line */
	EXPORT_OCSF,   /* Compliance Findings, one a line */
	EXPORT_OSCAL   /* one assessment-results document */
};

/** What the user calls it; EXPORT_NONE for other words. */
enum export_format export_format_of(const char *word);
/** Whether decisions alone say anything in this format. */
bool export_wants_decisions(enum export_format format);

/** Takes the bytes as they are made. */
typedef int export_sink(void *arg, struct span bytes, struct err *e);

/** Borrowed for as long as the export lives. */
struct export_setup {
	enum export_format format;
	bool unnamed;		       /* leave out who people are */
	struct ledger *ledger;	       /* for lists that are evidence */
	const char *resource;	       /* URI in front of repositories' names */
	const char *verifier;	       /* URI of this server */
	const struct ed25519_key *key; /* signs; for EXPORT_INTOTO */
	int64_t since, until;	       /* the period; 0: of the records */
	int64_t now;
	export_sink *sink;
	void *arg;
};

struct export;

/** @return 0, ERR_USAGE when something is missing, ERR_MEMORY, the sink's */
int export_new(struct export **out, const struct export_setup *setup,
	       struct err *e);
int export_add(struct export *x, const struct ledger_item *item, struct err *e);
/** What stands at the end. */
int export_end(struct export *x, struct err *e);
/** How many refs that were accepted have no statement: those that are no
 * branches, since a record does not say whether a tag is a commit. */
uint64_t export_left_out(const struct export *x);
void export_free(struct export *x);

#endif
