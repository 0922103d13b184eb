/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/cms.h"

#include <string.h>

#include "trust/der.h"

/* Object identifiers (RFC 5652, 4, 5.1, 11; RFC 8017, C; RFC 5754; RFC 5758;
 * RFC 8419) as DER has them, without tag and length. */
#define OID_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_CONTENT_TYPE "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"
#define OID_MESSAGE_DIGEST "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"
#define OID_SHA2 "\x60\x86\x48\x01\x65\x03\x04\x02"
#define OID_PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define OID_ECDSA_SHA2 "\x2a\x86\x48\xce\x3d\x04\x03"
#define OID_ED25519 "\x2b\x65\x70"

static bool oid_is(struct span s, const char *oid)
{
	return span_is(s, oid);
}

static enum cms_fault malformed(const char **why, const char *text)
{
	*why = text;
	return CMS_MALFORMED;
}

static enum cms_fault unsupported(const char **why, const char *text)
{
	*why = text;
	return CMS_UNSUPPORTED;
}

static bool take_version(struct cursor *c, const char **why)
{
	struct span v;

	if (!der_take(c, DER_INTEGER, &v) || v.n != 1 || v.p[0] != 1) {
		*why = "a version is not 1";
		return false;
	}
	return true;
}

/* An algorithm whose parameters are absent or NULL. */
static bool take_algorithm(struct cursor *c, struct span *oid, bool *null)
{
	struct span body, none;
	struct cursor in;

	if (!der_take(c, DER_SEQUENCE, &body))
		return false;
	in = cursor_of(body.p, body.n);
	if (!der_take(&in, DER_OID, oid))
		return false;
	*null = der_take(&in, DER_NULL, &none);
	return !cursor_left(&in) && !(*null && none.n);
}

static enum cms_fault take_digest_algorithm(struct cms *out, struct cursor *c,
					    const char **why)
{
	static const enum ssh_hash hashes[] = {SSH_HASH_NONE, SSH_HASH_256,
					       SSH_HASH_384, SSH_HASH_512};
	const size_t n = sizeof(OID_SHA2) - 1;
	struct span oid;
	unsigned last;
	bool null;

	if (!take_algorithm(c, &oid, &null))
		return malformed(why, "its digest algorithm is off");
	last = oid.n ? (unsigned char)oid.p[oid.n - 1] : 0;
	if (oid.n != n + 1 || memcmp(oid.p, OID_SHA2, n) != 0 || last < 1 ||
	    last > 3)
		return unsupported(why, "its digest algorithm is not SHA-256, "
					"SHA-384 or SHA-512");
	out->hash = hashes[last];
	return CMS_OK;
}

/* The hash that a signature algorithm names must be the digest's. */
static enum cms_fault check_scheme(struct cms *out, struct span oid, bool null,
				   const char **why)
{
	/* of RSA: 1 is without hash, 11 to 13 are SHA-256 to SHA-512; of
	 * ECDSA these are 2 to 4 */
	const unsigned nth = (unsigned)out->hash - SSH_HASH_256;
	const size_t rsa = sizeof(OID_PKCS1) - 1;
	const size_t ecdsa = sizeof(OID_ECDSA_SHA2) - 1;
	unsigned last = oid.n ? (unsigned char)oid.p[oid.n - 1] : 0;

	if (oid.n == rsa + 1 && memcmp(oid.p, OID_PKCS1, rsa) == 0 &&
	    (last == 1 || last == 11 + nth))
		out->scheme = CMS_RSA;
	else if (oid.n == ecdsa + 1 &&
		 memcmp(oid.p, OID_ECDSA_SHA2, ecdsa) == 0 && last == 2 + nth)
		out->scheme = CMS_ECDSA;
	else if (oid_is(oid, OID_ED25519) && out->hash == SSH_HASH_512)
		out->scheme = CMS_ED25519;
	if (!out->scheme)
		return unsupported(why, "its signature algorithm is none of "
					"RSA (PKCS #1), ECDSA and Ed25519 with "
					"its digest algorithm");
	if (null && out->scheme != CMS_RSA)
		return malformed(why, "its signature algorithm is off");
	return CMS_OK;
}

