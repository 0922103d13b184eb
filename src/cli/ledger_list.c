/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/ledger_open.h"
#include "ledger/persons.h"

enum {
	LIST_MAX_LINE = 1 << 22, /* bytes of one joined record */
	ID_DIGITS = 23,		 /* enough to name a record again */
	REFS_SHOWN = 2
};

static const char help[] =
	"usage: gatepost ledger list [--json] [--ledger DIR | --policy FILE]\n"
	"\n"
	"List all records, oldest first: time, id, kind, verdict, repository, "
	"refs,\n"
	"who.\n"
	"\n"
	"  --json         the records as they are stored, one a line, with "
	"the persons\n"
	"                 joined in\n" LEDGER_HELP;

static void add_word(struct buf *out, const char *word, size_t width)
{
	size_t before = out->len;

	text_add_printable(out, span_str(word ? word : "-"), 200);
	while (out->len - before < width)
		buf_addch(out, ' ');
	buf_addch(out, ' ');
}

static const char *text_of(yyjson_val *obj, const char *name)
{
	return yyjson_get_str(yyjson_obj_get(obj, name));
}

static void add_refs(struct buf *out, yyjson_val *refs)
{
	yyjson_val *ref;
	size_t i, n;

	yyjson_arr_foreach(refs, i, n, ref)
	{
		const char *name = text_of(ref, "name");

		if (i == REFS_SHOWN) {
			buf_addf(out, "+%zu ", n - i);
			return;
		}
		if (name && !strncmp(name, "refs/heads/", 11))
			name += 11;
		add_word(out, name, 0);
	}
}

/* Joined in, the pusher's person is an object. */
static void add_pusher(struct buf *out, yyjson_val *root)
{
	yyjson_val *who =
		yyjson_obj_get(yyjson_obj_get(root, "pusher"), "person");
	const char *name = text_of(who, "principal");

	if (!name)
		name = text_of(who, "login");
	if (name) {
		buf_adds(out, "by ");
		text_add_printable(out, span_str(name), 80);
	}
}

static void add_line(struct buf *out, const struct buf *joined)
{
	yyjson_doc *doc = yyjson_read(joined->data, joined->len, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	const char *id = text_of(root, "id");
	char shown[ID_DIGITS + 1] = "";

	if (id)
		memcpy(shown, id, strnlen(id, ID_DIGITS));
	add_word(out, text_of(root, "time"), 24);
	add_word(out, shown, ID_DIGITS);
	add_word(out, text_of(root, "kind"), 8);
	add_word(out, text_of(root, "verdict"), 6);
	add_word(out, text_of(root, "repository"), 0);
	add_refs(out, yyjson_obj_get(root, "refs"));
	add_pusher(out, root);
	buf_addch(out, '\n');
	yyjson_doc_free(doc);
}

static int print_item(const struct ledger_item *item, bool json, struct err *e)
{
	struct buf joined = BUF_INIT(LIST_MAX_LINE), line = BUF_INIT(65536);
	int rc = persons_join(item->json, item->persons, &joined, e);

	if (!rc && json) {
		buf_addch(&joined, '\n');
		rc = cli_print(&joined, e);
	} else if (!rc) {
		add_line(&line, &joined);
		rc = cli_print(&line, e);
	}
	buf_release(&joined);
	buf_release(&line);
	return rc;
}

static int list(struct place *p, bool json, struct err *e)
{
	struct ledger_reader *r = NULL;
	struct ledger_item item;
	size_t damaged = 0;
	int more = 1;
	int rc = ledger_reader_new(&r, p->ledger, 0, e);

	while (!rc && more) {
		more = ledger_reader_next(r, &item, e);
		if (more > 0) {
			rc = print_item(&item, json, e);
		} else if (more == ERR_MALFORMED) {
			/* those behind it are listed all the same */
			fprintf(stderr, "gatepost: %s\n", e->msg);
			damaged++;
		} else {
			rc = more;
		}
	}
	ledger_reader_free(r);
	if (!rc && damaged)
		rc = err_set(e, ERR_MALFORMED,
			     "damage in %zu place%s of the ledger %s", damaged,
			     damaged == 1 ? "" : "s", ledger_dir(p->ledger));
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const struct cli_option options[] = {LEDGER_OPTIONS(w)};
	struct cli_args args;
	struct place p;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (rc)
		return rc;
	place_init(&p);
	rc = ledger_wish_open(&w, LEDGER_READ, &p, e);
	if (!rc)
		rc = list(&p, w.json, e);
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_list = {
	.name = "list",
	.summary = "list all records",
	.help = help,
	.run = run,
};
