/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/facts.h"
#include "gate/discard.h"
#include "gate/follow_up.h"
#include "gate/preview.h"
#include "gate/signed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void facts_init(struct facts *f)
{
	memset(f, 0, sizeof(*f));
	trailers_init(&f->trailers);
	trailers_init(&f->divided);
	buf_init(&f->followed, 4 * (size_t)WALK_MAX_COMMIT);
}

static void forget_object(struct facts *f)
{
	if (f->object.handle)
		object_release(&f->object);
	memset(&f->object, 0, sizeof(f->object));
}

void facts_release(struct facts *f)
{
	forget_object(f);
	trailers_release(&f->trailers);
	trailers_release(&f->divided);
	free(f->parents);
	free(f->areas);
	buf_release(&f->followed);
	facts_init(f);
}

/* Say that an object is not acceptable. */
static int say_fault(struct check_sink *sink, const struct oid *id,
		     const struct object_fault *fault, struct err *e)
{
	const char *hint = "git fsck names such objects; make the commit "
			   "again with git and push that";

	if (fault->code == FAULT_ENCODING)
		hint = "git config --unset i18n.commitEncoding && git commit "
		       "--amend --no-edit";
	if (fault->code == FAULT_TOO_BIG)
		hint = "split the change, or ask the admin to raise the "
		       "limit in the policy";
	return judging_find(sink, judging_fault_code(fault->code), id, hint, e,
			    "%s", fault->text);
}

/* An object that is missing or unreadable is a fault of the push; whatever
 * else goes wrong is an error. */
static int read_fault(struct check_sink *sink, const struct oid *id,
		      const char *what, int rc, struct err *e)
{
	struct object_fault fault = {.code = FAULT_MALFORMED};

	if (rc != ERR_NOT_FOUND && rc != ERR_MALFORMED && rc != ERR_LIMIT)
		return rc;
	if (rc == ERR_LIMIT)
		fault.code = FAULT_TOO_BIG;
	snprintf(fault.text, sizeof(fault.text), "%s: %.150s", what,
		 e ? e->msg : "");
	err_clear(e);
	return say_fault(sink, id, &fault, e);
}

static int load(struct facts *f, struct judging *j, const struct oid *id,
		struct span raw, struct span *out, struct err *e)
{
	int rc;

	forget_object(f);
	*out = raw;
	if (raw.p)
		return 0;
	rc = object_read(j->repo, id, WALK_MAX_COMMIT, &f->object, e);
	if (rc) {
		f->object.handle = NULL;
		return rc;
	}
	if (f->object.type != OBJECT_COMMIT)
		return err_set(e, ERR_MALFORMED, "not a commit");
	*out = span_of(f->object.data, f->object.size);
	return 0;
}

int facts_read(struct facts *f, struct judging *j, struct check_sink *sink,
	       const struct walk *walk, const struct walk_commit *at, bool *ok,
	       struct err *e)
{
	const struct oid *id = &at->id;
	struct object_fault fault = {0};
	struct span bytes;
	int rc;

	*ok = false;
	f->walk = walk;
	f->at = at;
	rc = load(f, j, id, at->raw, &bytes, e);
	if (rc)
		return read_fault(sink, id, "unreadable commit", rc, e);
	memset(&f->facts, 0, sizeof(f->facts));
	f->facts.id = *id;
	f->has_message = false;
	f->has_areas = false;
	f->has_digest = false;
	f->has_signature = false;
	f->has_memory = false;
	f->has_bringer = false;
	f->first_any = false;
	f->known = NULL;
	f->lands = f->back = false;
	f->nparents = 0;
	if (!commit_parse(bytes, j->algo, &j->in->policy->limits, &f->commit,
			  &fault)) {
		*ok = fault.code == FAULT_ENCODING || fault.code == FAULT_NUL;
		rc = say_fault(sink, id, &fault, e);
	} else {
		*ok = true;
	}
	f->facts.commit = *ok ? &f->commit : NULL;
	f->facts.merge = *ok && f->commit.nparents > 1;
	return rc;
}

