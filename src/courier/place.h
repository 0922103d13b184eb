/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_PLACE_H
#define GATEPOST_COURIER_PLACE_H

/**
 * Where the delivery state of a sink stands: LEDGER/cursors/NAME.json, and
 * NAME.lock, which its one drainer holds. Those of witnesses and time
 * stampers are NAME.witness.json, NAME.timestamp.json and so on.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "sys/files.h"

enum {
	PLACE_MAX_NAME = 200,  /* bytes of an encoded name; longer: a digest */
	PLACE_DIR_MODE = 0770, /* cut to the rights of the ledger's folder */
	PLACE_FILE_MODE = 0660 /* likewise */
};

/** What those end in. */
#define PLACE_WITNESS_CURSOR ".witness.json"
#define PLACE_WITNESS_LOCK ".witness.lock"
#define PLACE_TIMESTAMP_CURSOR ".timestamp.json"
#define PLACE_TIMESTAMP_LOCK ".timestamp.lock"
#define PLACE_ASKS_LOCK ".asks.lock"

/** Make LEDGER/cursors where it is missing. */
int place_make(const char *ledger_dir, struct err *e);

/** LEDGER/cursors. */
int place_dir(const char *ledger_dir, char out[FILE_MAX_PATH], struct err *e);

/**
 * The file of a sink. ASCII letters, digits, `-` and `_` of its name stay,
 * any other byte becomes `%xx`, so that no name leaves the directory and no
 * two names share a file.
 *
 * @param suffix  such as `.json` or `.lock`
 */
int place_file(const char *ledger_dir, const char *sink, const char *suffix,
	       char out[FILE_MAX_PATH], struct err *e);

/** Remove temporary files of a sink; for who holds its lock. */
void place_clean(const char *ledger_dir, const char *sink);

/**
 * Take the sink's lock, making LEDGER/cursors where it is missing. A short
 * wait bridges those who only look whether it is held.
 *
 * @param fd  for lock_release(); -1 on error
 * @return 0, ERR_TIMEOUT when another process drains this sink, ERR_SYS
 */
int place_lock(const char *ledger_dir, const char *sink, int *fd,
	       struct err *e);

/** The same with another suffix than `.lock`. */
int place_lock_as(const char *ledger_dir, const char *name, const char *suffix,
		  int *fd, struct err *e);

/** Permissions of a file that all who share the ledger may use. */
mode_t place_file_mode(const char *ledger_dir);

/** Whether some process is draining this sink now. */
bool place_is_drained(const char *ledger_dir, const char *sink);
bool place_is_held(const char *ledger_dir, const char *name,
		   const char *suffix);

/** Whether it is for this user to seal this ledger: `sealed/` is theirs. That
 * they lack the keys is then a fault, and not another's business. */
bool place_can_seal(const char *ledger_dir);

#endif
