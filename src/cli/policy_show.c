/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/commands.h"
#include "cli/place.h"
#include "policy/show.h"
#include "sys/files.h"

enum { SHOW_MAX_BYTES = 16 << 20 };

static const char help[] =
	"usage: gatepost policy show [--policy FILE] [--repository NAME] "
	"[REPO] [REF]\n"
	"\n"
	"Print what applies to a repository and a ref, defaults included, as "
	"policy\n"
	"text with the place of each value. REPO is a directory (default: the "
	"one you\n"
	"are in); without REF all gates are shown.\n"
	"\n"
	"  --policy FILE      the policy to show\n"
	"  --repository NAME  a repository by its name, wherever it is\n";

/* One argument may be either: it is a ref when it says so, or when nothing is
 * called so and it looks like no path. */
static bool is_ref(const char *word)
{
	return !strncmp(word, "refs/", 5) ||
	       (*word != '/' && *word != '.' && !file_exists(word));
}

static void sort_arguments(const struct cli_args *args, const char **repo,
			   const char **ref)
{
	*repo = NULL;
	*ref = NULL;
	if (args->n == 2) {
		*repo = args->v[0];
		*ref = args->v[1];
	} else if (args->n == 1 && is_ref(args->v[0])) {
		*ref = args->v[0];
	} else if (args->n == 1) {
		*repo = args->v[0];
	}
}

static int full_ref(const char *ref, struct buf *out, struct err *e)
{
	if (strncmp(ref, "refs/", 5) != 0)
		buf_adds(out, "refs/heads/");
	buf_adds(out, ref);
	return buf_ok(out) ? 0 : err_set(e, ERR_LIMIT, "the ref is too long");
}

static int show(const char *policy, const char *name, const char *repo,
		const char *ref, struct err *e)
{
	struct buf out = BUF_INIT(SHOW_MAX_BYTES), full = BUF_INIT(4096);
	struct place p;
	int rc = 0;

	place_init(&p);
	if (repo)
		rc = place_repository(&p, repo, e);
	else if (!name)
		rc = place_discover(&p, e);
	if (!rc)
		rc = place_policy(&p, policy, 0, e);
	if (!rc && ref)
		rc = full_ref(ref, &full, e);
	if (!rc)
		rc = policy_show(p.policy, (enum policy_mode)p.settings.mode,
				 name ? name : p.repository,
				 ref ? full.data : NULL, &out, e);
	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	buf_release(&full);
	place_release(&p);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	const char *policy = NULL, *name = NULL, *repo, *ref;
	const struct cli_option options[] = {
		{"--policy", NULL, &policy},
		{"--repository", NULL, &name},
	};
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 2, "REPO", e);
	if (rc)
		return rc;
	sort_arguments(&args, &repo, &ref);
	return show(policy, name, repo, ref, e);
}

const struct cli_command command_policy_show = {
	.name = "show",
	.summary = "show what applies to a repository and a ref",
	.help = help,
	.run = run,
};
