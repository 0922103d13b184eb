#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Processor time, and wall time, of the pre-receive process for a push of 1,000
# commits, every tenth made with an agent that says so: with emergencies,
# exceptions, imports, bots, approvals that carry, what takes changes back and
# what is remembered of other changes, and with none of that. Every tenth commit
# says that it was picked, and every tenth that it takes something back.
#
#     t/bench/week.sh [ROUNDS]
#
# Each round begins with the ledger as it was, so that every change is new to
# it. Exit status 1: the ratio of the medians of processor time is over 1.2.
#
# BENCH_REMEMBERED: how many changes the second ledger knows already.
# BENCH_COMMITS: how many the push has, 1,000 if not said. What takes back, and
# what was picked, is looked for in pushes of up to 256.

# shellcheck source=t/bench/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
rounds=${1:-15}
remembered=${BENCH_REMEMBERED:-2000} pushed=${BENCH_COMMITS:-1000}

# policy NAME RULE-KEYS MORE GATE-KEYS: in the directory of that name
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
$4
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
			if (i % 10 == 5) m = m "\n(cherry picked from commit " from ")\n"
			if (i % 10 == 7) m = m "\nThis reverts commit " from ".\n"
			printf "data %d\n%s\n", length(m), m
			if (i == 1) printf "from %s\n", from
			printf "M 100644 inline src/part%d/%s%d.c\n", i % 10, key, i % 97
			c = key " " i "\n"
			printf "data %d\n%s\n", length(c), c
		}
	}'
}

# ready NAME: a copy of the history, the gate, and the commits in quarantine
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
		commits "$main" "$pushed" new | git -c fastimport.unpackLimit=1 \
			fast-import --quiet --force
		tip=$(git rev-parse refs/heads/bench)
		git update-ref -d refs/heads/bench
		echo "$main $tip refs/heads/main" > bench-input
	)
}

# remember NAME N: a real push of so many other changes, some by an agent; of
# one, so that the ledger has an index
remember() {
	clone=$work/clone-$1
	git clone -q "$work/$1/repo.git" "$clone"
	commits "$(git -C "$clone" rev-parse HEAD)" "$2" old |
		git -C "$clone" fast-import --quiet --force
	GATEPOST_TEST_USER=alice git -C "$clone" push -q origin \
		bench:refs/heads/other 2> /dev/null
}

# statements NAME: exceptions and imports for other refs, signed
statements() {
	command -v ssh-keygen > /dev/null || return 0
	ssh-keygen -q -t ed25519 -N '' -C alice -f "$work/key" < /dev/null
	printf 'alice %s\n' "$(cut -d' ' -f1,2 "$work/key.pub")" \
		> "$work/$1/signers"
	tip=$(git -C "$work/clone-with" rev-parse HEAD)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		for key in "Waives-rule: plan
Until: $(date -u -d '20 days' +%Y-%m-%d)
Compensating-control: another
Ref: refs/heads/other" "Imports: $tip
Approves-ref: refs/heads/other"; do
			git -C "$work/clone-with" -c gpg.format=ssh \
				-c user.signingKey="$work/key" tag -f -s \
				-m "x

$key
Reason: to be read
Repository: repo" x "$tip" > /dev/null
			case $key in
			W*) to=refs/waivers/plan/alice-$i ;;
			*) to=refs/imports/$tip/alice-$i ;;
			esac
			git -C "$work/$1/repo.git" fetch -q "$work/clone-with" \
				refs/tags/x:refs/tmp
			git -C "$work/$1/repo.git" update-ref "$to" refs/tmp
		done
	done
	git -C "$work/$1/repo.git" update-ref -d refs/tmp
}

more='
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
	may = provenance, review
	may-ref = refs/heads/main
	may-path = package.json'
keys='	emergency = oncall
	waiver = oncall
	import = oncall'
gate='	carry = other
	revert-window = 72h'
policy without '' '' '	revert-window = 0'
policy with "$keys" "$more" "$gate"
new_history "$work/history" 2000
ready without
ready with
remember without 1
remember with "$remembered"
statements with
for name in without with; do
	mv "$work/$name/ledger" "$work/$name/ledger.kept"
done
say_load
python3 - "$work" "$rounds" << 'END' && status=0 || status=$?
import os, resource, shutil, statistics, subprocess, sys, time
work, rounds = sys.argv[1], int(sys.argv[2])

def hook(name):
    ledger = f"{work}/{name}/ledger"
    shutil.rmtree(ledger, ignore_errors=True)
    shutil.copytree(ledger + ".kept", ledger)
    repo = f"{work}/{name}/repo.git"
    env = {"GIT_DIR": ".", "GATEPOST_TEST_USER": "alice",
           "GIT_QUARANTINE_PATH": repo + "/objects/incoming-bench",
           "GIT_OBJECT_DIRECTORY": repo + "/objects/incoming-bench",
           "GIT_ALTERNATE_OBJECT_DIRECTORIES": repo + "/objects"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with open(repo + "/bench-input") as stdin:
        done = subprocess.run([repo + "/hooks/pre-receive"], stdin=stdin,
                              capture_output=True, env=env, cwd=repo)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr.decode() or 2)
    return (after.ru_utime + after.ru_stime - before.ru_utime
            - before.ru_stime, wall)

names = ["without", "with"]
times = {name: [] for name in names}
for i in range(rounds + 1):
    for name in names:
        t = hook(name)
        if i:
            times[name].append(t)
cpu = {n: statistics.median(t[0] for t in times[n]) for n in names}
wall = {n: statistics.median(t[1] for t in times[n]) for n in names}
for n in names:
    print(f"{n:8} processor {cpu[n] * 1e3:8.1f} ms  wall {wall[n] * 1e3:8.1f} ms"
          f"  ratios {cpu[n] / cpu['without']:.2f} {wall[n] / wall['without']:.2f}")
sys.exit(cpu["with"] / cpu["without"] > 1.2)
END
say_load
exit $status
