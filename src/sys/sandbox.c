/* SPDX-License-Identifier: Apache-2.0 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "sys/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/landlock.h"
#include "sys/seccomp.h"

/* Sanitizers map terabytes and make system calls of their own. */
#if defined(WITH_SANITIZERS) || defined(__SANITIZE_ADDRESS__)
enum { SANITIZERS = 1 };
#else
enum { SANITIZERS = 0 };
#endif

struct limit {
	int resource;
	const char *name;
	uint64_t value;
};

/* Both limits to `value`, or to what the caller had if that is less. */
static int limit_set(const struct limit *l, struct err *e)
{
	rlim_t value = (rlim_t)l->value;
	struct rlimit r;

	if (getrlimit(l->resource, &r))
		return err_sys(e, "getrlimit %s", l->name);
	if (r.rlim_max == RLIM_INFINITY || value < r.rlim_max)
		r.rlim_max = value;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(l->resource, &r))
		return err_sys(e, "setrlimit %s", l->name);
	return 0;
}

static int limit_resources(const struct sandbox *spec,
			   struct sandbox_result *result, struct err *e)
{
	const struct limit limits[] = {
		{RLIMIT_CPU, "cpu", spec->cpu_seconds},
		{RLIMIT_NOFILE, "nofile", spec->open_files},
		{RLIMIT_CORE, "core", 0},
		{RLIMIT_FSIZE, "fsize", 0},
	};
	const struct limit data = {RLIMIT_DATA, "data", spec->data_bytes};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limit_set(&limits[i], e))
			return ERR_SYS;
	if (SANITIZERS)
		return 0;
	if (limit_set(&data, e))
		return ERR_SYS;
	result->data_limit = true;
	return 0;
}

/* No way back to privileges, no way in for a debugger, no life alone. */
static int bind_process(pid_t parent, struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_sys(e, "PR_SET_NO_NEW_PRIVS");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return err_sys(e, "PR_SET_DUMPABLE");
	if (!parent)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return err_sys(e, "PR_SET_PDEATHSIG");
	if (getppid() != parent)
		return err_set(e, ERR_SYS, "the parent process has gone");
	return 0;
}

int sandbox_enter(const struct sandbox *spec, struct sandbox_result *result,
		  struct err *e)
{
	int rc;

	*result = (struct sandbox_result){.sanitizers = SANITIZERS};
	if (!spec->data_bytes || !spec->cpu_seconds || !spec->open_files)
		return err_set(e, ERR_USAGE, "the sandbox needs its limits");
	rc = bind_process(spec->parent, e);
	if (!rc)
		rc = landlock_enter(spec->readable, spec->n_readable,
				    &result->landlock_abi, e);
	if (!rc && spec->require && !result->landlock_abi)
		rc = err_set(e, ERR_DENIED, "this kernel has no Landlock");
	/* after Landlock, which needs descriptors; before the filter, which
	 * forbids to set limits */
	if (!rc)
		rc = limit_resources(spec, result, e);
	if (!rc && !SANITIZERS)
		rc = seccomp_enter(&result->seccomp, e);
	if (!rc && spec->require && !SANITIZERS && !result->seccomp)
		rc = err_set(e, ERR_DENIED,
			     "this kernel has no seccomp filter");
	return rc;
}
