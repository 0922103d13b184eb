#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Picks over real pushes: what was approved on one branch counts on another
# for what is picked from there, by the digests and by who may approve now.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol; do
	signing_key "$who"
done
policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = manager
[principal "carol"]
	email = carol@example.com
	login = carol
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/dev
	rule = reviewed
[gate "release"]
	ref = refs/heads/release
	carry = main
	rule = reviewed
[gate "managed"]
	ref = refs/heads/managed
	carry = refs/heads/main
	rule = by-manager
[gate "closed"]
	ref = refs/heads/closed
	rule = reviewed
[rule "reviewed"]
	check = review
	quorum = 1
[rule "by-manager"]
	check = review
	quorum = 1 of manager
END
new_server one
for ref in dev release managed closed; do
	git -C "$server" update-ref "refs/heads/$ref" refs/heads/main
done

offer() {
	as alice
	git -C "$clone" push -q -f origin HEAD:refs/heads/wip 2> /dev/null ||
		not_ok 'push to wip'
}
# land REF [WHO]: what the clone has, approved by WHO, pushed by alice
land() {
	offer
	sign_as "${2:-bob}"
	approve "$1" HEAD
	tag=$(sed -n 's/^Approved: .*(\([0-9a-f]*\)).*/\1/p' "$work/approve")
	at=$(sed -n 's/^Approved: \([^ ]*\) .*/\1/p' "$work/approve")
	as alice
	push HEAD:"$1"
	[ $pushed = 0 ] || not_ok "land: $1" "$work/answer" "$work/approve"
}
# new PATH [TEXT [REF [WHO]]]: a change of alice's lands
new() {
	as alice
	reset_clone "${3:-main}"
	commit "$1" "${2:-1}" "feat: $1"
	land "${3:-main}" "${4:-bob}"
	landed=$(git -C "$clone" rev-parse HEAD)
}
# pick REF COMMIT...: onto what the server has there
pick() {
	as carol
	reset_clone "$1"
	shift
	git -C "$clone" cherry-pick -x "$@" > "$work/pick" 2>&1 ||
		not_ok "cherry-pick $*" "$work/pick"
}
none() {
	found "review/quorum" && ok "$1" || not_ok "$1" "$work/decision"
}

# ---- the honest form ----

new a
last_decision
first=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/decision")
pick release "$landed"
accepted 'what was approved on main is picked' HEAD:release
moved refs/heads/release 'it is there'
recorded "\"kind\":\"carried\".*\"person\":{\"principal\":\"bob\"}.*\"counted\":true.*\"carried\":\"$first\",\"carried_from\":\"refs/heads/main\"" \
	'the approval is recorded as carried, with person and record'
pick managed "$landed"
accepted 'a person of the role that is asked' HEAD:managed
as alice
reset_clone
base=$(git -C "$clone" rev-parse HEAD)
commit b 1 'feat: b'
commit b 2 'feat: b again'
commit c 1 'feat: c'
land main
pick release "$base..$(git -C "$server" rev-parse main)"
accepted 'several commits that were approved together' HEAD:release
"$gatepost" ledger reindex --ledger "$work/ledger" > /dev/null
new d
"$gatepost" ledger reindex --ledger "$work/ledger" > /dev/null
pick release "$landed"
git -C "$server" gc -q --prune=now
cp "$work/etc/policy.conf" "$work/etc/saved"
sed -i '/login = bob/a\	until = 2026-01-01' "$work/etc/policy.conf"
refused 'where the tag is gone, who has left counts as little' review/quorum \
	'nobody here has that key' HEAD:release
cp "$work/etc/saved" "$work/etc/policy.conf"
accepted 'also when the index was made anew, and the tag is gone' HEAD:release

# ---- what is carried is a person, not a verdict ----

new e 1 main carol
pick managed "$landed"
refused 'one without the role does not count' review/quorum \
	"carol's does not count: lacks the role manager" HEAD:managed
