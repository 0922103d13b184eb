/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/would.h"

#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/array.h"
#include "base/time.h"
#include "ledger/json.h"
#include "ledger/lists.h"

enum { MAX_ARENA = 256 << 20, MAX_KEY = 4096 };

/* One decision. */
struct adding {
	struct would *w;
	struct ledger *l;
	yyjson_val *root, *people;
	yyjson_val *rules, *findings; /* wherever they are */
	int64_t when;
	const char *who; /* NULL: nobody known */
	struct err *e;
};

void would_init(struct would *w, const struct policy *policy)
{
	memset(w, 0, sizeof(*w));
	arena_init(&w->arena, MAX_ARENA);
	w->policy = policy;
}

static void table_release(struct would_table *t)
{
	name_map_release(&t->at);
	free(t->v);
}

void would_release(struct would *w)
{
	table_release(&w->rules);
	table_release(&w->roles);
	table_release(&w->repositories);
	table_release(&w->reasons);
	name_map_release(&w->people);
	name_map_release(&w->seen);
	arena_release(&w->arena);
}

/* ---- lines ---- */

static int table_line(struct would *w, struct would_table *t, size_t max,
		      const char *name, struct would_line **out, struct err *e)
{
	size_t at = name_map_get(&t->at, name);

	if (at == SIZE_MAX && t->n >= max) {
		name = WOULD_OTHERS;
		at = name_map_get(&t->at, name);
	}
	if (at == SIZE_MAX) {
		const char *kept = arena_strdup(&w->arena, name);

		at = t->n;
		if (!kept || array_push(&t->v, t->n, &t->cap, max + 1) ||
		    name_map_put(&t->at, kept, at))
			return err_nomem(e);
		t->v[t->n++] = (struct would_line){
			.name = kept, .reason = "", .example = ""};
	}
	*out = &t->v[at];
	return 0;
}

/* Whether this is the first time; people without number are not told apart. */
static int first_time(struct would *w, struct name_map *in, const char *key,
		      bool *yes, struct err *e)
{
	const char *kept;

	*yes = name_map_get(in, key) == SIZE_MAX;
	if (!*yes)
		return 0;
	if (in->n >= WOULD_MAX_SEEN) {
		w->bounded = true;
		*yes = false;
		return 0;
	}
	kept = arena_strdup(&w->arena, key);
	if (!kept || name_map_put(in, kept, 1))
		return err_nomem(e);
	return 0;
}

static int count_person(struct adding *a, const char *table,
			struct would_line *line)
{
	struct buf key = BUF_INIT(3 * MAX_KEY);
	bool yes = false;
	int rc = 0;

	if (!a->who)
		return 0;
	buf_addf(&key, "%s\n%s\n%s", table, line->name, a->who);
	if (buf_ok(&key))
		rc = first_time(a->w, &a->w->seen, key.data, &yes, a->e);
	line->people += yes;
	buf_release(&key);
	return rc;
}

static int count(struct adding *a, struct would_table *t, const char *table,
		 const char *name)
{
	struct would_line *line;
	int rc = table_line(a->w, t, WOULD_MAX_LINES, name, &line, a->e);

	if (rc)
		return rc;
	line->pushes++;
	if (!line->first || a->when < line->first)
		line->first = a->when;
	if (a->when > line->last)
		line->last = a->when;
	return count_person(a, table, line);
}

/* ---- what a decision says ---- */

static const char *text_of(yyjson_val *obj, const char *name)
{
	const char *s = yyjson_get_str(yyjson_obj_get(obj, name));

	return s ? s : "";
}

static bool is_text(yyjson_val *obj, const char *name, const char *value)
{
	return !strcmp(text_of(obj, name), value);
}

static bool only_warns(const struct would *w, const char *rule)
{
	size_t i;

	for (i = 0; w->policy && i < w->policy->nrules; i++)
		if (!strcmp(w->policy->rules[i].name, rule))
			return w->policy->rules[i].level == LEVEL_WARN;
	return false;
}

