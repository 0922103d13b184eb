/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_T_UNIT_GIT_HELP_H
#define GATEPOST_T_UNIT_GIT_HELP_H

/** Real repositories for tests, made with the git command. */

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "git/repository.h"

enum { HELP_MAX = 64 << 20 };

static char help_dir[64];	/* the test's directory; also the cwd */
static enum oid_algo help_algo; /* of repositories made by help_init */

/** Run a shell command in the test's directory; its output is appended to
 * `out` if there is one. It must succeed. */
__attribute__((format(printf, 2, 3))) static void help_run(struct buf *out,
							   const char *fmt, ...)
{
	char command[8192], piece[4096];
	size_t n;
	va_list ap;
	FILE *f;
	int status;

	va_start(ap, fmt);
	ck_assert_int_lt(vsnprintf(command, sizeof(command), fmt, ap),
			 (int)sizeof(command));
	va_end(ap);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		if (out)
			ck_assert_int_eq(buf_add(out, piece, n), 0);
	status = pclose(f);
	ck_assert_msg(!status, "%s: status %d", command, status);
}

/** The first line of what a command prints, as an id. */
__attribute__((unused, format(printf, 1, 2))) static struct oid
help_id(const char *fmt, ...)
{
	struct buf out = BUF_INIT(HELP_MAX);
	char command[4096];
	struct oid id;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	help_run(&out, "%s", command);
	ck_assert(oid_from_hex(&id, help_algo,
			       span_trim(span_of(out.data, out.len))));
	buf_release(&out);
	return id;
}

__attribute__((unused)) static const char *help_hex(const struct oid *id)
{
	static char hex[8][OID_HEX_SIZE];
	static unsigned next;

	return oid_to_hex(id, hex[next++ % 8]);
}

static void help_setup(void)
{
	strcpy(help_dir, "/tmp/gatepost-git-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(help_dir));
	ck_assert_int_eq(chdir(help_dir), 0);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("HOME", help_dir, 1);
	setenv("GIT_AUTHOR_NAME", "A U Thor", 1);
	setenv("GIT_AUTHOR_EMAIL", "author@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "C O Mitter", 1);
	setenv("GIT_COMMITTER_EMAIL", "committer@example.com", 1);
	setenv("GIT_AUTHOR_DATE", "1700000000 +0000", 1);
	setenv("GIT_COMMITTER_DATE", "1700000000 +0000", 1);
	unsetenv("GIT_DIR");
	help_algo = OID_SHA1;
}

static void help_teardown(void)
{
	char command[128];

	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", help_dir);
	ck_assert_int_eq(system(command), 0);
}

/** A bare repository `r` with the hash function of the loop's number. */
__attribute__((unused)) static void help_init(int loop)
{
	help_algo = loop ? OID_SHA256 : OID_SHA1;
	help_run(NULL, "git init -q --bare -b main --object-format=%s r",
		 oid_algo_name(help_algo));
}

__attribute__((unused)) static struct repository *help_open(const char *gitdir)
{
	struct repository_spec spec = {.gitdir = gitdir};
	struct repository *repo;
	struct err e = {0};

	ck_assert_msg(!repository_open(&repo, &spec, &e), "%s", e.msg);
	ck_assert_int_eq(repository_algo(repo), help_algo);
	return repo;
}

__attribute__((unused)) static void help_write(const char *path,
					       const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

/* The call is given its error as `fault`. */
#define help_fails(call, want, word)                                           \
	do {                                                                   \
		struct err fault_ = {0};                                       \
		struct err *fault = &fault_;                                   \
		ck_assert_int_eq((call), (want));                              \
		ck_assert_int_eq(fault->code, (want));                         \
		ck_assert_msg(strstr(fault->msg, (word)) != NULL, "%s",        \
			      fault->msg);                                     \
	} while (0)

#endif
