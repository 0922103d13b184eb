/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/timestamp.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"

/* OpenSSL 3.4 gave the setters that take ownership clearer names. */
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
#define give_store(ctx, store) TS_VERIFY_CTX_set0_store((ctx), (store))
#define give_imprint(ctx, bytes, n)                                            \
	TS_VERIFY_CTX_set0_imprint((ctx), (bytes), (n))
#else
#define give_store(ctx, store) (TS_VERIFY_CTX_set_store((ctx), (store)) != NULL)
#define give_imprint(ctx, bytes, n)                                            \
	(TS_VERIFY_CTX_set_imprint((ctx), (bytes), (n)) != NULL)
#endif

enum { NONCE_BYTES = 8 };

/* The innermost reason that libcrypto gives. */
static const char *reason(void)
{
	const char *data = NULL, *text;
	int flags = 0;
	unsigned long code =
		ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags);

	if (data && *data && flags & ERR_TXT_STRING)
		return data;
	text = code ? ERR_reason_error_string(code) : NULL;
	return text ? text : "no reason given";
}

static int refuse(int code, const char *what, struct err *e)
{
	struct buf why = BUF_INIT(ERR_MAX_MSG);

	text_add_printable(&why, span_str(reason()), 160);
	err_set(e, code, "%s: %s", what, why.data);
	buf_release(&why);
	ERR_clear_error();
	return code;
}

/* -------------------------------------------------------------- request */

static int fill_imprint(TS_REQ *req, struct span bytes)
{
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	unsigned char digest[SHA256_SIZE];
	bool ok;

	sha256_of(bytes.p, bytes.n, digest);
	ok = imprint && algorithm &&
	     X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL,
			     NULL) == 1 &&
	     TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
	     TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof(digest)) == 1 &&
	     TS_REQ_set_msg_imprint(req, imprint) == 1;
	X509_ALGOR_free(algorithm);
	TS_MSG_IMPRINT_free(imprint);
	return ok ? 0 : ERR_CRYPTO;
}

static int fill_nonce(TS_REQ *req, struct err *e)
{
	unsigned char bytes[NONCE_BYTES];
	ASN1_INTEGER *nonce = NULL;
	BIGNUM *n = NULL;
	int rc = random_bytes(bytes, sizeof(bytes), e);

	if (rc)
		return rc;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	if (n)
		nonce = BN_to_ASN1_INTEGER(n, NULL);
	if (!nonce || TS_REQ_set_nonce(req, nonce) != 1)
		rc = refuse(ERR_CRYPTO, "a time stamp's nonce", e);
	ASN1_INTEGER_free(nonce);
	BN_free(n);
	return rc;
}

int timestamp_request(struct span bytes, struct buf *out, struct err *e)
{
	TS_REQ *req = TS_REQ_new();
	unsigned char *der = NULL;
	int n, rc = 0;

	if (!req || TS_REQ_set_version(req, 1) != 1 ||
	    fill_imprint(req, bytes) || TS_REQ_set_cert_req(req, 1) != 1)
		rc = refuse(ERR_CRYPTO, "a time stamp's request", e);
	if (!rc)
		rc = fill_nonce(req, e);
	if (!rc) {
		n = i2d_TS_REQ(req, &der);
		if (n <= 0)
			rc = refuse(ERR_CRYPTO, "a time stamp's request", e);
		else if (buf_add(out, der, (size_t)n))
			rc = err_nomem(e);
	}
	OPENSSL_free(der);
	TS_REQ_free(req);
	return rc;
}

/* --------------------------------------------------------------- verify */

static int read_authorities(struct span pem, X509_STORE **out, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509_STORE *store = X509_STORE_new();
	size_t n = 0;
	X509 *cert;

	*out = NULL;
	while (bio && store &&
	       (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		n += X509_STORE_add_cert(store, cert) == 1;
		X509_free(cert);
	}
	ERR_clear_error();
	BIO_free(bio);
	if (n) {
		*out = store;
		return 0;
	}
	X509_STORE_free(store);
	return err_set(e, ERR_CONFIG, "has no certificate in PEM");
}

static int parse(struct span der, TS_RESP **out, struct err *e)
{
	const unsigned char *p = (const unsigned char *)der.p;

	*out = NULL;
	if (der.n && der.n <= TIMESTAMP_MAX)
		*out = d2i_TS_RESP(NULL, &p, (long)der.n);
	if (*out && p == (const unsigned char *)der.p + der.n)
		return 0;
	TS_RESP_free(*out);
	*out = NULL;
	ERR_clear_error();
	return err_set(e, ERR_MALFORMED, "is no answer of RFC 3161");
}

static bool take_time(TS_RESP *resp, int64_t *ms)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(resp);
	const ASN1_GENERALIZEDTIME *t =
		info ? TS_TST_INFO_get_time(info) : NULL;
	struct tm tm;
	int64_t seconds;

	if (!t || ASN1_TIME_to_tm(t, &tm) != 1 ||
	    !time_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			     tm.tm_hour, tm.tm_min, tm.tm_sec, &seconds))
		return false;
	*ms = seconds * 1000;
	return true;
}

