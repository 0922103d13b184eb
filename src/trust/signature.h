/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SIGNATURE_H
#define GATEPOST_TRUST_SIGNATURE_H

/**
 * One entry for every kind of signature that git makes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "trust/principals.h"
#include "trust/signers.h"

enum signature_status {
	SIG_NONE = 0,	 /* there is no signature */
	SIG_GOOD,	 /* verified, by a key of a known principal */
	SIG_UNKNOWN_KEY, /* well formed, but nobody's key here */
	SIG_BAD,	 /* does not match the bytes */
	SIG_MALFORMED,	 /* not the one canonical form */
	SIG_EXPIRED,	 /* the key is not valid at this time */
	SIG_REVOKED,
	SIG_UNSUPPORTED /* a kind or algorithm that is not accepted */
};
const char *signature_status_word(enum signature_status s);

enum { SIG_MAX_TEXT = 200, SIG_FINGERPRINT = 96 };

struct signature {
	enum signature_status status;
	char format[12];		   /* "ssh", "openpgp", "x509" */
	char key_type[48];		   /* e.g. ssh-ed25519 */
	char fingerprint[SIG_FINGERPRINT]; /* SHA256:… as OpenSSH prints */
	char signer[256]; /* the matching line's principal (or e-mail) */
	const struct principal *principal; /* NULL when nobody's */
	bool presence;			   /* a touch was proved (sk- keys) */
	bool verification;		   /* and a PIN or finger (sk- keys) */
	char why[SIG_MAX_TEXT];		   /* the reason when not good */
};

/** Put a status and its reason into `out`; the text is made printable. */
void signature_say(struct signature *out, enum signature_status status,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** What signatures are verified against. Borrowed; one per judgement. */
struct verifier {
	const struct signers *signers;
	const struct principals *people;
	/** The time of receipt, milliseconds since 1970: a key must be valid
	 * then, whatever time the object claims. */
	int64_t at;
	/**
	 * OpenPGP takes a program, which the judge cannot start: this asks who
	 * can. NULL: such signatures are SIG_UNSUPPORTED.
	 * @return as signature_verify
	 */
	int (*openpgp)(void *ctx, struct span payload, struct span sig,
		       struct signature *out, struct err *e);
	void *ctx;
};

/**
 * Verify `sig` (armoured text) over `payload` in git's namespace.
 * @param out  says what was found; out->status is the answer
 * @return 0 whenever there is an answer; an error only when none could be
 *         found (memory, libcrypto)
 */
int signature_verify(const struct verifier *v, struct span payload,
		     struct span sig, struct signature *out, struct err *e);

#endif
