/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_CRC32_H
#define GATEPOST_LEDGER_CRC32_H

#include <stddef.h>
#include <stdint.h>

/**
 * The CRC-32 of ISO-HDLC (RFC 1952, 8) of more bytes behind those of which
 * `crc` is; 0 is that of none.
 */
uint32_t crc32_add(uint32_t crc, const void *bytes, size_t n);

#endif
