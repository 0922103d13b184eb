/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policy/policy.h"

static bool says_mode(const struct syntax *s, const struct syntax_entry *e,
		      const char *section)
{
	return !strcmp(e->key, "mode") &&
	       !strcmp(s->sections[e->section].name, section);
}

static bool is_lenient(const char *value)
{
	return value && (!strcmp(value, "warn") || !strcmp(value, "off"));
}

bool policy_only_warns(const char *path)
{
	struct policy_mistakes mistakes = {0};
	struct err ignored = {0};
	struct syntax s = {0};
	bool said = false, lenient = true;
	size_t i;
	int rc = syntax_read(&s, path, SYNTAX_TRUSTED, &mistakes, &ignored);

	for (i = 0; i < s.nentries; i++) {
		const struct syntax_entry *e = &s.entries[i];

		if (says_mode(&s, e, "gatepost"))
			said = true;
		if (says_mode(&s, e, "gatepost") || says_mode(&s, e, "gate"))
			lenient &= is_lenient(e->value);
	}
	/* a line that could not be read may have said otherwise */
	lenient &= !rc && !mistakes.n;
	syntax_release(&s);
	policy_mistakes_release(&mistakes);
	return said && lenient;
}
