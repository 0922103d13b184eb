/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_HASH_H
#define GATEPOST_TRUST_SSH_HASH_H

/**
 * The digests that SSH signatures use (FIPS 180-4), through libcrypto's
 * low-level calls: looking one up by name costs as much as a tenth of an
 * RSA verification.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"

enum ssh_hash { SSH_HASH_NONE = 0, SSH_HASH_256, SSH_HASH_384, SSH_HASH_512 };
enum { SSH_HASH_MAX = 64 }; /* bytes */

/** @return the bytes put into `out`; 0 for SSH_HASH_NONE */
size_t ssh_hash_of(enum ssh_hash hash, struct span bytes,
		   unsigned char out[SSH_HASH_MAX]);

#endif
