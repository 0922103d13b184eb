/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/ledger_reading.h"
#include "ledger/persons.h"

enum {
	LIST_MAX_LINE = 1 << 22, /* bytes of one joined record */
	ID_DIGITS = 23,		 /* enough to name a record again */
	REFS_SHOWN = 2
};

static const char help[] =
	"usage: gatepost ledger list [--json] [--ledger DIR | --policy FILE] "
	"[FILTER...]\n"
	"\n"
	"List records, oldest first: time, id, kind, verdict, repository, "
	"refs, who.\n"
	"With filters, those for which all of them hold. That somebody looked "
	"is\n"
	"recorded.\n"
	"\n"
	"  --json         the records as they are stored, one a line, with "
	"the persons\n"
	"                 joined in\n" LEDGER_HELP FILTER_HELP;

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

/* Of a decision, or of a question about a ticket. */
static const char *result_of(yyjson_val *root)
{
	const char *kind = text_of(root, "kind");

	if (!kind || strcmp(kind, "ticket") != 0)
		return text_of(root, "verdict");
	return text_of(root, "by_hand") ? "settled" : text_of(root, "lookup");
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
	add_word(out, result_of(root), 6);
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

struct listing {
	bool json;
};

static int list_one(void *arg, const struct ledger_item *item, struct err *e)
{
	const struct listing *l = arg;

	return print_item(item, l->json, e);
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	struct ledger_filter f = {0};
	const struct cli_option options[] = {LEDGER_OPTIONS(w),
					     FILTER_OPTIONS(f)};
	struct listing l;
	struct cli_args args;
	struct reading r;
	int rc = cli_parse(argc, argv, options, 3 + FILTER_COUNT, &args, e);

	reading_init(&r, "ledger list");
	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (!rc)
		rc = reading_filter(&r, &f, e);
	l.json = w.json;
	r.format = w.json ? "json" : NULL;
	if (!rc)
		rc = reading_open(&r, &w, e);
	if (!rc)
		rc = reading_each(&r, list_one, &l, e);
	reading_release(&r);
	return rc;
}

const struct cli_command command_ledger_list = {
	.name = "list",
	.summary = "list records",
	.help = help,
	.run = run,
};
