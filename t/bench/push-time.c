/* SPDX-License-Identifier: Apache-2.0 */

/*
 * push-time [-v] ROUNDS SERVER…: wall time of the pre-receive hook of each
 * SERVER (a bare repository), run as receive-pack runs it: in the repository,
 * with the quarantine objects/incoming-bench and standard input from the file
 * bench-input of the repository. Servers take turns, so that whatever else the
 * machine does falls on all alike. Prints median and 90th percentile in
 * milliseconds and the ratio of the medians to the first's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP = 3, MAX_SERVERS = 16 };

struct server {
	char dir[PATH_MAX];
	char hook[PATH_MAX + 32], input[PATH_MAX + 32];
	char *env[6];
	double *ms;
};

static void die(const char *what, const char *name)
{
	fprintf(stderr, "push-time: %s %s: %s\n", what, name, strerror(errno));
	exit(2);
}

static char *variable(const char *name, const char *dir, const char *rest)
{
	char *out = NULL;

	if (asprintf(&out, "%s=%s%s", name, dir, rest) < 0)
		die("asprintf", name);
	return out;
}

static void prepare(struct server *s, const char *name, size_t rounds)
{
	static char git_dir[] = "GIT_DIR=.";

	if (!realpath(name, s->dir))
		die("realpath", name);
	snprintf(s->hook, sizeof(s->hook), "%s/hooks/pre-receive", s->dir);
	snprintf(s->input, sizeof(s->input), "%s/bench-input", s->dir);
	s->env[0] = git_dir;
	s->env[1] = variable("GIT_QUARANTINE_PATH", s->dir,
			     "/objects/incoming-bench");
	s->env[2] = variable("GIT_OBJECT_DIRECTORY", s->dir,
			     "/objects/incoming-bench");
	s->env[3] = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES", s->dir,
			     "/objects");
	s->env[4] = variable("GATEPOST_TEST_USER", "alice", "");
	s->ms = calloc(rounds, sizeof(*s->ms));
	if (!s->ms)
		die("calloc", name);
}

static int in_child(struct server *s, int verbose)
{
	int in = open(s->input, O_RDONLY), out;
	char *argv[] = {s->hook, NULL};

	out = verbose ? 2 : open("/dev/null", O_WRONLY);
	if (in < 0 || out < 0 || chdir(s->dir))
		return 126;
	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	execve(s->hook, argv, s->env);
	return 127;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double run(struct server *s, int verbose)
{
	double began = now_ms();
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork", s->dir);
	if (!pid)
		_exit(in_child(s, verbose));
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid", s->dir);
	if (status) {
		fprintf(stderr, "push-time: %s ended with status %d\n", s->hook,
			status);
		exit(2);
	}
	return now_ms() - began;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct server v[MAX_SERVERS];
	int verbose = argc > 1 && !strcmp(argv[1], "-v");
	char **names = argv + 2 + verbose;
	int n = argc - 2 - verbose, i;
	double first = 0;
	size_t rounds, r;

	if (n < 1 || n > MAX_SERVERS) {
		fprintf(stderr, "usage: push-time [-v] ROUNDS SERVER...\n");
		return 2;
	}
	memset(v, 0, sizeof(v));
	rounds = (size_t)strtoul(argv[1 + verbose], NULL, 10);
	for (i = 0; i < n; i++)
		prepare(&v[i], names[i], rounds + 1);
	for (r = 0; r < WARM_UP; r++)
		for (i = 0; i < n; i++)
			run(&v[i], verbose);
	for (r = 0; r < rounds; r++)
		for (i = 0; i < n; i++)
			v[i].ms[r] = run(&v[i], verbose);
	for (i = 0; i < n && rounds; i++) {
		qsort(v[i].ms, rounds, sizeof(double), compare);
		if (!i)
			first = v[0].ms[rounds / 2];
		printf("%-32s median %7.2f ms  p90 %7.2f ms  least %7.2f ms  "
		       "ratio %.2f\n",
		       strrchr(v[i].dir, '/') + 1, v[i].ms[rounds / 2],
		       v[i].ms[rounds * 9 / 10], v[i].ms[0],
		       v[i].ms[rounds / 2] / first);
	}
	return 0;
}
