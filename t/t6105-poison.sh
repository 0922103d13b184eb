#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whoever pushes chooses the ticket that is named, and what stands in it: no
# answer to that may hold up the records of all others.

. "${srcdir:-.}/t/courier-lib.sh"

mkdir tickets
cat >tickets/sink.conf <<'END'
[sink]
	per = change
	format = template
	post-url = /issues.json
	body-template = open.json
	id-json = /issue/id
	lookup-url = /issues.json?key=${change-key}
	lookup-found = /total_count>0
	lookup-id = /issues/0/id
	ticket-pattern = "#?([0-9]+)"
	ticket-url = /issues/${ticket}
	ticket-found = /issue/id
	comment-url = /issues/${remote-id}
	comment-method = PUT
	comment-template = comment.json
	comment-lookup-url = /issues/${remote-id}
	comment-lookup-found = /issue/journals/*/notes=~${id}
	open = landing
	auth = none
END
cat >tickets/open.json <<'END'
{"issue": {"key": "${change-key}", "description": "${jsonstr:comment}\n${id}"}}
END
printf '{"issue": {"notes": "event ${id}"}}\n' >tickets/comment.json

python3 "$src/t/sink-server.py" port requests mode 2>server.log &
echo $! >pid
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s port ] && break
	sleep 0.1
done
port=$(cat port)
# policy KEYS: of the one sink
policy() {
	cat >policy.conf <<EOF2
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
[sink "tickets"]
	url = http://127.0.0.1:$port
	timeout = 3s
$1
EOF2
}
policy '	template = ./tickets'

append() { "$HELPER" append ledger git.example.test || exit 99; }
# landing N TICKET: the decision N lets the change in, and N + 1 is its outcome
landing() {
	printf '{"kind":"decision","id":"%s","time":"2026-01-02T10:00:00.000Z",' \
		"$(id_of "$1")"
	printf '"repository":"payments/api","verdict":"pass",'
	printf '"refs":[{"name":"refs/heads/main","real":"refs/heads/main",'
	printf '"old":"0000","new":"%s","gates":["release"]}],' "$1"
	printf '"tickets":[{"id":"%s"}],"persons":[]}\n' "$2"
	printf '{"kind":"outcome","id":"%s","time":"2026-01-02T10:00:00.000Z",' \
		"$(id_of "$(($1 + 1))")"
	printf '"repository":"payments/api","decision":"%s",' "$(id_of "$1")"
	printf '"refs":[{"name":"refs/heads/main","old":"00","new":"11"}],'
	printf '"persons":[]}\n'
}
dump() {
	python3 -c '
import json, re, sys, urllib.request
D = json.load(urllib.request.urlopen("http://127.0.0.1:%s/dump" % sys.argv[1]))
T = D["tickets"]
def ids(text): return int(re.findall("3f-0*([0-9]+)", text)[-1])
print(eval(sys.argv[2]))' "$port" "$1"
}
# hurry TIMES: rounds without the pauses between them
hurry() {
	i=0
	while [ $i -lt "$1" ]; do
		sed -i 's/"next_attempt": *[0-9]*/"next_attempt": 0/' \
			ledger/cursors/*.json 2>/dev/null
		courier run --once && return
		i=$((i + 1))
	done
	return 1
}

# The first is taken: from then on the endpoint is known to be in order.
landing 1 CHG1 | append
run_once 0
{
	landing 3 9403
	landing 5 CHG1
} | append
test_that 'a ticket that is hidden from us is none' '
	run_once 0 && status_is 0 parked 0 &&
	[ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]]")" = "[6]" ] &&
	[ "$(dump "T[\"2\"][\"key\"]")" = 9403 ] &&
	grep -q "ticket 9403 is passed over" log'
{
	landing 7 9500
	landing 9 odd
	landing 11 9302
	landing 13 CHG1
} | append
test_that 'one that is never shown is parked, and what is behind it told' '
	hurry 20 && status_is 0 parked 3 &&
	[ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]]")" = "[6, 14]" ]'
test_that 'they are told with the reason' '
	status_has 0 parked_records 0 8 && status_has 0 parked_records 0 500 &&
	status_has 0 parked_records 1 400 && status_has 0 parked_records 2 302'
landing 15 CHG1 | append
echo 'always status 503' >mode
test_that 'while the endpoint fails, nothing is parked' '
	! hurry 12 && status_is 0 parked 3 && status_is 0 lag_records 1'
rm mode
test_that 'and it is told later' '
	hurry 1 && [ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]]")" = "[6, 14, 16]" ]'

# A host's clock was ahead, by years.
landing 17 CHG1 | head -n 1 |
	sed 's/2026-01-02T/2199-01-02T/; s/"verdict":"pass"/"verdict":"reject"/' |
	append
test_that 'nobody waits for a day that a wrong clock has named' '
	run_once 0 && dump "ids(T[\"1\"][\"comments\"][-1])" | grep -x 17'

# Every record is looked up and followed by a second request; the ticket that
# it names stands in both.
policy '	per = record
	record = decision
	format = template
	body-template = tickets/plain.json
	ticket-pattern = "#?([0-9]+|C[0-9]+)"
	post-url = /records
	lookup-url = /records?id=${id}
	lookup-found = /total>0
	then-url = /issues/${ticket}
	then-method = PUT
	then-template = tickets/comment.json'
echo '{"id": "${id}"}' >tickets/plain.json
rm -rf ledger
{
	landing 21 1
	landing 23 9403
	landing 25 9500
	landing 27 1
} | append
test_that 'a request behind the record that is refused holds up nobody' '
	hurry 20 && status_is 0 parked 2 &&
	[ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]][-1]")" = 27 ]'
landing 29 1 | append
printf '%s\n' ok 'always status 422' >mode
test_that 'but where it is refused for all, nothing is parked' '
	! hurry 12 && status_is 0 parked 2'
rm mode
policy '	per = record
	record = decision
	format = template
	body-template = tickets/plain.json
	ticket-pattern = "#?([0-9]+)"
	post-url = /issues/${ticket}
	method = PUT
	lookup-url = /issues/${ticket}
	lookup-found = /issue/journals/*/notes=~${id}'
echo '{"issue": {"notes": "event ${id}"}}' >tickets/plain.json
rm -rf ledger
{
	landing 31 1
	landing 33 9403
	landing 35 8404
	landing 37 1
} | append
test_that 'nor does a look-up that is refused' '
	hurry 20 && status_is 0 parked 2 &&
	[ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]][-1]")" = 37 ]'

finish
