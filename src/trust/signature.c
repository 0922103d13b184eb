/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signature.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "trust/openpgp.h"
#include "trust/signers_private.h"
#include "trust/ssh_verify.h"
#include "trust/x509_verify.h"

const char *signature_status_word(enum signature_status s)
{
	switch (s) {
	case SIG_NONE:
		return "none";
	case SIG_GOOD:
		return "good";
	case SIG_UNKNOWN_KEY:
		return "unknown-key";
	case SIG_BAD:
		return "bad";
	case SIG_MALFORMED:
		return "malformed";
	case SIG_EXPIRED:
		return "expired";
	case SIG_REVOKED:
		return "revoked";
	case SIG_UNSUPPORTED:
		return "unsupported";
	}
	return "unsupported";
}

/* Copy whole characters of UTF-8, as many as fit. */
static void copy_cut(char *out, size_t size, const char *text, size_t n)
{
	if (n >= size) {
		n = size - 1;
		while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(out, text, n);
	out[n] = '\0';
}

void signature_say(struct signature *out, enum signature_status status,
		   const char *fmt, ...)
{
	char text[1024] = "";
	struct buf clean = BUF_INIT(4 * sizeof(text));
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	text_add_printable(&clean, span_str(text), SIG_MAX_TEXT - 4);
	copy_cut(out->why, sizeof(out->why), clean.data, clean.len);
	out->status = status;
	buf_release(&clean);
}

typedef int verify_fn(const struct verifier *v, struct span payload,
		      struct span sig, struct signature *out, struct err *e);

static int verify_ssh(const struct verifier *v, struct span payload,
		      struct span sig, struct signature *out, struct err *e)
{
	return ssh_signature_verify(v->signers, v->people, payload, sig, v->at,
				    out, e);
}

static int verify_x509(const struct verifier *v, struct span payload,
		       struct span sig, struct signature *out, struct err *e)
{
	return x509_signature_verify(v->signers, v->people, payload, sig, v->at,
				     out, e);
}

static int verify_openpgp(const struct verifier *v, struct span payload,
			  struct span sig, struct signature *out, struct err *e)
{
	const struct signers *s = v->signers;

	if (!v->openpgp)
		signature_say(out, SIG_UNSUPPORTED,
			      "OpenPGP signatures are not accepted here; sign "
			      "with an SSH key%s",
			      s->has_x509 ? " or an X.509 certificate" : "");
	else if (openpgp_armor_ok(sig, out))
		return v->openpgp(v->ctx, payload, sig, out, e);
	return 0;
}

/* The forms that git makes, by the line that begins them. */
static const struct {
	const char *begin, *format;
	verify_fn *verify;
} forms[] = {
	{"-----BEGIN SSH SIGNATURE-----", "ssh", verify_ssh},
	{"-----BEGIN PGP ", "openpgp", verify_openpgp},
	{"-----BEGIN SIGNED MESSAGE-----", "x509", verify_x509},
};

int signature_verify(const struct verifier *v, struct span payload,
		     struct span sig, struct signature *out, struct err *e)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	if (!sig.n)
		return 0;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!span_starts(sig, forms[i].begin))
			continue;
		snprintf(out->format, sizeof(out->format), "%s",
			 forms[i].format);
		return forms[i].verify(v, payload, sig, out, e);
	}
	signature_say(out, SIG_MALFORMED,
		      "it is neither an SSH nor an OpenPGP nor an X.509 "
		      "signature");
	return 0;
}
