/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

static const struct cli_command *const policy_below[] = {
	&command_policy_check,
	&command_policy_show,
	&command_policy_publish,
	&command_policy_would,
	NULL,
};

static const struct cli_command command_policy = {
	.name = "policy",
	.summary = "check, show, publish a policy; what it would refuse",
	.help = "usage: gatepost policy COMMAND [ARGUMENTS]\n\n"
		"Look at policies. gatepost-policy(5) describes the file.\n\n",
	.below = policy_below,
};

static const struct cli_command *const ledger_below[] = {
	&command_ledger_init,
	&command_ledger_list,
	&command_ledger_show,
	&command_ledger_evidence,
	&command_ledger_reconcile,
	&command_ledger_reindex,
	&command_ledger_seal,
	&command_ledger_key,
	&command_ledger_verify,
	&command_ledger_prove,
	&command_ledger_verify_proof,
	&command_ledger_consistency,
	&command_ledger_cosign,
	&command_ledger_export,
	&command_ledger_retain,
	&command_ledger_erase,
	&command_ledger_hold,
	&command_ledger_release,
	&command_ledger_follow,
	&command_ledger_send,
	NULL,
};

static const struct cli_command command_ledger = {
	.name = "ledger",
	.summary = "make a ledger, read its records",
	.help = "usage: gatepost ledger COMMAND [ARGUMENTS]\n\n"
		"The records of all decisions. gatepost-records(5) describes "
		"them.\n\n",
	.below = ledger_below,
};

const struct cli_command *const cli_commands[] = {
	&command_install,
	&command_uninstall,
	&command_mode,
	&command_status,
	&command_check,
	&command_approvals,
	&command_inspect,
	&command_policy,
	&command_ledger,
	&command_audit,
	&command_courier,
	NULL,
};
