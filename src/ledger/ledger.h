/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_LEDGER_H
#define GATEPOST_LEDGER_LEDGER_H

/**
 * The append-only log of records, one directory on a local disk, shared by
 * concurrent processes. gatepost-records(5) describes the formats.
 *
 * A record is one JSON object on one line. Beside it stands its persons
 * line, a JSON array: element i is person number i (or null once erased).
 * The record's own "persons" member is an array of the SHA-256 digests of
 * those elements, so that whatever commits to the record commits to both.
 *
 *     format              `gatepost-ledger 1`, `origin NAME`, `created TIME`
 *     segments/           <20-digit number of its first record>.log: frames
 *                         (ledger/frame.h), at most some 64 MiB; the records
 *                         of one end where those of the next begin, and what
 *                         stands behind them was never promised to anybody.
 *                         *.aside-N: one that was replaced as a whole;
 *                         next: one in the making
 *     evidence/XX/YYY.z   zlib streams, named by the SHA-256 of what they hold
 *     state               where the ledger ends, for processes of this boot; a
 *                         cache (ledger/state.h)
 *     locks/              empty files: append, sync, index, …
 *     accepted/           ledger/accepted.h
 *     index/              ledger/memory.h; may be removed and rebuilt
 *     reserve             room for a full disk (ledger/reserve.h)
 *     find/               ledger/run.h; may be removed and rebuilt
 *     cursors/            how far each destination has been served
 *     sealed/, keys/      ledger/seal.h
 *     anchors/            ledger/anchors.h
 *     cosign/             ledger/cosign.h
 *
 * Rights: `ledger_create` makes the directory 0770 less the umask. All that
 * is made in it later gets the owner's rights, the same rights of the group
 * as the directory has, and none for others, whatever the umask of the
 * process: in shared hosting hooks run as many users. There the directory is
 * made with umask 007, given to their common group and made setgid (chmod
 * 2770), so that what one makes the others can use.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/sha256.h"

enum {
	LEDGER_MAX_RECORD = 65535,	 /* bytes of a record, no LF */
	LEDGER_MAX_PERSONS = 1 << 20,	 /* bytes of a persons line */
	LEDGER_MAX_EVIDENCE = 64 << 20,	 /* bytes, uncompressed */
	LEDGER_SEGMENT_BYTES = 64 << 20, /* then a new segment begins */
	LEDGER_LOCK_MS = 10000		 /* the longest wait for a lock */
};

struct ledger;

enum ledger_flags {
	LEDGER_READ = 1, /* readers take no lock and repair nothing */
	LEDGER_APPEND = 2
};

/** Make an empty ledger in `dir` (created; must be absent or empty).
 * `origin` names it in checkpoints: host name or any word without spaces. */
int ledger_create(const char *dir, const char *origin, struct err *e);

/**
 * Open. ERR_NOT_FOUND (with the command that makes one) when there is none,
 * ERR_CONFIG when it is of a newer format, ERR_DENIED when others than the
 * owner and the group may write there, or to append to a copy.
 */
int ledger_open(struct ledger **out, const char *dir, unsigned flags,
		struct err *e);
void ledger_close(struct ledger *l);
const char *ledger_dir(const struct ledger *l);
const char *ledger_origin(const struct ledger *l);
unsigned ledger_flags(const struct ledger *l); /* as it was opened */
/** Whether it is a copy of records alone, that never had evidence or people
 * (ledger/copy.h). */
bool ledger_is_bare(const struct ledger *l);

/**
 * Whether the emergency reserve is there. It is given up when the disk is
 * full, so that records can still be written for a while; then somebody
 * should make space.
 */
bool ledger_has_reserve(const struct ledger *l);

/** A record to append. */
struct ledger_entry {
	struct span json;    /* one JSON object, no LF, UTF-8 */
	struct span persons; /* one JSON array, no LF; "[]" when none */
};

/**
 * Append and make durable: on return 0 the record has survived an fdatasync
 * (group commit: one sync serves all that wait). On an error the record may
 * or may not be in the log, and was not promised.
 *
 * What a killed process or a power failure left half-written is passed over
 * by a new segment that begins with a record of kind `break`. So is what a
 * failed sync may have lost; the record is then written again there.
 *
 * SIGXFSZ must be ignored, or a limit of file size kills the process.
 *
 * @param index  the record's number in the ledger, from 0
 * @return 0; ERR_USAGE, ERR_LIMIT, ERR_MALFORMED when the entry is no
 *   record (an object with `id`, a UUID, and `kind`; its `persons` fits the
 *   persons line); ERR_TIMEOUT after LEDGER_LOCK_MS; ERR_SYS
 */
int ledger_append(struct ledger *l, const struct ledger_entry *entry,
		  uint64_t *index, struct err *e);

/** Store bytes durably under their SHA-256, zlib-compressed; storing what is
 * there already costs a stat. To be called before the record citing it. */
int ledger_evidence_put(struct ledger *l, struct span bytes,
			char hex[SHA256_HEX_SIZE], struct err *e);
bool ledger_evidence_has(struct ledger *l, const char *hex);
/** Read back and verify. ERR_MALFORMED when the digest does not match. */
int ledger_evidence_get(struct ledger *l, const char *hex, struct buf *out,
			struct err *e);

/**
 * Iterates over records in order, from a number on (or from the first that
 * retention left). Shows durable ones only, and those that were appended
 * meanwhile.
 */
struct ledger_reader;
int ledger_reader_new(struct ledger_reader **out, struct ledger *l,
		      uint64_t from, struct err *e);
void ledger_reader_free(struct ledger_reader *r);

struct ledger_item {
	uint64_t index;
	struct span id;		   /* the record's UUID */
	struct span json, persons; /* all valid until the next call */
};
/**
 * @return 1 with an item; 0 at the end, for now; ERR_MALFORMED when a record
 *   is damaged or missing (the message names segment and offset): the next
 *   call goes on behind it; ERR_SYS, ERR_MEMORY
 */
int ledger_reader_next(struct ledger_reader *r, struct ledger_item *out,
		       struct err *e);

/** Where what the last ledger_reader_next spoke of stands: the record, or, on
 * ERR_MALFORMED, what was found in its place. */
struct ledger_place {
	uint64_t segment; /* the number in its name */
	uint64_t offset;
	uint64_t index;	  /* of the record that is or should be there */
	uint64_t resumes; /* the record that comes next */
};
void ledger_reader_place(const struct ledger_reader *r,
			 struct ledger_place *out);

/** How many records are durable; cheap (a mapped counter), for pollers:
 * the file grows before the sync, so who is woken by that asks again. */
int ledger_size(struct ledger *l, uint64_t *n, struct err *e);

/**
 * The record whose id (UUID) is `id`, or begins with it when it is unique
 * and at least 6 digits long.
 * @return 0; ERR_USAGE when it is no id, or fits several; ERR_NOT_FOUND
 */
int ledger_find(struct ledger *l, const char *id, struct buf *json,
		struct buf *persons, uint64_t *index, struct err *e);

#endif
