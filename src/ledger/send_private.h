/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEND_PRIVATE_H
#define GATEPOST_LEDGER_SEND_PRIVATE_H

/** What the sources of sending share. */

#include "ledger/gone.h"
#include "ledger/internal.h"
#include "ledger/seal.h"
#include "ledger/send.h"
#include "ledger/tiles.h"
#include "ledger/wire.h"

enum { SEND_SEEN = 4096 }; /* pieces of evidence that are remembered */

struct sender {
	struct ledger *l;
	const struct send_ear *ear;
	struct wire w;
	struct checkpoint_note at;
	int sealed_fd;
	struct tile_tree tree;
	struct merkle_tree stored;
	struct gone_list gone;
	struct buf bundle; /* the entries of tile `bundle_n` */
	uint64_t bundle_n;
	unsigned char seen[SEND_SEEN][SHA256_SIZE];
};

/** Tell of damage here. */
void send_amiss(struct sender *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** The records from that number on, up to the checkpoint. */
int send_records(struct sender *s, uint64_t from, struct err *e);

/** What witnesses have cosigned, and time stamps of more than `above`
 * records. */
int send_anchors(struct sender *s, uint64_t above, struct err *e);

#endif
