#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The ticket gate before a real Redmine and a real Request Tracker 5: what
# they say of a ticket decides, and is told there.

system=
. "$(dirname "$0")/tickets-lib.sh"

# The keys that a site adds to the templates.
asks_redmine='	template = redmine
	var = project changes
	var = tracker 3
	var = field 1
	ticket-approved = /issue/custom_fields/[name=Approval]/value==approved
	ticket-window-start = /issue/start_date
	ticket-window-end = /issue/due_date
	ticket-backout = /issue/custom_fields/[name=Backout plan]/value
	ticket-repository = /issue/custom_fields/[name=Repository]/value'
asks_rt='	template = request-tracker
	ticket-approved = /CustomFields/[name=Approval]/values/*==approved
	ticket-window-start = /Starts
	ticket-window-end = /Due
	ticket-backout = /CustomFields/[name=Backout plan]/values/0
	ticket-repository = /CustomFields/[name=Repository]/values'

# policy_of STATE: in which a ticket allows the push
policy_of() {
	policy_file <<END
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "carol"]
	email = carol@example.com
	login = carol
	role = risk
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = ticket
[gate "fresh"]
	ref = refs/heads/fresh
	rule = fresh
[gate "lenient"]
	ref = refs/heads/lenient
	rule = lenient
[gate "free"]
	ref = refs/heads/free
	rule = named
[rule "named"]
	check = ticket
[gate "strict"]
	ref = refs/heads/strict
	rule = strict
; Where the answer is to come, it may be slow: other tests run, too.
[rule "ticket"]
	check = ticket
	lookup = tickets
	timeout = 20s
	cache = 1h
	state = $1
[rule "fresh"]
	check = ticket
	lookup = tickets
	timeout = 20s
	cache = 0
	state = $1
	waiver = risk
[rule "strict"]
	check = ticket
	lookup = tickets
	cache = 0
	state = $1
[rule "lenient"]
	check = ticket
	lookup = tickets
	cache = 0
	state = $1
	unreachable = accept
[sink "tickets"]
	url = $URL
	secret-file = $SECRET_FILE
$asks
END
}

# people DOING…: what they do in the system, see t/tickets.py
people() {
	"$python" "$t_dir/tickets.py" "$system" "$URL" \
		"$LOOKER:$LOOKER_PASSWORD" "$@"
}
# named NUMBER: a change whose commit names that ticket; for BRANCH
named() {
	change "fix: $system

Change: #$1" "${2:-main}"
}
# no_for TICKET CODE WORDS NAME: the ticket, named with the push, forbids it
no_for() {
	refused "$system: $4" "ticket/$2" "ticket #$1: $3" \
		-o "gatepost.ticket=#$1" HEAD:main
	recorded "\"id\":\"#$1\".*\"lookup\":\"refused\",\"code\":\"$2\"" \
		"$system: $4: recorded"
}
last_id() {
	records | grep "\"kind\":\"$1\"" | tail -n 1 |
		sed 's/^{"v":1,"id":"\([^"]*\)".*/\1/'
}
# on TICKET EXPRESSION: as `about`, of that ticket
on() {
	about "$("$python" -c 'import json, sys
ids = [str(json.loads(x)["id"]) for x in open(sys.argv[1])]
print(ids.index(sys.argv[2]) + 1)' "$work/tickets.json" "$1")" "$2"
}
# told_on TICKET: ids of the records that it tells, in its order
told_on() { on "$1" '[ID(t) for t in T if t and "gatepost" in t]' | tr '\n' ' '; }

# ---- what is asked ----

