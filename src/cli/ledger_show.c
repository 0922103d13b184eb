/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <yyjson.h>

#include "cli/commands.h"
#include "cli/ledger_reading.h"
#include "ledger/persons.h"

enum { SHOW_MAX_BYTES = 1 << 22 };

static const char help[] =
	"usage: gatepost ledger show [--json] [--ledger DIR | --policy FILE] "
	"ID\n"
	"\n"
	"Print one record. ID is its id, or the beginning of it. That somebody "
	"looked is\n"
	"recorded.\n"
	"\n"
	"  --json         on one line, as it is stored\n" LEDGER_HELP;

static int pretty(const struct buf *joined, struct buf *out, struct err *e)
{
	yyjson_doc *doc = yyjson_read(joined->data, joined->len, 0);
	char *text = NULL;
	size_t n = 0;

	if (doc)
		text = yyjson_write(doc, YYJSON_WRITE_PRETTY, &n);
	yyjson_doc_free(doc);
	if (!text)
		return err_set(e, ERR_MALFORMED, "the record is no JSON");
	buf_add(out, text, n);
	free(text);
	return buf_ok(out) ? 0 : err_nomem(e);
}

static int show(struct reading *r, const char *id, bool json, struct err *e)
{
	struct buf record = BUF_INIT(LEDGER_MAX_RECORD);
	struct buf persons = BUF_INIT(LEDGER_MAX_PERSONS);
	struct buf joined = BUF_INIT(SHOW_MAX_BYTES);
	struct buf out = BUF_INIT(2 * SHOW_MAX_BYTES);
	uint64_t index;
	int rc = ledger_find(r->place.ledger, id, &record, &persons, &index, e);

	r->query.id = id;
	if (!rc)
		rc = reading_record(r, 1, NULL, e);
	if (!rc)
		rc = persons_join(span_of(record.data, record.len),
				  span_of(persons.data, persons.len), &joined,
				  e);
	if (!rc && json)
		rc = buf_add(&out, joined.data, joined.len) ? err_nomem(e) : 0;
	else if (!rc)
		rc = pretty(&joined, &out, e);
	buf_addch(&out, '\n');
	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&record);
	buf_release(&persons);
	buf_release(&joined);
	buf_release(&out);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const struct cli_option options[] = {LEDGER_OPTIONS(w)};
	struct cli_args args;
	struct reading r;
	int rc = cli_parse(argc, argv, options, 3, &args, e);

	if (!rc)
		rc = cli_expect(&args, 1, 1, "ID", e);
	if (rc)
		return rc;
	reading_init(&r, "ledger show");
	rc = reading_open(&r, &w, e);
	if (!rc)
		rc = show(&r, args.v[0], w.json, e);
	if (rc == ERR_NOT_FOUND && r.place.ledger) {
		/* looked, and it is not there: that is an answer */
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	reading_release(&r);
	return rc;
}

const struct cli_command command_ledger_show = {
	.name = "show",
	.summary = "print one record",
	.help = help,
	.run = run,
};
