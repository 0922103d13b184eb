/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_IDENTITY_H
#define GATEPOST_COURIER_IDENTITY_H

/** The certificate that the courier shows in TLS, and its private key. */

#include "base/buf.h"
#include "base/err.h"

enum { IDENTITY_MAX_FILE = 65536 /* bytes of each */ };

/** PEM; both are empty when there is none. */
struct identity {
	struct buf cert, key;
};

void identity_init(struct identity *id);

/**
 * Read both files, once, so that what is used is what was checked.
 * @param key  others must not be able to read it; without a passphrase, which
 *   would be asked for at a terminal
 * @return 0; ERR_CONFIG, ERR_DENIED, ERR_LIMIT, ERR_NOT_FOUND, ERR_SYS,
 *   ERR_MEMORY
 */
int identity_read(struct identity *id, const char *cert, const char *key,
		  struct err *e);

/** Wipes the key. */
void identity_release(struct identity *id);

#endif
