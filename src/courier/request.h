/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_REQUEST_H
#define GATEPOST_COURIER_REQUEST_H

/** A request in the making: what credentials may look at, and add to. */

#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	REQUEST_MAX_HEADERS = 128,
	REQUEST_MAX_HEADER = 16384, /* bytes of one, `Name: value` */
	REQUEST_MAX_URL = 8192
};

struct request {
	const char *method;	  /* POST, PUT, PATCH, GET */
	struct buf url;		  /* the whole of it */
	struct span body;	  /* empty with GET */
	const char *content_type; /* NULL: no body */
	const char *id; /* the same on every attempt; NULL: not a record */
	char *headers[REQUEST_MAX_HEADERS]; /* `Name: value` */
	size_t nheaders;
};

void request_init(struct request *r);
/** Wipes the headers. */
void request_release(struct request *r);

/** Add a header, `Name: value`. @return 0, ERR_LIMIT, ERR_MEMORY */
int request_add_header(struct request *r, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
