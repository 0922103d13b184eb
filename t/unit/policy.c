/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "policy_help.h"

int main(void)
{
	SRunner *r = srunner_create(suite_syntax());
	int failed;

	srunner_add_suite(r, suite_tables());
	srunner_add_suite(r, suite_load());
	srunner_add_suite(r, suite_scope());
	srunner_add_suite(r, suite_repository());
	srunner_add_suite(r, suite_agents());
	srunner_add_suite(r, suite_conf());
	srunner_add_suite(r, suite_principals());
	srunner_add_suite(r, suite_may());
	srunner_add_suite(r, suite_mirror());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
