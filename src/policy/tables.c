/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/time.h"
#include "git/push.h"
#include "policy/check_value.h"
#include "policy/may.h"
#include "policy/policy.h"
#include "trust/openpgp_status.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAY ((int64_t)86400)

static const char *const mode_words[] = {"off", "warn", "enforce", NULL};
static const char *const sandbox_words[] = {"prefer", "require", NULL};
static const char *const unattended_words[] = {"refuse", "allow", NULL};
static const char *const kind_words[] = {"human", "bot", "agent", NULL};
static const char *const access_words[] = {"prefer", "require", NULL};
static const char *const level_words[] = {"warn", "reject", NULL};
static const char *const severity_words[] = {"low", "medium", "high",
					     "critical", NULL};
static const char *const accept_words[] = {"gittuf", NULL};

int policy_mode_parse(const char *word, struct err *e)
{
	int at = option_word(word, mode_words, e);

	return at < 0 ? at : at + MODE_OFF - 1;
}

const char *policy_mode_word(enum policy_mode m)
{
	switch (m) {
	case MODE_PREVIEW:
		return "preview";
	case MODE_OFF:
	case MODE_WARN:
	case MODE_ENFORCE:
		return mode_words[m - MODE_OFF];
	case MODE_UNSET:
		break;
	}
	return "unset";
}

static int parse_mode(const char *value, void *field,
		      const struct option_place *at, struct err *e)
{
	int mode = policy_mode_parse(value, e);

	(void)at;
	if (mode < 0)
		return mode;
	*(int *)field = mode;
	return 0;
}

/* `0`, or a duration */
static int parse_within(const char *value, void *field,
			const struct option_place *at, struct err *e)
{
	struct within *w = field;
	int64_t seconds = 0;

	(void)at;
	if (strcmp(value, "0") != 0 &&
	    (!time_parse_duration(span_str(value), &seconds) ||
	     seconds > 365 * DAY))
		return err_set(e, ERR_CONFIG,
			       "\"%s\" is neither 0 nor a duration of at most "
			       "365d (units s m h d w y)",
			       value);
	*w = (struct within){true, seconds};
	return 0;
}

static int parse_accept(const char *value, void *field,
			const struct option_place *at, struct err *e)
{
	int word = option_word(value, accept_words, e);

	(void)at;
	if (word < 0)
		return word;
	*(bool *)field = true;
	return 0;
}

static int add_string(char ***v, size_t *n, size_t *cap, const char *value,
		      struct err *e)
{
	if (array_push(v, *n, cap, OPTION_MAX_VALUES))
		return err_nomem(e);
	(*v)[*n] = span_dup(span_str(value));
	if (!(*v)[*n])
		return err_nomem(e);
	++*n;
	return 0;
}

/* The `field` of these four is the whole struct principal. */
static int parse_email(const char *value, void *field,
		       const struct option_place *at, struct err *e)
{
	struct principal *p = field;
	int rc = value_is_email(value, e);

	(void)at;
	if (rc)
		return rc;
	return add_string(&p->emails, &p->nemails, &p->emails_cap, value, e);
}

static int parse_login(const char *value, void *field,
		       const struct option_place *at, struct err *e)
{
	struct principal *p = field;
	int rc = value_is_word(value, e);

	(void)at;
	if (!rc && span_starts(span_str(value), PRINCIPAL_LOGIN))
		rc = err_set(e, ERR_CONFIG,
			     "\"%s\" begins as no login does: " PRINCIPAL_LOGIN
			     "stands for who is known by a signature",
			     value);
	if (rc)
		return rc;
	return add_string(&p->logins, &p->nlogins, &p->logins_cap, value, e);
}

/* Written as gpg prints it: in groups, in either case. */
static int parse_openpgp(const char *value, void *field,
			 const struct option_place *at, struct err *e)
{
	struct principal *p = field;
	char digits[OPENPGP_FINGERPRINT + 1];
	size_t n = 0;

	(void)at;
	for (; *value && n < OPENPGP_FINGERPRINT; value++) {
		char c = ascii_lower(*value);

		if (c != ' ')
			digits[n++] = c >= 'a' && c <= 'f' ? (char)(c - 32) : c;
	}
	digits[n] = '\0';
	if (!openpgp_is_fingerprint(span_str(digits)))
		return err_set(e, ERR_CONFIG,
			       "a full fingerprint is expected: 40 or 64 "
			       "hexadecimal digits");
	return add_string(&p->openpgp, &p->nopenpgp, &p->openpgp_cap, digits,
			  e);
}

