/* SPDX-License-Identifier: Apache-2.0 */

/*
 * kill-at [-e FAULT[+]] N COUNT-FILE PROGRAM [ARGUMENT…]
 *
 * Become PROGRAM, under the same process id, and send SIGKILL to it, or to a
 * child that it has forked, at that one's system call which is the N-th of
 * all together, before the kernel carries it out. What a child makes itself
 * into by exec is left alone. At the end the number of calls that were seen is
 * added to COUNT-FILE as a line. N = 0 only counts.
 *
 * With -e, calls that a disk can fail are counted, and the N-th is not carried
 * out: it fails. With + so do all that follow. The faults:
 *
 *   full   what takes room fails with ENOSPC
 *   eio    what reads or writes a file or a directory fails with EIO
 *   sync   fsync and fdatasync fail with EIO
 *
 * With -e "run COMMAND" nothing fails: at the N-th of all calls the shell
 * carries out COMMAND while PROGRAM waits.
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNSUITABLE = 125, MAX_FAILING = 8 };

enum fault { KILL, FULL, EIO_, SYNC, RUN };

#ifdef __x86_64__
/* A process in a call that is going to fail, as it was before the call. */
struct failing {
	pid_t pid;
	struct user_regs_struct regs;
};
#endif

struct tracer {
	pid_t root;
	long n, seen;
	int started; /* the program has been executed */
	enum fault fault;
	int on; /* the calls that follow fail, too */
	const char *command;
#ifdef __x86_64__
	struct failing failing[MAX_FAILING];
#endif
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

/* ------------------------------------------------------- calls that fail */

#ifdef __x86_64__
enum {
	ROOM = 1,   /* takes room on a disk */
	DISK = 2,   /* needs the disk */
	FLUSH = 4,  /* waits for the disk */
	BY_FD = 8,  /* only when its first argument is a file's */
	CREATE = 16 /* takes room when it has O_CREAT */
};

static const struct {
	long number;
	int what;
} calls[] = {
	{SYS_read, DISK | BY_FD},
	{SYS_readv, DISK | BY_FD},
	{SYS_pread64, DISK | BY_FD},
	{SYS_getdents64, DISK},
	{SYS_write, ROOM | DISK | BY_FD},
	{SYS_writev, ROOM | DISK | BY_FD},
	{SYS_pwrite64, ROOM | DISK | BY_FD},
	{SYS_pwritev, ROOM | DISK | BY_FD},
	{SYS_fallocate, ROOM | DISK},
	{SYS_ftruncate, DISK},
	{SYS_fsync, DISK | FLUSH},
	{SYS_fdatasync, DISK | FLUSH},
	{SYS_open, DISK | CREATE},
	{SYS_openat, DISK | CREATE},
	{SYS_stat, DISK},
	{SYS_lstat, DISK},
	{SYS_newfstatat, DISK},
	{SYS_access, DISK},
	{SYS_faccessat, DISK},
	{SYS_readlink, DISK},
	{SYS_readlinkat, DISK},
	{SYS_mkdir, ROOM | DISK},
	{SYS_mkdirat, ROOM | DISK},
	{SYS_link, ROOM | DISK},
	{SYS_linkat, ROOM | DISK},
	{SYS_symlink, ROOM | DISK},
	{SYS_symlinkat, ROOM | DISK},
	{SYS_rename, ROOM | DISK},
	{SYS_renameat, ROOM | DISK},
	{SYS_renameat2, ROOM | DISK},
	{SYS_unlink, DISK},
	{SYS_unlinkat, DISK},
	{SYS_rmdir, DISK},
};

static int is_file(pid_t pid, unsigned long long fd)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)pid, (int)fd);
	return stat(path, &st) == 0 &&
	       (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static int can_fail(const struct tracer *t, pid_t pid,
		    const struct user_regs_struct *r)
{
	int wanted = t->fault == FULL ? ROOM : t->fault == SYNC ? FLUSH : DISK;
	unsigned long long flags;
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == (long)r->orig_rax)
			break;
	if (i == sizeof(calls) / sizeof(calls[0]))
		return 0;
	if (t->fault == FULL && calls[i].what & CREATE) {
		flags = calls[i].number == SYS_open ? r->rsi : r->rdx;
		return (flags & O_CREAT) != 0;
	}
	return calls[i].what & wanted &&
	       (!(calls[i].what & BY_FD) || is_file(pid, r->rdi));
}

