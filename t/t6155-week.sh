#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# An endpoint that is away for a week, in which every hour somebody pushes; and
# one that asks for patience all day.

. "${srcdir:-.}/t/courier-lib.sh"
WEEK=${WEEK:-$build/t/unit/courier_week}
[ -x "$WEEK" ] || skip_all 'the unit tests are not built'

metrics="[gatepost]
	metrics = $work/figures"
mkdir week day
# told NAME: that figure of the last week or day
told() { sed -n "s/^$1 //p" said_of_it; }
# between NAME LEAST MOST
between() {
	v=$(told "$1")
	echo "$1 is $v"
	[ "$v" -ge "$2" ] && [ "$v" -le "$3" ]
}

# A port at which nobody listens, as who did has gone.
start_receiver
stop_receiver
write_policy "$metrics"
"$HELPER" append ledger git.example.test </dev/null
"$WEEK" policy.conf 168 week >said_of_it
status=$?
test_that 'all week status tells how far behind it is, in records and seconds' \
	'cat said_of_it; [ "$status" = 0 ] && [ "$(told pushes)" = 168 ]'
test_that 'it waits for 15 minutes at most' \
	'between longest 600 900 && between shortest 449 700'
# 672 with the longest waits, 1344 with the shortest
test_that 'and so tries some 900 times' 'between attempts 850 950'
test_that 'no push waits' 'between push_us 1 1000000'
test_that 'neither memory nor open files grow from the first day to the last' \
	'between memory_kib 0 512 && between descriptors 0 0'
test_that 'its own files stay small' '
	size=$(cat ledger/cursors/* | wc -c); echo "$size bytes"
	ls ledger/cursors; [ "$size" -lt 2000 ]'
test_that 'the log has one line of it' '
	[ "$(wc -l <log)" = 1 ] && grep "cannot deliver: cannot connect" log'
test_that 'a monitor can read its figures on each day' '
	[ "$(ls week | wc -l)" = 7 ] && for f in week/*; do
		python3 "$src/t/metrics-grammar.py" <"$f" || exit
	done
	grep "^gatepost_sink_lag_records{sink=\"grc\"} 145" week/145.prom &&
	grep "^gatepost_sink_lag_seconds{sink=\"grc\"} 518400" week/145.prom'
if command -v promtool >/dev/null; then
	test_that 'and promtool, too' '
		for f in week/*; do
			promtool check metrics <"$f" || exit
		done'
fi
rm -f events
start_receiver
test_that 'when the endpoint is back, all of it comes once and in order' '
	run_once 0 && arrived_in_order 168 && [ "$(events "[len(E)]")" = 168 ]'
test_that 'the log says for how long it was away' '
	[ "$(wc -l <log)" = 2 ] && grep -E "again after 60[67][0-9]{3} s" log'

rm -rf ledger log events
echo 'status 429 86400' >mode
"$HELPER" append ledger git.example.test </dev/null
"$WEEK" policy.conf 24 day >said_of_it
status=$?
test_that 'one that asks for a day is asked again every 15 minutes' '
	cat said_of_it; [ "$status" = 0 ] && between shortest 900 900 &&
	between attempts 95 97 &&
	[ "$(events "[len(E)]")" = "$(told attempts)" ]'
test_that 'always for the same record, with the same bytes' '
	[ "$(events "[(e[\"id\"], e[\"sha256\"]) for e in E]" |
		sort -u | wc -l)" = 1 ]'
echo ok >mode
test_that 'then all of it comes once and in order' '
	run_once 0 && arrived_in_order 24'

finish
