/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pre-receive: judges a whole push and decides whether it may land.
 *
 * This process owns policy, ledger and deadline; a child that has locked
 * itself in reads what the pusher sent. The decision is on disk before git
 * hears of it, and git hears "yes" only by an exit status of 0.
 */

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "certificate.h"
#include "courier/wake.h"
#include "desk/emergency.h"
#include "desk/unverified.h"
#include "desk/waiver.h"
#include "gate/answer.h"
#include "gate/judge.h"
#include "hook.h"
#include "desk/remember.h"
#include "sys/files.h"

enum { ACCEPT = 0, REFUSE = 1 };

static const char *quarantine(void)
{
	const char *q = getenv("GIT_QUARANTINE_PATH");

	return q ? q : getenv("GIT_OBJECT_DIRECTORY");
}

static int run_judge(struct hook *h, struct report *report, struct err *e)
{
	struct certificate_source certificate;
	struct engine_memory memory;
	struct engine_input in = {
		.policy = h->policy,
		.override = (enum policy_mode)h->settings.mode,
		.repository = h->repository,
		.git_namespace = h->git_namespace,
		.baseline = &h->settings.baseline,
		.push = &h->push,
		.pusher = h->pusher,
		.certificate = &certificate.facts,
		.now = h->now,
		.memory = &memory,
	};
	char index[FILE_MAX_PATH];
	const char *readable[] = {index};
	struct judge_spec spec = {
		.input = &in,
		.where = {h->gitdir, REPOSITORY_QUARANTINE, quarantine()},
		.readable = readable,
		.nreadable = 1,
		.courier = PKGLIBEXECDIR "/courier",
	};

	int rc;

	report_init(report);
	remember_memory(ledger_dir(h->ledger), &memory);
	/* of the ledger the judge may read its memory, and no record */
	if (file_join(ledger_dir(h->ledger), "index", index, e))
		return e->code;
	rc = certificate_source_read(&certificate, h, e);
	in.options = certificate.facts.options;
	in.noptions = certificate.facts.noptions;
	if (!rc)
		rc = judge_run(&spec, report, e);
	certificate_source_release(&certificate);
	if (!rc && report->pusher)
		rc = hook_pusher_is(h, report->pusher, e);
	return rc;
}

/* update and post-receive of this receive-pack will ask for it. */
static int hand_over(struct hook *h, const char *record, struct err *e)
{
	char(*hex)[2][OID_HEX_SIZE] = calloc(h->push.n + 1, sizeof(*hex));
	struct accepted_ref *refs = calloc(h->push.n + 1, sizeof(*refs));
	size_t i;
	/* whoever is this process's parent when git has died would have
	 * accepted it for all that come after */
	bool orphan = hook_is_orphan(h);
	int rc = 0;

	if (!hex || !refs)
		rc = err_nomem(e);
	for (i = 0; !rc && i < h->push.n; i++) {
		const struct ref_update *u = &h->push.v[i];

		refs[i].name = u->name;
		refs[i].old_hex = oid_to_hex(&u->old, hex[i][0]);
		refs[i].new_hex = oid_to_hex(&u->new_, hex[i][1]);
	}
	if (!rc && !orphan)
		rc = accepted_write(h->ledger, &h->key, h->repository, record,
				    refs, h->push.n, e);
	free(hex);
	free(refs);
	return rc;
}

static void answer_pusher(struct hook *h, const struct report *report,
			  const char *record)
{
	struct buf text = BUF_INIT(4 * ANSWER_MAX_BYTES);
	struct answer answer = {report, h->policy, record, true};
	struct err ignored = {0};

	if (!answer_write(&answer, &text, &ignored))
		hook_say(span_of(text.data, text.len));
	buf_release(&text);
}

/*
 * In this order: what the index must not lack, then the record, then the
 * word to the other hooks. A crash in between leaves an entry or a record
 * too many, and no ref has moved.
 */
static int conclude(struct hook *h, const struct report *report, int64_t began,
		    struct err *e)
{
	bool yes = verdict_accepts((enum verdict)report->verdict);
	char record[UUID_TEXT_SIZE];
	struct record_frame frame;
	int rc = uuid7_make(h->now, record, e);

