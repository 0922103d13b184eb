/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/emergency.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "git/walk.h"

enum { PATTERN_MAX = 512 };

static const char say_hint[] =
	"git push -o " EMERGENCY_OPTION "\"TICKET what is broken\"";
static const char example_hint[] =
	"git push -o " EMERGENCY_OPTION "\"INC-1234 what is broken\"";
static const char amend_hint[] =
	"git commit --amend --no-edit, so that the commit is of this push and "
	"yours; or git push -o " EMERGENCY_OPTION "\"TICKET REASON\"";

void emergency_split(struct span value, struct span *ticket,
		     struct span *reason)
{
	size_t n = 0;

	value = span_trim(value);
	while (n < value.n && value.p[n] != ' ' && value.p[n] != '\t')
		n++;
	*ticket = span_of(value.p, n);
	*reason = span_trim(span_of(value.p + n, value.n - n));
}

static void faulty(struct emergency *m, const char *code, const char *text,
		   const char *hint)
{
	if (m->state == EMERGENCY_FAULTY)
		return;
	m->state = EMERGENCY_FAULTY;
	m->code = code;
	m->text = text;
	m->hint = hint;
}

/* ---- where it is said ---- */

static void take(struct emergency *m, struct span value, struct span *to)
{
	if (m->state != EMERGENCY_NONE)
		faulty(m, "several", "an emergency is declared twice",
		       "say it once");
	else
		m->state = EMERGENCY_DECLARED;
	*to = value;
}

static void look_at_options(struct emergency *m, struct span *value)
{
	const struct engine_input *in = m->j->in;
	size_t i, n = sizeof(EMERGENCY_OPTION) - 1;

	for (i = 0; i < in->noptions; i++)
		if (!strncmp(in->options[i], EMERGENCY_OPTION, n))
			take(m, span_str(in->options[i] + n), value);
	m->how = "push-option";
}

/* The commit with the trailer may be a bait that somebody else has laid: it
 * must come with this push, and who pushes have committed it. */
static bool is_own(const struct emergency *m, const struct oid *id,
		   const struct commit *c)
{
	const struct engine_input *in = m->j->in;
	const struct principal *by = principals_by_email(
		&in->policy->people, c->committer.mail, in->now);

	return by && by == m->j->pusher.principal &&
	       object_is_new(m->j->repo, id);
}

static int read_trailers(struct emergency *m, const struct oid *id,
			 const struct commit *c, struct buf *value,
			 struct err *e)
{
	struct trailers t, divided;
	const struct trailer *found;
	struct span taken;
	size_t i = 0;
	int rc;

	trailers_init(&t);
	trailers_init(&divided);
	rc = trailers_parse(&t, c->message, TRAILERS_NO_DIVIDER,
			    EMERGENCY_MAX_TRAILERS, e);
	if (!rc)
		rc = trailers_parse(&divided, c->message, TRAILERS_DIVIDER,
				    EMERGENCY_MAX_TRAILERS, e);
	while (!rc && (found = trailers_find(&t, EMERGENCY_TRAILER, &i))) {
		take(m, found->value, &taken);
		buf_add(value, taken.p, taken.n);
	}
	if (rc == ERR_LIMIT) {
		err_clear(e);
		rc = 0; /* the limit is the rules' matter */
	}
	if (!rc && m->state == EMERGENCY_DECLARED &&
	    !trailers_same_for(&t, &divided, span_str(EMERGENCY_TRAILER)))
		faulty(m, "several",
		       "a line `---` makes the Emergency trailer ambiguous",
		       amend_hint);
	if (!rc && m->state == EMERGENCY_DECLARED && !is_own(m, id, c))
		faulty(m, "not-yours",
		       "the commit with the Emergency trailer was not made by "
		       "who pushes, or was here before",
		       amend_hint);
	trailers_release(&t);
	trailers_release(&divided);
	return rc;
}

/* What cannot be read is told by those who judge the commit. */
static int look_at_tip(struct emergency *m, struct buf *value, struct err *e)
{
	const struct oid *id = &m->j->refs[m->ref].update->new_;
	struct object_fault fault;
	struct err ignored = {0};
	struct object o;
	struct commit c;
	int rc = 0;

	m->how = "trailer";
	if (oid_is_null(id) ||
	    object_read(m->j->repo, id, WALK_MAX_COMMIT, &o, &ignored))
		return 0;
	if (o.type == OBJECT_COMMIT &&
	    commit_parse(span_of(o.data, o.size), m->j->algo,
			 &m->j->in->policy->limits, &c, &fault))
		rc = read_trailers(m, id, &c, value, e);
	object_release(&o);
	return rc;
}

/* ---- what is wrong with it ---- */

static bool fits_pattern(const char *pattern, const char *ticket)
{
	char whole[PATTERN_MAX];
	regex_t re;
	bool yes;

	if (!pattern ||
	    snprintf(whole, sizeof(whole), "^(%s)$", pattern) >=
		    (int)sizeof(whole) ||
	    regcomp(&re, whole, REG_EXTENDED | REG_NOSUB))
		return false;
	yes = regexec(&re, ticket, 0, NULL, 0) == 0;
	regfree(&re);
	return yes;
}

static void judge_pusher(struct emergency *m)
{
	const struct principal *p = m->j->pusher.principal;

	if (!p)
		faulty(m, "unknown-pusher",
		       "who pushes is nobody known here, so this is no "
		       "emergency",
		       "ask the admin to list your login in the policy");
	else if (!principal_is_human(p, m->j->in->now))
		faulty(m, "not-human",
		       "a person declares an emergency, no bot and no agent",
		       "somebody with the role pushes it");
}