/* A rule may have a result for each ref of the push. */
static bool seen_before(yyjson_val *rules, size_t at, const char *rule)
{
	yyjson_val *r;
	size_t i, n;

	yyjson_arr_foreach(rules, i, n, r)
	{
		if (i == at)
			return false;
		if (is_text(r, "mode", "warn") &&
		    is_text(r, "result", "warn") && is_text(r, "rule", rule))
			return true;
	}
	return false;
}

static int count_reasons(struct adding *a, const char *rule)
{
	yyjson_val *f, *had = NULL;
	size_t i, n;
	int rc = 0;

	yyjson_arr_foreach(a->findings, i, n, f)
	{
		struct buf key = BUF_INIT(MAX_KEY);
		struct would_line *line = NULL;

		if (rc || !is_text(f, "rule", rule) ||
		    !is_text(f, "weight", "warn"))
			continue;
		/* most often all of them have the same */
		if (had && is_text(f, "check", text_of(had, "check")) &&
		    is_text(f, "code", text_of(had, "code")))
			continue;
		had = f;
		buf_addf(&key, "%s\n%s/%s", rule, text_of(f, "check"),
			 text_of(f, "code"));
		if (buf_ok(&key))
			rc = table_line(a->w, &a->w->reasons, WOULD_MAX_REASONS,
					key.data, &line, a->e);
		buf_release(&key);
		if (rc || !line)
			continue;
		line->pushes++;
		if (!*line->example)
			line->example =
				arena_strdup(&a->w->arena, text_of(f, "text"));
		if (!line->example)
			return err_nomem(a->e);
	}
	return rc;
}

/* What no rule asks for, the engine does: that objects are well formed. */
static int count_unruled(struct adding *a, bool *any)
{
	yyjson_val *f;
	size_t i, n;

	yyjson_arr_foreach(a->findings, i, n, f)
	{
		if (*text_of(f, "rule") || !is_text(f, "weight", "warn"))
			continue;
		*any = true;
		if (count(a, &a->w->rules, "rule", "(no rule)"))
			return a->e->code;
		return count_reasons(a, "");
	}
	return 0;
}

static int count_rules(struct adding *a, bool *any)
{
	yyjson_val *r;
	size_t i, n;
	int rc = 0;

	yyjson_arr_foreach(a->rules, i, n, r)
	{
		const char *rule = text_of(r, "rule");

		if (rc || !is_text(r, "mode", "warn") ||
		    !is_text(r, "result", "warn") || only_warns(a->w, rule) ||
		    seen_before(a->rules, i, rule))
			continue;
		*any = true;
		rc = count(a, &a->w->rules, "rule", rule);
		if (!rc)
			rc = count_reasons(a, rule);
	}
	if (!rc && is_text(a->root, "mode", "warn"))
		rc = count_unruled(a, any);
	return rc;
}

static int count_roles(struct adding *a)
{
	yyjson_val *pusher = yyjson_obj_get(a->root, "pusher");
	yyjson_val *roles = yyjson_obj_get(pusher, "roles"), *role;
	size_t i, n;
	int rc = 0;

	if (!yyjson_is_true(yyjson_obj_get(pusher, "known")))
		return count(a, &a->w->roles, "role", "(unknown)");
	if (!yyjson_arr_size(roles))
		return count(a, &a->w->roles, "role", "(no role)");
	yyjson_arr_foreach(roles, i, n, role)
	{
		const char *name = yyjson_get_str(role);

		if (!rc)
			rc = count(a, &a->w->roles, "role", name ? name : "");
	}
	return rc;
}

/* ---- one decision ---- */

/* By the name that stays where a login is another next year. */
static void find_person(struct adding *a)
{
	yyjson_val *pusher = yyjson_obj_get(a->root, "pusher");
	yyjson_val *number = yyjson_obj_get(pusher, "person"), *person = NULL;

	if (yyjson_is_uint(number))
		person = yyjson_arr_get(a->people, yyjson_get_uint(number));
	a->who = text_of(person, "principal");
	if (!*a->who)
		a->who = text_of(person, "login");
	if (!*a->who)
		a->who = NULL;
}

