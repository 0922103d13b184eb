#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Judging a push of SSH-signed commits, type of key by type of key:
#
#     t/bench/signatures.sh [ROUNDS]
#
# In each round, in turn:
#
#     judge     the pre-receive process for a push of COMMITS commits, each
#               signed, under a rule with `check = signature`
#     unsigned  the same push under a rule that asks for no signature
#     speed     as many verifications as `openssl speed` makes them, by the
#               libcrypto that gatepost links
#     git       `git log --format=%G?` of SAMPLE of the commits
#
# and at the end a push of one commit that nobody signed, under policies with
# no signers and with 1,000 that no rule asks after.
#
# Run it in the build directory, after `make t/bench/sign-commits`.
# BENCH_TYPES: types of keys. BENCH_COMMITS, BENCH_SAMPLE: how many.
# Exit status 1: a ratio is not what it should be.

# shellcheck source=t/bench/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
rounds=${1:-3}
types=${BENCH_TYPES:-"ed25519 ecdsa-p256 ecdsa-p384 ecdsa-p521 rsa-2048
	rsa-3072 rsa-4096"}
commits=${BENCH_COMMITS:-10000} sample=${BENCH_SAMPLE:-300}
maker=${BENCH_MAKER:-./t/bench/sign-commits}
[ -x "$maker" ] || { echo "no $maker: make t/bench/sign-commits" >&2; exit 2; }
maker=$(realpath "$maker")
timer=$work/push-time
${CC:-cc} -O2 -std=gnu11 -D_GNU_SOURCE -o "$timer" "$bench_dir/push-time.c"

# policy FILE SIGNERS CHECK: SIGNERS may be nothing
policy() {
	{
		cat <<-END
		[gatepost]
			mode = enforce
			root = $work
			ledger = $work/ledger
			log = $work/admin.log
			pusher-from = GATEPOST_TEST_USER
			agents = $top/conf/agents.conf
			deadline = 10m
		END
		[ -z "$2" ] || printf '[signers]\n\tssh = %s\n' "$2"
		for i in 0 1 2 3; do
			printf '[principal "dev%d"]\n\temail = dev%d@example.com\n' \
				$i $i
		done
		cat <<-END
		[gate "main"]
			ref = refs/heads/main
			rule = all
		[rule "all"]
			check = $3
		END
	} > "$1"
}

# server NAME POLICY: a repository with a gate, and room for a push
server() {
	new_repository "$work/$1"
	git -C "$work/$1" symbolic-ref HEAD refs/heads/main
	"$gatepost" install --policy "$2" "$work/$1" > "$work/install" 2>&1 ||
		{ cat "$work/install"; exit 1; }
	mkdir -p "$work/$1/objects/incoming-bench/pack"
}

# take_pack NAME TYPE: the signed commits of a type come into the quarantine
take_pack() {
	(
		cd "$work/$1"
		GIT_DIR=. GIT_OBJECT_DIRECTORY=$PWD/objects/incoming-bench \
			git index-pack --stdin < "$work/$2.pack" > "$work/out"
		echo "$(printf '%040d' 0) $(cat "$work/$2.id") refs/heads/main" \
			> bench-input
	)
}

# timed NAME N INPUT COMMAND…: a line "NAME wall processor" in microseconds for
# each of N
timed() {
	name=$1 n=$2 input=$3
	shift 3
	/usr/bin/env bash -c '
		TIMEFORMAT="%R %U %S"
		time "$@" < "$0" > "$OUT" 2> "$OUT.err"
	' "$input" "$@" 2> "$work/$name.time" || {
		echo "$name failed:" >&2
		tail -n 5 "$OUT" "$OUT.err" >&2
		exit 1
	}
	awk -v name="$name" -v n="$n" '{ printf "%s %.3f %.3f\n", name,
		$1 * 1e6 / n, ($2 + $3) * 1e6 / n }' "$work/$name.time" \
		>> "$work/times"
}
export OUT="$work/out"

push() { # name, n, server
	at=$work/$3
	timed "$1" "$2" "$at/bench-input" env -C "$at" GIT_DIR=. \
		GIT_QUARANTINE_PATH="$at/objects/incoming-bench" \
		GIT_OBJECT_DIRECTORY="$at/objects/incoming-bench" \
		GIT_ALTERNATE_OBJECT_DIRECTORIES="$at/objects" \
		GATEPOST_TEST_USER=dev0 hooks/pre-receive
}

