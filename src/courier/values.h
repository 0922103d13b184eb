/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_VALUES_H
#define GATEPOST_COURIER_VALUES_H

/** What may be inserted into a template, and inserting it. */

#include <stdbool.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "ledger/json.h"
#include "policy/options.h"
#include "policy/template.h"

enum {
	VALUES_MAX_BYTES = 16 << 20, /* of all named values of one record */
	VALUES_MAX_BODY = 8 << 20    /* of what a template makes */
};

struct values {
	struct span v[TEMPLATE_N_NAMES]; /* p is NULL: absent */
	struct arena arena;
	const struct option_list *vars; /* the sink's, or NULL; borrowed */
	struct buf record;		/* with its people joined in */
	struct buf event;		/* the same in its envelope */
	/** The record as the ledger has it, or NULL; borrowed. It saves
	 * parsing `record` for a pointer to what no person changes. */
	yyjson_val *plain;
	yyjson_doc *joined; /* of `record`, once a pointer needs it */
	struct json_pool pool;
	bool failed; /* there was no memory for that */
};

void values_init(struct values *v);
void values_release(struct values *v);
/** Forget the values, keep the memory. */
void values_clear(struct values *v);

/** Take what is in `record` and in `event` for those values. */
void values_take_record(struct values *v, yyjson_val *plain);
void values_take_event(struct values *v);

/** Name a value; it is copied. What must be SAFE or a NUMBER and is not is
 * refused. @return 0, ERR_MALFORMED, ERR_MEMORY */
int values_set(struct values *v, enum template_name name, struct span text,
	       struct err *e);
int values_set_number(struct values *v, enum template_name name, uint64_t n,
		      struct err *e);
/** The same as a string; NULL when it is absent. */
const char *values_get(const struct values *v, enum template_name name);

/**
 * Append what a template makes of the values.
 * @return 0; ERR_LIMIT when it is more than `out` takes, ERR_MEMORY
 */
int values_render(const struct template *t, struct values *v, struct buf *out,
		  struct err *e);

/** The same for one line of text: names alone. */
int values_render_text(const char *text, enum template_place place,
		       struct values *v, struct buf *out, struct err *e);

#endif