/* `ROLE` or `ROLE until DATE` */
static int split_role(const char *value, char **name, int64_t *until,
		      struct err *e)
{
	struct span all = span_str(value), rest;
	size_t n = strcspn(value, " \t");

	*until = 0;
	*name = NULL;
	rest = span_trim(span_of(value + n, all.n - n));
	if (rest.n) {
		struct span word = {rest.p, strcspn(rest.p, " \t")};

		rest = span_trim(span_of(rest.p + word.n, rest.n - word.n));
		if (!span_is(word, "until") || !time_parse(rest, until) ||
		    *until <= 0)
			return err_set(e, ERR_CONFIG,
				       "\"%s\" is neither ROLE nor ROLE until "
				       "YYYY-MM-DD",
				       value);
	}
	*name = span_dup(span_of(value, n));
	return *name ? 0 : err_nomem(e);
}

static int check_role_name(const struct principal *p, const char *name,
			   struct err *e)
{
	int rc = value_is_word(name, e);

	if (!rc && !strcmp(name, POLICY_OWNER))
		rc = err_set(e, ERR_CONFIG,
			     "owner is no role: rules mean the owners of areas "
			     "by it");
	if (!rc && principal_role(p, name))
		rc = err_set(e, ERR_CONFIG, "\"%s\" is given twice", name);
	return rc;
}

