#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# One ticket a change, in a product that keeps whatever it is sent: the
# ticket's life from the first refusal to the landing, each comment once and
# in order, whatever is lost on the way.

. "${srcdir:-.}/t/courier-lib.sh"

policy_of() {
	cat >policy.conf <<EOF2
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
[sink "tickets"]
	template = ./tickets
	url = http://127.0.0.1:$port
	timeout = 3s
$1
EOF2
}
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
	ticket-state = /issue/state
	comment-url = /issues/${remote-id}
	comment-method = PUT
	comment-template = comment.json
	comment-lookup-url = /issues/${remote-id}
	comment-lookup-found = /issue/description=~${id}
	comment-lookup-found = /issue/journals/*/notes=~${id}
	auth = bearer
END
cat >tickets/open.json <<'END'
{"issue": {"key": "${change-key}", "subject": "${jsonstr:summary}",
 "description": "${jsonstr:comment}\n${id}"}}
END
printf '{"issue": {"notes": "${jsonstr:comment}\\nevent ${id}"}}\n' \
	>tickets/comment.json
echo t0p-s3cret >token
chmod 600 token

python3 "$src/t/sink-server.py" port requests mode 2>server.log &
echo $! >pid
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s port ] && break
	sleep 0.1
done
port=$(cat port)
policy_of '	secret-file = token'

append() { "$HELPER" append ledger git.example.test || exit 99; }
# decision N VERDICT CHANGE [MEMBERS], of main in payments/api
decision() {
	printf '{"kind":"decision","id":"%s","time":"%sT10:00:00.000Z",' \
		"$(id_of "$1")" "${DAY:-2026-01-02}"
	printf '"repository":"payments/api","verdict":"%s","problems":2,%s' \
		"$2" "${4:-}"
	printf '"refs":[{"name":"refs/heads/main",'
	printf '"real":"refs/heads/main","old":"0000","new":"%s",' "$3"
	printf '"digest":"sha256:%s","gates":["release"]}],"persons":[]}\n' "$3"
}
# outcome N DECISION
outcome() {
	printf '{"kind":"outcome","id":"%s","time":"2026-01-02T10:00:00.000Z",' \
		"$(id_of "$1")"
	printf '"repository":"payments/api","decision":"%s",' "$(id_of "$2")"
	printf '"refs":[{"name":"refs/heads/main","old":"00","new":"11"}],'
	printf '"persons":[]}\n'
}
# emergency N DECISION STATE
emergency() {
	printf '{"kind":"emergency","id":"%s","time":"2026-01-02T10:00:00.000Z",' \
		"$(id_of "$1")"
	printf '"severity":"high","repository":"payments/api","decision":"%s",' \
		"$(id_of "$2")"
	printf '"state":"%s","ticket":"INC-7","reason":"outage",' "$3"
	printf '"refs":[{"name":"refs/heads/main"}],"persons":[]}\n'
}
excused='"findings":[{"weight":"excused","text":"no plan"}],'
dump() {
	python3 -c '
import json, re, sys, urllib.request
D = json.load(urllib.request.urlopen("http://127.0.0.1:%s/dump" % sys.argv[1]))
T = D["tickets"]
def ids(text): return int(re.findall("3f-0*([0-9]+)", text)[-1])
print(eval(sys.argv[2]))' "$port" "$1"
}

# A refusal alone, and a change that lands with no ticket, open nothing.
{
	decision 1 reject aaaa
	decision 2 pass bbbb
	outcome 3 2
} | append
test_that 'what names no ticket and is no emergency opens nothing' \
	'run_once 0 && [ "$(dump "len(T)")" = 0 ]'

# An emergency opens one; the answer to that is lost, twice.
printf '%s\n' lost lost >mode
{
	decision 4 pass cccc "$excused"
	emergency 5 4 open
	outcome 6 4
	emergency 7 4 overdue
	emergency 8 4 closed
} | append
test_that 'an emergency opens a ticket' \
	'run_once 0 --deadline 20 && [ "$(dump "len(T)")" = 1 ]'
test_that 'once, although its answers were lost; the rest are its comments' '
	[ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]]")" = "[6, 7, 8]" ] &&
	[ "$(dump "ids(T[\"1\"][\"text\"])")" = 5 ] &&
	dump "T[\"1\"][\"text\"]" | grep "^gatepost: EMERGENCY push let in: INC-7, main in payments/api" &&
	dump "T[\"1\"][\"key\"]" | grep "^gp-[0-9a-f]*$"'

# Refusals of a change that names the ticket, on two days, then it lands.
named='"tickets":[{"id":"#1"}],'
{
	for i in 10 11 12; do decision $i reject "d$i" "$named"; done
	DAY=2026-01-03
	for i in 13 14; do decision $i reject "d$i" "$named"; done
	decision 15 pass d15 "$named"
	outcome 16 15
} | append
printf '%s\n' lost 'status 502' >mode
test_that 'refusals are one count a day, told before the landing' '
	run_once 0 --deadline 20 &&
	[ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]][3:]")" = "[10, 13, 16]" ] &&
	dump "T[\"1\"][\"comments\"][3]" | grep "3 pushes of this change refused on 2026-01-02" &&
	dump "T[\"1\"][\"comments\"][4]" | grep "2 pushes of this change refused on 2026-01-03"'
{ decision 17 reject eeee '"tickets":[{"id":"4711"}],'; } | append
test_that 'a ticket that is not there is a typing error, and opens nothing' \
	'run_once 0 && run_once 0 && [ "$(dump "len(T)")" = 1 ]'
tomorrow=$(date -u -d '+1 day' +%Y-%m-%d)
{ DAY=$tomorrow decision 18 reject ffff "$named"; } | append
test_that 'a day that is not over is not told yet' '
	run_once 0 && [ "$(dump "len(T[\"1\"][\"comments\"])")" = 6 ] &&
	grep -q "\"count\": *1" ledger/cursors/tickets.json'
{ DAY=$tomorrow decision 19 reject ffff "$named"; outcome 20 15; } | append

# Killed at every moment.
i=0
while [ $i -lt 6 ]; do
	courier run --once &
	run=$!
	sleep 0.0$i
	kill -9 $! 2>/dev/null
	wait $run 2>/dev/null
	i=$((i + 1))
done
# whom the last one has left behind ends by itself
flock -w 10 ledger/cursors/tickets.lock true
test_that 'killed again and again: each comment is there once, in order' '
	run_once 0 --deadline 10 &&
	[ "$(dump "[ids(c) for c in T[\"1\"][\"comments\"]][6:]")" = "[18, 20]" ]'

# A ticket by its own key: opened where the sink says so, then found again.
policy_of '	secret-file = token
	open = landing
	open = emergency'
{
	decision 30 pass 3030 '"tickets":[{"id":"CHG0012"}],'
	outcome 31 30
	decision 32 pass 3232 '"tickets":[{"id":"CHG0012"}],'
	outcome 33 32
	decision 34 reject 3434 '"tickets":[{"id":"../x"}],'
} | append
test_that 'the word that a change names is its key' '
	run_once 0 && [ "$(dump "len(T)")" = 2 ] &&
	[ "$(dump "T[\"2\"][\"key\"]")" = CHG0012 ] &&
	[ "$(dump "[ids(c) for c in T[\"2\"][\"comments\"]]")" = "[33]" ]'
test_that 'nothing that a pusher wrote was part of a URL' \
	'! grep -F "../x" requests'

# Refused for good: parked, as the product has taken others; then told.
{
	decision 40 pass 4040 '"tickets":[{"id":"CHG0012"}],'
	outcome 41 40
	decision 42 pass 4242 '"tickets":[{"id":"CHG0012"}],'
	outcome 43 42
} | append
echo 'status 422' >mode
test_that 'a comment that is refused for good does not hold up the next' '
	run_once 0 && status_is 0 parked 1 &&
	status_is 0 last_parked "$(id_of 41)" &&
	[ "$(dump "[ids(c) for c in T[\"2\"][\"comments\"]]")" = "[33, 43]" ]'
test_that 'and is told when somebody asks for it' '
	courier retry tickets --all; status_is 0 parked 0 &&
	[ "$(dump "[ids(c) for c in T[\"2\"][\"comments\"]]")" = "[33, 43, 41]" ]'
# A ticket that was let in unverified is asked about again; a no is told there.
# unverified N DECISION TICKET
unverified() {
	printf '{"kind":"ticket","id":"%s","time":"2026-01-02T10:00:00.000Z",' \
		"$(id_of "$1")"
	printf '"repository":"payments/api","lookup":"unverified",'
	printf '"decision":"%s","rule":"r","sink":"tickets",' "$(id_of "$2")"
	printf '"states":["Open"],"tickets":[{"id":"%s"}],"persons":[]}\n' "$3"
}
before=$(dump 'len(T["1"]["comments"])')
{
	decision 44 pass 4444 '"tickets":[{"id":"#1"}],'
	unverified 45 44 '#1'
	decision 46 pass 4646 '"tickets":[{"id":"#4711"}],'
	unverified 47 46 '#4711'
} | append
test_that 'a no to a question asked again is told on its ticket, once' '
	run_once 0 --deadline 9 && run_once 0 && run_once 0 &&
	[ "$(dump "len(T[\"1\"][\"comments\"])")" = $((before + 1)) ] &&
	dump "T[\"1\"][\"comments\"][-1]" |
		grep "gatepost: ticket REFUSED after the push was let in: payments/api" &&
	dump "T[\"1\"][\"comments\"][-1]" | grep "^Ticket #1: its state is not known"'
test_that 'one that is not there is told nowhere, and opens none' '
	[ "$(dump "len(T)")" = 2 ] && [ "$(grep -c "issues/4711" requests)" != 0 ] &&
	grep "decision $(id_of 46) was let in, and its ticket #4711 is refused" log'
rm -rf ledger
{ decision 50 pass 5050 "$excused"; emergency 51 50 open; } | append
echo 'always status 422' >mode
test_that 'a product that never took anything parks nothing' '
	run_once 1 --deadline 1 && status_is 0 parked 0 && status_is 0 lag_records 1'

finish
