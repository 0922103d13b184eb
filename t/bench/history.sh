#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Judging a whole history, with a provenance rule and a rule for an area of
# paths, against `git log --no-merges --name-only --format=%H` of the same
# commits.
#
#     t/bench/history.sh [ROUNDS]
#
# Both run in turn; wall and processor time, medians and their ratios, and the
# data memory that judging takes at its peak (anonymous pages: what it holds
# beside the mapped packs).
#
# BENCH_REPO: a bare repository with a long history (default: one that is
# made). BENCH_REV: what to judge in it (default: HEAD). BENCH_AREAS: two
# patterns of paths, in one string.

# shellcheck source=t/bench/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
rounds=${1:-5}

if [ -n "${BENCH_REPO:-}" ]; then
	git clone -q --bare --shared "$BENCH_REPO" "$work/repo"
	areas=${BENCH_AREAS:-'builtin/** t/t7*.sh'}
else
	new_history "$work/repo" 80000
	areas=${BENCH_AREAS:-'src/part1/** src/part2/file1*.c'}
fi
cd "$work/repo"
rev=$(git rev-parse "${BENCH_REV:-HEAD}^{commit}")
{
	cat <<EOF
[gatepost]
	mode = enforce
	ledger = $work/ledger
	agents = $top/conf/agents.conf
	deadline = 10m
[area "some"]
EOF
	set -f
	for pattern in $areas; do echo "	path = $pattern"; done
	set +f
	cat <<'EOF'
[gate "all"]
	ref = refs/heads/main
	rule = ai-provenance
	rule = plan
[rule "ai-provenance"]
	check = provenance
[rule "plan"]
	check = rollback
	when = area:some
EOF
} > "$work/policy.conf"
"$gatepost" policy check "$work/policy.conf"

# timed NAME COMMAND…: a line "NAME wall cpu" in $work/times
timed() {
	name=$1
	shift
	/usr/bin/env bash -c '
		TIMEFORMAT="%R %U %S"
		time "$@" > "$0.out" 2> "$0.err"
	' "$work/$name" "$@" 2>&1 |
		awk -v n="$name" '{ print n, $1, $2 + $3 }' >> "$work/times"
}

judge() { timed judge "$gatepost" -C . check --policy "$work/policy.conf" "$rev"; }
log() { timed log git log --no-merges --name-only --format=%H "$rev"; }

# The most anonymous memory of the judge, seen while it runs.
memory() {
	"$gatepost" -C . check --policy "$work/policy.conf" "$rev" \
		> "$work/judge.out" 2>&1 &
	parent=$!
	most=0
	while kill -0 $parent 2> /dev/null; do
		for pid in $parent $(cat /proc/$parent/task/$parent/children \
			2> /dev/null); do
			now=$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' \
				"/proc/$pid/status" 2> /dev/null || :)
			[ "${now:-0}" -le $most ] || most=$now
		done
		sleep 0.01
	done
	wait $parent || :
	echo "$most"
}

say_load
echo "$(git rev-list --count "$rev") commits"
judge
log
: > "$work/times"
for _ in $(seq "$rounds"); do
	judge
	log
done
tail -n 1 "$work/judge.err"
sort -k1,1 -k2,2n "$work/times" | awk '
	{ n[$1]++; wall[$1, n[$1]] = $2; cpu[$1, ++c[$1]] = $3 }
	function median(a, name,    i, k, v, t) {
		for (i = 1; i <= n[name]; i++) v[i] = a[name, i]
		for (i = 1; i <= n[name]; i++)
			for (k = i + 1; k <= n[name]; k++)
				if (v[k] < v[i]) { t = v[i]; v[i] = v[k]; v[k] = t }
		return v[int((n[name] + 1) / 2)]
	}
	END {
		for (name in n)
			printf "%-6s wall %.2f s  processor %.2f s (medians of %d)\n",
				name, median(wall, name), median(cpu, name), n[name]
		printf "ratio  wall %.2f    processor %.2f\n",
			median(wall, "judge") / median(wall, "log"),
			median(cpu, "judge") / median(cpu, "log")
	}'
echo "data memory at most $(($(memory) / 1024)) MiB"
say_load