int facts_signature(struct facts *f, struct judging *j, struct err *e)
{
	int rc = 0;

	if (!f->has_signature)
		rc = signed_commit(j, &f->facts.id, &f->commit, &f->signature,
				   e);
	f->has_signature = !rc;
	return rc;
}

/* A divider can only matter when there is a line that begins with it. */
static bool has_divider(struct span message)
{
	const char *end = message.p + message.n;
	const char *at = message.p;

	while (at && end - at >= 3) {
		if (!memcmp(at, "---", 3))
			return true;
		at = memchr(at, '\n', (size_t)(end - at));
		if (at)
			at++;
	}
	return false;
}

int facts_message(struct facts *f, struct judging *j, struct check_sink *sink,
		  struct err *e)
{
	const struct policy *p = j->in->policy;
	struct commit *c = &f->commit;
	struct object_fault fault = {.code = FAULT_TOO_BIG};
	size_t i;
	int rc;

	if (f->has_message)
		return 0;
	f->has_message = true;
	rc = follow_ups_extend(j->follow_ups, &f->facts.id, &c->message,
			       &f->followed, e);
	if (rc)
		return rc;
	rc = trailers_parse(&f->trailers, c->message, TRAILERS_NO_DIVIDER,
			    p->limits.trailers, e);
	if (!rc && has_divider(c->message)) {
		rc = trailers_parse(&f->divided, c->message, TRAILERS_DIVIDER,
				    p->limits.trailers, e);
		f->facts.divided = &f->divided;
	}
	if (rc == ERR_LIMIT) {
		err_clear(e);
		snprintf(fault.text, sizeof(fault.text),
			 "more than %zu trailers in one message",
			 p->limits.trailers);
		rc = say_fault(sink, &f->facts.id, &fault, e);
	}
	if (rc)
		return rc;
	f->facts.trailers = &f->trailers;
	agents_examine(p->agents, c, &f->trailers, &f->agents);
	f->facts.agents = &f->agents;
	f->facts.shows_ai = f->agents.nseen > 0 || f->agents.too_many;
	for (i = 0; i < f->agents.ndeclared; i++)
		if (!f->agents.declared[i].none &&
		    !f->agents.declared[i].person)
			f->facts.shows_ai = true;
	f->facts.ai_assisted = f->facts.shows_ai;
	return 0;
}

int facts_commit_tree(struct judging *j, const struct oid *id, struct oid *tree,
		      struct err *e)
{
	struct commit_links links;
	struct object o;
	bool ok;
	int rc = object_read(j->repo, id, WALK_MAX_COMMIT, &o, e);

	if (rc)
		return rc;
	ok = o.type == OBJECT_COMMIT &&
	     commit_parse_links(span_of(o.data, o.size), j->algo, &links);
	object_release(&o);
	if (!ok)
		return err_set(e, ERR_MALFORMED, "not a commit");
	*tree = links.tree;
	return 0;
}

/* The tree of a commit; the walk has read most parents already. */
static int tree_of(struct facts *f, struct judging *j, size_t parent,
		   struct oid *tree, struct err *e)
{
	size_t known = f->walk ? f->at->parents[parent] : SIZE_MAX;
	struct oid id;

	if (known != SIZE_MAX) {
		*tree = walk_at(f->walk, known)->tree;
		return 0;
	}
	commit_parent(&f->commit, parent, &id);
	return facts_commit_tree(j, &id, tree, e);
}

static int parent_trees(struct facts *f, struct judging *j, struct err *e)
{
	size_t i;

	if (f->nparents == f->commit.nparents)
		return 0;
	f->nparents = 0;
	for (i = 0; i < f->commit.nparents; i++) {
		int rc = array_push(&f->parents, f->nparents, &f->parents_cap,
				    SIZE_MAX / sizeof(struct oid));

		if (rc)
			return err_nomem(e);
		rc = tree_of(f, j, i, &f->parents[i], e);
		if (rc)
			return rc;
		f->nparents++;
	}
	return 0;
}

