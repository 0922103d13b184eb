#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A disk that fails: at each system call of each hook that could, the call
# fails with "no space", with an I/O error, or as a sync, once or from then on.
# No gated ref moves without a decision record, the ledger reads whole and
# verifies, the pusher is told what is true, and the next push works. By
# default some of the calls are tried; with LONG=1, all.

. "$(dirname "$0")/lib.sh"
. "$t_dir/kill-lib.sh"

"$work/kill-at" -e full 0 "$work/count" /bin/true ||
	skip_all 'kill-at cannot make calls fail on this machine'

# steps FAULT HOOK: which of the $total calls to try
steps() {
	if [ -n "${LONG:-}" ]; then
		seq 1 "$((total + 5))"
	else
		# other ones of other hooks
		awk -v n="$total" -v skip="$series" 'BEGIN {
			step = int(n / 4) + 1
			for (i = 1 + skip * 5 % step; i <= n; i += step)
				print i
		}'
	fi
}

series=0
# failing FAULT HOOK MESSAGE: at each step, while it judges such a commit
failing() {
	kind=$1 hook=$2 tries=0 moved=0 told=0 where="$2, counting"
	series=$((series + 1))
	counted_calls "$hook" "$3" "-e $kind"
	for n in $(steps); do
		where="$hook, $kind at call $n"
		echo "$hook -e $kind $n" > "$work/when"
		try_push "$3"
		[ -z "${LONG:-}" ] || honest_push
	done
	where="after $hook, $kind"
	honest_push
	echo "# $hook, $kind: $tries of about $total calls failed;" \
		"$moved pushes landed, $told were refused"
	all_tries=$((all_tries + tries))
}

read_ledger
all_tries=0
for kind in full full+ eio eio+ sync sync+; do
	case $kind in
	full*) says='no space' ;;
	eio*) says='an I/O error' ;;
	sync*) says='a sync that fails' ;;
	esac
	case $kind in
	*+) says="$says, from any call on" ;;
	*) says="$says, at any call" ;;
	esac
	failing $kind pre-receive 'a change'
	failing $kind pre-receive "$undeclared"
	is "$moved" 0 "$says: nothing lands that is to be refused"
	failing $kind update 'a change'
	failing $kind post-receive 'a change'
	is "$told" 0 'post-receive refuses nothing'
	check_end
	report "$says: no ref moves unrecorded"
done
[ $all_tries -gt 50 ] && ok 'many were tried' || not_ok 'many were tried'
echo "# the ledger was verified $verified times, and sealed $sealed times"

done_testing
