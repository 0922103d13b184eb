/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "checks/check.h"
#include "policy/check_value.h"
#include "gate/guard.h"
#include "gate/statements.h"
#include "policy/scope.h"
#include "sys/child.h"
#include "sys/deadline.h"
#include "sys/files.h"
#include "sys/login.h"
#include "sys/proc.h"
#include "trust/approvals.h"

enum { SAY_MS = 5000, LOGIN_MAX = 256 };

static int find_gitdir(struct hook *h, struct err *e)
{
	const char *dir = getenv("GIT_DIR");
	char real[FILE_MAX_PATH];
	int rc;

	if (!dir)
		return err_set(e, ERR_USAGE,
			       "this is a git hook, which git runs on a push; "
			       "to judge commits by hand: gatepost check");
	rc = file_real_path(dir, real, e);
	if (rc)
		return rc;
	h->gitdir = strdup(real);
	return h->gitdir ? 0 : err_nomem(e);
}

static void open_log_or(struct hook *h, const char *file, const char *folder)
{
	char fallback[FILE_MAX_PATH + 32] = "";

	if (folder)
		snprintf(fallback, sizeof(fallback), "%s/gatepost.log", folder);
	admin_log_close(&h->log);
	admin_log_open(&h->log, h->program, file,
		       fallback[0] ? fallback : NULL);
}

/* Before the policy is known, and where the ledger is away, the repository
 * itself is the fallback: the admin who looks there finds why nothing can be
 * pushed. */
static void open_log(struct hook *h, const char *file, const char *folder)
{
	open_log_or(h, file, folder);
	if (h->log.fd < 0 && folder != h->gitdir)
		open_log_or(h, file, h->gitdir);
}

int hook_init(struct hook *h, const char *program, struct err *e)
{
	struct err env_err = {0};
	int rc, env_rc;

	memset(h, 0, sizeof(*h));
	h->program = program;
	h->parent = getppid();
	h->log = (struct admin_log)ADMIN_LOG_INIT;
	h->pusher = (struct pusher){.login = "", .how = "unknown"};
	h->git_namespace = "";
	push_init(&h->push);
	env_rc = env_scrub(&h->env, &env_err);
	if (getenv("GIT_NAMESPACE"))
		h->git_namespace = getenv("GIT_NAMESPACE");
	h->now = time_now_ms();
	rc = file_ensure_stdio(e);
	child_prepare();
	/* a pusher who hangs up and a file-size limit are errors, no ends */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!rc)
		rc = find_gitdir(h, e);
	if (rc)
		return rc;
	open_log(h, NULL, h->gitdir);
	rc = policy_repository_load(&h->settings, h->gitdir, e);
	if (rc)
		return rc;
	if (env_rc)
		return err_set(e, env_rc, "%s", env_err.msg);
	return 0;
}

void hook_release(struct hook *h)
{
	push_release(&h->push);
	ledger_close(h->ledger);
	policy_free(h->policy);
	policy_repository_release(&h->settings);
	admin_log_close(&h->log);
	env_saved_release(&h->env);
	free(h->repository);
	free(h->gitdir);
	free(h->login);
}

bool hook_is_off(const struct hook *h)
{
	return h->settings.mode == MODE_OFF;
}

int hook_policy(struct hook *h, unsigned flags, struct err *e)
{
	bool shallow = flags & POLICY_SHALLOW;
	const char *path = h->settings.policy ? h->settings.policy
					      : SYSCONFDIR
				   "/gatepost/policy.conf";
	const char *file;
	int rc = policy_load(&h->policy, path, shallow ? NULL : checks_kinds,
			     shallow ? 0 : checks_count, flags, NULL, e);

	if (rc) {
		h->only_warns = h->settings.mode != MODE_ENFORCE &&
				policy_only_warns(path);
		return rc;
	}
	file = strcmp(h->policy->log, "syslog") ? h->policy->log : NULL;
	open_log(h, file, h->policy->ledger);
	h->repository =
		policy_repository_name(h->policy, &h->settings, h->gitdir);
	return h->repository ? 0 : err_nomem(e);
}

int hook_pusher(struct hook *h, struct err *e)
{
	const struct policy *p = h->policy;
	struct buf login = BUF_INIT(LOGIN_MAX);
	int rc = 0;

	h->pusher.how = p->pusher_from;
	if (!strcmp(p->pusher_from, "uid")) {
		rc = login_of(getuid(), &login, e);
	} else if (strcmp(p->pusher_from, PUSHER_FROM_CERTIFICATE) != 0) {
		const char *v = env_saved_get(&h->env, p->pusher_from);

		if (v && buf_adds(&login, v))
			rc = err_set(e, ERR_LIMIT, "%s is too long",
				     p->pusher_from);
	}
	if (!rc &&
	    !strncmp(login.data, PRINCIPAL_LOGIN, sizeof(PRINCIPAL_LOGIN) - 1))
		buf_clear(&login); /* only a signature makes somebody that */
	if (!rc)
		rc = hook_pusher_is(h, login.data, e);
	buf_release(&login);
	return rc;
}

