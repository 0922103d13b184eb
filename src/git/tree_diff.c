/* SPDX-License-Identifier: Apache-2.0 */
#include "git/tree_diff.h"

#include <stdlib.h>
#include <string.h>

#include "git/fault.h"
#include "git/tree_cache.h"

/* One tree of a directory, and how far it has been read. */
struct side {
	struct tree_node *node;
	const char *p, *end;
};

/*
 * One directory. The new tree is joined with the first parent's; the others
 * are asked only where those two differ.
 */
struct frame {
	struct side was, now;
	struct side *others;
	const char *begin; /* of the new tree */
	size_t prefix;	   /* bytes of the path so far, with its `/` */
	size_t depth;
	bool checked; /* the new tree was read strictly as a whole */
};

struct differ {
	const struct tree_diff *d;
	struct err *e;
	struct object_fault *fault, own_fault;
	enum oid_algo algo;
	size_t raw_size, nothers;
	size_t max_depth, max_paths;
	size_t paths, dirs;
	char path[TREE_MAX_PATH];
};

/* What a path is in one tree; mode 0: nothing. */
struct state {
	unsigned mode;
	const char *raw_id;
};

static int diff_dir(struct differ *d, struct frame *f);

static int broken(struct differ *d, const char *what)
{
	fault_set(d->fault, FAULT_MALFORMED, "%s", what);
	return err_set(d->e, ERR_MALFORMED, "%s", what);
}

static int too_big(struct differ *d, const char *what, size_t max)
{
	fault_set(d->fault, FAULT_TOO_BIG, "%s, more than %zu", what, max);
	return err_set(d->e, ERR_LIMIT, "%s", d->fault->text);
}

static struct oid oid_of_state(const struct differ *d, struct state s)
{
	struct oid id = {.algo = (unsigned char)d->algo};

	if (s.mode)
		oid_from_raw(&id, d->algo, s.raw_id);
	return id;
}

static bool same_state(const struct differ *d, struct state a, struct state b)
{
	if (a.mode != b.mode)
		return false;
	return !a.mode || !memcmp(a.raw_id, b.raw_id, d->raw_size);
}

static bool is_tree(struct state s)
{
	return s.mode == MODE_TREE;
}

static int side_open(struct differ *d, struct side *s, const struct oid *id)
{
	struct span bytes;
	int ret = tree_cache_hold(d->d->cache, id, &s->node, &bytes, d->e);

	s->p = bytes.p;
	s->end = bytes.p + bytes.n;
	if (ret == ERR_MALFORMED && d->e)
		fault_set(d->fault, FAULT_MALFORMED, "%.150s", d->e->msg);
	else if (ret == ERR_LIMIT)
		fault_set(d->fault, FAULT_TOO_BIG, "a tree of over %d bytes",
			  TREE_MAX_BYTES);
	return ret;
}

static void side_close(struct differ *d, struct side *s)
{
	tree_cache_drop(d->d->cache, s->node);
}

static void frame_close(struct differ *d, struct frame *f)
{
	size_t i;

	side_close(d, &f->was);
	side_close(d, &f->now);
	if (!f->others)
		return;
	for (i = 0; i < d->nothers; i++)
		side_close(d, &f->others[i]);
	free(f->others);
}

static int read_entry(struct differ *d, const struct side *s,
		      struct raw_entry *out, bool *have)
{
	*have = s->p < s->end;
	if (!*have || raw_entry_read(out, s->p, s->end, d->raw_size))
		return 0;
	return broken(d, "a tree with a truncated entry or file mode");
}

/** How many bytes two runs begin with in common. */
static size_t common_bytes(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t x, y;

		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			return i + first_set_byte(x ^ y);
	}
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/**
 * Step over entries that both trees have next. Most of a tree is that, so
 * entries are not looked at: first the bytes are compared, then entries are
 * counted off up to the difference, and not even that when there is none.
 */
static void skip_common(struct differ *d, struct side *a, struct side *b)
{
	size_t left_a = (size_t)(a->end - a->p);
	size_t left_b = (size_t)(b->end - b->p);
	size_t same =
		common_bytes(a->p, b->p, left_a < left_b ? left_a : left_b);
	const char *p = b->p, *stop = b->p + same, *nul;

	if (same == left_a && same == left_b) {
		a->p = a->end;
		b->p = b->end;
		return;
	}
	while (p < stop) {
		nul = tree_find_nul(p, stop);
		if ((size_t)(stop - nul) <= d->raw_size)
			break;

		p = nul + 1 + d->raw_size;
	}
	a->p += p - b->p;
	b->p = p;
}

