#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `ticket` over real pushes: what counts as a ticket, and what a
# ticketing system that is asked about it says, or fails to say.

. "$(dirname "$0")/lib.sh"

mkdir -p "$work/tickets"
: > "$work/asked"
"$python" "$t_dir/ticket-server.py" "$work/port" "$work/tickets" "$work/asked" &
kill_at_end $!
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/tls" -out "$work/cert" \
	-subj /CN=other.example.com -days 2 2> /dev/null
cat "$work/cert" >> "$work/tls"
"$python" "$t_dir/ticket-server.py" "$work/port-tls" "$work/tickets" \
	"$work/asked" "$work/tls" &
kill_at_end $!
until [ -s "$work/port" ] && [ -s "$work/port-tls" ]; do sleep 0.1; done

# ask NAME URL: a sink that is asked about tickets, and is told nothing
ask() {
	printf '[sink "%s"]\n\turl = %s\n' "$1" "$2"
	cat <<'END'
	record = retention
	ticket-pattern = (CHG[0-9]+)
	ticket-url = /t/${ticket}
	ticket-found = /result
	ticket-state = /result/state
	ticket-approved = /result/approval==approved
	ticket-window-start = /result/start
	ticket-window-end = /result/end
	ticket-backout = /result/backout
	ticket-repository = /result/about/*/name
END
}

{
ask itsm "http://127.0.0.1:$(cat "$work/port")"
ask strange "https://127.0.0.1:$(cat "$work/port-tls")"
ask gone http://127.0.0.1:1
cat <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
	role = oncall
[gate "main"]
	ref = refs/heads/main
	preview = refs/heads/try/*
	rule = change
[gate "each"]
	ref = refs/heads/each
	rule = each-commit
[rule "change"]
	check = ticket
	pattern = CHG[0-9]{7}
	emergency = oncall
[rule "each-commit"]
	check = ticket
	pattern = "CHG[0-9]{7}|#[0-9]+"
	scope = commit
[gate "asked"]
	ref = refs/heads/asked
	preview = refs/heads/look/*
	rule = approved
[gate "strange"]
	ref = refs/heads/strange
	rule = strange
[gate "gone"]
	ref = refs/heads/gone
	rule = gone
[rule "approved"]
	check = ticket
	lookup = itsm
	timeout = 1s
	cache = 1h
	state = Scheduled
	state = Implement
	emergency = oncall
[rule "strange"]
	check = ticket
	lookup = strange
[rule "gone"]
	check = ticket
	lookup = gone
	unreachable = accept
END
} | policy_file

# member POINTER: of the newest decision, as JSON
member() {
	last_decision
	"$python" - "$work/decision" "$1" <<'END'
import json, sys
v = json.loads(open(sys.argv[1]).readline())
for k in sys.argv[2].split("/"):
	v = v[int(k)] if isinstance(v, list) else v.get(k, "")
print(v)
END
}

named() {
	new_server "named-$1" "$1"
	change 'fix: no ticket'
	refused "$1: none" ticket/missing \
		'no ticket: name the one that this push is for' HEAD:main
	has "$work/answer" 'git push -o gatepost.ticket=TICKET' "$1: and how"
	change 'fix: one in words

Change: the usual'
	refused "$1: words" ticket/malformed '"the usual" is no ticket' HEAD:main
	change 'fix: one behind a divider
---
here

Change: CHG0000001'
	refused "$1: behind a divider" ticket/malformed \
		'behind a line `---`' HEAD:main
	change 'fix: a real one

Ticket: CHG0000001'
	accepted "$1: in a trailer" HEAD:main
	is "$(member tickets/0/id) $(member tickets/0/from)" \
		'CHG0000001 trailer' "$1: it is in the record"
	is "$(member tickets/0/commit)" "$(git -C "$clone" rev-parse HEAD)" \
		"$1: and who names it"
	is "$(member tickets/0/lookup)" '' "$1: nobody was asked"
	change 'fix: another

Change: CHG0000002'
	accepted "$1: with the push" -o gatepost.ticket=CHG0000003 HEAD:main
	is "$(member tickets/0/id) $(member tickets/0/from)" \
		'CHG0000003 push-option' "$1: that goes first"
	change 'fix: none'
	refused "$1: not one with the push" ticket/malformed \
		'"../CHG1" is no ticket' -o gatepost.ticket=../CHG1 HEAD:main
	accepted "$1: in an emergency" -o gatepost.emergency='INC-1 it burns' \
		HEAD:main
	change 'fix: no ticket'
	push HEAD:refs/heads/try/one
	has "$work/answer" 'no ticket' "$1: a branch is told before"
	is $pushed 0 "$1: and let in"
}

each() {
	git -C "$server" branch each main
	change 'fix: one

Change: #7' each
	commit more 1 'fix: two'
	refused 'every commit names its own' ticket/missing 'names no ticket' \
		-o gatepost.ticket=CHG0000003 HEAD:each
	git -C "$clone" commit -q --amend -m 'fix: two

Ticket: CHG0000004'
	git -C "$clone" merge -q --no-ff -m 'a merge' HEAD^ 2> /dev/null
	accepted 'each has one' HEAD:each
	is "$(member tickets/0/id) $(member tickets/1/id)" 'CHG0000004 #7' \
		'all of them are in the record'
}

# ticket NUMBER MEMBER=VALUE…: one in that system, good but for these
ticket() {
	"$python" - "$@" > "$work/tickets/$1" << 'END'
import datetime, json, sys
now = datetime.datetime.now(datetime.timezone.utc)
def at(minutes):
	return (now + datetime.timedelta(minutes=minutes)).strftime(
		"%Y-%m-%d %H:%M:%S")
t = {"state": "Scheduled", "approval": "approved", "start": at(-9),
     "end": at(9), "backout": "restore the dump",
     "about": [{"name": "elsewhere"}, {"name": "deploys named-sha256.git"}]}
for a in sys.argv[2:]:
	name, _, value = a.partition("=")
	t[name] = at(int(value)) if name in ("start", "end") and value else value
print("200")
print(json.dumps({"result": t}))
END
}

# lookup NAME CODE WORDS [BRANCH]: the ticket CHG0000100 is refused
lookup() {
	refused "$1" "ticket/$2" "ticket CHG0000100: $3" \
		-o gatepost.ticket=CHG0000100 "HEAD:${4:-asked}"
	is "$(member tickets/0/code)" "$2" "$1: so it is recorded"
}

asked() {
	for branch in asked strange gone; do
		git -C "$server" branch $branch main
	done
	change 'fix: one' asked
	lookup 'no such ticket' unknown 'there is no such ticket'
	is "$(member tickets/0/lookup) $(member tickets/0/sink)" 'refused itsm' \
		'who was asked is recorded'
	ticket CHG0000100 state=Closed
	lookup 'a closed one' state 'its state is Closed'
	is "$(member tickets/0/state)" Closed 'its state is recorded'
	ticket CHG0000100 approval=requested
	lookup 'one that is not approved' state 'it is not approved'
	ticket CHG0000100 start=5
	lookup 'one for later' window 'its change window begins at 20'
	ticket CHG0000100 end=-5
	lookup 'one that is over' window 'its change window was over at 20'
	ticket CHG0000100 start=
	lookup 'one without a window' window 'it has no change window'
	ticket CHG0000100 'backout= '
	lookup 'one without a backout plan' no-backout 'its backout plan is empty'
	ticket CHG0000100
	sed -i s/named-sha256/not-named-sha256/ "$work/tickets/CHG0000100"
	lookup 'one for another repository' repository \
		'it does not name the repository named-sha256'
	ticket CHG0000100
	accepted 'one that allows it' -o gatepost.ticket=CHG0000100 HEAD:asked
	is "$(member tickets/0/lookup) $(member tickets/0/state)" \
		'verified Scheduled' 'it is recorded as verified'
	yes 'and when' test -n "$(member tickets/0/asked)"

	change 'fix: two' asked
	: > "$work/asked"
	accepted 'a good answer is used again' -o gatepost.ticket=CHG0000100 \
		HEAD:asked
	is "$(cat "$work/asked")" '' 'nobody was asked'
	ticket CHG0000100 state=Closed
	sed -i 's/"until":[0-9]*/"until":1/' \
		"$work/ledger/cursors/itsm.tickets.json"
	change 'fix: three' asked
	lookup 'but no longer than it is good for' state 'its state is Closed'
	push -o gatepost.ticket=CHG0000100 HEAD:refs/heads/look/one
	: > "$work/asked"
	push -o gatepost.ticket=CHG0000100 HEAD:refs/heads/look/two
	is "$(cat "$work/asked")" '' 'for a preview nobody is asked'
}

