/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_ACCEPTED_H
#define GATEPOST_LEDGER_ACCEPTED_H

/**
 * What pre-receive tells update and post-receive of the same receive-pack:
 * which ref updates were accepted, under which record. Keyed to the parent
 * process (pid, start time, boot id), gone after a reboot; written only
 * after the decision is durable.
 */

#include <stdbool.h>

#include "base/err.h"
#include "ledger/ledger.h"

enum { ACCEPTED_ID_SIZE = 40 };

struct accepted_key {
	long pid;		  /* of receive-pack */
	unsigned long long start; /* clock ticks after boot, proc(5) */
	char boot[37];
};

/** The key of the calling process's parent. */
int accepted_key_of_parent(struct accepted_key *k, struct err *e);

struct accepted_ref {
	const char *name, *old_hex, *new_hex; /* as git passes them */
};

/** Durable enough for this boot: written, not synced. */
int accepted_write(struct ledger *l, const struct accepted_key *k,
		   const char *repository, const char *record_id,
		   const struct accepted_ref *refs, size_t n, struct err *e);

/** @return 0 and *yes; *yes is false when nothing was recorded */
int accepted_has(struct ledger *l, const struct accepted_key *k,
		 const char *repository, const struct accepted_ref *ref,
		 bool *yes, struct err *e);

/** The record's id, empty when there is none. */
int accepted_record(struct ledger *l, const struct accepted_key *k,
		    char id[ACCEPTED_ID_SIZE], struct err *e);

/** Remove this key's file. */
void accepted_forget(struct ledger *l, const struct accepted_key *k);
/** Remove the files, more than an hour old, of processes that are gone. */
void accepted_sweep(struct ledger *l);

#endif
