#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wall time of the pre-receive process for a push of 1,000 commits, every
# tenth made with an agent that says so: with emergencies, exceptions, imports,
# bots and what is remembered of other changes, and with none of that.
#
#     t/bench/week.sh [ROUNDS]
#
# Each round begins with the ledger as it was, so that every change is new to
# it. Exit status 1: the ratio of the medians is over 1.2.
#
# BENCH_REMEMBERED: how many changes the second ledger knows already.

# shellcheck source=t/bench/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
rounds=${1:-15}
remembered=${BENCH_REMEMBERED:-2000}

# policy NAME RULE-KEYS MORE: in the directory of that name
policy() {
	mkdir -p "$work/$1"
	cat > "$work/$1/policy.conf" <<EOF
[gatepost]
	mode = enforce
	root = $work
	ledger = $work/$1/ledger
	log = $work/$1/admin.log
	pusher-from = GATEPOST_TEST_USER
	agents = $top/conf/agents.conf
[principal "alice"]
	email = alice@example.com
	login = alice
	role = oncall
[signers]
	ssh = signers
[area "part1"]
	path = src/part1/**
[agent "claude-code"]
[gate "main"]
	ref = refs/heads/main
	rule = ai-provenance
	rule = second-person
	rule = plan
	rule = keep
[rule "ai-provenance"]
	check = provenance
$2
[rule "second-person"]
	check = review
	quorum = 1
	level = warn
$2
[rule "plan"]
	check = rollback
	when = area:part1
	level = warn
$2
[rule "keep"]
	check = history
$3
EOF
	: > "$work/$1/signers"
	"$gatepost" ledger init --origin bench.example "$work/$1/ledger" \
		> /dev/null
}

# commits FROM N: on top of a commit, each in a file of its own
commits() {
	awk -v from="$1" -v n="$2" -v key="$3" 'BEGIN {
		for (i = 1; i <= n; i++) {
			printf "commit refs/heads/bench\n"
			printf "committer alice <alice@example.com> %d +0000\n", 1700000000 + i
			m = "change " i "\n\nThis says why, in a line or two.\n"
			if (i % 10 == 3) m = m "\nCo-authored-by: Claude <noreply@anthropic.com>\n"
			printf "data %d\n%s\n", length(m), m
			if (i == 1) printf "from %s\n", from
			printf "M 100644 inline src/part%d/%s%d.c\n", i % 10, key, i % 97
			c = key " " i "\n"
			printf "data %d\n%s\n", length(c), c
		}
	}'
}

# ready NAME: a copy of the history, the gate, and 1,000 commits in quarantine
ready() {
	cp -r "$work/history" "$work/$1/repo.git"
	"$gatepost" install --policy "$work/$1/policy.conf" "$work/$1/repo.git" \
		> "$work/install" 2>&1 || { cat "$work/install"; exit 1; }
	(
		cd "$work/$1/repo.git"
		main=$(git rev-parse refs/heads/main)
		mkdir objects/incoming-bench
		export GIT_OBJECT_DIRECTORY="$PWD/objects/incoming-bench"
		export GIT_ALTERNATE_OBJECT_DIRECTORIES="$PWD/objects"
		commits "$main" 1000 new | git -c fastimport.unpackLimit=1 \
			fast-import --quiet --force
		tip=$(git rev-parse refs/heads/bench)
		git update-ref -d refs/heads/bench
		echo "$main $tip refs/heads/main" > bench-input
	)
}

# remember NAME: real pushes of other changes, half of them by an agent
remember() {
	clone=$work/clone
	git clone -q "$work/$1/repo.git" "$clone"
	commits "$(git -C "$clone" rev-parse HEAD)" "$remembered" old |
		git -C "$clone" fast-import --quiet --force
	GATEPOST_TEST_USER=alice git -C "$clone" push -q origin \
		bench:refs/heads/other 2> /dev/null
}

# hook NAME: one push; milliseconds on standard output
hook() {
	rm -rf "$work/$1/ledger"
	cp -r "$work/$1/ledger.kept" "$work/$1/ledger"
	(
		cd "$work/$1/repo.git"
		export GIT_DIR=. GATEPOST_TEST_USER=alice
		export GIT_QUARANTINE_PATH="$PWD/objects/incoming-bench"
		export GIT_OBJECT_DIRECTORY="$GIT_QUARANTINE_PATH"
		export GIT_ALTERNATE_OBJECT_DIRECTORIES="$PWD/objects"
		began=$(date +%s%N)
		hooks/pre-receive < bench-input > "$work/answer" 2>&1 || {
			cat "$work/answer" >&2; exit 1
		}
		ended=$(date +%s%N)
		echo $(((ended - began) / 1000))
	)
}

more='
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot'
# shellcheck disable=SC2089 # quotes are the policy's
keys='	emergency = oncall
	waiver = oncall
	import = oncall'
policy without '' ''
policy with "$keys" "$more"
new_history "$work/history" 2000
ready without
ready with
remember with
for name in without with; do
	mv "$work/$name/ledger" "$work/$name/ledger.kept"
	hook $name > /dev/null
done
say_load
i=0
while [ $((i += 1)) -le "$rounds" ]; do
	for name in without with; do
		hook $name >> "$work/$name/times"
	done
done
median() { sort -n "$work/$1/times" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
awk -v a="$(median without)" -v b="$(median with)" 'BEGIN {
	printf "without  median %8.2f ms\n", a / 1000
	printf "with     median %8.2f ms  ratio %.2f\n", b / 1000, b / a
	exit b / a > 1.2
}' && status=0 || status=$?
say_load
exit $status
