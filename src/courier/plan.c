/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/plan.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_witness(const struct witness *a, const struct witness *b)
{
	return same_text(a->name, b->name) && same_text(a->key, b->key) &&
	       same_text(a->url, b->url) && same_text(a->ca_file, b->ca_file) &&
	       a->every == b->every && a->timeout == b->timeout;
}

static bool same_stamper(const struct timestamp *a, const struct timestamp *b)
{
	return same_text(a->name, b->name) && same_text(a->url, b->url) &&
	       same_text(a->ca, b->ca) && same_text(a->ca_file, b->ca_file) &&
	       a->every == b->every && a->timeout == b->timeout;
}

static bool same_anchors(const struct policy *a, const struct policy *b)
{
	if (a->nwitnesses != b->nwitnesses || a->ntimestamps != b->ntimestamps)
		return false;
	for (size_t i = 0; i < a->nwitnesses; i++)
		if (!same_witness(&a->witnesses[i], &b->witnesses[i]))
			return false;
	for (size_t i = 0; i < a->ntimestamps; i++)
		if (!same_stamper(&a->timestamps[i], &b->timestamps[i]))
			return false;
	return true;
}

bool plan_is_same(const struct policy *a, const struct policy *b)
{
	if (!same_text(a->ledger, b->ledger) || !same_text(a->log, b->log) ||
	    !same_text(a->metrics, b->metrics) ||
	    a->nsinks != b->nsinks || !same_anchors(a, b))
		return false;
	for (size_t i = 0; i < a->nsinks; i++)
		if (!sink_is_same(&a->sinks[i], &b->sinks[i]))
			return false;
	return true;
}

bool plan_wants(const struct sink *sink, const char *kind)
{
	for (size_t i = 0; i < sink->records.n; i++)
		if (!strcmp(sink->records.v[i], kind))
			return true;
	return sink->records.n == 0;
}