static enum cms_fault take_certificates(struct cms *out, struct cursor *c,
					const char **why)
{
	struct span all, *next;
	struct cursor in;

	if (!der_take(c, DER_CONTEXT_0, &all))
		return malformed(why, "there is no certificate in it");
	in = cursor_of(all.p, all.n);
	while (cursor_left(&in)) {
		if (out->ncertificates == CMS_MAX_CERTIFICATES)
			return unsupported(why, "it has too many certificates");
		next = &out->certificates[out->ncertificates++];
		if (!der_take_whole(&in, DER_SEQUENCE, next))
			return malformed(why, "a certificate is off");
	}
	if (!out->ncertificates)
		return malformed(why, "there is no certificate in it");
	if (der_is_next(c, DER_CONTEXT_1))
		return unsupported(why, "it brings a revocation list");
	return CMS_OK;
}

/* Whether a comes before b as DER sorts the elements of a set (X.690, 11.6):
 * none is the beginning of another, since each has its length. */
static bool before(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	return memcmp(a.p, b.p, n) < 0;
}

/* An attribute's type, and its one value. */
static bool take_attribute(struct span whole, struct span *type,
			   struct cursor *value)
{
	struct cursor c = cursor_of(whole.p, whole.n);
	struct span body, set;

	if (!der_take(&c, DER_SEQUENCE, &body))
		return false;
	c = cursor_of(body.p, body.n);
	if (!der_take(&c, DER_OID, type) || !der_take(&c, DER_SET, &set) ||
	    cursor_left(&c))
		return false;
	*value = cursor_of(set.p, set.n);
	return true;
}

struct attributes {
	struct span types[CMS_MAX_ATTRIBUTES];
	size_t n;
	bool content_type;
	struct span digest;
};

static bool seen(struct attributes *a, struct span type)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (span_equal(a->types[i], type))
			return true;
	a->types[a->n++] = type;
	return false;
}

static const char *read_attribute(struct attributes *a, struct span whole)
{
	struct cursor value;
	struct span type, oid;

	if (!take_attribute(whole, &type, &value))
		return "a signed attribute is off";
	if (a->n == CMS_MAX_ATTRIBUTES || seen(a, type))
		return "it has a signed attribute twice, or too many";
	if (oid_is(type, OID_CONTENT_TYPE)) {
		a->content_type = der_take(&value, DER_OID, &oid) &&
				  oid_is(oid, OID_DATA) && !cursor_left(&value);
		if (!a->content_type)
			return "its content type is not data";
	}
	if (oid_is(type, OID_MESSAGE_DIGEST) &&
	    (!der_take(&value, DER_OCTETS, &a->digest) || cursor_left(&value)))
		return "its message digest is off";
	return NULL;
}

static enum cms_fault take_attributes(struct cms *out, struct cursor *c,
				      const char **why)
{
	struct attributes a = {.n = 0};
	struct span one, last = {NULL, 0};
	struct cursor in;

	if (!der_take(c, DER_CONTEXT_0, &out->attributes))
		return malformed(why, "it has no signed attributes");
	if (out->attributes.n > CMS_MAX_ATTRIBUTE_BYTES)
		return unsupported(why, "its signed attributes are too long");
	in = cursor_of(out->attributes.p, out->attributes.n);
	while (cursor_left(&in)) {
		if (!der_take_whole(&in, DER_SEQUENCE, &one))
			return malformed(why, "a signed attribute is off");
		if (last.n && !before(last, one))
			return malformed(why, "its signed attributes are not "
					      "in order");
		*why = read_attribute(&a, one);
		if (*why)
			return CMS_MALFORMED;
		last = one;
	}
	if (!a.content_type || !a.digest.n)
		return malformed(why, "content type or message digest is not "
				      "signed");
	out->digest = a.digest;
	return CMS_OK;
}

