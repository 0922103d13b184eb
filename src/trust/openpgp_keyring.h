/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_OPENPGP_KEYRING_H
#define GATEPOST_TRUST_OPENPGP_KEYRING_H

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"

enum {
	OPENPGP_MIN_RSA_BITS = 2048,
	OPENPGP_MAX_RSA_BITS = 16384,
	OPENPGP_MAX_PACKETS = 1000000,
	OPENPGP_V4_HEX = 41 /* bytes of a fingerprint of version 4 */
};

/**
 * Whether a file is a keyring as `gpg --export` writes it (RFC 9580, 4 and
 * 10.1): public keys only, none with RSA of another size than these, since
 * gpgv tells no sizes. What is in the keys gpgv reads.
 * @param path  for the message
 * @return 0; ERR_CONFIG
 */
int openpgp_keyring_check(const char *path, struct span content, struct err *e);

/**
 * Called for a key and, behind it, its subkeys.
 * @param fingerprint  upper-case hex; empty for a version that has another
 * @return 0 to go on
 */
typedef int openpgp_key_fn(void *ctx, const char *fingerprint, bool primary);

/**
 * All keys of a keyring that openpgp_keyring_check has found good.
 * @return 0, or what `fn` returned
 */
int openpgp_keyring_each(struct span content, openpgp_key_fn *fn, void *ctx);

#endif
