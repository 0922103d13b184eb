/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SYNTAX_H
#define GATEPOST_POLICY_SYNTAX_H

/**
 * Files in git's configuration syntax (git-config(1), "CONFIGURATION FILE"),
 * read with line numbers and with every mistake told: after one, reading
 * goes on with the next line. What is accepted here means the same to git.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/mistakes.h"

enum {
	SYNTAX_MAX_FILES = 64,	 /* with all that are included */
	SYNTAX_MAX_DEPTH = 10,	 /* of includes, as git's */
	SYNTAX_MAX_NAME = 1024,	 /* bytes of a section's or key's name */
	SYNTAX_MAX_VALUE = 65536 /* bytes of one value */
};

/** How a file is read. */
enum syntax_kind {
	SYNTAX_NONE = 0,
	/** Ours: only files that none but root or we can write; conditional
	 * and missing includes are mistakes; at most 1 MiB a file. */
	SYNTAX_TRUSTED,
	/** A repository's own config: whoever may write there could replace
	 * the hooks as well. Includes that are conditional, missing or in
	 * somebody's home are passed over. At most 16 MiB. */
	SYNTAX_REPOSITORY
};

struct syntax_section {
	const char *name; /* in lower case, up to the first dot */
	const char *sub;  /* NULL: none */
	struct option_place at;
};

struct syntax_entry {
	size_t section;	   /* position in syntax.sections */
	const char *key;   /* in lower case */
	const char *value; /* NULL: a key without `=`, which means true */
	struct option_place at;
};

/** All that was read, in reading order. Zero-initialise. */
struct syntax {
	struct syntax_section *sections;
	size_t nsections, sections_cap;
	struct syntax_entry *entries;
	size_t nentries, entries_cap;
	char *paths[SYNTAX_MAX_FILES]; /* absolute */
	char *bytes[SYNTAX_MAX_FILES]; /* all strings above point in here */
	size_t nfiles;
};

/**
 * Read a file and what it includes.
 * @param mistakes  gets what is wrong inside the files
 * @return 0 also with mistakes; an error when the first file could not be
 *         read: ERR_NOT_FOUND, ERR_DENIED, ERR_LIMIT, ERR_SYS; ERR_MEMORY
 */
int syntax_read(struct syntax *s, const char *path, enum syntax_kind kind,
		struct policy_mistakes *mistakes, struct err *e);

void syntax_release(struct syntax *s);

/**
 * Append the normalised text: a line `file` for each file at its first
 * entry, a line `section.sub.key=value` for each entry; comments, blanks and
 * the files' names have no influence. In names `=`, and everywhere `\` and
 * control characters, stand as `\xHH`.
 */
void syntax_add_normal(const struct syntax *s, struct buf *out);

#endif
