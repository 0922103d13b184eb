/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger_reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "ledger/runs.h"
#include "policy/check_value.h"

enum { REF_MAX = 4096, DAY_LENGTH = 10, DAY_MS = 86400000 };

void reading_init(struct reading *r, const char *command)
{
	memset(r, 0, sizeof(*r));
	place_init(&r->place);
	r->command = command;
}

void reading_release(struct reading *r)
{
	place_release(&r->place);
	free(r->ref);
	r->ref = NULL;
}

/* -------------------------------------------------------------- filters */

static int take_ref(struct reading *r, const char *ref, struct err *e)
{
	struct buf b = BUF_INIT(REF_MAX);

	if (!ref)
		return 0;
	buf_addf(&b, "%s%s", strncmp(ref, "refs/", 5) ? "refs/heads/" : "",
		 ref);
	r->ref = buf_detach(&b, NULL);
	r->query.ref = r->ref;
	return r->ref ? 0 : err_nomem(e);
}

/* A day alone is its beginning or its end, as is meant. */
static int take_time(const char *option, const char *word, bool begin,
		     int64_t *ms, struct err *e)
{
	struct span s = span_str(word ? word : "");
	int64_t seconds;

	if (!word)
		return 0;
	if (time_parse_duration(s, &seconds)) {
		*ms = time_now_ms() - seconds * 1000;
		return 0;
	}
	if (!time_parse(s, ms) || *ms <= 0)
		return err_set(e, ERR_USAGE,
			       "%s takes a day, a time or a duration: "
			       "2027-01-31, 2027-01-31T23:59:59Z, 7d",
			       option);
	if (begin && s.n == DAY_LENGTH)
		*ms -= DAY_MS - 1;
	return 0;
}

static int take_verdict(const char *word, struct err *e)
{
	static const char *const words[] = {"pass", "warn", "reject", "error"};
	size_t i;

	for (i = 0; word && i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i]))
			return 0;
	return word ? err_set(e, ERR_USAGE,
			      "a verdict is pass, warn, reject or error")
		    : 0;
}

/* A kind that does not exist would read as "there was none". */
static int take_kind(const char *word, struct err *e)
{
	return word && value_is_record_kind(word, e) ? err_wrap(e, "--kind")
						     : 0;
}

int reading_filter(struct reading *r, const struct ledger_filter *f,
		   struct err *e)
{
	int rc = take_ref(r, f->ref, e);

	r->query.repository = f->repository;
	r->query.commit = f->commit;
	r->query.person = f->principal;
	r->query.verdict = f->verdict;
	r->query.kind = f->kind;
	r->query.rule = f->rule;
	r->query.agent = f->agent;
	if (!rc)
		rc = take_verdict(f->verdict, e);
	if (!rc)
		rc = take_kind(f->kind, e);
	if (!rc)
		rc = take_time("--since", f->since, true, &r->query.since, e);
	if (!rc)
		rc = take_time("--until", f->until, false, &r->query.until, e);
	if (!rc && f->limit &&
	    (!text_to_u64(span_str(f->limit), INT64_MAX, &r->limit) ||
	     !r->limit))
		rc = err_set(e, ERR_USAGE, "--limit takes a number from 1 on");
	return rc ? rc : ledger_query_check(&r->query, e);
}

/* ------------------------------------------------------------- recording */

/* What kept the access from being recorded is in `e`; it may be read all the
 * same unless the policy says otherwise. */
static int unrecorded(const struct reading *r, struct err *e)
{
	const struct policy *policy = r->place.policy;

	if (policy && policy->record_access == ACCESS_REQUIRE)
		return err_wrap(e, "nothing is shown, since this cannot be "
				   "recorded and the policy has "
				   "record-access = require");
	fprintf(stderr, "gatepost: this access is not recorded: %s\n", e->msg);
	err_clear(e);
	return 0;
}

int reading_open(struct reading *r, const struct ledger_wish *w, struct err *e)
{
	struct place *p = &r->place;
	struct err reading = {0};
	int rc = ledger_wish_open(w, LEDGER_APPEND, p, e);

	if (!rc || (!w->ledger && !p->policy))
		return rc;
	if (w->ledger)
		rc = ledger_open(&p->ledger, w->ledger, LEDGER_READ, &reading);
	else
		rc = place_ledger(p, NULL, LEDGER_READ, &reading);
	if (!rc)
		return unrecorded(r, e);
	*e = reading; /* it is more than a matter of writing */
	return rc;
}

static bool is_filtered(const struct ledger_query *q)
{
	static const struct ledger_query everything;

	return memcmp(q, &everything, sizeof(everything)) != 0;
}

int reading_record(struct reading *r, uint64_t count, const char *evidence,
		   struct err *e)
{
	struct access_note note = {
		.command = r->command,
		.format = r->format,
		.evidence = evidence,
		.count = count,
		.persons = !r->unnamed,
	};
	struct record_frame frame;

	if (!(ledger_flags(r->place.ledger) & LEDGER_APPEND))
		return 0; /* said when it was opened */
	if (is_filtered(&r->query))
		note.query = &r->query;
	place_frame(&r->place, &frame);
	if (access_record(r->place.ledger, &frame, &note, e))
		return unrecorded(r, e);
	return 0;
}

/* --------------------------------------------------------------- reading */

/* The records up to now, and none of those that reading itself leaves. */
static int visit_all(struct reading *r, uint64_t end, uint64_t skip,
		     reading_visitor *visit, void *arg, size_t *damaged,
		     struct err *e)
{
	struct ledger_search *s;
	struct ledger_item item;
	int rc = ledger_search_new(&s, r->place.ledger, &r->query, 0, end, e);

	if (rc)
		return rc;
	while ((rc = ledger_search_next(s, &item, e)) != 0) {
		if (rc == ERR_MALFORMED) {
			/* those behind it are shown all the same */
			fprintf(stderr, "gatepost: %s\n", e->msg);
			++*damaged;
			continue;
		}
		if (rc == 1 && skip) {
			skip--;
			continue;
		}
		if (rc == 1)
			rc = visit(arg, &item, e);
		if (rc)
			break;
	}
	ledger_search_free(s);
	return rc;
}

int reading_each(struct reading *r, reading_visitor *visit, void *arg,
		 struct err *e)
{
	struct ledger *l = r->place.ledger;
	struct err ignored = {0};
	uint64_t end, n = 0, skip = 0;
	size_t damaged = 0;
	int rc = ledger_size(l, &end, e);

	/* who may not write runs, or has no room for them, reads more */
	if (!rc && is_filtered(&r->query) &&
	    runs_update(l, &ignored) == ERR_MEMORY)
		rc = err_nomem(e);
	if (!rc)
		rc = ledger_search_count(l, &r->query, 0, end, &n, e);
	if (rc)
		return rc;
	if (r->limit && n > r->limit)
		skip = n - r->limit;
	rc = reading_record(r, n - skip, NULL, e);
	if (!rc)
		rc = visit_all(r, end, skip, visit, arg, &damaged, e);
	r->damaged = !rc && damaged;
	if (r->damaged)
		rc = err_set(e, ERR_MALFORMED,
			     "damage in %zu place%s of the ledger %s", damaged,
			     damaged == 1 ? "" : "s", ledger_dir(l));
	return rc;
}
