/* SPDX-License-Identifier: Apache-2.0 */
#include "git/git2_compat.h"

#include <stdbool.h>

static void empty_search_paths(void)
{
	static const int levels[] = {
		GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL,
		GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_PROGRAMDATA};
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
}

int git2_start(struct err *e)
{
	static const char *extensions[] = {"refstorage", "noop-v1",
					   "relativeworktrees"};
	static bool started;

	if (started)
		return 0;
	if (git_libgit2_init() < 0)
		return git2_error(e, ERR_INTERNAL, "cannot start libgit2");
	empty_search_paths();
	/* repository_open has judged the owner by then. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	/* What receive-pack stored was hashed when it came. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
			 sizeof(extensions) / sizeof(*extensions));
	started = true;
	return 0;
}

int git2_error(struct err *e, int code, const char *what)
{
	const git_error *last = git_error_last();

	return err_set(e, code, "%s: %s", what,
		       last && last->message ? last->message : "no reason");
}
