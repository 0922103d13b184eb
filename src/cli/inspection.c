/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inspection.h"

#include <string.h>

#include "base/time.h"
#include "cli/cli.h"
#include "git/walk.h"
#include "sys/deadline.h"
#include "sys/files.h"
#include "trust/openpgp.h"

enum {
	OUT_BYTES = 1 << 20, /* then it is written */
	OUT_MAX = 1 << 30,
	PATHS_MAX = 512 << 20,
	TREES_BYTES = 32 << 20,
	GPGV_MS = 30000 /* for one signature */
};

void inspection_init(struct inspection *in)
{
	memset(in, 0, sizeof(*in));
	trailers_init(&in->now_at.trailers);
	buf_init(&in->now_at.paths, PATHS_MAX);
	buf_init(&in->out, OUT_MAX);
}

void inspection_release(struct inspection *in)
{
	agents_free(in->own);
	signers_free(in->no_signers);
	tree_cache_free(in->trees);
	trailers_release(&in->now_at.trailers);
	buf_release(&in->now_at.paths);
	buf_release(&in->out);
}

/* agents.conf where the policy would look for it by default. */
static int own_agents(struct inspection *in, struct err *e)
{
	struct buf normal = BUF_INIT(16 << 20);
	int rc = agents_load(&in->own, SYSCONFDIR "/gatepost/agents.conf",
			     &normal, e);

	buf_release(&normal);
	in->agents = in->own;
	return rc;
}

static int no_signers(struct inspection *in, struct err *e)
{
	const struct signers_spec none = {0};
	struct buf normal = BUF_INIT(4096);
	int rc = signers_load(&in->no_signers, &none, &normal, e);

	buf_release(&normal);
	return rc;
}

int inspection_start(struct inspection *in, struct repository *repo,
		     const struct policy *policy, bool json, struct err *e)
{
	int rc;

	in->repo = repo;
	in->policy = policy;
	in->json = json;
	in->now = time_now_ms();
	rc = tree_cache_new(&in->trees, repo, TREES_BYTES, e);
	if (policy)
		in->agents = policy->agents;
	else if (!rc)
		rc = own_agents(in, e);
	return rc ? rc : no_signers(in, e);
}

static int add_path(void *ctx, const struct path_change *c)
{
	struct buf *paths = ctx;

	buf_addch(paths, c->status);
	buf_addch(paths, ' ');
	buf_add(paths, c->path.p, c->path.n);
	return buf_addch(paths, '\0') ? 1 : 0;
}

static int parent_tree(struct inspection *in, const struct commit *c, size_t i,
		       struct oid *tree, struct err *e)
{
	struct commit_links links;
	struct object o;
	struct oid id;
	bool ok;
	int rc;

	commit_parent(c, i, &id);
	rc = object_read(in->repo, &id, WALK_MAX_COMMIT, &o, e);
	if (rc)
		return rc;
	ok = commit_parse_links(span_of(o.data, o.size), c->algo, &links);
	object_release(&o);
	*tree = links.tree;
	return ok ? 0 : err_set(e, ERR_MALFORMED, "a parent is no commit");
}

static int read_paths(struct inspection *in, struct inspected *it,
		      struct err *e)
{
	struct oid parents[64];
	struct tree_diff d = {
		.cache = in->trees,
		.limits = &object_limits_default,
		.fn = add_path,
		.ctx = &it->paths,
		.fault = &it->fault,
	};
	size_t n = it->commit.nparents, i;
	int rc = 0;

	/* an octopus beyond that is told by its first sixty-four parents */
	if (n > 64)
		n = 64;
	for (i = 0; !rc && i < n; i++)
		rc = parent_tree(in, &it->commit, i, &parents[i], e);
	if (!rc)
		rc = tree_diff(&d, parents, n, &it->commit.tree, e);
	it->has_paths = !rc;
	/* one object out of a history that is not there has no paths */
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	return rc > 0 ? err_nomem(e) : rc;
}

