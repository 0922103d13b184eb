/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_replay [TARGET [FILE…]]: each target of targets.def over its seeds,
 * and over a fixed number of changed copies of them. What fails ends the
 * process, as a sanitizer or FUZZ_MUST has it. With files, over these alone:
 * to see again what a fuzzer found. Speaks TAP.
 */
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "sys/files.h"

enum { MAX_SEED = 1 << 20, CHANGED = 4000, MAX_GROWTH = 16 };

typedef int entry_fn(const uint8_t *data, size_t size);

#define TARGET(name, seeds) entry_fn fuzz_##name;
#include "targets.def"
#undef TARGET

static const struct target {
	const char *name;
	entry_fn *run;
	const char *seeds; /* shell patterns, below the top directory */
} targets[] = {
#define TARGET(name, seeds) {#name, fuzz_##name, seeds},
#include "targets.def"
#undef TARGET
};

enum { NTARGETS = sizeof(targets) / sizeof(targets[0]) };

static uint64_t state = 0x9e3779b97f4a7c15;

static size_t random_below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (size_t)(state % n) : 0;
}

/* In memory of exactly this size, for a sanitizer to watch. */
static void run_on(const struct target *t, const char *bytes, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, n);
	t->run(copy, n);
	free(copy);
}

static void run_changed(const struct target *t, const struct buf *seed)
{
	struct buf b = BUF_INIT(MAX_SEED + MAX_GROWTH);
	size_t at = random_below(seed->len), i, n;

	buf_add(&b, seed->data, seed->len);
	switch (random_below(4)) {
	case 0:
		buf_truncate(&b, at);
		break;
	case 1:
		n = 1 + random_below(MAX_GROWTH);
		for (i = at; i < b.len && i < at + n; i++)
			b.data[i] = (char)random_below(256);
		break;
	case 2:
		buf_add(&b, seed->data + at,
			seed->len - at < MAX_GROWTH ? seed->len - at
						    : MAX_GROWTH);
		break;
	default:
		for (i = random_below(4) + 1; b.len && i; i--)
			b.data[random_below(b.len)] ^=
				(char)(1 << random_below(8));
		break;
	}
	run_on(t, b.data, b.len);
	buf_release(&b);
}

static void run_file(const struct target *t, const char *path, size_t changed)
{
	struct buf seed = BUF_INIT(MAX_SEED);
	struct err e;

	if (file_read(path, &seed, &e)) {
		printf("# %s\n", e.msg);
		abort();
	}
	run_on(t, seed.data, seed.len);
	while (seed.len && changed--)
		run_changed(t, &seed);
	buf_release(&seed);
}

static void find_seeds(const struct target *t, glob_t *found)
{
	char pattern[512], path[1024];
	const char *at = t->seeds;
	int n, flags = 0;

	memset(found, 0, sizeof(*found));
	while (sscanf(at, " %511s%n", pattern, &n) == 1) {
		at += n;
		snprintf(path, sizeof(path), "%s/%s", TOP_SRCDIR, pattern);
		glob(path, flags, NULL, found);
		flags = GLOB_APPEND;
	}
}

static void run_target(size_t number, const struct target *t)
{
	glob_t found;
	size_t i;

	find_seeds(t, &found);
	run_on(t, "", 0);
	for (i = 0; i < found.gl_pathc; i++)
		run_file(t, found.gl_pathv[i], CHANGED / found.gl_pathc);
	printf("%sok %zu - %s: %zu seeds, and what is near them\n",
	       found.gl_pathc ? "" : "not ", number, t->name, found.gl_pathc);
	fflush(stdout);
	globfree(&found);
}

int main(int argc, char **argv)
{
	size_t i, n = 0;
	int k;

	for (i = 0; i < NTARGETS; i++) {
		if (argc > 1 && strcmp(argv[1], targets[i].name))
			continue;
		n++;
		for (k = 2; k < argc; k++)
			run_file(&targets[i], argv[k], 0);
		if (argc <= 2)
			run_target(n, &targets[i]);
	}
	if (argc <= 2)
		printf("1..%zu\n", n);
	return n ? 0 : 2;
}
