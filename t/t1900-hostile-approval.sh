#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Somebody who may sign and push tries to pass his own change, to use an
# approval twice, or to keep others' approvals from counting.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob mallory; do signing_key "$who"; done
ssh-keygen -q -t ecdsa -b 256 -N '' -C bob -f "$work/key-ecdsa" < /dev/null
printf 'bob %s\n' "$(cut -d' ' -f1,2 "$work/key-ecdsa.pub")" \
	>> "$work/etc/signers"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = lead
[principal "mallory"]
	email = mallory@example.com
	login = mallory
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = one
[gate "led"]
	ref = refs/heads/led
	rule = lead
[gate "releases"]
	ref = refs/tags/v*
	rule = one
[gate "pay"]
	ref = refs/heads/pay
	rule = pay
[gate "all"]
	ref = refs/heads/all
	rule = one
[gate "whole"]
	repo = whole
	ref = refs/**
	rule = tools
[rule "one"]
	check = review
	quorum = 1
[rule "lead"]
	check = review
	quorum = 1 of lead
[area "pay"]
	path = pay/**
[rule "pay"]
	check = review
	when = area:pay
	quorum = 1
[rule "tools"]
	check = provenance
	agents = any
END

# forged MESSAGE: a commit by mallory that names alice as its author
forged() {
	as alice
	reset_clone
	t_change=$((t_change + 1))
	commit "file-$t_change" "content $t_change" "$1"
	GATEPOST_TEST_USER=mallory
}
# approved_by WHO [PUSHER [TARGET [TIP]]]
approved_by() {
	sign_as "$1"
	GATEPOST_TEST_USER=${2:-$1}
	approve "${3:-main}" "${4:-HEAD}" ||
		not_ok "approval by $1" "$work/approve"
	as alice
}

# ---- who brought the change ----

approval_first() {
	forged 'approval first'
	approved_by mallory
	GATEPOST_TEST_USER=mallory
	refused "$1: a change that came with its approval has a bringer" \
		review/quorum "mallory's does not count: brought the change" \
		HEAD:main
	# nor does it help that another presses the button
	as alice
	refused "$1: not when another person pushes it" review/quorum \
		"mallory's does not count: brought the change" HEAD:main
}

evil_merge() {
	as alice
	reset_clone
	old=$(git -C "$clone" rev-parse HEAD)
	t_change=$((t_change + 1))
	printf 'evil %s\n' $t_change > "$clone/evil-$t_change"
	git -C "$clone" add -A
	tree=$(git -C "$clone" write-tree)
	first=$(git -C "$clone" rev-list --max-parents=0 HEAD)
	side=$(git -C "$clone" commit-tree -p "$first" -m side \
		"$first^{tree}")
	merge=$(git -C "$clone" commit-tree -p "$old" -p "$side" \
		-m 'merge side' "$tree")
	git -C "$clone" reset -q --hard "$merge"
	GATEPOST_TEST_USER=mallory
	git -C "$clone" push -q origin HEAD:refs/heads/evil 2> "$work/out"
	approved_by mallory
	GATEPOST_TEST_USER=alice
	refused "$1: who brings an evil merge is its bringer" review/quorum \
		"mallory's does not count: brought the change" HEAD:main
}

unseen() {
	forged 'unseen'
	# what came while nobody looked
	"$gatepost" mode off "$server" > "$work/out" 2>&1
	git -C "$clone" push -q origin HEAD:refs/heads/unseen 2> "$work/out"
	"$gatepost" mode enforce "$server" > "$work/out" 2>&1
	approved_by mallory
	GATEPOST_TEST_USER=mallory
	refused "$1: who pushes what nobody is known to have brought" \
		review/quorum "mallory's does not count: brought the change" \
		HEAD:main
}

nameless() {
	forged 'nameless'
	unset GATEPOST_TEST_USER
	git -C "$clone" push -q origin HEAD:refs/heads/nameless 2> "$work/out"
	approved_by mallory
	unset GATEPOST_TEST_USER
	refused "$1: who comes without a name is not taken for another" \
		review/quorum 'the server does not know who pushes' HEAD:main
}

# ---- twice ----

# again NAME REWRITE: bob's approval of a change that has landed and was
# reverted is changed by REWRITE, so that it is another object, and pushed
again() {
	git -C "$clone" cat-file tag "$tag" > "$work/tag"
	"$2" < "$work/tag" > "$work/again"
	cmp -s "$work/tag" "$work/again" &&
		not_ok "$1: the approval is another object" "$work/tag"
	other=$(git -C "$clone" hash-object -t tag -w "$work/again")
	git -C "$clone" reset -q --hard "$redo"
	refused "$1" review/quorum "is used up by record" \
		"$other:$(dirname "$at")/again-1" HEAD:main
}
rewrap() {
	sed '/^-----BEGIN/,$d'
	sed -n '/^-----BEGIN/,$p' "$work/tag" | sed -e '/^-----/d' |
		tr -d '\n' | fold -w 69 > "$work/wrapped"
	echo '-----BEGIN SSH SIGNATURE-----'
	cat "$work/wrapped"
	echo
	echo '-----END SSH SIGNATURE-----'
}
# s of an ECDSA signature and the order less s are both right
negate() {
	"$python" - "$work/tag" <<'END'
import base64, struct, sys
text = open(sys.argv[1]).read()
head, armour = text.split('-----BEGIN SSH SIGNATURE-----\n')
raw = base64.b64decode(armour.split('-----END')[0])
def take(b):
    n, = struct.unpack('>I', b[:4])
    return b[4:4 + n], b[4 + n:]
def put(b):
    return struct.pack('>I', len(b)) + b
rest, parts = raw[10:], []
while rest:
    part, rest = take(rest)
    parts.append(part)
name, blob = take(parts[-1])
body, _ = take(blob)
r, left = take(body)
s, _ = take(left)
order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
n = order - int.from_bytes(s, 'big')
s = n.to_bytes(n.bit_length() // 8 + 1, 'big')
parts[-1] = put(name) + put(put(r) + put(s))
raw = raw[:10] + b''.join(put(p) for p in parts)
code = base64.b64encode(raw).decode()
lines = [code[i:i + 70] for i in range(0, len(code), 70)]
sys.stdout.write(head + '-----BEGIN SSH SIGNATURE-----\n' +
                 '\n'.join(lines) + '\n-----END SSH SIGNATURE-----\n')
END
}

# land_and_revert [KEY]: leaves $tag, $at, and $redo, the change made again
land_and_revert() {
	as alice
	reset_clone
	t_change=$((t_change + 1))
	commit "file-$t_change" "content $t_change" 'to be reverted'
	git -C "$clone" push -q origin HEAD:refs/heads/r 2> "$work/out"
	sign_as bob
	[ $# = 0 ] || git config --global user.signingKey "$work/key-$1"
	approve main HEAD || not_ok "approval by bob" "$work/approve"
	as alice
	set -- $(git -C "$server" for-each-ref refs/approvals \
		--format='%(*objectname) %(objectname) %(refname)' |
		sed -n "s/^$(git -C "$clone" rev-parse HEAD) //p")
	tag=$1 at=$2
	git -C "$clone" fetch -q origin "$at"
	git -C "$clone" push -q origin HEAD:main 2> "$work/answer" ||
		not_ok 'the change lands' "$work/answer"
	change=$(git -C "$clone" rev-parse HEAD)
	git -C "$clone" revert --no-edit HEAD > /dev/null
	git -C "$clone" push -q origin HEAD:refs/heads/r2 2> "$work/out"
	approved_by bob
	git -C "$clone" push -q origin HEAD:main 2> "$work/answer" ||
		not_ok 'the revert lands' "$work/answer"
	git -C "$clone" cherry-pick "$change" > "$work/out" 2>&1
	redo=$(git -C "$clone" rev-parse HEAD)
}
twice() {
	land_and_revert
	again "$1: a spent approval in new armour is still spent" rewrap
	land_and_revert ecdsa
	again "$1: a spent approval with the other s is still spent" negate
}

# ---- too many ----

# Pushes that are accepted and that git then refuses: each leaves a use of the
# approval behind that has to be looked for ever after.
doomed() {
	as alice
	reset_clone
	t_change=$((t_change + 1))
	commit "file-$t_change" "content $t_change" 'doomed'
	git -C "$clone" push -q origin HEAD:refs/heads/doomed 2> "$work/out"
	approved_by bob
	for k in $(seq 70); do
		git -C "$clone" push -q --atomic origin HEAD:main \
			HEAD:refs/heads/doomed/x > "$work/answer" 2>&1
	done
	refused "$1: an approval that was counted in vain too often is spent" \
		review/quorum 'is used up by record' HEAD:main
	approved_by mallory
	accepted "$1: and another is as good as ever" HEAD:main
}

# mallory may approve, but not as a lead
flood() {
	server_name=$1
	as alice
	reset_clone
	git -C "$clone" push -q origin origin/main:refs/heads/led 2> "$work/out"
	git -C "$clone" fetch -q
	t_change=$((t_change + 1))
	commit "file-$t_change" "content $t_change" 'flooded'
	git -C "$clone" push -q origin HEAD:refs/heads/flood 2> "$work/out"
	approved_by mallory mallory led
	set -- $(git -C "$server" for-each-ref refs/approvals \
		--format='%(*objectname) %(objectname) %(refname)' |
		sed -n "s/^$(git -C "$clone" rev-parse HEAD) //p")
	tag=$1 dir=$(dirname "$2")
	git -C "$clone" fetch -q origin "$2"
	GATEPOST_TEST_USER=mallory
	many=
	for k in $(seq 20); do many="$many $tag:$dir/a-$k"; done
	refused "$server_name: not twenty approvals of one change at a time" \
		approval/malformed 'more than' $many
	for k in $(seq 15); do
		git -C "$clone" push -q origin "$tag:$dir/a-$k" 2> "$work/out"
	done
	refused "$server_name: nor one after the other" approval/malformed \
		'approved this change .* times' "$tag:$dir/a-999"
	approved_by bob bob led
	accepted "$server_name: approvals that do not count hide no others" HEAD:led
}

# ---- merges that throw away ----

# merged NAME PARENT... TREE: a merge commit that has the tree of TREE
merged() {
	message=$1; shift
	parents=
	while [ $# -gt 1 ]; do parents="$parents -p $1"; shift; done
	git -C "$clone" commit-tree $parents -m "$message" "$1^{tree}"
}
# here COMMIT: check it out
here() { git -C "$clone" reset -q --hard "$1"; }
discards() {
	as alice
	reset_clone
	before=$(git -C "$clone" rev-parse HEAD)
	commit pay/fix 'a fix' 'pay: a fix'
	git -C "$clone" push -q origin HEAD:refs/heads/fix "$before:refs/heads/pay" \
		"$before:refs/heads/all" 2> "$work/out"
	fix=$(git -C "$clone" rev-parse HEAD)
	git -C "$clone" fetch -q
	for branch in pay all; do
		approved_by bob bob $branch
		accepted "$1: the fix lands on $branch" "HEAD:$branch"
	done

	here "$(merged 'Merge the fix' "$before" "$fix" "$before")"
	refused "$1: a merge that throws it away changes the area" \
		review/quorum 'needs 1 approval' HEAD:pay
	here "$(merged 'Merge an old branch' "$fix" "$before" "$before")"
	refused "$1: with its parents in the other order, too" \
		review/quorum 'needs 1 approval' HEAD:pay
	here "$fix"
	commit other other 'not of the area'
	other=$(git -C "$clone" rev-parse HEAD)
	here "$(merged 'octopus' "$before" "$fix" "$other" "$before")"
	refused "$1: with three of them, too" \
		review/quorum 'needs 1 approval' HEAD:pay
	here "$(merged 'Merge the fix' "$before" "$fix" "$before")"
	GATEPOST_TEST_USER=mallory
	git -C "$clone" push -q origin HEAD:refs/heads/drop 2> "$work/out"
	approved_by mallory mallory all
	refused "$1: and nobody may approve his own" review/quorum \
		"mallory's does not count: brought the change" HEAD:all

	here "$before"
	commit other2 other2 'an old branch'
	old=$(git -C "$clone" rev-parse HEAD)
	here "$(merged 'Merge branch old' "$fix" "$old" "$fix")"
	accepted "$1: what is kept out was never there" HEAD:pay
	here "$old"
	commit other3 other3 'more of it'
	git -C "$clone" merge -q -m 'Merge pay' "$fix"
	GATEPOST_TEST_USER=alice
	git -C "$clone" merge -q -m 'Merge pay again' origin/pay
	accepted "$1: clean merges are not asked" HEAD:pay
}

# ---- signed tags of releases ----

releases() {
	change 'a release'
	git -C "$clone" push -q origin HEAD:refs/heads/next 2> "$work/out"
	git -C "$clone" tag -a -m 'version 1' v1
	refused "$1: an unapproved commit below an annotated tag" \
		review/quorum 'needs 1 approval' v1
	approved_by bob bob refs/tags/v1 HEAD
	accepted "$1: an approval of the commit that it names" v1
	change 'another'
	git -C "$clone" push -q origin HEAD:refs/heads/next-2 2> "$work/out"
	git -C "$clone" tag -f -a -m 'version 1 moved' v1 > "$work/out"
	refused "$1: a tag that is moved needs another" \
		review/quorum 'needs 1 approval' +v1
	approved_by bob bob refs/tags/v1 HEAD
	accepted "$1: and moves with it" +v1
}

# ---- a gate on everything ----

everything() {
	new_server whole
	change 'feat: secret

Generated with Claude Code'
	approved_by mallory
	refused 'whole: what came with an approval is judged' \
		provenance/undeclared 'Claude' HEAD:main
}

new_server one
approval_first one
evil_merge one
unseen one
nameless one
twice one
doomed one
flood one
discards one
releases one
everything
done_testing
