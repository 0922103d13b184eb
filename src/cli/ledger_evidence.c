/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/ledger_reading.h"

static const char help[] =
	"usage: gatepost ledger evidence [--ledger DIR | --policy FILE] "
	"SHA256\n"
	"\n"
	"Print the evidence that a record cites by its SHA-256: an approval's "
	"tag, a\n"
	"policy's text, a long list. What is printed has been checked against "
	"that\n"
	"digest. That somebody looked is recorded.\n"
	"\n" LEDGER_HELP;

static int print(struct reading *r, const char *hex, struct err *e)
{
	struct buf out = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc = ledger_evidence_get(r->place.ledger, hex, &out, e);

	if (!rc)
		rc = reading_record(r, 1, hex, e);
	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}

/* Records write some digests as `sha256:…`. */
static const char *plain_hex(const char *word)
{
	static const char prefix[] = "sha256:";

	return strncmp(word, prefix, sizeof(prefix) - 1)
		       ? word
		       : word + sizeof(prefix) - 1;
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const struct cli_option options[] = {LEDGER_OPTIONS(w)};
	struct cli_args args;
	struct reading r;
	/* --json would mean nothing here */
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "SHA256", e);
	if (rc)
		return rc;
	reading_init(&r, "ledger evidence");
	rc = reading_open(&r, &w, e);
	if (!rc)
		rc = print(&r, plain_hex(args.v[0]), e);
	if ((rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) && r.place.ledger) {
		/* looked, and it is not there or not what it was */
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	reading_release(&r);
	return rc;
}

const struct cli_command command_ledger_evidence = {
	.name = "evidence",
	.summary = "print the evidence that a record cites",
	.help = help,
	.run = run,
};
