/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/openpgp_keyring.h"

/* The admin's file, made of keys that others sent him. */
FUZZ(openpgp_keyring)
{
	struct err e = {0};
	int rc = openpgp_keyring_check("keyring", span_of(data, size), &e);

	FUZZ_MUST(!rc || (rc == ERR_CONFIG && e.msg[0]));
}
