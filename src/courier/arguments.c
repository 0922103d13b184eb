/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/arguments.h"

#include <getopt.h>
#include <string.h>

#include "base/text.h"

enum {
	MAX_DEADLINE = 7 * 24 * 3600,
	MAX_TIMEOUT = 24 * 3600,
	DEFAULT_TIMEOUT = 60
};

const char arguments_usage[] =
	"usage: gatepost courier run [--policy FILE] [--once] [--now]\n"
	"                            [--deadline SECONDS]\n"
	"       gatepost courier status [--policy FILE] [--json|--prometheus]\n"
	"       gatepost courier retry [--policy FILE] [SINK] ID|--all\n"
	"       courier ticket [--policy FILE] SINK\n"
	"       courier get [--ca-file FILE] [--timeout SECONDS] URL\n"
	"\n"
	"run     deliver records to every destination of the policy, until\n"
	"        told to stop (SIGTERM); SIGHUP reads the policy again\n"
	"  --once              deliver what is due, then end\n"
	"  --now               do not wait for the next attempt at what failed\n"
	"  --deadline SECONDS  with --once: try again for so long (default 0)\n"
	"status  how far each destination has come\n"
	"  --json              for programs\n"
	"  --prometheus        for monitors, in their text format\n"
	"retry   send again what a destination has refused for good\n"
	"  --all               all that it has refused, not one record\n"
	"ticket  what a hook asks about a ticket\n"
	"get     what gatepost ledger follow asks for: files below URL\n"
	"  --ca-file FILE      who vouches for that host\n"
	"  --timeout SECONDS   for one file (default 60)\n"
	"\n"
	"Exit status: 0 all is delivered, or well; 1 something is left, fails\n"
	"or is parked; 2 it cannot be told.\n";

static int take_policy(struct arguments *args, const char *path, struct err *e)
{
	return file_real_path(path, args->policy, e);
}

static int take_option(struct arguments *args, int c, struct err *e)
{
	switch (c) {
	case 'p':
		return take_policy(args, optarg, e);
	case 'o':
		args->once = true;
		return 0;
	case 'n':
		args->now = true;
		return 0;
	case 'a':
		args->all = true;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case 'm':
		args->prometheus = true;
		return 0;
	case 'c':
		return file_real_path(optarg, args->ca_file, e);
	case 't':
		if (text_to_u64(span_str(optarg), MAX_TIMEOUT,
				&args->timeout) &&
		    args->timeout)
			return 0;
		return err_set(e, ERR_USAGE, "--timeout takes 1 to %d seconds",
			       MAX_TIMEOUT);
	case 'h':
		args->help = true;
		return 0;
	case 'd':
		if (text_to_u64(span_str(optarg), MAX_DEADLINE,
				&args->deadline))
			return 0;
		return err_set(e, ERR_USAGE, "--deadline takes 0 to %d seconds",
			       MAX_DEADLINE);
	default:
		return err_set(e, ERR_USAGE, "unknown option or lacking value");
	}
}

int arguments_parse(struct arguments *args, int argc, char **argv,
		    struct err *e)
{
	static const struct option options[] = {
		{"policy", required_argument, NULL, 'p'},
		{"once", no_argument, NULL, 'o'},
		{"now", no_argument, NULL, 'n'},
		{"deadline", required_argument, NULL, 'd'},
		{"json", no_argument, NULL, 'j'},
		{"prometheus", no_argument, NULL, 'm'},
		{"all", no_argument, NULL, 'a'},
		{"ca-file", required_argument, NULL, 'c'},
		{"timeout", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	bool get = !strcmp(argv[0], "get");
	bool ticket = !strcmp(argv[0], "ticket");
	bool retry = !strcmp(argv[0], "retry");
	int c;

	args->timeout = DEFAULT_TIMEOUT;
	opterr = 0;
	while ((c = getopt_long(argc, argv, retry ? "h" : "+h", options,
				NULL)) != -1)
		if (take_option(args, c, e))
			return e->code;
	if (get && optind < argc)
		args->url = argv[optind++];
	if (ticket && optind < argc)
		args->words[0] = argv[optind++];
	if (ticket && !args->help && !args->words[0])
		return err_set(e, ERR_USAGE, "ticket needs a sink");
	for (int i = 0; retry && i < 2 && optind < argc; i++)
		args->words[i] = argv[optind++];
	if (args->json && args->prometheus)
		return err_set(e, ERR_USAGE,
			       "--json or --prometheus, not both");
	if (get && !args->help && !args->url)
		return err_set(e, ERR_USAGE, "get needs a URL");
	if (optind < argc)
		return err_set(e, ERR_USAGE, "unexpected argument");
	if (args->help || get || *args->policy)
		return 0;
	return take_policy(args, SYSCONFDIR "/gatepost/policy.conf", e);
}