/** What the path is in another parent, whose entries come in order too. */
static int other_state(struct differ *d, struct side *s,
		       const struct raw_entry *key, struct state *out)
{
	struct raw_entry entry;
	bool have;
	int ret, order;

	out->mode = 0;
	for (;;) {
		ret = read_entry(d, s, &entry, &have);
		if (ret || !have)
			return ret;
		order = tree_name_compare(entry.name, entry.mode, key->name,
					  key->mode);
		if (order > 0)
			return 0;
		s->p = entry.end;
		if (!order) {
			out->mode = entry.mode;
			out->raw_id = entry.raw_id;
			return 0;
		}
	}
}

/** Refuse what the strict parser refuses, from `it` on. */
static int check_entries(struct differ *d, struct tree_iter *it, size_t max)
{
	struct tree_entry entry;
	int more = 1;

	while (more > 0 && max--)
		more = tree_iter_next(it, &entry, d->fault);
	if (more < 0)
		return err_set(d->e, ERR_MALFORMED, "%s", d->fault->text);
	return 0;
}

/**
 * Hold the new tree to the strict form: as a whole when a name came, which
 * may collide with any other; that entry alone when only its content changed.
 */
static int check_new(struct differ *d, struct frame *f,
		     const struct raw_entry *was, const struct raw_entry *now)
{
	const char *from = f->begin;
	struct tree_iter it;
	size_t max = SIZE_MAX;

	if (!now || f->checked)
		return 0;
	if (was) {
		from = now->start;
		max = 1;
	}
	tree_iter_init(&it, span_of(from, (size_t)(f->now.end - from)),
		       d->algo);
	f->checked = !was;
	return check_entries(d, &it, max);
}

static int append_name(struct differ *d, const struct frame *f,
		       struct span name, size_t *len)
{
	/* One byte for a `/` or the NUL. */
	if (name.n >= sizeof(d->path) - f->prefix - 1)
		return too_big(d, "a path of bytes", TREE_MAX_PATH - 1);
	memcpy(d->path + f->prefix, name.p, name.n);
	*len = f->prefix + name.n;
	d->path[*len] = '\0';
	return 0;
}

static char status_of(struct state was, struct state now)
{
	enum { FORMAT = 0170000 };

	if (!was.mode)
		return 'A';
	if (!now.mode)
		return 'D';
	return (was.mode & FORMAT) == (now.mode & FORMAT) ? 'M' : 'T';
}

static int report(struct differ *d, struct state was, struct state now,
		  size_t len)
{
	struct path_change change = {
		.status = status_of(was, now),
		.old_mode = was.mode,
		.new_mode = now.mode,
		.old_id = oid_of_state(d, was),
		.new_id = oid_of_state(d, now),
		.path = {d->path, len},
	};

	if (d->paths++ >= d->max_paths)
		return too_big(d, "changed paths", d->max_paths);
	return d->d->fn(d->d->ctx, &change);
}

static int open_dir(struct differ *d, struct side *s, struct state state)
{
	struct oid id = {.algo = 0};

	if (is_tree(state))
		id = oid_of_state(d, state);
	return side_open(d, s, &id);
}

/* `others` are the states in the other parents. */
static int enter(struct differ *d, const struct frame *parent, struct state was,
		 struct state now, const struct state *others, size_t len)
{
	struct frame f = {.prefix = len + 1, .depth = parent->depth + 1};
	size_t i;
	int ret;

	if (d->d->enter && !d->d->enter(d->d->ctx, span_of(d->path, len)))
		return 0;
	if (f.depth > d->max_depth)
		return too_big(d, "a depth of trees", d->max_depth);
	/* Trees of trees without a file must end as well. */
	if (d->dirs++ >= d->max_paths)
		return too_big(d, "changed directories", d->max_paths);
	d->path[len] = '/';
	ret = open_dir(d, &f.was, was);
	if (!ret)
		ret = open_dir(d, &f.now, now);
	f.begin = f.now.p;
	if (!ret && d->nothers) {
		f.others = calloc(d->nothers, sizeof(*f.others));
		if (!f.others)
			ret = err_nomem(d->e);
	}
	for (i = 0; !ret && i < d->nothers; i++)
		ret = open_dir(d, &f.others[i], others[i]);
	if (!ret)
		ret = diff_dir(d, &f);
	frame_close(d, &f);
	return ret;
}

/**
 * Find the states of a path in the other parents.
 * @return 1 when one of them has it as the new tree has it, else 0
 */
