/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_CLI_H
#define GATEPOST_CLI_CLI_H

/**
 * The gatepost command: a table of sub-commands, one source file each.
 *
 * A sub-command returns its exit status: CLI_YES, CLI_NO (a rejection, a
 * finding, a mismatch), or a negative enum err_code with `e` set, which main
 * prints and turns into CLI_UNKNOWN. Data goes to standard output, all else
 * to standard error.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum { CLI_YES = 0, CLI_NO = 1, CLI_UNKNOWN = 2 };

struct cli_command {
	const char *name;
	const char *summary; /* one line, for `gatepost --help` */
	const char *help;    /* what `--help` prints, usage line first */
	/** argv[0] is the sub-command's own name. */
	int (*run)(int argc, char **argv, struct err *e);
	/** Or a further table: `gatepost ledger list`. NULL-terminated. */
	const struct cli_command *const *below;
};

/** One option of a sub-command. Options may stand among the arguments, up to
 * `--`; `--name VALUE` and `--name=VALUE` are the same. */
struct cli_option {
	const char *name;   /* with its dashes, e.g. "--json" */
	bool *flag;	    /* set when it is given, or */
	const char **value; /* gets its value */
};

/** What is left when the options are taken. Borrowed from argv. */
struct cli_args {
	char **v;
	int n;
};

/**
 * Take the options out of argv.
 * @return 0, or ERR_USAGE naming what is off and the nearest right option
 */
int cli_parse(int argc, char **argv, const struct cli_option *options,
	      size_t noptions, struct cli_args *args, struct err *e);

/** ERR_USAGE unless there are min to max arguments (max < 0: no end). */
int cli_expect(const struct cli_args *args, int min, int max, const char *what,
	       struct err *e);

/** Print to standard output. @return 0 or ERR_SYS */
int cli_print(const struct buf *b, struct err *e);

/** The table, in the order of `gatepost --help`; NULL-terminated. */
extern const struct cli_command *const cli_commands[];

#endif