int hook_pusher_is(struct hook *h, const char *login, struct err *e)
{
	free(h->login);
	h->login = strdup(login);
	if (!h->login)
		return err_nomem(e);
	h->pusher.login = h->login;
	h->pusher.principal = principals_by_login(&h->policy->people,
						  span_str(login), h->now);
	return 0;
}

int hook_ledger(struct hook *h, struct err *e)
{
	int rc = ledger_open(&h->ledger, h->policy->ledger, LEDGER_APPEND, e);

	return rc ? rc : accepted_key_of_parent(&h->key, e);
}

static enum oid_algo algo_of(const struct hook *h)
{
	const char *f = h->settings.object_format;

	return f ? oid_algo_of_name(span_str(f)) : OID_SHA1;
}

bool hook_is_orphan(const struct hook *h)
{
	return getppid() != h->parent;
}

int hook_push(struct hook *h, struct err *e)
{
	struct buf input = BUF_INIT(PUSH_MAX_BYTES);
	int rc = file_read_fd(0, "standard input", &input, e);

	/* while git lives, it has closed it behind the last line */
	h->cut = !input.len || input.data[input.len - 1] != '\n' ||
		 hook_is_orphan(h) || !proc_lives(h->parent);
	if (!rc)
		rc = push_parse(&h->push, span_of(input.data, input.len),
				algo_of(h), PUSH_MAX_REFS, e);
	buf_release(&input);
	return rc;
}

void hook_frame(const struct hook *h, struct record_frame *out)
{
	*out = (struct record_frame){
		.repository = h->repository,
		.git_namespace = h->git_namespace,
		.policy = h->policy->digest[0] ? h->policy : NULL,
		.pusher = &h->pusher,
		.now = h->now,
	};
}

/* A symbolic ref in the files backend; its target is not followed here. */
static bool is_symref(const struct hook *h, const char *name)
{
	char path[2 * FILE_MAX_PATH];
	struct buf b = BUF_INIT(FILE_MAX_PATH), full = BUF_INIT(FILE_MAX_PATH);
	struct err ignored = {0};
	bool yes;

	refs_add_namespace(&full, h->git_namespace);
	buf_adds(&full, name);
	snprintf(path, sizeof(path), "%s/%s", h->gitdir, full.data);
	yes = !buf_ok(&full) || strstr(full.data, "..");
	buf_release(&full);
	if (yes)
		return true;
	if (!file_exists(path) || file_is_dir(path))
		return false;
	yes = file_read(path, &b, &ignored) || !strncmp(b.data, "ref:", 4);
	buf_release(&b);
	return yes;
}

bool hook_ref_enforced(const struct hook *h, const char *name)
{
	struct err ignored = {0};
	struct scope scope;
	const char *inside;
	bool enforced;

	if (h->settings.mode == MODE_OFF)
		return false;
	inside = refs_in_namespace(name);
	if (approval_is_ref(inside) || statements_is_ref(inside) ||
	    !strncmp(inside, GUARD_OWN_PREFIX, strlen(GUARD_OWN_PREFIX)))
		return true;
	if (h->settings.mode == MODE_WARN)
		return false;
	if (!h->policy || !h->repository)
		return !h->only_warns;
	if (scope_of_ref(&scope, h->policy, (enum policy_mode)h->settings.mode,
			 h->repository, inside, &ignored))
		return true;
	enforced = scope.mode == MODE_ENFORCE;
	scope_release(&scope);
	return enforced || is_symref(h, name);
}

/* Which refs a push touches that could not be read, nobody knows. */
static bool anything_enforced(const struct hook *h)
{
	const struct policy *p = h->policy;
	size_t i;

	if (h->settings.mode == MODE_OFF || h->settings.mode == MODE_WARN)
		return false;
	if (!p)
		return !h->only_warns;
	if (h->settings.mode == MODE_ENFORCE || p->mode == MODE_ENFORCE)
		return true;
	for (i = 0; i < p->ngates; i++)
		if (p->gates[i].mode == MODE_ENFORCE)
			return true;
	return false;
}

bool hook_push_enforced(const struct hook *h)
{
	size_t i;

	if (h->push.fault != PUSH_OK || !h->push.n)
		return anything_enforced(h);
	for (i = 0; i < h->push.n; i++)
		if (hook_ref_enforced(h, h->push.v[i].name))
			return true;
	return false;
}

void hook_log(struct hook *h, enum admin_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	admin_log_sayv(&h->log, level, fmt, ap);
	va_end(ap);
}

void hook_say(struct span text)
{
	struct deadline until = deadline_in_ms(SAY_MS);

	while (text.n) {
		struct pollfd p = {.fd = 2, .events = POLLOUT};
		ssize_t n;

		if (poll(&p, 1, deadline_left_ms(until)) <= 0)
			return;
		n = write(2, text.p, text.n < 4096 ? text.n : 4096);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			text.p += n;
			text.n -= (size_t)n;
		}
	}
}
