#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who brought a change, asked where ten million are known, on the file system
# of DIR:
#
#     t/bench/memory-find.sh [DIR [CHANGES]]
#
# Run it in the build directory, after `make t/bench/memory-find`; it needs
# some 1 GB for ten million. Exit status 1: the median answer took over 0.1
# milliseconds.

set -eu
LC_ALL=C
export LC_ALL

bench=${BENCH:-./t/bench/memory-find}
[ -x "$bench" ] || { echo "no $bench: make t/bench/memory-find" >&2; exit 2; }

work=$(mktemp -d "${1:-.}/memory-find.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$bench" "$work" "${2:-10000000}"
