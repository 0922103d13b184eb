/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

enum { OPTIONS_MAX = 64 };

static const struct cli_option *find(const struct cli_option *options, size_t n,
				     const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(options[i].name) == len &&
		    !memcmp(options[i].name, word, len))
			return &options[i];
	return NULL;
}

static int unknown(const struct cli_option *options, size_t n, const char *word,
		   struct err *e)
{
	const char *names[OPTIONS_MAX], *near;
	size_t i;

	for (i = 0; i < n && i < OPTIONS_MAX; i++)
		names[i] = options[i].name;
	near = text_nearest(word, names, i);
	if (near)
		return err_set(e, ERR_USAGE,
			       "unknown option %s; did you mean %s?", word,
			       near);
	return err_set(e, ERR_USAGE, "unknown option %s (see --help)", word);
}

static int take(const struct cli_option *o, const char *equals, int argc,
		char **argv, int *at, struct err *e)
{
	if (o->flag) {
		if (equals)
			return err_set(e, ERR_USAGE, "%s takes no value",
				       o->name);
		*o->flag = true;
		return 0;
	}
	if (equals) {
		*o->value = equals + 1;
		return 0;
	}
	if (*at + 1 >= argc)
		return err_set(e, ERR_USAGE, "%s needs a value", o->name);
	*o->value = argv[++*at];
	return 0;
}

int cli_parse(int argc, char **argv, const struct cli_option *options,
	      size_t noptions, struct cli_args *args, struct err *e)
{
	bool only_arguments = false;
	int i, rc = 0;

	args->v = argv + 1;
	args->n = 0;
	for (i = 1; !rc && i < argc; i++) {
		const char *equals = strchr(argv[i], '=');
		size_t len =
			equals ? (size_t)(equals - argv[i]) : strlen(argv[i]);
		const struct cli_option *o;

		if (only_arguments || argv[i][0] != '-' || !argv[i][1]) {
			/* arguments gather at the front: never ahead of i */
			args->v[args->n++] = argv[i];
			continue;
		}
		if (!strcmp(argv[i], "--")) {
			only_arguments = true;
			continue;
		}
		o = find(options, noptions, argv[i], len);
		rc = o ? take(o, equals, argc, argv, &i, e)
		       : unknown(options, noptions, argv[i], e);
	}
	return rc;
}

int cli_expect(const struct cli_args *args, int min, int max, const char *what,
	       struct err *e)
{
	if (args->n < min)
		return err_set(e, ERR_USAGE, "%s is missing (see --help)",
			       what);
	if (max >= 0 && args->n > max)
		return err_set(e, ERR_USAGE, "one argument too many: %s",
			       args->v[max]);
	return 0;
}

int cli_print(const struct buf *b, struct err *e)
{
	if (!buf_ok(b))
		return err_set(e, ERR_LIMIT, "too much to print");
	if (fwrite(b->data, 1, b->len, stdout) != b->len || fflush(stdout))
		return err_sys(e, "writing to standard output");
	return 0;
}
