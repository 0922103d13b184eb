/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_UNDO_H
#define GATEPOST_CHECKS_UNDO_H

/**
 * Tools that change databases step by step, and what undoes a step of each:
 * one row a tool.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "checks/check.h"

enum {
	UNDO_MAX_TOOLS = 32,
	UNDO_MAX_SCRIPT = 8 << 20,  /* bytes of one undo script */
	UNDO_MAX_READ = 64 << 20,   /* bytes of all that one ref update needs */
	UNDO_MAX_ENTRIES = 20000000 /* of folders, likewise */
};

/** What may still be read for one ref update. */
struct undo_budget {
	uint64_t bytes, entries;
};

struct undo_tool {
	const char *word; /* in `undo = …` */
	/** Whether an added path is a step that needs an undo. */
	bool (*is_step)(struct span path);
	/**
	 * Look for the undo of a step.
	 * @param wanted  gets the path where it could stand, for people
	 * @param found   gets its path; left empty when there is none
	 */
	int (*find)(const struct check_tree *tree, struct span path,
		    struct undo_budget *budget, struct buf *wanted,
		    struct buf *found, struct err *e);
	/** Whether what it says does anything. */
	bool (*does_something)(struct span script);
};

extern const struct undo_tool undo_tools[];
extern const size_t undo_tools_count;
/** Their words, and `auto` and `off`; NULL-terminated. */
extern const char *const undo_words[];
enum { UNDO_AUTO = 1, UNDO_OFF, UNDO_FIRST_TOOL };

enum undo_state {
	UNDO_NONE = 0,
	UNDO_GONE,   /* the step itself is not in the pushed tree */
	UNDO_THERE,  /* its undo is, and does something */
	UNDO_ABSENT, /* there is none */
	UNDO_EMPTY,  /* it does nothing */
	UNDO_TOO_BIG /* it, or all of them together, cannot be read */
};

struct undo_answer {
	enum undo_state state;
	struct buf wanted; /* where the undo could stand */
	struct buf found;  /* its path */
};

void undo_answer_init(struct undo_answer *a);
void undo_answer_release(struct undo_answer *a);

/**
 * Whether a step has its undo in the pushed tree.
 * @param budget  all of it at first; what is read is taken from it
 * @return 0 with the answer; an error when the tree cannot be read
 */
int undo_look(const struct undo_tool *tool, const struct check_tree *tree,
	      struct span path, struct undo_budget *budget,
	      struct undo_answer *out, struct err *e);

#endif
