#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Approvals of one layer of a stack (Approves-base), and of one change for
# several branches (several Approves-ref): what they let through, also after
# a rebase, and what nobody may make of them.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol dave; do signing_key "$who"; done
policy_file << END
$(people alice bob carol dave)
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = one
[gate "release"]
	ref = refs/heads/release/*
	rule = one-here
[gate "tip"]
	ref = refs/heads/tip
	rule = by-tip
[rule "one"]
	check = review
	quorum = 1
[rule "one-here"]
	check = review
	quorum = 1
[rule "by-tip"]
	check = review
	bind = tip
	quorum = 1
END

g() { git -C "${clone:?}" "$@"; }
counted() {
	last_decision
	is "$(grep -o '"counted":true' "$work/decision" | wc -l)" "$1" "$2"
}
# stack: three layers by alice, two commits each, in layer-1 to layer-3
stack() {
	as alice
	reset_clone
	t_change=$((t_change + 1))
	for layer in 1 2 3; do
		commit "s$t_change/a-$layer" "a $layer" "layer $layer: a"
		commit "s$t_change/b-$layer" "b $layer" "layer $layer: b"
		g branch -q -f "layer-$layer"
	done
	g push -q -f origin layer-1 layer-2 layer-3 2> "$work/out" ||
		not_ok 'push of the stack' "$work/out"
}
# meanwhile NAME: main moves on
meanwhile() {
	as alice
	change 'fix: meanwhile'
	g push -q -f origin HEAD:refs/heads/other 2> "$work/out"
	reviewed_by dave main HEAD
	as alice
	accepted "$1: main moves on" HEAD:main
}
# branched BRANCH…: the admin makes it, where main is
branched() {
	for b; do
		git -C "${server:?}" update-ref "refs/heads/$b" refs/heads/main
	done
}
# on BRANCH: work on top of it, on a detached HEAD
on() { g checkout -q -f --detach "$1"; }

# ---- layers ----

layers() {
	stack
	reviewed_by bob main layer-1
	reviewed_by carol main layer-2 --base layer-1
	has "$work/approve" 'on top of' "$1: it is told what it stands on"
	as alice
	refused "$1: a layer has no approval yet" review/quorum 'has 0' \
		layer-3:main
	told "$(g rev-parse --short=12 layer-3)" "$1: and it is named"
	reviewed_by dave main layer-3 --base layer-2
	as alice
	accepted "$1: three layers, by three people" layer-3:main
	counted 3 "$1: each counts"

	stack
	reviewed_by bob main layer-1
	reviewed_by carol main layer-2 --base layer-1
	reviewed_by dave main layer-3 --base layer-2
	meanwhile "$1"
	as alice
	on layer-3
	g rebase -q origin/main > "$work/out" 2>&1
	accepted "$1: the stack, rebased as a whole" HEAD:main
	counted 3 "$1: each still counts"

	stack
	reviewed_by bob main layer-1
	reviewed_by carol main layer-2 --base layer-1
	as alice
	accepted "$1: the lowest layer alone" layer-1:main
	accepted "$1: then the next" layer-2:main
	reviewed_by dave main layer-3 --base layer-2
	as alice
	reset_clone
	g merge -q --no-ff -m 'Merge layer-3' layer-3
	accepted "$1: the last, merged" HEAD:main
}

exact_layers() {
	branched tip
	stack
	reviewed_by bob tip layer-1
	reviewed_by carol tip layer-2 --base layer-1
	as alice
	refused "$1: of exactly the commits, not all" review/quorum 'has 0' \
		layer-3:refs/heads/tip
	reviewed_by dave tip layer-3 --base layer-2
	as alice
	accepted "$1: of exactly the commits" layer-3:refs/heads/tip
}

layers_abused() {
	stack
	reviewed_by bob main layer-2 --base layer-1
	reviewed_by carol main layer-3 --base layer-2
	as alice
	refused "$1: what lies below is not approved" review/quorum 'has 0' \
		layer-3:main
	told "$(g rev-parse --short=12 layer-1)" "$1: the answer names it"
	reviewed_by alice main layer-1
	as alice
	refused "$1: by who wrote it" review/quorum \
		'wrote part of the change' layer-3:main
	reviewed_by dave main layer-1
	on layer-2
	commit evil evil 'fix: between the layers'
	g cherry-pick layer-2..layer-3 > "$work/out" 2>&1
	as alice
	refused "$1: something hides between two layers" review/quorum \
		'has 0' HEAD:main
	on layer-3
	commit "s$t_change/a-2" changed 'fix: more of layer 2'
	as alice
	refused "$1: a layer changed by a later one" review/quorum 'has 0' \
		HEAD:main
	g reset -q --soft layer-1
	g commit -q -m 'layers 2 and 3'
	refused "$1: two layers squashed, with a change" review/quorum \
		'has 0' HEAD:main
	accepted "$1: the honest stack" layer-3:main
}

# no_base TIP BASE NAME: an approval that is made by hand
no_base() {
	digest=$(g diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none main "$1" | sha256sum | cut -c1-64)
	printf 'Approve\n\n%s\n' "Approves-ref: refs/heads/main
Approves-diff: sha256:$digest
Approves-base: $(g rev-parse "$2")
Repository: $(basename "$server" .git)" > "$work/message"
	g tag -f -s -F "$work/message" hand "$1" > "$work/out" 2>&1
	refused "$3" approval/malformed 'no commit before the one' \
		"hand:refs/approvals/$(printf %.16s "$digest")/bob-1"
}
no_bases() {
	stack
	sign_as bob
	no_base layer-1 layer-2 "$1: a base behind the tip"
	reset_clone
	commit side side 'side'
	no_base layer-1 HEAD "$1: a base beside the tip"
	no_base layer-1 'layer-1^{tree}' "$1: a base that is no commit"
	no_base layer-1 layer-1 "$1: the tip itself for a base"
	sed '/^Approves-diff/d' "$work/message" > "$work/message-2"
	g tag -f -s -F "$work/message-2" hand layer-2 > "$work/out" 2>&1
	refused "$1: a base without a difference" approval/malformed \
		'need an Approves-diff' "hand:refs/approvals/$(g rev-parse \
		layer-2 | tr -d '\n' | sha256sum | cut -c1-16)/bob-1"
	approve main layer-1 --base layer-2
	has "$work/approve" 'is no commit before' "$1: git approve says so, too"
}

# ---- several refs ----

several() {
	branched release/1 release/2
	meanwhile "$1"
	as alice
	change 'fix: for all'
	g branch -q -f fix
	g push -q -f origin fix 2> "$work/out"
	reviewed_by bob main,release/1 fix
	has "$work/approve" 'as well *refs/heads/release/1' \
		"$1: it is told for what else it is"
	at=$(git -C "$server" for-each-ref --format='%(refname)' refs/approvals)
	as alice
	refused "$1: more than the change comes along" review/quorum 'has 0' \
		fix:refs/heads/release/1
	accepted "$1: main" fix:main
	recorded '"also_for":\["refs/heads/release/1"\]' \
		"$1: the record says for what else"
	is "$(git -C "$server" for-each-ref --format='%(refname)' \
		refs/approvals)" "$at" "$1: the approval stays for the other"
	as carol
	reset_clone release/2
	g cherry-pick fix > "$work/out" 2>&1
	refused "$1: a ref that it does not name" review/quorum \
		'is for main' HEAD:refs/heads/release/2
	reset_clone release/1
	g cherry-pick fix > "$work/out" 2>&1
	accepted "$1: the release branch, by cherry-pick" \
		HEAD:refs/heads/release/1
	counted 1 "$1: it counts there"
	used_up "$1"
	written_wrongly "$1"
}
# what was reverted on one of the refs needs a new approval there
used_up() {
	as carol
	reset_clone release/1
	g revert --no-edit HEAD > "$work/out" 2>&1
	g push -q -f origin HEAD:refs/heads/back 2> "$work/out"
	reviewed_by bob release/1 HEAD
	as carol
	accepted "$1: reverted on one" HEAD:refs/heads/release/1
	g cherry-pick fix > "$work/out" 2>&1
	refused "$1: used up there" review/quorum 'is used up by record' \
		HEAD:refs/heads/release/1
}
written_wrongly() {
	change 'fix: another'
	g branch -q -f fix2
	sign_as bob
	approve main,main fix2
	has "$work/approve" 'named twice' "$1: a ref named twice"
	approve main,a..b fix2
	has "$work/approve" 'a..b is no name of a branch' "$1: a bad name"
	approve --list main,release/1 fix2
	has "$work/approve" 'one TARGET only' "$1: --list takes one"
	approve new,main fix2
	has "$work/approve" 'for one TARGET only' \
		"$1: exactly a commit is approved for one ref"
	g push -q origin origin/main:refs/heads/a,b 2> "$work/out"
	approve a,b fix2
	has "$work/approve" 'target *refs/heads/a,b$' \
		"$1: a branch whose name has a comma"
}

new_server sha1 sha1
layers sha1
exact_layers sha1
layers_abused sha1
no_bases sha1
several sha1
new_server sha256 sha256
layers sha256

done_testing
