/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto_idle POLICY REPOSITORY COMMIT
 *
 * For t3030-no-crypto.sh: judges a push that creates refs/heads/main, in this
 * process, and prints the verdict and how often libcrypto took memory for it,
 * the loading of the policy included: 0 says that it was never started.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/time.h"
#include "checks/check.h"
#include "gate/engine.h"

static size_t taken;

static void *count_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	taken++;
	return n ? malloc(n) : NULL;
}

static void *count_realloc(void *block, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	taken++;
	if (n)
		return realloc(block, n);
	free(block);
	return NULL;
}

static void count_free(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	free(block);
}

static void __attribute__((noreturn)) fail(const struct err *e)
{
	fprintf(stderr, "crypto_idle: %s\n", e->msg);
	exit(2);
}

static void judge(const struct policy *policy, const char *gitdir,
		  const char *commit)
{
	struct repository_spec spec = {.gitdir = gitdir};
	struct engine_input in = {.policy = policy, .repository = "r"};
	struct repository *repo = NULL;
	struct report report;
	struct buf line = BUF_INIT(4096);
	struct push push;
	struct err e;

	buf_addf(&line, "%040d %s refs/heads/main\n", 0, commit);
	push_init(&push);
	if (push_parse(&push, span_of(line.data, line.len), OID_SHA1, 10, &e) ||
	    repository_open(&repo, &spec, &e))
		fail(&e);
	in.git_namespace = "";
	in.push = &push;
	in.pusher.login = "";
	in.pusher.how = "uid";
	in.now = time_now_ms();
	if (engine_judge(&in, repo, &report, &e))
		fail(&e);
	printf("%s %zu\n", verdict_word((enum verdict)report.verdict), taken);
	report_release(&report);
	repository_free(repo);
	push_release(&push);
	buf_release(&line);
}

int main(int argc, char **argv)
{
	struct policy *policy;
	struct err e;

	if (argc != 4)
		return 77; /* run by itself it is no test: skipped */
	if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) !=
	    1)
		return 2;
	if (policy_load(&policy, argv[1], checks_kinds, checks_count, 0, NULL,
			&e))
		fail(&e);
	judge(policy, argv[2], argv[3]);
	policy_free(policy);
	return 0;
}
