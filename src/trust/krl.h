/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_KRL_H
#define GATEPOST_TRUST_KRL_H

/** OpenSSH's key revocation list (PROTOCOL.krl), format version 1. */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"
#include "trust/revoked.h"

/** Whether a file's content begins as a KRL does. */
bool krl_is(struct span content);

/**
 * Take the entries of a KRL into `r`. A signature must be that of the key
 * that stands with it; what makes the file trusted is who can write it.
 * @return ERR_CONFIG naming what is malformed or not understood: unknown
 *         sections, flags, critical extensions; ERR_LIMIT, ERR_CRYPTO
 */
int krl_read(struct revoked *r, struct span content, struct err *e);

#endif
