/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers_notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sys/files.h"
#include "trust/openpgp_keyring.h"
#include "trust/revoked.h"
#include "trust/ssh_claim.h"

enum { NOTE_MAX = 1024 };

struct notes {
	const struct signers_spec *files;
	const struct principals *people;
	const char *policy;
	struct buf *out;
	size_t *n;
};

static void note(const struct notes *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void note(const struct notes *t, const char *fmt, ...)
{
	char text[NOTE_MAX];
	va_list args;

	if (++*t->n > SIGNERS_MAX_NOTES)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_adds(t->out, text);
	buf_addch(t->out, '\n');
}

/* ---- SSH ---- */

/* A key of several lines is told of at one of them. */
static void note_line(const struct notes *t, const struct signers *s,
		      const struct allowed_signer *line, int64_t now)
{
	char key[SSH_KEY_FINGERPRINT];
	struct ssh_claim claim;

	ssh_claim_read(&claim, s, line->key.blob, t->people, now);
	if (claim.timely != line || (claim.principal && !claim.second))
		return;
	ssh_key_fingerprint(line->key.blob, key);
	if (claim.second)
		note(t,
		     "%s:%u: note: key %s stands for %s and %s, so it counts "
		     "for "
		     "nobody",
		     t->files->ssh, line->line, key, claim.principal->name,
		     claim.second->name);
	else
		note(t,
		     "%s:%u: note: key %s is nobody's: no [principal] has the "
		     "name or email %.200s",
		     t->files->ssh, line->line, key, line->principals);
}

static void note_ssh(const struct notes *t, const struct signers *s,
		     int64_t now)
{
	size_t i;

	for (i = 0; i < s->ssh.n; i++)
		if (!s->ssh.v[i].options.authority)
			note_line(t, s, &s->ssh.v[i], now);
}

/* ---- OpenPGP ---- */

struct keyring {
	const struct notes *t;
	const char *sought;	  /* a fingerprint; NULL: keys of nobody */
	char key[OPENPGP_V4_HEX]; /* the primary key that was last met */
	bool owned;		  /* it, or one of its subkeys */
};

static bool has_key(const struct principal *p, const char *fingerprint)
{
	size_t i;

	for (i = 0; i < p->nopenpgp; i++)
		if (!strcmp(p->openpgp[i], fingerprint))
			return true;
	return false;
}

static void end_key(struct keyring *k)
{
	if (*k->key && !k->owned)
		note(k->t,
		     "%s: note: key %s is nobody's: no [principal] has openpgp "
		     "= that",
		     k->t->files->openpgp, k->key);
	k->owned = false;
}

static int find_owner(void *ctx, const char *fingerprint, bool primary)
{
	struct keyring *k = ctx;
	size_t i;

	if (primary) {
		end_key(k);
		memcpy(k->key, fingerprint, strlen(fingerprint) + 1);
	}
	for (i = 0; i < k->t->people->n; i++)
		k->owned |= has_key(&k->t->people->v[i], fingerprint);
	return 0;
}

/* One whose version has other fingerprints may be any. */
static int find_key(void *ctx, const char *fingerprint, bool primary)
{
	const struct keyring *k = ctx;

	(void)primary;
	return !*fingerprint || !strcmp(fingerprint, k->sought);
}

static void note_missing(const struct notes *t, const struct principal *p,
			 struct span content)
{
	struct keyring k = {.t = t};
	size_t i;

	for (i = 0; i < p->nopenpgp; i++) {
		k.sought = p->openpgp[i];
		if (!t->files->openpgp)
			note(t,
			     "%s: principal.%s.openpgp: note: %s counts for "
			     "nothing: [signers] names no keyring (openpgp)",
			     t->policy, p->name, k.sought);
		else if (!openpgp_keyring_each(content, find_key, &k))
			note(t,
			     "%s: note: it has no key %s, which is to be %s's",
			     t->files->openpgp, k.sought, p->name);
	}
}

static int note_openpgp(const struct notes *t, struct err *e)
{
	struct buf content = BUF_INIT(REVOKED_MAX_BYTES);
	struct keyring k = {.t = t};
	struct span keyring;
	size_t i;
	int rc = 0;

	if (t->files->openpgp)
		rc = file_read_trusted(t->files->openpgp, 0, &content, e);
	keyring = span_of(content.data, content.len);
	if (!rc) {
		openpgp_keyring_each(keyring, find_owner, &k);
		end_key(&k);
	}
	for (i = 0; !rc && i < t->people->n; i++)
		note_missing(t, &t->people->v[i], keyring);
	buf_release(&content);
	return rc;
}

int signers_note(const struct signers *s, const struct signers_spec *files,
		 const struct principals *people, const char *policy,
		 int64_t now, struct buf *out, size_t *n, struct err *e)
{
	const struct notes t = {files, people, policy, out, n};
	int rc;

	*n = 0;
	if (files->ssh)
		note_ssh(&t, s, now);
	rc = note_openpgp(&t, e);
	return rc ? rc : buf_ok(out) ? 0 : err_nomem(e);
}
