/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "git/object_parse.h"

static void tree(struct span raw, enum oid_algo algo)
{
	struct object_fault fault;
	struct tree_entry entry;
	struct tree_iter it;
	int more;

	tree_iter_init(&it, raw, algo);
	while ((more = tree_iter_next(&it, &entry, &fault)) > 0)
		FUZZ_MUST(entry.name.n && entry.raw_id > raw.p &&
			  entry.raw_id + oid_raw_size(algo) <= raw.p + raw.n);
	FUZZ_MUST(!more || fault.code != FAULT_NONE);
}

FUZZ(tree)
{
	tree(span_of(data, size), OID_SHA1);
	tree(span_of(data, size), OID_SHA256);
}
