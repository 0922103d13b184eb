#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wall time of the pre-receive process for a push of one commit: fork, sandbox
# and fdatasync included, as git would run it.
#
#     t/bench/push.sh [ROUNDS]
#
# The servers, in turn:
#
#     short    1,000 commits, 10 refs
#     long     80,000 commits, 10 refs
#     pulls    80,000 commits, 100,000 refs that no gate matches
#     heads    80,000 commits, 100,000 gated branches
#     tips     80,000 commits, 100,000 unmerged pull requests at the time of
#              `gatepost install`
#
# BENCH_REPO: a bare repository with a long history to use in place of a made
# one. BENCH_DIR: where to work; the disk that matters is the ledger's.
# BENCH_ONLY: names of servers to measure besides short.

# shellcheck source=t/bench/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
rounds=${1:-100}
many=100000

${CC:-cc} -O2 -std=gnu11 -D_GNU_SOURCE -o "$work/push-time" \
	"$bench_dir/push-time.c"

cat > "$work/policy.conf" <<EOF
[gatepost]
	mode = enforce
	root = $work
	ledger = $work/ledger
	log = $work/admin.log
	pusher-from = GATEPOST_TEST_USER
	agents = $top/conf/agents.conf
[principal "alice"]
	email = alice@example.com
	login = alice
[area "part1"]
	path = src/part1/**
[agent "claude-code"]
[gate "release"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = ai-provenance
	rule = plan
	rule = keep
[rule "ai-provenance"]
	check = provenance
[rule "plan"]
	check = rollback
	when = area:part1
[rule "keep"]
	check = history
EOF
"$gatepost" ledger init --origin bench.example "$work/ledger" > /dev/null

# server NAME HISTORY: a copy of the history with ten refs
server() {
	cp -r "$2" "$work/$1"
	main=$(git -C "$work/$1" rev-parse refs/heads/main)
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "create refs/heads/topic/$i $main"
	done | git -C "$work/$1" update-ref --stdin
	git -C "$work/$1" pack-refs --all
}

# add_refs NAME PREFIX: 100,000 of them, spread over the history
add_refs() {
	(cd "$work/$1" && {
		cat packed-refs | sed '/^#/d;/^\^/d'
		git rev-list main | awk -v n=$many -v p="$2" '
			{ id[NR - 1] = $0 }
			END { for (i = 0; i < n; i++)
				print id[(i * 7919) % NR], p i "/head" }'
	} | sort -k2 > refs.new && {
		echo '# pack-refs with: peeled fully-peeled sorted '
		cat refs.new
	} > packed-refs && rm refs.new)
	sed -i 's,\(refs/heads/.*\)/head$,\1,' "$work/$1/packed-refs"
}

# add_tips NAME: 100,000 commits that nothing else holds, each with a ref
add_tips() {
	git -C "$work/$1" rev-list main | awk -v n=$many '
		{ id[NR - 1] = $0 }
		END { for (i = 0; i < n; i++) {
			printf "commit refs/pull/%d/head\n", i
			printf "committer dev <dev@example.com> %d +0000\n", 1400000000 + i
			printf "data 5\ntry\n\nfrom %s\n", id[(i * 7919) % NR]
		} }' | git -C "$work/$1" fast-import --quiet
	git -C "$work/$1" pack-refs --all --prune
	git -C "$work/$1" repack -q -a -d
}

# ready NAME: the gate, and a commit in quarantine; loose objects, as few
# enough are for receive.unpackLimit
ready() {
	"$gatepost" install --policy "$work/policy.conf" "$work/$1" \
		> "$work/install" 2>&1 || { cat "$work/install"; exit 1; }
	mkdir -p "$work/$1/objects/incoming-bench"
	(
		cd "$work/$1"
		export GIT_DIR=.
		main=$(git rev-parse refs/heads/main)
		export GIT_INDEX_FILE="$work/index"
		rm -f "$work/index"
		git read-tree "$main"
		export GIT_OBJECT_DIRECTORY="$work/$1/objects/incoming-bench"
		export GIT_ALTERNATE_OBJECT_DIRECTORIES="$work/$1/objects"
		blob=$(echo "$1" | git hash-object -w --stdin)
		git update-index --add --cacheinfo "100644,$blob,src/part2/new.c"
		commit=$(echo 'a commit of one file' |
			git commit-tree -p "$main" "$(git write-tree)")
		echo "$main $commit refs/heads/main" > bench-input
	)
}

wanted() {
	case " ${BENCH_ONLY:-long pulls heads tips} " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

new_history "$work/history-1k" 1000
if [ -n "${BENCH_REPO:-}" ]; then
	new_repository "$work/history-80k"
	git -C "$work/history-80k" fetch -q "$BENCH_REPO" HEAD:refs/heads/main
	git -C "$work/history-80k" symbolic-ref HEAD refs/heads/main
else
	new_history "$work/history-80k" 80000
fi
server short "$work/history-1k"
ready short
set -- "$work/short"
for name in long pulls heads tips; do
	wanted $name || continue
	server $name "$work/history-80k"
	[ $name != pulls ] || add_refs pulls refs/pull/
	[ $name != heads ] || add_refs heads refs/heads/release/
	[ $name != tips ] || add_tips tips
	ready $name
	set -- "$@" "$work/$name"
done
sync
say_load
"$work/push-time" "$rounds" "$@"
say_load
