/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_JUDGE_H
#define GATEPOST_GATE_JUDGE_H

/**
 * The judge: a forked child that restricts itself, then runs the engine over
 * the pusher's objects and sends its report through a socket. The parent
 * reads no object; it answers questions (gate/ask.h).
 */

#include "base/err.h"
#include "gate/engine.h"
#include "gate/report.h"
#include "git/repository.h"

enum {
	JUDGE_DATA_BYTES = 1 << 30, /* RLIMIT_DATA of the judge */
	JUDGE_OPEN_FILES = 512
};

struct judge_spec {
	const struct engine_input *input;
	struct repository_spec where;
	const char *const *readable; /* more paths that it may read */
	size_t nreadable;
	const char *courier; /* absolute, who looks tickets up; NULL: nobody */
};

/**
 * Fork, wait, read the report. The deadline is the policy's.
 *
 * @param out  the report; release it. Empty after an error.
 * @return 0; ERR_TIMEOUT when the judge was late, ERR_LIMIT when it was
 *         killed (memory, CPU, a forbidden system call), else what stopped
 *         it. Any error means: nothing was judged.
 */
int judge_run(const struct judge_spec *spec, struct report *out, struct err *e);

#endif
