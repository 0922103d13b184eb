/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "git/push.h"

FUZZ(push)
{
	struct push p;
	struct err e = {0};
	enum oid_algo algo;

	for (algo = OID_SHA1; algo <= OID_SHA256; algo++) {
		push_init(&p);
		if (!push_parse(&p, span_of(data, size), algo, 100, &e))
			FUZZ_MUST(p.n <= 100 && (p.n || p.fault));
		push_release(&p);
	}
}
