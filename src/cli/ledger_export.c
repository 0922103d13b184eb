/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/commands.h"
#include "cli/ledger_reading.h"
#include "desk/export.h"
#include "ledger/seal_check.h"
#include "ledger/seal_keys.h"
#include "sys/files.h"

static const char help[] =
	"usage: gatepost ledger export --format FORMAT [-o FILE] [FILTER...]\n"
	"\n"
	"Print records for other programs, oldest first. That somebody did so "
	"is\n"
	"recorded before anything is printed.\n"
	"\n"
	"  --format FORMAT    ndjson (the records), csv, in-toto, ocsf or "
	"oscal\n"
	"  -o, --output FILE  write there, readable by you alone\n"
	"  --no-persons       leave out who people are\n"
	"  --key FILE         for in-toto: the Ed25519 key that signs, in PEM "
	"(default:\n"
	"                     the one that seals)\n"
	"  --verifier URI     for in-toto: this server (default: "
	"https://ORIGIN/gatepost)\n"
	"  --resource URI     for in-toto: what stands in front of "
	"repositories'\n"
	"                     names (default: git+ssh://ORIGIN/)\n" LEDGER_HELP
		FILTER_HELP;

enum { URI_MAX = 4096 };

struct exporting {
	const char *format, *output, *key, *verifier, *resource;
	bool unnamed;
	FILE *to;
	char tmp[FILE_MAX_PATH + 8]; /* what becomes the output; or "" */
	struct buf verifier_uri, resource_uri;
	struct ed25519_key *signer;
	struct seal_check *check; /* a record that was changed is no record */
	struct export *x;
};

static int put(void *arg, struct span bytes, struct err *e)
{
	struct exporting *ex = arg;

	if (fwrite(bytes.p, 1, bytes.n, ex->to) != bytes.n)
		return err_sys(e, "writing the export");
	return 0;
}

static int add(void *arg, const struct ledger_item *item, struct err *e)
{
	struct exporting *ex = arg;
	int rc = seal_check_item(ex->check, item, e);

	return rc ? rc : export_add(ex->x, item, e);
}

/* ---------------------------------------------------------------- output */

