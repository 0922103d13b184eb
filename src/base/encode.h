/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_ENCODE_H
#define GATEPOST_BASE_ENCODE_H

/** Hexadecimal and base64, strict in both directions. */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"

/** Lower-case hex. `out` gets 2 * n bytes and a NUL. */
void hex_encode(const void *bytes, size_t n, char *out);
/**
 * Strict lower-case hex: exactly 2 * n digits give n bytes.
 * @return false on any other input; `out` is then undefined
 */
bool hex_decode(struct span hex, void *out, size_t n);

/** Base64 with padding (RFC 4648, 4); appends to `out`. */
void base64_encode(struct buf *out, const void *bytes, size_t n);
/**
 * Strict: canonical padding and bits, no blanks.
 * @return false otherwise, or when `out` is full; `out` is then as before
 */
bool base64_decode(struct buf *out, struct span text);

#endif
