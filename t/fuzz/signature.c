/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/signature.h"

/* Authorities are known, people are not: whatever comes is refused. */
FUZZ(signature)
{
	static struct signers *nobody;
	struct verifier v = {.at = 1};
	struct signers_spec spec = {.x509_ca = TOP_SRCDIR
				    "/t/vectors/x509/ca.pem"};
	struct buf normal = BUF_INIT(4096);
	struct signature out;
	struct err e = {0};

	/* a checkout that others can write is not trusted */
	if (!nobody && signers_load(&nobody, &spec, &normal, &e)) {
		spec.x509_ca = NULL;
		FUZZ_MUST(!signers_load(&nobody, &spec, &normal, &e));
	}
	v.signers = nobody;
	FUZZ_MUST(!signature_verify(&v, span_of(data, size),
				    span_of(data, size), &out, &e));
	FUZZ_MUST(out.status != SIG_GOOD);
	FUZZ_MUST(!size || out.status != SIG_NONE);
	buf_release(&normal);
}
