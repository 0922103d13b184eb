/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "sys/child.h"
#include "sys/env.h"
#include "sys/files.h"

enum { NAMES_MAX = 32 };

static void print_table(FILE *to, const struct cli_command *const *table)
{
	for (; *table; table++)
		fprintf(to, "  %-12s %s\n", (*table)->name, (*table)->summary);
}

static void print_help(void)
{
	printf("usage: gatepost [-C DIR] COMMAND [ARGUMENTS]\n\n"
	       "The provenance gate for git servers.\n\n");
	print_table(stdout, cli_commands);
	printf("\n`gatepost COMMAND --help` says more; so does "
	       "gatepost(1).\nExit status: 0 yes, 1 no, 2 could not tell.\n");
}

static const struct cli_command *find(const struct cli_command *const *table,
				      const char *name)
{
	for (; *table; table++)
		if (!strcmp((*table)->name, name))
			return *table;
	return NULL;
}

static int unknown(const struct cli_command *const *table, const char *name,
		   struct err *e)
{
	const char *names[NAMES_MAX], *near;
	size_t n;

	for (n = 0; n < NAMES_MAX && table[n]; n++)
		names[n] = table[n]->name;
	near = text_nearest(name, names, n);
	if (near)
		return err_set(e, ERR_USAGE,
			       "there is no command %s; did you mean %s?", name,
			       near);
	return err_set(e, ERR_USAGE,
		       "there is no command %s (see gatepost --help)", name);
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* --help anywhere before `--` is a question, never an order. */
static bool wants_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (asks_help(argv[i]))
			return true;
	return false;
}

static int run(const struct cli_command *const *table, int argc, char **argv,
	       struct err *e)
{
	const struct cli_command *c = find(table, argv[0]);

	if (!c)
		return unknown(table, argv[0], e);
	if (!c->below) {
		if (!wants_help(argc, argv))
			return c->run(argc, argv, e);
		fputs(c->help, stdout);
		return CLI_YES;
	}
	if (argc < 2)
		return err_set(e, ERR_USAGE,
			       "%s what? (see gatepost %s --help)", c->name,
			       c->name);
	if (!asks_help(argv[1]))
		return run(c->below, argc - 1, argv + 1, e);
	fputs(c->help, stdout);
	print_table(stdout, c->below);
	return CLI_YES;
}

static int start(int argc, char **argv, struct err *e)
{
	while (argc > 2 && !strcmp(argv[1], "-C")) {
		if (chdir(argv[2]))
			return err_sys(e, "%s", argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc < 2 || asks_help(argv[1])) {
		print_help();
		return argc < 2 ? CLI_UNKNOWN : CLI_YES;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("gatepost %s\n", PACKAGE_VERSION);
		return CLI_YES;
	}
	return run(cli_commands, argc - 1, argv + 1, e);
}

static void complain(const struct err *e)
{
	struct buf b = BUF_INIT(8 * ERR_MAX_MSG);

	text_add_printable(&b, span_str(e->msg), ERR_MAX_MSG);
	fprintf(stderr, "gatepost: %s\n", b.data);
	buf_release(&b);
}

int main(int argc, char **argv)
{
	struct env_saved env = {0};
	struct err e = {0};
	int rc = env_scrub(&env, &e);

	if (!rc)
		rc = file_ensure_stdio(&e);
	child_prepare();
	/* what cannot be written is an error, not the end of the process */
	signal(SIGXFSZ, SIG_IGN);
	if (!rc)
		rc = start(argc, argv, &e);
	/* what was not written was not said */
	if (rc >= 0 && (fflush(stdout) || ferror(stdout)))
		rc = err_sys(&e, "writing to standard output");
	if (rc < 0) {
		complain(&e);
		rc = CLI_UNKNOWN;
	}
	env_saved_release(&env);
	return rc;
}
