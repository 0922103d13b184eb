/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/place.h"
#include "sys/files.h"

enum { REVS_MAX_BYTES = 512 << 20, ARGUMENTS_MAX = 1000 };

static const char help[] =
	"usage: gatepost inspect [--json] [--policy FILE] [--no-walk] "
	"REV|RANGE...\n"
	"\n"
	"Show commits as gatepost reads them: trailers, AI agents, changed "
	"paths,\n"
	"signature. Arguments are as `git rev-list` takes them: HEAD is its "
	"history.\n"
	"\n"
	"  --json         one object a line\n"
	"  --no-walk      these objects alone; tags, too\n"
	"  --policy FILE  whose signers and agents (default: the "
	"repository's, the\n"
	"                 system's; without any, agents.conf alone)\n";

struct wish {
	const char *policy;
	bool json, no_walk;
};

/* git says which commits are meant, in its own words. */
static int list_commits(const struct place *p, const struct cli_args *args,
			struct buf *out, struct err *e)
{
	const char **argv = calloc((size_t)args->n + 6, sizeof(*argv));
	int i, rc;

	if (!argv)
		return err_nomem(e);
	argv[0] = "git";
	argv[1] = "--no-replace-objects";
	argv[2] = "rev-list";
	for (i = 0; i < args->n; i++)
		argv[3 + i] = args->v[i];
	argv[3 + i] = "--";
	rc = place_git(p, argv, out, e);
	free(argv);
	return rc;
}

static int inspect_list(struct inspection *in, const struct buf *ids,
			struct err *e)
{
	struct cursor at = cursor_of(ids->data, ids->len);
	struct span line;
	struct oid id;
	int rc = 0;

	while (!rc && cursor_line(&at, &line)) {
		if (!oid_from_hex(&id, repository_algo(in->repo), line))
			return err_set(e, ERR_MALFORMED,
				       "git rev-list printed no object id");
		rc = inspection_print(in, &id, e);
	}
	return rc;
}

static int inspect_each(struct inspection *in, const struct cli_args *args,
			struct err *e)
{
	struct oid id;
	int i, rc = 0;

	for (i = 0; !rc && i < args->n; i++) {
		/* libgit2 finds no object that it cannot parse */
		if (!oid_from_hex(&id, repository_algo(in->repo),
				  span_str(args->v[i])))
			rc = repository_resolve(in->repo, args->v[i], &id, e);
		if (!rc)
			rc = inspection_print(in, &id, e);
	}
	return rc;
}

static int inspect(struct place *p, const struct cli_args *args, bool json,
		   bool no_walk, struct err *e)
{
	struct buf ids = BUF_INIT(REVS_MAX_BYTES);
	struct repository *repo = NULL;
	struct inspection in;
	int rc = place_open(p, &repo, e);

	inspection_init(&in);
	if (!rc)
		rc = inspection_start(&in, repo, p->policy, json, e);
	if (!rc && no_walk)
		rc = inspect_each(&in, args, e);
	else if (!rc)
		rc = list_commits(p, args, &ids, e);
	if (!rc && !no_walk)
		rc = inspect_list(&in, &ids, e);
	if (!rc)
		rc = inspection_flush(&in, e);
	inspection_release(&in);
	repository_free(repo);
	buf_release(&ids);
	return rc;
}

/* Any policy will do, and none is no error: then nobody's keys are known. */
static int find_policy(struct place *p, const char *given, struct err *e)
{
	int rc;

	if (!given && !p->settings.policy &&
	    !file_exists(SYSCONFDIR "/gatepost/policy.conf"))
		return 0;
	rc = place_policy(p, given, 0, e);
	return rc;
}

/* Our own options are taken out; all else is git rev-list's. */
static int take_options(int argc, char **argv, struct wish *w,
			struct cli_args *args, struct err *e)
{
	int i;

	args->v = argv + 1;
	args->n = 0;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			w->json = true;
		else if (!strcmp(argv[i], "--no-walk"))
			w->no_walk = true;
		else if (!strncmp(argv[i], "--policy=", 9))
			w->policy = argv[i] + 9;
		else if (!strcmp(argv[i], "--policy") && i + 1 < argc)
			w->policy = argv[++i];
		else
			args->v[args->n++] = argv[i];
	}
	return cli_expect(args, 1, ARGUMENTS_MAX, "REV", e);
}

static int run(int argc, char **argv, struct err *e)
{
	struct wish w = {0};
	struct cli_args args;
	struct place p;
	int rc = take_options(argc, argv, &w, &args, e);

	if (rc)
		return rc;
	place_init(&p);
	rc = place_discover(&p, e);
	if (!rc)
		rc = find_policy(&p, w.policy, e);
	if (!rc)
		rc = inspect(&p, &args, w.json, w.no_walk, e);
	place_release(&p);
	return rc;
}

const struct cli_command command_inspect = {
	.name = "inspect",
	.summary = "show commits as gatepost reads them",
	.help = help,
	.run = run,
};
