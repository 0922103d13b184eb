/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/x509_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "trust/armour.h"
#include "trust/cms.h"
#include "trust/signers_private.h"
#include "trust/x509_owner.h"
#include "trust/x509_trust.h"

static const struct armour form = {"-----BEGIN SIGNED MESSAGE-----\n",
				   "-----END SIGNED MESSAGE-----\n", 64, 64,
				   X509_SIG_MAX_TEXT};

/* What libcrypto made of a signature's certificates. */
struct bundle {
	STACK_OF(X509) * all;
	X509 *signer; /* one of them */
};

static void bundle_release(struct bundle *b)
{
	sk_X509_pop_free(b->all, X509_free);
}

/* Whether a name or number of libcrypto has these bytes in DER. */
static bool same_der(unsigned char *der, int n, struct span want)
{
	bool same = n > 0 && span_equal(span_of(der, (size_t)n), want);

	OPENSSL_free(der);
	return same;
}

static bool is_signer(X509 *one, const struct cms *cms)
{
	unsigned char *issuer = NULL, *serial = NULL;
	int n = i2d_X509_NAME(X509_get_issuer_name(one), &issuer);
	int m = i2d_ASN1_INTEGER(X509_get0_serialNumber(one), &serial);
	bool issued = same_der(issuer, n, cms->issuer);

	return same_der(serial, m, cms->serial) && issued;
}

static bool is_written(X509 *one, struct span der)
{
	unsigned char *out = NULL;
	int n = i2d_X509(one, &out);

	return same_der(out, n, der);
}

/* One that libcrypto would write as it stands there. */
static X509 *read_certificate(struct span der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	X509 *one = d2i_X509(NULL, &p, (long)der.n);

	if (one && p == (const unsigned char *)der.p + der.n &&
	    is_written(one, der))
		return one;
	X509_free(one);
	return NULL;
}

static int read_bundle(struct bundle *b, const struct cms *cms,
		       struct signature *out, struct err *e)
{
	size_t i;
	X509 *one;

	b->all = sk_X509_new_null();
	if (!b->all)
		return err_nomem(e);
	for (i = 0; i < cms->ncertificates; i++) {
		one = read_certificate(cms->certificates[i]);
		if (!one) {
			signature_say(out, SIG_MALFORMED,
				      "a certificate in it is not canonical");
			return 0;
		}
		if (!sk_X509_push(b->all, one)) {
			X509_free(one);
			return err_nomem(e);
		}
		if (!is_signer(one, cms))
			continue;
		if (b->signer)
			signature_say(out, SIG_MALFORMED,
				      "it has its signer's certificate twice");
		b->signer = one;
	}
	if (!b->signer)
		signature_say(out, SIG_MALFORMED,
			      "its signer's certificate is not in it");
	return 0;
}

static void say_signer(X509 *signer, EVP_PKEY *key, struct signature *out)
{
	unsigned char *der = NULL;
	char hex[SHA256_HEX_SIZE];
	int n = i2d_X509(signer, &der);
	const char *type = EVP_PKEY_get0_type_name(key);

	if (n > 0) {
		sha256_hex(der, (size_t)n, hex);
		snprintf(out->fingerprint, sizeof(out->fingerprint),
			 "sha256:%s", hex);
	}
	OPENSSL_free(der);
	snprintf(out->key_type, sizeof(out->key_type), "x509-%s",
		 type ? type : "unknown");
}

static bool key_fits(EVP_PKEY *key, enum cms_scheme scheme)
{
	switch (scheme) {
	case CMS_RSA:
		return EVP_PKEY_is_a(key, "RSA");
	case CMS_ECDSA:
		return EVP_PKEY_is_a(key, "EC");
	case CMS_ED25519:
		return EVP_PKEY_is_a(key, "ED25519");
	case CMS_SCHEME_NONE:
		break;
	}
	return false;
}

static const char *hash_name(const struct cms *cms)
{
	static const char *const names[] = {NULL, "SHA256", "SHA384", "SHA512"};

	return cms->scheme == CMS_ED25519 ? NULL : names[cms->hash];
}

/* What is signed is the attributes as a SET (RFC 5652, 5.4). */
static int signed_bytes(struct buf *b, struct span attributes, struct err *e)
{
	buf_addch(b, 0x31);
	if (attributes.n > 0xff)
		buf_addf(b, "\x82%c", (int)(attributes.n >> 8));
	else if (attributes.n > 0x7f)
		buf_addch(b, (char)0x81);
	buf_addch(b, (char)attributes.n);
	buf_add(b, attributes.p, attributes.n);
	return buf_ok(b) ? 0 : err_nomem(e);
}

static bool verify(EVP_PKEY *key, const struct cms *cms, struct span bytes)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	good = ctx &&
	       EVP_DigestVerifyInit_ex(ctx, NULL, hash_name(cms), NULL, NULL,
				       key, NULL) == 1 &&
	       EVP_DigestVerify(ctx, (const unsigned char *)cms->signature.p,
				cms->signature.n,
				(const unsigned char *)bytes.p, bytes.n) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

