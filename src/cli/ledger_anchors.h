/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_LEDGER_ANCHORS_H
#define GATEPOST_CLI_LEDGER_ANCHORS_H

/** What `ledger verify` tells of those outside who vouch for the ledger. */

#include <yyjson.h>

#include "cli/place.h"
#include "courier/status.h"
#include "ledger/anchors.h"

#define LEDGER_ANCHORS_HELP                                                    \
	"  --witness VKEY who is believed as a witness: a vkey, or a file of " \
	"them\n"                                                               \
	"                 (default: those of the policy)\n"                    \
	"  --tsa-ca FILE  whose time stamps are believed (default: as the "    \
	"policy says)\n"

/** Who is believed: what was given, or what the policy says. */
struct ledger_anchors_wish {
	const char *witness, *tsa_ca; /* the options */
};

/** A destination that got checkpoints. */
struct ledger_anchors_sink {
	const char *name; /* of the policy's */
	uint64_t size;	  /* records of the last that was delivered */
};

struct ledger_anchors {
	struct anchors list;
	struct ledger_anchors_sink *sinks;
	size_t nsinks;
	struct delivery_status asked; /* how asking them goes; anchors only */
	uint64_t sealed;	      /* records */
	bool trusting; /* somebody was named who could be believed */
	bool policy;   /* a policy was looked at */
};

/**
 * @param p     the ledger, and the policy when one is known
 * @param keys  of the ledger; NULL: those that it names
 * @return as anchors_read; ERR_CONFIG; in any case ledger_anchors_release
 */
int ledger_anchors_read(struct ledger_anchors *out, const struct place *p,
			const struct ledger_anchors_wish *wish,
			const struct note_vkeys *keys, struct err *e);
void ledger_anchors_release(struct ledger_anchors *a);

/** How many of them are wrong. */
uint64_t ledger_anchors_faults(const struct ledger_anchors *a);

void ledger_anchors_text(const struct ledger_anchors *a, struct buf *out);
/** Add the member `anchors`. */
bool ledger_anchors_json(const struct ledger_anchors *a, yyjson_mut_doc *doc,
			 yyjson_mut_val *root);

#endif
