/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/section_gates.h"

#include "base/time.h"
#include "policy/check_value.h"
#include "policy/parse_value.h"
#include "policy/policy.h"
#include "policy/severity.h"

static const char *const level_words[] = {"warn", "reject", NULL};

#define AREA(field) .offset = offsetof(struct area, field)

static const struct option area_table[] = {
	{.name = "path",
	 .type = OPTION_GLOBS,
	 AREA(paths),
	 .required = true,
	 .check = value_is_path_glob,
	 .help = "paths that belong to this area"},
	{.name = "exclude",
	 .type = OPTION_GLOBS,
	 AREA(exclude),
	 .check = value_is_path_glob,
	 .help = "of these, paths that do not"},
	{.name = "owner",
	 .type = OPTION_STRINGS,
	 AREA(owners),
	 .check = value_is_owner,
	 .help = "who answers for it: a principal's name, or role:ROLE"},
};

#define GATE(field) .offset = offsetof(struct gate, field)

static const struct option gate_table[] = {
	{.name = "repo",
	 .type = OPTION_GLOBS,
	 GATE(repos),
	 .help = "repositories, by name; none given: all"},
	{.name = "ref",
	 .type = OPTION_GLOBS,
	 GATE(refs),
	 .check = value_is_ref_glob,
	 .help = "refs that this gate stands before"},
	{.name = "preview",
	 .type = OPTION_GLOBS,
	 GATE(previews),
	 .check = value_is_ref_glob,
	 .help = "refs whose pushes get this gate's advice, never a refusal"},
	{.name = "rule",
	 .type = OPTION_STRINGS,
	 GATE(rule_names),
	 .help = "a rule that must be met here"},
	{.name = "mode",
	 .type = OPTION_CUSTOM,
	 GATE(mode),
	 .words = policy_mode_words,
	 .parse = parse_mode,
	 .help = "as gatepost.mode, for this gate alone"},
	{.name = "pusher",
	 .type = OPTION_STRINGS,
	 GATE(pushers),
	 .check = value_is_word,
	 .help = "with mode = off: a bot that mirrors; it is for its pushes"},
	{.name = "instead-of",
	 .type = OPTION_STRINGS,
	 GATE(instead),
	 .check = value_is_word,
	 .help = "beside pusher: a gate that does not hold for these pushes"},
	{.name = "revert-window",
	 .type = OPTION_CUSTOM,
	 GATE(revert_window),
	 .parse = parse_within,
	 .help = "as gatepost.revert-window, for this gate alone"},
	{.name = "revert-review",
	 .type = OPTION_DURATION,
	 GATE(revert_review),
	 .min = 1,
	 .max = 365 * TIME_DAY,
	 .help = "as gatepost.revert-review, for this gate alone"},
	{.name = "carry",
	 .type = OPTION_STRINGS,
	 GATE(carry),
	 .check = value_is_carry,
	 .help = "a ref whose approvals count for what is picked from it"},
};

#define RULE(field) .offset = offsetof(struct rule, field)

static const struct option rule_table[] = {
	{.name = "check",
	 .type = OPTION_STRING,
	 RULE(check),
	 .required = true,
	 .help = "what is checked"},
	{.name = "when",
	 .type = OPTION_STRINGS,
	 RULE(when_words),
	 .check = value_is_when,
	 .help = "only for commits that are so; several: all must hold"},
	{.name = "level",
	 .type = OPTION_WORD,
	 RULE(level),
	 .fallback = "reject",
	 .words = level_words,
	 .help = "whether a broken rule refuses or only warns"},
	{.name = "severity",
	 .type = OPTION_WORD,
	 RULE(severity),
	 .fallback = "medium",
	 .words = severity_words,
	 .help = "how grave it is that this rule is broken; for records"},
	{.name = "control",
	 .type = OPTION_STRINGS,
	 RULE(controls),
	 .help = "what this rule implements, e.g. SOC2:CC8.1; for records"},
	{.name = "emergency",
	 .type = OPTION_STRINGS,
	 RULE(emergency),
	 .check = value_is_word,
	 .help = "a role that may have a push let in that breaks this rule"},
	{.name = "waiver",
	 .type = OPTION_STRINGS,
	 RULE(waiver),
	 .check = value_is_word,
	 .help = "a role that may sign exceptions from this rule"},
	{.name = "import",
	 .type = OPTION_STRINGS,
	 RULE(import),
	 .check = value_is_word,
	 .help = "a role that may sign what foreign history is not asked this"},
};

const struct policy_section_desc area_section = SECTION_NAMED(
	"area", area_table, struct area, areas, nareas, areas_cap, name);

const struct policy_section_desc gate_section = SECTION_NAMED(
	"gate", gate_table, struct gate, gates, ngates, gates_cap, name);

const struct policy_section_desc rule_section = SECTION_NAMED(
	"rule", rule_table, struct rule, rules, nrules, rules_cap, name);
