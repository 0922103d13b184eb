/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/x509_trust.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/time.h"
#include "trust/der.h"

enum { AUTH_LEVEL = 2, MAX_PEM = 16 << 20 };

/* A file as it was read, until libcrypto has it. */
struct pem_file {
	char *name, *text;
	size_t n;
	size_t blocks; /* seen in its frame */
};

struct x509_trust {
	struct pem_file authorities, lists;
	X509_STORE *store; /* NULL: not opened yet */
};

struct x509_trust *x509_trust_new(void)
{
	return calloc(1, sizeof(struct x509_trust));
}

static void pem_file_release(struct pem_file *f)
{
	free(f->name);
	free(f->text);
}

void x509_trust_free(struct x509_trust *t)
{
	if (!t)
		return;
	pem_file_release(&t->authorities);
	pem_file_release(&t->lists);
	X509_STORE_free(t->store);
	free(t);
}

/* --- the frame ------------------------------------------------------------ */

/* One block's base64 must be one element of DER. */
static const char *check_block(struct span text)
{
	struct buf joined = BUF_INIT(MAX_PEM), raw = BUF_INIT(MAX_PEM);
	struct cursor c = cursor_of(text.p, text.n);
	struct span line, whole;
	const char *wrong = NULL;

	while (cursor_line(&c, &line)) {
		line = span_trim(line);
		buf_add(&joined, line.p, line.n);
	}
	if (!base64_decode(&raw, span_of(joined.data, joined.len)))
		wrong = "a block is not in base64";
	c = cursor_of(raw.data, raw.len);
	if (!wrong &&
	    (!der_take_whole(&c, DER_SEQUENCE, &whole) || cursor_left(&c)))
		wrong = "a block is not in DER";
	buf_release(&joined);
	buf_release(&raw);
	return wrong;
}

/* Text may stand between the blocks, as openssl writes it there. */
static int check_frame(const char *name, const char *label, struct span pem,
		       size_t *blocks, struct err *e)
{
	struct cursor c = cursor_of(pem.p, pem.n);
	const char *start = NULL, *wrong;
	char begin[64], end[64];
	struct span line;

	*blocks = 0;
	snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
	snprintf(end, sizeof(end), "-----END %s-----", label);
	while (cursor_line(&c, &line)) {
		const char *at = line.p;

		line = span_trim(line);
		if (span_is(line, begin) && !start) {
			start = c.p;
		} else if (span_is(line, end) && start) {
			wrong = check_block(
				span_of(start, (size_t)(at - start)));
			if (wrong)
				return err_set(e, ERR_CONFIG, "%s: %s", name,
					       wrong);
			start = NULL;
			++*blocks;
		} else if (span_starts(line, "-----")) {
			return err_set(e, ERR_CONFIG,
				       "%s: only whole blocks of %s may stand "
				       "in it",
				       name, label);
		}
	}
	if (start)
		return err_set(e, ERR_CONFIG, "%s: a block does not end", name);
	if (*blocks > X509_MAX_ENTRIES)
		return err_set(e, ERR_CONFIG, "%s: it has too many blocks",
			       name);
	return *blocks ? 0
		       : err_set(e, ERR_CONFIG, "%s: there is no %s in it",
				 name, label);
}

static int keep(struct pem_file *f, const char *name, const char *label,
		struct span pem, struct err *e)
{
	int rc = check_frame(name, label, pem, &f->blocks, e);

	if (rc)
		return rc;
	pem_file_release(f);
	f->name = span_dup(span_str(name));
	f->text = span_dup(pem);
	f->n = pem.n;
	return f->name && f->text ? 0 : err_nomem(e);
}

int x509_trust_add_authorities(struct x509_trust *t, const char *name,
			       struct span pem, struct err *e)
{
	return keep(&t->authorities, name, "CERTIFICATE", pem, e);
}

int x509_trust_add_lists(struct x509_trust *t, const char *name,
			 struct span pem, struct err *e)
{
	return keep(&t->lists, name, "X509 CRL", pem, e);
}

