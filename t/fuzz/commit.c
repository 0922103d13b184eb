/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "git/object_parse.h"

static void signature(const struct commit *c)
{
	struct buf sig = BUF_INIT(1 << 20), payload = BUF_INIT(1 << 20);
	const struct span s = c->signature;
	size_t before = (size_t)(s.p - c->raw.p);

	if (s.n && !commit_signature(c, &sig, &payload)) {
		FUZZ_MUST(payload.len == c->raw.n - s.n);
		FUZZ_MUST(!memcmp(payload.data, c->raw.p, before));
		FUZZ_MUST(!memcmp(payload.data + before, s.p + s.n,
				  payload.len - before));
	}
	buf_release(&sig);
	buf_release(&payload);
}

static void commit(struct span raw, enum oid_algo algo)
{
	struct commit_links links;
	struct object_fault fault;
	struct commit c;
	struct oid id;
	size_t i;

	if (commit_parse(raw, algo, NULL, &c, &fault)) {
		/* the strict reader and the lenient one see the same */
		FUZZ_MUST(commit_parse_links(raw, algo, &links));
		FUZZ_MUST(links.nparents == c.nparents);
		for (i = 0; i < c.nparents; i++)
			commit_parent(&c, i, &id);
		signature(&c);
	} else {
		FUZZ_MUST(fault.code != FAULT_NONE);
		commit_parse_links(raw, algo, &links);
	}
}

FUZZ(commit)
{
	commit(span_of(data, size), OID_SHA1);
	commit(span_of(data, size), OID_SHA256);
}
