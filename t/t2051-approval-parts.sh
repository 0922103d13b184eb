#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Several approvals that together cover a push, each a part of it: what a
# merge queue brings, and what nobody may make of it. And merge commits that
# a reviewer has signed.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol dave robot; do signing_key "$who"; done
ssh-keygen -q -t ed25519 -N '' -C stranger -f "$work/key-stranger" < /dev/null

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = lead
[principal "carol"]
	email = carol@example.com
	login = carol
[principal "dave"]
	email = dave@example.com
	login = dave
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
[signers]
	ssh = signers
[area "pay"]
	path = pay/**
[gate "main"]
	ref = refs/heads/main
	rule = one
[gate "tip"]
	ref = refs/heads/tip
	rule = by-tip
[gate "two"]
	ref = refs/heads/two
	rule = two
[gate "pay"]
	ref = refs/heads/pay
	rule = pay
[rule "one"]
	check = review
	quorum = 1
[rule "two"]
	check = review
	quorum = 2
[rule "by-tip"]
	check = review
	bind = tip
	quorum = 1
[rule "pay"]
	check = review
	when = area:pay
	quorum = 1
END

g() { git -C "$clone" "$@"; }
here() { g rev-parse HEAD; }
# back to where the server's branch is
base=main
fresh() { reset_clone "$base"; }
# branch NAME WHO FILE...: commits of WHO's on top of $base, pushed by WHO
branch() {
	as "$2"
	fresh
	b_name=$1 b_who=$2
	shift 2
	for f; do commit "$f" "$f by $b_who $t_count" "$b_name: $f"; done
	g push -q -f origin "HEAD:refs/heads/$b_name" 2> "$work/out" ||
		not_ok "push of $b_name" "$work/out"
	g tag -f "$b_name-tip" > "$work/out"
}
# by WHO NAME [TARGET]: an approval of that branch
by() {
	sign_as "$1"
	approve "${3:-$base}" "$2-tip" ||
		not_ok "approval of $2 by $1" "$work/approve"
}
# the queue merges, squashes or rebases branches on top of $base
queue() { as robot; fresh; }
merge() { for b; do g merge -q --no-ff -m "Merge $b" "$b-tip" || exit 1; done; }
squash() {
	for b; do
		g merge -q --squash "$b-tip" > "$work/out" 2>&1
		g commit -q -m "$b, squashed" --author="$(g log -1 \
			--format='%an <%ae>' "$b-tip")"
	done
}
rebase() {
	for b; do
		g cherry-pick "origin/$base..$b-tip" > "$work/out" 2>&1
	done
}
counted() {
	last_decision
	is "$(grep -o '"counted":true' "$work/decision" | wc -l)" "$1" "$2"
}
# pair: alice's branch a, bob's branch b, each of two commits; approved by
# each other, or by who is named
pair() {
	n=$((t_count + 1))
	branch a alice "a/$n-1" "a/$n-2"
	branch b bob "b/$n-1" "b/$n-2"
	by "${1:-bob}" a
	by "${2:-alice}" b
}

# ---- what a queue brings ----

queues() {
	pair
	queue; merge a b
	accepted "$1: two reviewed branches, merged" HEAD:main
	counted 2 "$1: both approvals count"
	is "$(git -C "$server" for-each-ref refs/approvals | wc -l)" 0 \
		"$1: the refs of both are gone"
	pair
	queue; squash a b
	accepted "$1: squashed" HEAD:main
	pair
	queue; rebase a b
	accepted "$1: rebased, two commits each" HEAD:main
	pair
	queue; merge b
	squash a
	accepted "$1: one merged and one squashed" HEAD:main
	counted 2 "$1: both count again"

	pair
	queue; merge a b
	integration=$(here)
	fresh
	commit "other/$t_count" x 'fix: meanwhile'
	g push -q -f origin HEAD:refs/heads/other 2> "$work/out"
	sign_as alice
	approve main HEAD
	as carol
	accepted "$1: the branch moves on" HEAD:main
	queue
	g merge -q --no-ff -m 'Merge integration' "$integration"
	accepted "$1: merged into one branch, and that merged" HEAD:main
	pair
	queue; merge a b
	integration=$(here)
	fresh
	commit "other/$t_count" x 'fix: meanwhile'
	g push -q -f origin HEAD:refs/heads/other 2> "$work/out"
	sign_as alice
	approve main HEAD
	as carol
	accepted "$1: the branch moves on again" HEAD:main
	g checkout -q --detach "$integration"
	as robot
	g merge -q --no-ff -m 'Merge main' origin/main
	accepted "$1: the other way round" HEAD:main

	branch a alice "a/$t_count"
	by bob a
	as bob
	commit "b/$t_count" x 'b: on top of a'
	g push -q -f origin HEAD:refs/heads/b 2> "$work/out"
	g tag -f b-tip > "$work/out"
	by carol b
	accepted "$1: a chain, whose end is approved as a whole" HEAD:main
}

unapproved() {
	pair alice alice
	queue; merge a b
	refused "$1: alice approves her own and bob's" review/quorum \
		"alice's does not count: wrote part of the change" HEAD:main
	recorded "wrote part of the change" "$1: the record says why"
	by carol a
	queue; merge a b
	accepted "$1: somebody else approves hers" HEAD:main
	counted 2 "$1: alice's of bob's counts"

	pair
	branch c carol "c/$t_count"
	queue; merge a c b
	refused "$1: one between them has none" review/quorum \
		'needs 1 approval, has 0' HEAD:main
	told "$(g rev-parse --short=12 c-tip)" "$1: the answer names it"
	queue; rebase a c b
	refused "$1: nor when rebased" review/quorum 'has 0' HEAD:main
	queue; merge a b
	g merge -q --no-ff -m "Merge c" c-tip
	refused "$1: nor at the end" review/quorum 'has 0' HEAD:main
	by dave c
	queue; merge a c b
	accepted "$1: now it has" HEAD:main
}

# ---- what an approval is not for ----

slips() {
	pair
	queue; merge a
	g merge -q --no-ff --no-commit b-tip > "$work/out" 2>&1
	echo more >> "$clone/README"
	g commit -q -a -m 'Merge b, and more'
	refused "$1: something slips into a merge" review/quorum 'has 0' \
		HEAD:main
	queue; merge a
	g merge -q --no-ff --no-commit b-tip > "$work/out" 2>&1
	g rm -q -f "b/$n-2"
	g commit -q -m 'Merge part of b'
	refused "$1: a merge takes a part of what was approved" review/quorum \
		'has 0' HEAD:main
	queue; merge a b
	commit "a/$n-1" changed 'fix: one more'
	refused "$1: something behind them" review/quorum 'has 0' HEAD:main
	queue
	commit "first" "$n" 'fix: one before'
	merge a b
	refused "$1: something before them" review/quorum 'has 0' HEAD:main
	queue; squash a
	commit "a/$n-1" changed 'fix: between'
	merge b
	refused "$1: something between them" review/quorum 'has 0' HEAD:main

	# one whose file main has changed, and a merge that takes the branch's
	branch a alice README
	by bob a
	branch b carol README "b/$t_count"
	by dave b
	queue; merge b
	g merge -q --no-ff -X theirs -m 'Merge a' a-tip > "$work/out" 2>&1
	refused "$1: a merge that overrides what is there" review/quorum \
		'has 0' HEAD:main

	# one is thrown away, and then brought back in part
	pair
	queue; merge b
	g merge -q --no-ff -s ours -m 'Merge a, not' a-tip
	refused "$1: a merge that throws an approved branch away" \
		review/quorum 'has 0' HEAD:main
	g checkout -q a-tip -- "a/$n-1"
	g commit -q -m 'bring back a part'
	refused "$1: and what brings a part of it back" review/quorum \
		'has 0' HEAD:main
}

# Each of two approvals saw a difference without the line; together they leave
# it in.
overlap() {
	as robot
	fresh
	old=$(here)
	commit "o/one" "$1" 'one'
	commit evil "$1" 'evil in'
	low=$(here)
	g rm -q evil; commit "o/two" "$1" 'evil out'
	first=$(here)
	commit evil "$1" 'evil in again'
	commit "o/three" "$1" 'three'
	last=$(here)
	g push -q origin "$last:refs/heads/overlap" 2> "$work/out"
	# what bob sees from old to first, what carol sees from low to last, as
	# if each had been reviewed on another branch
	signed_for bob "$old" "$first" "$old"
	signed_for carol "$low" "$last" "$old"
	as robot
	g push -q origin "$bob" "$carol" 2> "$work/out" ||
		not_ok "$1: approvals" "$work/out"
	refused "$1: two approvals that overlap leave something unseen" \
		review/quorum 'has 0' "$last:main"
	recorded 'covers a part of what another' "$1: the record says why"
}
# signed_for WHO FROM TO [OBJECT]: an approval of that difference in the
# clone; the variable WHO is what to push
signed_for() {
	diff=$(g diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none "$2" "$3" | sha256sum | cut -c1-64)
	sign_as "$1"
	g tag -f -s -m "Approve

Approves-ref: refs/heads/$base
Approves-diff: sha256:$diff
Repository: $(basename "$clone")" "for-$1" "${4:-$3}" > "$work/out" 2>&1 ||
		not_ok "signature of $1" "$work/out"
	eval "$1=for-$1:refs/approvals/$(printf %.16s "$diff")/$1-$((t_count + 1))"
}

# the same difference twice in one push
again() {
	branch a alice "again/$t_count"
	by bob a
	queue; rebase a
	g revert --no-edit HEAD > "$work/out"
	g push -q -f origin HEAD:refs/heads/back 2> "$work/out"
	signed_for carol HEAD^ HEAD
	g push -q origin "$carol" 2> "$work/out"
	as robot
	rebase a
	commit "again/more-$t_count" x 'more'
	as robot
	g push -q -f origin HEAD:refs/heads/back2 2> "$work/out"
	# of the last commit alone
	signed_for dave HEAD^ HEAD
	g push -q origin "$dave" 2> "$work/out"
	as robot
	accepted "$1: what is taken back and made again is one change" HEAD:main
	g fetch -q
	branch a alice "again/$t_count" "again/$t_count-2"
	by bob a
	queue
	commit "again/before-$t_count" x 'one before'
	signed_for carol HEAD^ HEAD
	rebase a
	g revert --no-edit HEAD HEAD^ > "$work/out"
	g reset -q --soft HEAD~2; g commit -q -m 'take it back'
	signed_for dave HEAD^ HEAD
	echo x > "$clone/README"; g commit -q -a -m 'not seen'
	rebase a
	g push -q -f origin HEAD:refs/heads/back3 "$carol" "$dave" 2> "$work/out"
	as robot
	refused "$1: an approval covers its change once" review/quorum \
		'has 0' HEAD:main
}

# a search that ends somewhere says so
too_much() {
	branch a alice "alone/$t_count"
	by bob a
	queue
	for k in $(seq 60); do commit "much/$k" "$1 $k" "number $k"; done
	rebase a
	refused "$1: more parts than are looked for" review/quorum \
		'too much at once to look for each part' HEAD:main
}

# ---- lines of the quorum, areas, the exact commit ----

lines() {
	base=two
	pair
	queue; merge a b
	refused "$1: each part needs two" review/quorum \
		'needs 2 approvals, has 1' HEAD:two
	by carol a
	by carol b
	queue; merge a b
	accepted "$1: the same person may approve both parts" HEAD:two
	counted 4 "$1: four approvals count"
	pair
	as carol
	queue; merge a b
	g tag -f whole-tip > "$work/out"
	g push -q -f origin HEAD:refs/heads/whole 2> "$work/out"
	by carol whole
	as robot
	accepted "$1: one for each part, and one for the whole" HEAD:two

	base=pay
	branch a alice "pay/$t_count"
	by bob a
	branch b bob "elsewhere/$t_count-1" "elsewhere/$t_count-2"
	queue; rebase b a
	accepted "$1: what the rule does not ask about needs none" HEAD:pay
	branch a alice "pay/$t_count" "pay/$t_count-2"
	by bob a
	branch b bob "elsewhere/$t_count-1" "elsewhere/$t_count-2"
	queue; rebase b a
	accepted "$1: nor before two commits" HEAD:pay
	branch a alice "pay/$t_count" "pay/$t_count-2"
	by bob a
	branch b bob "elsewhere/$t_count-1"
	queue; merge a; rebase b
	accepted "$1: nor behind a merge" HEAD:pay

	branch a alice "pay/$t_count-1" "pay/$t_count-2"
	by bob a
	branch b bob "elsewhere/$t_count"
	queue; merge a
	g merge -q --no-ff --no-commit b-tip > "$work/out" 2>&1
	dropped=$(g diff --name-only origin/pay a-tip | tail -n 1)
	g rm -q -f "$dropped"
	g commit -q -m 'Merge b, without a part of a'
	refused "$1: a merge takes back a part of what is approved" \
		review/quorum 'has 0' HEAD:pay
	queue; merge a b
	accepted "$1: a merge of what needs none" HEAD:pay

	base=tip
	branch a alice "a/$t_count"
	by bob a
	as bob
	commit "b/$t_count" x 'b: on top of a'
	g push -q -f origin HEAD:refs/heads/b 2> "$work/out"
	g tag -f b-tip > "$work/out"
	refused "$1: bind = tip: the commit behind it has none" \
		review/quorum 'has 0' HEAD:tip
	by carol b
	as alice
	accepted "$1: bind = tip: a chain of exact commits" HEAD:tip
	branch a alice "a/$t_count"
	by bob a
	queue; merge a
	refused "$1: bind = tip: a merge is another commit" review/quorum \
		"bob's does not count: is for an earlier commit" HEAD:tip
	base=main
}

# ---- signed merges ----

# signed WHO NAME [KEY]: WHO merges the branch and signs that
signed() {
	sign_as "$1"
	[ $# = 2 ] || g config user.signingKey "$work/key-$3"
	fresh
	g merge -q --no-ff -S -m "Merge $2" "$2-tip"
	g config --unset user.signingKey
	as robot
}
signed_merges() {
	branch a alice "m/$t_count-1" "m/$t_count-2"
	signed bob a
	accepted "$1: a merge that a reviewer signed" HEAD:main
	recorded "\"at\":\"$(here)\"" "$1: the record names the commit"
	branch a alice "m/$t_count-1"
	branch b carol "m/$t_count-2"
	signed bob a
	sign_as dave
	g merge -q --no-ff -S -m "Merge b" b-tip
	as robot
	accepted "$1: one of each" HEAD:main

	branch a alice "m/$t_count"
	queue; merge a
	refused "$1: a merge that nobody signed" review/quorum 'has 0' HEAD:main
	signed alice a
	refused "$1: signed by who wrote what it merges" review/quorum \
		"alice's merge does not count: wrote part of the change" HEAD:main
	recorded "wrote part of the change" "$1: the record says why"
	signed robot a
	refused "$1: signed by a bot" review/quorum \
		"robot's merge does not count: is a bot" HEAD:main
	signed bob a stranger
	refused "$1: signed with nobody's key" review/quorum \
		'needs 1 approval, has 0 *$' HEAD:main
	signed bob a
	g cat-file commit HEAD | sed 's/^Merge a$/Merge b/' > "$work/forged"
	g reset -q --hard "$(crafted commit < "$work/forged")"
	refused "$1: the words behind the signature are changed" review/quorum \
		"merge does not count: the signature does not verify" HEAD:main
	sign_as bob
	fresh
	g merge -q --no-ff --no-commit a-tip > "$work/out" 2>&1
	echo mine >> "$clone/README"
	g commit -q -a -S -m 'Merge a, and more'
	as robot
	refused "$1: a merge that changes something" review/quorum \
		'has 0' HEAD:main
	signed bob a
	commit "behind-$t_count" x 'behind it'
	refused "$1: something behind a signed merge" review/quorum \
		'has 0' HEAD:main
	sign_as bob
	fresh
	g checkout -q --detach a-tip
	g commit -q --allow-empty -m 'on the branch'
	g merge -q --no-ff -S -m 'Merge main' origin/main 2> "$work/out"
	commit "behind-$t_count" x 'the branch goes on'
	as robot
	refused "$1: a signed merge on the branch is none of main's" \
		review/quorum 'has 0' HEAD:main
	signed bob a
	accepted "$1: the same, signed and alone" HEAD:main
}

for algo in sha1 sha256; do
	as alice
	new_server "parts-$algo" "$algo"
	g push -q origin main:tip main:two main:pay > "$work/out" 2>&1
	queues "$algo"
	unapproved "$algo"
	slips "$algo"
	overlap "$algo"
	again "$algo"
	too_much "$algo"
	lines "$algo"
	signed_merges "$algo"
done

done_testing
