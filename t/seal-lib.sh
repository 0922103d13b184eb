# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# For tests of seals. Sourced after lib.sh.

ledger=$work/ledger

# some COUNT [BYTES]: so many more records
some() { "$python" "$t_dir/make-records.py" "$ledger" "$@"; }
seal() { "$gatepost" ledger seal --ledger "$ledger" "$@"; }
verify() { "$gatepost" ledger verify --ledger "$ledger" "$@"; }
# independent [VKEY]: what an auditor's own program says of what is served
independent() {
	"$python" "$t_dir/verify-log.py" "$ledger/sealed" \
		"${1:-$(head -n 1 "$ledger/sealed/vkeys")}"
}
size() { sed -n 2p "$ledger/sealed/checkpoint"; }