static enum cms_fault take_signer(struct cms *out, struct cursor *c,
				  struct span algorithm, const char **why)
{
	enum cms_fault fault;
	struct cursor in;
	struct span id, oid;
	const char *start;
	bool null;

	if (!take_version(c, why) || !der_take(c, DER_SEQUENCE, &id))
		return malformed(why, "its signer is not named by issuer and "
				      "serial number");
	in = cursor_of(id.p, id.n);
	if (!der_take_whole(&in, DER_SEQUENCE, &out->issuer) ||
	    !der_take_whole(&in, DER_INTEGER, &out->serial) || cursor_left(&in))
		return malformed(why, "its signer is not named by issuer and "
				      "serial number");
	start = c->p;
	fault = take_digest_algorithm(out, c, why);
	if (fault)
		return fault;
	if (!span_equal(algorithm, span_of(start, (size_t)(c->p - start))))
		return malformed(why, "its two digest algorithms differ");
	fault = take_attributes(out, c, why);
	if (fault)
		return fault;
	if (!take_algorithm(c, &oid, &null))
		return unsupported(why, "its signature algorithm has "
					"parameters, as RSA-PSS has");
	fault = check_scheme(out, oid, null, why);
	if (fault)
		return fault;
	if (!der_take(c, DER_OCTETS, &out->signature))
		return malformed(why, "its signature is cut short");
	if (cursor_left(c))
		return unsupported(why, "it has attributes that are not "
					"signed, such as a time stamp");
	return CMS_OK;
}

static enum cms_fault take_signers(struct cms *out, struct cursor *c,
				   struct span algorithm, const char **why)
{
	struct cursor in, signer;
	struct span set, one;

	if (!der_take(c, DER_SET, &set))
		return malformed(why, "its signer is missing");
	in = cursor_of(set.p, set.n);
	if (!der_take(&in, DER_SEQUENCE, &one))
		return malformed(why, "its signer is missing");
	if (cursor_left(&in))
		return unsupported(why, "it has more than one signer");
	signer = cursor_of(one.p, one.n);
	return take_signer(out, &signer, algorithm, why);
}

/* The content that it is about: data, and not in here. */
static bool take_content(struct cursor *c, const char **why)
{
	struct der_level level;
	struct span oid;

	if (der_enter(c, DER_SEQUENCE, &level) && der_take(c, DER_OID, &oid) &&
	    oid_is(oid, OID_DATA) && der_leave(c, &level))
		return true;
	*why = "it is not a detached signature of data";
	return false;
}

static enum cms_fault take_signed_data(struct cms *out, struct cursor *c,
				       const char **why)
{
	struct span algorithm;
	enum cms_fault fault;

	if (!take_version(c, why))
		return CMS_MALFORMED;
	if (!der_take(c, DER_SET, &algorithm))
		return malformed(why, "its digest algorithm is missing");
	if (!take_content(c, why))
		return CMS_MALFORMED;
	fault = take_certificates(out, c, why);
	if (!fault)
		fault = take_signers(out, c, algorithm, why);
	return fault;
}

enum cms_fault cms_read(struct cms *out, struct span der, const char **why)
{
	struct der_level outer, content, data;
	struct cursor c = cursor_of(der.p, der.n);
	enum cms_fault fault;
	struct span oid;

	memset(out, 0, sizeof(*out));
	*why = "";
	if (!der_enter(&c, DER_SEQUENCE, &outer) ||
	    !der_take(&c, DER_OID, &oid) || !oid_is(oid, OID_SIGNED_DATA) ||
	    !der_enter(&c, DER_CONTEXT_0, &content) ||
	    !der_enter(&c, DER_SEQUENCE, &data))
		return malformed(why, "it is no CMS signature");
	fault = take_signed_data(out, &c, why);
	if (fault)
		return fault;
	if (!der_leave(&c, &data) || !der_leave(&c, &content) ||
	    !der_leave(&c, &outer) || cursor_left(&c))
		return malformed(why, "bytes follow its parts");
	return CMS_OK;
}
