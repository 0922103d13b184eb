/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/child_exec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/child.h"

/* the same numbers on every architecture; older headers lack them */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { MAX_BLIND_CLOSE = 65536 };

int child_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int close_range_but(unsigned from, unsigned keep)
{
	if (keep > from && syscall(SYS_close_range, from, keep - 1, 0))
		return -1;
	return (int)syscall(SYS_close_range, keep < from ? from : keep + 1,
			    UINT_MAX, 0);
}

/* For kernels before 5.9. */
static int close_listed(int from, int keep)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *d;

	if (!dir)
		return -1;
	while ((d = readdir(dir)) != NULL) {
		uint64_t fd;

		if (text_to_u64(span_str(d->d_name), INT_MAX, &fd) &&
		    (int)fd >= from && (int)fd != keep && (int)fd != dirfd(dir))
			close((int)fd);
	}
	closedir(dir);
	return 0;
}

static void close_from(int from, int keep)
{
	int fd;

	if (close_range_but((unsigned)from, keep < 0 ? 0 : (unsigned)keep) ==
		    0 ||
	    close_listed(from, keep) == 0)
		return;
	for (fd = from; fd < MAX_BLIND_CLOSE; fd++)
		if (fd != keep)
			close(fd);
}

void child_close_others(int keep)
{
	close_from(3, keep);
}

/* Handlers go with exec(2); what is ignored or blocked would stay so. */
static void reset_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig < 65; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Above 3, so that no dup2(2) to another's place overwrites it. */
static int lift(int fd)
{
	return fd < 0 || fd > 3 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 4);
}

static int place_descriptors(const int stdio[3], int second)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int from[3], i;

	null = lift(null);
	for (i = 0; i < 3; i++) {
		from[i] = stdio[i] < 0 ? null : lift(stdio[i]);
		if (from[i] < 0)
			return -1;
	}
	if (second >= 0 && (second = lift(second)) < 0)
		return -1;
	for (i = 0; i < 3; i++)
		if (dup2(from[i], i) < 0)
			return -1;
	return second >= 0 && dup2(second, 3) < 0 ? -1 : 0;
}

/* A caller whose own limit is lower keeps it. */
static int limit(int what, uint64_t most)
{
	struct rlimit now;

	if (getrlimit(what, &now))
		return -1;
	if (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)
		now.rlim_max = (rlim_t)most;
	now.rlim_cur = now.rlim_max;
	return setrlimit(what, &now);
}

static int restrict_self(const struct child_limits *l)
{
	if (!l)
		return 0;
	if ((l->cpu_seconds && limit(RLIMIT_CPU, l->cpu_seconds)) ||
	    (l->data_bytes && limit(RLIMIT_DATA, l->data_bytes)))
		return -1;
	if (!l->no_files)
		return 0;
	if (limit(RLIMIT_FSIZE, 0) || limit(RLIMIT_CORE, 0))
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* execve(2) takes arrays without const, and changes nothing in them. */
static char *const *unconst(const char *const *v)
{
	char *const *out;

	memcpy(&out, &v, sizeof(out));
	return out;
}

static _Noreturn void become(const struct child_exec *x)
{
	int report = lift(x->report), code;

	if (x->session)
		setsid();
	else if (x->group)
		setpgid(0, 0);
	reset_signals();
	if (place_descriptors(x->stdio, x->second) == 0 &&
	    restrict_self(x->limits) == 0 && (!x->cwd || chdir(x->cwd) == 0)) {
		close_from(x->second < 0 ? 3 : 4, report);
		execve(x->path, unconst(x->argv), unconst(x->envp));
	}
	code = errno;
	if (report >= 0 && write(report, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

/*
 * vfork(2), since a copy of the caller would hold the caller's descriptors,
 * a pusher's connection among them, until it is scheduled; and a hook that
 * maps packs need not copy their page tables. A signal's handler must not
 * run in the child, which shares our memory.
 */
int child_launch(const struct child_exec *x, pid_t *pid, struct err *e)
{
	sigset_t all, before;
	int failure;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	*pid = vfork();
	if (*pid == 0)
		become(x);
	failure = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = failure;
	return *pid < 0 ? err_sys(e, "vfork") : 0;
}
