#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Somebody who may push tries to get round the gate by the names of refs and
# the shape of history, or to leave something behind that stops the others.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
[gate "main"]
	repo = clocks
	repo = spaces
	repo = told
	ref = refs/heads/main
	rule = tools
[rule "tools"]
	check = provenance
	declare = always
	agents = any
[gate "prod"]
	repo = prod
	ref = refs/heads/prod
	rule = tools
[gate "dormant"]
	repo = dormant
	mode = off
	ref = refs/approvals/**
	rule = tools
END
none='
AI-assistance: none'

# ---- clocks ----

# A chain of commits that claim to be old hides what is below it from a walk
# that goes by dates.
clocks() {
	new_server clocks
	as robot
	for i in 1 2 3 4 5 6 7 8; do
		reset_clone
		t_change=$((t_change + 1))
		commit "file-$t_change" "$t_change" 'built by a robot, undeclared'
		git -C "$clone" push -q origin HEAD:main 2> "$work/answer" ||
			not_ok "$i by a robot" "$work/answer"
	done
	fork=$(git -C "$clone" rev-parse HEAD)
	as mallory
	for i in $(seq 20); do
		t_change=$((t_change + 1))
		printf '%s\n' $t_change > "$clone/file-$t_change"
		git -C "$clone" add -A
		GIT_COMMITTER_DATE="$((100000000 + i)) +0000" \
			git -C "$clone" commit -q -m "old $i
$none"
	done
	accepted 'old dates are nobody'"'"'s fault' HEAD:main
	as alice
	git -C "$clone" checkout -q -B feature "$fork"
	commit feature feature "a feature
$none"
	git -C "$clone" merge -q -m 'merge main' origin/main
	accepted 'what forked before them can still be merged' HEAD:main
	recorded '"commits":2' 'only what is new is judged'
}

# ---- namespaces ----

namespaces() {
	new_server spaces
	change 'undeclared'
	refused 'a ref of a namespace is judged by its name in there' \
		provenance/missing "does not say" \
		HEAD:refs/namespaces/team/refs/heads/main
	refused 'and of a namespace in a namespace' \
		provenance/missing "does not say" \
		HEAD:refs/namespaces/a/refs/namespaces/b/refs/heads/main
	refused 'approvals in a namespace are guarded' approval/malformed \
		'not an approval' \
		HEAD:refs/namespaces/team/refs/approvals/0123456789abcdef/a-1
	accepted 'other names there are as free as outside' \
		HEAD:refs/namespaces/team/refs/heads/topic
}

# ---- what the record lacks ----

twice_told() {
	new_server told
	git -C "$clone" push -q origin HEAD:refs/heads/a-topic 2> "$work/out"
	change 'feat: by a tool

Assisted-by: Claude:claude-opus-4-6'
	accepted 'one commit for a free ref and a gated one' \
		HEAD:refs/heads/a-topic HEAD:refs/heads/main
	recorded '"agent":"claude' \
		'the free one does not keep its provenance from the record'
}

# ---- when nothing can be judged ----

blind() {
	new_server prod
	change 'undeclared'
	git -C "$clone" push -q origin "origin/main:refs/heads/prod" \
		2> "$work/out"
	mv "$work/ledger" "$work/gone"
	new=$(git -C "$clone" rev-parse HEAD) old=$(tip prod)
	git -C "$server" for-each-ref > "$work/refs-before"
	chmod -x "$server/hooks/update"
	"$python" "$t_dir/raw-push.py" --repo "$server" --from "$clone" \
		"$old $new refs/heads/prod" "zero $new refs/heads/-x" \
		> "$work/answer" 2>&1
	chmod +x "$server/hooks/update"
	git -C "$server" for-each-ref > "$work/refs-after"
	mv "$work/gone" "$work/ledger"
	yes 'a malformed push is not let in while there is no ledger' \
		cmp "$work/refs-before" "$work/refs-after"
}

# ---- off ----

dormant() {
	new_server dormant
	git -C "$server" config --unset gatepost.mode
	change 'undeclared'
	refused 'a gate that is off does not open the approvals' \
		approval/malformed 'not an approval' \
		HEAD:refs/approvals/0123456789abcdef/a-1
}

clocks
namespaces
twice_told
blind
dormant
done_testing
