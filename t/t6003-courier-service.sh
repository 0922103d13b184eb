#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The courier as a service, the hooks' wake-up, and being killed.

. "${srcdir:-.}/t/courier-lib.sh"
command -v pgrep >/dev/null || skip_all 'no pgrep'

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
workers() { pgrep -P "$service" 2>/dev/null; }
start_service() {
	"$COURIER" run --policy policy.conf >service.out 2>&1 &
	service=$!
}
stop_service() {
	kill -TERM "$service"
	wait "$service"
}

records 1 3
start_receiver
write_policy ''
start_service
test_that 'the service delivers what is there' 'within 50 "arrived_in_order 3"'
records 4 4
test_that 'a new record is delivered within a second' \
	'within 10 "arrived_in_order 4"'
test_that 'status knows that it runs' 'status_is 0 running True'
test_that 'another run leaves the sink to it' \
	'run_once 0 && [ "$(events "[len(E)]")" = 4 ]'

old=$(workers)
kill -KILL "$old"
records 5 5
test_that 'a worker that died is replaced' \
	'within 100 "arrived_in_order 5" && [ "$(workers)" != "$old" ] &&
	grep "ended by signal 9" log'

echo 'status 500' >mode
records 6 6
sleep 1.2
test_that 'the service stops in time while it backs off' \
	'start=$(date +%s); kill -TERM "$service"; within 30 "! kill -0 $service"
	[ $(($(date +%s) - start)) -le 3 ]'
wait "$service"
ended=$?
test_that 'with status 0, and leaves no process' \
	'[ "$ended" = 0 ] && ! status_is 0 running True'
echo hang >mode
start_service
sleep 1.5
test_that 'the service stops in time while an endpoint hangs' \
	'start=$(date +%s); kill -TERM "$service"
	within 90 "! kill -0 $service"; [ $(($(date +%s) - start)) -le 8 ]'
wait "$service"
echo ok >mode

# The policy changes
start_service
test_that 'a restart goes on where it stopped' 'within 150 "arrived_in_order 6"'
echo nonsense >>policy.conf
kill -HUP "$service"
records 7 7
test_that 'a broken policy leaves the one before in force' \
	'within 20 "arrived_in_order 7" && within 20 "grep stays.in.force log"'
write_policy "[sink \"two\"]
	url = http://127.0.0.1:$receiver_port/two"
kill -HUP "$service"
test_that 'a new destination is taken up, from the first record on' \
	'within 50 "[ \$(grep -c /two events) = 7 ]"'
test_that 'and disturbs the other not' \
	'[ "$(events "[len([e for e in E if e[\"path\"] == \"/hooks\" and e[\"answer\"] == 204])]")" = 7 ]'
stop_service

# Killed at any moment: nothing lost, and at most the record in flight twice.
rm -rf ledger events
write_policy ''
records 1 300
killed=0
while [ $killed -lt 15 ]; do
	courier run --once &
	run=$!
	sleep 0.0$((killed % 7 + 3))
	for p in $(pgrep -P $(pgrep -P $run 2>/dev/null) 2>/dev/null) \
		$(pgrep -P $run 2>/dev/null) $run; do
		kill -KILL "$p" 2>/dev/null
	done
	wait $run 2>/dev/null
	killed=$((killed + 1))
done 2>/dev/null
test_that 'killed 15 times: everything arrives, in order' \
	'within 50 "run_once 0" && arrived_in_order 300'
test_that 'and each kill repeats one record at most' \
	'n=$(events "[len(E)]"); echo "$n posts"; [ "$n" -le 315 ]'

# What the hooks call
rm -rf ledger events
records 1 2
us=$(env HTTP_PROXY=x "$HELPER" wake policy.conf "$COURIER")
test_that "the wake-up delivers without a service (after ${us:-?} us)" \
	'within 300 "arrived_in_order 2"'
# What it starts cannot begin before somebody writes into the pipe, and who
# waits for it never does: no clock of a busy machine has a say in this.
mkfifo gate
cat >courier-that-waits <<END
#!/bin/sh
read -r word <"$work/gate"
echo "\$word" >"$work/went-on"
END
chmod 755 courier-that-waits
rm -rf ledger/cursors
test_that 'and the push does not wait for what it starts' \
	'[ -n "$(timeout 60 "$HELPER" wake policy.conf \
		"$work/courier-that-waits")" ] && [ ! -e went-on ] &&
	timeout 60 sh -c "echo now >gate" && within 300 "grep now went-on"'
start_service
within 30 'status_is 0 running True' >/dev/null
test_that 'it starts nothing where the service runs' \
	'"$HELPER" wake policy.conf /nonexistent/courier'
stop_service
rm -rf ledger/cursors
test_that 'it says nothing where the courier is missing' \
	'[ -n "$("$HELPER" wake policy.conf /nonexistent/courier)" ]'

finish
