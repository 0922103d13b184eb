/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_FOLLOW_H
#define GATEPOST_LEDGER_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/note.h"

struct follow_wish {
	const char *dir;    /* of the copy */
	const char *source; /* for people */
	/** One of them must have signed; from now on they are believed.
	 * NULL: those that the copy believes, or, at the first run, those
	 * that the source itself names. */
	const struct note_vkeys *keys;
	/** The pipes lead to who answers for files of a `sealed/` that is
	 * served, such as `checkpoint`; the copy has records alone then. To
	 * `PATH` LF the answer is `STATUS BYTES` LF, so many bytes, LF: of
	 * the file when STATUS is 200, as in HTTP; else they say why not. */
	bool served;
	int wait_ms; /* for an answer */
	/** Something that whoever runs it should know: one line. */
	void (*tell)(void *arg, const char *text);
	void *arg;
};

struct follow_report {
	uint64_t before, after;	 /* verified records */
	uint64_t missing;	 /* pieces of evidence that the source lacks */
	struct note_vkeys first; /* the keys that were believed unseen */
};

/**
 * Bring a copy (ledger/copy.h) up to what its source has sealed, and check
 * all of it; the source is asked over two pipes (ledger/wire.h, unless it
 * is served) and believed nothing.
 *
 * @return 0; ERR_MALFORMED when what the source has differs from what was
 *   copied, or from what it signed; nothing of it stays then; ERR_USAGE for
 *   a `dir` that is no copy; ERR_SYS, … In any case follow_report_release.
 */
int follow_run(const struct follow_wish *wish, int in, int out,
	       struct follow_report *report, struct err *e);
void follow_report_release(struct follow_report *r);

#endif
