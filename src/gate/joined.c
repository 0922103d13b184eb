/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/joined.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/glob.h"
#include "gate/change.h"
#include "gate/facts_trees.h"
#include "gate/guard.h"
#include "gate/said.h"
#include "policy/mirror.h"

/* One commit of the line of first parents. */
struct link {
	struct oid id, from, to; /* the trees before and after it */
	uint32_t tools;		 /* which of them it names */
	bool none, fresh;
};

struct joined {
	struct judging *j;
	size_t ref;
	const struct walk *walk;
	uint32_t all;
	struct facts facts;
	struct link links[JOINED_MAX_COMMITS]; /* newest first */
	size_t n;
	struct remembered tools[JOINED_MAX_TOOLS];
	size_t ntools;
	size_t paths;
	bool linear; /* the links are all of it */
	bool broken; /* something of it cannot be read */
};

static bool of_interest(const struct joined *s, const struct walk_commit *c)
{
	return c->reachable && (c->hidden & s->all) != s->all;
}

/* ---- what each says ---- */

static void copy_text(char *out, size_t size, const char *text)
{
	size_t n = text ? strnlen(text, size - 1) : 0;

	if (n)
		memcpy(out, text, n);
	out[n] = '\0';
}

static uint32_t tool_bit(struct joined *s, const struct said *v)
{
	bool declared = v->trailer[0] != '\0';
	struct remembered *t;
	size_t i;

	for (i = 0; i < s->ntools; i++) {
		t = &s->tools[i];
		if (!strcmp(t->agent, v->agent) && t->declared == declared &&
		    !strcmp(t->model, v->model ? v->model : ""))
			return UINT32_C(1) << i;
	}
	if (s->ntools == JOINED_MAX_TOOLS)
		return 0;
	t = &s->tools[s->ntools++];
	copy_text(t->agent, sizeof(t->agent), v->agent);
	copy_text(t->model, sizeof(t->model), v->model);
	copy_text(t->session, sizeof(t->session), v->session);
	copy_text(t->trailer, sizeof(t->trailer), v->trailer);
	t->declared = declared;
	return UINT32_C(1) << i;
}

static bool remembers_none(const struct facts *f)
{
	const struct memory_facts *m = f->facts.memory;

	return m && m->n && m->v[0].none;
}

static int read_commit(struct joined *s, const struct walk_commit *c,
		       struct link *out, struct err *e)
{
	struct facts *f = &s->facts;
	struct said v[SAID_MAX];
	struct check_sink sink;
	size_t n, i;
	bool ok;
	int rc;

	judging_sink_ref(s->j, s->ref, "object", &sink);
	/* whatever is wrong with it was said where it was judged */
	sink.mode = MODE_PREVIEW;
	rc = facts_read(f, s->j, &sink, s->walk, c, &ok, e);
	if (!rc && ok)
		rc = facts_message(f, s->j, &sink, e);
	if (!rc && ok)
		rc = facts_remember(f, s->j, &sink, e);
	s->broken |= !ok;
	if (rc || !ok)
		return rc;
	out->id = c->id;
	out->to = c->tree;
	out->fresh = object_is_new(s->j->repo, &c->id);
	n = said_of(f, v);
	for (i = 0; i < n; i++)
		out->tools |= tool_bit(s, &v[i]);
	out->none = !n && (said_none(f) || remembers_none(f));
	return 0;
}

/* ---- the line of first parents ---- */

static int read_from(struct joined *s, const struct walk_commit *c,
		     struct link *out, struct err *e)
{
	struct oid parent;

	if (c->parents[0] != SIZE_MAX) {
		out->from = walk_at(s->walk, c->parents[0])->tree;
		return 0;
	}
	commit_parent(&s->facts.commit, 0, &parent);
	return facts_commit_tree(s->j, &parent, &out->from, e);
}

static int read_links(struct joined *s, size_t at, struct err *e)
{
	int rc = 0;

	while (!rc && !s->broken && at != SIZE_MAX) {
		const struct walk_commit *c = walk_at(s->walk, at);
		struct link *l = &s->links[s->n];

		s->linear = !of_interest(s, c);
		if (s->linear || c->nparents != 1 || s->n == JOINED_MAX_COMMITS)
			return 0;
		*l = (struct link){0};
		rc = read_commit(s, c, l, e);
		if (!rc && !s->broken)
			rc = read_from(s, c, l, e);
		s->n += !rc && !s->broken;
		at = c->parents[0];
	}
	s->linear |= at == SIZE_MAX;
	return rc;
}

