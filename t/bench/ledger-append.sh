#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Records a second and latencies of the ledger's append against a bare
# group-commit loop, with 1, 8 and 32 processes, on the file system of DIR:
#
#     t/bench/ledger-append.sh [DIR]
#
# Run it in the build directory, after `make t/bench/ledger-append`. Exit
# status 1: with 8 or 32 processes, the ledger made fewer than nine tenths of
# the loop's records a second, or its 99th percentile took over twice as long.

set -eu
LC_ALL=C
export LC_ALL

bench=${BENCH:-./t/bench/ledger-append}
seconds=${SECONDS_EACH:-2} rounds=${ROUNDS:-3}
[ -x "$bench" ] || { echo "no $bench: make t/bench/ledger-append" >&2; exit 2; }

work=$(mktemp -d "${1:-.}/ledger-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

for n in 1 8 32; do
	mkdir "$work/$n"
	"$bench" "$work/$n" "$n" "$seconds" "$rounds"
done | tee "$work/out"

awk '
	{
		kind = $2 == "bare" ? "bare" : $2
		for (i = 1; i <= NF; i++) {
			if ($(i + 1) == "records/s") rate[$1, kind] += $i
			if ($i == "p99") p99[$1, kind] += $(i + 1)
		}
		seen[$1] = 1
	}
	END {
		for (n = 1; n <= 64; n++) {
			if (!(n in seen)) continue
			r = rate[n, "ledger"] / rate[n, "bare"]
			p = p99[n, "ledger"] / p99[n, "bare"]
			printf "%2d processes: %.2f of the loop'"'"'s records/s, %.2f of its p99\n", n, r, p
			if (n > 1 && (r < 0.9 || p > 2)) bad = 1
		}
		exit bad
	}' "$work/out"
