/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_pkey.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "trust/ssh_rsa.h"

enum {
	MAX_DER = 160,	 /* bytes of an ECDSA signature on P-521: 139 */
	TOKEN_BYTES = 69 /* of what a token signs */
};

struct ssh_pkey {
	struct ssh_rsa *rsa; /* or NULL: what follows is used */
	EVP_PKEY *pkey;
	/* by hash, each made when first needed: looking up what it needs
	 * takes libcrypto a third of the time that RSA takes */
	EVP_PKEY_CTX *ctx[SSH_HASH_512 + 1];
	EVP_MD_CTX *md_ctx; /* of Ed25519, likewise */
};

static const unsigned char *bytes_of(struct span s)
{
	return (const unsigned char *)s.p;
}

/* What libcrypto pushed on its queue must not be taken for a later call's. */
static int crypto_failed(struct err *e, const char *what)
{
	ERR_clear_error();
	return err_set(e, ERR_CRYPTO, "libcrypto: %s", what);
}

static int push_ecdsa(OSSL_PARAM_BLD *build, const struct ssh_key *key)
{
	return OSSL_PARAM_BLD_push_utf8_string(build,
					       OSSL_PKEY_PARAM_GROUP_NAME,
					       key->type->curve->group, 0) &&
	       OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
						key->point.p, key->point.n);
}

static int push_rsa(OSSL_PARAM_BLD *build, const BIGNUM *n, const BIGNUM *e)
{
	return n && e &&
	       OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
	       OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
}

static EVP_PKEY *pkey_from(const char *name, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
	EVP_PKEY *pkey = NULL;

	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *pkey_new_built(const struct ssh_key *key)
{
	bool rsa = key->type->kind == SSH_KEY_RSA;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = NULL, *e = NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (rsa) {
		n = BN_bin2bn(bytes_of(key->n), (int)key->n.n, NULL);
		e = BN_bin2bn(bytes_of(key->e), (int)key->e.n, NULL);
	}
	if (build &&
	    (rsa ? push_rsa(build, n, e) : push_ecdsa(build, key)) == 1)
		params = OSSL_PARAM_BLD_to_param(build);
	pkey = pkey_from(rsa ? "RSA" : "EC", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	return pkey;
}

static EVP_PKEY *pkey_of(const struct ssh_key *key)
{
	if (key->type->kind == SSH_KEY_ED25519)
		return EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
						      bytes_of(key->point),
						      key->point.n);
	return pkey_new_built(key);
}

int ssh_pkey_new(struct ssh_pkey **out, const struct ssh_key *key,
		 struct err *e)
{
	struct ssh_pkey *p = calloc(1, sizeof(*p));
	int rc = 0;

	*out = NULL;
	if (!p)
		return err_nomem(e);
	if (key->type->kind == SSH_KEY_RSA)
		rc = ssh_rsa_new(&p->rsa, key, e);
	if (!rc && !p->rsa) {
		p->pkey = pkey_of(key);
		if (!p->pkey)
			rc = crypto_failed(e, "the key is not accepted");
	}
	if (!rc)
		*out = p;
	else
		free(p);
	return rc;
}

void ssh_pkey_free(struct ssh_pkey *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < sizeof(p->ctx) / sizeof(p->ctx[0]); i++)
		EVP_PKEY_CTX_free(p->ctx[i]);
	EVP_MD_CTX_free(p->md_ctx);
	EVP_PKEY_free(p->pkey);
	ssh_rsa_free(p->rsa);
	free(p);
}

/* What a token signs in place of the message (PROTOCOL.u2f). */
static struct span wrap_for_token(unsigned char out[TOKEN_BYTES],
				  const struct ssh_key *key,
				  const struct ssh_raw_sig *sig,
				  struct span message)
{
	unsigned char *p = out + SHA256_SIZE;

	sha256_of(key->application.p, key->application.n, out);
	*p++ = sig->flags;
	*p++ = (unsigned char)(sig->counter >> 24);
	*p++ = (unsigned char)(sig->counter >> 16);
	*p++ = (unsigned char)(sig->counter >> 8);
	*p++ = (unsigned char)sig->counter;
	sha256_of(message.p, message.n, p);
	return span_of(out, TOKEN_BYTES);
}

/* A positive INTEGER of DER, which has the form of SSH's mpint. */
static void der_integer(struct buf *b, struct span v)
{
	bool zero = v.p[0] & 0x80;

	buf_addch(b, 2);
	buf_addch(b, (char)(v.n + zero));
	if (zero)
		buf_addch(b, 0);
	buf_add(b, v.p, v.n);
}

