/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_ARGUMENTS_H
#define GATEPOST_COURIER_ARGUMENTS_H

/** The courier's words. Apart, since <getopt.h> and the policy each have a
 * `struct option`. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sys/files.h"

extern const char arguments_usage[];

struct arguments {
	char policy[FILE_MAX_PATH]; /* absolute */
	bool once, now, json, prometheus, help, all;
	uint64_t deadline; /* seconds */
	const char *words[2]; /* of `retry` alone; NULL: not given */
	/* of `get` alone */
	char ca_file[FILE_MAX_PATH]; /* absolute, or empty */
	const char *url;
	uint64_t timeout; /* seconds */
};

/**
 * Read what follows the command's name in argv[0]. Without --policy it is
 * the installed one; `get` has none, and a URL.
 * @return 0; ERR_USAGE; the errors of file_real_path()
 */
int arguments_parse(struct arguments *args, int argc, char **argv,
		    struct err *e);

#endif
