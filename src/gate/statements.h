/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_STATEMENTS_H
#define GATEPOST_GATE_STATEMENTS_H

/**
 * The refs of signed statements (trust/statement.h): nobody but who may say
 * so makes them, and nobody moves or deletes them, in every mode.
 */

#include "gate/judging.h"
#include "trust/statement.h"

enum { STATEMENTS_MAX = 100 /* under one name, that are looked at */ };

/** Whether `ref`, inside of its namespace, is one. */
bool statements_is_ref(const char *ref);

/** Judge the update of one. */
int statements_guard(struct judging *j, size_t ref, struct err *e);

/**
 * Read a statement, whoever has signed it.
 * @param s  statement_init was called on it; its fault tells what is off
 */
int statements_read(struct judging *j, const struct oid *id,
		    struct statement *s, struct err *e);

/** One of which the engine has to tell: the caller adds what it says. */
int statements_report(struct judging *j, const struct statement *s,
		      struct report_tag *out, struct err *e);

#endif
