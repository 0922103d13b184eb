#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `review` over real pushes: whose approval counts for what, and
# until when. The approvals are made by git approve and stock git.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol dave robot old lapsed bob2; do
	signing_key "$who"
done
# bob's second key; a key of nobody; one that was revoked, one that is out
sed -i "s/^bob2 /bob /" "$work/etc/signers"
sed -i '/^lapsed /d' "$work/etc/signers"
printf 'dave valid-before="20240101" %s\n' \
	"$(cut -d' ' -f1,2 "$work/key-lapsed.pub")" >> "$work/etc/signers"
ssh-keygen -q -t ed25519 -N '' -C stranger -f "$work/key-stranger" < /dev/null
ssh-keygen -q -t ecdsa -b 256 -N '' -C carol -f "$work/key-ecdsa" < /dev/null
ssh-keygen -q -t rsa -b 3072 -N '' -C carol -f "$work/key-rsa" < /dev/null
for kind in ecdsa rsa; do
	printf 'carol %s\n' "$(cut -d' ' -f1,2 "$work/key-$kind.pub")" \
		>> "$work/etc/signers"
done
ssh-keygen -q -t ed25519 -N '' -C dave -f "$work/key-revoked" < /dev/null
printf 'dave %s\n' "$(cut -d' ' -f1,2 "$work/key-revoked.pub")" \
	>> "$work/etc/signers"
cut -d' ' -f1,2 "$work/key-revoked.pub" > "$work/etc/revoked"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	email = alice@home.example.org
	login = alice
	role = security
[principal "bob"]
	email = bob@example.com
	login = bob
	role = security
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
	role = security
[principal "old"]
	email = old@example.com
	login = old
	until = 2024-12-31
[signers]
	ssh = signers
	ssh-revoked = revoked
[area "payments"]
	path = pay/**
[gate "main"]
	ref = refs/heads/main
	rule = one
[gate "branches"]
	ref = refs/heads/security
	rule = security
[gate "two"]
	ref = refs/heads/two
	rule = two
[gate "tip"]
	ref = refs/heads/tip
	rule = by-tip
[gate "strict"]
	ref = refs/heads/strict
	rule = nobody-near
[gate "narrow"]
	ref = refs/heads/narrow
	rule = agents-in-payments
[gate "mild"]
	ref = refs/heads/mild
	rule = mild
[rule "nobody-near"]
	check = review
	exclude = committer, pusher
	quorum = 1
[rule "agents-in-payments"]
	check = review
	when = ai-assisted
	when = area:payments
	quorum = 1
[rule "mild"]
	check = review
	level = warn
	quorum = 1
[gate "agents"]
	ref = refs/heads/agents
	rule = agents-work
[gate "new"]
	ref = refs/heads/new/*
	rule = one-for-all
[rule "one"]
	check = review
	when = area:payments
	quorum = 1
[rule "one-for-all"]
	check = review
	quorum = 1
[rule "security"]
	check = review
	quorum = 1 of security
	quorum = 1
[rule "two"]
	check = review
	quorum = 2
[rule "by-tip"]
	check = review
	bind = tip
	quorum = 1
[rule "agents-work"]
	check = review
	when = ai-assisted
	quorum = 1
END

# A change of alice's on top of BRANCH, also pushed to review/N by BRINGER, so
# that who approves and who presses the button need not be who brings it.
# pay MESSAGE [BRANCH [BRINGER]]
pay() {
	as alice
	reset_clone "${2:-main}"
	t_change=$((t_change + 1))
	commit "pay/$t_change" "change $t_change" "$1"
	GATEPOST_TEST_USER=${3:-alice}
	git -C "$clone" push -q origin "HEAD:refs/heads/review/$t_change" \
		> "$work/out" 2>&1 || echo "# not pushed: review/$t_change"
	as alice
}
# approved_by WHO [KEY]: for main or $target, by WHO's key or another
target=main
approved_by() {
	sign_as "$1"
	[ $# = 1 ] || git config --global user.signingKey "$work/key-$2"
	approve "$target" HEAD || not_ok "approval by $1" "$work/approve"
	as alice
}
# the approval is not to be had by pushing: what the gate says of it
not_approved_by() {
	sign_as "$1"
	[ $# = 1 ] || git config --global user.signingKey "$work/key-$2"
	approve "$target" HEAD
	as alice
}

quorum() {
	pay 'pay: one'
	refused "$1: no approval" review/quorum \
		'needs 1 approval, has 0' HEAD:main
	told "a reviewer runs: git approve main $(git -C "$clone" \
		rev-parse --short=12 HEAD)" "$1: the hint says who does what"
	approved_by bob
	accepted "$1: with an approval it passes" HEAD:main
	recorded '"counted":true' "$1: the record has the approval"
	is "$(git -C "$server" for-each-ref refs/approvals | wc -l)" 0 \
		"$1: its ref is gone when the change has landed"
	"$gatepost" ledger show --json --ledger "$work/ledger" \
		"$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/decision")" \
		> "$work/shown" 2>&1
	has "$work/shown" '"counted":true' "$1: ledger show has it"
	evidence "$(sed 's/.*"evidence":"\([^"]*\)".*/\1/' \
		"$work/decision")" > "$work/tag"
	has "$work/tag" '^Approves-ref: refs/heads/main$' \
		"$1: the tag's bytes are kept as evidence"
	printf 'bob@example.com %s\n' "$(cut -d' ' -f1,2 "$work/key-bob.pub")" \
		> "$work/allowed"
	git -C "$clone" config gpg.ssh.allowedSignersFile "$work/allowed"
	yes "$1: anyone can verify them with git" git -C "$clone" \
		verify-tag "$(crafted tag < "$work/tag")"

	change 'fix: elsewhere'
	accepted "$1: outside of the area none is asked" HEAD:main

	pay 'pay: by ecdsa'
	approved_by carol ecdsa
	accepted "$1: an ECDSA key" HEAD:main
	pay 'pay: by rsa'
	approved_by carol rsa
	accepted "$1: an RSA key" HEAD:main
}

