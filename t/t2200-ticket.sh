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
[rule "gone"]
	check = ticket
	lookup = gone
	unreachable = accept
END
} | policy_file

# members POINTER…: of the decision that `accepted` or `refused` has fetched
members() {
	"$python" - "$work/decision" "$@" <<'END'
import json, sys
decision = json.loads(open(sys.argv[1]).readline())
values = []
for pointer in sys.argv[2:]:
	v = decision
	for k in pointer.split("/"):
		v = v[int(k)] if isinstance(v, list) else v.get(k, "")
	values.append(v)
print(*values)
END
}

# one REPOSITORY FORMAT: what every format of objects has
one() {
	new_server "$1" "$2"
	change 'fix: no ticket'
	refused "$2: none" ticket/missing \
		'no ticket: name the one that this push is for' HEAD:main
	told 'git push -o gatepost.ticket=TICKET' "$2: and how"
	change 'fix: a real one

Ticket: CHG0000001'
	accepted "$2: in a trailer" HEAD:main
	is "$(members tickets/0/id tickets/0/from tickets/0/commit)" \
		"CHG0000001 trailer $(git -C "$clone" rev-parse HEAD)" \
		"$2: it is in the record, and who names it"
	is "$(members tickets/0/lookup)" '' "$2: nobody was asked"
}

