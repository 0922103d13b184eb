/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/section_people.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/time.h"
#include "policy/check_value.h"
#include "policy/may.h"
#include "policy/policy.h"
#include "trust/openpgp_status.h"

static const char *const kind_words[] = {"human", "bot", "agent", NULL};
static const char *const accept_words[] = {"gittuf", NULL};

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

const struct policy_section_desc principal_section =
	SECTION_NAMED("principal", principal_table, struct principal, people.v,
		      people.n, people.cap, name);

const struct policy_section_desc signers_section =
	SECTION_ONE("signers", signers_table);

const struct policy_section_desc agent_section =
	SECTION_NAMED("agent", agent_table, struct registered_agent, registered,
		      nregistered, registered_cap, id);
