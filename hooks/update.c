/* SPDX-License-Identifier: Apache-2.0 */

/*
 * update: a ref may move only if pre-receive of this very receive-pack has
 * recorded that it accepts exactly this. It judges nothing itself, so it can
 * never answer otherwise than pre-receive did.
 */

#include <stdio.h>

#include "base/text.h"
#include "hook.h"

enum { ACCEPT = 0, REFUSE = 1 };

static void say(const char *ref, const char *text)
{
	struct buf b = BUF_INIT(4096);

	buf_adds(&b, "error: ");
	text_add_printable(&b, span_str(ref), 100);
	buf_addf(&b, " not updated: %s\n", text);
	hook_say(span_of(b.data, b.len));
	buf_release(&b);
}

static int refuse(struct hook *h, const char *ref, const char *why)
{
	hook_log(h, ADMIN_LOG_ERROR, "%s: refused an update of %s: %s",
		 h->repository ? h->repository : h->gitdir, ref, why);
	say(ref, "no decision about it was recorded. Tell the admin of this "
		 "git server; the log has the reason.");
	return REFUSE;
}

static int look_up(struct hook *h, const struct accepted_ref *ref, bool *yes,
		   struct err *e)
{
	int rc = hook_policy(h, POLICY_SHALLOW, e);

	*yes = false;
	if (!rc)
		rc = hook_ledger(h, e);
	if (!rc)
		rc = accepted_has(h->ledger, &h->key, h->repository, ref, yes,
				  e);
	return rc;
}

static int decide(struct hook *h, const struct accepted_ref *ref)
{
	struct err e = {0};
	bool yes;
	int rc = look_up(h, ref, &yes, &e);

	if (!rc && yes)
		return ACCEPT;
	if (!hook_ref_enforced(h, ref->name)) {
		if (rc)
			hook_log(h, ADMIN_LOG_WARN, "%s: %s", ref->name, e.msg);
		return ACCEPT;
	}
	return refuse(h, ref->name,
		      rc ? e.msg
			 : "pre-receive has recorded no acceptance of it "
			   "(is the hook installed and executable?)");
}

int main(int argc, char **argv)
{
	struct hook h;
	struct err e = {0};
	int rc = hook_init(&h, "update", &e);

	if (!h.gitdir || argc != 4) {
		fprintf(stderr, "gatepost: %s\n",
			h.gitdir ? "usage: update REF OLD NEW (git runs it)"
				 : e.msg);
		rc = REFUSE;
	} else if (rc) {
		rc = refuse(&h, argv[1], e.msg);
	} else if (hook_is_off(&h)) {
		rc = ACCEPT;
	} else {
		struct accepted_ref ref = {argv[1], argv[2], argv[3]};

		rc = decide(&h, &ref);
	}
	hook_release(&h);
	return rc;
}
