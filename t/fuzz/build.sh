#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes a fuzzer of every target, with clang's libFuzzer and the sanitizers
# for memory and undefined behaviour:
#
#     t/fuzz/build.sh DIR             then DIR/fuzz-NAME DIR/corpus/NAME
#     t/fuzz/build.sh DIR SECONDS     and lets each run for so long
#
# What one finds is in DIR/found. README says more.
#
# PKG_CONFIG_PATH: where the libraries' .pc files are, as for configure.
set -eu
dir=${1:?directory to build in} seconds=${2:-0}
top=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$dir/found"
dir=$(cd "$dir" && pwd)
cd "$dir"

targets=$(sed -n 's/^TARGET(\([a-z0-9_]*\),.*/\1/p' "$top/t/fuzz/targets.def")
flags='-O1 -g -fsanitize=fuzzer-no-link'
[ -f Makefile ] || "$top/configure" -q --enable-sanitizers \
	CC="${CLANG:-clang}" CFLAGS="$flags" > configure.log 2>&1
flags=$(make -s fuzz-flags 2> make.log | tail -n 1)

for name in $targets; do
	scratch=
	! grep -q '"scratch.h"' "$top/t/fuzz/$name.c" ||
		scratch=$top/t/fuzz/scratch.c
	# shellcheck disable=SC2086 # lists of words
	"${CLANG:-clang}" -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer \
		-DTOP_SRCDIR="\"$top\"" -I"$top/src" -I. -I"$top/t/fuzz" \
		-o "fuzz-$name" "$top/t/fuzz/$name.c" $scratch $flags
	mkdir -p "corpus/$name"
	seeds=$(sed -n "s/^TARGET($name, \"\(.*\)\")/\1/p" \
		"$top/t/fuzz/targets.def")
	# seeds of one name in two directories are two seeds
	(cd "$top" && for seed in $seeds; do
		cp "$seed" "$dir/corpus/$name/$(echo "$seed" | tr / -)"
	done)
done
[ "$seconds" != 0 ] || exit 0

status=0
for name in $targets; do
	nice -n 19 "./fuzz-$name" -max_total_time="$seconds" -timeout=10 \
		-rss_limit_mb=1024 -max_len=8192 -print_final_stats=1 \
		-artifact_prefix="found/$name-" "corpus/$name" \
		> "$name.log" 2>&1 || { status=1; echo "found: $name.log"; }
	sed -n "s/^stat::number_of_executed_units: */$name: runs /p" "$name.log"
done
exit $status
