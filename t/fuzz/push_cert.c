/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "git/push_cert.h"
#include "trust/push_nonce.h"

FUZZ(push_cert)
{
	struct span raw = span_of(data, size);
	const char *options[] = {"one", "two"};
	struct push_cert c;
	struct push push;
	struct err e = {0};
	int64_t seconds;

	if (push_cert_parse(raw, &c))
		return;
	FUZZ_MUST(c.payload.p == data);
	FUZZ_MUST(c.payload.n + c.signature.n == size);
	FUZZ_MUST(c.updates.n && c.signature.n);
	push_cert_has_options(&c, options, 2);
	FUZZ_MUST(!push_nonce_is_ours(c.nonce, OID_SHA1, "/r.git", "seed",
				      &seconds));
	/* its own updates are those of such a push */
	push_init(&push);
	if (!push_parse(&push, c.updates, OID_SHA1, 100, &e) && !push.fault)
		FUZZ_MUST(push_cert_is_of(&c, &push, OID_SHA1));
	push_release(&push);
}
