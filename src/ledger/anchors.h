/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_ANCHORS_H
#define GATEPOST_LEDGER_ANCHORS_H

/**
 * What others say of checkpoints: cosignatures of witnesses (C2SP
 * tlog-cosignature), time stamps (RFC 3161).
 *
 * Those who fetch it talk to the network and leave it in an inbox. The
 * sealer, who never does, looks at it and publishes it:
 *
 *     anchors/witness-NAME          the checkpoint, cosigned
 *     anchors/timestamp-NAME        a line of base64, the time stamp, and
 *                                   the checkpoint that it is of
 *     sealed/witness/NAME           as in the inbox
 *     sealed/timestamps/NAME/SIZE.checkpoint, SIZE.tsr
 *     sealed/checkpoint             gets cosignatures of its own text
 *
 * So nothing but the sealer writes in `sealed/`, and what it writes there
 * is signed by the ledger's own key. It does not read time stamps, which
 * are for others to verify.
 */

#include "ledger/checkpoint.h"
#include "ledger/ledger.h"
#include "ledger/timestamp.h"

enum {
	ANCHOR_MAX_NAME = 128,
	ANCHOR_MAX_INBOX = NOTE_MAX + 2 * TIMESTAMP_MAX, /* bytes of a file */
	ANCHOR_MAX_PARTIES = 256,
	ANCHOR_MAX_FILES = 1 << 20 /* time stamps that are looked at */
};

enum anchor_kind { ANCHOR_NONE = 0, ANCHOR_WITNESS, ANCHOR_TIMESTAMP };

/** Somebody who is believed. */
struct anchor_party {
	enum anchor_kind kind;
	char name[ANCHOR_MAX_NAME + 1]; /* a file's; empty: of any name */
	struct note_vkey key;		/* a witness's */
	const char *ca; /* a file with a time stamper's authorities; borrowed */
};

/** All of them. Zeroed: nobody. */
struct anchor_trust {
	struct anchor_party *v;
	size_t n, cap;
};
int anchor_trust_add(struct anchor_trust *t, const struct anchor_party *p,
		     struct err *e);
void anchor_trust_release(struct anchor_trust *t);

/** Whether it can be part of a file's name. */
bool anchor_name_is(const char *name);

/** Append the note with the signatures of its own log alone, so that it has
 * the same bytes whoever cosigned it. */
void anchor_own_note(const struct checkpoint_note *c, struct buf *out);

/** Make the inbox where it is missing. */
int anchor_make_inbox(struct ledger *l, struct err *e);

/** Leave a cosigned checkpoint in the inbox. Durable on return. */
int anchor_put_cosigned(struct ledger *l, const char *name, struct span note,
			struct err *e);
/** The same with a time stamp and the checkpoint's note that it is of. */
int anchor_put_stamp(struct ledger *l, const char *name, struct span note,
		     struct span stamp, struct err *e);
/** What is in the inbox. ERR_NOT_FOUND, ERR_MALFORMED; in any case
 * checkpoint_note_release. `stamp` is appended to. */
int anchor_get_cosigned(struct ledger *l, const char *name,
			struct checkpoint_note *out, struct err *e);
int anchor_get_stamp(struct ledger *l, const char *name,
		     struct checkpoint_note *out, struct buf *stamp,
		     struct err *e);

/**
 * Publish what is new in the inbox from those in `t`, as the sealer.
 * @param changed  how many files
 * @return 0, also when there was something that cannot be published: `e`
 *   says then of the last such what is wrong; the errors of sealer_open
 */
int anchors_publish(struct ledger *l, const struct anchor_trust *t,
		    size_t *changed, struct err *e);

/** What one of them vouches for. */
struct anchor {
	enum anchor_kind kind;
	char name[ANCHOR_MAX_NAME + 1];
	char by[NOTE_MAX_NAME + 10]; /* NAME+ID of the key; a common name */
	uint64_t size;		     /* records, of the latest */
	int64_t time_ms;	     /* when it says so */
	size_t count;		     /* time stamps that hold */
	enum {
		ANCHOR_OPEN = 0,
		ANCHOR_HOLDS,
		ANCHOR_UNKNOWN, /* nobody who is believed */
		ANCHOR_FAILS
	} result;
	char why[ERR_MAX_MSG]; /* unless it holds */
};

struct anchors {
	struct anchor *v;
	size_t n, cap;
};

/**
 * Look at all that is published. Each must be of a checkpoint that the
 * tiles prove to be a beginning of the last one.
 * @param keys  of the ledger; NULL: those that it names
 * @return 0, whatever is found; ERR_SYS, ERR_MEMORY, ERR_LIMIT; in any case
 *   anchors_release
 */
int anchors_read(struct ledger *l, const struct anchor_trust *t,
		 const struct note_vkeys *keys, struct anchors *out,
		 struct err *e);
void anchors_release(struct anchors *a);

/**
 * The cosignature of a key on a note.
 * @param seconds  when it says it was made
 * @return 0; ERR_NOT_FOUND when there is none; ERR_MALFORMED when it does
 *   not hold
 */
int anchor_cosigned_by(const struct checkpoint_note *c,
		       const struct note_vkey *key, uint64_t *seconds,
		       struct err *e);

#endif
