#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Finding one commit among a million records, on the file system of DIR:
#
#     t/bench/ledger-find.sh [DIR [RECORDS]]
#
# Run it in the build directory, after `make t/bench/ledger-find`; it needs
# some 1.5 GB for a million records. Exit status 1: one commit took over 20
# milliseconds, or memory grew over 64 MiB.

set -eu
LC_ALL=C
export LC_ALL

bench=${BENCH:-./t/bench/ledger-find}
[ -x "$bench" ] || { echo "no $bench: make t/bench/ledger-find" >&2; exit 2; }

work=$(mktemp -d "${1:-.}/ledger-find.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$bench" "$work" "${2:-1000000}" | tee "$work/out"
awk '
	/^one commit/ && $(NF - 1) > 20 { bad = 1 }
	/^peak memory/ && $3 > 65536 { bad = 1 }
	END { exit bad }' "$work/out"