roles() {
	target=security
	pay 'sec: one' security
	refused "$1: every quorum line is told" review/quorum \
		'needs 1 approval from security, has 0' HEAD:security
	told 'needs 1 approval, has 0' "$1: the other line, too"
	approved_by carol
	refused "$1: somebody without the role" review/quorum \
		"needs 1 approval from security, has 0 (carol's does not count: lacks the role security" \
		HEAD:security
	approved_by bob
	accepted "$1: with the role, one is enough for both lines" \
		HEAD:security

	target=two
	pay 'two: one' two
	approved_by bob
	approved_by bob bob2
	refused "$1: two keys of one person" review/quorum \
		'needs 2 approvals, has 1.*approved already' HEAD:two
	approved_by carol
	accepted "$1: two people" HEAD:two
	target=main
}

# who contributed does not count
contributors() {
	pay 'pay: own'
	approved_by alice
	refused "$1: the author's own approval" review/quorum \
		"alice's does not count: wrote part of the change" HEAD:main

	pay 'pay: alias'
	git -C "$clone" commit -q --amend --no-edit \
		--author='A. <alice@home.example.org>'
	GATEPOST_TEST_USER=dave
	git -C "$clone" push -q origin HEAD:refs/heads/alias > "$work/out" 2>&1
	approved_by alice
	refused "$1: an author under a second address" review/quorum \
		"alice's does not count: wrote part of the change" HEAD:main

	pay 'pay: together

Co-authored-by: Bob <BOB@example.com>'
	approved_by bob
	refused "$1: a co-author" review/quorum \
		"bob's does not count: wrote part of the change" HEAD:main

	pay 'pay: together

Co-authored-by: Bob <bob@example.com>

A squash put this behind it.'
	approved_by bob
	refused "$1: a co-author outside of the trailers" review/quorum \
		"bob's does not count: wrote part of the change" HEAD:main

	pay 'pay: brought by bob' main bob
	approved_by bob
	refused "$1: who brought the change, on whatever ref" review/quorum \
		"bob's does not count: brought the change to the server" \
		HEAD:main

	pay 'pay: pushed by bob himself'
	approved_by bob
	GATEPOST_TEST_USER=bob
	accepted "$1: a reviewer may press the button" HEAD:main

	pay 'pay: merged'
	side=$(git -C "$clone" rev-parse HEAD)
	approved_by bob
	change 'fix: meanwhile'
	accepted "$1: main moves on meanwhile" HEAD:main
	as bob
	reset_clone
	git -C "$clone" merge -q --no-ff -m "Merge the change" "$side"
	accepted "$1: a reviewer's clean merge is no contribution" HEAD:main
}

