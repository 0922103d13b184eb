/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/citations.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "base/text.h"
#include "ledger/internal.h"

enum { CITATIONS_MAX = 16 << 20, HEX_DIGITS = 2 * SHA256_SIZE };

void citations_release(struct citations *c)
{
	free(c->v);
	*c = (struct citations){0};
}

static bool is_hex(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'f');
}

typedef int digest_visitor(struct citations *c, struct ledger *l,
			   struct span hex, struct err *e);

/* All 64 digits that stand alone. */
static int visit_text(struct citations *c, struct ledger *l, struct span text,
		      digest_visitor *visit, struct err *e)
{
	size_t i, run = 0;
	int rc = 0;

	for (i = 0; !rc && i <= text.n; i++) {
		if (i < text.n && is_hex(text.p[i])) {
			run++;
			continue;
		}
		if (run == HEX_DIGITS)
			rc = visit(c, l,
				   span_of(text.p + i - HEX_DIGITS, HEX_DIGITS),
				   e);
		run = 0;
	}
	return rc;
}

/* What a list that is evidence names; one that is gone names nothing. */
static int visit_list(struct citations *c, struct ledger *l, struct span hex,
		      digest_visitor *visit, struct err *e)
{
	struct buf text = BUF_INIT(LEDGER_MAX_EVIDENCE);
	char digits[SHA256_HEX_SIZE] = "";
	struct err why = {0};
	int rc;

	memcpy(digits, hex.p, HEX_DIGITS);
	rc = ledger_evidence_get(l, digits, &text, &why);
	if (!rc)
		rc = visit_text(c, l, span_of(text.data, text.len), visit, e);
	else
		rc = rc == ERR_MEMORY ? err_nomem(e) : 0;
	buf_release(&text);
	return rc;
}

static int visit_record(struct citations *c, struct ledger *l, struct span json,
			digest_visitor *visit, struct err *e)
{
	static const char cited[] = "_evidence\":{\"sha256\":\"";
	struct span rest = json;
	int rc = visit_text(c, l, json, visit, e);

	while (!rc) {
		const char *at =
			memmem(rest.p, rest.n, cited, sizeof(cited) - 1);

		if (!at)
			break;
		at += sizeof(cited) - 1;
		rest = span_of(at, (size_t)(json.p + json.n - at));
		if (rest.n > HEX_DIGITS && rest.p[HEX_DIGITS] == '"')
			rc = visit_list(c, l, rest, visit, e);
	}
	return rc;
}

/* ------------------------------------------------------------------ add */

static int add_digest(struct citations *c, struct ledger *l, struct span hex,
		      struct err *e)
{
	char digits[SHA256_HEX_SIZE] = "";
	int rc;

	memcpy(digits, hex.p, HEX_DIGITS);
	if (!ledger_evidence_has(l, digits))
		return 0;
	rc = array_push(&c->v, c->n, &c->cap, CITATIONS_MAX);
	if (rc == -2)
		return err_set(e, ERR_LIMIT, "more evidence than %d pieces",
			       CITATIONS_MAX);
	if (rc)
		return err_nomem(e);
	c->v[c->n] = (struct citation){.kept = false};
	(void)hex_decode(hex, c->v[c->n].digest, SHA256_SIZE);
	c->n++;
	c->sorted = false;
	return 0;
}

int citations_add(struct citations *c, struct ledger *l, struct span json,
		  struct err *e)
{
	return visit_record(c, l, json, add_digest, e);
}

/* ----------------------------------------------------------------- keep */

static int compare(const void *a, const void *b)
{
	const struct citation *x = a, *y = b;

	return memcmp(x->digest, y->digest, SHA256_SIZE);
}

static void sort(struct citations *c)
{
	size_t i, n = 0;

	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), compare);
	for (i = 0; i < c->n; i++)
		if (!n || compare(&c->v[i], &c->v[n - 1]) != 0)
			c->v[n++] = c->v[i];
	c->n = n;
	c->sorted = true;
}

static int keep_digest(struct citations *c, struct ledger *l, struct span hex,
		       struct err *e)
{
	struct citation key = {.kept = false}, *found;

	(void)l;
	(void)e;
	(void)hex_decode(hex, key.digest, SHA256_SIZE);
	found = bsearch(&key, c->v, c->n, sizeof(*c->v), compare);
	if (found)
		found->kept = true;
	return 0;
}

int citations_keep(struct citations *c, struct ledger *l, struct span json,
		   struct err *e)
{
	if (!c->sorted)
		sort(c);
	return c->n ? visit_record(c, l, json, keep_digest, e) : 0;
}

int citations_remove(const struct citations *c, struct ledger *l, uint64_t *n,
		     struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	size_t i;
	int rc = 0;

	*n = 0;
	for (i = 0; !rc && i < c->n; i++) {
		if (c->v[i].kept)
			continue;
		hex_encode(c->v[i].digest, SHA256_SIZE, hex);
		rc = evidence_remove(l, hex, e);
		*n += !rc;
	}
	return rc;
}