git_log() { # type
	at=$work/$1-judge
	GIT_OBJECT_DIRECTORY=$at/objects/incoming-bench \
		timed git "$sample" /dev/null git -C "$at" -c gpg.format=ssh \
		-c gpg.ssh.allowedSignersFile="$work/$1.signers" \
		log -n "$sample" --format=%G? "$(cat "$work/$1.id")"
	[ "$(sort "$OUT" | uniq -c | tr -d ' ')" = "${sample}G" ] ||
		{ echo "git does not take these signatures" >&2; exit 1; }
}

# median NAME COLUMN
median() {
	awk -v n="$1" -v c="$2" '$1 == n { print $c }' "$work/times" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# What is wanted of a type: the share of libcrypto's rate, and how many times
# git's. README says why four types get less.
wanted() {
	case $1 in
	rsa-2048) echo 0.55 50 ;;
	rsa-3072) echo 0.7 50 ;;
	*-p384 | *-p521) echo 0.8 15 ;;
	*) echo 0.8 50 ;;
	esac
}

measure() { # type
	"$maker" make "$1" "$commits" "$work/$1.signers" \
		> "$work/$1.pack" 2> "$work/$1.id"
	policy "$work/$1.conf" "$work/$1.signers" signature
	policy "$work/$1-unsigned.conf" '' history
	server "$1-judge" "$work/$1.conf"
	server "$1-unsigned" "$work/$1-unsigned.conf"
	take_pack "$1-judge" "$1"
	take_pack "$1-unsigned" "$1"
	rm "$work/$1.pack"
	: > "$work/times"
	for _ in $(seq "$rounds"); do
		push judge "$commits" "$1-judge"
		echo "speed $("$maker" rate "$1" "$commits")" >> "$work/times"
		push unsigned "$commits" "$1-unsigned"
		git_log "$1"
	done
	wanted=$(wanted "$1")
	for name in judge speed unsigned git; do
		echo "$name $(median $name 2) $(median $name 3)"
	done | awk -v type="$1" -v least="${wanted% *}" \
		-v git="${wanted#* }" '
		{ wall[$1] = $2; cpu[$1] = $3 }
		END {
			share = cpu["speed"] / cpu["judge"]
			times = wall["git"] / wall["judge"]
			printf "%-10s judged %6.0f/s, openssl %6.0f/s: ratio %.2f " \
				"(processor %.2f); no rule %.1f us; git %.0f/s: " \
				"%.0f times\n", type, 1e6 / wall["judge"],
				1e6 / wall["speed"], wall["speed"] / wall["judge"],
				share, cpu["unsigned"], 1e6 / wall["git"], times
			exit share < least || times < git
		}'
}

# one_commit NAME SIGNERS: a push of a commit that nobody signed
one_commit() {
	policy "$work/$1.conf" "$2" history
	server "$1" "$work/$1.conf"
	(
		cd "$work/$1"
		export GIT_DIR=. GIT_OBJECT_DIRECTORY="$PWD/objects/incoming-bench"
		tree=$(git mktree < /dev/null)
		commit=$(echo 'a commit' | git commit-tree "$tree")
		echo "$(printf '%040d' 0) $commit refs/heads/main" > bench-input
	)
}

# Nothing to verify: neither libcrypto's EVP nor the keys cost anything.
nothing_signed() {
	awk -v n=1000 -v signers="$work/$1.signers" '
		BEGIN {
			getline key < signers
			sub(/^[^ ]* /, "", key)
			for (i = 0; i < n; i++)
				printf "dev%d@example.com namespaces=\"git\" %s\n", i % 4, key
		}' > "$work/many.signers"
	one_commit none ''
	one_commit signers "$work/many.signers"
	"$timer" 100 "$work/none" "$work/signers"
}

"$gatepost" ledger init --origin bench.example "$work/ledger" > /dev/null
status=0
say_load
for type in $types; do
	measure "$type" || status=1
	first=${first:-$type}
done
nothing_signed "$first"
say_load
exit $status
