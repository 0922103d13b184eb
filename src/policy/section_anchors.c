/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/section_anchors.h"

#include "base/time.h"
#include "policy/check_value.h"
#include "policy/policy.h"

#define WITNESS(field) .offset = offsetof(struct witness, field)

static const struct option witness_table[] = {
	{.name = "key",
	 .type = OPTION_STRING,
	 WITNESS(key),
	 .required = true,
	 .check = value_is_vkey,
	 .help = "the key that cosigns, as a vkey"},
	{.name = "url",
	 .type = OPTION_STRING,
	 WITNESS(url),
	 .check = value_is_sink_url,
	 .help = "where checkpoints are posted; none: it comes by itself"},
	{.name = "ca-file",
	 .type = OPTION_PATH,
	 WITNESS(ca_file),
	 .help = "whom to trust for this URL, in PEM; none: the system's"},
	{.name = "every",
	 .type = OPTION_DURATION,
	 WITNESS(every),
	 .fallback = "10s",
	 .min = 0,
	 .max = TIME_DAY,
	 .help = "the least time between two checkpoints"},
	{.name = "timeout",
	 .type = OPTION_DURATION,
	 WITNESS(timeout),
	 .fallback = "30s",
	 .min = 1,
	 .max = 600,
	 .help = "the most time that one request may take"},
};

#define TIMESTAMP(field) .offset = offsetof(struct timestamp, field)

static const struct option timestamp_table[] = {
	{.name = "url",
	 .type = OPTION_STRING,
	 TIMESTAMP(url),
	 .required = true,
	 .check = value_is_timestamp_url,
	 .help = "where time stamps are asked for"},
	{.name = "ca",
	 .type = OPTION_PATH,
	 TIMESTAMP(ca),
	 .required = true,
	 .help = "authorities that may vouch for who stamps, in PEM"},
	{.name = "ca-file",
	 .type = OPTION_PATH,
	 TIMESTAMP(ca_file),
	 .help = "whom to trust for this URL, in PEM; none: the system's"},
	{.name = "every",
	 .type = OPTION_DURATION,
	 TIMESTAMP(every),
	 .fallback = "1h",
	 .min = 1,
	 .max = 366 * TIME_DAY,
	 .help = "the least time between two time stamps"},
	{.name = "timeout",
	 .type = OPTION_DURATION,
	 TIMESTAMP(timeout),
	 .fallback = "30s",
	 .min = 1,
	 .max = 600,
	 .help = "the most time that one request may take"},
};

const struct policy_section_desc witness_section =
	SECTION_NAMED("witness", witness_table, struct witness, witnesses,
		      nwitnesses, witnesses_cap, name);

const struct policy_section_desc timestamp_section =
	SECTION_NAMED("timestamp", timestamp_table, struct timestamp,
		      timestamps, ntimestamps, timestamps_cap, name);
