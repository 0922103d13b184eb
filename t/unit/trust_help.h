/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_UNIT_TRUST_HELP_H
#define GATEPOST_UNIT_TRUST_HELP_H

/** What the tests of the trust room share. VECTORS is t/vectors/ssh. */

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "trust/principals.h"
#include "trust/signature.h"
#include "trust/signers.h"

enum { VECTOR_MAX = 1 << 20 };

/** Midday of 2026-06-01, UTC, in milliseconds. */
#define NOON INT64_C(1780315200000)

/** A vector's bytes; the caller releases `b`. @return them as a span */
struct span vector(struct buf *b, const char *name);

/** The key of NAME.pub decoded. */
struct span vector_key(struct buf *b, const char *name);

/** `NAME.pub`'s "type base64", without the comment. */
const char *vector_key_text(const char *name);

/** A file of the test's own, removed when the process ends well. */
const char *scratch_file(const char *text);

/** Load signers from the text of allowed_signers and a revocation vector or
 * file (NULL: none). */
struct signers *signers_of(const char *allowed, const char *revoked);
/** The same for text that must be refused. @return the message */
const char *signers_refused(const char *allowed, const char *revoked, int code);

/** alice (two e-mails), bob, carol who left on 2026-01-31. */
extern const struct principals people;

/** Verify NAME.sig over the vector `payload` at NOON. */
struct signature verify_vector(const struct signers *s, const char *name);
/** The same for a signature's text. */
struct signature verify_text(const struct signers *s, struct span text,
			     int64_t at);

/** Fails unless the status is that and the reason has the word. */
void assert_signature(const struct signature *got, enum signature_status want,
		      const char *word);

Suite *suite_keys(void);
Suite *suite_signers(void);
Suite *suite_revoked(void);
Suite *suite_canonical(void);
Suite *suite_signature(void);
Suite *suite_approvals(void);
Suite *suite_statement(void);
Suite *suite_certificate(void);
Suite *suite_x509(void);
Suite *suite_nonce(void);
Suite *suite_openpgp(void);
Suite *suite_gittuf(void);
Suite *suite_rsa(void);

#endif
