/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_FUZZ_SCRATCH_H
#define GATEPOST_FUZZ_SCRATCH_H

/** Files for targets that read files, in a directory which goes with the
 * process. */

#include <stdbool.h>

enum { SCRATCH_PATH = 256 };

/** @return whether nothing is there yet */
bool scratch_path(const char *name, char out[SCRATCH_PATH]);

#endif