pick release "$landed"
GIT_AUTHOR_NAME=bob GIT_AUTHOR_EMAIL=bob@example.com git -C "$clone" commit \
	-q --amend --no-edit --reset-author
accepted 'whoever it names as its author' HEAD:release
new f
pick release "$landed"
GIT_AUTHOR_NAME=bob GIT_AUTHOR_EMAIL=bob@example.com git -C "$clone" commit \
	-q --amend --no-edit --reset-author
refused 'but who has written it has not approved it' review/quorum \
	"bob's does not count: wrote part of the change" HEAD:release
sed -i '/login = bob/a\	until = 2026-01-01' "$work/etc/policy.conf"
pick release "$landed"
refused 'who has left does not count' review/quorum \
	"bob's does not count: the key is not valid now" HEAD:release
not_told 'no approval of exactly this change' 'and no more is said'
cp "$work/etc/saved" "$work/etc/policy.conf"
sed -i '/^bob /d' "$work/etc/signers"
refused 'nor whose key is not listed any more' review/quorum \
	'nobody here has that key' HEAD:release
printf 'bob %s\n' "$(cut -d' ' -f1,2 "$work/key-bob.pub")" \
	>> "$work/etc/signers"

# ---- taken back since ----

new g
sign_as bob
git -C "$clone" tag -s -m "not any more

Withdraws: $tag
Repository: one" back "$landed"
accepted 'bob takes back what has landed' \
	"refs/tags/back:${at%/*}/bob-9"
pick release "$landed"
refused 'what was withdrawn since is not carried' review/quorum \
	"bob's does not count: was withdrawn" HEAD:release
new h
gone=$landed
as alice
git -C "$clone" revert --no-edit HEAD > /dev/null
accepted 'main takes a change back' HEAD:main
pick release "$gone"
refused 'what was taken back there is not carried' carry/taken-back \
	'was taken back there since' HEAD:release
none 'and needs an approval of its own'

# ---- replay ----

new i
pick release "$landed"
accepted 'picked' HEAD:release
git -C "$clone" revert --no-edit HEAD > /dev/null
accepted 'and taken back there' HEAD:release
pick release "$landed"
refused 'an approval is used up where it was carried to' review/quorum \
	"bob's does not count: is used up by record" HEAD:release

# ---- what is none ----

new j
j=$landed
pick release "$j"
echo more > "$clone/more"
git -C "$clone" add more
git -C "$clone" commit -q --amend --no-edit
refused 'a pick with a change more' carry/not-equal \
	'changes something else than what it was picked from' HEAD:release
none 'is a change like any other'
as carol
reset_clone release
commit k 1 "feat: k

(cherry picked from commit $j)"
refused 'the line alone proves nothing' carry/not-equal '' HEAD:release
pick release "$j"
git -C "$clone" commit -q --amend -m 'feat: j'
refused 'nor does the digest without it' review/quorum \
	'needs 1 approval' HEAD:release
git -C "$clone" commit -q --amend -m "feat: j

(cherry picked from commit 0123456789012345678901234567890123456789)"
refused 'nor with another line' carry/unknown 'never let in where' HEAD:release
pick closed "$j"
refused 'a gate that carries nothing' review/quorum 'needs 1 approval' \
	HEAD:closed
new l 1 dev
pick release "$landed"
refused 'a branch that is not named' carry/other-ref \
	'let in on dev, from which this gate carries nothing' HEAD:release
as alice
reset_clone
base=$(git -C "$clone" rev-parse HEAD)
commit door open 'feat: door'
commit door shut 'fix: door'
commit m 1 'feat: m'
land main
pick release "$(git -C "$server" rev-parse main~2)"
refused 'a state that nobody has approved' carry/not-approved \
	'no approval of exactly this change' HEAD:release
one=$server
new_server two
git -C "$server" fetch -q "$one" 'refs/heads/*:refs/heads/*' -f
git -C "$server" update-ref refs/heads/release refs/heads/main~4
pick release "$j"
refused 'another repository' carry/unknown '' HEAD:release

done_testing
