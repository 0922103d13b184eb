/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/wake.h"

#include <stdbool.h>

#include "courier/place.h"
#include "sys/child.h"

/* Long enough for some ten attempts, so that an endpoint's restart does not
 * leave the record lying until the next push. */
#define WAKE_DEADLINE "900"

static bool somebody_is_needed(const struct policy *policy)
{
	for (size_t i = 0; i < policy->nsinks; i++)
		if (!place_is_drained(policy->ledger, policy->sinks[i].name))
			return true;
	for (size_t i = 0; i < policy->nwitnesses; i++)
		if (policy->witnesses[i].url &&
		    !place_is_held(policy->ledger, policy->witnesses[i].name,
				   PLACE_WITNESS_LOCK))
			return true;
	for (size_t i = 0; i < policy->ntimestamps; i++)
		if (!place_is_held(policy->ledger, policy->timestamps[i].name,
				   PLACE_TIMESTAMP_LOCK))
			return true;
	return !policy->nsinks && place_can_seal(policy->ledger);
}

void courier_wake(const struct policy *policy, const char *courier)
{
	const char *argv[] = {"courier",    "run",	   "--once",
			      "--deadline", WAKE_DEADLINE, "--policy",
			      policy->path, NULL};

	if (somebody_is_needed(policy))
		child_spawn_detached(courier, argv, NULL);
}