	if (report->sandbox)
		hook_log(h, ADMIN_LOG_WARN, "the judge runs unprotected: %s",
			 report->sandbox);
	hook_frame(h, &frame);
	frame.id = record;
	if (!rc && yes)
		rc = remember_push(h->ledger, h->repository, h->pusher.login,
				   report, record, e);
	if (!rc)
		rc = decision_record(h->ledger, &frame, report,
				     time_mono_us() - began, e);
	if (!rc && yes)
		rc = waiver_record(h->ledger, &frame, report, record, e);
	if (!rc && yes)
		rc = emergency_record(h->ledger, &frame, report, record, e);
	if (!rc && yes)
		rc = revert_record(h->ledger, &frame, report, record, e);
	if (!rc && yes)
		rc = unverified_record(h->ledger, &frame, report, record, e);
	if (!rc && yes)
		rc = hand_over(h, record, e);
	if (rc)
		return rc;
	answer_pusher(h, report, record);
	if (!yes)
		courier_wake(h->policy, PKGLIBEXECDIR "/courier");
	return yes ? ACCEPT : REFUSE;
}

/* Nothing could be judged: that is recorded too, if it can be. */
static void record_failure(struct hook *h, bool let_in, const char *why)
{
	char record[UUID_TEXT_SIZE];
	struct record_frame frame;
	struct err e = {0};

	if (!h->policy || !h->repository || !h->ledger)
		return;
	hook_frame(h, &frame);
	frame.id = record;
	if (uuid7_make(h->now, record, &e) ||
	    decision_record_failure(h->ledger, &frame, &h->push,
				    let_in ? VERDICT_WARN : VERDICT_ERROR, why,
				    &e)) {
		hook_log(h, ADMIN_LOG_ERROR, "not recorded: %s", e.msg);
		return;
	}
	if (let_in && hand_over(h, record, &e))
		hook_log(h, ADMIN_LOG_ERROR, "%s", e.msg);
}

/* Fail closed on enforced refs, open elsewhere, loud in both cases. */
static int fail(struct hook *h, const struct err *why)
{
	bool let_in = h->gitdir && !hook_push_enforced(h);
	struct buf text = BUF_INIT(ANSWER_MAX_BYTES);

	hook_log(h, ADMIN_LOG_ERROR, "%s: %s a push unjudged: %s",
		 h->repository ? h->repository
		 : h->gitdir   ? h->gitdir
			       : "pre-receive",
		 let_in ? "let in" : "refused", why->msg);
	record_failure(h, let_in, why->msg);
	if (!h->gitdir) {
		/* by hand: whoever runs this is the admin */
		buf_addf(&text, "gatepost: %s\n", why->msg);
		hook_say(span_of(text.data, text.len));
	} else if (!let_in) {
		answer_write_failure(h->policy, &text);
		hook_say(span_of(text.data, text.len));
	}
	buf_release(&text);
	return let_in ? ACCEPT : REFUSE;
}

static int decide(struct hook *h, struct err *e)
{
	int64_t began = time_mono_us();
	struct report report;
	int rc;

	/* Standard input first: who is refused has still been read. */
	rc = hook_push(h, e);
	if (!rc)
		rc = hook_policy(h, 0, e);
	if (!rc)
		rc = hook_pusher(h, e);
	if (!rc)
		rc = hook_ledger(h, e);
	if (rc)
		return rc;
	if (!ledger_has_reserve(h->ledger))
		hook_log(h, ADMIN_LOG_WARN,
			 "the disk of the ledger %s is nearly full: free 16 "
			 "MiB, or soon nothing can be recorded and every push "
			 "is refused",
			 ledger_dir(h->ledger));
	rc = run_judge(h, &report, e);
	if (!rc)
		rc = conclude(h, &report, began, e);
	report_release(&report);
	return rc;
}

int main(void)
{
	struct hook h;
	struct err e = {0};
	int rc = hook_init(&h, "pre-receive", &e);

	if (!rc && hook_is_off(&h))
		rc = ACCEPT;
	else if (!rc)
		rc = decide(&h, &e);
	if (rc < 0)
		rc = fail(&h, &e);
	hook_release(&h);
	return rc;
}
