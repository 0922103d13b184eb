/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/ledger_keys.h"
#include "ledger/proof.h"
#include "sys/files.h"

enum { MAX_LINE = 1024, NAME_COLUMNS = 255 };

static const char help[] =
	"usage: gatepost ledger verify-proof --key VKEY [--record FILE] "
	"[--print] FILE\n"
	"\n"
	"Check a proof that gatepost ledger prove has made. Needs nothing but "
	"the proof\n"
	"and the key.\n"
	"\n" LEDGER_KEY_HELP
	"  --record FILE  the record that must be the one proven (default: "
	"the one in\n"
	"                 the proof)\n"
	"  --print        print the record that was proven, and nothing else\n";

static int tell(const struct proof_facts *f, bool print, struct err *e)
{
	struct buf out = BUF_INIT(LEDGER_MAX_RECORD + MAX_LINE);
	int rc;

	if (print) {
		buf_add(&out, f->record.data, f->record.len);
		buf_addch(&out, '\n');
	} else {
		buf_addf(&out, "record %" PRIu64 " of ", f->index);
		text_add_printable(&out, f->checkpoint.at.origin, NAME_COLUMNS);
		buf_addf(&out, " is among the %" PRIu64 " that were sealed\n",
			 f->checkpoint.at.size);
	}
	rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}

static struct span record_line(const struct buf *b)
{
	size_t n = b->len;

	if (n && b->data[n - 1] == '\n')
		n--;
	return span_of(b->data, n);
}

static int verify(const char *file, const char *record,
		  const struct note_vkeys *keys, bool print, struct err *e)
{
	struct buf proof = BUF_INIT(PROOF_MAX);
	struct buf line = BUF_INIT(LEDGER_MAX_RECORD + 1);
	struct proof_facts facts;
	int rc = file_read(file, &proof, e);

	proof_facts_init(&facts);
	if (!rc && record)
		rc = file_read(record, &line, e);
	if (rc == ERR_NOT_FOUND)
		rc = ERR_SYS; /* nothing was looked at */
	if (!rc)
		rc = proof_check(span_of(proof.data, proof.len),
				 record_line(&line), keys, &facts, e);
	if (!rc)
		rc = tell(&facts, print, e);
	proof_facts_release(&facts);
	buf_release(&proof);
	buf_release(&line);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	const char *key = NULL, *record = NULL;
	bool print = false;
	const struct cli_option options[] = {
		{"--key", NULL, &key},
		{"--record", NULL, &record},
		{"--print", &print, NULL},
	};
	struct note_vkeys keys = {0};
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "FILE", e);
	if (!rc && !key)
		rc = err_set(e, ERR_USAGE,
			     "--key is missing: a proof is worth as much as "
			     "the key that one knows from elsewhere");
	if (!rc)
		rc = ledger_keys_read(key, &keys, e);
	if (rc)
		goto out;
	rc = verify(args.v[0], record, &keys, print, e);
	if (rc == ERR_MALFORMED || rc == ERR_NOT_FOUND) {
		fprintf(stderr, "gatepost: %s: %s\n", args.v[0], e->msg);
		rc = CLI_NO;
	}
out:
	note_vkeys_release(&keys);
	return rc;
}

const struct cli_command command_ledger_verify_proof = {
	.name = "verify-proof",
	.summary = "check a proof",
	.help = help,
	.run = run,
};
