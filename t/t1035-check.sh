#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `gatepost check` in a working clone says what the server will say: the same
# problems in the same words, before anything is pushed.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[signers]
	ssh = signers
[agent "claude-code"]
	model = claude-*
[area "payments"]
	path = pay/**
[gate "main"]
	ref = refs/heads/main
	rule = ai
	rule = plan
	rule = history
	rule = two
[rule "ai"]
	check = provenance
[rule "plan"]
	check = rollback
	when = area:payments
[rule "history"]
	check = history
[rule "two"]
	check = review
	when = area:payments
	quorum = 1
END
signing_key bob

# the problems and hints of an answer, without who says them and its frame
problems() {
	sed -e 's/^remote: //' -e 's/ *$//' "$1" |
		grep -e '^error: ' -e '^hint: ' | grep -v 'updated'
}
# same NAME CODE WORDS [REF-OPTIONS…]: refused by both in the same words
same() {
	name=$1
	(cd "$clone" && "$gatepost" check --policy "$work/etc/policy.conf" \
		--ref refs/heads/main origin/main..HEAD) > "$work/local" 2>&1
	is "$?" 1 "$name: check refuses it"
	refused "$@" HEAD:main
	problems "$work/local" > "$work/local-problems"
	problems "$work/answer" | grep -v '^error: failed to push' \
		> "$work/remote-problems"
	if cmp -s "$work/local-problems" "$work/remote-problems"; then
		ok "$name: in the same words"
	else
		diff "$work/local-problems" "$work/remote-problems" \
			> "$work/out"
		not_ok "$name: in the same words" "$work/out" "$work/local"
	fi
}

checks() {
	new_server "check-$1" "$1"
	change 'feat: x

Generated with [Claude Code]

y'
	same "$1: undeclared" provenance/undeclared 'made with Claude Code'
	change 'feat: x

Assisted-by: Nobody-knows:it-1'
	same "$1: unregistered" provenance/unregistered 'not registered'
	change 'feat: x

Assisted-by: Claude:claude-opus-4-6
Signed-off-by: Claude <noreply@anthropic.com>'
	commit pay/x 1 'pay: no plan'
	same "$1: several problems at once" rollback/missing \
		'no rollback plan'
	change 'fix: fine'
	(cd "$clone" && "$gatepost" check --policy "$work/etc/policy.conf" \
		--ref refs/heads/main origin/main..HEAD) > "$work/local" 2>&1
	is "$?" 0 "$1: check accepts what is fine"
	accepted "$1: so does the server" HEAD:main
	(cd "$clone" && "$gatepost" check --policy "$work/etc/policy.conf" \
		--ref refs/heads/main no-such..HEAD) > "$work/local" 2>&1
	is "$?" 2 "$1: what is no range is neither"
	records | wc -l > "$work/before"
	(cd "$clone" && "$gatepost" check --policy "$work/etc/policy.conf" \
		--ref refs/heads/main HEAD~1..HEAD) > "$work/local" 2>&1
	is "$(records | wc -l)" "$(cat "$work/before")" \
		"$1: check leaves no record"
}

checks sha1
checks sha256

done_testing