# fault NAME FILE-CONTENT [CODE]
fault() {
	printf '%b' "$2" > "$work/tickets/CHG0000100"
	began=$(date +%s%N)
	lookup "$1" "${3:-unreachable}" 'the ticketing system'
	took=$((($(date +%s%N) - began) / 1000000))
	yes "$1: in time ($took ms)" test $took -lt 2500
	is "$(member tickets/0/lookup)" \
		"$([ -n "${3:-}" ] && echo refused || echo unverified)" \
		"$1: so it is recorded"
}

faults() {
	change 'fix: four' asked
	fault 'a server error' '500\n{"result":{"state":"Scheduled"}}'
	fault 'garbage' '200\n<html>'
	fault 'two answers' '200\n{"result":1} {"result":2}'
	fault 'no access' '403\n{}' unknown
	fault 'not a number there' '400\n{}' unknown
	fault 'no login' '401\n{}'
	fault 'an answer that hangs' 'hang\n'
	fault 'an answer that drips' 'drip\n'
	fault 'an answer without an end' 'endless\n' unknown
	ticket CHG0000001
	fault 'another address' 'elsewhere\n'
	is "$(grep -c CHG0000001 "$work/asked")" 0 'which is not asked'
	accepted 'an emergency goes past' \
		-o gatepost.emergency='CHG0000100 it burns' HEAD:asked
	ticket CHG0000100
	change 'fix: five' strange
	lookup 'a wrong certificate' unreachable 'the ticketing system' strange
	change 'fix: six

Change: CHG0000007' gone
	accepted 'silence may be accepted' HEAD:gone
	is "$(member tickets/0/lookup) $(member tickets/0/code)" \
		'unverified unreachable' 'that is recorded'
	change 'fix: seven' asked
	: > "$work/asked"
	many=
	for n in 1 2 3 4 5 6 7 8 9; do many="$many -o gatepost.ticket=CHG000090$n"; done
	# shellcheck disable=SC2086 # several words
	refused 'many tickets' ticket/unknown 'CHG0000901: there is no such' \
		$many HEAD:asked
	is "$(wc -l < "$work/asked")" 8 'no more than 8 are asked about'
	yes 'the log has what the pusher is not told' \
		grep -q 'destination itsm: asked about ticket CHG0000100' \
		"$work/admin.log"
}

for algo in sha1 sha256; do named $algo; done
each
asked
faults
done_testing
