/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_X509_VERIFY_H
#define GATEPOST_TRUST_X509_VERIFY_H

/** Whose X.509 signature it is. As signature_verify, for one form. */

#include "trust/signature.h"

enum {
	X509_SIG_MAX_TEXT = 131072, /* bytes with its armour */
	X509_SIG_MAX_BLOB = 96 << 10
};

/**
 * A CMS signature in the form of cms.h, by a certificate whose chain ends at
 * one of the authorities (x509_trust.h), which may sign: its key usage, if it
 * has one, has digitalSignature or nonRepudiation; its extended key usage, if
 * it has one, has emailProtection or any. Every certificate in the signature
 * belongs to that chain. It counts for the one principal who has an e-mail
 * address of the certificate's alternative names or, when these have none, of
 * its subject.
 */
int x509_signature_verify(const struct signers *s,
			  const struct principals *people, struct span payload,
			  struct span sig, int64_t at, struct signature *out,
			  struct err *e);

#endif