/* What is wrong with the trees that a commit goes from or to. */
static int diff_fault(struct facts *f, struct check_sink *sink,
		      const struct object_fault *fault, int rc, struct err *e)
{
	if (fault->code == FAULT_NONE)
		return read_fault(sink, &f->facts.id, "unreadable tree", rc, e);
	err_clear(e);
	return say_fault(sink, &f->facts.id, fault, e);
}

static int diff(struct facts *f, struct judging *j, struct check_sink *sink,
		tree_diff_fn *fn, tree_enter_fn *enter, void *ctx,
		struct err *e)
{
	struct object_fault fault = {0};
	struct tree_diff d = {
		.cache = j->trees,
		.limits = &j->in->policy->limits,
		.fn = fn,
		.enter = enter,
		.ctx = ctx,
		.fault = &fault,
	};
	int rc = parent_trees(f, j, e);

	if (!rc)
		rc = tree_diff(&d, f->parents, f->nparents, &f->commit.tree, e);
	return rc < 0 ? diff_fault(f, sink, &fault, rc, e) : rc;
}

struct area_seek {
	struct facts *f;
	struct judging *j;
};

static int mark_areas(void *ctx, const struct path_change *change)
{
	struct area_seek *s = ctx;
	const struct policy *p = s->j->in->policy;
	size_t i;

	s->j->npaths++;
	for (i = 0; i < p->nareas; i++)
		if (!s->f->areas[i])
			s->f->areas[i] =
				area_has_path(&p->areas[i], change->path);
	return s->j->npaths > p->limits.paths;
}

static bool may_matter(void *ctx, struct span directory)
{
	struct area_seek *s = ctx;
	const struct policy *p = s->j->in->policy;
	size_t i;

	for (i = 0; i < p->nareas; i++)
		if (!s->f->areas[i] &&
		    area_may_be_below(&p->areas[i], directory))
			return true;
	return false;
}

static int first_path(void *ctx, const struct path_change *change)
{
	(void)change;
	*(bool *)ctx = false;
	return 1;
}

static int too_many_paths(struct facts *f, struct judging *j,
			  struct check_sink *sink, struct err *e)
{
	struct check_sink of = *sink;

	/* without the advice nobody would have looked */
	if (preview_is(j, sink->ref))
		of.mode = MODE_PREVIEW;
	return judging_find(&of, "too-big", &f->facts.id,
			    "push the history in parts, or ask the admin to "
			    "raise paths-max in the policy",
			    e, "the push changes more than %zu paths",
			    j->in->policy->limits.paths);
}

static int mark_discarded(void *ctx, const struct path_change *change)
{
	struct area_seek *s = ctx;

	s->f->facts.changes_nothing = false;
	return mark_areas(ctx, change);
}

/* What a merge throws away, it changes on the ref that it is pushed to. */
static int discards(struct facts *f, struct judging *j, struct check_sink *sink,
		    struct err *e)
{
	struct area_seek seek = {f, j};
	struct object_fault fault = {0};
	size_t i;
	bool ok;
	int rc;

	if (!f->old_tree)
		return 0;
	rc = discard_find(j, f, mark_discarded, &seek, &ok, &fault, e);
	if (!rc && !ok) {
		f->facts.changes_nothing = false;
		for (i = 0; i < j->in->policy->nareas; i++)
			f->areas[i] = true;
	}
	if (rc > 0)
		return too_many_paths(f, j, sink, e);
	return rc ? diff_fault(f, sink, &fault, rc, e) : 0;
}

int facts_nothing(struct facts *f, struct judging *j, struct err *e)
{
	const struct policy *p = j->in->policy;

	f->has_areas = true;
	f->facts.changes_nothing = f->facts.merge;
	if (!f->areas)
		f->areas = calloc(p->nareas + 1, sizeof(*f->areas));
	if (!f->areas)
		return err_nomem(e);
	memset(f->areas, 0, p->nareas * sizeof(*f->areas));
	return 0;
}

int facts_areas(struct facts *f, struct judging *j, struct check_sink *sink,
		struct err *e)
{
	const struct policy *p = j->in->policy;
	struct area_seek seek = {f, j};
	int rc;

