/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/ledger_reading.h"
#include "ledger/json.h"
#include "ledger/send.h"

#define COMMAND "ledger send"

static const char help[] =
	"usage: gatepost ledger send [--ledger DIR | --policy FILE]\n"
	"\n"
	"Answer gatepost ledger follow, which keeps a copy elsewhere, on "
	"standard input\n"
	"and output: it gets sealed records with their people and evidence.\n"
	"\n" LEDGER_HELP "\n"
	"Exit status: 0 sent as it stands, 1 something is damaged here, 2 "
	"could not.\n";

struct sending {
	struct reading reading;
	bool recorded;
	uint64_t amiss;
};

static bool is_own_access(yyjson_val *record)
{
	return span_is(json_str(record, "kind"), "access") &&
	       span_is(json_str(record, "command"), COMMAND);
}

/* A run that brings nothing but the record of the one before it leaves none,
 * or there would be no end of it. */
static int show(void *arg, yyjson_val *record, uint64_t left, struct err *e)
{
	struct sending *s = arg;

	if (s->recorded || is_own_access(record))
		return 0;
	s->recorded = true;
	return reading_record(&s->reading, left, NULL, e);
}

static void amiss(void *arg, const char *text)
{
	struct sending *s = arg;
	struct buf clean = BUF_INIT(2 * ERR_MAX_MSG);

	s->amiss++;
	text_add_printable(&clean, span_str(text), ERR_MAX_MSG);
	fprintf(stderr, "gatepost: %s\n", clean.data);
	buf_release(&clean);
}

static int run(int argc, char **argv, struct err *e)
{
	struct ledger_wish w = {0};
	const struct cli_option options[] = {
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
	};
	struct sending s = {.amiss = 0};
	const struct send_ear ear = {show, amiss, &s};
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (rc)
		return rc;
	reading_init(&s.reading, COMMAND);
	rc = reading_open(&s.reading, &w, e);
	if (!rc)
		rc = send_serve(s.reading.place.ledger, STDIN_FILENO,
				STDOUT_FILENO, &ear, e);
	if (!rc && s.amiss)
		rc = CLI_NO;
	reading_release(&s.reading);
	return rc;
}

const struct cli_command command_ledger_send = {
	.name = "send",
	.summary = "give the records to a copy elsewhere",
	.help = help,
	.run = run,
};
