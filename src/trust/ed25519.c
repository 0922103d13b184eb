/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ed25519.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

struct ed25519_key {
	EVP_PKEY *pkey;
	char id[SHA256_HEX_SIZE];
};

static int refuse(struct err *e)
{
	ERR_clear_error();
	return err_set(e, ERR_CONFIG,
		       "no Ed25519 private key without a pass phrase, in PEM "
		       "(openssl genpkey -algorithm ed25519)");
}

/* Takes the key over. */
static int wrap(struct ed25519_key **out, EVP_PKEY *pkey, struct err *e)
{
	unsigned char *der = NULL;
	struct ed25519_key *k;
	int n;

	if (!pkey || EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(pkey);
		return refuse(e);
	}
	k = calloc(1, sizeof(*k));
	n = k ? i2d_PUBKEY(pkey, &der) : -1;
	if (n <= 0) {
		free(k);
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return err_nomem(e);
	}
	k->pkey = pkey;
	sha256_hex(der, (size_t)n, k->id);
	OPENSSL_free(der);
	*out = k;
	return 0;
}

/* Nobody is there to be asked. */
static int no_pass_phrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

int ed25519_read(struct ed25519_key **out, struct span pem, struct err *e)
{
	EVP_PKEY *pkey = NULL;
	BIO *bio;

	*out = NULL;
	if (pem.n > ED25519_MAX_PEM)
		return refuse(e);
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (!bio)
		return err_nomem(e);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
	BIO_free(bio);
	return wrap(out, pkey, e);
}

int ed25519_from_seed(struct ed25519_key **out,
		      const unsigned char seed[ED25519_SEED], struct err *e)
{
	*out = NULL;
	return wrap(out,
		    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
						 ED25519_SEED),
		    e);
}

void ed25519_free(struct ed25519_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

const char *ed25519_id(const struct ed25519_key *k)
{
	return k->id;
}

int ed25519_sign(const struct ed25519_key *k, struct span message,
		 unsigned char out[ED25519_SIGNATURE], struct err *e)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = ED25519_SIGNATURE;
	int rc = 0;

	if (!ctx)
		return err_nomem(e);
	if (EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) != 1 ||
	    EVP_DigestSign(ctx, out, &n, (const unsigned char *)message.p,
			   message.n) != 1 ||
	    n != ED25519_SIGNATURE)
		rc = err_set(e, ERR_CRYPTO, "libcrypto cannot sign");
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}
