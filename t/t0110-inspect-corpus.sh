#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `gatepost inspect --json` gives the trailers that git prints, on real
# commits: those of a corpus with git's answers, and every commit of a clone.
# Neither is part of this tree: the corpus is looked for beside it or where
# GATEPOST_CORPUS says, the clone where BENCH_REPO says.

top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
: "${GATEPOST_PREFIX:?the prefix where gatepost is installed}"
corpus=${GATEPOST_CORPUS:-$top/../shared/data/trailers-corpus.ndjson.gz}
n=0 failed=0

# compare WHAT PATH NAME HOW-TO-GET-IT
compare() {
	n=$((n + 1))
	if ! [ -r "$2" ]; then
		echo "ok $n - $3 # SKIP $4"
	fi
	[ -r "$2" ] || return
	said=$(python3 "$top/t/inspect-corpus.py" \
		"$GATEPOST_PREFIX/bin/gatepost" "$1" "$2" 2>&1)
	printf '%s\n' "$said" | sed 's/^[^#]/# &/'
	case $said in
	*' commits, 0 differ') echo "ok $n - $3" ;;
	*)
		failed=1
		echo "not ok $n - $3"
		;;
	esac
}

compare corpus "$corpus" 'inspect equals git log on the corpus' \
	'no corpus (set GATEPOST_CORPUS to its path)'
compare repository "${BENCH_REPO:-/nonexistent}" \
	'inspect equals git log on every commit of a clone' \
	'no clone (set BENCH_REPO to one)'
echo "1..$n"
exit $failed
