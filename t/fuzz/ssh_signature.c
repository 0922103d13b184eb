/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/ssh_sig.h"

FUZZ(ssh_signature)
{
	struct signature out = {0};
	struct ssh_sig s;
	struct err e = {0};

	ssh_sig_init(&s);
	ssh_sig_read(&s, span_of(data, size), &out, &e);
	FUZZ_MUST(out.status != SIG_GOOD);
	FUZZ_MUST(out.status == SIG_NONE || out.why[0]);
	ssh_sig_release(&s);
}