static int verify_openpgp(void *ctx, struct span payload, struct span sig,
			  struct signature *out, struct err *e)
{
	const struct inspection *in = ctx;
	const struct policy *p = in->policy;
	const struct openpgp_spec spec = {.gpgv = p->signers_gpgv,
					  .keyring = p->signers_openpgp,
					  .deadline = deadline_in_ms(GPGV_MS)};

	return openpgp_verify(&spec, &p->people, payload, sig, in->now, out, e);
}

static int verify(struct inspection *in, struct inspected *it,
		  struct span payload, struct span sig, struct err *e)
{
	const struct policy *p = in->policy;
	const struct verifier v = {
		.signers = p ? p->signers : in->no_signers,
		.people = p ? &p->people : &in->nobody,
		.at = in->now,
		.openpgp = p && p->signers_openpgp ? verify_openpgp : NULL,
		.ctx = in};

	it->is_signed = true;
	return signature_verify(&v, payload, sig, &it->signature, e);
}

static int commit_facts(struct inspection *in, struct inspected *it,
			struct err *e)
{
	struct buf sig = BUF_INIT(1 << 20), payload = BUF_INIT(64 << 20);
	int rc;

	rc = trailers_parse(&it->trailers, it->commit.message,
			    TRAILERS_NO_DIVIDER, object_limits_default.trailers,
			    e);
	if (rc)
		return rc;
	agents_examine(in->agents, &it->commit, &it->trailers, &it->agents);
	rc = read_paths(in, it, e);
	if (!rc && it->commit.signature.n &&
	    !commit_signature(&it->commit, &sig, &payload))
		rc = verify(in, it, span_of(payload.data, payload.len),
			    span_of(sig.data, sig.len), e);
	buf_release(&sig);
	buf_release(&payload);
	return rc;
}

static int tag_facts(struct inspection *in, struct inspected *it, struct err *e)
{
	int rc = trailers_parse(&it->trailers, it->tag.message,
				TRAILERS_NO_DIVIDER,
				object_limits_default.trailers, e);

	if (!rc && it->tag.signature.n)
		rc = verify(in, it, it->tag.payload, it->tag.signature, e);
	return rc;
}

static int read_facts(struct inspection *in, struct inspected *it,
		      struct err *e)
{
	struct span raw = span_of(it->object.data, it->object.size);
	enum oid_algo algo = repository_algo(in->repo);

	if (it->type == OBJECT_COMMIT) {
		it->ok = commit_parse(raw, algo, &object_limits_default,
				      &it->commit, &it->fault) ||
			 it->fault.code == FAULT_ENCODING ||
			 it->fault.code == FAULT_NUL;
		return it->ok ? commit_facts(in, it, e) : 0;
	}
	if (it->type == OBJECT_TAG) {
		it->ok = tag_parse(raw, algo, &object_limits_default, &it->tag,
				   &it->fault);
		return it->ok ? tag_facts(in, it, e) : 0;
	}
	return 0;
}

static void forget(struct inspected *it)
{
	trailers_release(&it->trailers);
	buf_clear(&it->paths);
	it->has_paths = false;
	it->agents.nseen = 0;
	it->agents.ndeclared = 0;
	it->is_signed = false;
	it->ok = false;
	memset(&it->fault, 0, sizeof(it->fault));
}

int inspection_print(struct inspection *in, const struct oid *id, struct err *e)
{
	struct inspected *it = &in->now_at;
	int rc;

	forget(it);
	it->id = *id;
	rc = object_read(in->repo, id, WALK_MAX_COMMIT, &it->object, e);
	if (rc)
		return rc;
	it->type = it->object.type;
	rc = read_facts(in, it, e);
	if (!rc)
		rc = in->json ? inspection_json(it, &in->out, e)
			      : inspection_text(it, &in->out, e);
	object_release(&it->object);
	if (!rc && in->out.len > OUT_BYTES)
		rc = inspection_flush(in, e);
	return rc;
}

int inspection_flush(struct inspection *in, struct err *e)
{
	int rc = cli_print(&in->out, e);

	buf_clear(&in->out);
	return rc;
}