asked() {
	change 'fix: none'
	refused "$system: no ticket" ticket/missing 'no ticket' HEAD:main
	refused "$system: one that is none" ticket/malformed \
		'"1/../2" is no ticket' -o gatepost.ticket=1/../2 HEAD:main
	no_for 4711 unknown 'there is no such ticket' 'one that is not there'
	no_for "$hidden" unknown 'the ticketing system does not show it' 'one of others'
	no_for "$over" state "its state is $over_word" 'one that is closed'
	no_for "$open" state 'it is not approved' 'one that is not approved'
	no_for "$early" window 'its change window begins at 20' 'one for later'
	no_for "$late" window 'its change window was over at 20' \
		'one that is over'
	no_for "$bare" no-backout 'its backout plan is empty' 'no way back'
	no_for "$other" repository 'it does not name the repository one' \
		'one for another repository'
	other_refused=$(last_id decision)
	no_for "$good" state "its state is $later_word" 'one not yet in work'
	first_refused=$(last_id decision)
	people set "$good" state=good
	accepted "$system: one that allows it, named with the push" \
		-o "gatepost.ticket=#$good" HEAD:main
	recorded "\"lookup\":\"verified\".*\"state\":\"$good_word\"" \
		"$system: recorded as verified"
	named "$second"
	accepted "$system: one that a commit names" HEAD:main
	landed=$(last_id outcome)
}

# ---- a good answer is used again ----

cached() {
	people set "$second" state=over
	named "$second"
	accepted "$system: a good answer is used again" HEAD:main
	again=$(last_id outcome)
	named "$second" fresh
	refused "$system: where none is kept it is asked for" ticket/state \
		"ticket #$second: its state is $over_word" HEAD:fresh
}

# ---- an exception ----

excused() {
	sign_as carol
	git -C "$clone" tag -f -s -m "an exception

Waives-rule: fresh
Until: $(date -u -d '5 days' +%Y-%m-%d)
Reason: the vendor's freeze
Compensating-control: each is looked at by two
Repository: one" waiver origin/main > "$work/tag" 2>&1
	to=refs/waivers/fresh/carol-1
	accepted "$system: an exception is signed" "waiver:$to"
	as alice
	named "$other" fresh
	accepted "$system: it lets in what the ticket does not" HEAD:fresh
	recorded '"rule":"fresh".*"result":"waived"' "$system: and is recorded"
	excused=$(last_id outcome)
	git -C "$server" update-ref -d $to
}

# ---- what is told there ----

told() {
	named "$hidden" free
	accepted "$system: nobody asks about a ticket of others" HEAD:free
	drained "$system: all is told"
	tickets
	yes "$system: none can be told on a ticket of others" \
		grep -q "ticket $hidden is passed over" "$work/admin.log"
	told_good=$(told_on "$good")
	is "${told_good%% *}" "$first_refused" \
		"$system: a refusal is told before what followed"
	is "$(echo "$told_good" | wc -w)" 2 "$system: and a landing, each once"
	is "$(told_on "$second")" "$landed $again " \
		"$system: on each ticket what concerns it"
	is "$(told_on "$other")" "$other_refused $excused " \
		"$system: on that of the exception, too"
	on "$second" '[t for t in T if t]' > "$work/text"
	has "$work/text" 'gatepost: landed: main in one' "$system: in words"
	has "$work/text" \
		"Asked about ticket #$second: verified, its state was $good_word" \
		"$system: and that the ticket was asked for"
	has "$work/text" "Record: $landed" "$system: with the record's id"
	"$python" "$t_dir/tickets.py" "$system" "$URL" "$SECRET_FILE" \
		attachments > "$work/attachments"
	"$python" - "$work/attachments" "$landed.tlog-proof" "$second" \
		> "$work/proof" <<'END'
import json, sys
for line in open(sys.argv[1]):
    ticket, name, content = json.loads(line)
    if name == sys.argv[2] and str(ticket) == sys.argv[3]:
        sys.stdout.write(content)
END
	"$gatepost" ledger key show --ledger "$ledger" > "$work/vkey"
	yes "$system: the proof that is attached there holds" \
		"$gatepost" ledger verify-proof --key "$work/vkey" "$work/proof"
	"$gatepost" ledger verify-proof --key "$work/vkey" --print \
		"$work/proof" > "$work/proven"
	has "$work/proven" "\"id\":\"$landed\"" "$system: it is of that record"
}

# ---- nobody answers ----