static int ask_others(struct differ *d, struct frame *f,
		      const struct raw_entry *key, struct state now,
		      struct state *others)
{
	bool same = false;
	size_t i;
	int ret;

	for (i = 0; i < d->nothers; i++) {
		ret = other_state(d, &f->others[i], key, &others[i]);
		if (ret)
			return ret;
		same = same || same_state(d, others[i], now);
	}
	return same;
}

/** The first parent and the new tree differ in `was` and `now`, one of
 * which may be NULL. */
static int differ_at(struct differ *d, struct frame *f,
		     const struct raw_entry *was, const struct raw_entry *now)
{
	const struct raw_entry *key = now ? now : was;
	struct state old = {0}, new = {0}, *others = NULL;
	size_t len = 0;
	int ret = check_new(d, f, was, now);

	if (was)
		old = (struct state){was->mode, was->raw_id};
	if (now)
		new = (struct state){now->mode, now->raw_id};
	if (ret)
		return ret;
	if (d->nothers) {
		others = calloc(d->nothers, sizeof(*others));
		if (!others)
			return err_nomem(d->e);
		ret = ask_others(d, f, key, new, others);
	}
	if (!ret)
		ret = append_name(d, f, key->name, &len);
	if (!ret)
		ret = key->mode == MODE_TREE
			      ? enter(d, f, old, new, others, len)
			      : report(d, old, new, len);
	else if (ret == 1)
		ret = 0;
	free(others);
	return ret;
}

static bool same_entry(const struct differ *d, const struct raw_entry *a,
		       const struct raw_entry *b)
{
	return a->mode == b->mode && !memcmp(a->raw_id, b->raw_id, d->raw_size);
}

/** Take the next entry of either side, or of both when names are equal. */
static int diff_next(struct differ *d, struct frame *f)
{
	struct raw_entry was, now;
	bool have_was, have_now;
	int order = 0, ret = read_entry(d, &f->was, &was, &have_was);

	if (!ret)
		ret = read_entry(d, &f->now, &now, &have_now);
	if (ret)
		return ret;
	if (have_was && have_now)
		order = tree_name_compare(was.name, was.mode, now.name,
					  now.mode);
	else
		order = have_was ? -1 : 1;
	if (order <= 0)
		f->was.p = was.end;
	if (order >= 0)
		f->now.p = now.end;
	if (!order && same_entry(d, &was, &now))
		return 0;
	return differ_at(d, f, order <= 0 ? &was : NULL,
			 order >= 0 ? &now : NULL);
}

static int diff_dir(struct differ *d, struct frame *f)
{
	int ret = 0;

	while (!ret) {
		skip_common(d, &f->was, &f->now);
		if (f->was.p == f->was.end && f->now.p == f->now.end)
			return 0;
		ret = diff_next(d, f);
	}
	return ret;
}

static int diff_roots(struct differ *d, const struct oid *parents,
		      size_t nparents, const struct oid *tree)
{
	static const struct oid nothing;
	struct frame f = {.depth = 1};
	size_t i;
	int ret = side_open(d, &f.was, nparents ? &parents[0] : &nothing);

	if (!ret)
		ret = side_open(d, &f.now, tree);
	f.begin = f.now.p;
	if (!ret && d->nothers) {
		f.others = calloc(d->nothers, sizeof(*f.others));
		if (!f.others)
			ret = err_nomem(d->e);
	}
	for (i = 0; !ret && i < d->nothers; i++)
		ret = side_open(d, &f.others[i], &parents[i + 1]);
	if (!ret)
		ret = diff_dir(d, &f);
	frame_close(d, &f);
	return ret;
}

int tree_diff(const struct tree_diff *spec, const struct oid *parents,
	      size_t nparents, const struct oid *tree, struct err *e)
{
	struct object_limits none = {0};
	const struct object_limits *limits =
		spec->limits ? spec->limits : &none;
	struct differ d;
	size_t i;

	for (i = 0; i < nparents; i++)
		if (oid_equal(&parents[i], tree))
			return 0;
	/* The path, which is large, needs no zeros. */
	d.d = spec;
	d.e = e;
	d.fault = spec->fault ? spec->fault : &d.own_fault;
	d.algo = tree_cache_algo(spec->cache);
	d.raw_size = oid_raw_size(d.algo);
	d.nothers = nparents ? nparents - 1 : 0;
	d.max_depth = limit_or(limits->depth, object_limits_default.depth);
	d.max_paths = limit_or(limits->paths, object_limits_default.paths);
	d.paths = d.dirs = 0;
	return diff_roots(&d, parents, nparents, tree);
}