/* ---- telling ---- */

/** Several commits as one. */
struct sum {
	const struct oid *tip;
	size_t commits;
	uint32_t tools;
	bool none, fresh;
};

static void add_link(struct sum *sum, const struct link *l)
{
	sum->none = sum->none && (l->none || l->tools);
	sum->tools |= l->tools;
	sum->fresh |= l->fresh;
	sum->commits++;
}

/* With one that says nothing beside it, a `none` is of a part alone. */
static bool says_something(const struct sum *sum)
{
	return sum->fresh && (sum->tools || sum->none);
}

static int tell(struct joined *s, const struct sum *sum,
		const unsigned char digest[SHA256_SIZE], struct err *e)
{
	char hex[SHA256_HEX_SIZE], id[OID_HEX_SIZE];
	struct report_statement out = {
		.commit = oid_to_hex(sum->tip, id),
		.commits = sum->commits,
		.digest = hex,
	};
	size_t i;
	int rc = 0;

	hex_encode(digest, SHA256_SIZE, hex);
	for (i = 0; !rc && i < s->ntools; i++) {
		const struct remembered *t = &s->tools[i];

		if (!(sum->tools & UINT32_C(1) << i))
			continue;
		out.agent = t->agent;
		out.model = t->model[0] ? t->model : NULL;
		out.session = t->session[0] ? t->session : NULL;
		out.trailer = t->trailer[0] ? t->trailer : NULL;
		out.declared = t->declared;
		rc = report_add_statement(s->j->report, &out, e);
	}
	if (rc || sum->tools)
		return rc;
	out.none = true;
	return report_add_statement(s->j->report, &out, e);
}

/* The links from `oldest` to `newest`. */
static int tell_run(struct joined *s, size_t newest, size_t oldest,
		    struct err *e)
{
	struct sum sum = {.tip = &s->links[newest].id, .none = true};
	const struct object_limits *limits = &s->j->in->policy->limits;
	unsigned char digest[SHA256_SIZE];
	struct object_fault fault = {0};
	size_t paths = 0, i;
	int rc;

	for (i = newest; i <= oldest; i++)
		add_link(&sum, &s->links[i]);
	if (!says_something(&sum) || s->paths >= JOINED_MAX_PATHS)
		return 0;
	rc = tree_diff_digest(s->j->trees, limits, &s->links[oldest].from,
			      &s->links[newest].to, digest, &paths, &fault, e);
	s->paths += paths;
	if (!rc && paths)
		rc = tell(s, &sum, digest, e);
	return judging_pass_over(rc, e);
}

static int tell_runs(struct joined *s, struct err *e)
{
	bool few = s->n <= JOINED_FEW_COMMITS;
	size_t a, b;
	int rc = 0;

	for (a = 0; !rc && a < s->n; a++)
		for (b = s->n - 1; !rc && b > a; b--)
			if (few || !a || b == s->n - 1)
				rc = tell_run(s, a, b, e);
	return rc;
}

/* ---- a branch with merges, or a long one ---- */

struct tips {
	struct oid v[JOINED_MAX_REFS];
	size_t n;
	const char *const *globs;
	size_t nglobs;
};

static int add_tip(void *ctx, const char *name, const struct oid *id)
{
	struct tips *t = ctx;

	if (!scope_refs_have(t->globs, t->nglobs, name) || guard_covers(name))
		return 0;
	t->v[t->n++] = *id;
	return t->n == JOINED_MAX_REFS;
}

static int rule_tips(struct judging *j, size_t rule, struct tips *t,
		     struct err *e)
{
	struct buf prefix = BUF_INIT(REFS_MAX_NAME);
	const char **globs = NULL;
	size_t n = 0, i;
	int rc = scope_rule_refs(j->in->policy, j->in->override,
				 j->in->repository, rule, MODE_WARN, &globs, &n,
				 e);

