/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/approvals.h"

FUZZ(approval)
{
	static struct signers *nobody;
	struct verifier v = {.at = 1};
	struct signers_spec spec = {0};
	struct buf normal = BUF_INIT(4096);
	struct oid id = {.algo = OID_SHA1};
	struct approval a;
	struct err e = {0};

	if (!nobody)
		FUZZ_MUST(!signers_load(&nobody, &spec, &normal, &e));
	v.signers = nobody;
	approval_init(&a);
	FUZZ_MUST(
		!approval_read(&a, span_of(data, size), &id, OID_SHA1, &v, &e));
	FUZZ_MUST(a.fault != APPROVAL_OK);
	approval_release(&a);
	buf_release(&normal);
}
