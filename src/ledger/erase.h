/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_ERASE_H
#define GATEPOST_LEDGER_ERASE_H

/**
 * Taking one person out of the persons lines: each element that is theirs
 * becomes `null`, and blanks up to its length, so that every record stays
 * where it is. The records themselves, which have the digest of the element,
 * do not change; nor does the Merkle tree.
 *
 * Segments that nobody appends to are replaced one by one, each as a whole:
 * whoever has the old one open reads on in that. Whatever is killed in
 * between, another run finds what is left.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/err.h"
#include "ledger/ledger.h"

enum erase_field {
	ERASE_NONE = 0,
	ERASE_PRINCIPAL,
	ERASE_EMAIL, /* compared without ASCII case */
	ERASE_LOGIN
};

struct erase_name {
	enum erase_field field;
	const char *value; /* borrowed */
};

struct erase_wish {
	const struct erase_name *names; /* who has any of them is meant */
	size_t n;
	/** Asked of each record that names the person, unless NULL; an error
	 * ends it all before anything is changed. */
	int (*ask)(void *arg, const struct ledger_item *item,
		   yyjson_val *record, struct err *e);
	void *arg;
};

struct erase_report {
	uint64_t records;  /* that name the person */
	uint64_t elements; /* how often they do */
	uint64_t damaged;  /* places that cannot be read, nor changed */
};

/** Only count, in the records. */
int erase_count(struct ledger *l, const struct erase_wish *wish,
		struct erase_report *out, struct err *e);

/**
 * Change all that stood in the ledger when the last segment was begun
 * (ledger_cut does), what was set aside included, and make the index and the
 * runs again. Under retain_lock().
 * @param out  what was changed
 */
int erase_run(struct ledger *l, const struct erase_wish *wish,
	      struct erase_report *out, struct err *e);

/** Begin a new segment, so that all records so far can be changed. */
int erase_begin(struct ledger *l, struct err *e);

#endif
