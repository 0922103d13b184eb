/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_IMPORTS_H
#define GATEPOST_GATE_IMPORTS_H

/**
 * Imports: what foreign history stands behind a commit that somebody signed
 * for is not asked what a rule asks of commits. Who may sign, the rule says
 * by `import = ROLE`. Those commits are hidden from the rule, as if it were
 * enforced where they come from; the merge that joins them to the ref is
 * judged, unless it is nothing but the two things that it joins.
 */

#include "gate/facts.h"
#include "gate/range_walk.h"
#include "gate/statements.h"
#include "trust/import.h"

enum {
	IMPORTS_MAX = 64,	  /* that one ref update uses */
	IMPORTS_MAX_REFS = 10000, /* that are there */
	IMPORTS_TOLD = 3,	  /* that are of no use to it */
	IMPORTS_ASKED = 8	  /* whether they have landed */
};

/** What is off with one; `code` is NULL when nothing is. */
struct import_fault {
	const char *code;
	char text[SIG_MAX_TEXT];
};

void import_say(struct import_fault *out, const char *code, const char *fmt,
		...) __attribute__((format(printf, 3, 4)));

/**
 * Whether it holds now, for whatever ref: for the guard, and for each push
 * again. Who may sign is another matter.
 * @param name  the commit, as its ref's name says
 */
void import_judge(const struct judging *j, const struct import *i,
		  struct span name, struct import_fault *out);

/** Whether its signer has one of these roles. */
bool import_has_role(const struct judging *j, const struct import *i,
		     const struct option_list *roles);

/** Judge one that is pushed, or what takes one back. */
int import_guard(struct check_sink *sink, struct statement *s,
		 struct span between, struct err *e);

/** One whose commit a ref update brings, or may have been meant for it. */
struct imported {
	struct import import;
	char *at; /* its ref */
	struct import_fault fault;
	size_t tip;	/* in the walk; SIZE_MAX: it is of another commit */
	uint32_t sets;	/* from which it hides */
	size_t commits; /* that it hides */
	bool alone;	/* the commits that it hides share none with the ref */
	size_t files;	/* where it is joined */
	struct import_fault more; /* what of the rest is judged, and why */
};

/** A merge that is nothing but the ref and what is imported. */
struct import_join {
	size_t at; /* in the walk */
	uint32_t sets;
};

/** Those of one ref update. */
struct imports {
	struct judging *j;
	size_t ref;
	struct range_walk *walk;
	struct imported *v;
	size_t n, cap, seen, others;
	bool elsewhere; /* those are loaded whose commit is not brought */
	bool *brought;	/* by position in the walk */
	struct import_join *joins;
	size_t njoins, joins_cap;
};

/** Find and apply them, when the walk is done. Release it also after an
 * error. */
int imports_apply(struct imports *all, struct judging *j, size_t ref,
		  struct range_walk *walk, struct err *e);
void imports_release(struct imports *all);

/** Whether a commit is imported, for any rule. */
bool imports_brought(const struct imports *all, size_t at);

/** The sets to whose rules a merge is nothing of its own. */
uint32_t imports_joined(const struct imports *all, size_t at);

/** Load those, too, that are of a commit which the ref does not have. */
int imports_load_others(struct imports *all, struct err *e);

/** The merges that join what is imported (imports_apply does it). */
int imports_find_joins(struct imports *all, struct err *e);

/** When a rule is done and refuses: why imports did not help. */
int imports_explain(struct imports *all, const struct check_sink *rule,
		    unsigned set, struct err *e);

/** Which were used goes into the report. */
int imports_report(struct imports *all, struct err *e);

#endif
