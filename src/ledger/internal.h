/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_INTERNAL_H
#define GATEPOST_LEDGER_INTERNAL_H

/** What the sources of this room share and nobody else sees. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "ledger/frame.h"
#include "ledger/ledger.h"
#include "ledger/state.h"
#include "sys/files.h"

#define LEDGER_FORMAT_LINE "gatepost-ledger 1"
#define LEDGER_COPY_OF "copy-of " /* a further line of a copy's `format` */
/* and of one that was made from what is sealed alone */
#define LEDGER_COPY_LACKS "copy-lacks "

struct ledger {
	char dir[FILE_MAX_PATH];
	char *origin;
	char *copy_of;	  /* where it is a copy: of what */
	char *copy_lacks; /* and what it never had; NULL: nothing */
	uint64_t copied;  /* and how many records of it are verified */
	bool copied_known;
	unsigned flags;
	int dir_fd;
	/* group rights as the directory has them, whatever the umask: in
	 * shared hosting each pusher's hook runs with an umask of their own */
	mode_t file_mode, dir_mode;
	uint64_t boot;
	struct state *state;	/* NULL: none (readers only) */
	int append_fd, sync_fd; /* lock files; -1 for readers */
	int evidence_fd; /* the lock of evidence that is about to be cited */
	int memory_fd;	 /* the lock of the index; -1: not open */
	int segment_fd;	 /* for appending; -1: not open */
	uint64_t segment, segment_generation; /* which one that is */
	bool full;		/* a write failed for want of room */
	uint64_t segment_bytes; /* when the next begins; tests lower it */
};

/** An empty handle on `dir`, which fits. NULL when memory ran out. */
struct ledger *ledger_new(const char *dir, unsigned flags);
/** ERR_CONFIG on a network file system, where two hosts' locks and mappings
 * may not know of each other: nothing is written there. */
int ledger_check_local(const struct ledger *l, struct err *e);
/** Set file_mode and dir_mode from the ledger's directory. */
void ledger_take_modes(struct ledger *l, const struct stat *st);

/** ERR_DENIED when it is a copy (ledger/copy.h). */
int ledger_refuse_copy(const struct ledger *l, struct err *e);

/**
 * Whatever an append may not do under the append lock alone: replace a full
 * or condemned segment, take up what a killed writer left, set a torn tail
 * aside. At the first call in a boot, also sync, and index again what
 * the last boot may have left unsynced. Takes both locks; does nothing when
 * all is well.
 */
int ledger_repair(struct ledger *l, struct err *e);

/** A reader that also sees what is not durable yet. */
int ledger_reader_new_unlimited(struct ledger_reader **out, struct ledger *l,
				uint64_t from, struct err *e);

/** Go on at the record with this number, or at the first that retention
 * left. */
int ledger_reader_seek(struct ledger_reader *r, uint64_t index, struct err *e);
/** The number of the record that comes next. */
uint64_t ledger_reader_at(const struct ledger_reader *r);

/** How many of the numbers from `from` to below `end` retention took. */
uint64_t ledger_reader_gone(const struct ledger_reader *r, uint64_t from,
			    uint64_t end);

/** Begin a new segment, unless the last one is empty: none before the last
 * is ever written again. */
int ledger_cut(struct ledger *l, struct err *e);
/** Let readers of any process look anew which segments there are. */
int ledger_refresh(struct ledger *l, struct err *e);

/** Say that the ledger cannot grow, with the remedy, from errno. */
int ledger_err_write(struct ledger *l, const char *what, struct err *e);

/** Open a lock file below the directory, made where it is missing. */
int ledger_open_lock(struct ledger *l, const char *name, int *fd,
		     struct err *e);

/** Remove a piece of evidence; that it is not there is fine. */
int evidence_remove(struct ledger *l, const char *hex, struct err *e);

/** Give a file that was just made the ledger's rights, and, made by root,
 * its owner. */
void ledger_give_to_owner(const struct ledger *l, int fd);

/** mkdir below the ledger's directory with its rights; existing is fine.
 * @param made  whether it is new; may be NULL */
int ledger_make_dir(struct ledger *l, const char *name, bool *made,
		    struct err *e);

/** The number of records that are safe to show; false: no state knows. */
bool ledger_limit(const struct ledger *l, uint64_t *durable);

#endif
