/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/note_key.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "base/encode.h"
#include "base/uuid.h"

/* OpenSSL 3.5 names it; the headers of 3.0 do not. */
static const char ml_dsa_seed_param[] = "seed";
static const char private_prefix[] = "PRIVATE+KEY+";

static const char *algorithm(enum note_type type)
{
	return type == NOTE_ML_DSA_44 ? "ML-DSA-44" : "ED25519";
}

/* What libcrypto pushed on its queue must not be taken for a later call's. */
static int crypto_failed(struct err *e, enum note_type type, const char *what)
{
	ERR_clear_error();
	return err_set(
		e, ERR_CRYPTO, "libcrypto: %s %s%s", what, algorithm(type),
		type == NOTE_ML_DSA_44 ? "; it comes with OpenSSL 3.5" : "");
}

bool note_key_supported(enum note_type type)
{
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_name(NULL, algorithm(type), NULL);
	bool yes = ctx != NULL;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return yes;
}

/* Both schemes have private keys of a seed; only libcrypto's names differ. */
static EVP_PKEY *private_key(const struct note_skey *k)
{
	unsigned char seed[NOTE_SEED];
	OSSL_PARAM params[2] = {OSSL_PARAM_END, OSSL_PARAM_END};
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey = NULL;

	if (k->public.type != NOTE_ML_DSA_44)
		return EVP_PKEY_new_raw_private_key_ex(
			NULL, algorithm(k->public.type), NULL, k->seed,
			NOTE_SEED);
	memcpy(seed, k->seed, sizeof(seed));
	params[0] = OSSL_PARAM_construct_octet_string(ml_dsa_seed_param, seed,
						      sizeof(seed));
	ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm(k->public.type), NULL);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OPENSSL_cleanse(seed, sizeof(seed));
	return pkey;
}

/* The public half and the id, from the seed. */
static int complete(struct note_skey *k, struct err *e)
{
	struct note_vkey *p = &k->public;
	EVP_PKEY *pkey = private_key(k);
	size_t n = sizeof(p->key);
	int rc = 0;

	if (!pkey || EVP_PKEY_get_raw_public_key(pkey, p->key, &n) != 1)
		rc = crypto_failed(e, p->type, "no private key of");
	p->key_len = n;
	p->id = rc ? 0 : note_key_id(p);
	EVP_PKEY_free(pkey);
	return rc;
}

int note_skey_make(struct note_skey *out, enum note_type type, const char *name,
		   struct err *e)
{
	size_t n = strlen(name);
	int rc;

	*out = (struct note_skey){.public.type = type};
	if (!n || n > NOTE_MAX_NAME)
		return err_set(e, ERR_USAGE, "no name for a key");
	memcpy(out->public.name, name, n + 1);
	rc = random_bytes(out->seed, sizeof(out->seed), e);
	if (!rc)
		rc = complete(out, e);
	if (rc)
		note_skey_forget(out);
	return rc;
}

void note_skey_forget(struct note_skey *k)
{
	OPENSSL_cleanse(k, sizeof(*k));
}

void note_skey_write(const struct note_skey *k, struct buf *out)
{
	unsigned char raw[1 + NOTE_SEED];

	raw[0] = (unsigned char)k->public.type;
	memcpy(raw + 1, k->seed, NOTE_SEED);
	buf_addf(out, "%s%s+%08" PRIx32 "+", private_prefix, k->public.name,
		 k->public.id);
	base64_encode(out, raw, sizeof(raw));
	OPENSSL_cleanse(raw, sizeof(raw));
}

static int no_skey(struct err *e)
{
	return err_set(e, ERR_CONFIG, "is no private key of a note");
}

