/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_VERIFY_H
#define GATEPOST_TRUST_SSH_VERIFY_H

/** Whose SSH signature it is. As signature_verify, for one form. */

#include "trust/signature.h"

/**
 * A key counts for the one principal whom the lines of allowed_signers with
 * that key name: by name, or by one of their e-mails. Negated patterns
 * exclude a principal who has any name that they match. A key that stands
 * for several people is nobody's.
 */
int ssh_signature_verify(const struct signers *s,
			 const struct principals *people, struct span payload,
			 struct span sig, int64_t at, struct signature *out,
			 struct err *e);

/**
 * What a key would be worth now by which a signature was verified before. Only
 * keys that are listed themselves can be found by what is left of them.
 * @param fingerprint  SHA256:… as OpenSSH prints it
 * @param out          its status, its principal, and why
 */
int ssh_key_judge(const struct signers *s, const struct principals *people,
		  const char *fingerprint, int64_t at, struct signature *out,
		  struct err *e);

#endif
