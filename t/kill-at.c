/* SPDX-License-Identifier: Apache-2.0 */

/*
 * kill-at N COUNT-FILE PROGRAM [ARGUMENT…]
 *
 * Become PROGRAM, under the same process id, and send SIGKILL to it, or to a
 * child that it has forked, at that one's system call which is the N-th of
 * all together, before the kernel carries it out. What a child makes itself
 * into by exec is left alone. At the end the number of calls that were seen is
 * added to COUNT-FILE as a line. N = 0 only counts.
 *
 * The tracer is a grandchild, so that the program keeps its parent, which
 * the hooks ask for.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNSUITABLE = 125 };

struct tracer {
	pid_t root;
	long n, seen;
	int started; /* the program has been executed */
};

/* A call stops a process when it begins and when it ends; which of the two
 * this is the kernel says. */
static int is_entry(pid_t pid)
{
#ifdef PTRACE_GET_SYSCALL_INFO
	unsigned char info[88] = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), info) >
	    0)
		return info[0] == 1;
#endif
	(void)pid;
	return 0;
}

static void on_event(struct tracer *t, pid_t pid, int event)
{
	if (event != PTRACE_EVENT_EXEC)
		return;
	if (pid == t->root)
		t->started = 1;
}

/* @return the signal to hand on, or -1 when the process is not to go on */
static int on_stop(struct tracer *t, pid_t pid, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (event) {
		on_event(t, pid, event);
		if (event == PTRACE_EVENT_EXEC && pid != t->root) {
			ptrace(PTRACE_DETACH, pid, NULL, NULL);
			return -1;
		}
		return 0;
	}
	if (sig != (SIGTRAP | 0x80))
		return sig;
	if (t->started && is_entry(pid) && ++t->seen == t->n)
		kill(pid, SIGKILL);
	return 0;
}

static void trace(struct tracer *t)
{
	int status, sig;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0 || !WIFSTOPPED(status))
			continue;
		sig = on_stop(t, pid, status);
		if (sig >= 0)
			ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)sig);
	}
}

static void tracer_main(pid_t root, long n, const char *count, int go)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
		       PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		       PTRACE_O_TRACEEXEC;
	struct tracer t = {.root = root, .n = n};
	int null = open("/dev/null", O_RDWR), fd, i, status;
	char line[32];

	/* whoever waits for the end of the program's output must not wait
	 * for this process */
	for (i = 0; i < 3; i++)
		dup2(null, i);
	if (ptrace(PTRACE_SEIZE, root, NULL, (void *)options) ||
	    ptrace(PTRACE_INTERRUPT, root, NULL, NULL) ||
	    waitpid(root, &status, __WALL) != root)
		_exit(UNSUITABLE);
	if (write(go, "g", 1) != 1)
		_exit(UNSUITABLE);
	ptrace(PTRACE_SYSCALL, root, NULL, NULL);
	trace(&t);
	fd = open(count, O_WRONLY | O_APPEND | O_CREAT, 0644);
	snprintf(line, sizeof(line), "%ld\n", t.seen);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		_exit(1);
	_exit(0);
}

int main(int argc, char **argv)
{
	pid_t self = getpid(), child;
	int go[2];
	char byte;

	if (argc < 4 || pipe(go))
		return UNSUITABLE;
	child = fork();
	if (!child) {
		close(go[0]);
		if (!fork())
			tracer_main(self, atol(argv[1]), argv[2], go[1]);
		_exit(0);
	}
	close(go[1]);
#ifdef PR_SET_PTRACER
	prctl(PR_SET_PTRACER, (unsigned long)-1, 0, 0, 0);
#endif
	waitpid(child, NULL, 0);
	if (read(go[0], &byte, 1) != 1) {
		fprintf(stderr, "kill-at: may not trace\n");
		return UNSUITABLE;
	}
	close(go[0]);
	execv(argv[3], argv + 3);
	return UNSUITABLE;
}
