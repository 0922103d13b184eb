#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whoever knows how approvals are found and counted tries to have one count
# that was not given, to bring back one that was taken back, to hide that the
# change is his own, and to keep others from pushing.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol mallory robot; do signing_key "$who"; done

policy_file <<'END'
	approval-keep = 30d
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
[principal "mallory"]
	email = mallory@example.com
	login = mallory
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
[signers]
	ssh = signers
	accept = gittuf
[area "pay"]
	path = pay/**
[gate "main"]
	ref = refs/heads/main
	rule = one
[gate "led"]
	ref = refs/heads/led
	rule = lead
[gate "pay"]
	ref = refs/heads/pay
	rule = pay
[rule "one"]
	check = review
	quorum = 1
[rule "lead"]
	check = review
	quorum = 1 of lead
[rule "pay"]
	check = review
	when = area:pay
	quorum = 1
END

g() { git -C "$clone" "$@"; }
here() { g rev-parse HEAD; }
as_alice() { GIT_AUTHOR_NAME=alice GIT_AUTHOR_EMAIL=alice@example.com "$@"; }
# bring BRANCH WHO: what is checked out comes to the server by WHO's hand
bring() {
	GATEPOST_TEST_USER=$2
	g push -q -f origin "HEAD:refs/heads/$1" 2> "$work/out" ||
		not_ok "push of $1" "$work/out"
}
# by WHO [TARGET]
by() {
	sign_as "$1"
	approve "${2:-main}" HEAD || not_ok "approval by $1" "$work/approve"
}
approval_ref() { sed -n 's/^Approved: \([^ ]*\) at.*/\1/p' "$work/approve"; }
approval_tag() { sed -n 's/^Approved: .* (\(.*\))$/\1/p' "$work/approve"; }
# forged NAME FILE...: commits that name alice, brought by mallory
forged() {
	as alice
	reset_clone
	f_name=$1; shift
	for f; do commit "$f" "$f $t_count" "$f_name: $f"; done
	bring "$f_name" mallory
}
# claim WHO FROM TO OBJECT: signed, the difference of one, the object of another
claim() {
	diff=$(g diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none "$2" "$3" | sha256sum | cut -c1-64)
	sign_as "$1"
	g tag -f -s -m "Approve

Approves-ref: refs/heads/main
Approves-diff: sha256:$diff
Repository: $(basename "$clone")" claim "$4" > "$work/out" 2>&1 ||
		not_ok "claim of $1" "$work/out"
	claimed=claim:refs/approvals/$(printf %.16s "$diff")/$1-7
}

# ---- whose a squash is ----

squashed() {
	as robot
	tip=$(here)
	reset_clone
	g merge -q --squash "$tip" > "$work/out" 2>&1
	as_alice g commit -q -m 'squashed'
}

laundry() {
	forged launder "l/$t_count-1" "l/$t_count-2"
	claim mallory origin/main HEAD origin/main
	g push -q origin "$claimed" 2> "$work/out" || not_ok claim "$work/out"
	squashed
	refused "$1: a claim tells nothing of who brought what is squashed" \
		review/quorum "mallory's does not count" HEAD:main
	g checkout -q -f "$tip"
	by bob
	squashed
	accepted "$1: an approval of the branch itself does" HEAD:main
}

# A branch of the same change whose commits name bob, who has approved: he is
# none of its authors.
blame() {
	as alice
	reset_clone
	g push -q origin origin/main:refs/heads/led 2> "$work/out"
	commit bl/1 1 one
	commit bl/2 2 two
	bring blame alice
	tip=$(here)
	diff=$(g diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none origin/main HEAD | sha256sum |
		cut -c1-64)
	by bob led
	as bob
	reset_clone
	commit bl/2 2 forged
	commit bl/1 1 forged
	sign_as mallory
	g tag -f -s -m "Approve

Approves-ref: refs/heads/led
Approves-diff: sha256:$diff
Repository: $(basename "$clone")" bl > "$work/out" 2>&1
	g push -q origin "bl:refs/approvals/$(printf %.16s "$diff")/a-1" \
		2> "$work/out" || not_ok "$1: forged" "$work/out"
	g checkout -q -f "$tip"
	squashed
	accepted "$1: who approves is blamed for no part of it" HEAD:led
}

# ---- what was taken back ----

withdraw() {
	(cd "$clone" && "$top/contrib/git-approve" --yes --withdraw "$@") \
		> "$work/withdraw" 2>&1
}

come_back() {
	forged back "b/$t_count"
	before=$(tip main)
	by bob
	at=$(approval_ref) tag=$(approval_tag)
	g fetch -q origin "$at"
	yes "$1: bob takes his approval back" withdraw main HEAD
	by carol
	change=$(here)
	as alice
	accepted "$1: the change lands by carol's" HEAD:main
	g push -q -f origin "$before:refs/heads/main" 2> "$work/out" ||
		not_ok "$1: rewound" "$work/out"
	as mallory
	refused "$1: after a rewind it does not come back" review/quorum \
		"bob's does not count: was withdrawn" \
		"$change:main" "$tag:$at"
}

