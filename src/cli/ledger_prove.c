/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/ledger_reading.h"
#include "ledger/proof.h"
#include "sys/files.h"

enum { PROOF_MODE = 0644 };

static const char help[] =
	"usage: gatepost ledger prove [-o FILE] [--ledger DIR | --policy "
	"FILE] ID\n"
	"\n"
	"Print a proof that a record is in the sealed ledger: a C2SP "
	"tlog-proof with the\n"
	"record in it. ID is the record's id, the beginning of it, or its "
	"number.\n"
	"\n"
	"  -o FILE        write it there\n" LEDGER_HELP;

/* Ids begin with 0 for some centuries, numbers do not. */
static bool is_number(const char *word, uint64_t *out)
{
	return (word[0] != '0' || !word[1]) &&
	       text_to_u64(span_str(word), UINT64_MAX - 1, out);
}

static int find(struct ledger *l, const char *word, uint64_t *index,
		struct err *e)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct buf persons = BUF_INIT(LEDGER_MAX_PERSONS);
	int rc = 0;

	if (!is_number(word, index))
		rc = ledger_find(l, word, &json, &persons, index, e);
	buf_release(&json);
	buf_release(&persons);
	return rc;
}

static int prove(struct reading *r, const char *word, const char *file,
		 struct err *e)
{
	struct ledger *l = r->place.ledger;
	struct buf proof = BUF_INIT(PROOF_MAX);
	bool restored = false;
	uint64_t index;
	int rc = find(l, word, &index, e);

	if (!rc)
		rc = proof_make(l, index, &proof, &restored, e);
	if (!rc && restored)
		fprintf(stderr,
			"gatepost: in segments/ this record is damaged, "
			"missing "
			"or another; the proof has it as it was sealed\n");
	if (!rc) /* the record is in the proof */
		rc = reading_record(r, 1, NULL, e);
	if (!rc)
		rc = file ? file_write(file, proof.data, proof.len, PROOF_MODE,
				       e)
			  : cli_print(&proof, e);
	buf_release(&proof);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const char *file = NULL;
	const struct cli_option options[] = {
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
		{"-o", NULL, &file},
	};
	struct cli_args args;
	struct reading r;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "ID", e);
	if (rc)
		return rc;
	reading_init(&r, "ledger prove");
	r.unnamed = true;
	rc = reading_open(&r, &w, e);
	if (!rc)
		rc = prove(&r, args.v[0], file, e);
	if ((rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) && r.place.ledger) {
		/* looked, and there is nothing to prove */
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	reading_release(&r);
	return rc;
}

const struct cli_command command_ledger_prove = {
	.name = "prove",
	.summary = "prove that a record is there",
	.help = help,
	.run = run,
};
