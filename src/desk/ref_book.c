/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/ref_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/array.h"
#include "base/time.h"
#include "git/refs.h"
#include "ledger/lists.h"

enum {
	KEY_MAX = 16384,
	MAX_DONE = 65536 /* pushes with an outcome that are still kept */
};

void ref_book_init(struct ref_book *b)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena, (size_t)4 << 30);
}

void ref_book_release(struct ref_book *b)
{
	name_map_release(&b->refs_at);
	name_map_release(&b->pushes_at);
	free(b->refs);
	free(b->moves);
	free(b->pushes);
	arena_release(&b->arena);
	ref_book_init(b);
}

size_t ref_book_ref(struct ref_book *b, const char *repository,
		    const char *name, struct err *e)
{
	struct buf key = BUF_INIT(KEY_MAX);
	const char *kept;
	size_t at;

	buf_addf(&key, "%s%c%s", repository, '\n', name);
	at = buf_ok(&key) ? name_map_get(&b->refs_at, key.data) : SIZE_MAX;
	if (at != SIZE_MAX || !buf_ok(&key) ||
	    array_push(&b->refs, b->nrefs, &b->refs_cap, REF_BOOK_MAX_REFS))
		goto out;
	kept = arena_strdup(&b->arena, key.data);
	if (!kept || name_map_put(&b->refs_at, kept, b->nrefs))
		goto out;
	at = b->nrefs++;
	b->refs[at] = (struct book_ref){
		.repository = arena_strdup(&b->arena, repository),
		.name = strchr(kept + strlen(repository), '\n') + 1,
		.move = SIZE_MAX};
	if (!b->refs[at].repository)
		at = SIZE_MAX;
out:
	buf_release(&key);
	if (at == SIZE_MAX)
		err_nomem(e);
	return at;
}

void ref_book_set(struct book_ref *r, const char *id)
{
	if (!strcmp(r->at, id))
		return;
	memcpy(r->earlier[r->next_earlier], r->at, OID_HEX_SIZE);
	r->next_earlier = (r->next_earlier + 1) % REF_BOOK_EARLIER;
	snprintf(r->at, sizeof(r->at), "%s", id);
}

/* ---- forgetting ---- */

static int keep_push(struct ref_book *to, const struct ref_book *from,
		     const struct book_push *p, struct err *e)
{
	struct book_push *q;
	size_t i;

	if (array_push(&to->pushes, to->npushes, &to->pushes_cap,
		       REF_BOOK_MAX_PUSHES))
		return err_nomem(e);
	q = &to->pushes[to->npushes];
	*q = (struct book_push){
		.id = arena_strdup(&to->arena, p->id),
		.repository = arena_strdup(&to->arena, p->repository),
		.git_namespace = arena_strdup(&to->arena, p->git_namespace),
		.when = p->when,
		.move = to->nmoves,
		.nmoves = p->nmoves};
	if (!q->id || !q->repository || !q->git_namespace ||
	    name_map_put(&to->pushes_at, q->id, to->npushes))
		return err_nomem(e);
	for (i = 0; i < p->nmoves; i++) {
		struct book_move m = from->moves[p->move + i];

		if (array_push(&to->moves, to->nmoves, &to->moves_cap,
			       REF_BOOK_MAX_REFS))
			return err_nomem(e);
		m.name = arena_strdup(&to->arena, m.name);
		m.push = to->npushes;
		m.before = to->refs[m.ref].move;
		to->refs[m.ref].move = to->nmoves;
		to->moves[to->nmoves++] = m;
		if (!m.name)
			return err_nomem(e);
	}
	to->npushes++;
	return 0;
}

static int keep_ref(struct ref_book *to, const struct book_ref *r,
		    struct err *e)
{
	size_t at = ref_book_ref(to, r->repository, r->name, e);
	struct book_ref *kept;

	if (at == SIZE_MAX)
		return ERR_MEMORY;
	kept = &to->refs[at];
	memcpy(kept->at, r->at, sizeof(kept->at));
	memcpy(kept->earlier, r->earlier, sizeof(kept->earlier));
	memcpy(kept->seen, r->seen, sizeof(kept->seen));
	kept->next_earlier = r->next_earlier;
	if (r->seen_by)
		kept->seen_by = arena_strdup(&to->arena, r->seen_by);
	return 0;
}

/* Pushes whose outcome is known are most of a ledger. */
static int forget_done(struct ref_book *b, struct err *e)
{
	struct ref_book kept;
	size_t i;
	int rc = 0;

	if (b->ndone < MAX_DONE)
		return 0;
	ref_book_init(&kept);
	for (i = 0; !rc && i < b->nrefs; i++)
		rc = keep_ref(&kept, &b->refs[i], e);
	for (i = 0; !rc && i < b->npushes; i++)
		if (!b->pushes[i].done)
			rc = keep_push(&kept, b, &b->pushes[i], e);
	if (rc) {
		ref_book_release(&kept);
		return rc;
	}
	ref_book_release(b);
	*b = kept;
	return 0;
}

