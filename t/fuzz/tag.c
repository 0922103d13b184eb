/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "git/object_parse.h"

static void tag(struct span raw, enum oid_algo algo)
{
	enum object_type type;
	struct object_fault fault;
	struct oid object;
	struct tag t;

	if (!tag_parse(raw, algo, NULL, &t, &fault)) {
		FUZZ_MUST(fault.code != FAULT_NONE);
		tag_parse_target(raw, algo, &object, &type);
		return;
	}
	FUZZ_MUST(tag_parse_target(raw, algo, &object, &type));
	FUZZ_MUST(oid_equal(&object, &t.object) && type == t.type);
	FUZZ_MUST(t.payload.p == raw.p);
	FUZZ_MUST(t.payload.n + t.signature.n == raw.n);
}

FUZZ(tag)
{
	tag(span_of(data, size), OID_SHA1);
	tag(span_of(data, size), OID_SHA256);
}
