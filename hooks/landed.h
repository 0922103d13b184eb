/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_HOOKS_LANDED_H
#define GATEPOST_HOOKS_LANDED_H

#include "hook.h"

/**
 * Remove the refs of approvals that a decision counted for refs that have
 * now moved: the tags themselves are evidence in the ledger. A ref that has
 * changed meanwhile stays.
 *
 * @param decision  the record's id
 */
int landed_clean_up(struct hook *h, const char *decision, struct err *e);

/**
 * Remove approvals that nothing used for policy's approval-keep, by the date
 * that their signers gave them. Looks once a day, however many pushes come.
 */
int landed_sweep(struct hook *h, struct err *e);

#endif