/* --- libcrypto ------------------------------------------------------------ */

static int config_error(const struct pem_file *f, const char *what,
			struct err *e)
{
	ERR_clear_error();
	return err_set(e, ERR_CONFIG, "%s: %s", f->name, what);
}

static int add_authority(X509_STORE *store, BIO *in, struct pem_file *f,
			 bool *end, struct err *e)
{
	X509 *one = PEM_read_bio_X509(in, NULL, NULL, NULL);
	int rc = 0;

	if (!one) {
		*end = ERR_GET_REASON(ERR_peek_last_error()) ==
		       PEM_R_NO_START_LINE;
		ERR_clear_error();
		return *end ? 0 : config_error(f, "a certificate is off", e);
	}
	if (X509_check_ca(one) == 0)
		rc = config_error(f, "a certificate is not of an authority", e);
	else if (X509_STORE_add_cert(store, one) != 1)
		rc = config_error(f, "a certificate is not accepted", e);
	X509_free(one);
	return rc;
}

static int add_list(X509_STORE *store, BIO *in, struct pem_file *f, bool *end,
		    struct err *e)
{
	X509_CRL *one = PEM_read_bio_X509_CRL(in, NULL, NULL, NULL);
	int rc = 0;

	if (!one) {
		*end = ERR_GET_REASON(ERR_peek_last_error()) ==
		       PEM_R_NO_START_LINE;
		ERR_clear_error();
		return *end ? 0
			    : config_error(f, "a revocation list is off", e);
	}
	if (X509_STORE_add_crl(store, one) != 1)
		rc = config_error(f, "a revocation list is not accepted", e);
	X509_CRL_free(one);
	return rc;
}

typedef int add_fn(X509_STORE *store, BIO *in, struct pem_file *f, bool *end,
		   struct err *e);

static int add_all(X509_STORE *store, struct pem_file *f, add_fn *add,
		   struct err *e)
{
	BIO *in = BIO_new_mem_buf(f->text, (int)f->n);
	bool end = false;
	size_t n = 0;
	int rc = in ? 0 : err_nomem(e);

	ERR_clear_error();
	while (!rc && !end) {
		rc = add(store, in, f, &end, e);
		n++;
	}
	BIO_free(in);
	/* a list that libcrypto passes over would revoke nothing */
	if (!rc && n - 1 != f->blocks)
		rc = config_error(f, "a block is not at the start of a line",
				  e);
	return rc;
}

int x509_trust_open(struct x509_trust *t, struct err *e)
{
	X509_STORE *store;
	int rc = 0;

	if (t->store)
		return 0;
	store = X509_STORE_new();
	if (!store)
		return err_nomem(e);
	if (t->authorities.text)
		rc = add_all(store, &t->authorities, add_authority, e);
	if (!rc && t->lists.text)
		rc = add_all(store, &t->lists, add_list, e);
	if (rc) {
		X509_STORE_free(store);
		return rc;
	}
	t->store = store;
	return 0;
}

/* There is no list, or none that the chain's last key could have signed. */
static bool lacks_list(int error)
{
	return error == X509_V_ERR_UNABLE_TO_GET_CRL ||
	       error == X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER ||
	       error == X509_V_ERR_CRL_SIGNATURE_FAILURE;
}

/* The last authority is trusted because the file has it: nobody above it
 * needs to say that it is not revoked. */
static int tolerate(int ok, X509_STORE_CTX *ctx)
{
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);

	if (!ok && depth > 0 && depth == sk_X509_num(chain) - 1 &&
	    lacks_list(X509_STORE_CTX_get_error(ctx))) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	return ok;
}

