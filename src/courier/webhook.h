/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_WEBHOOK_H
#define GATEPOST_COURIER_WEBHOOK_H

/**
 * Signatures of the Standard Webhooks specification: `v1` (HMAC-SHA256,
 * secrets `whsec_…`) and `v1a` (Ed25519, private keys `whsk_…`).
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	WEBHOOK_MAX_KEYS = 4,	  /* the new and the old, while rotating */
	WEBHOOK_MIN_SECRET = 24,  /* bytes, as the specification says */
	WEBHOOK_MAX_SECRET = 64,  /* likewise */
	WEBHOOK_MAX_FILE = 4096,  /* bytes of a secret file */
	WEBHOOK_MAX_HEADER = 1024 /* bytes of all signatures */
};

enum webhook_scheme { WEBHOOK_NONE = 0, WEBHOOK_V1, WEBHOOK_V1A };

struct webhook_key {
	enum webhook_scheme scheme;
	size_t n;
	unsigned char bytes[WEBHOOK_MAX_SECRET];
};

struct webhook_keys {
	struct webhook_key v[WEBHOOK_MAX_KEYS];
	size_t n;
};

/**
 * Read keys separated by blanks; each signs. Wipe with webhook_keys_wipe().
 * @return 0; ERR_CONFIG (the message never holds any of the text)
 */
int webhook_keys_parse(struct webhook_keys *out, struct span text,
		       struct err *e);

/** The same from a file that others may not read. */
int webhook_keys_read(struct webhook_keys *out, const char *path,
		      struct err *e);

void webhook_keys_wipe(struct webhook_keys *keys);

/** Append the base64 of a signature by one key. @return 0, ERR_CRYPTO */
int webhook_key_sign(const struct webhook_key *k, struct span bytes,
		     struct buf *out, struct err *e);

/**
 * Append the value of `webhook-signature`.
 *
 * @param timestamp  seconds since 1970, of this attempt
 * @return 0, ERR_CRYPTO, ERR_MEMORY
 */
int webhook_sign(const struct webhook_keys *keys, const char *id,
		 int64_t timestamp, struct span body, struct buf *out,
		 struct err *e);

#endif
