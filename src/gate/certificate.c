/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/certificate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "git/push_cert.h"
#include "policy/check_value.h"
#include "trust/push_nonce.h"

/* What the clocks and roundings between git and this process may differ. */
enum { NONCE_SECONDS = 2 };

static void __attribute__((format(printf, 3, 4)))
say(struct push_cert_facts *f, enum push_cert_state state, const char *fmt, ...)
{
	struct signature clean = {.status = SIG_NONE};
	char text[SIG_MAX_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	signature_say(&clean, SIG_NONE, "%s", text);
	memcpy(f->why, clean.why, sizeof(f->why));
	f->state = state;
}

/* Only git's own words: anything may stand in the environment. */
static const char *known_status(const char *status)
{
	static const char *const words[] = {"OK", "BAD", "MISSING",
					    "UNSOLICITED", "SLOP"};
	size_t i;

	if (!status)
		return NULL;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(status, words[i]))
			return words[i];
	return "unknown";
}

/* What git says of the nonce, in words. @return false when it is not OK */
static bool git_is_content(const struct engine_certificate *in,
			   struct push_cert_facts *f, struct span nonce)
{
	const char *status = known_status(in->nonce_status);

	if (!in->nonce || !status)
		say(f, PUSH_CERT_NONCE, "git has issued no nonce for it");
	else if (!strcmp(status, "SLOP"))
		say(f, PUSH_CERT_NONCE,
		    "its nonce is older than receive.certNonceSlop allows "
		    "(%lld seconds)",
		    (long long)in->slop);
	else if (strcmp(status, "OK") != 0)
		say(f, PUSH_CERT_NONCE, "git says of its nonce: %s", status);
	else if (!span_is(nonce, in->nonce))
		say(f, PUSH_CERT_NONCE, "its nonce is not that of this push");
	else
		return true;
	return false;
}

/* git's own word is in the environment; the seed is not. */
static void check_nonce(const struct judging *j, struct push_cert_facts *f,
			struct span nonce)
{
	const struct engine_certificate *in = j->in->certificate;
	int64_t now = j->in->now / 1000, slop = NONCE_SECONDS, issued;

	if (!git_is_content(in, f, nonce))
		return;
	if (in->stateless)
		slop += in->slop;
	if (!in->seed || !in->directory)
		say(f, PUSH_CERT_NONCE, "its nonce cannot be checked: %s",
		    in->seed ? "who runs this hook is not git-receive-pack"
			     : "receive.certNonceSeed is not set in the "
			       "repository's config");
	else if (!push_nonce_is_ours(nonce, j->algo, in->directory, in->seed,
				     &issued))
		say(f, PUSH_CERT_NONCE,
		    "its nonce was not issued by this repository");
	else if (issued < in->started - slop || issued > now + slop)
		say(f, PUSH_CERT_NONCE, "its nonce is that of an earlier push");
	else
		f->state = PUSH_CERT_FITS;
}

static void check_push(const struct judging *j, struct push_cert_facts *f,
		       const struct push_cert *cert)
{
	const struct engine_certificate *in = j->in->certificate;

	if (!push_cert_is_of(cert, j->in->push, j->algo))
		say(f, PUSH_CERT_OTHER,
		    "its updates are not those of this push");
	else if (!push_cert_has_options(cert, in->options, in->noptions))
		say(f, PUSH_CERT_OTHER,
		    "its push options are not those of this push");
	else
		check_nonce(j, f, cert->nonce);
}

static int look_into(struct judging *j, struct push_cert_facts *f,
		     struct span raw, struct err *e)
{
	struct push_cert cert;
	const char *why = push_cert_parse(raw, &cert);

	if (why) {
		say(f, PUSH_CERT_MALFORMED, "%s", why);
		return 0;
	}
	check_push(j, f, &cert);
	return signature_verify(&j->verifier, cert.payload, cert.signature,
				&f->signature, e);
}

/* The bytes are kept as they came: whoever doubts it can look again. */
static int report(struct judging *j, const struct push_cert_facts *f,
		  struct span raw, struct err *e)
{
	const struct signature *sig = &f->signature;
	struct buf base64 = BUF_INIT(2 * (size_t)PUSH_CERT_MAX_BYTES);
	struct span none = {"", 0};
	struct report_certificate out = {
		.state = f->state,
		.status = sig->status,
		.who = REPORT_NO_PERSON,
		.format = sig->format,
		.key_type = sig->key_type,
		.fingerprint = sig->fingerprint,
		.presence = sig->presence,
		.verification = sig->verification,
		.nonce = known_status(j->in->certificate->nonce_status),
		.why = f->why[0] ? f->why : sig->why,
	};
	int rc = 0;

	if (sig->principal)
		rc = judging_person(j, sig->principal, none, none, none,
				    &out.who, e);
	/* what nobody known has signed proves nothing, and may be anything */
	if (sig->status == SIG_GOOD)
		base64_encode(&base64, raw.p, raw.n);
	out.raw = base64.data;
	if (!rc && !buf_ok(&base64))
		rc = err_nomem(e);
	if (!rc)
		rc = report_add_certificate(j->report, &out, e);
	buf_release(&base64);
	return rc;
}

static int read_blob(struct judging *j, struct push_cert_facts *f,
		     struct err *e)
{
	const char *hex = j->in->certificate->id;
	struct object o;
	struct oid id;
	int rc = ERR_NOT_FOUND;

	if (oid_from_hex(&id, j->algo, span_str(hex)))
		rc = object_read(j->repo, &id, PUSH_CERT_MAX_BYTES, &o, e);
	if (object_is_amiss(rc)) {
		err_clear(e);
		say(f, PUSH_CERT_MALFORMED, "it cannot be read");
		return report(j, f, span_of("", 0), e);
	}
	if (rc)
		return rc;
	if (o.type != OBJECT_BLOB)
		say(f, PUSH_CERT_MALFORMED, "it is no blob");
	else
		rc = look_into(j, f, span_of(o.data, o.size), e);
	if (!rc)
		rc = report(j, f, span_of(o.data, o.size), e);
	object_release(&o);
	return rc;
}

int certificate_read(struct judging *j, struct err *e)
{
	const struct engine_certificate *in = j->in->certificate;

	if (!in || j->certificate)
		return 0;
	j->certificate = calloc(1, sizeof(*j->certificate));
	if (!j->certificate)
		return err_nomem(e);
	j->certificate->can_be = in->seed != NULL;
	j->certificate->state = PUSH_CERT_NONE;
	return in->id ? read_blob(j, j->certificate, e) : 0;
}

void certificate_free(struct push_cert_facts *facts)
{
	free(facts);
}

int certificate_pusher(struct judging *j, struct err *e)
{
	const struct push_cert_facts *f;
	struct buf login = BUF_INIT(REPORT_MAX_TEXT);
	int rc;

	if (strcmp(j->in->policy->pusher_from, PUSHER_FROM_CERTIFICATE) != 0)
		return 0;
	rc = certificate_read(j, e);
	f = j->certificate;
	if (rc || !push_cert_proves(f))
		return rc;
	buf_addf(&login, PRINCIPAL_LOGIN "%s", f->signature.principal->name);
	j->pusher.principal = f->signature.principal;
	j->pusher.login = arena_strdup(&j->report->arena, login.data);
	j->report->pusher = j->pusher.login;
	rc = buf_ok(&login) && j->pusher.login ? 0 : err_nomem(e);
	buf_release(&login);
	return rc;
}
