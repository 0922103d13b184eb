/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/tables.h"

#include <string.h>

#include "policy/section_anchors.h"
#include "policy/section_gatepost.h"
#include "policy/section_gates.h"
#include "policy/section_people.h"
#include "policy/section_retention.h"
#include "policy/sink_table.h"

static const struct policy_section_desc *const sections[] = {
	&gatepost_section, &ledger_section,    &retention_section,
	&signers_section,  &principal_section, &agent_section,
	&area_section,	   &gate_section,      &rule_section,
	&sink_section,	   &witness_section,   &timestamp_section,
};

const struct policy_section_desc *const *policy_sections(size_t *n)
{
	*n = sizeof(sections) / sizeof(sections[0]);
	return sections;
}

const struct policy_section_desc *policy_section_find(const char *section)
{
	size_t i;

	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (!strcmp(sections[i]->section, section))
			return sections[i];
	return NULL;
}
