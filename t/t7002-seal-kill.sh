#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whoever seals may be killed before any of their system calls, or the disk
# fails them: what is published is always whole, extends what was published
# before, and the next run goes on. By default some of the calls are tried; with
# LONG=1, all; with PARTS=kill or PARTS=disk one of the two alone.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

command -v "${CC:-cc}" > /dev/null || skip_all 'no compiler'
"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -o "$work/kill-at" \
	"$t_dir/kill-at.c" > "$work/out" 2>&1 ||
	skip_all 'kill-at.c does not compile here'
"$work/kill-at" 0 "$work/count" /bin/true ||
	skip_all 'processes may not be traced here'

faults=$work/faults
: > "$faults"
fault() {
	echo "$where: $1" >> "$faults"
	[ $# -lt 2 ] || sed 's/^/	/' "$2" >> "$faults"
}

# begin RECORDS SEALED: a ledger to start from, in $start
begin() {
	ledger=$work/start
	rm -rf "$ledger"
	"$gatepost" ledger init --origin log.example "$ledger" > "$work/out"
	[ "$2" = 0 ] || some "$2"
	seal > "$work/out"
	some "$1"
	cp "$ledger/sealed/checkpoint" "$work/older"
	cp "$ledger/sealed/vkeys" "$work/vkeys"
	head -n 1 "$work/vkeys" > "$work/key"
	start=$ledger ledger=$work/ledger
	total=$(cat "$start"/segments/*.log | grep -c '^#record')
}

# what must be true however it ended
check_published() {
	now=$(size)
	[ "$now" -ge "$(sed -n 2p "$work/older")" ] ||
		fault "the checkpoint shrank to $now"
	verify --since "$work/older" --key "$work/vkeys" > "$work/out" 2>&1 ||
		fault 'what is published does not verify' "$work/out"
	[ -n "$quick" ] || independent "$(cat "$work/key")" > "$work/out" 2>&1 ||
		fault 'others do not accept it' "$work/out"
}

# the next run ends what this one began
check_next() {
	cp "$ledger/sealed/checkpoint" "$work/between"
	# shellcheck disable=SC2086 # an option or none
	seal ${again:-} > "$work/out" 2>&1 ||
		fault 'the next run fails' "$work/out"
	[ "$(size)" = "$total" ] || fault "then only $(size) are sealed"
	verify --since "$work/between" --key "$work/vkeys" > "$work/out" 2>&1 ||
		fault 'what is published then does not verify' "$work/out"
	[ -n "$quick" ] || independent "$(cat "$work/key")" > "$work/out" 2>&1 ||
		fault 'others do not accept that' "$work/out"
	[ -z "$(find "$ledger/sealed" "$ledger/keys" -name '*.tmp')" ] ||
		fault 'temporary files are left'
	partial=$(find "$ledger/sealed/tile" -name '*.p' | wc -l)
	[ "$partial" -le 4 ] || fault "$partial places with partial tiles"
}

# count_calls OPTION… COMMAND…: into $calls
count_calls() {
	: > "$work/count"
	"$work/kill-at" "$@" > "$work/out" 2>&1
	until [ -s "$work/count" ]; do sleep 0.01; done
	read -r calls < "$work/count"
}

# steps: which of the $calls to try
steps() {
	if [ -n "${LONG:-}" ]; then seq 1 "$calls"; else
		seq 1 "$((calls / 12 + 1))" "$calls"
		seq "$((calls > 40 ? calls - 40 : 1))" 3 "$calls"
	fi | sort -nu
}

# killed NAME COMMAND…: at each step, from $start
killed() {
	name=$1 tries=0; shift
	rm -rf "$ledger"; cp -rp "$start" "$ledger"
	count_calls 0 "$work/count" "$gatepost" "$@"
	for n in $(steps); do
		where="$name killed at call $n of $calls"
		rm -rf "$ledger"; cp -rp "$start" "$ledger"
		"$work/kill-at" "$n" "$work/count" "$gatepost" "$@" \
			> "$work/out" 2>&1
		tries=$((tries + 1))
		quick=$((tries % 4)); [ $quick != 0 ] || quick=
		check_published
		check_next
	done
	[ $tries -gt 10 ] || fault 'hardly anything was tried'
	echo "# $name: killed at $tries of $calls system calls"
	is "$(cat "$faults")" '' "$name killed between any two steps"
	: > "$faults"
}

wanted() { case " ${PARTS:-$1} " in *" $1 "*) ;; *) false; esac }
if wanted kill; then
	begin 3 0
	killed 'the first seal' ledger seal --ledger "$ledger"
	begin 2 300
	killed 'one that adds to a partial tile' ledger seal --ledger "$ledger"
	begin 300 250
	killed 'one that fills tiles' ledger seal --ledger "$ledger"
	begin 10 300
	killed 'a rotation of keys' ledger key --ledger "$ledger" rotate
	begin 20 600
	again=--rebuild
	killed 'one that writes all tiles again' ledger seal --rebuild \
		--ledger "$ledger"
	again=
fi

# ---- a disk that fails ----

# failing FAULT COMMAND…: at each call that could, from $start. The command
# fails, or does what it should.
failing() {
	kind=$1 tries=0 failed=0; shift
	rm -rf "$ledger"; cp -rp "$start" "$ledger"
	count_calls -e "$kind" 0 "$work/count" "$gatepost" "$@"
	if [ -n "${LONG:-}" ]; then step=1; else step=$((calls / 4 + 1)); fi
	for n in $(seq $((calls % step + 1)) $step "$calls"); do
		where="$2, $kind at call $n of $calls"
		rm -rf "$ledger"; cp -rp "$start" "$ledger"
		"$work/kill-at" -e "$kind" "$n" "$work/count" "$gatepost" "$@" \
			> "$work/out" 2>&1
		case $? in
		0) [ "$2" != seal ] || [ "$(size)" = "$total" ] ||
			fault 'it says that all is well' "$work/out" ;;
		2) failed=$((failed + 1)) ;;
		*) fault 'its exit status is neither 0 nor 2' "$work/out" ;;
		esac
		tries=$((tries + 1))
		quick=$((tries % 4)); [ $quick != 0 ] || quick=
		check_published
		check_next
	done
	echo "# $1 $2, $kind at $tries of $calls calls; $failed runs failed"
}

if ! wanted disk; then
	:
elif "$work/kill-at" -e full 0 "$work/count" /bin/true; then
	for kind in full full+ eio eio+ sync sync+; do
		case ${LONG:-$kind} in *+) ;; *)
			begin 260 100
			failing $kind ledger seal --ledger "$ledger"
		esac
		case ${LONG:++}$kind in *+*)
			begin 3 20
			failing $kind ledger key --ledger "$ledger" rotate
		esac
		is "$(cat "$faults")" '' "$kind: what a disk does to sealers"
		: > "$faults"
	done
else
	skip 'a disk that fails' 'kill-at cannot make calls fail here'
fi

# ---- many at once ----

begin 0 0
rm -rf "$ledger"; cp -rp "$start" "$ledger"
where='eight sealers at once'
some 700
i=0 sealers=
while [ $((i += 1)) -le 8 ]; do
	seal > "$work/sealer.$i" 2>&1 &
	sealers="$sealers $!"
done
for pid in $sealers; do wait "$pid" || fault 'one of them failed'; done
is "$(cat "$work"/sealer.? | grep -c '700 new records')" 1 \
	'of eight sealers one does it'
total=700 quick=
check_next
is "$(cat "$faults")" '' 'and nothing is broken by the others'
: > "$faults"

begin 300 250
beside "$faults" "$start" "$gatepost ledger seal --ledger $ledger" verify
is "$(cat "$faults")" '' 'who verifies while others seal finds nothing wrong'
: > "$faults"

# ---- a full disk ----

begin 300 10
if command -v prlimit > /dev/null; then
	for limit in 1 500 3000 20000 100000; do
		where="files of at most $limit bytes"
		rm -rf "$ledger"; cp -rp "$start" "$ledger"
		prlimit --fsize=$limit "$gatepost" ledger seal \
			--ledger "$ledger" > "$work/out" 2>&1
		[ $? = 2 ] || fault 'the exit status is not 2' "$work/out"
		quick=
		check_published
		check_next
	done
	is "$(cat "$faults")" '' 'a disk that is full at any point'
	: > "$faults"
else
	skip 'a disk that is full at any point' 'no prlimit'
fi

done_testing
