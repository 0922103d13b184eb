/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_T_UNIT_GATE_HELP_H
#define GATEPOST_T_UNIT_GATE_HELP_H

/** What the tests of the gate and the desk share: reports made by hand. */

#include <check.h>
#include <stddef.h>

#include "gate/report.h"

enum { HELP_RULES = 3 }; /* rules of the policy that the reports are of */

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX_C "cccccccccccccccccccccccccccccccccccccccc"
#define HEX_0 "0000000000000000000000000000000000000000"
#define RECORD "01934f00-0000-7000-8000-000000000001"
#define DIGEST                                                                 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/** Every list has elements, every member a value of its own; what may be
 * absent is so in a second element. */
void report_fill(struct report *r);

/** A report of one refused ref, refs/heads/main with the tip HEX_A. */
void report_refused(struct report *r);
/** One more ref. */
void report_ref(struct report *r, const char *name, int verdict);

/** One more finding of ref 0. `commit` and `hint` may be NULL. */
void report_find(struct report *r, int weight, const char *commit,
		 const char *text, const char *hint);
/** The same, mended by a trailer. */
void report_lacks(struct report *r, const char *commit, const char *trailer);

/** A policy with HELP_RULES rules and no file behind it. */
struct policy *policy_bare(void);

Suite *suite_report(void);
Suite *suite_answer(void);
Suite *suite_ask(void);
Suite *suite_remedy(void);
Suite *suite_judging(void);
Suite *suite_judge(void);
Suite *suite_memory(void);
Suite *suite_order(void);
Suite *suite_parts(void);
Suite *suite_segments(void);
Suite *suite_emergency(void);
Suite *suite_unverified(void);

#endif
