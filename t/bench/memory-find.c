/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What it costs to ask who brought a change, where very many are known: makes
 * the index of one repository with that many, then times single questions and
 * single additions.
 *
 *     memory-find DIR [CHANGES]
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/index.h"
#include "ledger/memory.h"

enum { FILES = 256, QUESTIONS = 20000, ADDITIONS = 5000 };

static const char repository[] = "team/one";

static void check(int rc, const struct err *e)
{
	if (rc) {
		fprintf(stderr, "%s\n", e->msg);
		exit(2);
	}
}

static void digest_of(uint64_t n, unsigned char out[SHA256_SIZE])
{
	sha256_of(&n, sizeof(n), out);
}

static void make_dirs(const char *dir, char out[4096])
{
	char hash[INDEX_REPOSITORY_SIZE];
	int n = snprintf(out, 4096, "%s/index", dir);

	index_repository(repository, hash);
	mkdir(out, 0700);
	n += snprintf(out + n, 4096 - (size_t)n, "/brought");
	mkdir(out, 0700);
	snprintf(out + n, 4096 - (size_t)n, "/%s", hash);
	mkdir(out, 0700);
}

/* The lines that as many pushes would have left. */
static void generate(const char *dir, uint64_t changes)
{
	static FILE *files[FILES];
	char below[4096], path[4200], hex[SHA256_HEX_SIZE];
	uint64_t n;
	int i;

	make_dirs(dir, below);
	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%02x", below, (unsigned)i);
		files[i] = fopen(path, "w");
		if (!files[i]) {
			perror(path);
			exit(2);
		}
	}
	for (n = 0; n < changes; n++) {
		sha256_hex(&n, sizeof(n), hex);
		i = (int)strtol((char[]){hex[0], hex[1], '\0'}, NULL, 16);
		fprintf(files[i], "\n%s dev%d\n", hex, (int)(n % 500));
	}
	for (i = 0; i < FILES; i++)
		if (fclose(files[i])) {
			perror("fclose");
			exit(2);
		}
}

/* Whoever appends to a long file sorts it, now and then. */
static void add(struct ledger *l, uint64_t from, int n)
{
	unsigned char digest[SHA256_SIZE];
	struct err e = {0};
	int i;

	for (i = 0; i < n; i++) {
		digest_of(from + (uint64_t)i, digest);
		check(memory_put_brought(l, repository, digest, "alice", &e),
		      &e);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* @param step  0 asks what is not there */
static double ask(const char *dir, const char *what, uint64_t changes,
		  uint64_t step)
{
	static double us[QUESTIONS];
	struct buf login = BUF_INIT(100);
	unsigned char digest[SHA256_SIZE];
	struct err e = {0};
	double sum = 0;
	size_t found = 0;
	int i;

	for (i = 0; i < QUESTIONS; i++) {
		int64_t start;

		digest_of(step ? (uint64_t)i * step % changes
			       : changes * 2 + (uint64_t)i,
			  digest);
		start = time_mono_us();
		check(memory_brought_by(dir, repository, digest, &login, &e),
		      &e);
		us[i] = (double)(time_mono_us() - start);
		sum += us[i];
		found += login.len > 0;
	}
	buf_release(&login);
	qsort(us, QUESTIONS, sizeof(*us), compare);
	printf("%-24s %6zu of %d found  mean %7.1f us  median %6.0f us  "
	       "p99 %6.0f us\n",
	       what, found, QUESTIONS, sum / QUESTIONS, us[QUESTIONS / 2],
	       us[QUESTIONS * 99 / 100]);
	if (found != (step ? QUESTIONS : 0)) {
		fprintf(stderr, "that is wrong\n");
		exit(2);
	}
	return us[QUESTIONS / 2];
}

int main(int argc, char **argv)
{
	uint64_t changes = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
	struct err e = {0};
	struct rusage use;
	struct ledger *l;
	char dir[3000];
	int64_t start;
	double worst, other;

	if (argc < 2 || !changes)
		return 2;
	snprintf(dir, sizeof(dir), "%s/memory-ledger", argv[1]);
	check(ledger_create(dir, "bench.example", &e), &e);
	generate(dir, changes);
	check(ledger_open(&l, dir, LEDGER_APPEND, &e), &e);
	start = time_mono_us();
	add(l, changes, FILES * 8); /* some in each file */
	printf("%" PRIu64 " changes sorted in %.1f s\n", changes,
	       (double)(time_mono_us() - start) / 1e6);
	worst = ask(dir, "who brought a change", changes, 48271);
	other = ask(dir, "one that nobody brought", changes, 0);
	start = time_mono_us();
	add(l, 4 * changes, ADDITIONS);
	printf("%-24s mean %7.1f us\n", "one more",
	       (double)(time_mono_us() - start) / ADDITIONS);
	ledger_close(l);
	getrusage(RUSAGE_SELF, &use);
	printf("peak memory %ld KiB\n", use.ru_maxrss);
	return worst > 100 || other > 100;
}
