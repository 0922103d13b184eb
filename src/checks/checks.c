/* SPDX-License-Identifier: Apache-2.0 */
#include "checks/check.h"

#include <string.h>

#define CHECK(name) &check_##name,
const struct check *const checks_all[] = {
#include "checks/checks.def"
};
#undef CHECK

const size_t checks_count = sizeof(checks_all) / sizeof(checks_all[0]);

#define CHECK(name) &check_##name.kind,
const struct rule_kind *const checks_kinds[] = {
#include "checks/checks.def"
};
#undef CHECK

const struct check *check_of_kind(const struct rule_kind *kind)
{
	size_t i;

	for (i = 0; i < checks_count; i++)
		if (&checks_all[i]->kind == kind)
			return checks_all[i];
	return NULL;
}

bool push_cert_proves(const struct push_cert_facts *c)
{
	return c && c->state == PUSH_CERT_FITS &&
	       c->signature.status == SIG_GOOD && c->signature.principal;
}

const char *check_ref_short(const char *ref)
{
	static const char heads[] = "refs/heads/";

	return strncmp(ref, heads, sizeof(heads) - 1) == 0
		       ? ref + sizeof(heads) - 1
		       : ref;
}
