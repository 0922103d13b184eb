/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger_open.h"

int ledger_wish_open(const struct ledger_wish *w, unsigned flags,
		     struct place *p, struct err *e)
{
	struct err ignored = {0};

	if (w->ledger)
		return ledger_open(&p->ledger, w->ledger, flags, e);
	/* outside of a repository the system's policy is meant */
	if (!w->policy && place_discover(p, &ignored))
		err_clear(&ignored);
	if (place_policy(p, w->policy, POLICY_SHALLOW, e))
		return e->code;
	return place_ledger(p, NULL, flags, e);
}
