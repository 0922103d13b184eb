/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/decisions.h"

#include <stdbool.h>
#include <string.h>

void decisions_init(struct decisions *d, struct ledger *l)
{
	memset(d, 0, sizeof(*d));
	d->ledger = l;
	for (size_t i = 0; i < DECISIONS_KEPT; i++)
		buf_init(&d->v[i].bytes, DECISIONS_MAX_BYTES);
}

void decisions_release(struct decisions *d)
{
	for (size_t i = 0; i < DECISIONS_KEPT; i++)
		buf_release(&d->v[i].bytes);
	json_pool_release(&d->pool);
	json_pool_release(&d->people_pool);
	decisions_init(d, d->ledger);
}

static const struct decision_kept *kept(const struct decisions *d,
					const char *id)
{
	for (size_t i = 0; i < DECISIONS_KEPT; i++)
		if (*id && !strcmp(d->v[i].id, id))
			return &d->v[i];
	return NULL;
}

/* By its number: ids of the same moment begin alike, and take longer. */
static bool is_kept(const struct decisions *d, uint64_t index)
{
	for (size_t i = 0; i < DECISIONS_KEPT; i++)
		if (*d->v[i].id && d->v[i].index == index)
			return true;
	return false;
}

void decisions_note(struct decisions *d, const struct event_record *r,
		    uint64_t index)
{
	struct decision_kept *one = &d->v[d->at];

	if (is_kept(d, index))
		return;
	*one->id = '\0';
	buf_clear(&one->bytes);
	buf_add(&one->bytes, r->json.p, r->json.n);
	if (buf_add(&one->bytes, r->persons.p, r->persons.n))
		return;
	memcpy(one->id, r->head.id, sizeof(one->id));
	one->index = index;
	one->json_n = r->json.n;
	d->at = (d->at + 1) % DECISIONS_KEPT;
}

/* What is damaged is missed by nobody. */
static int parse(struct json_pool *pool, yyjson_doc **out, struct span text,
		 struct err *e)
{
	int rc = json_parse_in(pool, out, text, "decision", e);

	if (rc != ERR_MALFORMED)
		return rc;
	err_clear(e);
	return 0;
}

static int take(struct decisions *d, struct span json, struct span persons,
		struct err *e)
{
	int rc = parse(&d->pool, &d->doc, json, e);

	return rc ? rc : parse(&d->people_pool, &d->people, persons, e);
}

static int search(struct decisions *d, const char *id, struct err *e)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct buf people = BUF_INIT(LEDGER_MAX_PERSONS);
	int rc = ledger_find(d->ledger, id, &json, &people, &d->index, e);

	if (!rc) {
		rc = take(d, span_of(json.data, json.len),
			  span_of(people.data, people.len), e);
	} else if (rc != ERR_MEMORY && rc != ERR_SYS) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&json);
	buf_release(&people);
	return rc;
}

int decisions_find(struct decisions *d, const char *id, struct err *e)
{
	const struct decision_kept *one;
	int rc;

	if (*d->id && !strcmp(d->id, id))
		return 0;
	*d->id = '\0';
	d->doc = d->people = NULL;
	d->index = 0;
	one = kept(d, id);
	if (one) {
		const char *p = one->bytes.data;

		d->index = one->index;
		rc = take(
			d, span_of(p, one->json_n),
			span_of(p + one->json_n, one->bytes.len - one->json_n),
			e);
	} else {
		rc = search(d, id, e);
	}
	if (!rc && d->doc && strlen(id) < sizeof(d->id))
		memcpy(d->id, id, strlen(id) + 1);
	return rc;
}