void ref_book_done(struct ref_book *b, size_t push)
{
	b->ndone += !b->pushes[push].done;
	b->pushes[push].done = true;
}

/* ---- reading records ---- */

struct reading {
	struct ref_book *b;
	yyjson_val *root;
	const char *repository, *git_namespace, *id;
	struct err *e;
};

static const char *text(yyjson_val *obj, const char *name)
{
	const char *s = yyjson_get_str(yyjson_obj_get(obj, name));

	return s ? s : "";
}

static bool is_id(const char *s)
{
	size_t n = strlen(s);

	return (n == 40 || n == 64) && strspn(s, "0123456789abcdef") == n;
}

/* Names in records are those inside of the namespace. */
static size_t find_ref(struct reading *r, const char *name)
{
	struct buf full = BUF_INIT(KEY_MAX);
	size_t at = SIZE_MAX;

	refs_add_namespace(&full, r->git_namespace);
	buf_adds(&full, name);
	if (buf_ok(&full))
		at = ref_book_ref(r->b, r->repository, full.data, r->e);
	else
		err_nomem(r->e);
	buf_release(&full);
	return at;
}

static bool was_earlier(const struct book_ref *ref, const char *id)
{
	size_t i;

	for (i = 0; i < REF_BOOK_EARLIER; i++)
		if (!strcmp(ref->earlier[i], id))
			return true;
	return false;
}

struct book_move *ref_book_move_to(struct ref_book *b, struct book_ref *ref,
				   const char *id)
{
	size_t *link = &ref->move;

	while (*link != SIZE_MAX) {
		struct book_move *m = &b->moves[*link];

		if (b->pushes[m->push].done)
			*link = m->before; /* never asked for again */
		else if (!strcmp(m->to, id))
			return m;
		else
			link = &m->before;
	}
	return NULL;
}

static void see(struct reading *r, struct book_ref *ref, const char *id,
		const char *decision)
{
	snprintf(ref->seen, sizeof(ref->seen), "%s", id);
	ref->seen_by = arena_strdup(&r->b->arena, decision);
}

/* A decision says where the ref really stood. What it had been accepted for
 * has come to pass; anything else was somebody else's doing. */
static void observe(struct reading *r, struct book_ref *ref, const char *id)
{
	struct ref_book *b = r->b;
	struct book_move *m;

	if (!strcmp(ref->at, id))
		return;
	m = ref_book_move_to(b, ref, id);
	if (m) {
		m->seen = true;
		ref_book_set(ref, id);
	} else if (!ref->at[0]) {
		ref_book_set(ref, id);
	} else if (!was_earlier(ref, id) && !ref->seen_by) {
		see(r, ref, id, r->id);
	}
}

static int add_move(struct reading *r, yyjson_val *v, size_t push)
{
	const char *real = text(v, "real"), *name = text(v, "name");
	const char *old = text(v, "old"), *new_ = text(v, "new");
	struct ref_book *b = r->b;
	size_t at;

	if (!is_id(old) || !is_id(new_) || !*name)
		return 0;
	at = find_ref(r, *real ? real : name);
	if (at == SIZE_MAX)
		return r->e->code;
	/* a decision that could not judge has the client's word alone */
	if (*real)
		observe(r, &b->refs[at], old);
	if (push == SIZE_MAX)
		return 0;
	if (array_push(&b->moves, b->nmoves, &b->moves_cap, REF_BOOK_MAX_REFS))
		return err_nomem(r->e);
	b->moves[b->nmoves] =
		(struct book_move){.ref = at,
				   .push = push,
				   .before = b->refs[at].move,
				   .name = arena_strdup(&b->arena, name)};
	snprintf(b->moves[b->nmoves].from, OID_HEX_SIZE, "%s", old);
	snprintf(b->moves[b->nmoves].to, OID_HEX_SIZE, "%s", new_);
	if (!b->moves[b->nmoves].name)
		return err_nomem(r->e);
	b->refs[at].move = b->nmoves++;
	b->pushes[push].nmoves++;
	return 0;
}

static int add_push(struct reading *r, size_t *at)
{
	struct ref_book *b = r->b;
	const char *when = text(r->root, "time");
	struct book_push p = {.move = b->nmoves};

	if (!time_parse(span_str(when), &p.when))
		return 0;
	p.id = arena_strdup(&b->arena, r->id);
	p.repository = arena_strdup(&b->arena, r->repository);
	p.git_namespace = arena_strdup(&b->arena, r->git_namespace);
	if (!p.id || !p.repository || !p.git_namespace ||
	    array_push(&b->pushes, b->npushes, &b->pushes_cap,
		       REF_BOOK_MAX_PUSHES) ||
	    name_map_put(&b->pushes_at, p.id, b->npushes))
		return err_nomem(r->e);
	*at = b->npushes;
	b->pushes[b->npushes++] = p;
	return 0;
}

