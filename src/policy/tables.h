/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_TABLES_H
#define GATEPOST_POLICY_TABLES_H

/**
 * The sections of a policy and their keys: the one place that says what may
 * be written. The options of checks stand in their own tables
 * (struct rule_kind).
 */

#include <stdbool.h>
#include <stddef.h>

#include "policy/options.h"

struct policy_section_desc {
	const char *section; /* "gatepost", "rule", … */
	bool has_subsection; /* [rule "name"]; else [gatepost] */
	const struct option *table;
	size_t n;
	/* Where instances stand in struct policy; private to the reader. With
	 * no subsection the target is struct policy itself. */
	size_t array, count, cap, size, name;
};

/** What the files with the tables say of each; they know struct policy. */
#define SECTION_ONE(word, entries)                                             \
	{                                                                      \
		.section = (word), .table = (entries),                         \
		.n = sizeof(entries) / sizeof((entries)[0])                    \
	}
#define SECTION_NAMED(word, entries, type, member, number, capacity, id)       \
	{                                                                      \
		.section = (word), .has_subsection = true, .table = (entries), \
		.n = sizeof(entries) / sizeof((entries)[0]),                   \
		.array = offsetof(struct policy, member),                      \
		.count = offsetof(struct policy, number),                      \
		.cap = offsetof(struct policy, capacity),                      \
		.size = sizeof(type), .name = offsetof(type, id)               \
	}

/** All sections but `include`. */
const struct policy_section_desc *const *policy_sections(size_t *n);

/** @return NULL when there is none of that name */
const struct policy_section_desc *policy_section_find(const char *section);

#endif
