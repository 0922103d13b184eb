/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_ANCHORS_PRIVATE_H
#define GATEPOST_LEDGER_ANCHORS_PRIVATE_H

/** What the sources of anchors share. */

#include "ledger/anchors.h"

enum { ANCHOR_PATH = 320 }; /* of a file below the ledger's directory */

/** `sealed/witness/NAME`. */
void anchor_witness_path(const char *name, char out[ANCHOR_PATH]);
/** `sealed/timestamps/NAME/SIZE.` and the suffix. */
void anchor_stamp_path(const char *name, uint64_t size, const char *suffix,
		       char out[ANCHOR_PATH]);
/** Whether a name in sealed/witness/ is that of a cosigned checkpoint. */
bool anchor_is_witness_file(const char *name);
/** Whether one in sealed/timestamps/NAME/ is `SIZE.tsr`, a time stamp's. */
bool anchor_stamp_size(const char *name, uint64_t *size);

/**
 * Append a regular file below the ledger's directory, following no link:
 * others than the reader may write where it stands.
 * @return 0; ERR_NOT_FOUND; ERR_DENIED, ERR_LIMIT, ERR_SYS
 */
int anchor_read_file(struct ledger *l, const char *path, struct buf *out,
		     struct err *e);

typedef int anchor_name_fn(void *arg, const char *name, struct err *e);
/** Call fn for each name in a folder of sealed/, where there is one. */
int anchor_each_name(int sealed_fd, const char *path, anchor_name_fn *fn,
		     void *arg, struct err *e);

/** Take the content of an inbox file with a time stamp apart. */
int anchor_split_stamp(struct span bytes, struct span *note, struct buf *stamp,
		       struct err *e);

#endif
