/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "checks/check.h"
#include "sys/child.h"
#include "sys/deadline.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/login.h"

enum { GIT_MS = 600000, GIT_MAX_ERRORS = 4096, LOGIN_MAX = 256 };

void place_init(struct place *p)
{
	memset(p, 0, sizeof(*p));
	p->person = (struct pusher){.login = "", .how = "uid"};
}

void place_release(struct place *p)
{
	ledger_close(p->ledger);
	policy_free(p->policy);
	policy_repository_release(&p->settings);
	free(p->gitdir);
	free(p->repository);
	free(p->policy_path);
	free(p->login);
	place_init(p);
}

static bool is_gitdir(const char *dir)
{
	char path[FILE_MAX_PATH];
	struct err ignored = {0};

	return !file_join(dir, "HEAD", path, &ignored) && file_exists(path) &&
	       !file_join(dir, "objects", path, &ignored) && file_is_dir(path);
}

static int take_gitdir(struct place *p, const char *dir, struct err *e)
{
	char real[FILE_MAX_PATH];
	int rc = file_real_path(dir, real, e);

	if (rc)
		return rc;
	free(p->gitdir);
	p->gitdir = strdup(real);
	if (!p->gitdir)
		return err_nomem(e);
	policy_repository_release(&p->settings);
	return policy_repository_load(&p->settings, p->gitdir, e);
}

/* A work tree's .git may be a file that says where the directory is
 * (gitrepository-layout(5)). */
static int follow_gitfile(struct place *p, const char *path, const char *from,
			  struct err *e)
{
	struct buf b = BUF_INIT(FILE_MAX_PATH + 16);
	char dir[FILE_MAX_PATH];
	int rc = file_read(path, &b, e);

	while (!rc && b.len && b.data[b.len - 1] == '\n')
		buf_truncate(&b, b.len - 1);
	if (!rc && strncmp(b.data, "gitdir: ", 8) != 0)
		rc = err_set(e, ERR_MALFORMED, "%s is no git directory", path);
	if (!rc)
		rc = file_join(from, b.data + 8, dir, e);
	if (!rc)
		rc = take_gitdir(p, dir, e);
	buf_release(&b);
	return rc;
}

static int try_dir(struct place *p, const char *dir, bool *found, struct err *e)
{
	char sub[FILE_MAX_PATH];
	int rc;

	*found = true;
	if (is_gitdir(dir))
		return take_gitdir(p, dir, e);
	rc = file_join(dir, ".git", sub, e);
	if (rc)
		return rc;
	if (file_is_dir(sub) && is_gitdir(sub))
		return take_gitdir(p, sub, e);
	if (file_exists(sub) && !file_is_dir(sub))
		return follow_gitfile(p, sub, dir, e);
	*found = false;
	return 0;
}

int place_repository(struct place *p, const char *path, struct err *e)
{
	bool found;
	int rc = try_dir(p, path, &found, e);

	if (!rc && !found)
		rc = err_set(e, ERR_NOT_FOUND, "%s is no git repository", path);
	return rc;
}

int place_discover(struct place *p, struct err *e)
{
	const char *given = getenv("GIT_DIR");
	char dir[FILE_MAX_PATH], up[FILE_MAX_PATH];
	bool found = false;
	int rc;

	if (given)
		return place_repository(p, given, e);
	rc = file_real_path(".", dir, e);
	while (!rc) {
		rc = try_dir(p, dir, &found, e);
		if (rc || found || !strcmp(dir, "/"))
			break;
		rc = file_parent(dir, up, e);
		memcpy(dir, up, sizeof(dir));
	}
	if (!rc && !found)
		rc = err_set(e, ERR_NOT_FOUND,
			     "not inside a git repository; name one, or use "
			     "-C DIR");
	return rc;
}

static void print_mistakes(const struct policy_mistakes *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		fprintf(stderr, "%s\n", m->v[i]);
}

int place_policy(struct place *p, const char *given, unsigned flags,
		 struct err *e)
{
	const char *path = SYSCONFDIR "/gatepost/policy.conf";
	struct policy_mistakes mistakes = {0};
	bool shallow = flags & POLICY_SHALLOW;
	int rc;

	if (p->settings.policy)
		path = p->settings.policy;
	if (given)
		path = given;
	free(p->policy_path);
	p->policy_path = strdup(path);
	if (!p->policy_path)
		return err_nomem(e);
	rc = policy_load(&p->policy, path, shallow ? NULL : checks_kinds,
			 shallow ? 0 : checks_count, flags, &mistakes, e);
	if (mistakes.n > 1)
		print_mistakes(&mistakes);
	policy_mistakes_release(&mistakes);
	if (rc || !p->gitdir)
		return rc;
	p->repository =
		policy_repository_name(p->policy, &p->settings, p->gitdir);
	return p->repository ? 0 : err_nomem(e);
}

