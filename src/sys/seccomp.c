/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The kernel's interface (seccomp(2), Documentation/networking/filter) is
 * written down here: musl brings no kernel headers.
 */
enum {
	SECCOMP_FILTER_MODE = 2,
	MAX_INSTRUCTIONS = 512,
	BPF_LOAD_WORD = 0x20,	/* BPF_LD | BPF_W | BPF_ABS */
	BPF_AND = 0x54,		/* BPF_ALU | BPF_AND | BPF_K */
	BPF_IF_EQUAL = 0x15,	/* BPF_JMP | BPF_JEQ | BPF_K */
	BPF_IF_AT_LEAST = 0x35, /* BPF_JMP | BPF_JGE | BPF_K */
	BPF_RETURN = 0x06	/* BPF_RET | BPF_K */
};

#define RETURN_ALLOW UINT32_C(0x7fff0000)
#define RETURN_KILL UINT32_C(0x80000000) /* the process, by SIGSYS */
#define RETURN_ERRNO UINT32_C(0x00050000)

#if defined(__x86_64__)
#define AUDIT_ARCH_HERE UINT32_C(0xc000003e)
#define X32_CALLS UINT32_C(0x40000000)
#elif defined(__aarch64__)
#define AUDIT_ARCH_HERE UINT32_C(0xc00000b7)
#else
#define AUDIT_ARCH_HERE UINT32_C(0)
#endif

struct instruction {
	uint16_t code;
	uint8_t if_true, if_false; /* instructions to skip */
	uint32_t k;
};

struct filter {
	unsigned short n;
	struct instruction *code;
};

/* What a filter sees of a system call. */
struct call {
	int32_t nr;
	uint32_t arch;
	uint64_t ip;
	uint64_t args[6];
};

static void emit(struct filter *f, unsigned code, uint32_t k, unsigned t,
		 unsigned f_skip)
{
	if (f->n < MAX_INSTRUCTIONS)
		f->code[f->n] = (struct instruction){(uint16_t)code, (uint8_t)t,
						     (uint8_t)f_skip, k};
	f->n++;
}

static void load(struct filter *f, size_t offset)
{
	emit(f, BPF_LOAD_WORD, (uint32_t)offset, 0, 0);
}

/* The low half of an argument; both processors are little-endian. */
static void load_arg(struct filter *f, int arg, bool high)
{
	load(f, offsetof(struct call, args) + 8 * (size_t)arg + 4 * high);
}

static void decide(struct filter *f, uint32_t what)
{
	emit(f, BPF_RETURN, what, 0, 0);
}

/* Calls without conditions come first: the kernel caches their verdict. */
static const int allowed[] = {
	SYS_read,
	SYS_pread64,
	SYS_readv,
	SYS_lseek,
	SYS_write,
	SYS_writev,
	SYS_close,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_getdents64,
	SYS_readlinkat,
	SYS_faccessat,
	SYS_getcwd,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_brk,
	SYS_futex,
	SYS_exit,
	SYS_exit_group,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
	SYS_rt_sigaction,
	SYS_restart_syscall,
	SYS_clock_gettime,
	SYS_gettimeofday,
	SYS_getrandom,
	SYS_getpid,
	SYS_getppid,
	SYS_gettid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_sched_yield,
	SYS_uname,
	SYS_sysinfo,
	SYS_fadvise64,
#ifdef __x86_64__
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
	SYS_time,
	SYS_getrlimit,
#endif
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
};

/* Allowed when argument `arg` has no bit of `bits`; else `otherwise`. */
struct masked {
	int nr;
	int arg;
	uint32_t bits;
	uint32_t otherwise;
};

#define OPEN_TO_WRITE                                                          \
	((uint32_t)(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND |         \
		    (O_TMPFILE & ~O_DIRECTORY)))

static const struct masked masks[] = {
	{SYS_openat, 2, OPEN_TO_WRITE, RETURN_ERRNO | EACCES},
#ifdef __x86_64__
	{SYS_open, 1, OPEN_TO_WRITE, RETURN_ERRNO | EACCES},
#endif
	{SYS_mmap, 2, PROT_EXEC, RETURN_KILL},
	{SYS_mprotect, 2, PROT_EXEC, RETURN_KILL},
};

