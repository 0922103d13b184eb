/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEAL_KEYS_H
#define GATEPOST_LEDGER_SEAL_KEYS_H

/**
 * The sealer's private keys, each in `keys/<8 hex of its id>.skey` in the
 * ledger's directory, readable by the sealer alone; and their public halves,
 * with those of former keys, in `sealed/vkeys`. All keys that are there sign
 * each checkpoint.
 */

#include "ledger/ledger.h"
#include "ledger/note_key.h"

enum { SEAL_MAX_KEYS = 16 };

struct seal_keys {
	struct note_skey v[SEAL_MAX_KEYS];
	size_t n;
	size_t unusable; /* by this libcrypto */
};

/**
 * Read all private keys.
 * @return 0; ERR_NOT_FOUND when there are none; ERR_DENIED when others can
 *   read one; ERR_CONFIG when one is malformed
 */
int seal_keys_read(struct ledger *l, struct seal_keys *out, struct err *e);
void seal_keys_forget(struct seal_keys *k);

/** Make new keys, of each type that libcrypto has, durably: public half
 * first, lest something be signed with a key that nobody knows. */
int seal_keys_make(struct ledger *l, struct seal_keys *out, struct err *e);

/** Remove a private key. */
int seal_keys_remove(struct ledger *l, uint32_t id, struct err *e);

/** The public keys that the ledger names; none when there is no such file. */
int seal_vkeys_read(struct ledger *l, struct note_vkeys *out, struct err *e);

#endif