	t->globs = globs;
	t->nglobs = n;
	for (i = 0; !rc && i < n && t->n < JOINED_MAX_REFS; i++) {
		if (*globs[i] == MIRROR_SPARED)
			continue;
		buf_clear(&prefix);
		refs_glob_prefix(globs[i], &prefix);
		rc = judging_refs_each(j, prefix.data, add_tip, t, e);
		rc = rc > 0 ? 0 : rc;
	}
	buf_release(&prefix);
	free(globs);
	return rc;
}

/* What the refs point to that rules about AI stand before. */
static int gated_tips(struct judging *j, struct tips *t, struct err *e)
{
	const struct policy *p = j->in->policy;
	size_t i;
	int rc = 0;

	t->n = 0;
	for (i = 0; !rc && i < p->nrules && !t->n; i++)
		if (judging_wants_memory(&p->rules[i]))
			rc = rule_tips(j, i, t, e);
	return rc;
}

static int sum_all(struct joined *s, struct sum *sum, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && !s->broken && i < walk_count(s->walk); i++) {
		const struct walk_commit *c = walk_at(s->walk, i);
		struct link l = {0};

		/* a merge of the target into the branch says nothing of it */
		if (!of_interest(s, c) || c->nparents > 1)
			continue;
		rc = read_commit(s, c, &l, e);
		if (!rc && !s->broken)
			add_link(sum, &l);
	}
	return rc;
}

static int tell_whole(struct joined *s, const struct oid *tip, struct err *e)
{
	struct sum sum = {.tip = tip, .none = true};
	unsigned char digest[SHA256_SIZE];
	struct object_fault fault = {0};
	struct tips tips;
	bool has;
	int rc = sum_all(s, &sum, e);

	if (rc || s->broken || !says_something(&sum))
		return rc;
	rc = gated_tips(s->j, &tips, e);
	if (rc || !tips.n)
		return rc;
	rc = change_digest_between(s->j, &tips.v[0], tip, digest, &has, &fault,
				   e);
	if (!rc && has)
		rc = tell(s, &sum, digest, e);
	return judging_pass_over(rc, e);
}

static size_t count_all(const struct joined *s)
{
	size_t n = 0, i;

	for (i = 0; i < walk_count(s->walk) && n <= JOINED_MAX_ALL; i++)
		n += of_interest(s, walk_at(s->walk, i));
	return n;
}

static int tell_walk(struct judging *j, size_t ref, const struct walk *walk,
		     uint32_t all, const struct oid *tip, struct err *e)
{
	struct joined s = {.j = j, .ref = ref, .walk = walk, .all = all};
	size_t n = count_all(&s);
	int rc;

	if (n < 2)
		return 0;
	facts_init(&s.facts);
	rc = read_links(&s, walk_find(walk, tip), e);
	if (!rc && !s.broken)
		rc = tell_runs(&s, e);
	if (!rc && !s.broken && !s.linear && n <= JOINED_MAX_ALL)
		rc = tell_whole(&s, tip, e);
	facts_release(&s.facts);
	return judging_pass_over(rc, e);
}

/* A push of many refs must not cost more than its commits do. */
static bool may_look(struct judging *j)
{
	return j->wants_memory && !j->in->trust_old &&
	       j->nlooks++ < JOINED_MAX_LOOKS;
}

int joined_tell(struct judging *j, size_t ref, const struct walk *walk,
		uint32_t all, const struct oid *tip, struct err *e)
{
	return may_look(j) ? tell_walk(j, ref, walk, all, tip, e) : 0;
}

int joined_look(struct judging *j, size_t ref, struct err *e)
{
	struct walk *w = NULL;
	struct oid tip = {0};
	struct tips tips;
	size_t i;
	int rc;

	if (!may_look(j))
		return 0;
	rc = gated_tips(j, &tips, e);
	if (rc || !tips.n)
		return rc;
	rc = walk_new(&w, j->repo, e);
	if (!rc)
		rc = walk_start(w, &j->refs[ref].update->new_, &tip, e);
	for (i = 0; !rc && i < tips.n; i++)
		rc = walk_hide(w, &tips.v[i], 0, e);
	if (!rc && !oid_is_null(&tip)) {
		rc = walk_run(w, 1, JOINED_MAX_WALK, e);
		if (!rc)
			rc = tell_walk(j, ref, w, 1, &tip, e);
	}
	walk_free(w);
	/* too far from where it began, or not to be read */
	return judging_pass_over(rc, e);
}