# whose key it is, and whether it is good now
keys() {
	pay 'pay: keys'
	not_approved_by bob stranger
	has "$work/approve" 'is not among the allowed signers' \
		"$1: an unknown key's approval is not taken"
	refused "$1: nor does it count" review/quorum 'has 0' HEAD:main
	not_approved_by dave lapsed
	refused "$1: a key that is out of date" review/quorum 'has 0' HEAD:main
	not_approved_by dave revoked
	refused "$1: a revoked key" review/quorum 'has 0' HEAD:main
	not_approved_by robot
	refused "$1: a bot" review/quorum \
		"has 0 (robot's does not count: is a bot" HEAD:main
	not_approved_by old
	refused "$1: somebody who left" review/quorum \
		"old's does not count: could approve until 2024-12-31\|has 0" \
		HEAD:main
	approved_by dave
	accepted "$1: a good key of the same person" HEAD:main
}

# what it is for, and until when
bound() {
	pay 'pay: reworded'
	approved_by bob
	git -C "$clone" commit -q --amend -m 'pay: in better words'
	accepted "$1: it survives a reword" HEAD:main

	pay 'pay: rebased'
	approved_by bob
	work_at=$(git -C "$clone" rev-parse HEAD)
	change 'fix: unrelated'
	accepted "$1: main moves on" HEAD:main
	git -C "$clone" fetch -q
	git -C "$clone" checkout -q -B main "$work_at"
	git -C "$clone" rebase -q origin/main
	accepted "$1: it survives a rebase over unrelated files" HEAD:main

	pay 'pay: part one'
	commit pay/more 'more' 'pay: part two'
	git -C "$clone" push -q origin HEAD:refs/heads/parts > "$work/out" 2>&1
	approved_by bob
	git -C "$clone" reset -q --soft origin/main
	git -C "$clone" commit -q -m 'pay: squashed'
	accepted "$1: it survives a squash" HEAD:main

	pay 'pay: changed'
	approved_by bob
	commit "pay/$t_change" 'changed after all' 'pay: more'
	refused "$1: it does not survive a changed line" review/quorum 'has 0' \
		HEAD:main
	pay 'pay: swapped'
	approved_by bob
	echo other > "$clone/pay/$t_change"
	git -C "$clone" commit -q -a --amend --no-edit
	refused "$1: nor an amended one" review/quorum 'has 0' HEAD:main
	pay 'pay: white space'
	approved_by bob
	printf 'change %s \n' "$t_change" > "$clone/pay/$t_change"
	git -C "$clone" commit -q -a --amend --no-edit
	refused "$1: white space is a change" review/quorum 'has 0' HEAD:main
	printf 'change %s\n' "$t_change" > "$clone/pay/$t_change"
	chmod +x "$clone/pay/$t_change"
	git -C "$clone" commit -q -a --amend --no-edit
	refused "$1: so is the executable bit" review/quorum 'has 0' HEAD:main

	target=tip
	pay 'tip: one' tip
	approved_by bob
	git -C "$clone" commit -q --amend -m 'tip: reworded'
	refused "$1: bind = tip: a reword lapses it" review/quorum \
		"is for an earlier commit of this change" HEAD:tip
	approved_by bob
	accepted "$1: bind = tip: the very commit" HEAD:tip
	target=main
}

elsewhere() {
	pay 'pay: for another branch'
	git -C "$clone" push -q origin origin/main:refs/heads/twin \
		> "$work/out" 2>&1
	target=twin
	approved_by bob
	target=main
	refused "$1: an approval for another ref" review/quorum \
		"bob's does not count: is for twin" HEAD:main

	pay 'pay: for another repository'
	git -C "$clone" config approve.repository other
	approved_by bob
	git -C "$clone" config --unset approve.repository
	refused "$1: an approval for another repository" review/quorum \
		"bob's does not count: is for another repository" HEAD:main
	git -C "$clone" config approve.repository "view-$1"
	not_approved_by bob
	git -C "$clone" config --unset approve.repository
	refused "$1: a part of the name is not the name" review/quorum \
		"is for another repository" HEAD:main
	approved_by bob
	accepted "$1: an approval for this one" HEAD:main
}

# what git approve has pushed last
approval_ref() { sed -n 's/^Approved: \([^ ]*\) at.*/\1/p' "$work/approve"; }
approval_tag() { sed -n 's/^Approved: .* (\(.*\))$/\1/p' "$work/approve"; }

