/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "desk/record.h"
#include "gate/guard.h"
#include "git/refs.h"
#include "git/walk.h"
#include "policy/scope.h"
#include "trust/approvals.h"

enum { MAX_REFS = 1000000, TELL_MAX = 4096 };

int reconcile_init(struct reconcile *r, struct ledger *l, int64_t grace,
		   struct err *e)
{
	memset(r, 0, sizeof(*r));
	ref_book_init(&r->book);
	arena_init(&r->names, (size_t)1 << 30);
	r->ledger = l;
	r->grace = grace;
	return retention_refs_read(&r->gone, l, e)
		       ? e->code
		       : ledger_reader_new(&r->reader, l, 0, e);
}

void reconcile_release(struct reconcile *r)
{
	ledger_reader_free(r->reader);
	ref_book_release(&r->book);
	retention_refs_release(&r->gone);
	arena_release(&r->names);
	memset(r, 0, sizeof(*r));
}

/* A damaged record is `ledger verify`'s matter; the others still count. */
int reconcile_read(struct reconcile *r, struct err *e)
{
	struct ledger_item item;
	int rc;

	for (;;) {
		rc = ledger_reader_next(r->reader, &item, e);
		if (rc == ERR_MALFORMED) {
			err_clear(e);
			continue;
		}
		if (rc <= 0)
			return rc;
		rc = retention_refs_apply(&r->gone, &r->book, r->ledger,
					  item.index, e);
		if (!rc)
			rc = ref_book_add(&r->book, r->ledger, item.json, e);
		if (rc)
			return rc;
	}
}

/* ---- where the refs stand ---- */

struct stand {
	char *name;
	struct oid id;
};

struct stands {
	struct stand *v;
	size_t n, cap;
	struct err *e;
};

static void stands_release(struct stands *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
}

static int add_stand(void *ctx, const char *name, const struct oid *id)
{
	struct stands *s = ctx;

	if (array_push(&s->v, s->n, &s->cap, MAX_REFS))
		return err_set(s->e, ERR_LIMIT, "more than %d refs", MAX_REFS);
	s->v[s->n].name = span_dup(span_str(name));
	s->v[s->n].id = *id;
	if (!s->v[s->n].name)
		return err_nomem(s->e);
	s->n++;
	return 0;
}

static int compare_stand(const void *name, const void *stand)
{
	return strcmp(name, ((const struct stand *)stand)->name);
}

/* Hex; the null id for a ref that is not there. */
static void stands_at(const struct stands *s, enum oid_algo algo,
		      const char *name, char out[OID_HEX_SIZE])
{
	struct oid null = {.algo = (unsigned char)algo};
	const struct stand *found = NULL;

	if (s->n)
		found = bsearch(name, s->v, s->n, sizeof(*s->v), compare_stand);
	oid_to_hex(found ? &found->id : &null, out);
}

/* ---- outcomes that never came ---- */

struct look {
	struct reconcile *r;
	const struct reconcile_repository *at;
	struct stands stands;
	enum oid_algo algo;
	struct err *e;
};