named() {
	change 'fix: one in words

Change: the usual'
	refused 'words' ticket/malformed '"the usual" is no ticket' HEAD:main
	change 'fix: one behind a divider
---
here

Change: CHG0000001'
	refused 'behind a divider' ticket/malformed \
		'behind a line `---`' HEAD:main
	change 'fix: another

Change: CHG0000002'
	accepted 'with the push' -o gatepost.ticket=CHG0000003 HEAD:main
	is "$(members tickets/0/id tickets/0/from)" \
		'CHG0000003 push-option' 'that goes first'
	change 'fix: none'
	refused 'not one with the push' ticket/malformed \
		'"../CHG1" is no ticket' -o gatepost.ticket=../CHG1 HEAD:main
	accepted 'in an emergency' -o gatepost.emergency='INC-1 it burns' \
		HEAD:main
	change 'fix: no ticket'
	push HEAD:refs/heads/try/one
	told 'no ticket' 'a branch is told before'
	is $pushed 0 'and let in'
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
	is "$(members tickets/0/id tickets/1/id)" 'CHG0000004 #7' \
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

# lookup NAME CODE WORDS: the ticket CHG0000100 is refused
lookup() {
	refused "$1" "ticket/$2" "ticket CHG0000100: $3" \
		-o gatepost.ticket=CHG0000100 HEAD:asked
	is "$(members tickets/0/code)" "$2" "$1: so it is recorded"
}

# The other ways in which a ticket may not do: t/unit/courier_reask.c.
asked() {
	for branch in asked gone; do
		git -C "$server" branch $branch main
	done
	change 'fix: one

Change: CHG0000100' asked
	yes 'check lets it pass' sh -c "cd '$clone' && '$gatepost' check \
		--policy '$work/etc/policy.conf' --ref refs/heads/asked \
		origin/asked..HEAD"
	has "$work/out" \
		'ticket CHG0000100 allows this is not known here: only the server' \
		'and says who asks'
	is "$(cat "$work/asked")" '' 'for it does not'
	lookup 'no such ticket' unknown 'there is no such ticket'
	is "$(members tickets/0/lookup tickets/0/sink)" 'refused itsm' \
		'who was asked is recorded'
	ticket CHG0000100 state=Closed
	lookup 'a closed one' state 'its state is Closed'
	is "$(members tickets/0/state)" Closed 'its state is recorded'
	has "$work/answer" \
		'name another: git push -o gatepost.ticket=TICKET' \
		'what to type is told'
	ticket CHG0000100 start=5
	lookup 'one for later' window 'its change window begins at 20'
	ticket CHG0000100 'backout= '
	lookup 'one without a backout plan' no-backout 'its backout plan is empty'
	ticket CHG0000100
	sed -i s/named-sha256/not-named-sha256/ "$work/tickets/CHG0000100"
	lookup 'one for another repository' repository \
		'it does not name the repository named-sha256'
	ticket CHG0000100
	accepted 'one that allows it' -o gatepost.ticket=CHG0000100 HEAD:asked
	is "$(members tickets/0/lookup tickets/0/state tickets/0/why)" \
		'verified Scheduled ' 'it is recorded as verified'
	yes 'and when' test -n "$(members tickets/0/asked)"

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

# fault NUMBER FILE-CONTENT CODE NAME [SINK]: asked beside all others
faults=
fault() {
	[ -z "$2" ] || printf '%b' "$2" > "$work/tickets/CHG$1"
	printf '%s\n' "$3" "$4" > "$work/fault-$1"
	(
	began=$(date +%s%N)
	printf '%s\n' "ticket CHG$1" 'repository named-sha256' 'seconds 1' \
		'cache 0' | "$libexec/courier" ticket --policy \
		"$work/etc/policy.conf" "${5:-itsm}" > "$work/said-$1"
	echo $((($(date +%s%N) - began) / 1000000)) > "$work/took-$1"
	) &
	faults="$faults $!"
}
# What all that were asked have said.
said() {
	# shellcheck disable=SC2086 # several words
	wait $faults
	for f in "$work"/fault-*; do
		n=${f##*-}
		{ read -r code; read -r name; } < "$f"
		has "$work/said-$n" "\"code\":\"$code\".*the ticketing system" \
			"$name"
		yes "$name: in time ($(cat "$work/took-$n") ms)" \
			test "$(cat "$work/took-$n")" -lt 2500
	done
}

faults() {
	ticket CHG0000001
	fault 1 '500\n{"result":{"state":"Scheduled"}}' unreachable 'a server error'
	fault 2 '200\n<html>' unreachable 'garbage'
	fault 3 '200\n{"result":1} {"result":2}' unreachable 'two answers'
	fault 4 '403\n{}' unknown 'no access'
	fault 5 '400\n{}' unknown 'not a number there'
	fault 6 '401\n{}' unreachable 'no login'
	fault 7 'drip\n' unreachable 'an answer that drips'
	fault 8 'endless\n' unknown 'an answer without an end'
	fault 9 'elsewhere\n' unreachable 'another address'
	fault 10 '' unreachable 'a wrong certificate' strange
	said
	is "$(grep -c CHG0000001 "$work/asked")" 0 'which is not asked'
	yes 'the log has what the pusher is not told' \
		grep -q 'destination itsm: asked about ticket CHG9' \
		"$work/admin.log"
	change 'fix: four' asked
	printf '403\n{}' > "$work/tickets/CHG0000100"
	lookup 'no access' unknown 'the ticketing system does not show it'
	is "$(members tickets/0/lookup)" refused 'no access: so it is recorded'
	echo hang > "$work/tickets/CHG0000100"
	began=$(date +%s%N)
	lookup 'an answer that hangs' unreachable 'the ticketing system'
	took=$((($(date +%s%N) - began) / 1000000))
	yes "an answer that hangs: in time ($took ms)" test $took -lt 2500
	is "$(members tickets/0/lookup)" unverified \
		'an answer that hangs: so it is recorded'
	accepted 'an emergency goes past' \
		-o gatepost.emergency='CHG0000100 it burns' HEAD:asked
	change 'fix: five

Change: CHG0000007' gone
	accepted 'silence may be accepted' HEAD:gone
	is "$(members tickets/0/lookup tickets/0/code)" \
		'unverified unreachable' 'that is recorded'
	change 'fix: six' asked
	: > "$work/asked"
	many=
	for n in 1 2 3 4 5 6 7 8 9; do many="$many -o gatepost.ticket=CHG000090$n"; done
	# shellcheck disable=SC2086 # several words
	refused 'many tickets' ticket/unknown 'CHG0000901: there is no such' \
		$many HEAD:asked
	is "$(wc -l < "$work/asked")" 8 'no more than 8 are asked about'
}

one named-sha1 sha1
named
one named-sha256 sha256
each
asked
faults
done_testing
