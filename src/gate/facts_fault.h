/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_FACTS_FAULT_H
#define GATEPOST_GATE_FACTS_FAULT_H

/**
 * What is wrong with a commit or with what it needs, said where its facts are
 * asked for. Each returns 0 when it is a finding now.
 */

#include "gate/facts.h"

/** An object is not acceptable. */
int facts_fault_say(struct check_sink *sink, const struct oid *id,
		    const struct object_fault *fault, struct err *e);

/**
 * An object that is missing or unreadable is a fault of the push; whatever
 * else went wrong is an error.
 * @param what  was to be read
 * @param rc    what reading it returned, with its words in `e`
 * @return 0, or rc when it is an error still
 */
int facts_fault_read(struct check_sink *sink, const struct oid *id,
		     const char *what, int rc, struct err *e);

/** The trees that a commit goes from or to could not be compared.
 * @param fault  what tree_diff() said; FAULT_NONE: see rc, as above */
int facts_fault_diff(const struct facts *f, struct check_sink *sink,
		     const struct object_fault *fault, int rc, struct err *e);

/** The push changes more paths than the policy allows. */
int facts_fault_paths(const struct facts *f, struct judging *j,
		      const struct check_sink *sink, struct err *e);

#endif