	if (f->has_areas)
		return 0;
	rc = facts_nothing(f, j, e);
	if (rc)
		return rc;
	if (f->facts.merge) {
		rc = diff(f, j, sink, first_path, NULL,
			  &f->facts.changes_nothing, e);
		if (rc >= 0)
			rc = discards(f, j, sink, e);
		if (rc < 0 || f->facts.changes_nothing)
			return rc < 0 ? rc : 0;
	}
	if (!p->nareas)
		return 0;
	rc = diff(f, j, sink, mark_areas, may_matter, &seek, e);
	return rc > 0 ? too_many_paths(f, j, sink, e) : rc;
}

struct path_count {
	struct judging *j;
	tree_diff_fn *fn;
	void *ctx;
	bool over;
};

static int count_path(void *ctx, const struct path_change *change)
{
	struct path_count *c = ctx;

	if (++c->j->npaths > c->j->in->policy->limits.paths) {
		c->over = true;
		return 1;
	}
	return c->fn(c->ctx, change);
}

int facts_paths(struct facts *f, struct judging *j, struct check_sink *sink,
		tree_diff_fn *fn, void *ctx, struct err *e)
{
	struct path_count count = {j, fn, ctx, false};
	int rc = diff(f, j, sink, count_path, NULL, &count, e);

	return count.over ? too_many_paths(f, j, sink, e) : rc;
}

/* All that a merge is against each parent. What it adds or throws away is a
 * change that somebody brings, and which of them is first is his choice. */
static int merge_digest(struct facts *f, struct judging *j,
			struct object_fault *fault, struct err *e)
{
	unsigned char one[SHA256_SIZE];
	size_t changes, i;
	struct sha256 all;
	int rc = 0;

	sha256_init(&all);
	for (i = 0; !rc && i < f->nparents; i++) {
		rc = tree_diff_digest(j->trees, &j->in->policy->limits,
				      &f->parents[i], &f->commit.tree, one,
				      &changes, fault, e);
		sha256_update(&all, one, sizeof(one));
		if (!rc && !i) {
			f->first_any = changes > 0;
			memcpy(f->first, one, sizeof(one));
		}
		f->digest_any |= !rc && changes > 0;
	}
	sha256_final(&all, f->digest);
	return rc;
}

static int read_digest(struct facts *f, struct judging *j,
		       struct object_fault *fault, struct err *e)
{
	struct oid empty = {.algo = (unsigned char)j->algo};
	size_t changes = 0;
	int rc = parent_trees(f, j, e);

	f->digest_any = false;
	if (!rc && f->known && f->commit.nparents == 1) {
		f->digest_any = f->known->changes > 0;
		memcpy(f->digest, f->known->forth, SHA256_SIZE);
		return 0;
	}
	if (rc || f->facts.merge)
		return rc ? rc : merge_digest(f, j, fault, e);
	rc = tree_diff_digest(j->trees, &j->in->policy->limits,
			      f->nparents ? &f->parents[0] : &empty,
			      &f->commit.tree, f->digest, &changes, fault, e);
	f->digest_any = !rc && changes > 0;
	return rc;
}

int facts_digest(struct facts *f, struct judging *j, struct check_sink *sink,
		 unsigned char out[SHA256_SIZE], bool *any, struct err *e)
{
	struct object_fault fault = {0};
	int rc = 0;

	if (!f->has_digest) {
		rc = read_digest(f, j, &fault, e);
		if (rc)
			rc = diff_fault(f, sink, &fault, rc, e);
	}
	f->has_digest = !rc;
	*any = f->digest_any;
	memcpy(out, f->digest, SHA256_SIZE);
	return rc;
}

int facts_bringer(struct facts *f, struct judging *j, struct check_sink *sink,
		  bool *any, struct buf *login, struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	unsigned char digest[SHA256_SIZE];
	int rc = facts_digest(f, j, sink, digest, any, e);

	buf_clear(login);
	if (!rc && *any && m)
		rc = m->brought_by(m->ctx, j->in->repository, digest, login, e);
	if (!rc && !login->len && object_is_new(j->repo, &f->facts.id) &&
	    buf_adds(login, j->pusher.login))
		rc = err_nomem(e);
	return rc;
}

