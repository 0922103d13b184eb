/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Records a second, and how long one takes, of the ledger's append and of a
 * bare group-commit loop (one file, two flocks, one shared word) on the same
 * file system, in turns so that both meet the same weather.
 *
 *     ledger-append DIR [PROCESSES [SECONDS [ROUNDS]]]
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

enum { MAX_PROCESSES = 64, MAX_SAMPLES = 100000, RECORD = 1024 };

/** Latencies in microseconds, one row a process; shared. */
struct shared {
	_Atomic uint64_t end, durable; /* of the bare loop's file */
	size_t n[MAX_PROCESSES];
	uint32_t us[MAX_PROCESSES][MAX_SAMPLES];
};

struct bench {
	struct shared *shared;
	const char *dir;
	int processes;
	double seconds;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* ------------------------------------------------------------ bare loop */

struct bare {
	int fd, append, sync;
	struct shared *shared;
	char record[RECORD];
};

static int open_in(const char *dir, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path);
	return fd;
}

static void bare_init(struct bare *b, const struct bench *bench)
{
	b->shared = bench->shared;
	b->fd = open_in(bench->dir, "bare.log");
	b->append = open_in(bench->dir, "bare.append");
	b->sync = open_in(bench->dir, "bare.sync");
	memset(b->record, 'x', sizeof(b->record));
}

static void bare_append(struct bare *b)
{
	uint64_t mine, end;

	flock(b->append, LOCK_EX);
	if (write(b->fd, b->record, RECORD) != RECORD)
		die("write");
	mine = atomic_fetch_add(&b->shared->end, RECORD) + RECORD;
	flock(b->append, LOCK_UN);
	if (atomic_load(&b->shared->durable) >= mine)
		return;
	flock(b->sync, LOCK_EX);
	if (atomic_load(&b->shared->durable) < mine) {
		end = atomic_load(&b->shared->end);
		if (fdatasync(b->fd))
			die("fdatasync");
		atomic_store(&b->shared->durable, end);
	}
	flock(b->sync, LOCK_UN);
}

/* --------------------------------------------------------------- ledger */

static void ledger_one(struct ledger *l)
{
	char json[RECORD + 64], id[UUID_TEXT_SIZE];
	struct ledger_entry entry = {.persons = span_str("[]")};
	struct err e = {0};
	uint64_t index;
	int n;

	if (uuid7_make(time_now_ms(), id, &e))
		abort();
	n = snprintf(json, sizeof(json),
		     "{\"id\":\"%s\",\"kind\":\"x\",\"p\":\"", id);
	memset(json + n, 'x', (size_t)(RECORD - n - 60));
	memcpy(json + RECORD - 60, "\"}", 2);
	entry.json = span_of(json, RECORD - 58);
	if (ledger_append(l, &entry, &index, &e)) {
		fprintf(stderr, "%s\n", e.msg);
		exit(2);
	}
}

static struct ledger *open_ledger(const struct bench *b)
{
	char path[4096];
	struct ledger *l;
	struct err e = {0};

	snprintf(path, sizeof(path), "%s/ledger", b->dir);
	if (ledger_open(&l, path, LEDGER_APPEND, &e)) {
		fprintf(stderr, "%s\n", e.msg);
		exit(2);
	}
	return l;
}

/* ------------------------------------------------------------- measuring */

enum kind { KIND_NONE, KIND_BARE, KIND_LEDGER, KIND_HOOK };

static const char *const kind_names[] = {"", "bare loop", "ledger",
					 "open+append"};

static void work(const struct bench *b, enum kind kind, int me)
{
	struct shared *s = b->shared;
	struct bare bare;
	struct ledger *l = NULL;
	int64_t stop = time_mono_us() + (int64_t)(b->seconds * 1e6), t;

	bare_init(&bare, b);
	if (kind == KIND_LEDGER)
		l = open_ledger(b);
	while ((t = time_mono_us()) < stop && s->n[me] < MAX_SAMPLES) {
		if (kind == KIND_BARE) {
			bare_append(&bare);
		} else if (kind == KIND_LEDGER) {
			ledger_one(l);
		} else {
			l = open_ledger(b);
			ledger_one(l);
			ledger_close(l);
		}
		s->us[me][s->n[me]++] = (uint32_t)(time_mono_us() - t);
	}
	_exit(0);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const struct bench *b, enum kind kind, double elapsed)
{
	struct shared *s = b->shared;
	size_t n = 0, at = 0;
	uint32_t *all;
	int i;

	for (i = 0; i < b->processes; i++)
		n += s->n[i];
	all = malloc((n + 1) * sizeof(*all));
	if (!all || !n)
		die("nothing measured");
	for (i = 0; i < b->processes; i++) {
		memcpy(all + at, s->us[i], s->n[i] * sizeof(*all));
		at += s->n[i];
	}
	qsort(all, n, sizeof(*all), by_value);
	printf("%2d %-11s %8.0f records/s  p50 %6.3f ms  p99 %7.3f ms  max "
	       "%8.3f ms\n",
	       b->processes, kind_names[kind], (double)n / elapsed,
	       all[n / 2] / 1e3, all[n * 99 / 100] / 1e3, all[n - 1] / 1e3);
	fflush(stdout);
	free(all);
}

static void run(const struct bench *b, enum kind kind)
{
	int64_t start;
	int i, status;

	memset(b->shared->n, 0, sizeof(b->shared->n));
	start = time_mono_us();
	for (i = 0; i < b->processes; i++)
		if (fork() == 0)
			work(b, kind, i);
	for (i = 0; i < b->processes; i++)
		if (wait(&status) < 0 || status)
			exit(2);
	report(b, kind, (double)(time_mono_us() - start) / 1e6);
}

int main(int argc, char **argv)
{
	struct bench b = {.processes = 8, .seconds = 2};
	int rounds = argc > 4 ? atoi(argv[4]) : 2;
	struct err e = {0};
	char path[4096];

	if (argc < 2) {
		fprintf(stderr,
			"usage: %s DIR [PROCESSES [SECONDS [ROUNDS]]]\n",
			argv[0]);
		return 2;
	}
	b.dir = argv[1];
	if (argc > 2)
		b.processes = atoi(argv[2]);
	if (argc > 3)
		b.seconds = atof(argv[3]);
	if (b.processes < 1 || b.processes > MAX_PROCESSES)
		return 2;
	b.shared = mmap(NULL, sizeof(*b.shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b.shared == MAP_FAILED)
		die("mmap");
	snprintf(path, sizeof(path), "%s/ledger", b.dir);
	if (access(path, F_OK) && ledger_create(path, "bench", &e)) {
		fprintf(stderr, "%s\n", e.msg);
		return 2;
	}
	while (rounds-- > 0) {
		run(&b, KIND_BARE);
		run(&b, KIND_LEDGER);
		run(&b, KIND_HOOK);
	}
	return 0;
}
