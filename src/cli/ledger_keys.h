/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_LEDGER_KEYS_H
#define GATEPOST_CLI_LEDGER_KEYS_H

#include "ledger/note.h"

#define LEDGER_KEY_HELP                                                        \
	"  --key VKEY     who must have signed: a vkey, or a file of them\n"

/** Read `--key`: a vkey, or the name of a file with one a line. */
int ledger_keys_read(const char *given, struct note_vkeys *out, struct err *e);

#endif