/* At night nobody reads the policy: it says what a ticket looks like. */
static int no_ticket(struct emergency *m, struct err *e)
{
	const char *pattern = m->j->in->policy->emergency_ticket;
	struct buf b = BUF_INIT(PATTERN_MAX);
	const char *text = NULL;

	buf_addf(&b,
		 "the emergency does not begin with a ticket that fits %.200s",
		 pattern);
	if (buf_ok(&b))
		text = arena_dup(&m->j->report->arena, span_of(b.data, b.len));
	buf_release(&b);
	if (!text)
		return err_nomem(e);
	faulty(m, "ticket", text,
	       fits_pattern(pattern, "INC-1234") ? example_hint : say_hint);
	return 0;
}

static int judge_value(struct emergency *m, struct span value, struct err *e)
{
	struct span ticket, reason;

	emergency_split(value, &ticket, &reason);
	if (reason.n > EMERGENCY_MAX_REASON)
		reason.n = EMERGENCY_MAX_REASON;
	if (!reason.n)
		faulty(m, "reason", "the emergency has no reason", say_hint);
	if (ticket.n > EMERGENCY_MAX_TICKET || memchr(ticket.p, '\0', ticket.n))
		ticket.n = 0;
	m->ticket = arena_dup(&m->j->report->arena, ticket);
	m->reason = arena_dup(&m->j->report->arena, reason);
	if (!m->ticket || !m->reason)
		return err_nomem(e);
	if (!fits_pattern(m->j->in->policy->emergency_ticket, m->ticket))
		return no_ticket(m, e);
	return 0;
}

static bool anybody_may(const struct judging *j, size_t ref)
{
	const struct scope *s = &j->refs[ref].scope;
	size_t i;

	for (i = 0; i < s->nrules; i++)
		if (j->in->policy->rules[s->rules[i].rule].emergency.n)
			return true;
	return false;
}

int emergency_look(struct emergency *m, struct judging *j, size_t ref,
		   struct err *e)
{
	struct buf kept = BUF_INIT(2 * (size_t)WALK_MAX_COMMIT);
	struct span value = {"", 0};
	int rc = 0;

	memset(m, 0, sizeof(*m));
	m->j = j;
	m->ref = ref;
	/* who only asks what would be declares nothing */
	if (j->in->follow_up || j->in->trust_old)
		return 0;
	look_at_options(m, &value);
	if (m->state == EMERGENCY_NONE && anybody_may(j, ref)) {
		rc = look_at_tip(m, &kept, e);
		value = span_of(kept.data, kept.len);
	}
	if (!rc && m->state == EMERGENCY_DECLARED)
		judge_pusher(m);
	if (!rc && m->state == EMERGENCY_DECLARED)
		rc = judge_value(m, value, e);
	buf_release(&kept);
	return rc;
}

/* ---- rules ---- */

bool emergency_excuses(const struct emergency *m, const struct judging *j,
		       const struct rule *rule)
{
	size_t i;

	if (m->state != EMERGENCY_DECLARED ||
	    (rule->kind && rule->kind->always))
		return false;
	for (i = 0; i < rule->emergency.n; i++)
		if (principal_has_role(j->pusher.principal,
				       rule->emergency.v[i], j->in->now))
			return true;
	return false;
}

static int say(const struct check_sink *rule, const char *code,
	       const char *hint, const char *text, struct err *e)
{
	struct check_sink sink = *rule;

	sink.check = "emergency";
	sink.found = sink.excused = 0;
	return judging_find(&sink, code, NULL, hint, e, "%s", text);
}

static int say_role(const struct check_sink *rule, const struct rule *what,
		    struct err *e)
{
	struct buf text = BUF_INIT(REPORT_MAX_TEXT);
	size_t i;
	int rc;

	buf_addf(&text, "only who is ");
	for (i = 0; i < what->emergency.n && i < 8; i++)
		buf_addf(&text, "%s%s", i ? " or " : "", what->emergency.v[i]);
	buf_addf(&text, " may declare an emergency for the rule %s",
		 what->name);
	rc = say(rule, "role", "somebody with that role pushes it", text.data,
		 e);
	buf_release(&text);
	return rc;
}

static int say_always(const struct check_sink *rule, const struct rule *what,
		      struct err *e)
{
	char text[REPORT_MAX_TEXT];

	snprintf(text, sizeof(text), "the rule %s holds in emergencies, too",
		 what->name);
	return say(rule, "rule", NULL, text, e);
}

int emergency_after_rule(struct emergency *m, const struct check_sink *rule,
			 const struct rule *what, struct err *e)
{
	m->excused += rule->excused;
	if (m->state == EMERGENCY_NONE || rule->found == rule->excused ||
	    judging_weight(rule->mode, rule->level) != WEIGHT_REJECT)
		return 0;
	if (!what->emergency.n || (what->kind && what->kind->always))
		return say_always(rule, what, e);
	if (m->state == EMERGENCY_DECLARED)
		return say_role(rule, what, e);
	if (m->told)
		return 0;
	m->told = true;
	return say(rule, m->code, m->hint, m->text, e);
}

int emergency_report(const struct emergency *m, struct err *e)
{
	struct judging *j = m->j;
	const struct policy *p = j->in->policy;
	char deadline[TIME_RFC3339_SIZE];
	struct span none = {"", 0};
	struct report_emergency out = {
		.ref = m->ref,
		.who = REPORT_NO_PERSON,
		.how = m->how,
		.ticket = m->ticket,
		.reason = m->reason,
		.deadline = deadline,
		.excused = m->excused,
	};
	int rc;

	if (!m->excused)
		return 0;
	time_format(j->in->now + p->emergency_within * 1000, deadline);
	rc = judging_person(j, j->pusher.principal, none, none,
			    span_str(j->pusher.login), &out.who, e);
	return rc ? rc : report_add_emergency(j->report, &out, e);
}
