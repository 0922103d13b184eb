/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "ledger/proof.h"

FUZZ(proof)
{
	struct note_vkeys none = {0};
	struct proof_facts facts;
	struct err e = {0};

	proof_facts_init(&facts);
	FUZZ_MUST(proof_check(span_of(data, size), span_of(data, 0), &none,
			      &facts, &e) != 0);
	proof_facts_release(&facts);
}
