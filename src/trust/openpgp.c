/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/openpgp.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "git/armor.h"
#include "sys/child.h"
#include "trust/openpgp_status.h"

enum {
	DAY_CHARS = 10, /* YYYY-MM-DD */
	OPENPGP_CPU_SECONDS = 10,
	OPENPGP_DATA_BYTES = 256 << 20
};

/*
 * Payload and signature are files in memory, on descriptors 0 and 3: nothing
 * is on disk that a crash could leave. gpgv has no home to take settings from.
 */
static int run(const struct openpgp_spec *spec, struct span payload,
	       struct span sig, struct buf *status, struct child_end *end,
	       struct err *e)
{
	const char *const argv[] = {"gpgv",
				    "--homedir",
				    "/nonexistent",
				    "--enable-special-filenames",
				    "--keyring",
				    spec->keyring,
				    "--quiet",
				    "--status-fd",
				    "1",
				    "--weak-digest",
				    "SHA1",
				    "--weak-digest",
				    "RIPEMD160",
				    "--",
				    "-&3",
				    "-",
				    NULL};
	const struct child_spec child = {
		.program = spec->gpgv,
		.argv = argv,
		.cwd = "/",
		.input = payload,
		.second = sig,
		.limits = {.cpu_seconds = OPENPGP_CPU_SECONDS,
			   .data_bytes = OPENPGP_DATA_BYTES,
			   .no_files = true},
		.deadline = spec->deadline};

	return child_run(&child, status, NULL, end, e);
}

static const struct principal *owner(const struct principals *people,
				     const char *primary,
				     const struct principal **second)
{
	const struct principal *found = NULL;
	size_t i, j;

	*second = NULL;
	for (i = 0; people && i < people->n; i++) {
		const struct principal *p = &people->v[i];

		for (j = 0; j < p->nopenpgp; j++) {
			if (strcmp(p->openpgp[j], primary) != 0 || p == found)
				continue;
			if (found)
				*second = p;
			else
				found = p;
		}
	}
	return found;
}

static void judge_owner(const struct principals *people, int64_t at,
			struct signature *out)
{
	const struct principal *second;
	const struct principal *p = owner(people, out->fingerprint, &second);
	char when[TIME_RFC3339_SIZE];

	if (!p) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s is no principal's in the policy",
			      out->fingerprint);
	} else if (second) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "key %s stands for two people, so for nobody",
			      out->fingerprint);
	} else if (p->until && p->until < at) {
		time_format(p->until, when);
		when[DAY_CHARS] = '\0';
		signature_say(out, SIG_EXPIRED,
			      "key %s: the policy has its owner until %s only",
			      out->fingerprint, when);
	} else {
		out->principal = p;
		snprintf(out->signer, sizeof(out->signer), "%s", p->name);
		out->status = SIG_GOOD;
	}
}

static void judge(const struct openpgp_status *status,
		  const struct principals *people, int64_t at,
		  struct signature *out)
{
	snprintf(out->fingerprint, sizeof(out->fingerprint), "%s",
		 status->primary);
	if (status->algorithm)
		snprintf(out->key_type, sizeof(out->key_type), "openpgp-%s",
			 status->algorithm);
	if (status->status == SIG_GOOD)
		judge_owner(people, at, out);
	else
		signature_say(out, status->status, "OpenPGP: %s", status->why);
}

int openpgp_check(const char *gpgv, struct err *e)
{
	if (child_can_run(gpgv))
		return 0;
	return err_set(e, ERR_CONFIG,
		       "OpenPGP signatures take gpgv, and %s is no program; "
		       "install GnuPG's gpgv or say where it is (gpgv = PATH)",
		       gpgv);
}

bool openpgp_armor_ok(struct span sig, struct signature *out)
{
	const char *wrong = NULL;

	if (sig.n > OPENPGP_MAX_TEXT)
		wrong = "it is too long";
	else if (!span_starts(sig, "-----BEGIN PGP SIGNATURE-----\n"))
		wrong = "it is no detached signature";
	else
		wrong = armor_check(sig, 0, ARMOR_KNOWN);
	if (wrong)
		signature_say(out, SIG_MALFORMED, "OpenPGP: %s", wrong);
	return !wrong;
}

int openpgp_verify(const struct openpgp_spec *spec,
		   const struct principals *people, struct span payload,
		   struct span sig, int64_t at, struct signature *out,
		   struct err *e)
{
	struct buf answer = BUF_INIT(OPENPGP_MAX_STATUS);
	struct openpgp_status status;
	struct child_end end = {CHILD_END_UNKNOWN, 0};
	int rc;

	memset(out, 0, sizeof(*out));
	snprintf(out->format, sizeof(out->format), "openpgp");
	rc = run(spec, payload, sig, &answer, &end, e);
	if (!rc) {
		openpgp_status_read(&status, span_of(answer.data, answer.len),
				    end.how == CHILD_END_EXIT && !end.code);
		judge(&status, people, at, out);
	}
	buf_release(&answer);
	return rc;
}