spent() {
	pay 'pay: will be reverted'
	landed=$(git -C "$clone" rev-parse HEAD)
	approved_by bob
	tag=$(approval_tag)
	at=$(approval_ref)
	accepted "$1: the change lands" HEAD:main
	spent_by=$(sed 's/.*"id":"\([^"]*\)","kind.*/\1/' "$work/decision")
	git -C "$clone" fetch -q
	git -C "$clone" revert --no-edit HEAD > /dev/null
	# before its approval: who pushes that first brings the change
	git -C "$clone" push -q origin HEAD:refs/heads/review/back \
		2> "$work/out"
	approved_by carol
	accepted "$1: its revert lands, with an approval of its own" HEAD:main
	git -C "$clone" fetch -q
	git -C "$clone" checkout -q -B main origin/main
	git -C "$clone" cherry-pick "$landed" > /dev/null
	git -C "$clone" push -q origin "$tag:$at" > "$work/out" 2>&1
	is "$(tip "$at")" "$tag" "$1: the old tag is pushed again"
	refused "$1: after a revert the old approval is spent" review/quorum \
		"bob's does not count: is used up by record $spent_by" HEAD:main
	approved_by bob
	accepted "$1: a new one counts" HEAD:main
}

# A race that is lost burns nothing: what was counted for a push that did not
# land counts for the next.
lost_race() {
	pay 'pay: races'
	approved_by bob
	at=$(approval_ref)
	# git finds out behind pre-receive that the ref cannot be updated
	mkdir -p "$server/refs/heads"
	: > "$server/refs/heads/main.lock"
	push HEAD:main
	rm "$server/refs/heads/main.lock"
	last_decision
	if [ $pushed != 0 ] && grep -q '"verdict":"pass"' "$work/decision"; then
		ok "$1: accepted, but the ref could not move"
	else
		not_ok "$1: accepted, but the ref could not move" \
			"$work/answer" "$work/decision"
	fi
	[ "$(tip "$at")" != none ] && ok "$1: the approval is still there" ||
		not_ok "$1: the approval is still there"
	accepted "$1: and counts for the next try" HEAD:main
}

created() {
	target=new/a
	pay 'new: a branch'
	approved_by bob
	accepted "$1: a created ref: an approval of the tip" HEAD:new/a
	target=new/b
	pay 'new: another'
	approved_by bob
	git -C "$clone" commit -q --amend -m 'new: reworded'
	refused "$1: a created ref: only the tip counts" review/quorum 'has 0' \
		HEAD:new/b
	target=main
}

# the approval in the same push as the change
together() {
	pay 'pay: in one push'
	approved_by bob
	at=$(approval_ref)
	tag=$(approval_tag)
	git -C "$clone" fetch -q origin "$at"
	git -C "$server" update-ref -d "$at"
	refused "$1: without it the change is refused" review/quorum 'has 0' \
		HEAD:main
	accepted "$1: an approval in the same push counts" HEAD:main "$tag:$at"
}

agents() {
	pay 'fix: by hand' agents
	accepted "$1: ai-assisted: not asked of people's work" HEAD:agents
	target=agents
	pay 'feat: by an agent

Assisted-by: Claude:claude-opus-4-6' agents
	refused "$1: ai-assisted: an agent's work needs somebody" \
		review/quorum 'needs 1 approval, has 0' HEAD:agents
	approved_by bob
	accepted "$1: ai-assisted: approved" HEAD:agents
	target=main
}

# exclude = committer, pusher: and an author all the same
excluded() {
	target=strict
	pay 'strict: one' strict
	approved_by bob
	GATEPOST_TEST_USER=bob
	refused "$1: exclude = pusher" review/quorum \
		"bob's does not count: pushes the change" HEAD:strict
	GATEPOST_TEST_USER=alice
	accepted "$1: somebody else pushes" HEAD:strict

	pay 'strict: two' strict
	GIT_COMMITTER_NAME=bob GIT_COMMITTER_EMAIL=bob@example.com \
		git -C "$clone" commit -q --amend --no-edit
	approved_by bob
	refused "$1: exclude = committer" review/quorum \
		"bob's does not count: committed part of the change" HEAD:strict
	pay 'strict: three' strict
	approved_by alice
	refused "$1: the author is always out" review/quorum \
		"alice's does not count: wrote part of the change" HEAD:strict
	pay 'strict: four' strict bob
	approved_by bob
	accepted "$1: who brought it is not, when not named" HEAD:strict
	target=main
}

# Who squashes a branch brings no change of his own, if it is the same change
# and each part of it was brought by others.
squash() {
	reset_clone
	git -C "$clone" merge -q --squash "$1" > "$work/out" 2>&1
	GIT_AUTHOR_NAME=alice GIT_AUTHOR_EMAIL=alice@example.com \
		git -C "$clone" commit -q -m 'pay: squashed'
}
# two_parts BRINGER BRINGER: a branch of two commits, brought one by one
two_parts() {
	as alice
	reset_clone
	t_change=$((t_change + 1))
	for who in "$@"; do
		commit "pay/$t_change-$who" "$t_change $who" 'pay: a part'
		GATEPOST_TEST_USER=$who
		git -C "$clone" push -q origin \
			"HEAD:refs/heads/parts-$t_change" > "$work/out" 2>&1
		as alice
	done
	branch=$(git -C "$clone" rev-parse HEAD)
}

