/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_GET_H
#define GATEPOST_COURIER_GET_H

#include "courier/http.h"

/**
 * Answer who makes a copy of a ledger whose `sealed/` is served: each line is
 * the path of a file below the URL, and is answered with `STATUS BYTES` LF,
 * so many bytes, LF. The bytes are the file's when STATUS is 200; else they
 * say what happened, and STATUS is that of HTTP, or 0 when no whole answer
 * came. Ends with the questions.
 *
 * @param target  its URL needs no `/` at the end
 * @return 0; ERR_CONFIG for a URL that will not do; ERR_MALFORMED for a
 *   question that is none; those of http_new; ERR_SYS, ERR_MEMORY
 */
int get_serve(const struct http_target *target, int in, int out, struct err *e);

#endif
