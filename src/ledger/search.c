/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ledger/internal.h"
#include "ledger/run.h"

enum {
	QUERY_TERMS = 9,
	MAX_CANDIDATES = 1 << 20, /* of one run; more are read as a whole */
	COMMIT_MAX = 64,
	WORTHLESS = 4 /* an index that leaves one in so many is of no use */
};

struct wanted_term {
	enum term_type type;
	struct span value;
	bool prefix;  /* the value may go on */
	bool literal; /* it stands in the record as it is */
	bool seen;    /* in the record that is being compared */
	unsigned char from[TERM_KEY_SIZE], to[TERM_KEY_SIZE];
};

struct ledger_search {
	struct ledger *l;
	const struct ledger_query *q;
	struct wanted_term terms[QUERY_TERMS];
	size_t nterms;
	struct ledger_reader *reader;
	uint64_t at, end; /* what comes next, and where it ends */
	/* up to here no run helps, or all that one names are listed */
	uint64_t range_end;
	bool listed;
	uint64_t first; /* of the run */
	uint32_t *candidates;
	size_t ncandidates, next;
};

/* ---------------------------------------------------------------- query */

static bool is_hex(const char *s)
{
	for (; *s; s++) {
		char c = ascii_lower(*s);

		if (!ascii_digit(c) && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

int ledger_query_check(const struct ledger_query *q, struct err *e)
{
	if (q->commit &&
	    (!is_hex(q->commit) || strlen(q->commit) < QUERY_MIN_COMMIT ||
	     strlen(q->commit) > COMMIT_MAX))
		return err_set(e, ERR_USAGE,
			       "a commit is given by its id, or at least the "
			       "first %d digits of it",
			       QUERY_MIN_COMMIT);
	if (q->ref && strncmp(q->ref, "refs/", 5) != 0)
		return err_set(e, ERR_USAGE, "a ref is given in full");
	if (q->since && q->until && q->since > q->until)
		return err_set(e, ERR_USAGE, "the time ends before it begins");
	return 0;
}

/* Whether records have it as it is, so that it can be searched for: JSON
 * escapes some bytes, and digits stand there in lower case. */
static bool is_literal(struct span s, bool digits)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || (s.p[i] & 0x80) ||
		    s.p[i] == '"' || s.p[i] == '\\' ||
		    (digits && s.p[i] != ascii_lower(s.p[i])))
			return false;
	return s.n > 0;
}

static void add_term(struct ledger_search *s, enum term_type type,
		     const char *value)
{
	struct wanted_term *t = &s->terms[s->nterms];

	if (!value)
		return;
	s->nterms++;
	t->type = type;
	t->value = span_str(value);
	t->prefix = type == TERM_ID || type == TERM_COMMIT;
	t->literal = is_literal(t->value, t->prefix);
	if (t->prefix) {
		term_prefix_keys(type, t->value, t->from, t->to);
	} else {
		term_key(type, t->value, t->from);
		memcpy(t->to, t->from, sizeof(t->to));
	}
}

static void add_terms(struct ledger_search *s)
{
	const struct ledger_query *q = s->q;

	add_term(s, TERM_ID, q->id);
	add_term(s, TERM_COMMIT, q->commit);
	add_term(s, TERM_PERSON, q->person);
	add_term(s, TERM_REF, q->ref);
	add_term(s, TERM_REPOSITORY, q->repository);
	add_term(s, TERM_AGENT, q->agent);
	add_term(s, TERM_RULE, q->rule);
	add_term(s, TERM_VERDICT, q->verdict);
	add_term(s, TERM_KIND, q->kind);
}

/* -------------------------------------------------------------- compare */

static bool term_fits(const struct wanted_term *t, struct span value)
{
	if (t->prefix && value.n > t->value.n)
		value.n = t->value.n;
	return t->prefix ? text_equal_nocase(t->value, value)
			 : span_equal(t->value, value);
}

static bool note_term(void *arg, enum term_type type, struct span value)
{
	struct ledger_search *s = arg;
	size_t i;

	for (i = 0; i < s->nterms; i++)
		if (s->terms[i].type == type && !s->terms[i].seen)
			s->terms[i].seen = term_fits(&s->terms[i], value);
	return false;
}

static bool contains(struct span hay, struct span needle)
{
	return memmem(hay.p, hay.n, needle.p, needle.n) != NULL;
}

/* Most records are told apart without parsing them. */
static bool may_match(const struct ledger_search *s,
		      const struct ledger_item *item)
{
	static const char cited[] = "_evidence\":{";
	size_t i;

	for (i = 0; i < s->nterms; i++) {
		const struct wanted_term *t = &s->terms[i];

		if (t->type == TERM_ID && !term_fits(t, item->id))
			return false;
		if (!t->literal || t->type == TERM_ID)
			continue;
		if (!contains(t->type == TERM_PERSON ? item->persons
						     : item->json,
			      t->value) &&
		    !contains(item->json, span_str(cited)))
			return false;
	}
	return true;
}

static int matches(struct ledger_search *s, const struct ledger_item *item,
		   bool *yes, struct err *e)
{
	const struct ledger_query *q = s->q;
	int64_t ms;
	size_t i;
	int rc;

	*yes = may_match(s, item);
	if (!*yes || (!s->nterms && !q->since && !q->until))
		return 0;
	for (i = 0; i < s->nterms; i++)
		s->terms[i].seen = false;
	rc = terms_visit(s->l, item, note_term, s, &ms, e);
	for (i = 0; i < s->nterms; i++)
		*yes = *yes && s->terms[i].seen;
	if (ms < q->since || (q->until && ms > q->until))
		*yes = false;
	return rc;
}

/* ----------------------------------------------------------- candidates */

/* The term of which the run has the fewest entries: *lo to below *hi. */
static int fewest(struct ledger_search *s, struct run *r, uint64_t *lo,
		  uint64_t *hi, struct err *e)
{
	size_t i;
	int rc = 0;

	*lo = 0;
	*hi = UINT64_MAX;
	for (i = 0; !rc && i < s->nterms; i++) {
		uint64_t from = 0, to = 0;

		rc = run_bound(r, s->terms[i].from, false, &from, e);
		if (!rc)
			rc = run_bound(r, s->terms[i].to, true, &to, e);
		if (!rc && to - from < *hi - *lo) {
			*lo = from;
			*hi = to;
		}
		if (*lo == *hi)
			break; /* some term is in no record of it */
	}
	return rc;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int list_candidates(struct ledger_search *s, struct run *r, uint64_t lo,
			   uint64_t hi, struct err *e)
{
	size_t n = (size_t)(hi - lo), i;

	free(s->candidates);
	s->ncandidates = s->next = 0;
	s->candidates = calloc(n + 1, sizeof(*s->candidates));
	if (!s->candidates)
		return err_nomem(e);
	for (i = 0; i < n; i++) {
		const unsigned char *entry;
		int rc = run_get(r, lo + i, &entry, e);

		if (rc)
			return rc;
		s->candidates[i] = run_entry_record(entry);
	}
	qsort(s->candidates, n, sizeof(*s->candidates), by_number);
	s->ncandidates = n;
	return 0;
}

/* ERR_MALFORMED: the run is damaged, and its range is read as a whole. */
static int use_run(struct ledger_search *s, struct run *r, int level,
		   struct err *e)
{
	const struct ledger_query *q = s->q;
	uint64_t lo, hi, size = run_size(level);
	int rc;

	s->listed = true;
	s->first = r->info.first;
	s->range_end = s->first + size;
	s->ncandidates = s->next = 0;
	if (r->info.max_ms < q->since ||
	    (q->until && r->info.min_ms > q->until))
		return 0;
	rc = s->nterms ? fewest(s, r, &lo, &hi, e) : 0;
	if (rc)
		return rc;
	if (!s->nterms || hi - lo > MAX_CANDIDATES ||
	    hi - lo > size / WORTHLESS) {
		s->listed = false;
		return 0;
	}
	return list_candidates(s, r, lo, hi, e);
}

/* What helps with the records from s->at on. */
static int next_range(struct ledger_search *s, struct err *e)
{
	int level;

	for (level = s->q->thorough ? -1 : RUN_LEVELS - 1; level >= 0;
	     level--) {
		uint64_t size = run_size(level);
		struct run r;
		int rc = run_open(&r, s->l->dir_fd, level, s->at - s->at % size,
				  e);

		if (!rc) {
			rc = use_run(s, &r, level, e);
			run_release(&r);
			if (!rc)
				return 0;
		}
		if (rc == ERR_MEMORY)
			return rc;
		err_clear(e); /* what cannot be read counts as absent */
	}
	s->listed = false;
	s->range_end = s->at - s->at % RUN_RECORDS + RUN_RECORDS;
	return 0;
}

/* ------------------------------------------------------------------ all */

int ledger_search_new(struct ledger_search **out, struct ledger *l,
		      const struct ledger_query *q, uint64_t from, uint64_t end,
		      struct err *e)
{
	struct ledger_search *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (!s)
		return err_nomem(e);
	s->l = l;
	s->q = q;
	s->at = s->range_end = from;
	s->end = end;
	add_terms(s);
	rc = ledger_query_check(q, e);
	if (!rc)
		rc = ledger_reader_new(&s->reader, l, from, e);
	if (rc) {
		ledger_search_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

void ledger_search_free(struct ledger_search *s)
{
	if (!s)
		return;
	ledger_reader_free(s->reader);
	free(s->candidates);
	free(s);
}

/* Move s->at to the next record that may be meant. */
static int advance(struct ledger_search *s, struct err *e)
{
	while (s->at < s->end) {
		int rc = 0;

		if (s->at >= s->range_end)
			rc = next_range(s, e);
		if (rc || !s->listed)
			return rc;
		while (s->next < s->ncandidates &&
		       s->first + s->candidates[s->next] < s->at)
			s->next++;
		if (s->next < s->ncandidates) {
			s->at = s->first + s->candidates[s->next];
			return 0;
		}
		s->at = s->range_end;
	}
	return 0;
}

int ledger_search_next(struct ledger_search *s, struct ledger_item *out,
		       struct err *e)
{
	for (;;) {
		bool yes;
		int rc = advance(s, e);

		*out = (struct ledger_item){0};
		if (rc || s->at >= s->end)
			return rc;
		rc = ledger_reader_seek(s->reader, s->at, e);
		if (!rc)
			rc = ledger_reader_next(s->reader, out, e);
		if (rc == ERR_MALFORMED)
			s->at = ledger_reader_at(s->reader);
		if (rc != 1)
			return rc;
		if (out->index >= s->end)
			break;
		s->at = out->index + 1;
		rc = matches(s, out, &yes, e);
		if (rc || yes)
			return rc ? rc : 1;
	}
	*out = (struct ledger_item){0};
	return 0;
}

int ledger_search_count(struct ledger *l, const struct ledger_query *q,
			uint64_t from, uint64_t end, uint64_t *n, struct err *e)
{
	struct ledger_search *s;
	struct ledger_item item;
	int rc = ledger_search_new(&s, l, q, from, end, e);

	*n = 0;
	if (rc)
		return rc;
	if (!s->nterms && !q->since && !q->until) {
		from = ledger_reader_at(s->reader);
		*n = end > from
			     ? end - from -
				       ledger_reader_gone(s->reader, from, end)
			     : 0;
	} else {
		while ((rc = ledger_search_next(s, &item, e)) != 0) {
			if (rc == 1)
				++*n;
			else if (rc != ERR_MALFORMED)
				break; /* of damage, who shows them tells */
		}
	}
	ledger_search_free(s);
	return rc;
}