static int check_bytes(EVP_PKEY *key, const struct cms *cms,
		       struct span payload, struct signature *out,
		       struct err *e)
{
	unsigned char digest[SSH_HASH_MAX];
	struct buf bytes = BUF_INIT(X509_SIG_MAX_BLOB);
	size_t n = ssh_hash_of(cms->hash, payload, digest);
	int rc = 0;

	if (!key_fits(key, cms->scheme)) {
		signature_say(out, SIG_UNSUPPORTED,
			      "its algorithm is not one of its certificate's "
			      "key");
	} else if (!span_equal(span_of(digest, n), cms->digest)) {
		signature_say(out, SIG_BAD,
			      "the signature by certificate %s does not match "
			      "what it should cover",
			      out->fingerprint);
	} else {
		rc = signed_bytes(&bytes, cms->attributes, e);
		if (!rc && !verify(key, cms, span_of(bytes.data, bytes.len)))
			signature_say(out, SIG_BAD,
				      "the signature does not match the key of "
				      "certificate %s",
				      out->fingerprint);
	}
	buf_release(&bytes);
	return rc;
}

static bool in_chain(STACK_OF(X509) * chain, struct span der)
{
	int i;

	for (i = 0; i < sk_X509_num(chain); i++)
		if (is_written(sk_X509_value(chain, i), der))
			return true;
	return false;
}

/* Nothing in a signature may be changed unseen. */
static void check_bundle(const struct cms *cms, STACK_OF(X509) * chain,
			 struct signature *out)
{
	size_t i;

	for (i = 0; i < cms->ncertificates; i++)
		if (!in_chain(chain, cms->certificates[i])) {
			signature_say(out, SIG_MALFORMED,
				      "it brings a certificate that is not of "
				      "its signer's chain");
			return;
		}
}

static void check_usage(X509 *signer, struct signature *out)
{
	uint32_t usage = X509_get_key_usage(signer);
	uint32_t purposes = X509_get_extended_key_usage(signer);

	if (!(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
		signature_say(out, SIG_UNSUPPORTED,
			      "the key usage of its certificate is not to "
			      "sign");
	else if (!(purposes & (XKU_SMIME | XKU_ANYEKU)))
		signature_say(out, SIG_UNSUPPORTED,
			      "its certificate is for other purposes than "
			      "e-mail");
}

static int check_chain(const struct signers *s, const struct cms *cms,
		       const struct bundle *b, int64_t at,
		       struct signature *out, struct err *e)
{
	STACK_OF(X509) * chain;
	int rc = x509_trust_chain(s->x509, b->signer, b->all, at, &chain, out,
				  e);

	if (rc || !chain)
		return rc;
	check_bundle(cms, chain, out);
	if (out->status == SIG_NONE)
		check_usage(b->signer, out);
	sk_X509_pop_free(chain, X509_free);
	return 0;
}

static int verify_read(const struct signers *s, const struct principals *people,
		       struct span payload, const struct cms *cms, int64_t at,
		       struct signature *out, struct err *e)
{
	struct bundle b = {NULL, NULL};
	EVP_PKEY *key;
	int rc = read_bundle(&b, cms, out, e);

	if (rc || out->status != SIG_NONE)
		goto out;
	key = X509_get0_pubkey(b.signer);
	if (!key) {
		signature_say(out, SIG_UNSUPPORTED,
			      "libcrypto does not take the key of its "
			      "certificate");
		goto out;
	}
	say_signer(b.signer, key, out);
	rc = check_bytes(key, cms, payload, out, e);
	if (!rc && out->status == SIG_NONE)
		rc = check_chain(s, cms, &b, at, out, e);
	if (!rc && out->status == SIG_NONE)
		x509_owner_judge(b.signer, people, at, out);
out:
	bundle_release(&b);
	ERR_clear_error();
	return rc;
}

static int read_and_verify(const struct signers *s,
			   const struct principals *people, struct span payload,
			   struct span raw, int64_t at, struct signature *out,
			   struct err *e)
{
	enum cms_fault fault;
	const char *why;
	struct cms cms;

	fault = cms_read(&cms, raw, &why);
	if (!fault)
		return verify_read(s, people, payload, &cms, at, out, e);
	signature_say(out,
		      fault == CMS_MALFORMED ? SIG_MALFORMED : SIG_UNSUPPORTED,
		      "the signature is not accepted: %s", why);
	return 0;
}

int x509_signature_verify(const struct signers *s,
			  const struct principals *people, struct span payload,
			  struct span text, int64_t at, struct signature *out,
			  struct err *e)
{
	struct buf raw = BUF_INIT(X509_SIG_MAX_BLOB);
	const char *wrong;
	int rc;

	if (!s->has_x509) {
		signature_say(out, SIG_UNSUPPORTED,
			      "X.509 signatures are not accepted: the policy "
			      "names no authorities (x509-ca)");
		return 0;
	}
	rc = armour_read(&form, text, &raw, &wrong, e);
	if (!rc && wrong)
		signature_say(out, SIG_MALFORMED,
			      "the signature's armour is not canonical: %s",
			      wrong);
	else if (!rc)
		rc = read_and_verify(s, people, payload,
				     span_of(raw.data, raw.len), at, out, e);
	buf_release(&raw);
	return rc;
}