static bool take_skey(struct note_skey *out, struct span text, uint32_t *id)
{
	struct buf raw = BUF_INIT(1 + NOTE_SEED);
	struct cursor c = cursor_of(text.p, text.n);
	unsigned char hex[4];
	struct span name, word;
	bool ok = cursor_literal(&c, private_prefix) &&
		  cursor_until(&c, '+', &name) && name.n &&
		  name.n <= NOTE_MAX_NAME && cursor_until(&c, '+', &word) &&
		  hex_decode(word, hex, sizeof(hex)) &&
		  base64_decode(&raw, span_of(c.p, cursor_left(&c))) &&
		  raw.len == 1 + NOTE_SEED;

	if (ok) {
		memcpy(out->public.name, name.p, name.n);
		out->public.type = (enum note_type)(unsigned char)raw.data[0];
		memcpy(out->seed, raw.data + 1, NOTE_SEED);
		*id = (uint32_t)hex[0] << 24 | (uint32_t)hex[1] << 16 |
		      (uint32_t)hex[2] << 8 | hex[3];
	}
	OPENSSL_cleanse(raw.data, raw.len);
	buf_release(&raw);
	return ok;
}

int note_skey_parse(struct note_skey *out, struct span text, struct err *e)
{
	uint32_t id;
	int rc;

	*out = (struct note_skey){0};
	if (!take_skey(out, text, &id) ||
	    (out->public.type != NOTE_ED25519 &&
	     out->public.type != NOTE_COSIGNATURE &&
	     out->public.type != NOTE_ML_DSA_44))
		return no_skey(e);
	rc = complete(out, e);
	if (!rc && id != out->public.id)
		rc = no_skey(e);
	if (rc)
		note_skey_forget(out);
	return rc;
}

/* ----------------------------------------------------------------- sign */

static int sign_raw(const struct note_skey *k, struct span message,
		    struct buf *out, struct err *e)
{
	EVP_PKEY *pkey = private_key(k);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = NOTE_ML_DSA_SIGNATURE;
	int rc = 0;

	if (buf_reserve(out, n))
		rc = err_nomem(e);
	else if (!pkey || !ctx ||
		 EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) != 1 ||
		 EVP_DigestSign(ctx, (unsigned char *)out->data + out->len, &n,
				(const unsigned char *)message.p,
				message.n) != 1)
		rc = crypto_failed(e, k->public.type, "cannot sign with");
	else
		out->len += n;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return rc;
}

static void add_time(struct buf *out, uint64_t seconds)
{
	int shift;

	for (shift = 56; shift >= 0; shift -= 8)
		buf_addch(out, (char)(seconds >> shift & 0xff));
}

int note_sign(const struct note_skey *k, struct span text, uint64_t seconds,
	      struct buf *out, struct err *e)
{
	struct buf message = BUF_INIT(NOTE_MAX), raw = BUF_INIT(NOTE_MAX);
	const struct note_vkey *p = &k->public;
	int rc = note_message(p->type, p->name, seconds, text, &message, e);

	if (!rc && p->type != NOTE_ED25519)
		add_time(&raw, seconds);
	if (!rc)
		rc = sign_raw(k, span_of(message.data, message.len), &raw, e);
	if (!rc)
		note_add_signature(out, p->name, p->id,
				   span_of(raw.data, raw.len));
	if (!rc && !buf_ok(out))
		rc = err_nomem(e);
	buf_release(&message);
	buf_release(&raw);
	return rc;
}

/* --------------------------------------------------------------- verify */

static EVP_PKEY *public_key(const struct note_vkey *k)
{
	return EVP_PKEY_new_raw_public_key_ex(NULL, algorithm(k->type), NULL,
					      k->key, k->key_len);
}

int note_key_verify(const struct note_vkey *k, struct span message,
		    struct span signature, struct err *e)
{
	EVP_PKEY *pkey = public_key(k);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = 0;

	if (!pkey || !ctx ||
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1)
		rc = crypto_failed(e, k->type, "cannot verify with");
	else if (EVP_DigestVerify(ctx, (const unsigned char *)signature.p,
				  signature.n, (const unsigned char *)message.p,
				  message.n) != 1)
		rc = err_set(e, ERR_MALFORMED,
			     "the signature of %s+%08" PRIx32 " does not hold",
			     k->name, k->id);
	ERR_clear_error();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return rc;
}
