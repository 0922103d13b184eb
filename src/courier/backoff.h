/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_BACKOFF_H
#define GATEPOST_COURIER_BACKOFF_H

#include <stdint.h>

enum {
	BACKOFF_FIRST_MS = 1000,
	BACKOFF_MAX_MS = 15 * 60 * 1000 /* also for what an endpoint asks */
};

/**
 * How long to wait after a failure: between half of and the whole of
 * 2^(attempts - 1) seconds, at most 15 minutes; never less than the endpoint
 * asked for, up to the same 15 minutes.
 *
 * @param attempts     failures so far of this record, from 1
 * @param random       any number, for the jitter
 * @param retry_after  seconds, 0 when the endpoint did not say
 * @return milliseconds
 */
int64_t backoff_ms(uint64_t attempts, uint32_t random, int64_t retry_after);

#endif
