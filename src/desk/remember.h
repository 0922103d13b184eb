/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_REMEMBER_H
#define GATEPOST_DESK_REMEMBER_H

#include "gate/engine.h"
#include "gate/report.h"
#include "ledger/ledger.h"

/**
 * Joins the engine's questions about earlier pushes to the ledger's index.
 * @param dir  the ledger's directory; borrowed
 */
void remember_memory(const char *dir, struct engine_memory *out);

/** Put what an accepted push brought and used into that index. */
int remember_push(struct ledger *l, const char *repository, const char *login,
		  const struct report *report, const char *record,
		  struct err *e);

#endif
