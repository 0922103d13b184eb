/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SIGNATURE_WIRE_H
#define GATEPOST_TRUST_SIGNATURE_WIRE_H

/**
 * A struct signature as bytes, between two processes of one program that
 * have loaded the same people. A principal goes by position.
 */

#include "trust/signature.h"

enum {
	SIGNATURE_WIRE_SIZE =
		1 + 1 + 4 + sizeof(((struct signature *)0)->format) +
		sizeof(((struct signature *)0)->key_type) + SIG_FINGERPRINT +
		sizeof(((struct signature *)0)->signer) + SIG_MAX_TEXT
};

void signature_encode(const struct signature *sig,
		      const struct principals *people,
		      unsigned char out[SIGNATURE_WIRE_SIZE]);

/**
 * Exactly what signature_encode makes of an answer is accepted: a good
 * signature has a principal and no reason, any other no principal and one.
 * @return false, with `out` zeroed, for everything else
 */
bool signature_decode(const unsigned char in[SIGNATURE_WIRE_SIZE],
		      const struct principals *people, struct signature *out);

#endif
