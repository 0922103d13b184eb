/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_sig.h"

#include <stdio.h>
#include <string.h>

#include "trust/armour.h"

static const struct armour form = {
	"-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n",
	SSH_SIG_MIN_WIDTH, SSH_SIG_MAX_WIDTH, SSH_SIG_MAX_TEXT};

void ssh_sig_init(struct ssh_sig *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->raw, SSH_SIG_MAX_BLOB);
	ssh_cert_init(&s->cert);
}

void ssh_sig_release(struct ssh_sig *s)
{
	buf_release(&s->raw);
	ssh_cert_release(&s->cert);
}

static void read_signature(struct ssh_sig *s, struct span sig,
			   struct signature *out)
{
	const char *why;

	switch (ssh_raw_sig_read(&s->raw_sig, &s->key, sig, &why)) {
	case SSH_RAW_OK:
		break;
	case SSH_RAW_ALGORITHM:
		signature_say(out, SIG_UNSUPPORTED,
			      "algorithm %.*s is not accepted for a key of "
			      "type %s",
			      (int)(s->raw_sig.algorithm.n > 48
					    ? 48
					    : s->raw_sig.algorithm.n),
			      s->raw_sig.algorithm.p, s->key.type->name);
		break;
	case SSH_RAW_MALFORMED:
		signature_say(out, SIG_MALFORMED,
			      "the signature is not canonical: %s", why);
		break;
	}
}

static void say_fault(enum ssh_key_fault fault, const char *what,
		      const char *why, struct signature *out)
{
	if (fault)
		signature_say(out,
			      fault == SSH_KEY_MALFORMED ? SIG_MALFORMED
							 : SIG_UNSUPPORTED,
			      "its %s is not accepted: %s", what, why);
}

static int read_certificate(struct ssh_sig *s, struct span blob,
			    struct signature *out, struct err *e)
{
	enum ssh_key_fault fault;
	const char *why;
	int rc = ssh_cert_read(&s->cert, blob, &fault, &why, e);

	if (rc)
		return rc;
	s->certified = true;
	s->key = s->cert.key;
	if (s->key.blob.n)
		ssh_key_fingerprint(s->key.blob, out->fingerprint);
	say_fault(fault, "certificate", why, out);
	return 0;
}

static int read_key(struct ssh_sig *s, struct span blob, struct signature *out,
		    struct err *e)
{
	struct cursor c = cursor_of(blob.p, blob.n);
	enum ssh_key_fault fault;
	struct span type = {NULL, 0};
	const char *why;

	ssh_key_fingerprint(blob, out->fingerprint);
	if (cursor_string(&c, &type) &&
	    (ssh_key_type_find(type) || ssh_key_type_certified(type)))
		snprintf(out->key_type, sizeof(out->key_type), "%.*s",
			 (int)type.n, type.p);
	if (ssh_key_type_is_certificate(type))
		return read_certificate(s, blob, out, e);
	fault = ssh_key_parse(&s->key, blob, &why);
	say_fault(fault, "key", why, out);
	return 0;
}

/* What stands between key and signature. @return false when `out` says why */
static bool check_frame(const struct ssh_sig *s, struct span name_space,
			struct span reserved, struct signature *out)
{
	if (!span_is(name_space, "git"))
		signature_say(out, SIG_BAD,
			      "it was made for \"%.*s\", not for git",
			      (int)(name_space.n > 40 ? 40 : name_space.n),
			      name_space.p);
	else if (reserved.n)
		signature_say(out, SIG_MALFORMED,
			      "its reserved field is not empty");
	else if (!span_is(s->hash, "sha256") && !span_is(s->hash, "sha512"))
		signature_say(out, SIG_UNSUPPORTED,
			      "its hash is neither sha256 nor sha512");
	return out->status == SIG_NONE;
}

static int read_blob(struct ssh_sig *s, struct signature *out, struct err *e)
{
	struct cursor c = cursor_of(s->raw.data, s->raw.len);
	struct span key, name_space, reserved, sig;
	uint32_t version;
	int rc;

	if (!cursor_literal(&c, "SSHSIG") || !cursor_u32(&c, &version)) {
		signature_say(out, SIG_MALFORMED, "it is no SSHSIG");
		return 0;
	}
	if (version != 1) {
		signature_say(out, SIG_UNSUPPORTED, "its version is %u, not 1",
			      (unsigned)version);
		return 0;
	}
	if (!cursor_string(&c, &key) || !cursor_string(&c, &name_space) ||
	    !cursor_string(&c, &reserved) || !cursor_string(&c, &s->hash) ||
	    !cursor_string(&c, &sig) || cursor_left(&c)) {
		signature_say(out, SIG_MALFORMED,
			      "it is cut short, or bytes follow its parts");
		return 0;
	}
	rc = read_key(s, key, out, e);
	if (!rc && out->status == SIG_NONE &&
	    check_frame(s, name_space, reserved, out))
		read_signature(s, sig, out);
	return rc;
}

int ssh_sig_read(struct ssh_sig *s, struct span text, struct signature *out,
		 struct err *e)
{
	const char *wrong;
	int rc = armour_read(&form, text, &s->raw, &wrong, e);

	if (rc)
		return rc;
	if (!wrong)
		return read_blob(s, out, e);
	signature_say(out, SIG_MALFORMED,
		      "the signature's armour is not canonical: %s", wrong);
	return 0;
}

static void put_string(struct buf *b, const void *bytes, size_t n)
{
	const unsigned char len[4] = {
		(unsigned char)(n >> 24), (unsigned char)(n >> 16),
		(unsigned char)(n >> 8), (unsigned char)n};

	buf_add(b, len, sizeof(len));
	buf_add(b, bytes, n);
}

int ssh_sig_message(const struct ssh_sig *s, struct span payload,
		    struct buf *message, struct err *e)
{
	unsigned char digest[SSH_HASH_MAX];
	size_t n = ssh_hash_of(span_is(s->hash, "sha256") ? SSH_HASH_256
							  : SSH_HASH_512,
			       payload, digest);

	buf_adds(message, "SSHSIG");
	put_string(message, "git", 3);
	put_string(message, "", 0); /* reserved */
	put_string(message, s->hash.p, s->hash.n);
	put_string(message, digest, n);
	return buf_ok(message) ? 0 : err_nomem(e);
}