# timed NAME COMMAND…: and says how long it took
timed() {
	label=$1; shift
	began=$(date +%s%N)
	"$@"
	took=$((($(date +%s%N) - began) / 1000000))
	echo "# $label: the push took $took ms"
	yes "$label: in time" test $took -lt 5000
}
silent() {
	named "$third" strict
	timed "$system $1, to be refused" \
		refused "$system: $1" ticket/unreachable \
		"ticket #$third: the ticketing system" HEAD:strict
	third_tells="$third_tells$(last_id decision) "
	named "$third" lenient
	timed "$system $1, to be accepted" \
		accepted "$system: $1 may be accepted" HEAD:lenient
	recorded '"lookup":"unverified","code":"unreachable"' \
		"$system: $1: recorded as unverified"
	third_tells="$third_tells$(last_id outcome) "
}
signal_server() {
	while read -r pid; do kill -s "$1" -- "-$pid"; done < "$work/$system/pids"
}
# answers: what was said later of what was let in, a line each, without time
answers() {
	records | "$python" -c '
import json, sys
for r in map(json.loads, sys.stdin):
	if r["kind"] == "ticket" and "question" in r:
		for t in r["tickets"]:
			print(r["lookup"], t["id"], t.get("code", "-"))'
}
all_answered() {
	end=$(($(date +%s) + 60))
	while [ "$(answers | wc -l)" -lt 3 ] && [ "$(date +%s)" -lt $end ]; do
		courier run --once --deadline 10 > "$work/drained" 2>&1
	done
}
unanswered() {
	third_tells=
	signal_server STOP
	silent 'a server that hangs'
	signal_server CONT
	# while it answers nobody who asks; later somebody would at once
	people set "$good" state=over
	servers stop
	silent 'a server that is gone'
	named "$good" lenient
	accepted "$system: with a ticket that is closed, too" HEAD:lenient
	restart
	named "$third"
	accepted "$system: it is back" HEAD:main
	third_tells="$third_tells$(last_id outcome) "
	all_answered
	is "$(answers | sort | tr '\n' ';')" \
		"refused #$good state;verified #$third -;verified #$third -;" \
		"$system: what it did not say it is asked again"
	drained "$system: what happened is told then"
	tickets
	is "$(told_on "$third")" "$third_tells" \
		"$system: all of it, once, in order"
	on "$third" '[t for t in T if t]' > "$work/text"
	is "$(grep -c 'NOT VERIFIED, the ticketing' "$work/text")" 2 \
		"$system: and for which push it did not answer"
	on "$good" '[T[-1]]' > "$work/text"
	has "$work/text" "$good: its state is $over_word, not $good_word" \
		"$system: that a ticket was none for it after all is told there"
}

# ---- both at once: most of it is waiting ----

# gate SYSTEM NAMES-OF-ITS-STATES: all of it, in a place of its own
gate() {
	work=$work/$1
	ledger=$work/ledger
	mkdir -p "$work/home"
	cp "$HOME/.gitconfig" "$work/home"
	HOME=$work/home
	begin "$1" || {
		skip "$1" "$(cat "$work/starting")"
		return
	}
	good_word=$2 later_word=$3 over_word=$4
	signing_key carol
	policy_of "$good_word"
	eval "$(people make <<'END'
good state=later
second
third
over state=over
open approval=requested
early start=2 end=3
late start=-3 end=-2
bare backout=
other repository=two
hidden where=Closed
END
	)"
	new_server one
	for branch in fresh lenient free strict; do
		git -C "$server" branch $branch main
	done
	asked
	cached
	excused
	told
	unanswered
	servers kill
}

chmod 711 "$work"
asks=$asks_redmine
(gate redmine 'In Progress' New Closed; [ $t_failed = 0 ]) \
	> "$work/tap-1" 2>&1 &
redmine=$!
asks=$asks_rt
(gate request-tracker open new resolved; [ $t_failed = 0 ]) \
	> "$work/tap-2" 2>&1 &
wait $! || t_failed=1
wait $redmine || t_failed=1
cat "$work/tap-1" "$work/tap-2" > "$work/tap"
awk '/^(not )?ok / { sub("ok [0-9]+", "ok " ++n) } 1' "$work/tap"
t_count=$(grep -c '^ok \|^not ok ' "$work/tap")
done_testing
