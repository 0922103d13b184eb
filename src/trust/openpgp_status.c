/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/openpgp_status.h"

#include <string.h>

#include "base/text.h"

enum { V4_DIGITS = 40, V5_DIGITS = 64, MAX_WORDS = 12 };

/* What has been seen so far. */
struct reader {
	struct openpgp_status *out;
	size_t began, good, valid;
};

/* The first thing that is wrong stands; a revoked key does so over an expired
 * one only because gpgv names it alone. */
static void fault(struct reader *r, enum signature_status status,
		  const char *why)
{
	if (r->out->status != SIG_NONE)
		return;
	r->out->status = status;
	r->out->why = why;
}

bool openpgp_is_fingerprint(struct span s)
{
	size_t i;

	if (s.n != V4_DIGITS && s.n != V5_DIGITS)
		return false;
	for (i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && !(s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
	return true;
}

static size_t split(struct span text, struct span words[MAX_WORDS])
{
	struct cursor c = cursor_of(text.p, text.n);
	size_t n = 0;

	while (n < MAX_WORDS && cursor_left(&c)) {
		if (!cursor_until(&c, ' ', &words[n]))
			cursor_take(&c, cursor_left(&c), &words[n]);
		n++;
	}
	return n;
}

/* Public-key algorithms (RFC 9580, 9.1) that are accepted. */
static const char *algorithm_name(struct span number)
{
	if (span_is(number, "1"))
		return "RSA";
	if (span_is(number, "19"))
		return "ECDSA";
	if (span_is(number, "22") || span_is(number, "27"))
		return "EdDSA";
	return NULL;
}

/* SHA-256, SHA-384, SHA-512 (RFC 9580, 9.5) */
static bool digest_ok(struct span number)
{
	return span_is(number, "8") || span_is(number, "9") ||
	       span_is(number, "10");
}

/* fingerprint, date, time, expiry, version, reserved, key algorithm, digest
 * algorithm, class, the primary key's fingerprint */
static void read_valid(struct reader *r, struct span args)
{
	struct openpgp_status *out = r->out;
	struct span word[MAX_WORDS];

	r->valid++;
	if (split(args, word) != 10 || !openpgp_is_fingerprint(word[0]) ||
	    !openpgp_is_fingerprint(word[9])) {
		fault(r, SIG_UNSUPPORTED,
		      "gpgv's answer has no full fingerprint");
		return;
	}
	memcpy(out->primary, word[9].p, word[9].n);
	out->primary[word[9].n] = '\0';
	out->algorithm = algorithm_name(word[6]);
	if (!out->algorithm)
		fault(r, SIG_UNSUPPORTED,
		      "its key is none of RSA, ECDSA and EdDSA");
	else if (!digest_ok(word[7]))
		fault(r, SIG_UNSUPPORTED,
		      "its digest is none of SHA-256, SHA-384 and SHA-512");
	else if (!span_is(word[8], "00"))
		fault(r, SIG_UNSUPPORTED,
		      "it is not a signature of a document as bytes");
}

/* key id, key algorithm, digest algorithm, class, time, reason */
static void read_error(struct reader *r, struct span args)
{
	struct span word[MAX_WORDS];
	size_t n = split(args, word);

	if (n >= 6 && span_is(word[5], "9"))
		fault(r, SIG_UNKNOWN_KEY, "its key is not in the keyring");
	else if (n >= 6 && (span_is(word[5], "4") || span_is(word[5], "5")))
		fault(r, SIG_UNSUPPORTED,
		      "its algorithm or digest is not accepted, such as SHA-1");
	else
		fault(r, SIG_BAD, "gpgv could not check it");
}

static const struct {
	const char *word;
	enum signature_status status; /* SIG_NONE: says nothing */
	const char *why;
} words[] = {
	{"KEY_CONSIDERED", SIG_NONE, NULL},
	{"SIG_ID", SIG_NONE, NULL},
	{"KEYEXPIRED", SIG_NONE, NULL}, /* perhaps of another subkey */
	{"SIGEXPIRED", SIG_NONE, NULL}, /* an old word beside EXPSIG */
	{"PROGRESS", SIG_NONE, NULL},
	{"NOTATION_NAME", SIG_NONE, NULL},
	{"NOTATION_FLAGS", SIG_NONE, NULL},
	{"NOTATION_DATA", SIG_NONE, NULL},
	{"POLICY_URL", SIG_NONE, NULL},
	{"VERIFICATION_COMPLIANCE_MODE", SIG_NONE, NULL},
	{"NO_PUBKEY", SIG_UNKNOWN_KEY, "its key is not in the keyring"},
	{"BADSIG", SIG_BAD, "it does not match what it should cover"},
	{"EXPSIG", SIG_EXPIRED, "the signature has expired"},
	{"EXPKEYSIG", SIG_EXPIRED, "its key has expired"},
	{"REVKEYSIG", SIG_REVOKED, "its key is revoked"},
	{"KEYREVOKED", SIG_REVOKED, "its key is revoked"},
	{"NODATA", SIG_MALFORMED, "there is no signature in it"},
	{"UNEXPECTED", SIG_MALFORMED, "there is more in it than a signature"},
	{"BADARMOR", SIG_MALFORMED, "its armour is off"},
	{"PLAINTEXT", SIG_MALFORMED, "it brings a text of its own"},
};

static void read_word(struct reader *r, struct span word, struct span args)
{
	size_t i;

	if (span_is(word, "NEWSIG")) {
		r->began++;
	} else if (span_is(word, "GOODSIG")) {
		r->good++;
	} else if (span_is(word, "VALIDSIG")) {
		read_valid(r, args);
	} else if (span_is(word, "ERRSIG")) {
		read_error(r, args);
	} else {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (span_is(word, words[i].word))
				break;
		if (i == sizeof(words) / sizeof(words[0]))
			fault(r, SIG_UNSUPPORTED,
			      "gpgv says something that is not understood");
		else if (words[i].status != SIG_NONE)
			fault(r, words[i].status, words[i].why);
	}
}

static void read_line(struct reader *r, struct span line)
{
	static const char prefix[] = "[GNUPG:] ";
	struct cursor c = cursor_of(line.p, line.n);
	struct span word, args;

	if (!cursor_literal(&c, prefix)) {
		fault(r, SIG_UNSUPPORTED,
		      "gpgv says something that is not understood");
		return;
	}
	if (!cursor_until(&c, ' ', &word))
		cursor_take(&c, cursor_left(&c), &word);
	args = span_of(c.p, cursor_left(&c));
	read_word(r, word, args);
}

void openpgp_status_read(struct openpgp_status *out, struct span text, bool ok)
{
	struct reader r = {.out = out};
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;
	size_t n = 0;

	*out = (struct openpgp_status){.status = SIG_NONE};
	while (cursor_line(&c, &line) && n++ < OPENPGP_MAX_STATUS_LINES)
		read_line(&r, line);
	if (r.began > 1 || r.good > 1 || r.valid > 1) {
		out->status = SIG_MALFORMED;
		out->why = "there is more than one signature";
	}
	if (cursor_left(&c) || (text.n && text.p[text.n - 1] != '\n'))
		fault(&r, SIG_UNSUPPORTED, "gpgv's answer has no end");
	if (!ok || r.began != 1 || r.good != 1 || r.valid != 1)
		fault(&r, SIG_BAD, "gpgv does not find it good");
	if (out->status == SIG_NONE)
		out->status = SIG_GOOD;
}
