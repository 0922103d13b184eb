/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/backoff.h"

int64_t backoff_ms(uint64_t attempts, uint32_t random, int64_t retry_after)
{
	int64_t whole = BACKOFF_FIRST_MS, wait;

	while (attempts-- > 1 && whole < BACKOFF_MAX_MS)
		whole *= 2;
	if (whole > BACKOFF_MAX_MS)
		whole = BACKOFF_MAX_MS;
	wait = whole / 2 + (int64_t)(random % (uint64_t)(whole / 2 + 1));
	if (retry_after > BACKOFF_MAX_MS / 1000)
		retry_after = BACKOFF_MAX_MS / 1000;
	return retry_after * 1000 > wait ? retry_after * 1000 : wait;
}