/* ECDSA-Sig-Value (RFC 3279, 2.2.3) */
static int ecdsa_der(struct buf *der, const struct ssh_raw_sig *sig,
		     struct err *e)
{
	struct buf body = BUF_INIT(MAX_DER);

	der_integer(&body, sig->r);
	der_integer(&body, sig->s);
	buf_addch(der, 0x30);
	if (body.len > 127)
		buf_addch(der, (char)0x81);
	buf_addch(der, (char)body.len);
	buf_add(der, body.data, body.len);
	if (!buf_ok(&body))
		der->failed = true;
	buf_release(&body);
	return buf_ok(der) ? 0 : err_nomem(e);
}

static const EVP_MD *digest_of(enum ssh_hash hash)
{
	switch (hash) {
	case SSH_HASH_256:
		return EVP_sha256();
	case SSH_HASH_384:
		return EVP_sha384();
	case SSH_HASH_512:
		return EVP_sha512();
	case SSH_HASH_NONE:
		break;
	}
	return NULL;
}

/* A context of ECDSA, or of RSA with PKCS #1 v1.5, for this hash. */
static EVP_PKEY_CTX *context_new(EVP_PKEY *pkey, bool rsa, enum ssh_hash hash)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	if (ctx && EVP_PKEY_verify_init(ctx) == 1 &&
	    (!rsa ||
	     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1) &&
	    EVP_PKEY_CTX_set_signature_md(ctx, digest_of(hash)) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static int verify_hashed(struct ssh_pkey *p, const struct ssh_key *key,
			 enum ssh_hash hash, struct span sig,
			 struct span message, bool *good, struct err *e)
{
	unsigned char digest[SSH_HASH_MAX];
	EVP_PKEY_CTX **ctx = &p->ctx[hash];
	size_t n = ssh_hash_of(hash, message, digest);

	if (p->rsa)
		return ssh_rsa_verify(p->rsa, hash, span_of(digest, n), sig,
				      good, e);
	if (!*ctx)
		*ctx = context_new(p->pkey, key->type->kind == SSH_KEY_RSA,
				   hash);
	if (!*ctx || !n)
		return crypto_failed(e, "cannot verify with this key");
	*good = EVP_PKEY_verify(*ctx, bytes_of(sig), sig.n, digest, n) == 1;
	ERR_clear_error();
	return 0;
}

/* One context for all signatures by a key: a new one looks up the algorithm
 * again. It must be told to begin anew each time. */
static int verify_ed25519(struct ssh_pkey *p, struct span sig,
			  struct span message, bool *good, struct err *e)
{
	int rc = 0;

	if (!p->md_ctx)
		p->md_ctx = EVP_MD_CTX_new();
	if (!p->md_ctx)
		return err_nomem(e);
	if (EVP_DigestVerifyInit_ex(p->md_ctx, NULL, NULL, NULL, NULL, p->pkey,
				    NULL) != 1)
		rc = crypto_failed(e, "cannot verify with this key");
	else
		*good = EVP_DigestVerify(p->md_ctx, bytes_of(sig), sig.n,
					 bytes_of(message), message.n) == 1;
	ERR_clear_error();
	return rc;
}

static int verify_ecdsa(struct ssh_pkey *p, const struct ssh_key *key,
			const struct ssh_raw_sig *sig, struct span message,
			bool *good, struct err *e)
{
	struct buf der = BUF_INIT(MAX_DER);
	int rc = ecdsa_der(&der, sig, e);

	if (!rc)
		rc = verify_hashed(p, key, sig->hash,
				   span_of(der.data, der.len), message, good,
				   e);
	buf_release(&der);
	return rc;
}

int ssh_pkey_verify(struct ssh_pkey *p, const struct ssh_key *key,
		    const struct ssh_raw_sig *sig, struct span message,
		    bool *good, struct err *e)
{
	unsigned char token[TOKEN_BYTES];

	*good = false;
	if (key->type->sk)
		message = wrap_for_token(token, key, sig, message);
	switch (key->type->kind) {
	case SSH_KEY_ED25519:
		return verify_ed25519(p, sig->bytes, message, good, e);
	case SSH_KEY_ECDSA:
		return verify_ecdsa(p, key, sig, message, good, e);
	case SSH_KEY_RSA:
		return verify_hashed(p, key, sig->hash, sig->bytes, message,
				     good, e);
	case SSH_KEY_NONE:
		break;
	}
	return err_set(e, ERR_INTERNAL, "a key of no kind");
}
