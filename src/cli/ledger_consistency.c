/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/ledger_keys.h"
#include "cli/ledger_open.h"
#include "ledger/proof.h"
#include "ledger/seal_keys.h"
#include "sys/files.h"

static const char help[] =
	"usage: gatepost ledger consistency [--key VKEY] [--ledger DIR | "
	"--policy FILE]\n"
	"                                    OLD NEW\n"
	"\n"
	"Prove by the ledger's tiles that the checkpoint NEW extends OLD, "
	"both of them\n"
	"files, and print the proof as a witness takes it.\n"
	"\n" LEDGER_KEY_HELP LEDGER_HELP;

static int read_signed(const char *path, const struct note_vkeys *keys,
		       struct checkpoint_note *out, struct err *e)
{
	int rc = checkpoint_note_read(out, path, e);

	if (rc)
		return rc == ERR_NOT_FOUND ? ERR_SYS : rc;
	rc = note_verify(&out->note, keys, NULL, e);
	return rc ? err_wrap(e, "%s", path) : 0;
}

/* The request add-checkpoint of C2SP tlog-witness */
static int print(const struct checkpoint_note *older,
		 const struct merkle_proof *proof,
		 const struct checkpoint_note *newer, struct err *e)
{
	struct buf out = BUF_INIT(PROOF_MAX);
	int rc;

	buf_addf(&out, "old %" PRIu64 "\n", older->at.size);
	proof_write_hashes(proof, &out);
	buf_addch(&out, '\n');
	buf_add(&out, newer->bytes.data, newer->bytes.len);
	rc = buf_ok(&out) ? cli_print(&out, e) : err_nomem(e);
	buf_release(&out);
	return rc;
}

static int prove(struct ledger *l, const struct checkpoint_note *older,
		 const struct checkpoint_note *newer, struct merkle_proof *out,
		 struct err *e)
{
	struct tile_source source;
	char path[FILE_MAX_PATH];
	int fd, rc = file_join(ledger_dir(l), "sealed", path, e);

	if (rc)
		return rc;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "open %s", path);
	source = tile_source_dir(&fd);
	rc = proof_consistency(&source, &older->at, &newer->at, out, e);
	file_close(&fd);
	return rc;
}

static int compare(struct ledger *l, const char *key, char **files,
		   struct err *e)
{
	struct checkpoint_note older, newer;
	struct note_vkeys keys = {0};
	struct merkle_proof proof;
	int rc = key ? ledger_keys_read(key, &keys, e)
		     : seal_vkeys_read(l, &keys, e);

	checkpoint_note_init(&older);
	checkpoint_note_init(&newer);
	if (rc == ERR_NOT_FOUND)
		rc = ERR_SYS;
	if (!rc)
		rc = read_signed(files[0], &keys, &older, e);
	if (!rc)
		rc = read_signed(files[1], &keys, &newer, e);
	if (!rc)
		rc = prove(l, &older, &newer, &proof, e);
	if (!rc)
		rc = print(&older, &proof, &newer, e);
	checkpoint_note_release(&older);
	checkpoint_note_release(&newer);
	note_vkeys_release(&keys);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const char *key = NULL;
	const struct cli_option options[] = {
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
		{"--key", NULL, &key},
	};
	struct cli_args args;
	struct place p;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 2, 2, "OLD or NEW", e);
	if (rc)
		return rc;
	place_init(&p);
	rc = ledger_wish_open(&w, LEDGER_READ, &p, e);
	if (!rc)
		rc = compare(p.ledger, key, args.v, e);
	if ((rc == ERR_MALFORMED || rc == ERR_NOT_FOUND) && p.ledger) {
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_consistency = {
	.name = "consistency",
	.summary = "does a checkpoint extend another?",
	.help = help,
	.run = run,
};
