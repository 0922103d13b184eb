/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_INSPECTION_H
#define GATEPOST_CLI_INSPECTION_H

/**
 * What gatepost reads of one object, printed.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "git/object_parse.h"
#include "git/repository.h"
#include "git/trailers.h"
#include "git/tree_diff.h"
#include "policy/agents.h"
#include "policy/policy.h"
#include "trust/signature.h"

/** What one object comes to. */
struct inspected {
	struct oid id;
	enum object_type type;
	struct object object;
	struct commit commit; /* of a commit */
	struct tag tag;	      /* of a tag */
	bool ok;	      /* commit or tag could be parsed */
	struct object_fault fault;
	struct trailers trailers;
	struct agents_facts agents;
	bool is_signed;
	struct signature signature;
	bool has_paths;	  /* its trees and parents could be read */
	struct buf paths; /* status, space, path, NUL; again and again */
};

struct inspection {
	struct repository *repo;
	const struct policy *policy; /* or NULL */
	struct agents *own;	     /* agents.conf without a policy */
	const struct agents *agents;
	struct signers *no_signers;
	struct principals nobody;
	struct tree_cache *trees;
	bool json;
	int64_t now;
	struct inspected now_at;
	struct buf out; /* printed in large pieces */
};

void inspection_init(struct inspection *in);
void inspection_release(struct inspection *in);
/** @param policy  whose signers and agents; NULL: the system's agents.conf
 * and nobody's keys */
int inspection_start(struct inspection *in, struct repository *repo,
		     const struct policy *policy, bool json, struct err *e);
/** Read an object and append it to the output. */
int inspection_print(struct inspection *in, const struct oid *id,
		     struct err *e);
int inspection_flush(struct inspection *in, struct err *e);

/** How it is shown. */
int inspection_json(const struct inspected *it, struct buf *out, struct err *e);
int inspection_text(const struct inspected *it, struct buf *out, struct err *e);

#endif
