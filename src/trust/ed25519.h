/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_ED25519_H
#define GATEPOST_TRUST_ED25519_H

/** Ed25519 (RFC 8032), where this server itself signs. */

#include "base/cursor.h"
#include "base/err.h"
#include "base/sha256.h"

enum { ED25519_SEED = 32, ED25519_SIGNATURE = 64, ED25519_MAX_PEM = 4096 };

struct ed25519_key;

/** A private key from PEM (RFC 8410), without a pass phrase. ERR_CONFIG when
 * it is none; the message has nothing of it. */
int ed25519_read(struct ed25519_key **out, struct span pem, struct err *e);
/** The same from its 32 secret bytes. */
int ed25519_from_seed(struct ed25519_key **out,
		      const unsigned char seed[ED25519_SEED], struct err *e);
void ed25519_free(struct ed25519_key *k);

/** The SHA-256, in hex, of the public key as SubjectPublicKeyInfo in DER. */
const char *ed25519_id(const struct ed25519_key *k);

int ed25519_sign(const struct ed25519_key *k, struct span message,
		 unsigned char out[ED25519_SIGNATURE], struct err *e);

#endif