static int check_granted(TS_RESP *resp, struct err *e)
{
	const TS_STATUS_INFO *info = TS_RESP_get_status_info(resp);
	long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));

	if (status == TS_STATUS_GRANTED ||
	    status == TS_STATUS_GRANTED_WITH_MODS)
		return 0;
	return err_set(e, ERR_DENIED, "was not granted (status %ld)", status);
}

/* `ctx` knows what is to be in it; the signature is checked in any case. */
static int verify(TS_VERIFY_CTX *ctx, TS_RESP *resp, X509_STORE *store,
		  int64_t *ms, struct err *e)
{
	int rc = check_granted(resp, e);

	if (rc)
		return rc;
	if (!take_time(resp, ms))
		return err_set(e, ERR_MALFORMED, "states no time");
	if (X509_STORE_up_ref(store) != 1 || !give_store(ctx, store))
		return err_nomem(e);
	TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE | TS_VFY_VERSION);
	if (TS_RESP_verify_response(ctx, resp) == 1)
		return 0;
	return refuse(ERR_DENIED, "does not verify", e);
}

int timestamp_check_response(struct span request, struct span response,
			     struct span ca, int64_t *ms, struct err *e)
{
	const unsigned char *p = (const unsigned char *)request.p;
	TS_REQ *req = d2i_TS_REQ(NULL, &p, (long)request.n);
	TS_VERIFY_CTX *ctx = req ? TS_REQ_to_TS_VERIFY_CTX(req, NULL) : NULL;
	X509_STORE *store = NULL;
	TS_RESP *resp = NULL;
	int rc = ctx ? parse(response, &resp, e)
		     : refuse(ERR_CRYPTO, "a time stamp's request", e);

	if (!rc)
		rc = read_authorities(ca, &store, e);
	if (!rc)
		rc = verify(ctx, resp, store, ms, e);
	TS_RESP_free(resp);
	X509_STORE_free(store);
	TS_VERIFY_CTX_free(ctx);
	TS_REQ_free(req);
	return rc;
}

/* libcrypto takes the digest over. */
static int want_imprint(TS_VERIFY_CTX *ctx, struct span bytes, struct err *e)
{
	unsigned char *digest = OPENSSL_malloc(SHA256_SIZE);

	if (!digest)
		return err_nomem(e);
	sha256_of(bytes.p, bytes.n, digest);
	if (!give_imprint(ctx, digest, SHA256_SIZE)) {
		OPENSSL_free(digest);
		return err_nomem(e);
	}
	TS_VERIFY_CTX_add_flags(ctx, TS_VFY_IMPRINT);
	return 0;
}

static void judge_at(X509_STORE *store, int64_t ms)
{
	X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);

	X509_VERIFY_PARAM_set_time(param, (time_t)(ms / 1000));
}

static bool is_sha256(TS_RESP *resp)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(resp);
	TS_MSG_IMPRINT *imprint =
		info ? TS_TST_INFO_get_msg_imprint(info) : NULL;
	const ASN1_OBJECT *o = NULL;

	if (!imprint)
		return false;
	X509_ALGOR_get0(&o, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
	return OBJ_obj2nid(o) == NID_sha256;
}

int timestamp_check(struct span bytes, struct span response, struct span ca,
		    int64_t *ms, struct err *e)
{
	TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	X509_STORE *store = NULL;
	TS_RESP *resp = NULL;
	int rc = ctx ? parse(response, &resp, e) : err_nomem(e);

	if (!rc && !is_sha256(resp))
		rc = err_set(e, ERR_MALFORMED, "is of no SHA-256");
	if (!rc)
		rc = read_authorities(ca, &store, e);
	if (!rc && take_time(resp, ms))
		judge_at(store, *ms);
	if (!rc)
		rc = want_imprint(ctx, bytes, e);
	if (!rc)
		rc = verify(ctx, resp, store, ms, e);
	TS_RESP_free(resp);
	X509_STORE_free(store);
	TS_VERIFY_CTX_free(ctx);
	return rc;
}
