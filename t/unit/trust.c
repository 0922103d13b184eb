/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust_help.h"

int main(void)
{
	SRunner *r = srunner_create(suite_keys());
	int failed;

	srunner_add_suite(r, suite_signers());
	srunner_add_suite(r, suite_revoked());
	srunner_add_suite(r, suite_canonical());
	srunner_add_suite(r, suite_signature());
	srunner_add_suite(r, suite_approvals());
	srunner_add_suite(r, suite_certificate());
	srunner_add_suite(r, suite_x509());
	srunner_add_suite(r, suite_openpgp());
	srunner_add_suite(r, suite_nonce());
	srunner_add_suite(r, suite_rsa());
	srunner_add_suite(r, suite_gittuf());
	srunner_add_suite(r, suite_statement());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
