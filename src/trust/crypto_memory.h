/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_CRYPTO_MEMORY_H
#define GATEPOST_TRUST_CRYPTO_MEMORY_H

/**
 * Let libcrypto keep the small blocks that it frees for its next call. One
 * ECDSA verification takes and gives back some sixty; musl answers by asking
 * the kernel for a page and returning it, each time, which takes a sixth of
 * the whole.
 *
 * For a process of one thread that verifies and ends: nothing kept goes back
 * to the system, at most CRYPTO_MEMORY_MAX bytes. To be called before the
 * process first uses libcrypto's EVP; later it does nothing.
 */
void crypto_memory_keep(void);

enum { CRYPTO_MEMORY_MAX = 1 << 20 };

#endif
