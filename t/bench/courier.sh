#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# How fast the courier delivers, against curl posting the very same bodies over
# one connection to the same receiver; what a dead destination costs a push;
# how much memory a long drain takes.
#
#     t/bench/courier.sh [ROUNDS [RECORDS]]
#
# Run it in the build directory, after `make t/bench/courier-help`. Exit status
# 1: something is not as wanted. What a push takes is told from what it takes
# else by a busy machine only in many rounds.

# shellcheck source=t/bench/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
rounds=${1:-7}
records=${2:-100000}
help=${BENCH:-$PWD/t/bench/courier-help}
[ -x "$help" ] || { echo "no $help: make t/bench/courier-help" >&2; exit 2; }
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null || :; done
	[ -n "${KEEP:-}" ] && echo "kept $work" || rm -rf "$work"' EXIT
bad=0

# serve KIND NAME [DIR]: sets $port
serve() {
	"$help" "$1" "$work/$2.port" ${3:+"$3"} &
	pids="$pids $!"
	while [ ! -s "$work/$2.port" ]; do sleep 0.1; done
	port=$(cat "$work/$2.port")
}

# policy NAME LEDGER LINES: a destination, of those lines, and no gate
policy() {
	cat > "$work/$1.conf" <<END
[gatepost]
	mode = enforce
	root = $work
	ledger = $2
	log = $work/$1.log
	pusher-from = GATEPOST_TEST_USER
	agents = $top/conf/agents.conf
$3
END
}

destination() {
	printf '[sink "bench"]\n\turl = http://127.0.0.1:%s/\n%s\n' "$1" "$2"
}

# made N: a sealed ledger of so many records
made() {
	"$help" fill "$work/ledger-$1" "$1"
	"$gatepost" ledger seal --ledger "$work/ledger-$1" > /dev/null 2>&1 || {
		"$gatepost" ledger key --ledger "$work/ledger-$1" rotate
		"$gatepost" ledger seal --ledger "$work/ledger-$1"
	} > /dev/null
}

# drain NAME LEDGER: all of it from the start; prints what `run` does
drain() {
	rm -rf "$2/cursors"
	"$help" run "$gatepost" courier run --once --deadline 300 \
		--policy "$work/$1.conf"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
column() { awk -v c="$2" '{ print $c }' "$1" | median; }
ratio() { awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }
most() {
	awk "BEGIN { exit !($2 > $3) }" || return 0
	echo "too much: $1 is $2, and $3 at most is wanted"
	bad=1
}

# same_as_curl NAME FORMAT-LINES
same_as_curl() {
	mkdir "$work/$1-bodies"
	serve receive "$1-keep" "$work/$1-bodies"
	policy "$1" "$work/ledger-$records" "$(destination "$port" "$2")"
	drain "$1" "$work/ledger-$records" > "$work/first"
	serve receive "$1"
	policy "$1" "$work/ledger-$records" "$(destination "$port" "$2")"
	for body in "$work/$1-bodies"/*; do
		printf 'url = "http://127.0.0.1:%s/"\n' "$port"
		printf 'data-binary = "@%s"\nheader = "Expect:"\nnext\n' "$body"
	done | sed '$d' > "$work/$1.curl"
	: > "$work/$1-courier" && : > "$work/$1-curl"
	for _ in $(seq "$rounds"); do
		drain "$1" "$work/ledger-$records" >> "$work/$1-courier"
		"$help" run curl -sS -K "$work/$1.curl" >> "$work/$1-curl"
	done
	for what in 'wall time:1' 'processor time:2'; do
		c=${what#*:}
		us=$(column "$work/$1-courier" "$c")
		them=$(column "$work/$1-curl" "$c")
		by=$(ratio "$us" "$them")
		printf '%-8s %-15s %8.1f ms, curl %8.1f ms, ratio %s\n' "$1" \
			"${what%:*}" "$us" "$them" "$by"
		[ "$c" = 2 ] || most "$1: ${what%:*} against curl's" "$by" 2
	done
	rm -r "$work/$1-bodies"
}

# peak N: of the courier, in KiB, while it drains so many records
peak() {
	[ -d "$work/ledger-$1" ] || made "$1"
	policy "peak-$1" "$work/ledger-$1" "$(destination "$port" \
		"	format = cloudevents-batch
	batch-max = 500")"
	drain "peak-$1" "$work/ledger-$1" | cut -d' ' -f3
}

# flat: one more record costs no memory
flat() {
	serve receive peak
	few=$(peak 1000) more=$(peak 10000) many=$(peak "$records")
	echo "memory   1,000: $few KiB, 10,000: $more KiB, $records: $many KiB"
	most 'memory for many records against 1,000' "$(ratio "$many" "$few")" \
		1.25
}

# server NAME LINES: a repository whose policy has this destination, and a
# commit for it in quarantine
server() {
	cp -r "$work/history" "$work/$1"
	"$gatepost" ledger init --origin "$1.example" "$work/$1-ledger" \
		> /dev/null
	policy "$1" "$work/$1-ledger" "$2
[principal \"alice\"]
	email = alice@example.com
	login = alice
[agent \"claude-code\"]
[gate \"release\"]
	ref = refs/heads/main
	rule = ai-provenance
[rule \"ai-provenance\"]
	check = provenance"
	"$gatepost" install --policy "$work/$1.conf" "$work/$1" \
		> "$work/install" 2>&1 || { cat "$work/install"; exit 1; }
	mkdir -p "$work/$1/objects/incoming-bench"
	(
		cd "$work/$1"
		export GIT_DIR=. GIT_INDEX_FILE="$work/$1.index"
		main=$(git rev-parse refs/heads/main)
		git read-tree "$main"
		export GIT_OBJECT_DIRECTORY="$work/$1/objects/incoming-bench"
		export GIT_ALTERNATE_OBJECT_DIRECTORIES="$work/$1/objects"
		commit=$(echo 'a commit' |
			git commit-tree -p "$main" "$(git write-tree)")
		echo "$main $commit refs/heads/main" > bench-input
	)
}

# With the courier running, as a service; else the hook of the first push
# starts one, and those behind it find it at work.
dead() {
	${CC:-cc} -O2 -std=gnu11 -D_GNU_SOURCE -o "$work/push-time" \
		"$bench_dir/push-time.c"
	new_history "$work/history" 1000
	serve hole hole
	server none ''
	server refused "$(destination 1 '	timeout = 5s')"
	server silent "$(destination "$port" '	timeout = 5s')"
	for name in refused silent; do
		"$gatepost" courier run --policy "$work/$name.conf" &
		pids="$pids $!"
	done
	"$work/push-time" "$((rounds * 40))" "$work/none" "$work/refused" \
		"$work/silent" | tee "$work/pushes"
	for name in refused silent; do
		added=$(awk -v n=$name '
			$1 == "none" { t = $3 }
			$1 == n { printf "%.2f", $3 - t }' "$work/pushes")
		echo "push     $name: $added ms more than with no destination"
		most "what a dead destination adds ($name)" "$added" 1
	done
}

say_load
dead
say_load
made "$records"
flat
same_as_curl batch '	format = cloudevents-batch
	batch-max = 500'
same_as_curl ndjson '	format = ndjson
	batch-max = 500'
# The bodies of two products, whatever their answers would be.
template='	format = template
	frame = ndjson
	batch-max = 500'
same_as_curl bulk "$template
	body-template = $top/conf/sinks/elasticsearch/create.ndjson"
same_as_curl hec "$template
	var = sourcetype gatepost:record
	body-template = $top/conf/sinks/splunk-hec/event.json"
say_load
exit $bad
