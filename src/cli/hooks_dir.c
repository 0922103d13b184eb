/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/hooks_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/deadline.h"
#include "sys/env.h"

enum { PROVE_MS = 10000 };

const char *const hooks_names[HOOKS_COUNT] = {"pre-receive", "update",
					      "post-receive"};

const char *hook_state_word(enum hook_state s)
{
	static const char *const words[] = {"missing",
					    "in place",
					    "a dangling link",
					    "not executable",
					    "of another gatepost",
					    "foreign"};

	return words[s];
}

int hooks_dir_find(const struct place *p, char out[FILE_MAX_PATH],
		   struct err *e)
{
	const char *argv[] = {"git", "rev-parse", "--git-path", "hooks", NULL};
	struct buf b = BUF_INIT(FILE_MAX_PATH);
	int rc = place_git(p, argv, &b, e);

	while (!rc && b.len && b.data[b.len - 1] == '\n')
		buf_truncate(&b, b.len - 1);
	if (!rc)
		rc = file_join(p->gitdir, b.data, out, e);
	buf_release(&b);
	return rc;
}

static int our_program(const char *name, char out[FILE_MAX_PATH], struct err *e)
{
	return file_join(PKGLIBEXECDIR, name, out, e);
}

/* Where the link points to; empty: it is none. */
static void read_link(const char *path, char to[FILE_MAX_PATH])
{
	ssize_t n = readlink(path, to, FILE_MAX_PATH - 1);

	to[n > 0 ? n : 0] = '\0';
}

/* Whether a program stands where some `make install` puts ours: whatever the
 * prefix, in a directory of our name. */
static bool is_installed(const char *program, const char *name)
{
	const char *ours = strrchr(PKGLIBEXECDIR, '/');
	char end[FILE_MAX_PATH];
	size_t n = (size_t)snprintf(end, sizeof(end), "%s/%s", ours, name);
	size_t len = strlen(program);

	return *program == '/' && len >= n && !strcmp(program + len - n, end);
}

static enum hook_state state_of(const char *path, const char *to,
				const char *name)
{
	char ours[FILE_MAX_PATH];
	struct err e;
	struct stat st;

	if (!is_installed(to, name))
		return HOOK_FOREIGN;
	if (stat(path, &st))
		return HOOK_DANGLING;
	if (our_program(name, ours, &e) || strcmp(to, ours) != 0)
		return HOOK_OF_OTHER;
	return access(path, X_OK) ? HOOK_NOT_EXECUTABLE : HOOK_OURS;
}

int hooks_dir_state(const char *dir, const char *name, enum hook_state *out,
		    struct err *e)
{
	char path[FILE_MAX_PATH], to[FILE_MAX_PATH];
	struct stat st;
	int rc = file_join(dir, name, path, e);

	*out = HOOK_FOREIGN;
	if (rc)
		return rc;
	if (lstat(path, &st)) {
		*out = HOOK_ABSENT;
		return errno == ENOENT ? 0 : err_sys(e, "%s", path);
	}
	read_link(path, to);
	*out = state_of(path, to, name);
	return 0;
}

int hooks_dir_other(const char *dir, const char *name, char out[FILE_MAX_PATH],
		    struct err *e)
{
	char path[FILE_MAX_PATH], *slash;
	int rc = file_join(dir, name, path, e);

	*out = '\0';
	if (rc)
		return rc;
	read_link(path, out);
	slash = strrchr(out, '/');
	if (slash)
		*slash = '\0';
	return 0;
}

int hooks_dir_link(const char *dir, const char *name, struct err *e)
{
	char path[FILE_MAX_PATH], ours[FILE_MAX_PATH];
	int rc = file_join(dir, name, path, e);

	if (!rc)
		rc = our_program(name, ours, e);
	if (!rc)
		rc = file_make_dirs(dir, 0777, e);
	if (rc)
		return rc;
	if (unlink(path) && errno != ENOENT)
		return err_sys(e, "%s", path);
	if (symlink(ours, path))
		return err_sys(e, "%s", path);
	return file_sync_dir(dir, e);
}

int hooks_dir_unlink(const char *dir, const char *name, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = file_join(dir, name, path, e);

	if (!rc && unlink(path) && errno != ENOENT)
		rc = err_sys(e, "%s", path);
	return rc;
}

/* Without GIT_DIR a hook says what it is and refuses (post-receive cannot
 * refuse). */
int hooks_dir_prove(const struct place *p, const char *dir, const char *name,
		    struct err *e)
{
	char path[FILE_MAX_PATH];
	const char *argv[] = {name, NULL};
	const char *envp[] = {"PATH=" ENV_SAFE_PATH, NULL};
	struct child_spec spec = {
		.program = path,
		.argv = argv,
		.envp = envp,
		.cwd = p->gitdir,
		.deadline = deadline_in_ms(PROVE_MS),
	};
	struct buf out = BUF_INIT(4096), errors = BUF_INIT(4096);
	struct child_end end = {0};
	int rc = file_join(dir, name, path, e);

	if (!rc)
		rc = child_run(&spec, &out, &errors, &end, e);
	if (!rc && (end.how != CHILD_END_EXIT ||
		    !strstr(errors.data, "gatepost: this is a git hook")))
		rc = err_set(e, ERR_SYS, "%s does not run here: %.200s", path,
			     errors.len ? errors.data : "it said nothing");
	buf_release(&out);
	buf_release(&errors);
	return rc;
}
