/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_verify.h"

#include <stdio.h>
#include <string.h>

#include "trust/ssh_cert.h"
#include "trust/ssh_certified.h"
#include "trust/ssh_claim.h"
#include "trust/ssh_pkey.h"
#include "trust/ssh_sig.h"

enum { MAX_MESSAGE = 256 };

static int refuse_key(struct signature *out)
{
	signature_say(out, SIG_UNSUPPORTED, "libcrypto does not take key %s",
		      out->fingerprint);
	return 0;
}

static int line_pkey(struct allowed_signer *line, struct err *e)
{
	return line->pkey ? 0 : ssh_pkey_new(&line->pkey, &line->key, e);
}

/* The certified key, when the authority of the line signed for it. */
static int certified_pkey(const struct signers *s, const struct ssh_sig *sig,
			  struct allowed_signer *line, struct ssh_pkey **pkey,
			  struct signature *out, struct err *e)
{
	int rc = line_pkey(line, e);

	*pkey = NULL;
	if (!rc)
		rc = ssh_certified_verify(s->certified, &sig->cert, line->pkey,
					  pkey, e);
	if (rc == ERR_CRYPTO)
		return refuse_key(out);
	if (rc || *pkey) {
		if (!rc && line->key.type->sk &&
		    !(sig->cert.sig.flags & SSH_SIG_PRESENT))
			signature_say(out, SIG_UNSUPPORTED,
				      "the security key of its certificate's "
				      "authority was not touched");
		return rc;
	}
	signature_say(out, SIG_BAD,
		      "its certificate does not match the signature of its "
		      "authority");
	return 0;
}

static int check_bytes(const struct ssh_sig *sig, struct ssh_pkey *pkey,
		       struct span payload, struct signature *out,
		       struct err *e)
{
	struct buf message = BUF_INIT(MAX_MESSAGE);
	bool good = false;
	int rc = ssh_sig_message(sig, payload, &message, e);

	if (!rc)
		rc = ssh_pkey_verify(pkey, &sig->key, &sig->raw_sig,
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

/* Everything about the key that needs no cryptography. */
static int check_key(const struct signers *s, const struct ssh_sig *sig,
		     const struct ssh_claim *claim, struct signature *out,
		     struct err *e)
{
	char authority[SSH_KEY_FINGERPRINT];
	bool revoked;
	int rc = revoked_has(&s->ssh_revoked, sig->key.blob, &revoked, e);

	if (!rc && !revoked && sig->certified)
		rc = revoked_has_certificate(
			&s->ssh_revoked, sig->cert.authority.blob,
			sig->cert.serial, sig->cert.id, &revoked, e);
	if (rc)
		return rc;
	if (revoked) {
		signature_say(out, SIG_REVOKED, "key %s%s is revoked",
			      out->fingerprint,
			      sig->certified ? ", or its certificate," : "");
	} else if (!claim->first && sig->certified) {
		ssh_key_fingerprint(sig->cert.authority.blob, authority);
		signature_say(out, SIG_UNKNOWN_KEY,
			      "its certificate is by authority %s, which is "
			      "not among the allowed signers",
			      authority);
	} else if (!claim->first) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s is not among the allowed signers",
			      out->fingerprint);
	}
	return 0;
}

/* The cryptography. */
static int check_signed(const struct signers *s, const struct ssh_sig *sig,
			struct allowed_signer *line, struct span payload,
			struct signature *out, struct err *e)
{
	struct ssh_pkey *pkey = NULL;
	int rc;

	if (sig->certified) {
		rc = certified_pkey(s, sig, line, &pkey, out, e);
	} else {
		rc = line_pkey(line, e);
		if (rc == ERR_CRYPTO)
			return refuse_key(out);
		pkey = line->pkey;
	}
	if (!rc && out->status == SIG_NONE)
		rc = check_bytes(sig, pkey, payload, out, e);
	return rc;
}

static int verify_read(const struct signers *s, const struct principals *people,
		       struct span payload, const struct ssh_sig *sig,
		       int64_t at, struct signature *out, struct err *e)
{
	struct ssh_claim claim;
	int rc;

	if (sig->certified)
		ssh_claim_read_certificate(&claim, s, &sig->cert, people, at);
	else
		ssh_claim_read(&claim, s, sig->key.blob, people, at);
	if (claim.first && !sig->certified)
		snprintf(out->signer, sizeof(out->signer), "%s",
			 claim.first->principals);
	rc = check_key(s, sig, &claim, out, e);
	if (!rc && out->status == SIG_NONE)
		rc = check_signed(s, sig, claim.first, payload, out, e);
	if (rc || out->status != SIG_NONE)
		return rc;
	check_presence(sig, out);
	if (out->status == SIG_NONE && sig->certified)
		ssh_cert_check(&sig->cert, at, out->verification, out);
	if (out->status == SIG_NONE)
		ssh_claim_judge(&claim, at, out);
	return 0;
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

/* Lines of one key are told apart by the claim that is made of them all. */
static const struct allowed_signer *find_listed(const struct signers *s,
						const char *fingerprint)
{
	char key[SSH_KEY_FINGERPRINT];
	size_t i;

	for (i = 0; i < s->ssh.n; i++) {
		if (s->ssh.v[i].options.authority)
			continue;
		ssh_key_fingerprint(s->ssh.v[i].key.blob, key);
		if (!strcmp(key, fingerprint))
			return &s->ssh.v[i];
	}
	return NULL;
}

int ssh_key_judge(const struct signers *s, const struct principals *people,
		  const char *fingerprint, int64_t at, struct signature *out,
		  struct err *e)
{
	const struct allowed_signer *line = find_listed(s, fingerprint);
	struct ssh_claim claim;
	bool revoked = false;
	int rc;

	snprintf(out->fingerprint, sizeof(out->fingerprint), "%s", fingerprint);
	if (!line) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s is not among the allowed signers",
			      out->fingerprint);
		return 0;
	}
	rc = revoked_has(&s->ssh_revoked, line->key.blob, &revoked, e);
	if (rc)
		return rc;
	if (revoked) {
		signature_say(out, SIG_REVOKED, "key %s is revoked",
			      out->fingerprint);
		return 0;
	}
	ssh_claim_read(&claim, s, line->key.blob, people, at);
	ssh_claim_judge(&claim, at, out);
	return 0;
}