int place_ledger(struct place *p, const char *given, unsigned flags,
		 struct err *e)
{
	return ledger_open(&p->ledger, given ? given : p->policy->ledger, flags,
			   e);
}

void place_frame(struct place *p, struct record_frame *out)
{
	struct buf login = BUF_INIT(LOGIN_MAX);
	struct err ignored = {0};
	int64_t now = time_now_ms();

	if (!p->login && !login_of(getuid(), &login, &ignored))
		p->login = buf_detach(&login, NULL);
	buf_release(&login);
	if (p->login) {
		p->person.login = p->login;
		if (p->policy)
			p->person.principal = principals_by_login(
				&p->policy->people, span_str(p->login), now);
	}
	*out = (struct record_frame){
		.repository = p->repository,
		.policy = p->policy && p->policy->digest[0] ? p->policy : NULL,
		.pusher = &p->person,
		.now = now,
	};
}

static int run_git(const struct place *p, const char *const *argv,
		   struct span input, struct buf *out, struct buf *errors,
		   int *status, struct err *e)
{
	char dir[FILE_MAX_PATH + 16];
	/* root installs into repositories of the git user */
	const char *envp[] = {dir,
			      "PATH=" ENV_SAFE_PATH,
			      "LC_ALL=C",
			      "GIT_CONFIG_COUNT=1",
			      "GIT_CONFIG_KEY_0=safe.directory",
			      "GIT_CONFIG_VALUE_0=*",
			      NULL};
	struct child_spec spec = {
		.program = p->policy ? p->policy->git : "git",
		.argv = argv,
		.envp = envp,
		.cwd = p->gitdir,
		.input = input,
		.deadline = deadline_in_ms(GIT_MS),
	};
	struct child_end end = {0};
	int rc;

	snprintf(dir, sizeof(dir), "GIT_DIR=%s", p->gitdir);
	rc = child_run(&spec, out, errors, &end, e);
	if (!rc && end.how != CHILD_END_EXIT)
		rc = err_set(e, ERR_SYS, "git %s did not end by itself",
			     argv[1]);
	*status = end.code;
	return rc;
}

int place_git_both(const struct place *p, const char *const *argv,
		   struct buf *out, struct buf *errors, int *status,
		   struct err *e)
{
	return run_git(p, argv, span_of("", 0), out, errors, status, e);
}

/* What git says first is the reason; its usage is a screenful. */
static int git_failed(const char *const *argv, struct buf *errors,
		      struct err *e)
{
	const char *what = argv[1];

	if (argv[1][0] == '-' && argv[2])
		what = argv[2];
	if (!strncmp(errors->data, "usage:", 6))
		return err_set(e, ERR_USAGE,
			       "git %s does not take these arguments (see git "
			       "%s -h)",
			       what, what);
	buf_truncate(errors, strcspn(errors->data, "\n"));
	return err_set(e, ERR_SYS, "git %s: %s", what,
		       errors->len ? errors->data : "failed");
}

int place_git_input(const struct place *p, const char *const *argv,
		    struct span input, struct buf *out, struct err *e)
{
	struct buf errors = BUF_INIT(GIT_MAX_ERRORS);
	int status = 0;
	int rc = run_git(p, argv, input, out, &errors, &status, e);

	if (!rc && status)
		rc = git_failed(argv, &errors, e);
	buf_release(&errors);
	return rc;
}

int place_git(const struct place *p, const char *const *argv, struct buf *out,
	      struct err *e)
{
	return place_git_input(p, argv, span_of("", 0), out, e);
}

bool place_below(const char *root, const char *name, char path[FILE_MAX_PATH])
{
	struct place p;
	struct err ignored = {0};
	struct buf b = BUF_INIT(FILE_MAX_PATH);
	bool found = false;
	int pass;

	for (pass = 0; !found && pass < 2; pass++) {
		buf_clear(&b);
		buf_addf(&b, "%s/%s%s", root, name, pass ? "" : ".git");
		if (!buf_ok(&b))
			break;
		place_init(&p);
		found = !place_repository(&p, b.data, &ignored);
		place_release(&p);
	}
	if (found)
		snprintf(path, FILE_MAX_PATH, "%s", b.data);
	buf_release(&b);
	return found;
}

int place_open(const struct place *p, struct repository **repo, struct err *e)
{
	struct repository_spec spec = {.gitdir = p->gitdir};

	return repository_open(repo, &spec, e);
}