static bool warned(const struct adding *a)
{
	yyjson_val *r;
	size_t i, n;

	/* outside of every gate, the policy's own mode stands there */
	if (is_text(a->root, "mode", "warn") &&
	    is_text(a->root, "would", "reject"))
		return true;
	yyjson_arr_foreach(a->rules, i, n, r)
	{
		if (is_text(r, "mode", "warn"))
			return true;
	}
	return false;
}

static int count_push(struct adding *a)
{
	struct would *w = a->w;
	bool any = false, met = false, yes = false;
	int rc = 0;

	if (!warned(a))
		return 0;
	w->pushes++;
	if (!w->first || a->when < w->first)
		w->first = a->when;
	if (a->when > w->last)
		w->last = a->when;
	if (a->who)
		rc = first_time(w, &w->people, a->who, &yes, a->e);
	w->npeople += yes;
	if (rc || !is_text(a->root, "would", "reject"))
		return rc;
	rc = count_rules(a, &any);
	if (rc || !any)
		return rc;
	w->refused++;
	rc = count_roles(a);
	if (!rc)
		rc = count(a, &w->repositories, "repository",
			   text_of(a->root, "repository"));
	if (!rc && a->who) {
		struct buf key = BUF_INIT(MAX_KEY);

		buf_addf(&key, "\n%s", a->who);
		if (buf_ok(&key))
			rc = first_time(w, &w->seen, key.data, &met, a->e);
		buf_release(&key);
	}
	w->nmet += met;
	return rc;
}

static int load_list(struct adding *a, const char *name, yyjson_val **list,
		     yyjson_doc **held)
{
	int rc = ledger_list_load(a->l, a->root, name, list, held, a->e);

	if (!rc || rc == ERR_MEMORY)
		return rc;
	err_clear(a->e); /* what is gone is ledger verify's matter */
	*list = NULL;
	*held = NULL;
	a->w->unread++;
	return 0;
}

static int add(struct adding *a)
{
	yyjson_doc *rules = NULL, *findings = NULL;
	int rc = load_list(a, "rules", &a->rules, &rules);

	find_person(a);
	if (!rc && is_text(a->root, "would", "reject"))
		rc = load_list(a, "findings", &a->findings, &findings);
	if (!rc)
		rc = count_push(a);
	yyjson_doc_free(rules);
	yyjson_doc_free(findings);
	return rc;
}

int would_add(struct would *w, struct ledger *l, const struct ledger_item *item,
	      struct err *e)
{
	yyjson_doc *record = NULL, *people = NULL;
	struct adding a = {.w = w, .l = l, .e = e};
	int rc = json_parse(&record, item->json, "record", e);

	if (!rc)
		rc = json_parse(&people, item->persons, "persons line", e);
	a.root = yyjson_doc_get_root(record);
	a.people = yyjson_doc_get_root(people);
	if (!rc && is_text(a.root, "kind", "decision") &&
	    time_parse(json_str(a.root, "time"), &a.when))
		rc = add(&a);
	yyjson_doc_free(record);
	yyjson_doc_free(people);
	return rc;
}

/* ---- in the end ---- */

static int compare(const void *x, const void *y)
{
	const struct would_line *a = x, *b = y;

	if (a->pushes != b->pushes)
		return a->pushes < b->pushes ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void sort(struct would_table *t)
{
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), compare);
}

static void take_reason(struct would *w, const struct would_line *reason)
{
	const char *end = strchr(reason->name, '\n');
	size_t i, n = end ? (size_t)(end - reason->name) : 0;

	for (i = 0; end && i < w->rules.n; i++) {
		struct would_line *line = &w->rules.v[i];
		bool same = n ? strlen(line->name) == n &&
					    !memcmp(line->name, reason->name, n)
			      : !strcmp(line->name, "(no rule)");

		if (!same || reason->pushes <= line->reasons)
			continue;
		line->reason = end + 1;
		line->reasons = reason->pushes;
		line->example = reason->example;
	}
}

void would_finish(struct would *w)
{
	size_t i;

	for (i = 0; i < w->reasons.n; i++)
		take_reason(w, &w->reasons.v[i]);
	/* names were found by position until now */
	sort(&w->rules);
	sort(&w->roles);
	sort(&w->repositories);
}
