/* SPDX-License-Identifier: Apache-2.0 */

/*
 * post-receive: records which refs really moved, removes the approvals that
 * have landed, and sees that the records get delivered. It cannot refuse
 * anything, and git does not always run it, so nothing depends on it.
 */

#include <string.h>

#include "courier/wake.h"
#include "hook.h"
#include "landed.h"
#include "policy/check_value.h"

enum { TRIED = 16 }; /* refs: each reads all that was accepted */

/* Orphans of several pushes have one parent, and what pre-receive of one
 * accepted is not what another's git has moved. */
static int is_ours(struct hook *h, bool *yes, struct err *e)
{
	char old_hex[OID_HEX_SIZE], new_hex[OID_HEX_SIZE];
	struct accepted_ref ref = {NULL, old_hex, new_hex};
	size_t i;
	int rc = 0;

	*yes = false;
	for (i = 0; !rc && !*yes && i < h->push.n && i < TRIED; i++) {
		ref.name = h->push.v[i].name;
		oid_to_hex(&h->push.v[i].old, old_hex);
		oid_to_hex(&h->push.v[i].new_, new_hex);
		rc = accepted_has(h->ledger, &h->key, h->repository, &ref, yes,
				  e);
	}
	return rc;
}

static int record(struct hook *h, char decision[ACCEPTED_ID_SIZE],
		  struct err *e)
{
	struct record_frame frame;
	bool ours;
	int rc;

	decision[0] = '\0';
	rc = hook_push(h, e);
	if (!rc)
		rc = hook_policy(h, POLICY_SHALLOW, e);
	if (!rc)
		rc = hook_pusher(h, e);
	if (!rc)
		rc = hook_ledger(h, e);
	if (!rc)
		rc = accepted_record(h->ledger, &h->key, decision, e);
	if (rc)
		return rc;
	rc = is_ours(h, &ours, e);
	if (rc)
		return rc;
	if (!ours)
		decision[0] = '\0'; /* the book finds it by the move */
	/* git is killed: where the refs are tells what moved, these lines do
	 * not */
	if (h->cut)
		return err_set(
			e, ERR_SYS,
			"git ended before it had said which refs moved; "
			"gatepost ledger reconcile looks and records it");
	hook_frame(h, &frame);
	/* who signed the push stands in the decision: it was verified there */
	if (!strcmp(h->pusher.how, PUSHER_FROM_CERTIFICATE))
		frame.pusher = NULL;
	return outcome_record(h->ledger, &frame, &h->push, decision, e);
}

int main(void)
{
	char decision[ACCEPTED_ID_SIZE];
	struct hook h;
	struct err e = {0};
	int rc = hook_init(&h, "post-receive", &e);

	if (!rc && hook_is_off(&h)) {
		hook_release(&h);
		return 0;
	}
	if (!rc)
		rc = record(&h, decision, &e);
	if (!rc && decision[0])
		rc = landed_clean_up(&h, decision, &e);
	if (!rc && h.ledger)
		rc = landed_sweep(&h, &e);
	if (rc)
		hook_log(&h, ADMIN_LOG_ERROR, "%s: %s",
			 h.repository ? h.repository : "post-receive", e.msg);
	if (!h.gitdir)
		hook_say(span_str("gatepost: this is a git hook, which git "
				  "runs on a push\n"));
	if (h.ledger) {
		accepted_forget(h.ledger, &h.key);
		accepted_sweep(h.ledger);
		courier_wake(h.policy, PKGLIBEXECDIR "/courier");
	}
	hook_release(&h);
	return 0;
}
