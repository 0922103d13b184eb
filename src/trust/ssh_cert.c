/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_cert.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

enum { CERT_USER = 1, CERT_HOST = 2, MAX_SHOWN = 48 };

void ssh_cert_init(struct ssh_cert *c)
{
	memset(c, 0, sizeof(*c));
	buf_init(&c->plain, SSH_KEY_MAX_BLOB);
}

void ssh_cert_release(struct ssh_cert *c)
{
	buf_release(&c->plain);
}

/* The certified key in the form that it has without its certificate. */
static int plain_key(struct ssh_cert *c, struct span parts, struct err *e)
{
	const char *name = c->key.type->name;
	const unsigned char len[4] = {0, 0, 0, (unsigned char)strlen(name)};

	buf_add(&c->plain, len, sizeof(len));
	buf_adds(&c->plain, name);
	buf_add(&c->plain, parts.p, parts.n);
	return buf_ok(&c->plain) ? 0 : err_nomem(e);
}

static enum ssh_key_fault read_key(struct ssh_cert *c, struct cursor *in,
				   struct span *parts, const char **why)
{
	struct span name, nonce;
	enum ssh_key_fault fault;
	const char *start;

	if (!cursor_string(in, &name) || !cursor_string(in, &nonce)) {
		*why = "it is cut short";
		return SSH_KEY_MALFORMED;
	}
	c->key.type = ssh_key_type_certified(name);
	if (!c->key.type) {
		*why = "its type is not known";
		return SSH_KEY_UNSUPPORTED;
	}
	start = in->p;
	fault = ssh_key_take_parts(&c->key, in, why);
	*parts = span_of(start, (size_t)(in->p - start));
	return fault;
}

bool ssh_cert_principal(struct cursor *principals, struct span *out)
{
	return cursor_left(principals) && cursor_string(principals, out);
}

static const char *check_principals(struct span list)
{
	struct cursor c = cursor_of(list.p, list.n);
	struct span one;
	size_t n = 0;

	while (cursor_left(&c)) {
		if (!cursor_string(&c, &one))
			return "its principals are cut short";
		if (!one.n || memchr(one.p, 0, one.n))
			return "a principal is empty or has a NUL";
		if (++n > SSH_CERT_MAX_PRINCIPALS)
			return "it has too many principals";
	}
	return NULL;
}

/* Whether a comes before b, as bytes. */
static bool before(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order < 0 || (order == 0 && a.n < b.n);
}

static const char *check_options(struct span list)
{
	struct cursor c = cursor_of(list.p, list.n);
	struct span name, data, last = {NULL, 0};

	while (cursor_left(&c)) {
		if (!cursor_string(&c, &name) || !cursor_string(&c, &data))
			return "its options are cut short";
		if (!before(last, name))
			return "its options are not in order";
		last = name;
	}
	return NULL;
}

/* What stands between the key and the authority. */
static const char *read_terms(struct ssh_cert *c, struct cursor *in)
{
	struct span extensions, reserved;
	const char *wrong;

	if (!cursor_u64(in, &c->serial) || !cursor_u32(in, &c->type) ||
	    !cursor_string(in, &c->id) || !cursor_string(in, &c->principals) ||
	    !cursor_u64(in, &c->after) || !cursor_u64(in, &c->before) ||
	    !cursor_string(in, &c->critical) ||
	    !cursor_string(in, &extensions) || !cursor_string(in, &reserved))
		return "it is cut short";
	if (reserved.n)
		return "its reserved field is not empty";
	if (memchr(c->id.p, 0, c->id.n))
		return "there is a NUL in its id";
	wrong = check_principals(c->principals);
	if (!wrong)
		wrong = check_options(c->critical);
	if (!wrong)
		wrong = check_options(extensions);
	return wrong;
}

static enum ssh_key_fault read_authority(struct ssh_cert *c, struct span blob,
					 struct cursor *in, const char **why)
{
	struct span key, sig;
	enum ssh_key_fault fault;

