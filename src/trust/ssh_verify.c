/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_verify.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "trust/signers_private.h"
#include "trust/ssh_pattern.h"
#include "trust/ssh_pkey.h"
#include "trust/ssh_sig.h"

enum { WHO_SIZE = 400, MAX_MESSAGE = 256 };

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

enum { DAY_CHARS = 10 }; /* YYYY-MM-DD */

/* The time of day only when it is not midnight. */
static void say_time(int64_t seconds, char out[TIME_RFC3339_SIZE])
{
	time_format(seconds * 1000, out);
	if (seconds % 86400 == 0)
		out[DAY_CHARS] = '\0';
}

/* What the lines that have one key say of it. */
struct claim {
	const struct allowed_signer *first;  /* of all */
	const struct allowed_signer *timely; /* of those valid now */
	const struct allowed_signer *early, *late, *other;
	const struct principal *principal; /* of the timely ones */
	const struct principal *second;	   /* another one of them */
};

static void claim_principals(struct claim *claim,
			     const struct allowed_signer *line,
			     const struct principals *people)
{
	size_t i;

	for (i = 0; people && i < people->n; i++) {
		const struct principal *p = &people->v[i];

		if (p == claim->principal || !line_names(line, p))
			continue;
		if (!claim->principal)
			claim->principal = p;
		else
			claim->second = p;
	}
}

static void claim_line(struct claim *claim, const struct allowed_signer *line,
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
		claim_principals(claim, line, people);
	}
}

static void claim_read(struct claim *claim, const struct signers *s,
		       struct span blob, const struct principals *people,
		       int64_t at)
{
	const struct allowed_signer *line;
	size_t i = 0;

	memset(claim, 0, sizeof(*claim));
	while ((line = allowed_signers_find(&s->ssh, blob, &i)))
		claim_line(claim, line, people, at);
}

/* "key SHA256:… of alice" */
static void who(const struct signature *out, char text[WHO_SIZE])
{
	if (out->signer[0])
		snprintf(text, WHO_SIZE, "key %s of %s", out->fingerprint,
			 out->signer);
	else
		snprintf(text, WHO_SIZE, "key %s", out->fingerprint);
}

static void say_untimely(const struct claim *claim, struct signature *out)
{
	char when[TIME_RFC3339_SIZE], key[WHO_SIZE];

	who(out, key);
	if (claim->late) {
		say_time(claim->late->options.before, when);
		signature_say(out, SIG_EXPIRED, "%s expired %s", key, when);
	} else if (claim->early) {
		say_time(claim->early->options.after, when);
		signature_say(out, SIG_EXPIRED, "%s is not valid before %s",
			      key, when);
	} else {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "%s is not allowed to sign for git", key);
	}
}

/* What the signature's bytes have been shown to be worth. */
static void judge(const struct claim *claim, int64_t at, struct signature *out)
{
	const struct principal *p = claim->principal;
	char when[TIME_RFC3339_SIZE], key[WHO_SIZE];

	who(out, key);
	if (!claim->timely) {
		say_untimely(claim, out);
	} else if (!p) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "%s, who is nobody of the policy", key);
	} else if (claim->second) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "%s stands for %s and %s, so for nobody", key,
			      p->name, claim->second->name);
	} else if (p->until && p->until < at) {
		time_format(p->until, when);
		when[DAY_CHARS] = '\0';
		signature_say(out, SIG_EXPIRED,
			      "%s: the policy has %s until %s only", key,
			      p->name, when);
	} else {
		out->principal = p;
		snprintf(out->signer, sizeof(out->signer), "%s", p->name);
		out->status = SIG_GOOD;
	}
}

static int check_bytes(const struct ssh_sig *sig, struct allowed_signer *line,
		       struct span payload, struct signature *out,
		       struct err *e)
{
	struct buf message = BUF_INIT(MAX_MESSAGE);
	bool good = false;
	int rc = 0;

	if (!line->pkey)
		rc = ssh_pkey_new(&line->pkey, &line->key, e);
	if (rc == ERR_CRYPTO) {
		signature_say(out, SIG_UNSUPPORTED,
			      "libcrypto does not take key %s",
			      out->fingerprint);
		return 0;
	}
	if (!rc)
		rc = ssh_sig_message(sig, payload, &message, e);
	if (!rc)
		rc = ssh_pkey_verify(line->pkey, &sig->key, &sig->raw_sig,
				     span_of(message.data, message.len), &good,
				     e);
	buf_release(&message);
	if (!rc && !good)
		signature_say(out, SIG_BAD,
			      "the signature by key %s does not match what it "
			      "should cover",
			      out->fingerprint);
	return rc;
}

/* A touch is part of what is signed, so it is looked at after that. */
static void check_presence(const struct ssh_sig *sig, struct signature *out)
{
	if (!sig->key.type->sk)
		return;
	out->presence = sig->raw_sig.flags & SSH_SIG_PRESENT;
	out->verification = sig->raw_sig.flags & SSH_SIG_VERIFIED;
	if (!out->presence)
		signature_say(out, SIG_UNSUPPORTED,
			      "security key %s was not touched",
			      out->fingerprint);
}

static int verify_read(const struct signers *s, const struct principals *people,
		       struct span payload, const struct ssh_sig *sig,
		       int64_t at, struct signature *out, struct err *e)
{
	struct allowed_signer *line;
	struct claim claim;
	bool revoked;
	size_t i = 0;
	int rc;

	rc = revoked_has(&s->ssh_revoked, sig->key.blob, &revoked, e);
	if (rc)
		return rc;
	claim_read(&claim, s, sig->key.blob, people, at);
	if (claim.first)
		snprintf(out->signer, sizeof(out->signer), "%s",
			 claim.first->principals);
	if (revoked) {
		char key[WHO_SIZE];

		who(out, key);
		signature_say(out, SIG_REVOKED, "%s is revoked", key);
		return 0;
	}
	line = allowed_signers_find(&s->ssh, sig->key.blob, &i);
	if (!line) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s is not among the allowed signers",
			      out->fingerprint);
		return 0;
	}
	rc = check_bytes(sig, line, payload, out, e);
	if (!rc && out->status == SIG_NONE)
		check_presence(sig, out);
	if (!rc && out->status == SIG_NONE)
		judge(&claim, at, out);
	return rc;
}

int ssh_signature_verify(const struct signers *s,
			 const struct principals *people, struct span payload,
			 struct span text, int64_t at, struct signature *out,
			 struct err *e)
{
	struct ssh_sig sig;
	int rc;

	ssh_sig_init(&sig);
	rc = ssh_sig_read(&sig, text, out, e);
	if (!rc && out->status == SIG_NONE)
		rc = verify_read(s, people, payload, &sig, at, out, e);
	ssh_sig_release(&sig);
	return rc;
}