static struct failing *failing_of(struct tracer *t, pid_t pid)
{
	size_t i;

	for (i = 0; i < MAX_FAILING; i++)
		if (t->failing[i].pid == pid)
			return &t->failing[i];
	return NULL;
}

/* Rather than another call, which a filter of the process may forbid, it makes
 * this one with arguments that no call of them accepts. */
static void on_entry(struct tracer *t, pid_t pid)
{
	struct failing *f = failing_of(t, 0);
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) || !can_fail(t, pid, &r))
		return;
	t->seen++;
	if (!f || !t->n || t->seen < t->n || (t->seen > t->n && !t->on))
		return;
	f->pid = pid;
	f->regs = r;
	r.rdi = (unsigned long long)-1;
	r.rsi = 0;
	ptrace(PTRACE_SETREGS, pid, NULL, &r);
}

static void on_exit_of_call(struct tracer *t, pid_t pid)
{
	struct failing *f = failing_of(t, pid);

	if (!f)
		return;
	f->regs.rax = (unsigned long long)(t->fault == FULL ? -ENOSPC : -EIO);
	ptrace(PTRACE_SETREGS, pid, NULL, &f->regs);
	f->pid = 0;
}
#else
static void on_entry(struct tracer *t, pid_t pid)
{
	(void)t, (void)pid;
}
static void on_exit_of_call(struct tracer *t, pid_t pid)
{
	(void)t, (void)pid;
}
#endif

static void on_call(struct tracer *t, pid_t pid)
{
	int entry = is_entry(pid);

	if (!t->started)
		return;
	if (t->fault == KILL) {
		if (entry && ++t->seen == t->n)
			kill(pid, SIGKILL);
	} else if (t->fault == RUN) {
		if (entry && ++t->seen == t->n)
			(void)!system(t->command);
	} else if (entry) {
		on_entry(t, pid);
	} else {
		on_exit_of_call(t, pid);
	}
}

/* ----------------------------------------------------------------- tracer */

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
	on_call(t, pid);
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

static void tracer_main(pid_t root, struct tracer t, const char *count, int go)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
		       PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		       PTRACE_O_TRACEEXEC;
	int null = open("/dev/null", O_RDWR), fd, i, status;
	char line[32];

	t.root = root;
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

static int read_fault(struct tracer *t, const char *word)
{
	static const char *const words[] = {"kill", "full", "eio", "sync"};
	size_t n = strcspn(word, "+"), i;

	if (!strncmp(word, "run ", 4)) {
		t->fault = RUN;
		t->command = word + 4;
		return 0;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n && !strncmp(words[i], word, n))
			t->fault = (enum fault)i;
	t->on = word[n] == '+';
#ifdef __x86_64__
	return 0;
#else
	return t->fault != KILL;
#endif
}

int main(int argc, char **argv)
{
	pid_t self = getpid(), child;
	struct tracer t = {0};
	int go[2];
	char byte;

	if (argc > 2 && !strcmp(argv[1], "-e")) {
		if (read_fault(&t, argv[2]))
			return UNSUITABLE;
		argc -= 2;
		argv += 2;
	}
	if (argc < 4 || pipe(go))
		return UNSUITABLE;
	t.n = atol(argv[1]);
	child = fork();
	if (!child) {
		close(go[0]);
		if (!fork())
			tracer_main(self, t, argv[2], go[1]);
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
