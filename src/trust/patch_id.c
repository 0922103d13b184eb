/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/patch_id.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "sys/child.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	CPU_SECONDS = 20,
	DATA_BYTES = 1 << 30,
	USAGE = 129, /* what git exits with for an option it does not know */
	LINE_BYTES = 256,
	PATH_BYTES = 2 * FILE_MAX_PATH + 64 /* quoted, behind a name */
};

/* Attributes are looked for in a tree, the index and the work tree: here all
 * three are empty, so that nobody pushes some. */
#define EMPTY_SHA1 "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
#define EMPTY_SHA256                                                           \
	"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"

struct surroundings {
	char gitdir[PATH_BYTES], objects[PATH_BYTES];
	const char *vars[16];
};

/* A list of directories; one in quotes may hold whatever it likes. */
static void quote(struct buf *out, const char *path)
{
	buf_addch(out, '"');
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			buf_addch(out, '\\');
		buf_addch(out, *path);
	}
	buf_addch(out, '"');
}

static int surround(struct surroundings *s, const struct patch_id_spec *spec,
		    struct err *e)
{
	static const char *const fixed[] = {
		("PATH=" ENV_SAFE_PATH), /* one, not two without a comma */
		"LC_ALL=C",
		"HOME=/nonexistent",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_WORK_TREE=/nonexistent",
		"GIT_INDEX_FILE=/nonexistent/index",
	};
	struct buf quoted = BUF_INIT(PATH_BYTES);
	size_t n;

	for (n = 0; n < sizeof(fixed) / sizeof(fixed[0]); n++)
		s->vars[n] = fixed[n];
	s->vars[n++] = spec->algo == OID_SHA1 ? "GIT_ATTR_SOURCE=" EMPTY_SHA1
					      : "GIT_ATTR_SOURCE=" EMPTY_SHA256;
	snprintf(s->gitdir, sizeof(s->gitdir), "GIT_DIR=%s", spec->gitdir);
	s->vars[n++] = s->gitdir;
	if (spec->quarantine) {
		quote(&quoted, spec->quarantine);
		snprintf(s->objects, sizeof(s->objects),
			 "GIT_ALTERNATE_OBJECT_DIRECTORIES=%s", quoted.data);
		s->vars[n++] = s->objects;
	}
	s->vars[n] = NULL;
	if (!buf_ok(&quoted) || strlen(spec->gitdir) >= FILE_MAX_PATH) {
		buf_release(&quoted);
		return err_set(e, ERR_LIMIT, "a path is too long");
	}
	buf_release(&quoted);
	return 0;
}

static int run(const struct patch_id_spec *spec, const char *const *argv,
	       struct span input, struct buf *out, struct child_end *end,
	       struct err *e)
{
	struct surroundings around;
	const struct child_spec child = {.program = spec->git,
					 .argv = argv,
					 .envp = around.vars,
					 .cwd = "/",
					 .input = input,
					 .limits = {.cpu_seconds = CPU_SECONDS,
						    .data_bytes = DATA_BYTES,
						    .no_files = true},
					 .deadline = spec->deadline};
	int rc = surround(&around, spec, e);

	return rc ? rc : child_run(&child, out, NULL, end, e);
}

/* Each option that a configuration could set is given. The contents of binary
 * files come in by their full ids, which the patch id holds. */
static int run_diff(const struct patch_id_spec *spec, const struct oid *from,
		    const struct oid *to, struct buf *out,
		    struct child_end *end, struct err *e)
{
	char a[OID_HEX_SIZE], b[OID_HEX_SIZE];
	const char *const argv[] = {"git",
				    "-c",
				    "core.attributesFile=/dev/null",
				    "-c",
				    "core.quotePath=true",
				    "-c",
				    "diff.suppressBlankEmpty=false",
				    "diff-tree",
				    "-r",
				    "-p",
				    "--full-index",
				    "--no-renames",
				    "--no-ext-diff",
				    "--no-textconv",
				    "--no-color",
				    "--no-relative",
				    "--indent-heuristic",
				    "--diff-algorithm=myers",
				    "--unified=3",
				    "--inter-hunk-context=0",
				    "--src-prefix=a/",
				    "--dst-prefix=b/",
				    "--ignore-submodules=none",
				    "--submodule=short",
				    "-O/dev/null",
				    oid_to_hex(from, a),
				    oid_to_hex(to, b),
				    "--",
				    NULL};

	return run(spec, argv, span_of("", 0), out, end, e);
}

/* Exactly one line: more would be a difference that git has taken apart. */
static bool read_id(const struct buf *line, enum oid_algo algo, struct oid *out)
{
	struct cursor at = cursor_of(line->data, line->len);
	struct span id;

	return cursor_until(&at, ' ', &id) && oid_from_hex(out, algo, id) &&
	       !oid_is_null(out) && line->data[line->len - 1] == '\n' &&
	       memchr(line->data, '\n', line->len) ==
		       line->data + line->len - 1;
}

static int run_patch_id(const struct patch_id_spec *spec, struct span diff,
			enum patch_answer *answer, struct oid *out,
			struct err *e)
{
	static const char *const argv[] = {"git", "patch-id", "--verbatim",
					   NULL};
	struct buf line = BUF_INIT(LINE_BYTES);
	struct child_end end = {CHILD_END_UNKNOWN, 0};
	int rc = run(spec, argv, diff, &line, &end, e);

	if (rc == ERR_LIMIT) {
		/* it has taken the difference apart, many times */
		err_clear(e);
		rc = 0;
	} else if (!rc && end.how == CHILD_END_EXIT) {
		if (end.code == USAGE)
			*answer = PATCH_TOO_OLD;
		else if (!end.code && line.len &&
			 read_id(&line, spec->algo, out))
			*answer = PATCH_ID;
	}
	buf_release(&line);
	return rc;
}

int patch_id_make(const struct patch_id_spec *spec, const struct oid *from,
		  const struct oid *to, enum patch_answer *answer,
		  struct oid *out, struct err *e)
{
	struct buf diff = BUF_INIT(PATCH_ID_MAX_DIFF);
	struct child_end end = {CHILD_END_UNKNOWN, 0};
	int rc = run_diff(spec, from, to, &diff, &end, e);

	*answer = PATCH_NONE;
	memset(out, 0, sizeof(*out));
	if (rc == ERR_LIMIT) {
		err_clear(e);
		rc = 0;
	} else if (!rc && end.how == CHILD_END_EXIT && !end.code && diff.len &&
		   !memchr(diff.data, '\0', diff.len)) {
		rc = run_patch_id(spec, span_of(diff.data, diff.len), answer,
				  out, e);
	}
	buf_release(&diff);
	return rc;
}