static void tell(const struct look *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void tell(const struct look *l, const char *fmt, ...)
{
	char text[TELL_MAX];
	va_list ap;

	if (!l->at->tell)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->at->tell(l->at->ctx, text);
}

static void add_move(struct record *rec, yyjson_mut_val *refs, const char *name,
		     const char *old, const char *new_)
{
	yyjson_mut_val *o = record_object(rec, refs);

	record_text(rec, o, "name", name);
	record_text(rec, o, "old", old);
	record_text(rec, o, "new", new_);
}

/* The moves of a push that happened: the ref is there, or was found there by
 * a later decision. */
static size_t moves_that_happened(struct look *l, const struct book_push *p,
				  struct record *rec, yyjson_mut_val *refs)
{
	struct ref_book *b = &l->r->book;
	size_t i, n = 0;

	for (i = 0; i < p->nmoves; i++) {
		struct book_move *m = &b->moves[p->move + i];
		struct book_ref *ref = &b->refs[m->ref];
		char now[OID_HEX_SIZE];

		stands_at(&l->stands, l->algo, ref->name, now);
		if (!m->seen && strcmp(now, m->to) != 0)
			continue;
		add_move(rec, refs, m->name, m->from, m->to);
		if (!m->seen)
			ref_book_set(ref, m->to);
		n++;
	}
	return n;
}

/* None: the record is made, and not written. */
static struct ledger *ledger_of(const struct look *l)
{
	return l->at->look_only ? NULL : l->r->ledger;
}

static void tell_outcome(struct look *l, const struct book_push *p,
			 size_t moved)
{
	ref_book_done(&l->r->book, (size_t)(p - l->r->book.pushes));
	l->r->outcomes++;
	/* that it was not recorded yet is nothing wrong */
	if (!l->at->look_only)
		tell(l, "%s: decision %s had no outcome: %zu of %zu refs moved",
		     l->at->name, p->id, moved, p->nmoves);
}

static int record_outcome(struct look *l, size_t push)
{
	struct book_push *p = &l->r->book.pushes[push];
	struct record_frame frame = *l->at->frame;
	yyjson_mut_val *refs;
	struct record rec;
	size_t moved = 0;
	int rc;

	frame.git_namespace = p->git_namespace;
	rc = record_init(&rec, ledger_of(l), &frame, "outcome", l->e);
	if (!rc) {
		refs = yyjson_mut_arr(rec.doc);
		record_text(&rec, rec.root, "decision", p->id);
		record_bool(&rec, rec.root, "reconciled", true);
		if (refs)
			moved = moves_that_happened(l, p, &rec, refs);
		rc = record_list(&rec, "refs", refs, l->e);
	}
	if (!rc && !l->at->look_only)
		rc = record_append(&rec, l->e);
	record_release(&rec);
	if (rc)
		return rc;
	tell_outcome(l, p, moved);
	return 0;
}

/* One of the future was made before the clock was set back. */
static bool is_over(const struct look *l, const struct book_push *p)
{
	int64_t age = l->at->frame->now - p->when;

	return age >= l->r->grace || -age > l->r->grace;
}

static int find_outcomes(struct look *l)
{
	struct ref_book *b = &l->r->book;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < b->npushes; i++)
		if (!b->pushes[i].done &&
		    !strcmp(b->pushes[i].repository, l->at->name) &&
		    is_over(l, &b->pushes[i]))
			rc = record_outcome(l, i);
	return rc;
}

/* ---- moves that no record tells of ---- */

/* What gatepost itself writes and sweeps away is in no decision. */
static bool is_own(const char *ref)
{
	return approval_is_ref(ref) ||
	       !strncmp(ref, GUARD_OWN_PREFIX, strlen(GUARD_OWN_PREFIX));
}

static int is_gated(struct look *l, const char *name, bool *yes)
{
	const char *inside = refs_in_namespace(name);
	struct scope scope;
	int rc = scope_of_ref(&scope, l->at->policy, l->at->override,
			      l->at->name, inside, l->e);

	*yes = !rc && scope.mode != MODE_UNSET && scope.mode != MODE_OFF &&
	       !is_own(inside);
	scope_release(&scope);
	return rc;
}

/* A ref that no record knows is old, or else its commits must be: those that
 * were there when the gate was installed. */
static int in_baseline(struct look *l, const char *hex, bool *yes)
{
	const struct option_list *base = l->at->baseline;
	struct oid id, tip;
	size_t i;
	int rc = 0;

	*yes = false;
	if (!oid_from_hex(&id, l->algo, span_str(hex)) || oid_is_null(&id)) {
		*yes = true;
		return 0;
	}
	for (i = 0; !rc && !*yes && i < base->n; i++) {
		if (!oid_from_hex(&tip, l->algo, span_str(base->v[i])))
			continue;
		rc = walk_is_ancestor(l->at->repo, &id, &tip, yes, l->e);
		if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
			err_clear(l->e);
			rc = 0;
		}
	}
	return rc;
}

struct found {
	size_t ref; /* in the book */
	char now[OID_HEX_SIZE];
};

struct finding_list {
	struct found *v;
	size_t n, cap;
};

/* @param amiss  whether the ref stands where no record has it */
static int is_amiss(struct look *l, size_t ref, const char *now, bool *amiss)
{
	struct book_ref *r = &l->r->book.refs[ref];
	int rc = is_gated(l, r->name, amiss);

	if (rc || !*amiss)
		return rc;
	if (!strcmp(r->at, now) && !r->seen_by)
		*amiss = false;
	else if (ref_book_move_to(&l->r->book, r, now))
		*amiss = false; /* its outcome may still come */
	else if (!r->at[0]) {
		rc = in_baseline(l, now, amiss);
		*amiss = !*amiss;
	}
	return rc;
}

static int look_at_ref(struct look *l, struct finding_list *f, size_t ref)
{
	struct found found = {.ref = ref};
	bool amiss;
	int rc;

	stands_at(&l->stands, l->algo, l->r->book.refs[ref].name, found.now);
	rc = is_amiss(l, ref, found.now, &amiss);
	if (rc || !amiss)
		return rc;
	if (array_push(&f->v, f->n, &f->cap, MAX_REFS))
		return err_nomem(l->e);
	f->v[f->n++] = found;
	return 0;
}

