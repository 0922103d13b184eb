/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/section_gatepost.h"

#include "base/time.h"
#include "git/push.h"
#include "policy/check_value.h"
#include "policy/parse_value.h"
#include "policy/policy.h"

static const char *const sandbox_words[] = {"prefer", "require", NULL};
static const char *const unattended_words[] = {"refuse", "allow", NULL};
static const char *const access_words[] = {"prefer", "require", NULL};

#define POLICY(field) .offset = offsetof(struct policy, field)
#define LIMIT(key, field, low, high, def, text)                                \
	{                                                                      \
		.name = (key), .type = OPTION_NUMBER, POLICY(field),           \
		.fallback = (def), .min = (low), .max = (high), .help = (text) \
	}

static const struct option gatepost_table[] = {
	{.name = "mode",
	 .type = OPTION_CUSTOM,
	 POLICY(mode),
	 .fallback = "warn",
	 .words = policy_mode_words,
	 .parse = parse_mode,
	 .help = "what happens to a push that breaks a rule"},
	{.name = "root",
	 .type = OPTION_PATH,
	 POLICY(root),
	 .help = "the directory of all repositories; names are relative to it"},
	{.name = "ledger",
	 .type = OPTION_PATH,
	 POLICY(ledger),
	 .fallback = "/var/lib/gatepost/ledger",
	 .help = "the directory of the record book"},
	{.name = "log",
	 .type = OPTION_STRING,
	 POLICY(log),
	 .fallback = "syslog",
	 .check = value_is_log,
	 .help = "the admin's log: syslog, or a file"},
	{.name = "metrics",
	 .type = OPTION_PATH,
	 POLICY(metrics),
	 .help = "where the courier writes figures for Prometheus"},
	{.name = "pusher-from",
	 .type = OPTION_STRING,
	 POLICY(pusher_from),
	 .fallback = "uid",
	 .check = value_is_pusher_from,
	 .help = "what says who pushes: uid, or an environment variable"},
	{.name = "help",
	 .type = OPTION_STRING,
	 POLICY(help),
	 .check = value_is_link,
	 .help = "a page that refusals point to"},
	{.name = "agents",
	 .type = OPTION_PATH,
	 POLICY(agents_path),
	 .help = "what is known of AI agents (agents.conf)"},
	{.name = "git",
	 .type = OPTION_PATH,
	 POLICY(git),
	 .fallback = "/usr/bin/git",
	 .help = "the git program"},
	{.name = "sandbox",
	 .type = OPTION_WORD,
	 POLICY(sandbox),
	 .fallback = "prefer",
	 .words = sandbox_words,
	 .help = "whether judging without Landlock and seccomp is an error"},
	{.name = "approve-unattended",
	 .type = OPTION_WORD,
	 POLICY(unattended),
	 .fallback = "refuse",
	 .words = unattended_words,
	 .help = "whether git approve may sign where nobody can be asked"},
	{.name = "approval-keep",
	 .type = OPTION_DURATION,
	 POLICY(approval_keep),
	 .fallback = "30d",
	 .min = TIME_DAY,
	 .max = 3650 * TIME_DAY,
	 .help = "how long an approval that nobody used is kept"},
	{.name = "deadline",
	 .type = OPTION_DURATION,
	 POLICY(deadline),
	 .fallback = "30s",
	 .min = 1,
	 .max = 600,
	 .help = "the most time that judging one push may take"},
	{.name = "emergency-ticket",
	 .type = OPTION_STRING,
	 POLICY(emergency_ticket),
	 .fallback = "[A-Z][A-Z0-9]*-?[0-9]+",
	 .check = value_is_pattern,
	 .help = "extended regular expression for an emergency's ticket"},
	{.name = "emergency-within",
	 .type = OPTION_DURATION,
	 POLICY(emergency_within),
	 .fallback = "24h",
	 .min = 1,
	 .max = 365 * TIME_DAY,
	 .help = "how soon what an emergency push lacked must follow"},
	{.name = "waiver-max",
	 .type = OPTION_DURATION,
	 POLICY(waiver_max),
	 .fallback = "90d",
	 .min = TIME_DAY,
	 .max = 3650 * TIME_DAY,
	 .help = "how long an exception from a rule may last"},
	{.name = "revert-window",
	 .type = OPTION_CUSTOM,
	 POLICY(revert_window),
	 .fallback = "72h",
	 .parse = parse_within,
	 .help = "how long a change may be taken back unreviewed; 0: never"},
	{.name = "revert-review",
	 .type = OPTION_DURATION,
	 POLICY(revert_review),
	 .fallback = "24h",
	 .min = 1,
	 .max = 365 * TIME_DAY,
	 .help = "how soon the review of what was taken back must follow"},
	LIMIT("message-max", limit_message, 1 << 10, 64 << 20, "1m",
	      "bytes of a commit's message"),
	LIMIT("trailers-max", limit_trailers, 16, 1000000, "10000",
	      "trailers of one message"),
	LIMIT("depth-max", limit_depth, 16, 4096, "2048",
	      "levels of nested directories"),
	LIMIT("parents-max", limit_parents, 2, 65536, "1024",
	      "parents of a commit"),
	LIMIT("paths-max", limit_paths, 1000, 100000000, "1000000",
	      "changed paths of one push"),
	LIMIT("refs-max", limit_refs, 1, PUSH_MAX_REFS, "10000",
	      "refs of one push"),
};

static const struct option ledger_table[] = {
	{.name = "record-access",
	 .type = OPTION_WORD,
	 POLICY(record_access),
	 .fallback = "prefer",
	 .words = access_words,
	 .help = "whether reading records without recording it is an error"},
};

const struct policy_section_desc gatepost_section =
	SECTION_ONE("gatepost", gatepost_table);

const struct policy_section_desc ledger_section =
	SECTION_ONE("ledger", ledger_table);
