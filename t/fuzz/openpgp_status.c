/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/openpgp_status.h"

FUZZ(openpgp_status)
{
	struct openpgp_status s;

	openpgp_status_read(&s, span_of(data, size), true);
	FUZZ_MUST(s.status == SIG_GOOD || s.why != NULL);
	FUZZ_MUST(s.status != SIG_GOOD ||
		  openpgp_is_fingerprint(span_str(s.primary)));
	openpgp_status_read(&s, span_of(data, size), false);
	FUZZ_MUST(s.status != SIG_GOOD);
}
