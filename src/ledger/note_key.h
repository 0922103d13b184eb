/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_NOTE_KEY_H
#define GATEPOST_LEDGER_NOTE_KEY_H

/**
 * The signature schemes behind note keys, by libcrypto. ML-DSA-44 comes
 * with OpenSSL 3.5 and is asked for by name at run time.
 */

#include <stdbool.h>

#include "ledger/note.h"

enum { NOTE_SEED = 32, NOTE_MAX_SKEY = 512 };

/** A private key. */
struct note_skey {
	struct note_vkey public;
	unsigned char seed[NOTE_SEED];
};

/** Whether this libcrypto can do such signatures. */
bool note_key_supported(enum note_type type);

/** Make a new key. ERR_CRYPTO when this libcrypto cannot. */
int note_skey_make(struct note_skey *out, enum note_type type, const char *name,
		   struct err *e);
/** ERR_CONFIG when it is none; ERR_CRYPTO. The message has none of it. */
int note_skey_parse(struct note_skey *out, struct span text, struct err *e);
void note_skey_write(const struct note_skey *k, struct buf *out);
/** Overwrite the secret. */
void note_skey_forget(struct note_skey *k);

/**
 * Append the signature line of `k` over a note's text.
 * @param seconds  the time to state, for types that do
 */
int note_sign(const struct note_skey *k, struct span text, uint64_t seconds,
	      struct buf *out, struct err *e);

/**
 * Whether the key has made this raw signature over `message`.
 * @return 0; ERR_MALFORMED when not; ERR_CRYPTO when it could not be told
 */
int note_key_verify(const struct note_vkey *k, struct span message,
		    struct span signature, struct err *e);

#endif
