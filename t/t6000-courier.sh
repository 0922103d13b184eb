#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The courier against an endpoint that misbehaves in every way that its
# authors thought of: nothing is lost, nothing leaks, and what arrives is in
# order, whole and signed. TAP on standard output.

. "${srcdir:-.}/t/courier-lib.sh"

# shellcheck disable=SC2154 # the library's
records 1 20
start_receiver
write_policy ''

test_that 'a healthy endpoint gets every record' \
	'run_once 0 && arrived_in_order 20'
test_that 'each is signed so that another implementation can verify it' \
	'[ "$(events "[e[\"signature\"] for e in E]" | sort -u)" = valid ]'
test_that 'each is a CloudEvent of the right type and source' \
	'[ "$(events "[e[\"headers\"][\"content-type\"] for e in E]" |
		sort -u)" = "application/cloudevents+json; charset=UTF-8" ] &&
	[ "$(events "[e[\"event\"][\"type\"] for e in E]" |
		sort -u)" = dev.gatepost.decision.v1 ] &&
	[ "$(events "[e[\"event\"][\"source\"] for e in E]" |
		sort -u)" = /gatepost/git.example.test ]'
test_that 'the idempotency key is the record'"'"'s id' \
	'[ "$(events "[e[\"headers\"][\"webhook-id\"] == e[\"id\"] for e in E]" |
		sort -u)" = True ]'
test_that 'the policy'"'"'s headers go along' \
	'[ "$(events "[e[\"headers\"][\"x-api-key\"] for e in E]" |
		sort -u)" = hunter2 ]'
test_that 'a second run sends nothing again' \
	'run_once 0 && [ "$(events "[len(E)]")" = 20 ]'
test_that 'status finds all well' \
	'courier status && grep "up to date" out && ! grep hunter2 out'

# Each fault: nothing counts as delivered; then the endpoint recovers.
next=21
fault() {
	mode=$1 name=$2 word=$3
	records $next $((next + 2))
	next=$((next + 3))
	echo "$mode" >mode
	test_that "$name: not taken for a delivery" \
		'run_once 1 && status_has 0 last_error text "$word" &&
		status_is 0 lag_records 3'
	echo ok >mode
	test_that "$name: then every record arrives, in order" \
		'recover && arrived_in_order $((next - 1))'
}
fault 'status 500' 'server error' 'answered 500'
fault 'status 401' 'wrong credentials' 'answered 401'
fault 'status 404' 'wrong address' 'answered 404'
fault 'garbage' 'garbage' 'no proper answer'
fault 'reset' 'reset after the request' 'broke'
fault 'short' 'answer cut short' 'cut short'
fault 'endless' 'endless body' 'longer than'
fault 'headers' 'endless headers' 'headers are too long'
fault 'drip' 'slow drip' 'timed out'
fault 'hang' 'no answer' 'timed out'

# A redirect to another port of the same host.
(mkdir -p b && cd b && receiver_port=0 && start_receiver)
echo "redirect http://127.0.0.1:$(cat b/port)/elsewhere" >mode
records $next $((next + 2))
next=$((next + 3))
test_that 'a redirect is a failure' \
	'run_once 1 && status_has 0 last_error text "not followed"'
test_that 'and nothing went where it pointed' '[ ! -s b/events ]'
echo ok >mode
test_that 'and then every record arrives, in order' \
	'recover && arrived_in_order $((next - 1))'

echo 'status 429 6' >mode
records $next $next
next=$((next + 1))
run_once 1 >/dev/null
test_that 'Retry-After is honoured: not before its time' \
	'echo ok >mode; run_once 1 &&
	[ "$(arrived_unique)" = $((next - 2)) ]'
test_that 'and after it' 'sleep 6; run_once 0 && arrived_in_order $((next - 1))'

# The endpoint goes away altogether, and comes back.
stop_receiver
records $next $((next + 2))
next=$((next + 3))
test_that 'endpoint down: the run says so' \
	'run_once 1 && status_has 0 last_error text "cannot connect"'
test_that 'endpoint down: status is not well' \
	'! courier status && grep failing out'
start_receiver
test_that 'endpoint back: every record arrives, in order' \
	'recover && arrived_in_order $((next - 1))'
test_that 'retries carried the same bytes' \
	'[ "$(events "[len({e[\"sha256\"] for e in E if e[\"id\"] == i})
		for i in {e[\"id\"] for e in E}]" | sort -u)" = 1 ]'
test_that 'each outage is told to the admin once, and its end once' \
	'[ "$(grep -c "cannot deliver" log)" = "$(grep -c "delivering again" \
		log)" ] && [ "$(grep -c "cannot deliver" log)" = 13 ]'
test_that 'no secret stands in the log, in a cursor or in the ledger' \
	'! grep -r -e hunter2 -e MfKQ9r8G log ledger out err'

finish
