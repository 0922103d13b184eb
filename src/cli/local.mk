# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += gatepost
gatepost_SOURCES = \
	src/cli/approvals.c \
	src/cli/approvals_print.c src/cli/approvals_print.h \
	src/cli/audit.c src/cli/audit.h \
	src/cli/audit_judge.c \
	src/cli/audit_tickets.c src/cli/audit_tickets.h \
	src/cli/audit_waivers.c \
	src/cli/baseline.c src/cli/baseline.h \
	src/cli/check.c \
	src/cli/cli.h \
	src/cli/commands.c src/cli/commands.h \
	src/cli/courier.c \
	src/cli/follow_source.c src/cli/follow_source.h \
	src/cli/hooks_dir.c src/cli/hooks_dir.h \
	src/cli/inspect.c \
	src/cli/inspection.c src/cli/inspection.h \
	src/cli/inspection_print.c \
	src/cli/install.c \
	src/cli/json.c src/cli/json.h \
	src/cli/ledger_anchors.c src/cli/ledger_anchors.h \
	src/cli/ledger_consistency.c \
	src/cli/ledger_erase.c \
	src/cli/ledger_cosign.c \
	src/cli/ledger_cosign_serve.c src/cli/ledger_cosign_serve.h \
	src/cli/ledger_evidence.c \
	src/cli/ledger_export.c \
	src/cli/ledger_hold.c \
	src/cli/ledger_follow.c \
	src/cli/ledger_init.c \
	src/cli/ledger_key.c \
	src/cli/ledger_keys.c src/cli/ledger_keys.h \
	src/cli/ledger_list.c \
	src/cli/ledger_open.c src/cli/ledger_open.h \
	src/cli/ledger_prove.c \
	src/cli/ledger_reading.c src/cli/ledger_reading.h \
	src/cli/ledger_reconcile.c \
	src/cli/ledger_reindex.c \
	src/cli/ledger_release.c \
	src/cli/ledger_retain.c \
	src/cli/ledger_seal.c \
	src/cli/ledger_send.c \
	src/cli/ledger_show.c \
	src/cli/ledger_verify.c \
	src/cli/ledger_verify_proof.c \
	src/cli/main.c \
	src/cli/mode.c \
	src/cli/options.c \
	src/cli/place.c src/cli/place.h \
	src/cli/policy_check.c \
	src/cli/policy_publish.c \
	src/cli/policy_show.c \
	src/cli/policy_would.c \
	src/cli/publish.c src/cli/publish.h \
	src/cli/reconciling.c src/cli/reconciling.h \
	src/cli/settings.c src/cli/settings.h \
	src/cli/status.c \
	src/cli/status_emergencies.c src/cli/status_emergencies.h \
	src/cli/status_tickets.c src/cli/status_tickets.h \
	src/cli/trial.c src/cli/trial.h \
	src/cli/uninstall.c
gatepost_LDADD = libcourier.a $(gate_libs)
