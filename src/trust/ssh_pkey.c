/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_pkey.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/buf.h"
#include "base/sha256.h"

enum {
	MAX_SIGNED = 256, /* bytes of what is signed, without the payload */
	MAX_DER = 160	  /* of an ECDSA signature on P-521: 139 */
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

int ssh_pkey_new(struct evp_pkey_st **out, const struct ssh_key *key,
		 struct err *e)
{
	*out = NULL;
	if (key->type->kind == SSH_KEY_ED25519)
		*out = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
						      bytes_of(key->point),
						      key->point.n);
	else
		*out = pkey_new_built(key);
	if (!*out)
		return crypto_failed(e, "the key is not accepted");
	return 0;
}

void ssh_pkey_free(struct evp_pkey_st *pkey)
{
	EVP_PKEY_free(pkey);
}

static void put_string(struct buf *b, const void *bytes, size_t n)
{
	const unsigned char len[4] = {
		(unsigned char)(n >> 24), (unsigned char)(n >> 16),
		(unsigned char)(n >> 8), (unsigned char)n};

	buf_add(b, len, sizeof(len));
	buf_add(b, bytes, n);
}

static bool add_digest(struct buf *b, struct span hash, struct span payload)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = SHA256_SIZE;

	if (span_is(hash, "sha256"))
		sha256_of(payload.p, payload.n, digest);
	else if (EVP_Digest(payload.p, payload.n, digest, &n, EVP_sha512(),
			    NULL) != 1)
		return false;
	put_string(b, digest, n);
	return true;
}

/* What a token signs in place of the message (PROTOCOL.u2f). */
static void wrap_for_token(struct buf *b, const struct ssh_sig *sig)
{
	unsigned char app[SHA256_SIZE], message[SHA256_SIZE];
	const unsigned char count[4] = {(unsigned char)(sig->counter >> 24),
					(unsigned char)(sig->counter >> 16),
					(unsigned char)(sig->counter >> 8),
					(unsigned char)sig->counter};

	sha256_of(sig->key.application.p, sig->key.application.n, app);
	sha256_of(b->data, b->len, message);
	buf_clear(b);
	buf_add(b, app, sizeof(app));
	buf_add(b, &sig->flags, 1);
	buf_add(b, count, sizeof(count));
	buf_add(b, message, sizeof(message));
}

static int signed_bytes(struct buf *b, const struct ssh_sig *sig,
			struct span payload, struct err *e)
{
	buf_adds(b, "SSHSIG");
	put_string(b, "git", 3);
	put_string(b, "", 0); /* reserved */
	put_string(b, sig->hash.p, sig->hash.n);
	if (!add_digest(b, sig->hash, payload))
		return crypto_failed(e, "cannot hash");
	if (sig->key.type->sk)
		wrap_for_token(b, sig);
	return buf_ok(b) ? 0 : err_nomem(e);
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
static int ecdsa_der(struct buf *der, const struct ssh_sig *sig, struct err *e)
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

static const char *digest_name(const struct ssh_sig *sig)
{
	if (sig->key.type->kind != SSH_KEY_RSA)
		return sig->key.type->digest;
	return span_is(sig->algorithm, "rsa-sha2-256") ? "SHA256" : "SHA512";
}

static int verify(EVP_PKEY *pkey, const char *digest, struct span sig,
		  struct span message, bool *good, struct err *e)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = 0;

	if (!ctx)
		return err_nomem(e);
	if (EVP_DigestVerifyInit_ex(ctx, NULL, digest, NULL, NULL, pkey,
				    NULL) != 1)
		rc = crypto_failed(e, "cannot verify with this key");
	else
		*good = EVP_DigestVerify(ctx, bytes_of(sig), sig.n,
					 bytes_of(message), message.n) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

int ssh_pkey_verify(struct evp_pkey_st *pkey, const struct ssh_sig *sig,
		    struct span payload, bool *good, struct err *e)
{
	struct buf message = BUF_INIT(MAX_SIGNED), der = BUF_INIT(MAX_DER);
	struct span bytes = sig->bytes;
	int rc;

	*good = false;
	rc = signed_bytes(&message, sig, payload, e);
	if (!rc && sig->key.type->kind == SSH_KEY_ECDSA) {
		rc = ecdsa_der(&der, sig, e);
		bytes = span_of(der.data, der.len);
	}
	if (!rc)
		rc = verify(pkey, digest_name(sig), bytes,
			    span_of(message.data, message.len), good, e);
	buf_release(&message);
	buf_release(&der);
	return rc;
}
