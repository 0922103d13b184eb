/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_CERT_H
#define GATEPOST_TRUST_SSH_CERT_H

/**
 * SSH certificates (OpenSSH's PROTOCOL.certkeys), read in one canonical form:
 * a canonical key of a type that is accepted, nothing reserved, options in
 * strict order, an authority that is a plain key, nothing behind any part.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "trust/signature.h"
#include "trust/ssh_key.h"
#include "trust/ssh_raw_sig.h"

enum {
	SSH_CERT_MAX_BLOB = 8192,
	SSH_CERT_MAX_PRINCIPALS = 256 /* as OpenSSH */
};

/** Spans point into the blob, which the caller keeps, or into `plain`. */
struct ssh_cert {
	struct span blob;
	struct buf plain;   /* the wire form of the certified key itself */
	struct ssh_key key; /* the same, read */
	uint64_t serial;
	uint32_t type; /* 1: of a user, 2: of a host */
	struct span id;
	struct span principals; /* SSH strings */
	uint64_t after, before; /* seconds since 1970; the second excluded */
	struct span critical;	/* SSH strings, name and data in turn */
	struct ssh_key authority;
	struct span covered; /* what the authority signed */
	struct ssh_raw_sig sig;
};

void ssh_cert_init(struct ssh_cert *c);
void ssh_cert_release(struct ssh_cert *c);

/**
 * Read a certificate's wire form. Nothing is verified.
 * @param why  gets a static text when a fault is found
 * @return whether it is well formed and of accepted types, in `fault`; an
 *         error only for memory
 */
int ssh_cert_read(struct ssh_cert *c, struct span blob,
		  enum ssh_key_fault *fault, const char **why, struct err *e);

/** Take the next principal. @return false at the end */
bool ssh_cert_principal(struct cursor *principals, struct span *out);

/**
 * What a certificate, whose authority's signature is good, is good for:
 * a user's, valid at this time, with a principal, and without critical
 * options but `verify-required`. What is found wrong goes into `out`.
 *
 * A certificate that its authority limited to one command (force-command) or
 * to some addresses (source-address) was not issued for signing: nobody can
 * tell whether a signature came from there.
 *
 * @param at        milliseconds since 1970
 * @param verified  whether a security key recognised its user
 * @return whether it is good
 */
bool ssh_cert_check(const struct ssh_cert *c, int64_t at, bool verified,
		    struct signature *out);

#endif
