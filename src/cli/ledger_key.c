/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "cli/commands.h"
#include "cli/ledger_open.h"
#include "ledger/seal.h"
#include "ledger/seal_keys.h"

enum { MAX_SHOWN = NOTE_MAX_KEYS * NOTE_MAX_VKEY };

static const char help[] =
	"usage: gatepost ledger key [--ledger DIR | --policy FILE] show\n"
	"                           [...] rotate\n"
	"                           [...] retire ID\n"
	"\n"
	"show: print the public keys of those that seal or sealed this ledger, "
	"one vkey a\n"
	"line. Keep a copy elsewhere: who can change the ledger can change "
	"this "
	"list.\n"
	"\n"
	"rotate: make new sealing keys. From now on old and new ones sign, "
	"until the old\n"
	"ones are retired. Run it as the user to whom DIR/sealed belongs.\n"
	"\n"
	"retire: remove a sealing key. ID is the part of its vkey between the "
	"pluses;\n"
	"another key must have signed the last checkpoint.\n"
	"\n" LEDGER_HELP;

static int print_keys(struct ledger *l, struct err *e)
{
	struct buf out = BUF_INIT(MAX_SHOWN);
	struct note_vkeys keys = {0};
	size_t i;
	int rc = seal_vkeys_read(l, &keys, e);

	for (i = 0; i < keys.n; i++) {
		note_vkey_write(&keys.v[i], &out);
		buf_addch(&out, '\n');
	}
	if (!rc && !keys.n)
		rc = err_set(e, ERR_NOT_FOUND,
			     "the ledger %s has no sealing key; gatepost "
			     "ledger key rotate makes one",
			     ledger_dir(l));
	if (!rc)
		rc = cli_print(&out, e);
	note_vkeys_release(&keys);
	buf_release(&out);
	return rc;
}

static int retire(struct ledger *l, const char *word, struct err *e)
{
	unsigned char id[4];
	int rc;

	if (!hex_decode(span_str(word), id, sizeof(id)))
		return err_set(e, ERR_USAGE,
			       "%s: is no key's id, which has 8 hexadecimal "
			       "digits",
			       word);
	rc = seal_retire(l,
			 (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
				 (uint32_t)id[2] << 8 | id[3],
			 e);
	if (!rc)
		printf("gatepost: %s: key %s signs no more\n", ledger_dir(l),
		       word);
	return rc;
}

enum what { WHAT_NONE = 0, WHAT_SHOW, WHAT_ROTATE, WHAT_RETIRE };

static int take_what(const struct cli_args *args, enum what *out, struct err *e)
{
	static const char *const words[] = {NULL, "show", "rotate", "retire"};
	size_t i, n = sizeof(words) / sizeof(words[0]);
	int rc = cli_expect(args, 1, -1, "show, rotate or retire", e);

	if (rc)
		return rc;
	for (i = 1; i < n; i++)
		if (!strcmp(args->v[0], words[i]))
			break;
	if (i == n)
		return err_set(e, ERR_USAGE,
			       "ledger key: show, rotate or retire, not %s",
			       args->v[0]);
	*out = (enum what)i;
	n = *out == WHAT_RETIRE ? 2 : 1;
	return cli_expect(args, (int)n, (int)n, "ID", e);
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const struct cli_option options[] = {
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
	};
	enum what what = WHAT_NONE;
	struct cli_args args;
	struct place p;
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc)
		rc = take_what(&args, &what, e);
	if (rc)
		return rc;
	place_init(&p);
	rc = ledger_wish_open(&w, LEDGER_READ, &p, e);
	if (!rc && what == WHAT_RETIRE)
		rc = retire(p.ledger, args.v[1], e);
	if (!rc && what == WHAT_ROTATE)
		rc = seal_rotate(p.ledger, e);
	if (!rc && what != WHAT_RETIRE)
		rc = print_keys(p.ledger, e);
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_key = {
	.name = "key",
	.summary = "show, make and remove the keys that seal",
	.help = help,
	.run = run,
};
