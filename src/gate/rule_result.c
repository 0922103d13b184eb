/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/rule_result.h"

#include "policy/may.h"

/* A rule about commits may ask something of the ref, too. */
static bool is_of_ref(const struct rule_run *run)
{
	return run->check->ref && (!run->check->commit ||
				   run->needs & (NEED_TAG | NEED_PUSH_CERT));
}

/* What was found weighs, unless all of it is excused. */
static void weigh_found(const struct rule_run *run, struct report_result *out)
{
	if (run->sink.found == run->sink.excused) {
		out->result = RESULT_WAIVED;
		out->why = "emergency";
		return;
	}
	out->result =
		judging_weight(run->sink.mode, run->sink.level) == WEIGHT_REJECT
			? RESULT_FAIL
			: RESULT_WARN;
}

/* Why there was nothing to ask; NULL: there was.
 * @param bot  what the bot that brought it may do */
static const char *why_not_asked(const struct judging *j,
				 const struct rule_run *run, bool deleted,
				 const char *bot)
{
	if (!run->check->commit && run->check->ref &&
	    run->sink.mode == MODE_PREVIEW)
		return "it is about gated refs alone";
	if (run->needs == NEED_PUSH_CERT && !j->in->certificate)
		return "nothing is pushed";
	if (is_of_ref(run))
		return NULL;
	if (deleted)
		return "the ref is deleted";
	if (!run->commits)
		return "no new commit";
	if (run->matched)
		return NULL;
	return run->bots.commits ? bot : "no commit for which its when holds";
}

int rule_result_add(struct judging *j, const struct rule_run *run, bool deleted,
		    struct err *e)
{
	struct buf bot = BUF_INIT(REPORT_MAX_TEXT);
	int rc;
	struct report_result out = {
		.ref = run->sink.ref,
		.rule = run->sink.rule,
		.mode = (int)run->sink.mode,
		.result = RESULT_PASS,
		.commits = run->commits,
		.matched = run->matched,
		.waived = run->waived,
		.by_bot = run->bots.commits,
	};

	if (run->bots.bot) {
		may_describe(run->bots.bot, &bot);
		out.bot = run->bots.bot->name;
	}
	if (run->sink.found) {
		weigh_found(run, &out);
	} else if (run->waived) {
		out.result = RESULT_WAIVED;
		out.why = run->reverted ? "revert" : "exception";
	} else {
		out.why = why_not_asked(j, run, deleted, bot.data);
		if (out.why)
			out.result = RESULT_NOT_APPLICABLE;
	}
	rc = buf_ok(&bot) ? report_add_result(j->report, &out, e)
			  : err_nomem(e);
	buf_release(&bot);
	return rc;
}
