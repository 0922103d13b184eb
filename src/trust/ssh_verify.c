/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_verify.h"

#include <stdio.h>
#include <string.h>

#include "trust/ssh_claim.h"
#include "trust/ssh_pkey.h"
#include "trust/ssh_sig.h"

enum { MAX_MESSAGE = 256 };

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
	struct ssh_claim claim;
	bool revoked;
	int rc;

	rc = revoked_has(&s->ssh_revoked, sig->key.blob, &revoked, e);
	if (rc)
		return rc;
	ssh_claim_read(&claim, s, sig->key.blob, people, at);
	if (claim.first)
		snprintf(out->signer, sizeof(out->signer), "%s",
			 claim.first->principals);
	if (revoked) {
		char key[SSH_CLAIM_WHO];

		ssh_claim_who(out, key);
		signature_say(out, SIG_REVOKED, "%s is revoked", key);
		return 0;
	}
	if (!claim.first) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s is not among the allowed signers",
			      out->fingerprint);
		return 0;
	}
	rc = check_bytes(sig, claim.first, payload, out, e);
	if (!rc && out->status == SIG_NONE)
		check_presence(sig, out);
	if (!rc && out->status == SIG_NONE)
		ssh_claim_judge(&claim, at, out);
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