static void say_dates(X509_STORE_CTX *ctx, bool early, struct signature *out)
{
	X509 *one = X509_STORE_CTX_get_current_cert(ctx);
	const ASN1_TIME *when =
		early ? X509_get0_notBefore(one) : X509_get0_notAfter(one);
	const char *whose = X509_STORE_CTX_get_error_depth(ctx)
				    ? "the certificate of its authority"
				    : "its certificate";
	struct tm tm;
	int64_t seconds = 0;
	char text[TIME_RFC3339_SIZE] = "";

	if (ASN1_TIME_to_tm(when, &tm) == 1 &&
	    time_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			    tm.tm_hour, tm.tm_min, tm.tm_sec, &seconds))
		time_format(seconds * 1000, text);
	signature_say(out, SIG_EXPIRED,
		      early ? "%s is not valid before %s" : "%s expired %s",
		      whose, text);
}

static const struct {
	int error;
	enum signature_status status;
	const char *why;
} faults[] = {
	{X509_V_ERR_CERT_REVOKED, SIG_REVOKED,
	 "its certificate is revoked, or one of its authorities"},
	{X509_V_ERR_CRL_HAS_EXPIRED, SIG_EXPIRED,
	 "the revocation list of its authority is out of date"},
	{X509_V_ERR_CRL_NOT_YET_VALID, SIG_EXPIRED,
	 "the revocation list of its authority is not valid yet"},
	{X509_V_ERR_UNABLE_TO_GET_CRL, SIG_UNKNOWN_KEY,
	 "there is no revocation list of its authority"},
	{X509_V_ERR_CERT_SIGNATURE_FAILURE, SIG_BAD,
	 "its certificate does not match the signature of its authority"},
	{X509_V_ERR_EE_KEY_TOO_SMALL, SIG_UNSUPPORTED,
	 "the key of its certificate is too short"},
	{X509_V_ERR_CA_KEY_TOO_SMALL, SIG_UNSUPPORTED,
	 "the key of an authority is too short"},
	{X509_V_ERR_CA_MD_TOO_WEAK, SIG_UNSUPPORTED,
	 "its certificate is signed with SHA-1, or a digest as weak"},
};

static bool is_unknown(int error)
{
	return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
	       error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
	       error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

static void say_fault(X509_STORE_CTX *ctx, struct signature *out)
{
	int error = X509_STORE_CTX_get_error(ctx);
	size_t i;

	if (error == X509_V_ERR_CERT_HAS_EXPIRED ||
	    error == X509_V_ERR_CERT_NOT_YET_VALID) {
		say_dates(ctx, error == X509_V_ERR_CERT_NOT_YET_VALID, out);
		return;
	}
	if (is_unknown(error)) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "its certificate is by none of the authorities "
			      "that are trusted");
		return;
	}
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].error == error) {
			signature_say(out, faults[i].status, "%s",
				      faults[i].why);
			return;
		}
	signature_say(out, SIG_UNSUPPORTED, "its certificate: %s",
		      X509_verify_cert_error_string(error));
}

static void set_terms(X509_STORE_CTX *ctx, int64_t at, bool lists)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;

	if (lists)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	X509_VERIFY_PARAM_set_flags(param, flags);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_VERIFY_PARAM_set_depth(param, X509_MAX_DEPTH);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at / 1000));
	X509_STORE_CTX_set_verify_cb(ctx, tolerate);
}

int x509_trust_chain(struct x509_trust *t, struct x509_st *signer,
		     struct stack_st_X509 *others, int64_t at,
		     struct stack_st_X509 **chain, struct signature *out,
		     struct err *e)
{
	X509_STORE_CTX *ctx;
	int rc = x509_trust_open(t, e);

	*chain = NULL;
	if (rc)
		return rc;
	ctx = X509_STORE_CTX_new();
	if (!ctx || X509_STORE_CTX_init(ctx, t->store, signer, others) != 1) {
		X509_STORE_CTX_free(ctx);
		ERR_clear_error();
		return err_nomem(e);
	}
	set_terms(ctx, at, t->lists.text != NULL);
	if (X509_verify_cert(ctx) == 1) {
		*chain = X509_STORE_CTX_get1_chain(ctx);
		if (!*chain)
			rc = err_nomem(e);
	} else {
		say_fault(ctx, out);
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}