swept() {
	forged swept "w/$t_count"
	then=$(($(date +%s) - 40 * 86400))
	GIT_COMMITTER_DATE="$then +0000"; export GIT_COMMITTER_DATE
	by bob
	at=$(approval_ref) tag=$(approval_tag)
	g fetch -q origin "$at"
	yes "$1: bob takes his old approval back" withdraw main HEAD
	unset GIT_COMMITTER_DATE
	rm -f "$server/gatepost-swept"
	bring other mallory
	is "$(git -C "$server" for-each-ref "$(dirname "$at")" | wc -l)" 0 \
		"$1: both are swept"
	as mallory
	refused "$1: what was swept does not come back" review/quorum \
		"bob's does not count: is older than 30 days" \
		HEAD:main "$tag:$at"
}

# ---- in the way ----

in_the_way() {
	forged way "way/$t_count"
	by bob
	GATEPOST_TEST_USER=mallory
	g push -q origin HEAD:refs/gittuf/attestations/x 2> "$work/out"
	as alice
	accepted "$1: a directory where gittuf's ref should be" HEAD:main
	as mallory
	refused "$1: a tag that leaves approvals no room" approval/malformed \
		'leave them no room' HEAD:refs/tags/approve
}

# ---- co-authors ----

coauthors() {
	as alice
	reset_clone
	commit "c/$t_count" "$t_count" 'together

Co-authored-by: Bob <bob@example.com>, Carol <carol@example.com>'
	bring together alice
	by bob
	as alice
	refused "$1: the first of two co-authors in a line" review/quorum \
		"bob's does not count: wrote part of the change" HEAD:main
	as alice
	g commit -q --amend -m 'together

Co-authored-by: Bob <bob@example.com> (he/him)'
	refused "$1: one with a word behind the address" review/quorum \
		"bob's does not count: wrote part of the change" HEAD:main
}

# ---- what stands where an area would be ----

areas() {
	as alice
	reset_clone
	g push -q origin HEAD:refs/heads/pay 2> "$work/out"
	g update-index --add --cacheinfo "160000,$(here),pay"
	g commit -q -m 'a submodule'
	refused "$1: a submodule instead of an area" review/quorum \
		'needs 1 approval' HEAD:pay
	reset_clone pay
	ln -s elsewhere "$clone/pay"
	g add pay
	g commit -q -m 'a link'
	refused "$1: a symbolic link instead of one" review/quorum \
		'needs 1 approval' HEAD:pay
}

# ---- one's own approvals, as many as are taken ----

# signed WHO DIGEST OBJECT NAME: a tag in the clone
signed() {
	sign_as "$1"
	g tag -f -s -m "Approve

Approves-ref: refs/heads/main
Approves-diff: sha256:$2
Repository: $(basename "$clone")" "$4" "$3" > "$work/out" 2>&1 ||
		not_ok "signature of $1" "$work/out"
}
digest_of() { printf %s "$*" | sha256sum | cut -c1-64; }
# all that mallory may file of one commit, each of another change
fill() {
	refs= tags= f_dir=$(digest_of "$1" | cut -c1-16)
	for k in $(seq 16); do
		signed mallory "$(digest_of "$1" ref $k)" "$1" "$1-$k"
		refs="$refs $1-$k:refs/approvals/$f_dir/a-$k"
		signed mallory "$(digest_of "$1" tag $k)" "$1" "$1-t$k"
		tags="$tags $1-t$k:refs/tags/approve/$1-$k"
	done
	g push -q origin $refs 2> "$work/out" || not_ok fill "$work/out"
	g push -q origin $tags 2> "$work/out" || not_ok fill "$work/out"
}
# Withdrawals lie beside approvals of whatever an approval names: who files
# many of these must not keep others' from being looked at.
flood() {
	forged flood "f/$t_count-1" "f/$t_count-2"
	tip=$(here) refs=
	digest=$(g diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none origin/main HEAD | sha256sum |
		cut -c1-64)
	by bob
	fill "$tip"
	for i in $(seq 16); do
		at=$(g commit-tree -m "$i" 'HEAD^{tree}')
		g push -q origin "$at:refs/heads/f/$i" 2> "$work/out"
		fill "$at"
		signed mallory "$digest" "$at" "f-$i"
		refs="$refs f-$i:refs/approvals/$(printf %.16s "$digest")/a-$i"
	done
	g push -q origin $refs 2> "$work/out" || not_ok flood "$work/out"
	g checkout -q -f "$tip"
	squashed
	accepted "$1: an approval among five hundred others" HEAD:main
}

new_server one
blame one
laundry one
come_back one
swept one
in_the_way one
coauthors one
areas one
flood one
done_testing
