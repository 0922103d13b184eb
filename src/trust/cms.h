/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_CMS_H
#define GATEPOST_TRUST_CMS_H

/**
 * A detached CMS signature (RFC 5652, 5) as gpgsm and smimesign make it, read
 * in one form: version 1; one digest algorithm; no content; at least one
 * certificate, no revocation lists; one signer, named by issuer and serial
 * number, with signed attributes in DER's order, each once, and none that are
 * not signed. What is read here is all that may vary in such a signature
 * without breaking it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "trust/ssh_hash.h"

enum {
	CMS_MAX_CERTIFICATES = 16,
	CMS_MAX_ATTRIBUTES = 16,
	CMS_MAX_ATTRIBUTE_BYTES = 16384 /* of them all */
};

enum cms_scheme {
	CMS_SCHEME_NONE = 0,
	CMS_RSA, /* PKCS #1 v1.5 */
	CMS_ECDSA,
	CMS_ED25519
};

enum cms_fault {
	CMS_OK = 0,
	CMS_MALFORMED,
	CMS_UNSUPPORTED /* well formed as far as was looked, but not taken */
};

/** Spans point into the bytes that were read. */
struct cms {
	struct span certificates[CMS_MAX_CERTIFICATES]; /* whole */
	size_t ncertificates;
	struct span issuer, serial; /* the signer's certificate; whole */
	enum ssh_hash hash;
	enum cms_scheme scheme;
	struct span attributes; /* signed, without tag and length */
	struct span digest;	/* of the content, as signed */
	struct span signature;
};

/** @param why  gets a static text on any fault */
enum cms_fault cms_read(struct cms *out, struct span der, const char **why);

#endif
