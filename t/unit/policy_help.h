/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_UNIT_POLICY_HELP_H
#define GATEPOST_UNIT_POLICY_HELP_H

/** What the tests of the policy room share. */

#include <check.h>
#include <stddef.h>

#include "base/buf.h"
#include "policy/policy.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/** Write a file into this test's own directory, which goes away when its
 * process ends. @return its absolute path, valid to the end of the test */
const char *scratch_write(const char *name, const char *text, size_t n);
const char *scratch_text(const char *name, const char *text);
/** The path that a file of this name has, or would have. */
const char *scratch_path(const char *name);

/** `[agent "claude-code"]` and `[agent "copilot"]`, no more. */
extern const char small_agents[];

/** Checks for rules: `demo` with options size (number), word, roles. */
extern const struct rule_kind *const demo_kinds[1];
struct demo_options {
	int64_t size;
	int word;
	char *role;
	struct option_list many;
};

/** Load a policy's text, beside small_agents; it must be right. */
struct policy *policy_of(const char *text);

/** Load a policy's text, which must be wrong. `m` gets the mistakes. */
void mistakes_of(const char *text, struct policy_mistakes *m);

/** Fails unless mistake number `i` is of this line of policy.conf and has
 * these words. */
void assert_mistake(const struct policy_mistakes *m, size_t i, unsigned line,
		    const char *words);

Suite *suite_syntax(void);
Suite *suite_load(void);
Suite *suite_tables(void);
Suite *suite_scope(void);
Suite *suite_repository(void);
Suite *suite_agents(void);
Suite *suite_conf(void);
Suite *suite_principals(void);
Suite *suite_may(void);
Suite *suite_mirror(void);

#endif