static int find_moves(struct look *l, struct finding_list *f)
{
	struct ref_book *b = &l->r->book;
	size_t i;
	int rc = 0;

	/* refs that the book lacks get an entry first */
	for (i = 0; !rc && i < l->stands.n; i++)
		if (ref_book_ref(b, l->at->name, l->stands.v[i].name, l->e) ==
		    SIZE_MAX)
			rc = ERR_MEMORY;
	for (i = 0; !rc && i < b->nrefs; i++)
		if (!strcmp(b->refs[i].repository, l->at->name))
			rc = look_at_ref(l, f, i);
	return rc;
}

static void describe(const struct look *l, const struct book_ref *ref,
		     const char *now)
{
	if (ref->seen_by)
		tell(l,
		     "%s: %s was at %.12s when decision %s was made, and no "
		     "record tells how it came there",
		     l->at->name, ref->name, ref->seen, ref->seen_by);
	if (strcmp(ref->at, now) != 0)
		tell(l, "%s: %s is at %.12s, and the records have it at %.12s",
		     l->at->name, ref->name, now,
		     ref->at[0] ? ref->at : "none");
}

static int record_moves(struct look *l, const struct finding_list *f)
{
	struct ref_book *b = &l->r->book;
	yyjson_mut_val *refs;
	struct record rec;
	size_t i;
	int rc = record_init(&rec, ledger_of(l), l->at->frame, "break", l->e);

	if (!rc) {
		record_text(&rec, rec.root, "reason", "unrecorded-move");
		refs = yyjson_mut_arr(rec.doc);
		for (i = 0; refs && i < f->n; i++) {
			struct book_ref *ref = &b->refs[f->v[i].ref];
			yyjson_mut_val *o = record_object(&rec, refs);

			record_text(&rec, o, "name", ref->name);
			record_text(&rec, o, "old",
				    ref->at[0] ? ref->at : NULL);
			record_text(&rec, o, "new", f->v[i].now);
			if (ref->seen_by) {
				record_text(&rec, o, "seen", ref->seen);
				record_text(&rec, o, "seen_by", ref->seen_by);
			}
		}
		rc = record_list(&rec, "refs", refs, l->e);
	}
	if (!rc && !l->at->look_only)
		rc = record_append(&rec, l->e);
	record_release(&rec);
	for (i = 0; !rc && i < f->n; i++) {
		struct book_ref *ref = &b->refs[f->v[i].ref];

		describe(l, ref, f->v[i].now);
		ref->seen_by = NULL;
		ref_book_set(ref, f->v[i].now);
		l->r->moves++;
	}
	return rc;
}

/* The refs are read before the records: what is recorded by then explains
 * where they stand, since a decision is durable before the ref moves. One
 * that moves on meanwhile is in the records, and looked for again. */
static int settle(struct look *l, struct finding_list *f)
{
	struct finding_list again = {NULL, 0, 0};
	size_t i, k = 0, n = 0;
	int rc;

	stands_release(&l->stands);
	l->stands = (struct stands){.e = l->e};
	rc = refs_each(l->at->repo, "refs/", add_stand, &l->stands, l->e);
	if (!rc)
		rc = reconcile_read(l->r, l->e);
	if (!rc)
		rc = find_moves(l, &again);
	/* both are in the order of the book */
	for (i = 0; !rc && i < f->n; i++) {
		while (k < again.n && again.v[k].ref < f->v[i].ref)
			k++;
		if (k < again.n && again.v[k].ref == f->v[i].ref &&
		    !strcmp(again.v[k].now, f->v[i].now))
			f->v[n++] = f->v[i];
	}
	if (!rc)
		f->n = n;
	free(again.v);
	return rc;
}

int reconcile_repository(struct reconcile *r,
			 const struct reconcile_repository *at, struct err *e)
{
	struct look l = {.r = r,
			 .at = at,
			 .stands = {.e = e},
			 .algo = repository_algo(at->repo),
			 .e = e};
	struct finding_list f = {NULL, 0, 0};
	int rc = refs_each(at->repo, "refs/", add_stand, &l.stands, e);

	if (!rc)
		rc = reconcile_read(r, e);
	if (!rc)
		rc = find_outcomes(&l);
	if (!rc)
		rc = find_moves(&l, &f);
	if (!rc && f.n)
		rc = settle(&l, &f);
	if (!rc && f.n)
		rc = record_moves(&l, &f);
	free(f.v);
	stands_release(&l.stands);
	return rc;
}
