/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/section_retention.h"

#include <string.h>

#include "base/time.h"
#include "policy/policy.h"

#define KEEP(word, field, what)                                                \
	{                                                                      \
		.name = (word), .type = OPTION_DURATION,                       \
		.offset = offsetof(struct policy, retention.field),            \
		.min = TIME_DAY, .max = 36500 * TIME_DAY,                      \
		.help = "how long " what " are kept"                           \
	}

static const struct option retention_table[] = {
	KEEP("default", fallback, "records of all other kinds"),
	KEEP("access", access, "records of who read records"),
	KEEP("break", broken, "records of what was found amiss"),
	KEEP("decision", decision, "decisions"),
	KEEP("emergency", emergency, "records of emergencies"),
	KEEP("erase", erase, "records of erasures"),
	KEEP("hold", hold, "records of holds, behind their end,"),
	KEEP("install", install, "records of gates put in"),
	KEEP("mode", mode, "records of changed modes"),
	KEEP("outcome", outcome, "records of what moved"),
	KEEP("parked", parked, "records of what a destination refused"),
	KEEP("policy", policy, "texts of the policy"),
	KEEP("release", release, "records of released holds"),
	KEEP("revert", revert, "records of what was taken back"),
	KEEP("ticket", ticket, "records of tickets that were not verified"),
	KEEP("uninstall", uninstall, "records of gates taken out"),
};

const struct policy_section_desc retention_section =
	SECTION_ONE("retention", retention_table);

int64_t policy_retention(const struct policy *p, const char *kind)
{
	const struct option *o =
		option_find(retention_table, retention_section.n, kind);
	int64_t seconds = 0;

	if (o)
		memcpy(&seconds, (const char *)p + o->offset, sizeof(seconds));
	return seconds ? seconds : p->retention.fallback;
}