int facts_brought_by(struct facts *f, struct judging *j,
		     struct check_sink *sink, const struct principal **who,
		     struct err *e)
{
	struct buf login = BUF_INIT(REPORT_MAX_TEXT);
	bool any;
	int rc = 0;

	if (!f->has_bringer) {
		f->bringer = NULL;
		rc = facts_bringer(f, j, sink, &any, &login, e);
		if (!rc && login.len)
			f->bringer = principals_by_login(
				&j->in->policy->people,
				span_of(login.data, login.len), j->in->now);
	}
	f->has_bringer = !rc;
	*who = f->bringer;
	buf_release(&login);
	return rc;
}

/* The full id in a line `This reverts commit <id>`, as git revert writes it. */
static bool reverted_id(const struct commit *c, struct oid *out)
{
	static const char words[] = "This reverts commit ";
	const char *at =
		memmem(c->message.p, c->message.n, words, sizeof(words) - 1);
	size_t n = oid_hex_size(c->algo);

	if (!at)
		return false;
	at += sizeof(words) - 1;
	return (size_t)(c->message.p + c->message.n - at) >= n &&
	       oid_from_hex(out, c->algo, span_of(at, n));
}

/* Whether the commit of these facts has `id` among its ancestors. */
static int has_ancestor(struct facts *f, struct judging *j,
			const struct oid *id, bool *yes, struct err *e)
{
	*yes = f->walk && walk_shows_ancestor(f->walk, f->at, id);
	return *yes ? 0 : walk_is_ancestor(j->repo, id, &f->facts.id, yes, e);
}

/* The trees that a commit goes from and to; false unless it has one parent. */
static int one_step(struct judging *j, const struct oid *id, struct oid *from,
		    struct oid *to, bool *ok, struct err *e)
{
	struct commit_links links, parent;
	struct object o;
	struct oid pid;
	int rc = object_read(j->repo, id, WALK_MAX_COMMIT, &o, e);

	*ok = false;
	if (rc)
		return rc;
	if (o.type == OBJECT_COMMIT &&
	    commit_parse_links(span_of(o.data, o.size), j->algo, &links) &&
	    links.nparents == 1) {
		commit_links_parent(&links, j->algo, 0, &pid);
		*to = links.tree;
		*ok = true;
	}
	object_release(&o);
	if (!*ok)
		return 0;
	rc = object_read(j->repo, &pid, WALK_MAX_COMMIT, &o, e);
	if (rc)
		return rc;
	*ok = commit_parse_links(span_of(o.data, o.size), j->algo, &parent);
	*from = parent.tree;
	object_release(&o);
	return 0;
}

int facts_revert(struct facts *f, struct judging *j, struct err *e)
{
	unsigned char there[SHA256_SIZE], back[SHA256_SIZE];
	struct object_fault fault;
	struct oid id, from, to;
	size_t n = 0;
	bool ok = false;
	int rc;

	if (f->commit.nparents != 1 || !reverted_id(&f->commit, &id))
		return 0;
	/* what costs most comes last: to look for it in the history */
	rc = one_step(j, &id, &from, &to, &ok, e);
	if (!rc && ok)
		rc = parent_trees(f, j, e);
	if (!rc && ok)
		rc = tree_diff_digest(j->trees, &j->in->policy->limits, &to,
				      &from, back, &n, &fault, e);
	if (!rc && ok)
		rc = tree_diff_digest(j->trees, &j->in->policy->limits,
				      &f->parents[0], &f->commit.tree, there,
				      &n, &fault, e);
	if (!rc && ok && n && !memcmp(there, back, sizeof(there)))
		rc = has_ancestor(f, j, &id, &f->facts.exact_revert, e);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
		/* it names a commit that is not there: no exact revert */
		err_clear(e);
		return 0;
	}
	return rc;
}
