/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_claim.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "trust/ssh_pattern.h"

static bool name_matches(struct span pattern, const struct principal *p)
{
	return ssh_pattern_match(pattern, span_str(p->name), false);
}

static bool email_matches(struct span pattern, const struct principal *p)
{
	bool wild = ssh_pattern_is_wild(pattern);
	size_t i;

	for (i = 0; i < p->nemails; i++) {
		struct span mail = span_str(p->emails[i]);

		if (wild ? ssh_pattern_match(pattern, mail, true)
			 : email_same(pattern, mail))
			return true;
	}
	return false;
}

/* Whether a line's list of patterns names this principal. */
static bool line_names(const struct allowed_signer *line,
		       const struct principal *p)
{
	struct cursor c = cursor_of(line->principals, strlen(line->principals));
	struct span pattern;
	bool negated, found = false;

	while (ssh_pattern_next(&c, &pattern, &negated)) {
		if (!name_matches(pattern, p) && !email_matches(pattern, p))
			continue;
		if (negated)
			return false;
		found = true;
	}
	return found;
}

/* Whether a negated pattern of the line matches one of their names. */
static bool line_excludes(const struct allowed_signer *line,
			  const struct principal *p)
{
	struct cursor c = cursor_of(line->principals, strlen(line->principals));
	struct span pattern;
	bool negated;

	while (ssh_pattern_next(&c, &pattern, &negated))
		if (negated &&
		    (name_matches(pattern, p) || email_matches(pattern, p)))
			return true;
	return false;
}

static bool owns_name(const struct principal *p, struct span name)
{
	size_t i;

	if (span_is(name, p->name))
		return true;
	for (i = 0; i < p->nemails; i++)
		if (email_same(name, span_str(p->emails[i])))
			return true;
	return false;
}

/* The first two principals whom a line names, found once. */
static void find_named(struct allowed_signer *line,
		       const struct principals *people)
{
	size_t i;

	line->people = people;
	line->first = line->second = NULL;
	for (i = 0; people && i < people->n && !line->second; i++) {
		if (!line_names(line, &people->v[i]))
			continue;
		if (!line->first)
			line->first = &people->v[i];
		else
			line->second = &people->v[i];
	}
}

static void claim_add(struct ssh_claim *claim, const struct principal *p)
{
	if (!p || p == claim->principal)
		return;
	if (!claim->principal)
		claim->principal = p;
	else
		claim->second = p;
}

static void claim_principals(struct ssh_claim *claim,
			     struct allowed_signer *line,
			     const struct principals *people)
{
	if (line->people != people)
		find_named(line, people);
	claim_add(claim, line->first);
	claim_add(claim, line->second);
}

static void claim_certified(struct ssh_claim *claim,
			    const struct allowed_signer *line,
			    const struct ssh_cert *cert,
			    const struct principals *people)
{
	struct cursor c = cursor_of(cert->principals.p, cert->principals.n);
	struct span name;
	size_t i;

	while (ssh_cert_principal(&c, &name)) {
		if (!ssh_pattern_list_match(span_str(line->principals), name))
			continue;
		for (i = 0; people && i < people->n; i++)
			if (owns_name(&people->v[i], name) &&
			    !line_excludes(line, &people->v[i]))
				claim_add(claim, &people->v[i]);
	}
}

static void claim_line(struct ssh_claim *claim, struct allowed_signer *line,
		       const struct ssh_cert *cert,
		       const struct principals *people, int64_t at)
{
	const struct signer_options *o = &line->options;
	/* floor, also before 1970 */
	int64_t now = at / 1000 - (at % 1000 < 0);

	if (!claim->first)
		claim->first = line;
	if (o->namespaces &&
	    !ssh_pattern_list_match(span_str(o->namespaces), span_str("git"))) {
		claim->other = line;
	} else if (now < o->after) {
		claim->early = line;
	} else if (now > o->before) {
		claim->late = line;
	} else {
		claim->timely = line;
		if (cert)
			claim_certified(claim, line, cert, people);
		else
			claim_principals(claim, line, people);
	}
}

void ssh_claim_read(struct ssh_claim *claim, const struct signers *s,
		    struct span blob, const struct principals *people,
		    int64_t at)
{
	struct allowed_signer *line = NULL;

	memset(claim, 0, sizeof(*claim));
	while ((line = allowed_signers_find(&s->ssh, blob, false, line)))
		claim_line(claim, line, NULL, people, at);
}

void ssh_claim_read_certificate(struct ssh_claim *claim,
				const struct signers *s,
				const struct ssh_cert *cert,
				const struct principals *people, int64_t at)
{
	struct span blob = cert->authority.blob;
	struct allowed_signer *line = NULL;

	memset(claim, 0, sizeof(*claim));
	while ((line = allowed_signers_find(&s->ssh, blob, true, line)))
		claim_line(claim, line, cert, people, at);
}

enum { DAY_CHARS = 10 }; /* YYYY-MM-DD */

/* The time of day only when it is not midnight. */
static void say_time(int64_t seconds, char out[TIME_RFC3339_SIZE])
{
	time_format(seconds * 1000, out);
	if (seconds % 86400 == 0)
		out[DAY_CHARS] = '\0';
}

static void say_untimely(const struct ssh_claim *claim, struct signature *out)
{
	const char *key = out->fingerprint;
	char when[TIME_RFC3339_SIZE];

	if (claim->late) {
		say_time(claim->late->options.before, when);
		signature_say(out, SIG_EXPIRED, "key %s expired %s", key, when);
	} else if (claim->early) {
		say_time(claim->early->options.after, when);
		signature_say(out, SIG_EXPIRED, "key %s is not valid before %s",
			      key, when);
	} else {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s is not allowed to sign for git", key);
	}
}

void ssh_claim_judge(const struct ssh_claim *claim, int64_t at,
		     struct signature *out)
{
	const struct principal *p = claim->principal;
	const char *key = out->fingerprint;
	char when[TIME_RFC3339_SIZE];

	if (!claim->timely) {
		say_untimely(claim, out);
	} else if (!p) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s, who is nobody of the policy", key);
	} else if (claim->second) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s stands for two people, so for nobody",
			      key);
	} else if (p->until && p->until < at) {
		time_format(p->until, when);
		when[DAY_CHARS] = '\0';
		signature_say(out, SIG_EXPIRED,
			      "key %s: the policy has its owner until %s only",
			      key, when);
	} else {
		out->principal = p;
		snprintf(out->signer, sizeof(out->signer), "%s", p->name);
		out->status = SIG_GOOD;
	}
}
