/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_WIRE_H
#define GATEPOST_LEDGER_WIRE_H

/**
 * How a copy asks for records, and gets them: lines and counted bytes over
 * two pipes. Who is asked speaks first:
 *
 *     gatepost-ledger 1 ORIGIN
 *     #vkeys BYTES            and so many bytes, LF: sealed/vkeys
 *     #checkpoint BYTES       likewise: sealed/checkpoint
 *
 * Then, as often as it is asked:
 *
 *     root N                  #root N HEX: over the first N records
 *     send N                  the records from N on, up to the checkpoint
 *
 * Each record is the frame of ledger/frame.h; behind it stands the evidence
 * that it cites, unless it was sent before:
 *
 *     #evidence HEX BYTES     and so many bytes, LF
 *     #missing HEX            which is not there
 *
 * In the place of records that retention took stands their line of
 * `segments/gone`, and the hash of each that was asked for:
 *
 *     #gone FIRST END ROOT
 *     #hash HEX
 *
 * `#end` ends the records. What others vouch for, witnesses' all and of time
 * stamps those of more than N records, `#end` behind it:
 *
 *     anchors N               #witness NAME BYTES: sealed/witness/NAME
 *                             #timestamp NAME SIZE BYTES BYTES: the
 *                             checkpoint that is stamped, and the time stamp
 *
 * `#error TEXT` ends everything.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define WIRE_HELLO "gatepost-ledger 1 "

enum {
	WIRE_MAX_LINE = 2048, /* with its LF */
	WIRE_BUFFER = 256 << 10
};

struct wire {
	int in, out; /* borrowed */
	int wait_ms; /* for the next byte */
	char *data;  /* read ahead */
	size_t at, len;
	struct buf pending; /* to be written */
};

int wire_init(struct wire *w, int in, int out, int wait_ms, struct err *e);
void wire_release(struct wire *w);

/**
 * Take a line, without its LF and NUL-terminated.
 * @return 1; 0 at the end of the stream; ERR_MALFORMED when it is too long
 *   or cut off, ERR_TIMEOUT, ERR_SYS
 */
int wire_line(struct wire *w, char out[WIRE_MAX_LINE], struct err *e);

/** Append `n` bytes and take the LF behind them. As above, but the stream's
 * end is ERR_MALFORMED; ERR_MEMORY. */
int wire_bytes(struct wire *w, size_t n, struct buf *out, struct err *e);

/** Write, some time until wire_flush. @return 0, ERR_SYS, ERR_MEMORY */
int wire_put(struct wire *w, const void *bytes, size_t n, struct err *e);
int wire_putf(struct wire *w, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int wire_flush(struct wire *w, struct err *e);

#endif