static int parse_role(const char *value, void *field,
		      const struct option_place *at, struct err *e)
{
	struct principal *p = field;
	struct role role = {NULL, 0};
	int rc = split_role(value, &role.name, &role.until, e);

	(void)at;
	if (!rc)
		rc = check_role_name(p, role.name, e);
	if (!rc &&
	    array_push(&p->roles, p->nroles, &p->roles_cap, OPTION_MAX_VALUES))
		rc = err_nomem(e);
	if (rc) {
		free(role.name);
		return rc;
	}
	p->roles[p->nroles++] = role;
	return 0;
}

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
	 .words = mode_words,
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
	 .min = DAY,
	 .max = 3650 * DAY,
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
	 .max = 365 * DAY,
	 .help = "how soon what an emergency push lacked must follow"},
	{.name = "waiver-max",
	 .type = OPTION_DURATION,
	 POLICY(waiver_max),
	 .fallback = "90d",
	 .min = DAY,
	 .max = 3650 * DAY,
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
	 .max = 365 * DAY,
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

enum { RETENTION_DAY = 86400 };

#define KEEP(word, field, what)                                                \
	{                                                                      \
		.name = (word), .type = OPTION_DURATION,                       \
		.offset = offsetof(struct policy, retention.field),            \
		.min = RETENTION_DAY, .max = INT64_C(36500) * RETENTION_DAY,                    \
		.help = "how long " what " are kept"                           \
	}

static const struct option retention_table[] = {
	KEEP("default", fallback, "records of all other kinds"),
	KEEP("access", access, "records of who read records"),
	KEEP("break", broken, "records of what was found amiss"),
	KEEP("decision", decision, "decisions"),
	KEEP("emergency", emergency, "records of emergencies"),
	KEEP("erase", erase, "records of erasures"),
	KEEP("hold", hold, "records of holds, behind their end,"),
	KEEP("install", install, "records of gates put in"),
	KEEP("mode", mode, "records of changed modes"),
	KEEP("outcome", outcome, "records of what moved"),
	KEEP("parked", parked, "records of what a destination refused"),
	KEEP("policy", policy, "texts of the policy"),
	KEEP("release", release, "records of released holds"),
	KEEP("revert", revert, "records of what was taken back"),
	KEEP("uninstall", uninstall, "records of gates taken out"),
};

int64_t policy_retention(const struct policy *p, const char *kind)
{
	const struct option *o =
		option_find(retention_table, COUNT(retention_table), kind);
	int64_t seconds = 0;

	if (o)
		memcpy(&seconds, (const char *)p + o->offset, sizeof(seconds));
	return seconds ? seconds : p->retention.fallback;
}

static const struct option signers_table[] = {
	{.name = "ssh",
	 .type = OPTION_PATH,
	 POLICY(signers_ssh),
	 .help = "people's SSH keys, an allowed_signers file"},
	{.name = "ssh-revoked",
	 .type = OPTION_PATH,
	 POLICY(signers_ssh_revoked),
	 .help = "SSH keys that count no more: a KRL or a list"},
	{.name = "openpgp",
	 .type = OPTION_PATH,
	 POLICY(signers_openpgp),
	 .help = "people's OpenPGP keys, a keyring"},
	{.name = "gpgv",
	 .type = OPTION_PATH,
	 POLICY(signers_gpgv),
	 .fallback = "/usr/bin/gpgv",
	 .help = "the gpgv program, which checks OpenPGP signatures"},
	{.name = "x509-ca",
	 .type = OPTION_PATH,
	 POLICY(signers_x509_ca),
	 .help = "who issues people's X.509 certificates, in PEM"},
	{.name = "x509-crl",
	 .type = OPTION_PATH,
	 POLICY(signers_x509_crl),
	 .help = "which of those are revoked, in PEM"},
	{.name = "accept",
	 .type = OPTION_CUSTOM,
	 POLICY(accept_gittuf),
	 .words = accept_words,
	 .parse = parse_accept,
	 .help = "approvals in other forms that count, too: gittuf"},
};

#define PRINCIPAL(field) .offset = offsetof(struct principal, field)

static const struct option principal_table[] = {
	{.name = "email",
	 .type = OPTION_CUSTOM,
	 .many = true,
	 .parse = parse_email,
	 .help = "an e-mail address that is this person's"},
	{.name = "login",
	 .type = OPTION_CUSTOM,
	 .many = true,
	 .parse = parse_login,
	 .help = "a login that is this person's, as pusher-from tells it"},
	{.name = "openpgp",
	 .type = OPTION_CUSTOM,
	 .many = true,
	 .parse = parse_openpgp,
	 .help = "the full fingerprint of an OpenPGP key that is theirs"},
	{.name = "role",
	 .type = OPTION_CUSTOM,
	 .many = true,
	 .parse = parse_role,
	 .help = "a role that rules may ask for: ROLE, or ROLE until DATE"},
	{.name = "kind",
	 .type = OPTION_WORD,
	 PRINCIPAL(kind),
	 .fallback = "human",
	 .words = kind_words,
	 .help = "human, bot (its pushes are excused from declaring) or agent"},
	{.name = "may",
	 .type = OPTION_CUSTOM,
	 PRINCIPAL(may),
	 .many = true,
	 .parse = may_parse,
	 .help = "a check that a bot's commits are excused from, or none"},
	{.name = "may-ref",
	 .type = OPTION_CUSTOM,
	 PRINCIPAL(may.refs),
	 .many = true,
	 .parse = may_parse_ref,
	 .help = "refs where it is"},
	{.name = "may-path",
	 .type = OPTION_CUSTOM,
	 PRINCIPAL(may.paths),
	 .many = true,
	 .parse = may_parse_path,
	 .help = "all that such a commit may change"},
	{.name = "may-repo",
	 .type = OPTION_CUSTOM,
	 PRINCIPAL(may.repos),
	 .many = true,
	 .parse = may_parse_repo,
	 .help = "repositories where it is; none given: all"},
	{.name = "until",
	 .type = OPTION_DATE,
	 PRINCIPAL(until),
	 .help = "the last day on which this person is known"},
};

#define AGENT(field) .offset = offsetof(struct registered_agent, field)

static const struct option agent_table[] = {
	{.name = "model",
	 .type = OPTION_GLOBS,
	 AGENT(models),
	 .help = "a model that is approved; none given: any"},
	{.name = "until",
	 .type = OPTION_DATE,
	 AGENT(until),
	 .help = "the last day on which this agent is approved"},
};

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
	 .words = mode_words,
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
	 .max = 365 * DAY,
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

#define WITNESS(field) .offset = offsetof(struct witness, field)

static const struct option witness_table[] = {
	{.name = "key",
	 .type = OPTION_STRING,
	 WITNESS(key),
	 .required = true,
	 .check = value_is_vkey,
	 .help = "the key that cosigns, as a vkey"},
	{.name = "url",
	 .type = OPTION_STRING,
	 WITNESS(url),
	 .check = value_is_sink_url,
	 .help = "where checkpoints are posted; none: it comes by itself"},
	{.name = "ca-file",
	 .type = OPTION_PATH,
	 WITNESS(ca_file),
	 .help = "whom to trust for this URL, in PEM; none: the system's"},
	{.name = "every",
	 .type = OPTION_DURATION,
	 WITNESS(every),
	 .fallback = "10s",
	 .min = 0,
	 .max = 86400,
	 .help = "the least time between two checkpoints"},
	{.name = "timeout",
	 .type = OPTION_DURATION,
	 WITNESS(timeout),
	 .fallback = "30s",
	 .min = 1,
	 .max = 600,
	 .help = "the most time that one request may take"},
};

#define TIMESTAMP(field) .offset = offsetof(struct timestamp, field)

static const struct option timestamp_table[] = {
	{.name = "url",
	 .type = OPTION_STRING,
	 TIMESTAMP(url),
	 .required = true,
	 .check = value_is_timestamp_url,
	 .help = "where time stamps are asked for"},
	{.name = "ca",
	 .type = OPTION_PATH,
	 TIMESTAMP(ca),
	 .required = true,
	 .help = "authorities that may vouch for who stamps, in PEM"},
	{.name = "ca-file",
	 .type = OPTION_PATH,
	 TIMESTAMP(ca_file),
	 .help = "whom to trust for this URL, in PEM; none: the system's"},
	{.name = "every",
	 .type = OPTION_DURATION,
	 TIMESTAMP(every),
	 .fallback = "1h",
	 .min = 1,
	 .max = 366 * 86400,
	 .help = "the least time between two time stamps"},
	{.name = "timeout",
	 .type = OPTION_DURATION,
	 TIMESTAMP(timeout),
	 .fallback = "30s",
	 .min = 1,
	 .max = 600,
	 .help = "the most time that one request may take"},
};

#define NAMED(word, entries, type, member, number, capacity, id)               \
	{                                                                      \
		.section = (word), .has_subsection = true, .table = (entries), \
		.n = COUNT(entries), .array = offsetof(struct policy, member), \
		.count = offsetof(struct policy, number),                      \
		.cap = offsetof(struct policy, capacity),                      \
		.size = sizeof(type), .name = offsetof(type, id)               \
	}

static const struct policy_section_desc sections[] = {
	{.section = "gatepost",
	 .table = gatepost_table,
	 .n = COUNT(gatepost_table)},
	{.section = "ledger",
	 .table = ledger_table,
	 .n = COUNT(ledger_table)},
	{.section = "retention",
	 .table = retention_table,
	 .n = COUNT(retention_table)},
	{.section = "signers",
	 .table = signers_table,
	 .n = COUNT(signers_table)},
	NAMED("principal", principal_table, struct principal, people.v,
	      people.n, people.cap, name),
	NAMED("agent", agent_table, struct registered_agent, registered,
	      nregistered, registered_cap, id),
	NAMED("area", area_table, struct area, areas, nareas, areas_cap, name),
	NAMED("gate", gate_table, struct gate, gates, ngates, gates_cap, name),
	NAMED("rule", rule_table, struct rule, rules, nrules, rules_cap, name),
	NAMED("sink", sink_options, struct sink, sinks, nsinks, sinks_cap,
	      name),
	NAMED("witness", witness_table, struct witness, witnesses, nwitnesses,
	      witnesses_cap, name),
	NAMED("timestamp", timestamp_table, struct timestamp, timestamps,
	      ntimestamps, timestamps_cap, name),
};

const struct policy_section_desc *policy_sections(size_t *n)
{
	*n = COUNT(sections);
	return sections;
}

const struct policy_section_desc *policy_section_find(const char *section)
{
	size_t i;

	for (i = 0; i < COUNT(sections); i++)
		if (!strcmp(sections[i].section, section))
			return &sections[i];
	return NULL;
}
