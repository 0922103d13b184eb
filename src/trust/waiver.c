/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/waiver.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

void waiver_init(struct waiver *w)
{
	memset(w, 0, sizeof(*w));
	statement_init(&w->said);
}

void waiver_release(struct waiver *w)
{
	statement_release(&w->said);
}

static bool take_one(struct waiver *w, const char *key, struct span *out)
{
	char why[SIG_MAX_TEXT];

	if (!statement_value(&w->said, key, out))
		return false;
	if (out->n && !memchr(out->p, '\0', out->n))
		return true;
	snprintf(why, sizeof(why), "there is no %s trailer at its end", key);
	return statement_refuse(&w->said, why);
}

static bool take_globs(struct waiver *w, const char *key, struct span *out,
		       size_t *n)
{
	const struct trailer *t;
	size_t i = 0;

	if (!trailers_same_for(&w->said.trailers, &w->said.divided,
			       span_str(key)))
		return statement_refuse(&w->said,
					"a line `---` makes its trailers "
					"ambiguous");
	while ((t = trailers_find(&w->said.trailers, key, &i))) {
		if (*n == WAIVER_MAX_GLOBS)
			return statement_refuse(&w->said,
						"its scope has too many "
						"patterns");
		if (!t->value.n || t->value.n > STATEMENT_MAX_VALUE ||
		    memchr(t->value.p, '\0', t->value.n))
			return statement_refuse(&w->said,
						"a pattern of its scope is "
						"empty or too long");
		out[(*n)++] = t->value;
	}
	return true;
}

void waiver_take(struct waiver *w)
{
	struct span until;

	if (w->said.fault == APPROVAL_OK &&
	    take_one(w, "Waives-rule", &w->rule) &&
	    take_one(w, "Until", &until) && take_one(w, "Reason", &w->reason) &&
	    take_one(w, "Compensating-control", &w->control) &&
	    take_one(w, "Repository", &w->repository) &&
	    take_globs(w, "Ref", w->refs, &w->nrefs) &&
	    take_globs(w, "Path", w->paths, &w->npaths) &&
	    !time_parse(until, &w->until))
		statement_refuse(&w->said, "Until is no date (YYYY-MM-DD), nor "
					   "a time with its zone");
}
