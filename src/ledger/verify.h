/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_VERIFY_H
#define GATEPOST_LEDGER_VERIFY_H

/**
 * Recomputes everything from the records, in one pass and a fixed amount of
 * memory: checksums, numbers, persons, evidence; the Merkle tree, and with
 * it tiles, entry bundles and checkpoints.
 *
 * Where record, tile and bundle differ, the two that agree are believed, and
 * the root says whether rightly: it is computed from the records, with the
 * sealed hash alone in the place of one that is missing or was said to be
 * wrong.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "ledger/checkpoint.h"
#include "ledger/gone.h"
#include "ledger/ledger.h"

/** What a fault is about. */
enum verify_what {
	VERIFY_NONE = 0,
	VERIFY_RECORD,	  /* it is damaged, missing, out of place, changed */
	VERIFY_PERSONS,	  /* its people are not those it names */
	VERIFY_EVIDENCE,  /* what it cites is missing or changed */
	VERIFY_TILE,	  /* a tile is not what the records give */
	VERIFY_BUNDLE,	  /* an entry bundle is not what the records give */
	VERIFY_CHECKPOINT /* a checkpoint does not hold */
};

/** `record`, `persons`, … */
const char *verify_what_word(enum verify_what what);

#define VERIFY_NO_INDEX UINT64_MAX

struct verify_fault {
	enum verify_what what;
	uint64_t index;	  /* of the record, or VERIFY_NO_INDEX */
	const char *text; /* one line: where, and what is wrong there */
};

/** A checkpoint that the records must be under, besides the last: an older
 * one, or one that somebody outside vouches for. */
struct verify_point {
	const char *name; /* in messages */
	struct checkpoint at;
	enum { VERIFY_OPEN = 0, VERIFY_HOLDS, VERIFY_FAILS } result;
};

/** What a record says of a segment that is gone. Times are milliseconds. */
struct verify_gone_note {
	bool said;
	int64_t from_ms, until_ms;   /* of its records */
	int64_t left_ms;	     /* when it went */
	char record[UUID_TEXT_SIZE]; /* the id of the one that says so */
};

struct verify_wish {
	/** One of them must have signed the last checkpoint; NULL: those that
	 * the ledger itself names, which proves less. */
	const struct note_vkeys *keys;
	struct verify_point *points;
	size_t npoints;
	bool no_evidence; /* do not read what records cite */
	/** Called for each fault. */
	void (*tell)(void *arg, const struct verify_fault *f);
	/** Called for each segment that retention removed, if all is well with
	 * that; or NULL. */
	void (*tell_gone)(void *arg, const struct gone_range *range,
			  const struct verify_gone_note *note);
	void *arg;
};

struct verify_report {
	uint64_t records;	  /* that were read */
	uint64_t gone;		  /* that retention removed */
	uint64_t sealed;	  /* as the last checkpoint says */
	uint64_t persons, erased; /* people in them, and those erased */
	uint64_t evidence;	  /* files that were read */
	uint64_t faults;
	bool bare; /* it never had evidence or people, see ledger_is_bare() */
};

/**
 * @return 0 when everything was looked at, whatever was found: `faults`
 *   counts; a negative error when it was not (ERR_SYS, ERR_MEMORY,
 *   ERR_CONFIG, ERR_CRYPTO)
 */
int verify_ledger(struct ledger *l, const struct verify_wish *wish,
		  struct verify_report *out, struct err *e);

#endif
