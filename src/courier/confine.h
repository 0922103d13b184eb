/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_CONFINE_H
#define GATEPOST_COURIER_CONFINE_H

#include "courier/anchoring.h"

/**
 * Keep this process, which reads what a stranger answers, from the sealing
 * keys and from whatever it need not write: it may read what is sealed, the
 * ledger's records and the system's files, and write its cursor and its
 * letters in the inbox. Where the kernel has no Landlock, the rights of the
 * user are all there is.
 * @return 0, ERR_SYS, ERR_LIMIT
 */
int confine_anchoring(const struct anchoring *a, struct err *e);

/** The same for one that gets files for others: it may read what belongs to
 * the system, and the authorities in `ca_file` (NULL: none), and write
 * nothing. */
int confine_getting(const char *ca_file, struct err *e);

#endif
