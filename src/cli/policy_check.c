/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "checks/check.h"
#include "cli/commands.h"
#include "policy/policy.h"
#include "sys/files.h"
#include "trust/signers_notes.h"

enum { MAX_NOTES = 256 * 1024, MAX_AUTHORITIES = 16 << 20 };

static const char help[] =
	"usage: gatepost policy check FILE...\n"
	"\n"
	"Name every mistake in policy files, and in the files they name, as "
	"file:line.\n"
	"Keys that can never count, and files of destinations that cannot be "
	"used,\n"
	"are noted; they are no mistakes.\n"
	"Exit status: 0 none, 1 some, 2 a file could not be read.\n";

/* Load a policy, and what is else read at the first need only. */
static int load(struct policy **p, const char *path,
		struct policy_mistakes *mistakes, struct err *e)
{
	struct option_place at = {NULL, 0};
	int rc = policy_load(p, path, checks_kinds, checks_count,
			     POLICY_SINKS | POLICY_SINK_FILES, mistakes, e);

	if (rc)
		return rc;
	at.file = (*p)->path;
	rc = signers_check((*p)->signers, e);
	if (rc == ERR_CONFIG &&
	    policy_mistakes_add(mistakes, &at, "%s", e->msg))
		rc = err_nomem(e);
	return rc;
}

/* What is right and yet hardly meant; told as mistakes are. */
static int tell_notes(const struct policy *p, size_t *n, struct err *e)
{
	const struct signers_spec files = {.ssh = p->signers_ssh,
					   .openpgp = p->signers_openpgp};
	struct buf text = BUF_INIT(MAX_NOTES);
	struct buf clean = BUF_INIT(MAX_NOTES);
	struct cursor c;
	struct span line;
	int rc = signers_note(p->signers, &files, &p->people, p->path,
			      time_now_ms(), &text, n, e);

	c = cursor_of(text.data, text.len);
	while (!rc && cursor_line(&c, &line)) {
		buf_clear(&clean);
		text_add_printable(&clean, line, MISTAKES_MAX_COLUMNS);
		fprintf(stderr, "%s\n", clean.data ? clean.data : "");
	}
	if (!rc && *n > SIGNERS_MAX_NOTES)
		fprintf(stderr, "note: and %zu more\n", *n - SIGNERS_MAX_NOTES);
	buf_release(&text);
	buf_release(&clean);
	return rc;
}

/* Root is mostly not who delivers, and may read what that user alone can. */
static int look_at_file(const char *path, unsigned flags, struct err *e)
{
	struct stat st;
	int fd = -1, rc = 0;

	if (geteuid() == 0 && !stat(path, &st) && st.st_uid) {
		if ((flags & FILE_SECRET) && (st.st_mode & S_IROTH))
			return err_set(e, ERR_DENIED,
				       "%s can be read by others (chmod o-r)",
				       path);
	} else {
		rc = file_open_trusted(path, flags, &fd, e);
		if (!rc && fstat(fd, &st))
			rc = err_sys(e, "cannot examine %s", path);
		file_close(&fd);
	}
	if (!rc && !st.st_size)
		rc = err_set(e, ERR_CONFIG, "%s is empty", path);
	return rc;
}

static int look_at_authorities(const char *path, struct err *e)
{
	struct buf text = BUF_INIT(MAX_AUTHORITIES);
	int rc = file_read(path, &text, e);

	if (!rc && !text_find_nocase(span_of(text.data, text.len),
				     span_str("CERTIFICATE-----")))
		rc = err_set(e, ERR_CONFIG,
			     "%s: no certificate in it: is it PEM?", path);
	buf_release(&text);
	return rc;
}

static void note_file(const struct policy *p, const struct sink *sink,
		      const char *key, const char *path, int kind, size_t *n)
{
	struct buf clean = BUF_INIT(MAX_NOTES);
	struct err why = {0};

	if (!path || !(kind < 0 ? look_at_authorities(path, &why)
				: look_at_file(path, (unsigned)kind, &why)))
		return;
	text_add_printable(&clean, span_str(why.msg), MISTAKES_MAX_COLUMNS);
	fprintf(stderr, "%s: sink.%s.%s: note: %s\n", p->path, sink->name, key,
		clean.data ? clean.data : "");
	buf_release(&clean);
	++*n;
}

/* The courier alone reads these, at its first delivery or question: by then a
 * push may have been let in unasked. No mistakes, since a copy of the policy
 * elsewhere lacks them for a reason. */
static void note_files(const struct policy *p, size_t *n)
{
	enum { AUTHORITIES = -1, PLAIN = 0 };

	for (size_t i = 0; i < p->nsinks; i++) {
		const struct sink *s = &p->sinks[i];

		note_file(p, s, "secret-file", s->secret_file, FILE_SECRET, n);
		note_file(p, s, "sign-secret-file", s->sign_secret_file,
			  FILE_SECRET, n);
		note_file(p, s, "client-key", s->client_key, FILE_SECRET, n);
		note_file(p, s, "client-cert", s->client_cert, PLAIN, n);
		note_file(p, s, "ca-file", s->ca_file, AUTHORITIES, n);
	}
}

static int tell_fine(const char *path, const struct policy *p, struct err *e)
{
	char sinks[40] = "", noted[32] = "";
	size_t n = 0;
	int rc = tell_notes(p, &n, e);

	if (rc)
		return rc;
	note_files(p, &n);
	if (n)
		snprintf(noted, sizeof(noted), ", %zu note%s", n,
			 n == 1 ? "" : "s");
	if (p->nsinks)
		snprintf(sinks, sizeof(sinks), ", %zu destination%s", p->nsinks,
			 p->nsinks == 1 ? "" : "s");
	printf("gatepost: %s is fine: %zu gate%s, %zu rule%s%s%s, digest "
	       "%.16s\n",
	       path, p->ngates, p->ngates == 1 ? "" : "s", p->nrules,
	       p->nrules == 1 ? "" : "s", sinks, noted, p->digest);
	return 0;
}

static int one(const char *path, struct err *e)
{
	struct policy_mistakes mistakes = {0};
	struct policy *p = NULL;
	size_t i;
	int rc = load(&p, path, &mistakes, e);

	for (i = 0; i < mistakes.n; i++)
		fprintf(stderr, "%s\n", mistakes.v[i]);
	if (rc == ERR_CONFIG && mistakes.n) {
		err_clear(e);
		fprintf(stderr, "gatepost: %s: %zu mistake%s\n", path,
			mistakes.n, mistakes.n == 1 ? "" : "s");
		rc = CLI_NO;
	} else if (!rc) {
		rc = tell_fine(path, p, e);
	}
	policy_mistakes_release(&mistakes);
	policy_free(p);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct cli_args args;
	int i, worst = CLI_YES;
	int rc = cli_parse(argc, argv, NULL, 0, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, -1, "FILE", e);
	for (i = 0; rc >= 0 && i < args.n; i++) {
		rc = one(args.v[i], e);
		if (rc > worst)
			worst = rc;
	}
	return rc < 0 ? rc : worst;
}

const struct cli_command command_policy_check = {
	.name = "check",
	.summary = "name every mistake in policy files",
	.help = help,
	.run = run,
};
