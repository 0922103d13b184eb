/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_LEDGER_OPEN_H
#define GATEPOST_CLI_LEDGER_OPEN_H

#include "cli/place.h"

/** The options of every command on a ledger. */
struct ledger_wish {
	const char *ledger; /* --ledger DIR */
	const char *policy; /* --policy FILE */
	bool json;
};

#define LEDGER_OPTIONS(w)                                                      \
	{"--ledger", NULL, &(w).ledger}, {"--policy", NULL, &(w).policy},      \
	{                                                                      \
		"--json", &(w).json, NULL                                      \
	}
#define LEDGER_HELP                                                            \
	"  --ledger DIR   that ledger (default: the one of the policy)\n"      \
	"  --policy FILE  the policy that names the ledger\n"

/** Open the ledger that is meant: named, of the policy named, of the
 * repository one is in, of the system's policy. */
int ledger_wish_open(const struct ledger_wish *w, unsigned flags,
		     struct place *p, struct err *e);

#endif
