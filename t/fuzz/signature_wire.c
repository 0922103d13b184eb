/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fuzz.h"
#include "trust/signature_wire.h"

/* What one process takes from another is exactly what that would write. */
FUZZ(signature_wire)
{
	static char alice[] = "alice", bob[] = "bob";
	struct principal v[] = {{.name = alice}, {.name = bob}};
	struct principals people = {.v = v, .n = 2};
	unsigned char in[SIGNATURE_WIRE_SIZE] = {0}, out[SIGNATURE_WIRE_SIZE];
	struct signature sig;

	memcpy(in, data, size < sizeof(in) ? size : sizeof(in));
	if (!signature_decode(in, &people, &sig)) {
		FUZZ_MUST(sig.status == SIG_NONE);
		return;
	}
	FUZZ_MUST((sig.status == SIG_GOOD) == (sig.principal != NULL));
	signature_encode(&sig, &people, out);
	FUZZ_MUST(!memcmp(in, out, sizeof(in)));
}
