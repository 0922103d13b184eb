#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A push that is let in while the ticketing system is down: its ticket is asked
# about again, whoever is killed meanwhile, and what is answered then is on
# record once.

. "$(dirname "$0")/lib.sh"

tickets=$work/tickets asked=$work/asked
mkdir -p "$tickets"
: > "$asked"
start_system() {
	"$python" "$t_dir/ticket-server.py" "$work/port" "$tickets" "$asked" &
	system=$!
	kill_at_end $system
}
start_system
until [ -s "$work/port" ]; do sleep 0.1; done
kill $system
wait $system 2> /dev/null

{
cat << END
[sink "itsm"]
	url = http://127.0.0.1:$(cat "$work/port")
	record = retention
	timeout = 2s
	ticket-pattern = (CHG[0-9]+)
	ticket-url = /t/\${ticket}
	ticket-found = /result
	ticket-state = /result/state
	ticket-window-start = /result/start
	ticket-window-end = /result/end
END
cat << 'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	rule = change
[gate "each"]
	ref = refs/heads/each
	rule = each-commit
[rule "change"]
	check = ticket
	pattern = CHG[0-9]+
	lookup = itsm
	state = Scheduled
	unreachable = accept
[rule "each-commit"]
	check = ticket
	pattern = CHG[0-9]+
	lookup = itsm
	require = none
	scope = commit
	unreachable = accept
END
} | policy_file
new_server one
git -C "$server" branch each main

# The hooks take somebody to be at work, and wake nobody.
mkdir -p "$work/ledger/cursors"
exec 8> "$work/ledger/cursors/itsm.lock"
flock 8
courier() {
	flock -u 8
	"$libexec/courier" "$@" --policy "$work/etc/policy.conf" > "$work/said" 2>&1
	rc=$?
	flock 8
	return $rc
}
# answers: lines LOOKUP TICKET CODE of what was answered later
answers() {
	records | "$python" -c '
import json, sys
for r in map(json.loads, sys.stdin):
	if r["kind"] == "ticket" and "question" in r:
		for t in r.get("tickets", [{}]):
			print(r.get("lookup", "by hand"), t.get("id", "-"),
			      t.get("code", "-"))'
}
# of_ticket NUMBER EXPRESSION: of the records R that speak of it
of_ticket() {
	records | "$python" -c '
import json, sys
R = [r for r in map(json.loads, sys.stdin) if r["kind"] == "ticket"
     and any(t["id"] == sys.argv[1] for t in r.get("tickets", []))]
print(eval(sys.argv[2]))' "$1" "$2"
}
waiting() {
	courier status --json
	"$python" -c 'import json, sys
print(json.load(sys.stdin)["destinations"][0]["tickets_waiting"])' \
		< "$work/said"
}
audit() {
	"$gatepost" audit --policy "$work/etc/policy.conf" "$@" \
		> "$work/audit" 2>&1
}
# ticket NUMBER STATE START END: seconds from now
ticket() {
	"$python" - "$@" > "$tickets/$1" << 'END'
import datetime, json, sys
now = datetime.datetime.now(datetime.timezone.utc)
def at(s): return (now + datetime.timedelta(seconds=int(s))).isoformat()
print("200")
print(json.dumps({"result": {"state": sys.argv[2], "start": at(sys.argv[3]),
                             "end": at(sys.argv[4])}}))
END
}
pushed_with() {
	change "fix: $1"
	accepted "let in with $1" -o gatepost.ticket="$1" HEAD:main
}

# ---- the system is down ----

pushed_with CHG1
told 'ticket CHG1 not verified: no answer from the ticketing system' \
	'the developer is told'
told 'It will be checked again' 'and that it is checked again'
is "$(of_ticket CHG1 '[(r["lookup"], r["severity"], r["rule"], r["sink"],
	r["states"], r["refs"][0]["real"]) for r in R]')" \
	"[('unverified', 'medium', 'change', 'itsm', ['Scheduled'], 'refs/heads/main')]" \
	'a record says so'