/* Commands that change no one but this process. */
static const uint32_t fcntl_commands[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD,
					  F_DUPFD_CLOEXEC};

static void add_allowed(struct filter *f)
{
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		emit(f, BPF_IF_EQUAL, (uint32_t)allowed[i], 0, 1);
		decide(f, RETURN_ALLOW);
	}
}

static void add_masked(struct filter *f, const struct masked *m)
{
	emit(f, BPF_IF_EQUAL, (uint32_t)m->nr, 0, 5);
	load_arg(f, m->arg, false);
	emit(f, BPF_AND, m->bits, 0, 0);
	emit(f, BPF_IF_EQUAL, 0, 0, 1);
	decide(f, RETURN_ALLOW);
	decide(f, m->otherwise);
}

static void add_fcntl(struct filter *f)
{
	enum { N = sizeof(fcntl_commands) / sizeof(fcntl_commands[0]) };
	size_t i;

	emit(f, BPF_IF_EQUAL, SYS_fcntl, 0, 2 + 2 * N);
	load_arg(f, 1, false);
	for (i = 0; i < N; i++) {
		emit(f, BPF_IF_EQUAL, fcntl_commands[i], 0, 1);
		decide(f, RETURN_ALLOW);
	}
	decide(f, RETURN_ERRNO | EINVAL);
}

/* Reading a limit, not setting one: the pointer to the new one is NULL. */
static void add_prlimit(struct filter *f)
{
	emit(f, BPF_IF_EQUAL, SYS_prlimit64, 0, 6);
	load_arg(f, 2, false);
	emit(f, BPF_IF_EQUAL, 0, 0, 3);
	load_arg(f, 2, true);
	emit(f, BPF_IF_EQUAL, 0, 0, 1);
	decide(f, RETURN_ALLOW);
	decide(f, RETURN_ERRNO | EPERM);
}

/* abort(3) signals this process; no other may be signalled. */
static void add_raise(struct filter *f, int nr)
{
	emit(f, BPF_IF_EQUAL, (uint32_t)nr, 0, 4);
	load_arg(f, 0, false);
	emit(f, BPF_IF_EQUAL, (uint32_t)getpid(), 0, 1);
	decide(f, RETURN_ALLOW);
	decide(f, RETURN_KILL);
}

/* Whether it is a terminal: stdio asks, and no is a good answer. */
static void add_ioctl(struct filter *f)
{
	emit(f, BPF_IF_EQUAL, SYS_ioctl, 0, 1);
	decide(f, RETURN_ERRNO | ENOTTY);
}

static void build(struct filter *f)
{
	size_t i;

	load(f, offsetof(struct call, arch));
	emit(f, BPF_IF_EQUAL, AUDIT_ARCH_HERE, 1, 0);
	decide(f, RETURN_KILL);
	load(f, offsetof(struct call, nr));
#ifdef X32_CALLS
	emit(f, BPF_IF_AT_LEAST, X32_CALLS, 0, 1);
	decide(f, RETURN_KILL);
#endif
	add_allowed(f);
	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		add_masked(f, &masks[i]);
	add_fcntl(f);
	add_prlimit(f);
	add_raise(f, SYS_tgkill);
	add_raise(f, SYS_tkill);
	add_ioctl(f);
	decide(f, RETURN_KILL);
}

int seccomp_enter(bool *active, struct err *e)
{
	struct instruction code[MAX_INSTRUCTIONS];
	struct filter f = {.code = code};

	*active = false;
	if (!AUDIT_ARCH_HERE)
		return 0;
	build(&f);
	if (f.n > MAX_INSTRUCTIONS)
		return err_set(e, ERR_INTERNAL, "the filter is too long");
	if (prctl(PR_SET_SECCOMP, SECCOMP_FILTER_MODE, &f, 0, 0) == 0)
		*active = true;
	else if (errno != EINVAL && errno != ENOSYS)
		return err_sys(e, "PR_SET_SECCOMP");
	return 0;
}
