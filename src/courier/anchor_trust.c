/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/anchor_trust.h"

#include <stdio.h>
#include <string.h>

static int take_name(struct anchor_party *p, const char *name, struct err *e)
{
	if (!anchor_name_is(name))
		return err_set(e, ERR_CONFIG, "%s: fits no file's name", name);
	snprintf(p->name, sizeof(p->name), "%s", name);
	return 0;
}

static int take_witness(struct anchor_trust *out, const struct witness *w,
			struct err *e)
{
	struct anchor_party p = {.kind = ANCHOR_WITNESS};
	int rc = take_name(&p, w->name, e);

	if (!rc && note_vkey_parse(&p.key, span_str(w->key), e))
		rc = err_wrap(e, "witness %s", w->name);
	return rc ? rc : anchor_trust_add(out, &p, e);
}

static int take_stamper(struct anchor_trust *out, const struct timestamp *t,
			struct err *e)
{
	struct anchor_party p = {.kind = ANCHOR_TIMESTAMP, .ca = t->ca};
	int rc = take_name(&p, t->name, e);

	return rc ? rc : anchor_trust_add(out, &p, e);
}

int anchor_trust_take(struct anchor_trust *out, const struct policy *policy,
		      struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < policy->nwitnesses; i++)
		rc = take_witness(out, &policy->witnesses[i], e);
	for (i = 0; !rc && i < policy->ntimestamps; i++)
		rc = take_stamper(out, &policy->timestamps[i], e);
	return rc;
}
