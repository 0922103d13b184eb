/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_PUSH_NONCE_H
#define GATEPOST_TRUST_PUSH_NONCE_H

/**
 * The nonce that git-receive-pack asks for in a push certificate:
 * `<seconds>-<hex>`, where the hex digits are the HMAC (RFC 2104), in the
 * repository's hash, of receive.certNonceSeed under the key
 * `<directory>:<seconds>`, the directory as receive-pack was told it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "git/oid.h"

/**
 * Whether a nonce was issued with this seed.
 * @param seconds  gets when, since 1970
 */
bool push_nonce_is_ours(struct span nonce, enum oid_algo algo,
			const char *directory, const char *seed,
			int64_t *seconds);

#endif
