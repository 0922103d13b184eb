/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_COMMANDS_H
#define GATEPOST_CLI_COMMANDS_H

/**
 * Every sub-command, each in the source file of its name.
 */

#include "cli/cli.h"

extern const struct cli_command command_install;
extern const struct cli_command command_uninstall;
extern const struct cli_command command_mode;
extern const struct cli_command command_status;
extern const struct cli_command command_approvals;
extern const struct cli_command command_audit;
extern const struct cli_command command_check;
extern const struct cli_command command_inspect;
extern const struct cli_command command_policy_check;
extern const struct cli_command command_policy_publish;
extern const struct cli_command command_policy_show;
extern const struct cli_command command_policy_would;
extern const struct cli_command command_ledger_consistency;
extern const struct cli_command command_ledger_erase;
extern const struct cli_command command_ledger_cosign;
extern const struct cli_command command_ledger_evidence;
extern const struct cli_command command_ledger_export;
extern const struct cli_command command_ledger_follow;
extern const struct cli_command command_ledger_init;
extern const struct cli_command command_ledger_key;
extern const struct cli_command command_ledger_list;
extern const struct cli_command command_ledger_prove;
extern const struct cli_command command_ledger_hold;
extern const struct cli_command command_ledger_release;
extern const struct cli_command command_ledger_retain;
extern const struct cli_command command_ledger_seal;
extern const struct cli_command command_ledger_send;
extern const struct cli_command command_ledger_show;
extern const struct cli_command command_ledger_reconcile;
extern const struct cli_command command_ledger_reindex;
extern const struct cli_command command_ledger_verify;
extern const struct cli_command command_ledger_verify_proof;
extern const struct cli_command command_courier;

#endif
