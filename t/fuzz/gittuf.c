/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/gittuf.h"

FUZZ(gittuf)
{
	static struct signers *nobody;
	struct approval found[GITTUF_MAX_SIGNATURES];
	struct gittuf_move move = {.ref = "refs/heads/main",
				   .from = {.algo = OID_SHA1},
				   .to = {.algo = OID_SHA1}};
	struct verifier v = {.at = 1};
	struct signers_spec spec = {0};
	struct buf normal = BUF_INIT(4096);
	struct oid id = {.algo = OID_SHA1};
	struct err e = {0};
	size_t n, i;

	if (!nobody)
		FUZZ_MUST(!signers_load(&nobody, &spec, &normal, &e));
	v.signers = nobody;
	FUZZ_MUST(!gittuf_read(span_of(data, size), &id, &move, &v, found, &n,
			       &e));
	FUZZ_MUST(n <= GITTUF_MAX_SIGNATURES);
	for (i = 0; i < n; i++) {
		FUZZ_MUST(found[i].fault != APPROVAL_OK);
		approval_release(&found[i]);
	}
	buf_release(&normal);
}
