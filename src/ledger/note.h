/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_NOTE_H
#define GATEPOST_LEDGER_NOTE_H

/**
 * Signed notes (C2SP signed-note): a text, an empty line, and a line for
 * each signature. The keys' text forms are those of other programs, too:
 *
 *     vkey  NAME+<8 hex of the id>+base64(type || public key)
 *     skey  PRIVATE+KEY+NAME+<8 hex>+base64(type || seed)
 *
 * A text is to be ignored until note_verify has found a good signature.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	NOTE_MAX = 256 << 10,
	NOTE_MAX_SIGNATURES = 64,
	NOTE_MAX_NAME = 255,
	NOTE_MAX_VKEY = 4096, /* bytes of the text */
	NOTE_MAX_KEYS = 64,   /* in a list of vkeys */
	NOTE_ED25519_KEY = 32,
	NOTE_ED25519_SIGNATURE = 64,
	NOTE_ML_DSA_KEY = 1312,
	NOTE_ML_DSA_SIGNATURE = 2420
};

/** Signature types; the last two are cosignatures of checkpoints (C2SP
 * tlog-cosignature), which carry a time. */
enum note_type {
	NOTE_NONE = 0,
	NOTE_ED25519 = 0x01,
	NOTE_COSIGNATURE = 0x04,
	NOTE_ML_DSA_44 = 0x06
};

struct note_vkey {
	char name[NOTE_MAX_NAME + 1];
	uint32_t id;
	enum note_type type;
	unsigned char key[NOTE_ML_DSA_KEY];
	size_t key_len;
};

/** The id that such a key has. */
uint32_t note_key_id(const struct note_vkey *k);

/**
 * Read a vkey.
 * @return 0, ERR_CONFIG when it is none, is of another type, or its id is
 *   not that of its name and key
 */
int note_vkey_parse(struct note_vkey *out, struct span text, struct err *e);
/** Append its text, without a line feed. */
void note_vkey_write(const struct note_vkey *k, struct buf *out);

/** Several of them. Zeroed: none. */
struct note_vkeys {
	struct note_vkey *v;
	size_t n, cap;
};
/** One a line; empty lines and those that begin with `#` are passed over. */
int note_vkeys_parse(struct note_vkeys *out, struct span text, struct err *e);
int note_vkeys_add(struct note_vkeys *out, const struct note_vkey *k,
		   struct err *e);
void note_vkeys_release(struct note_vkeys *k);

struct note_signature {
	struct span name;
	uint32_t id;
	struct span bytes; /* behind the id */
	struct span line;  /* the whole line, without its LF */
};

struct note {
	struct span text; /* with its last LF; borrowed */
	struct note_signature sigs[NOTE_MAX_SIGNATURES];
	size_t nsigs;
	struct buf raw; /* what `bytes` point into */
};

/**
 * Take a note apart; strict.
 * @param bytes  must outlive `out`, which note_release frees
 * @return 0; ERR_MALFORMED, ERR_LIMIT, ERR_MEMORY
 */
int note_parse(struct note *out, struct span bytes, struct err *e);
void note_release(struct note *n);

/**
 * Check the signatures of known keys; those of others are passed over, and,
 * where another one holds, those that this libcrypto knows nothing of.
 * @param good  `keys->n` flags, set where a key has signed; may be NULL
 * @return 0 when at least one of the keys has signed and all of their
 *   signatures hold; ERR_MALFORMED when one does not; ERR_NOT_FOUND when
 *   none has signed; ERR_CRYPTO when none could be checked
 */
int note_verify(const struct note *n, const struct note_vkeys *keys,
		unsigned char *good, struct err *e);

/** Append a signature line, with its LF. */
void note_add_signature(struct buf *out, const char *name, uint32_t id,
			struct span bytes);

/**
 * The bytes that a signature of this type signs.
 * @param name     whose, and
 * @param seconds  when (Unix time), for the types that say so
 * @return 0, ERR_MALFORMED when the text is no checkpoint and must be one
 */
int note_message(enum note_type type, const char *name, uint64_t seconds,
		 struct span text, struct buf *out, struct err *e);

#endif
