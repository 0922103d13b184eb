#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who means harm with the ways of a working week: reverts, picks, bots and
# imports that carry something else than they seem to.

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
[principal "carol"]
	email = carol@example.com
	login = carol
	role = vendor
[principal "renovate"]
	email = renovate@example.com
	login = renovate
	kind = bot
	may = review
	may-ref = refs/heads/main
	may-path = deps/**
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = reviewed
[gate "release"]
	ref = refs/heads/release
	carry = main
	rule = reviewed
[gate "merged"]
	ref = refs/heads/merged
	rule = merges
[rule "merges"]
	check = review
	when = merge
	quorum = 1
[rule "reviewed"]
	check = review
	quorum = 1
	import = vendor
END
new_server one

g() { git -C "${clone:?}" "$@"; }
# land REF: what the clone has, approved by bob, pushed by alice
land() {
	as alice
	g push -q -f origin HEAD:refs/heads/wip 2> /dev/null
	sign_as bob
	approve "$1" HEAD
	as alice
	push HEAD:"$1"
	[ $pushed = 0 ] || not_ok "land: $1" "$work/answer" "$work/approve"
}
# joined PARENT...: a commit with that tree of the work tree's index
joined() {
	parents=
	for p; do parents="$parents -p $p"; done
	# shellcheck disable=SC2086
	g reset -q --hard "$(g commit-tree -m 'back' $parents "$(g write-tree)")"
}

# ---- a merge that seems to take back ----

as alice
root=$(g rev-parse HEAD)
commit door locked 'fix: lock the door'
land main
g checkout -q -B side "${root:?}"
commit small 1 'feat: small'
side=$(g rev-parse HEAD)
g checkout -q -B main origin/main
g fetch -q
g reset -q --hard origin/main
g merge -q --no-ff --no-edit "${side:?}"
land main
tip=$(g rev-parse HEAD)

as alice
g read-tree "${root:?}"
joined "$side" "$tip"
refused 'a merge on an old commit takes nothing back' review/quorum '' HEAD:main
found revert/merge && ok 'and it says so' || not_ok 'and it says so'

g read-tree "${root:?}"
joined "$side" "$tip" "$root"
refused 'nor does one with three parents' review/quorum '' HEAD:main
g reset -q --hard "${side:?}"
g revert --no-edit HEAD > /dev/null
back=$(g rev-parse HEAD)
joined "$back" "$tip"
refused 'nor one that follows what honestly does' review/quorum '' HEAD:main
g read-tree "${root:?}"
joined "$tip" "$back"
refused 'whichever parent comes first' review/quorum '' HEAD:main
g reset -q --hard "${tip:?}"
g merge -q --no-ff --no-edit "${back:?}"
g read-tree "${root:?}"
joined "$(g rev-parse HEAD)" "$back"
refused 'nor one behind the honest one' review/quorum '' HEAD:main

# ---- and one that honestly does, of several ----

new() {
	reset_clone
	commit "$1" 1 "feat: $1"
	land main
}
new m
new n
g checkout -q -B side HEAD
g revert --no-edit HEAD~2..HEAD > /dev/null
new o
g merge -q --no-ff --no-edit side
accepted 'several that take back come by a merge' HEAD:main
recorded '"reverts":\[{[^]]*},{[^]]*}\]' 'both are told'

git -C "$server" update-ref refs/heads/merged refs/heads/main
reset_clone merged
commit t 1 'feat: t'
push HEAD:merged
g checkout -q -B side HEAD
g revert --no-edit HEAD > /dev/null
g checkout -q -B main side~1
commit u 1 'feat: u'
push HEAD:merged
g merge -q --no-ff --no-edit side
accepted 'also where a rule asks about merges alone' HEAD:merged

# ---- what was taken back as a whole ----

reset_clone
as alice
git -C "$server" update-ref refs/heads/release refs/heads/main
commit p 1 'feat: p'
one=$(g rev-parse HEAD)
commit q 1 'feat: q'
two=$(g rev-parse HEAD)
land main
reset_clone release
g cherry-pick -x "${one:?}" "${two:?}" > /dev/null 2>&1
g push -q -f origin HEAD:refs/heads/picks 2> /dev/null
reset_clone
g revert -n HEAD~2..HEAD
g commit -q -m 'back'
accepted 'all of a push goes back at once' HEAD:main
g fetch -q
g checkout -q -B main origin/picks
refused 'what was taken back as a whole is not carried' carry/taken-back '' \
	HEAD:release

# ---- an approval whose key was taken away ----

new s
stolen=$(g rev-parse HEAD)
reset_clone release
g cherry-pick -x "${stolen:?}" > /dev/null 2>&1
git -C "$server" gc -q --prune=now
cp "$work/etc/signers" "$work/etc/signers.kept"
sed -i '/^bob /d' "$work/etc/signers"
refused 'a key that is not listed any more, and its tag is gone' \
	review/quorum 'nobody here has that key' HEAD:release
sed -n 's/^bob /carol /p' "$work/etc/signers.kept" >> "$work/etc/signers"
refused 'nor one that is somebody else now' review/quorum \
	'nobody here has that key' HEAD:release
cp "$work/etc/signers.kept" "$work/etc/signers"
accepted 'what is listed counts without its tag' HEAD:release

# ---- a bot beside its paths ----

reset_clone
mkdir -p "$clone/deps"
commit deps/a 1 'feat: deps'
land main
reset_clone
as renovate
g rm -q -r deps
ln -s ../../etc "$clone/deps"
g add -A
g commit -q -m 'chore: deps'
refused 'a link in the place of its directory is not below it' \
	review/quorum '' HEAD:main
reset_clone
as renovate
commit DEPS/a 1 'chore: deps'
refused 'another case is another directory' review/quorum '' HEAD:main

# ---- in the same push ----
reset_clone
as alice
commit evil 1 'feat: evil'
g push -q -f origin HEAD:refs/heads/evil 2> /dev/null
evil=$(g rev-parse HEAD)
g revert --no-edit HEAD > /dev/null
refused 'a change and its revert' review/quorum '' HEAD:main

done_testing
