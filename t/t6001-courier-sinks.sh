#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Several destinations at once, filters, and records that are refused for
# what they say.

. "${srcdir:-.}/t/courier-lib.sh"
GATEPOST=${GATEPOST:-$build/gatepost}

add_sink() {
	cat >>policy.conf <<EOF
[sink "$1"]
	url = http://127.0.0.1:$(cat "$2"/port)/$1
	timeout = 3s
$3
EOF
}
start_other() { (mkdir -p "$1" && cd "$1" && receiver_port=0 && start_receiver); }
# What a receiver accepted, by the last digits of the ids.
got() {
	(cd "$1" && [ -s events ] && events \
		'[str(int(e["id"][-12:])) + e["path"] for e in E
		if e["answer"] == 204]' | tr '\n' ' ')
}

records 1 5
start_receiver
start_other slow
start_other dead
start_other some
write_policy ''
add_sink slow slow
add_sink dead dead
add_sink 'one.x@y' some '	record = outcome
	record = mode'
kill "$(cat dead/pid)" && rm dead/pid
echo hang >slow/mode

start=$(date +%s%N)
courier run --once &
run=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(grep -c answer events 2>/dev/null)" = 5 ] && break
	sleep 0.1
done
took=$((($(date +%s%N) - start) / 1000000))
test_that "a hanging and a dead sink do not delay another ($took ms)" \
	'arrived_in_order 5 && [ "$took" -lt 2500 ]'
wait $run
status=$?
test_that 'the run says that something is left' \
	'[ "$status" = 1 ] && grep "not all is delivered" err'
test_that 'gatepost status says which is amiss' '
	sed "s|^.gatepost.$|&\n\tagents = $src/conf/agents.conf|" policy.conf \
		>whole.conf
	sleep 2 # the first pause is shorter
	"$GATEPOST" status --policy whole.conf >amiss 2>&1
	grep "delivery runs  no; gatepost courier run --once" amiss &&
	grep "^AMISS delivery *destination dead .*: failing" amiss &&
	grep "^ok *delivery *destination one.x@y .*: up to date" amiss'
test_that 'each has a cursor of its own' \
	'status_is 0 lag_records 0 && status_is 1 lag_records 5 &&
	status_is 2 lag_records 5 && status_is 3 lag_records 0'
test_that 'records of other kinds are passed over' '[ ! -s some/events ]'
KIND=outcome records 6 6
records 7 7
courier run --once
test_that 'records of the kinds asked for come' \
	'[ "$(got some)" = "6/one.x@y " ]'
test_that 'a name that is no file name makes none' \
	'[ -s ledger/cursors/one%2ex%40y.json ]'
test_that 'the slow sink gets all once it answers' \
	'echo ok >slow/mode; sleep 3; courier run --once
	[ "$(got slow)" = "1/slow 2/slow 3/slow 4/slow 5/slow 6/slow 7/slow " ]'

# Refused for good
rm -rf ledger events
write_policy '	record = decision'
echo 'status 400' >mode
records 1 3
test_that 'an endpoint that never took anything is not believed' \
	'run_once 1 --deadline 4 && status_is 0 parked 0 &&
	status_is 0 lag_records 3'
courier run --once
courier run --once
echo ok >mode
test_that 'set right, it waits for its next attempt' \
	'run_once 1 && status_is 0 lag_records 3'
test_that 'with --now it gets every record' \
	'run_once 0 --now && arrived_in_order 3'

# A delivery that waits for its next attempt, and a policy that was wrong
rm -rf ledger events
URL=http://127.0.0.1:$receiver_port/nowhere write_policy '	record = decision'
echo 'status 503' >mode
records 1 3
courier run --once
courier run --once --deadline 60 &
run=$!
sleep 0.5
echo ok >mode
write_policy '	record = decision'
kill -HUP "$(pgrep -x -P $run courier || echo $run)"
wait $run
status=$?
test_that 'another policy is taken up by a delivery that waits' \
	'[ "$status" = 0 ] && arrived_in_order 3 && events \
	"[e[\"path\"] for e in E if e[\"answer\"] == 204]" | sort -u |
	tee paths && [ "$(cat paths)" = /hooks ]'
rm -rf ledger events
echo ok >mode
records 1 3
recover
records 4 4 poison
records 5 6
echo 'refuse 422 poison' >mode
test_that 'one refused record does not hold up the others' \
	'run_once 0 && [ "$(arrived_unique)" = 5 ] && status_is 0 parked 1 &&
	status_is 0 last_parked "$(id_of 4)"'
test_that 'it is recorded in the ledger' \
	'grep -ao "{[^{]*\"kind\":\"parked\"[^}]*}" -r ledger | tee said2 &&
	grep -q "\"sink\":\"grc\"" said2 && grep -q "$(id_of 4)" said2 &&
	grep -q "\"status\":422" said2'
test_that 'status does not call that well, and names it' \
	'! courier status && grep "parked  *1.*$(id_of 4)" out'
test_that 'the admin is told' \
	'grep "record $(id_of 4) is parked: .*answered 422" log'
records 7 9
echo 'status 422' >mode
test_that 'an endpoint that refuses all that it took before parks nothing' \
	'run_once 1 --deadline 3 && status_is 0 parked 1 &&
	status_is 0 lag_records 3'
records 10 10 poison
echo 'refuse 403 poison' >mode
test_that 'nor does a filter that forbids a word hold up the others' \
	'run_once 0 --deadline 40 && status_is 0 parked 2 &&
	[ "$(arrived_unique)" = 8 ]'
test_that 'order held throughout' \
	'events "[*dict.fromkeys(e[\"id\"] for e in E if e[\"answer\"] == 204)]" >ids
	sort -c ids'

# A refused `parked` record begets no other.
rm -r ledger/cursors
write_policy ''
echo 'refuse 422 parked' >mode
test_that 'a refused notice of parking begets no other' \
	'run_once 0 && status_is 0 parked 2 &&
	[ "$(grep -ao "\"kind\":\"parked\"" -r ledger | wc -l)" = 2 ]'

# The ledger is put back from a backup, the cursors are not.
rm -rf ledger events
echo ok >mode
write_policy ''
records 1 3
cp -a ledger backup
records 4 5
run_once 0 >/dev/null
mv ledger/cursors backup && rm -rf ledger && mv backup ledger
test_that 'a cursor beyond the end of the ledger is an error' \
	'run_once 2 && grep "another or a newer record book" log'
records 6 8
test_that 'and so is one in a ledger that went on otherwise' \
	': >log; run_once 2 && grep "another or a newer record book" log'
test_that 'set aside, every record is delivered' \
	'mv ledger/cursors aside && run_once 0 &&
	[ "$(arrived_unique)" = 8 ]'

finish
