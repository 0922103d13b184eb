#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `ticket` over real pushes: what counts as a ticket, and what a
# ticketing system that is asked about it says, or fails to say.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
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
END

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

for algo in sha1 sha256; do named $algo; done
each
done_testing
