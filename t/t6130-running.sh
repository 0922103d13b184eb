#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a drain that a hook has started keeps of whoever pushed (nothing), what
# anybody sees of it, and the figures that it leaves for a monitor.

. "${srcdir:-.}/t/courier-lib.sh"
[ -r /proc/self/stat ] || skip_all 'no /proc'

# within TENTHS CONDITION
within() {
	tenths=$1
	while [ "$tenths" -gt 0 ]; do
		(eval "$2") >/dev/null 2>&1 && return
		sleep 0.1
		tenths=$((tenths - 1))
	done
	eval "$2"
}

# The processes of this test's courier.
drains() {
	for p in /proc/[0-9]*; do
		{ tr '\0' ' ' <"$p/cmdline"; } 2>/dev/null |
			grep -q "run --once.*$work/policy.conf" &&
			echo "${p#/proc/}"
	done
}
drain_and_worker() { [ "$(drains | wc -l)" -ge 2 ]; }
# every CODE: holds for each of them, as $p
every() {
	for p in $pids; do
		eval "$1" || return
	done
}
# field P N: of /proc/P/stat, counted from 3 behind the name
field() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f "$(($2 - 2))"; }

records 1 2
start_receiver
echo hang >mode
write_policy ''
mkfifo pipe
cat pipe >/dev/null &
reader=$!
(
	exec 7>held 8>pipe
	cd "$work" || exit
	env GIT_DIR=/x SECRET_OF_PUSHER=hunter3 LD_DEBUG_OUTPUT=x \
		GIT_PUSH_OPTION_0=hunter4 "$HELPER" wake policy.conf \
		"$COURIER" >woken 2>&1
)
within 50 drain_and_worker
pids=$(drains)

test_that 'a hook starts a drain' 'echo "$pids"; drain_and_worker'
test_that 'whoever waits for the pusher'\''s pipe waits no longer' \
	'within 20 "! kill -0 $reader"'
test_that 'it is in a session of its own, without a terminal' '
	every "[ \$(field \$p 6) != $(field $$ 6) ] && [ \$(field \$p 7) = 0 ]"'
test_that 'it has nothing of the environment' '
	every "[ ! -r /proc/\$p/environ ] || {
		tr \"\\0\" \"\\n\" </proc/\$p/environ >environ; cat environ
		! grep -v ^PATH= environ; }"'
test_that 'it has no descriptor of the hook' '
	every "[ ! -r /proc/\$p/fd ] || {
		ls -l /proc/\$p/fd >fds; cat fds
		! grep -e held -e woken -e pipe: -e /pipe fds; }"'
test_that '0, 1 and 2 are nothing' '
	every "[ ! -r /proc/\$p/fd ] ||
		[ \$(ls -l /proc/\$p/fd | grep -c \" [012] -> /dev/null\") = 3 ]"'
test_that 'it is in no folder that somebody may want to unmount' '
	every "[ ! -r /proc/\$p/cwd ] || [ \$(readlink /proc/\$p/cwd) = / ]"'
test_that 'no secret is in its arguments' '
	every "! tr \"\\0\" \" \" </proc/\$p/cmdline |
		grep -e whsec -e hunter -e MfKQ"'
test_that 'it leaves no core file' '
	every "grep -x \"Max core file size  *0  *0  *bytes *\" \
		/proc/\$p/limits"'
test_that 'it gets no new privileges' \
	'every "grep \"^NoNewPrivs:.1\" /proc/\$p/status"'
test_that 'its memory is closed to others of its user' '
	[ "$(id -u)" = 0 ] || every "! cat /proc/\$p/environ"'
echo ok >mode
for p in $pids; do kill -TERM "$p" 2>/dev/null; done
test_that 'told to end, it ends' 'within 90 "[ -z \"\$(drains)\" ]"'

# Figures
rm -rf ledger
mkdir metrics
grammar() { python3 "$src/t/metrics-grammar.py"; }
value() { grep "^$1[ {]" metrics/gatepost.prom | sed 's/.* //'; }
# value_is NAME VALUE
value_is() {
	v=$(value "$1")
	echo "$1 is $v"
	[ "$v" = "$2" ]
}
write_policy "[gatepost]
	metrics = $work/metrics/gatepost.prom"
records 1 3
test_that 'a run leaves its figures' 'run_once 0 &&
	value_is gatepost_sink_sent_total 3 &&
	value_is gatepost_sink_lag_records 0 &&
	value_is gatepost_sink_parked_records 0 &&
	value_is gatepost_ledger_records 3 && value_is gatepost_well 1'
test_that 'for another user to read, and nothing else' '
	[ "$(ls -A metrics)" = gatepost.prom ] &&
	[ "$(stat -c %a metrics/gatepost.prom)" = 644 ]'
test_that 'in the format that monitors read' \
	'grammar <metrics/gatepost.prom'
if command -v promtool >/dev/null; then
	test_that 'promtool finds nothing amiss' \
		'promtool check metrics <metrics/gatepost.prom'
fi
records 4 5
test_that 'sums go on from run to run' \
	'run_once 0 && value_is gatepost_sink_sent_total 5'
echo 'status 503' >mode
records 6 7
test_that 'a failure is told by its kind' 'run_once 1 &&
	value_is gatepost_sink_lag_records 2 &&
	value_is gatepost_sink_failing 1 &&
	value_is gatepost_sink_attempts 1 &&
	grep "last_error_.*{sink=\"grc\",class=\"server\"} 1" \
		metrics/gatepost.prom'
test_that 'and with no word of the endpoint or of a push' '
	! grep -v "^#" metrics/gatepost.prom |
		grep -e answered -e payments -e 127.0.0.1 -e hunter'
test_that 'it stays well-formed' 'grammar <metrics/gatepost.prom'
rm metrics/gatepost.prom
test_that 'status prints the same, and writes nothing' '
	courier status --prometheus; grammar <out &&
	grep "^gatepost_sink_lag_records{sink=\"grc\"} 2" out &&
	[ -z "$(ls -A metrics)" ]'
test_that 'with the same exit status' '
	courier status; a=$?; courier status --prometheus; [ $? = $a ]'
echo ok >mode
"$COURIER" run --policy policy.conf >service.out 2>&1 &
service=$!
test_that 'the service keeps them' 'within 60 "value gatepost_well"'
kill -TERM "$service"
wait "$service"
rm -rf metrics
records 8 8
test_that 'a folder that is not there keeps nothing from being delivered' '
	run_once 0 --deadline 20 && [ "$(arrived_unique)" -ge 8 ] &&
	grep "gatepost.prom" log'

finish
