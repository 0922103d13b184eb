/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/answer.h"

/* No record can be the reason for these: the credentials, a proxy, the load. */
static bool is_endpoints(long status)
{
	return status == 401 || status == 407 || status == 408 ||
	       status == 425 || status == 429 || status == 502 ||
	       status == 503 || status == 504;
}

bool answer_is_for_request(long status)
{
	return status >= 400 && status <= 499 && !is_endpoints(status);
}

static uint64_t suspect_after(long status)
{
	if (status == 400 || status == 413 || status == 422)
		return SUSPECT_REFUSED;
	return status < 500 ? SUSPECT_OTHER : SUSPECT_BROKEN;
}

enum answer answer_of(long status, uint64_t attempts)
{
	if (status >= 200 && status <= 299)
		return ANSWER_DELIVERED;
	if (status < 400 || status > 599 || is_endpoints(status))
		return ANSWER_RETRY;
	return attempts >= suspect_after(status) ? ANSWER_SUSPECT
						 : ANSWER_RETRY;
}