is "$(of_ticket CHG1 'R[0]["decision"]')" \
	"$(last_decision; sed 's/.*"id":"\([^"]*\)","kind":"decision".*/\1/' \
		"$work/decision")" 'of that decision'
opened=$(date +%s)
for n in 2 3 4 5; do pushed_with CHG$n; done
closed=$(($(date +%s) + 1))
change 'fix: two commits

Change: CHG6' each
commit more 1 'fix: the other

Change: CHG7'
accepted 'let in with two' HEAD:each
told 'tickets CHG7, CHG6 not verified' 'both are named'
change 'fix: either'
accepted 'let in with either of two' -o gatepost.ticket=CHG8 \
	-o gatepost.ticket=CHG9 HEAD:main
is "$(of_ticket CHG8 '[t["id"] for t in R[0]["tickets"]]')" \
	"['CHG8', 'CHG9']" 'they are one question'
yes 'the audit finds nothing amiss yet' audit
is "$(grep -c '^waiting' "$work/out" "$work/audit" | sed -n 's/.*audit://p')" 8 \
	'and shows what waits'
is "$(waiting)" 8 'the courier knows how much waits'
courier run --once
is $? 1 'something is left while nobody answers'
is "$(answers)" '' 'and nothing is made up'

# ---- killed between question and record ----

for n in 1 2 3 4 5 6 7 8 9; do echo hang > "$tickets/CHG$n"; done
start_system
flock -u 8
"$libexec/courier" run --once --deadline 9 --policy "$work/etc/policy.conf" \
	> "$work/said" 2>&1 &
courier=$!
i=0
until grep -q CHG "$asked" || [ $((i += 1)) -gt 80 ]; do sleep 0.1; done
yes 'it was asking' grep -q CHG "$asked"
for pid in $courier $(cat "/proc/$courier/task/$courier/children"); do
	kill -KILL "$pid"
done
wait $courier 2> /dev/null
flock 8
is "$(answers)" '' 'who is killed has recorded nothing'
cp "$work/ledger/cursors/itsm.asks.json" "$work/before"

# ---- it answers ----

rm "$tickets"/*
begin=$((opened - $(date +%s) - 60))
ticket CHG1 Scheduled -60 600
ticket CHG2 Closed -600 600
ticket CHG4 Scheduled $begin $((closed - $(date +%s)))
ticket CHG6 New 60 90
ticket CHG7 Scheduled -60 60
ticket CHG9 Scheduled -600 600
printf '500\n{}' > "$tickets/CHG5"
past "$closed"
i=0
while courier run --once; rc=$?; [ $((i += 1)) -lt 40 ]; do
	[ "$(answers | wc -l)" -lt 8 ] || break
	sleep 0.2
done
is $rc 1 'one has no answer yet'
answers | sort > "$work/answers"
cat > "$work/wanted" << 'END'
refused CHG2 state
refused CHG3 unknown
verified CHG1 -
verified CHG4 -
verified CHG6 -
verified CHG7 -
verified CHG8 unknown
verified CHG9 -
END
yes 'what is answered is recorded, each once' \
	diff "$work/wanted" "$work/answers"
is "$(of_ticket CHG2 '[(r["lookup"], r["severity"], r["repository"],
	r["refs"][0]["real"], r["question"] == R[0]["id"],
	r["decision"] == R[0]["decision"], r["pushed"] == R[0]["time"])
	for r in R[1:]]')" \
	"[('refused', 'high', 'one', 'refs/heads/main', True, True, True)]" \
	'a no is grave, and says of what'
"$gatepost" ledger list --kind ticket --policy "$work/etc/policy.conf" \
	> "$work/listed" 2>&1
has "$work/listed" ' ticket   refused one main' 'the list tells a no'
has "$work/listed" ' ticket   unverified one main' 'from a question'
"$gatepost" ledger export --format csv --kind ticket \
	--policy "$work/etc/policy.conf" > "$work/table" 2>&1
has "$work/table" ',change,,,,refused,"*CHG2: its state is Closed' \
	'a table tells what was answered'
is "$(of_ticket CHG4 'R[1]["lookup"]')" verified \
	'a window that was open at the push is enough'
is "$(waiting)" 1 'one waits'
courier status --prometheus
has "$work/said" '^gatepost_sink_tickets_waiting{sink="itsm"} 1$' \
	'as monitors see it'
courier status
has "$work/said" '^  tickets  *1 without an answer, the oldest of a push' \
	'and people'

# ---- and is not asked twice ----

asks=$work/ledger/cursors/itsm.asks.json
: > "$asked"
courier run --once
cp "$work/before" "$asks"
courier run --once
rm "$asks"
courier run --once
is "$(sort -u "$asked")" /t/CHG5 \
	'not after a restart, and not with a state that is old or lost'
answers | sort > "$work/again"
yes 'nor recorded' diff "$work/answers" "$work/again"

# ---- the audit ----

audit; is $? 1 'the audit finds what was refused'
has "$work/audit" '^refused CHG2  one  refs/heads/main  asked of itsm' \
	'by its ticket'
has "$work/audit" '^        ticket CHG2: its state is Closed' 'and why'
has "$work/audit" '^waiting CHG5' 'and what waits'
audit --overdue one
has_not "$work/audit" CHG5 'which is not late'
audit --json "$server"; is $? 1 'as it says for programs'
is "$("$python" -c '
import json, sys
for r in map(json.loads, sys.stdin):
	print(r["state"], r["kind"], r["rule"], r["tickets"][0]["id"],
	      r["tickets"][0]["code"])' < "$work/audit")" \
'refused ticket change CHG2 state
refused ticket change CHG3 unknown
waiting ticket change CHG5 unreachable' 'in JSON'
no 'status tells it' "$gatepost" -C "$server" status
has "$work/out" 'tickets  *2 refused after the push, 1 without an answer; see' \
	'and how to see more'
for n in 2 3; do
	yes "CHG$n is settled by hand" audit --close \
		"$(of_ticket CHG$n 'R[0]["decision"]')" --reason 'seen to it'
done
no 'but not twice' sh -c '"$0" "$@"; [ $? != 2 ]' "$gatepost" audit \
	--policy "$work/etc/policy.conf" --reason again --close \
	"$(of_ticket CHG2 'R[0]["decision"]')"
yes 'then nothing is amiss' audit
ticket CHG5 Scheduled -600 600
flock -u 8
"$libexec/courier" run --policy "$work/etc/policy.conf" > "$work/said" 2>&1 &
service=$!
i=0
until answers | grep -q CHG5 || [ $((i += 1)) -gt 80 ]; do sleep 0.2; done
kill $service
wait $service
is "$? $(answers | grep CHG5) $(waiting)" '0 verified CHG5 - 0' \
	'a service asks as well, until the last is answered'
yes 'the audit has nothing to show' audit
is "$(cat "$work/audit")" '' 'at all'
yes 'the ledger is in order' "$gatepost" ledger verify --ledger "$ledger"
done_testing