squashes() {
	two_parts alice carol
	approved_by bob
	as bob
	squash "$branch"
	accepted "$1: the reviewer squashes what others brought" HEAD:main

	two_parts alice bob
	approved_by bob
	as bob
	squash "$branch"
	refused "$1: a squash hides no part that he brought" review/quorum \
		"bob's does not count: brought the change" HEAD:main
	as alice
	approved_by carol
	as bob
	accepted "$1: somebody else's approval counts" HEAD:main

	# an approval of an innocent branch that claims the other change
	two_parts alice carol
	innocent=$branch
	as bob
	reset_clone
	commit "pay/forged-$t_change" 'forged' 'pay: forged'
	GIT_AUTHOR_NAME=alice GIT_AUTHOR_EMAIL=alice@example.com \
		git -C "$clone" commit -q --amend --no-edit --reset-author
	forged=$(git -C "$clone" rev-parse HEAD)
	diff=$(git -C "$clone" diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none HEAD^ HEAD | sha256sum | cut -c1-64)
	sign_as bob
	git -C "$clone" tag -f -s -m "Approve

Approves-ref: refs/heads/main
Approves-diff: sha256:$diff
Repository: $(basename "$clone")" claim "$innocent" > "$work/out" 2>&1
	refused "$1: nor does a claim about another branch" review/quorum \
		"bob's does not count: brought the change" "$forged:main" \
		"claim:refs/approvals/$(printf %.16s "$diff")/bob-1"
	as alice
}

# what a merge changes by itself is its author's work
evil_merge() {
	pay 'pay: to be merged'
	side=$(git -C "$clone" rev-parse HEAD)
	change 'fix: meanwhile'
	accepted "$1: main moves on" HEAD:main
	as bob
	reset_clone
	git -C "$clone" merge -q --no-ff --no-commit "$side" > "$work/out" 2>&1
	echo more > "$clone/pay/slipped-in"
	git -C "$clone" add pay
	git -C "$clone" commit -q -m 'Merge, with something of my own'
	approved_by bob
	as bob
	refused "$1: what slipped into a merge is the merger's" review/quorum \
		"bob's does not count: wrote part of the change" HEAD:main
	approved_by carol
	as bob
	accepted "$1: somebody else's approval covers it" HEAD:main
	as alice
}

conditions() {
	pay 'fix: payments by hand' narrow
	t_change=$((t_change + 1))
	commit "elsewhere/$t_change" 1 'feat: elsewhere, by an agent

Assisted-by: Claude:claude-opus-4-6'
	accepted "$1: two when lines hold for no one commit" HEAD:narrow
	pay 'feat: payments, by an agent

Assisted-by: Claude:claude-opus-4-6' narrow
	refused "$1: both hold for one commit" review/quorum \
		'needs 1 approval, has 0' HEAD:narrow
	# out of the area, into it: both are changes of it
	reset_clone narrow
	first=$(git -C "$clone" ls-files 'pay/*' | head -n 1)
	git -C "$clone" mv "$first" moved-out
	git -C "$clone" commit -q -m 'feat: moved, by an agent

Assisted-by: Claude:claude-opus-4-6'
	refused "$1: a file that leaves the area" review/quorum \
		'needs 1 approval, has 0' HEAD:narrow

	pay 'mild: one' mild
	accepted "$1: level = warn lets it pass" HEAD:mild
	told 'warning: needs 1 approval, has 0' "$1: and warns"
	recorded '"verdict":"warn"' "$1: and records that"
	if grep -q '"would":"reject"' "$work/decision"; then
		not_ok "$1: it would not be refused either" "$work/decision"
	else
		ok "$1: it would not be refused either"
	fi
}

for algo in sha1 sha256; do
	as alice
	new_server "review-$algo" "$algo"
	git -C "$clone" push -q origin main:security main:two main:tip \
		main:agents main:strict main:narrow main:mild > "$work/out" 2>&1
	quorum "$algo"
	roles "$algo"
	contributors "$algo"
	keys "$algo"
	bound "$algo"
	elsewhere "$algo"
	spent "$algo"
	lost_race "$algo"
	created "$algo"
	together "$algo"
	agents "$algo"
	excluded "$algo"
	squashes "$algo"
	evil_merge "$algo"
	conditions "$algo"
done

done_testing