static int add_decision(struct reading *r, yyjson_val *refs)
{
	const char *verdict = text(r->root, "verdict");
	size_t push = SIZE_MAX, i, n;
	yyjson_val *ref;
	int rc = 0;

	if (!strcmp(verdict, "pass") || !strcmp(verdict, "warn"))
		rc = add_push(r, &push);
	yyjson_arr_foreach(refs, i, n, ref)
	{
		if (!rc)
			rc = add_move(r, ref, push);
	}
	return rc;
}

/* An outcome that names no decision may still be that of one: of the push
 * that accepted the same move last. */
static size_t push_of_move(struct reading *r, yyjson_val *v)
{
	size_t at = find_ref(r, text(v, "name"));
	const struct book_move *m;

	if (at == SIZE_MAX)
		return SIZE_MAX;
	m = ref_book_move_to(r->b, &r->b->refs[at], text(v, "new"));
	return m ? m->push : SIZE_MAX;
}

static struct book_move *move_of(const struct ref_book *b, size_t push,
				 const char *name)
{
	size_t i;

	for (i = 0; push != SIZE_MAX && i < b->pushes[push].nmoves; i++) {
		struct book_move *m = &b->moves[b->pushes[push].move + i];

		if (!strcmp(m->name, name))
			return m;
	}
	return NULL;
}

/*
 * The ref was where the decision found it until git moved it, whatever stands
 * in the records in between: back at an earlier place, somebody else put it
 * there. A deletion alone takes any place.
 */
static void depart(struct reading *r, struct book_ref *ref,
		   const struct book_move *m, const char *to)
{
	if (strspn(to, "0") == strlen(to) || !ref->at[0] ||
	    !strcmp(ref->at, to) || !strcmp(ref->at, m->from))
		return;
	if (ref_book_move_to(r->b, ref, m->from))
		observe(r, ref, m->from);
	else if (!ref->seen_by)
		see(r, ref, m->from, r->b->pushes[m->push].id);
}

static int add_landed(struct reading *r, yyjson_val *v, size_t push)
{
	const char *name = text(v, "name"), *to = text(v, "new");
	const struct book_move *m = move_of(r->b, push, name);
	size_t at = m ? m->ref : find_ref(r, name);

	if (at == SIZE_MAX)
		return r->e->code;
	if (!is_id(to) || (m && m->seen))
		return 0; /* a later decision has told already */
	if (m && !r->b->pushes[push].done)
		depart(r, &r->b->refs[at], m, to);
	ref_book_set(&r->b->refs[at], to);
	return 0;
}

static int add_outcome(struct reading *r, yyjson_val *refs)
{
	struct ref_book *b = r->b;
	size_t push = name_map_get(&b->pushes_at, text(r->root, "decision"));
	yyjson_val *ref;
	size_t i, n;
	int rc = 0;

	if (push == SIZE_MAX && yyjson_arr_size(refs))
		push = push_of_move(r, yyjson_arr_get_first(refs));
	yyjson_arr_foreach(refs, i, n, ref)
	{
		if (!rc)
			rc = add_landed(r, ref, push);
	}
	if (!rc && push != SIZE_MAX)
		ref_book_done(b, push);
	return rc;
}

/* What an earlier look found amiss is known since. */
static int add_break(struct reading *r, yyjson_val *refs)
{
	yyjson_val *ref;
	size_t i, n;

	if (strcmp(text(r->root, "reason"), "unrecorded-move") != 0)
		return 0;
	yyjson_arr_foreach(refs, i, n, ref)
	{
		size_t at = find_ref(r, text(ref, "name"));

		if (at == SIZE_MAX)
			return r->e->code;
		r->b->refs[at].seen_by = NULL;
		if (is_id(text(ref, "new")))
			ref_book_set(&r->b->refs[at], text(ref, "new"));
	}
	return 0;
}

/* A repository that nobody has pushed to through the gate is to be looked at,
 * too: it is known by what is no ref's name. */
static int add_install(struct reading *r, yyjson_val *refs)
{
	(void)refs;
	return ref_book_ref(r->b, r->repository, "HEAD", r->e) == SIZE_MAX
		       ? r->e->code
		       : 0;
}

typedef int add_fn(struct reading *r, yyjson_val *refs);

static add_fn *how_to_add(const char *kind)
{
	if (!strcmp(kind, "decision"))
		return add_decision;
	if (!strcmp(kind, "outcome"))
		return add_outcome;
	if (!strcmp(kind, "install"))
		return add_install;
	return strcmp(kind, "break") ? NULL : add_break;
}

int ref_book_add(struct ref_book *b, struct ledger *l, struct span json,
		 struct err *e)
{
	yyjson_doc *doc = yyjson_read(json.p, json.n, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	struct reading r = {b,
			    root,
			    text(root, "repository"),
			    text(root, "namespace"),
			    text(root, "id"),
			    e};
	add_fn *add = how_to_add(text(root, "kind"));
	yyjson_val *refs;
	yyjson_doc *held;
	int rc = forget_done(b, e);

	if (!rc && add && *r.repository) {
		rc = ledger_list_load(l, root, "refs", &refs, &held, e);
		if (!rc)
			rc = add(&r, refs);
		yyjson_doc_free(held);
	}
	yyjson_doc_free(doc);
	return rc;
}