	if (!cursor_string(in, &key)) {
		*why = "it is cut short";
		return SSH_KEY_MALFORMED;
	}
	c->covered = span_of(blob.p, (size_t)(in->p - blob.p));
	if (!cursor_string(in, &sig) || cursor_left(in)) {
		*why = "it is cut short, or bytes follow its parts";
		return SSH_KEY_MALFORMED;
	}
	fault = ssh_key_parse(&c->authority, key, why);
	if (fault == SSH_KEY_CERTIFICATE)
		*why = "its authority is a certificate itself";
	if (fault)
		return fault == SSH_KEY_MALFORMED ? fault : SSH_KEY_UNSUPPORTED;
	switch (ssh_raw_sig_read(&c->sig, &c->authority, sig, why)) {
	case SSH_RAW_OK:
		return SSH_KEY_OK;
	case SSH_RAW_ALGORITHM:
		*why = "its authority signed with SHA-1, or another algorithm "
		       "that is not accepted";
		return SSH_KEY_UNSUPPORTED;
	case SSH_RAW_MALFORMED:
		break;
	}
	return SSH_KEY_MALFORMED;
}

int ssh_cert_read(struct ssh_cert *c, struct span blob,
		  enum ssh_key_fault *fault, const char **why, struct err *e)
{
	struct cursor in = cursor_of(blob.p, blob.n);
	struct span parts;
	int rc;

	c->blob = blob;
	*why = "";
	*fault = SSH_KEY_MALFORMED;
	if (blob.n > SSH_CERT_MAX_BLOB) {
		*why = "it is too long";
		return 0;
	}
	*fault = read_key(c, &in, &parts, why);
	if (*fault)
		return 0;
	rc = plain_key(c, parts, e);
	if (rc)
		return rc;
	*fault = ssh_key_parse(&c->key, span_of(c->plain.data, c->plain.len),
			       why);
	if (*fault)
		return 0;
	*why = read_terms(c, &in);
	*fault = *why ? SSH_KEY_MALFORMED : read_authority(c, blob, &in, why);
	return 0;
}

static bool say_option(struct signature *out, struct span name)
{
	if (span_is(name, "force-command"))
		signature_say(out, SIG_UNSUPPORTED,
			      "its certificate is limited to one command "
			      "(force-command), so it is not for signing");
	else if (span_is(name, "source-address"))
		signature_say(out, SIG_UNSUPPORTED,
			      "its certificate is limited to some addresses "
			      "(source-address), so it is not for signing");
	else
		signature_say(out, SIG_UNSUPPORTED,
			      "its certificate has a critical option that is "
			      "not known: %.*s",
			      (int)(name.n > MAX_SHOWN ? MAX_SHOWN : name.n),
			      name.p);
	return false;
}

static bool check_critical(const struct ssh_cert *c, bool verified,
			   struct signature *out)
{
	struct cursor in = cursor_of(c->critical.p, c->critical.n);
	struct span name, data;

	while (cursor_string(&in, &name) && cursor_string(&in, &data)) {
		if (!span_is(name, "verify-required") || data.n)
			return say_option(out, name);
		if (!verified) {
			signature_say(out, SIG_UNSUPPORTED,
				      "its certificate asks for verify-required"
				      ", and no security key recognised its "
				      "user");
			return false;
		}
	}
	return true;
}

/* Seconds beyond what a calendar has are "for ever". */
static void say_second(uint64_t seconds, char out[TIME_RFC3339_SIZE])
{
	const uint64_t most = INT64_MAX / 1000;

	time_format((int64_t)(seconds < most ? seconds : most) * 1000, out);
}

bool ssh_cert_check(const struct ssh_cert *c, int64_t at, bool verified,
		    struct signature *out)
{
	uint64_t now = at < 0 ? 0 : (uint64_t)at / 1000;
	char when[TIME_RFC3339_SIZE];

	if (c->type != CERT_USER) {
		signature_say(out, SIG_UNSUPPORTED,
			      "its certificate is %s, not one of a user",
			      c->type == CERT_HOST ? "one of a host"
						   : "of an unknown type");
	} else if (now < c->after) {
		say_second(c->after, when);
		signature_say(out, SIG_EXPIRED,
			      "its certificate is not valid before %s", when);
	} else if (now >= c->before) {
		say_second(c->before, when);
		signature_say(out, SIG_EXPIRED, "its certificate expired %s",
			      when);
	} else if (!c->principals.n) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "its certificate names no principal, so nobody");
	} else {
		return check_critical(c, verified, out);
	}
	return false;
}
