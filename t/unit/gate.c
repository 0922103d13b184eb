/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "gate_help.h"

int main(void)
{
	SRunner *r = srunner_create(suite_report());
	int failed;

	srunner_add_suite(r, suite_answer());
	srunner_add_suite(r, suite_ask());
	srunner_add_suite(r, suite_remedy());
	srunner_add_suite(r, suite_judging());
	srunner_add_suite(r, suite_judge());
	srunner_add_suite(r, suite_memory());
	srunner_add_suite(r, suite_order());
	srunner_add_suite(r, suite_parts());
	srunner_add_suite(r, suite_segments());
	srunner_add_suite(r, suite_emergency());
	srunner_add_suite(r, suite_unverified());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
