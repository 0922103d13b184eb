/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_X509_TRUST_H
#define GATEPOST_TRUST_X509_TRUST_H

/**
 * Authorities whose certificates count, and their revocation lists. The files
 * are taken as text; libcrypto reads them when there is a first certificate
 * to verify, because starting it costs more than most pushes do.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "trust/signature.h"

enum {
	X509_MAX_DEPTH = 8,	 /* certificates between signer and authority */
	X509_MAX_ENTRIES = 10000 /* certificates or lists in a file */
};

struct x509_trust;
struct x509_st;	      /* libcrypto's X509 */
struct stack_st_X509; /* and STACK_OF(X509) */

/** @return NULL when memory ran out */
struct x509_trust *x509_trust_new(void);
void x509_trust_free(struct x509_trust *t);

/**
 * Take a file of PEM certificates, of PEM revocation lists (at most one file
 * each). That its frame is sound is seen at once.
 * @param name  the file's, for errors
 * @return ERR_CONFIG, ERR_MEMORY
 */
int x509_trust_add_authorities(struct x509_trust *t, const char *name,
			       struct span pem, struct err *e);
int x509_trust_add_lists(struct x509_trust *t, const char *name,
			 struct span pem, struct err *e);

/** Let libcrypto read the files, if it has not yet. @return ERR_CONFIG naming
 * the file when it cannot; ERR_MEMORY */
int x509_trust_open(struct x509_trust *t, struct err *e);

/**
 * Build and verify the chain from a signer's certificate to an authority, as
 * of the time `at` (milliseconds). Keys under 112 bits of security (RSA of
 * 2,048 bits) and SHA-1 are refused. With revocation lists, there must be a
 * current one of every authority in the chain, but of the last one's own.
 * @param chain  gets the chain, the signer's first, which the caller frees;
 *               NULL when `out` says why there is none
 * @return 0 when there is an answer; ERR_CONFIG, ERR_MEMORY
 */
int x509_trust_chain(struct x509_trust *t, struct x509_st *signer,
		     struct stack_st_X509 *others, int64_t at,
		     struct stack_st_X509 **chain, struct signature *out,
		     struct err *e);

#endif