/* Beside the file, so that it is there as a whole or not at all. */
static int open_output(struct exporting *ex, struct err *e)
{
	int fd, n;

	ex->to = stdout;
	if (!ex->output)
		return 0;
	n = snprintf(ex->tmp, sizeof(ex->tmp), "%s.tmp", ex->output);
	if (n < 0 || (size_t)n >= sizeof(ex->tmp)) {
		ex->tmp[0] = '\0';
		return err_set(e, ERR_LIMIT, "the path is too long");
	}
	if (unlink(ex->tmp) && errno != ENOENT)
		return err_sys(e, "remove %s", ex->tmp);
	fd = open(ex->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	ex->to = fd < 0 ? NULL : fdopen(fd, "w");
	if (!ex->to) {
		file_close(&fd);
		return err_sys(e, "create %s", ex->tmp);
	}
	return 0;
}

static int close_output(struct exporting *ex, struct err *e)
{
	FILE *to = ex->to;

	if (fflush(to))
		return err_sys(e, "writing the export");
	if (!ex->output)
		return 0;
	ex->to = NULL;
	if (fclose(to))
		return err_sys(e, "writing %s", ex->output);
	if (rename(ex->tmp, ex->output))
		return err_sys(e, "rename %s", ex->tmp);
	ex->tmp[0] = '\0';
	return 0;
}

static void drop_output(struct exporting *ex)
{
	if (ex->to && ex->to != stdout)
		fclose(ex->to);
	if (ex->tmp[0])
		unlink(ex->tmp);
}

/* ----------------------------------------------------------------- setup */

static int read_key(struct exporting *ex, struct err *e)
{
	struct buf pem = BUF_INIT(ED25519_MAX_PEM);
	int rc;

	if (!ex->key)
		return 0;
	rc = file_read_trusted(ex->key, FILE_SECRET, &pem, e);
	if (!rc && ed25519_read(&ex->signer, span_of(pem.data, pem.len), e))
		rc = err_wrap(e, "%s", ex->key);
	if (pem.len)
		memset(pem.data, 0, pem.len);
	buf_release(&pem);
	return rc;
}

/* What signs checkpoints may sign envelopes, too: these begin with words that
 * no checkpoint can begin with, whose first line has no blank. */
static int take_sealing_key(struct exporting *ex, struct ledger *l,
			    struct err *e)
{
	struct seal_keys keys;
	size_t i;
	int rc = seal_keys_read(l, &keys, e);

	for (i = 0; !rc && !ex->signer && i < keys.n; i++)
		if (keys.v[i].public.type == NOTE_ED25519)
			rc = ed25519_from_seed(&ex->signer, keys.v[i].seed, e);
	seal_keys_forget(&keys);
	if (!rc && !ex->signer)
		rc = err_set(e, ERR_NOT_FOUND,
			     "the ledger has no Ed25519 sealing key");
	return rc ? err_wrap(e, "who signs the statements? (--key)") : 0;
}

static int set_up(struct exporting *ex, struct reading *r,
		  enum export_format format, struct err *e)
{
	const char *origin = ledger_origin(r->place.ledger);
	struct export_setup s = {
		.format = format,
		.unnamed = ex->unnamed,
		.ledger = r->place.ledger,
		.since = r->query.since,
		.until = r->query.until,
		.now = time_now_ms(),
		.sink = put,
		.arg = ex,
	};
	int rc = read_key(ex, e);

	if (!rc && format == EXPORT_INTOTO && !ex->key)
		rc = take_sealing_key(ex, r->place.ledger, e);
	if (ex->verifier)
		buf_adds(&ex->verifier_uri, ex->verifier);
	else
		buf_addf(&ex->verifier_uri, "https://%s/gatepost", origin);
	if (ex->resource)
		buf_adds(&ex->resource_uri, ex->resource);
	else
		buf_addf(&ex->resource_uri, "git+ssh://%s/", origin);
	s.verifier = ex->verifier_uri.data;
	s.resource = ex->resource_uri.data;
	s.key = ex->signer;
	return rc ? rc : export_new(&ex->x, &s, e);
}

/* What is damaged is told, and does not keep the rest from being exported. */
static int export_all(struct exporting *ex, struct reading *r,
		      struct err *damage, struct err *e)
{
	int rc = reading_each(r, add, ex, e);

	if (!rc || !r->damaged)
		return rc;
	*damage = *e;
	err_clear(e);
	return 0;
}

static int run_export(struct exporting *ex, struct reading *r,
		      enum export_format format, struct err *e)
{
	struct err damage = {0};
	int rc = set_up(ex, r, format, e);

	if (!rc)
		rc = seal_check_new(&ex->check, r->place.ledger, e);
	if (!rc)
		rc = open_output(ex, e);
	if (!rc)
		rc = export_all(ex, r, &damage, e);
	if (!rc)
		rc = export_end(ex->x, e);
	if (!rc)
		rc = close_output(ex, e);
	if (!rc && export_left_out(ex->x))
		fprintf(stderr,
			"gatepost: %" PRIu64 " accepted refs that are no "
			"branches have no statement\n",
			export_left_out(ex->x));
	return rc || !damage.code ? rc
				  : err_set(e, damage.code, "%s", damage.msg);
}

static int choose_format(struct exporting *ex, struct reading *r,
			 enum export_format *format, struct err *e)
{
	*format = ex->format ? export_format_of(ex->format) : EXPORT_NONE;
	if (*format == EXPORT_NONE)
		return err_set(e, ERR_USAGE,
			       "--format takes ndjson, csv, in-toto, ocsf or "
			       "oscal");
	if (ex->key && *format != EXPORT_INTOTO)
		return err_set(e, ERR_USAGE, "--key is for in-toto");
	r->format = ex->format;
	r->unnamed = ex->unnamed || *format == EXPORT_INTOTO;
	if (!export_wants_decisions(*format))
		return 0;
	if (r->query.kind && strcmp(r->query.kind, "decision") != 0)
		return err_set(e, ERR_USAGE, "%s tells of decisions alone",
			       ex->format);
	r->query.kind = "decision";
	return 0;
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	struct ledger_filter f = {0};
	struct exporting ex = {.verifier_uri = BUF_INIT(URI_MAX),
			       .resource_uri = BUF_INIT(URI_MAX)};
	const struct cli_option options[] = {
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
		{"--format", NULL, &ex.format},
		{"--output", NULL, &ex.output},
		{"-o", NULL, &ex.output},
		{"--key", NULL, &ex.key},
		{"--verifier", NULL, &ex.verifier},
		{"--resource", NULL, &ex.resource},
		{"--no-persons", &ex.unnamed, NULL},
		FILTER_OPTIONS(f)};
	enum export_format format = EXPORT_NONE;
	struct cli_args args;
	struct reading r;
	int rc = cli_parse(argc, argv, options, 9 + FILTER_COUNT, &args, e);

	reading_init(&r, "ledger export");
	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (!rc)
		rc = reading_filter(&r, &f, e);
	if (!rc)
		rc = choose_format(&ex, &r, &format, e);
	if (!rc)
		rc = reading_open(&r, &w, e);
	if (!rc)
		rc = run_export(&ex, &r, format, e);
	drop_output(&ex);
	export_free(ex.x);
	seal_check_free(ex.check);
	ed25519_free(ex.signer);
	buf_release(&ex.verifier_uri);
	buf_release(&ex.resource_uri);
	reading_release(&r);
	return rc;
}

const struct cli_command command_ledger_export = {
	.name = "export",
	.summary = "print records for other programs",
	.help = help,
	.run = run,
};
