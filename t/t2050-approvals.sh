#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What an approval survives and what not, with stock git: what is done to
# commits on the way, odd histories, settings of the clone, withdrawals, and
# approvals that are ordinary tags.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol; do signing_key "$who"; done

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
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = one
[gate "new"]
	ref = refs/heads/new/*
	rule = one
[rule "one"]
	check = review
	quorum = 1
END

g() { git -C "$clone" "$@"; }
here() { g rev-parse HEAD; }
here_is() { g update-ref HEAD "$1"; }
# branch FILE...: commits of alice's, which she pushes
branch() {
	as alice
	reset_clone
	for f; do
		t_change=$((t_change + 1))
		commit "$f" "$f $t_change" "change $f"
	done
	bring
}
# bring: what is checked out comes to the server by alice's hand
bring() {
	as alice
	g push -q -f origin HEAD:refs/heads/work 2> "$work/out" ||
		not_ok 'push of the work' "$work/out"
}
by() {
	sign_as "$1"
	approve "${2:-main}" HEAD || not_ok "approval by $1" "$work/approve"
	as alice
}
# meanwhile FILE: main moves on
meanwhile() {
	kept=$(here)
	branch "$1"
	by bob
	push HEAD:main
	[ $pushed = 0 ] || not_ok 'main moves on' "$work/answer"
	g fetch -q
	g checkout -q -f -B main "$kept"
}
approval_ref() { sed -n 's/^Approved: \([^ ]*\) at.*/\1/p' "$work/approve"; }
approval_tag() { sed -n 's/^Approved: .* (\(.*\))$/\1/p' "$work/approve"; }
diff_of() {
	git -C "$clone" "$@" diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none "$from" "$to" | sha256sum | cut -c1-64
}

survival() {
	branch "s/one" "s/two"
	by bob
	g commit -q --amend -m 'in better words'
	accepted "$1: a reword" HEAD:main
	branch "s/one"
	by bob
	meanwhile "s/other"
	g rebase -q origin/main
	accepted "$1: a rebase over other files" HEAD:main
	branch "s/one" "s/two"
	by bob
	g reset -q --soft origin/main
	g commit -q -m 'squashed'
	accepted "$1: a squash" HEAD:main
	branch "s/one"
	by bob
	side=$(here)
	meanwhile "s/other"
	g checkout -q -B main origin/main
	g merge -q --no-ff -m 'Merge the change' "$side"
	accepted "$1: a merge" HEAD:main
	branch "s/one"
	by bob
	side=$(here)
	meanwhile "s/other"
	g checkout -q -B main origin/main
	g cherry-pick "$side" > "$work/out"
	accepted "$1: a cherry-pick" HEAD:main

	branch "s/one"
	by bob
	echo more >> "$clone/s/one"
	g commit -q -a --amend --no-edit
	refused "$1: not a line more" review/quorum 'has 0' HEAD:main
	branch "s/one"
	by bob
	meanwhile "s/one"
	g rebase -q -X theirs origin/main > "$work/out" 2>&1
	refused "$1: not a rebase over the same file" review/quorum 'has 0' \
		HEAD:main
}

odd_histories() {
	branch "o/base"
	by bob
	accepted "$1: a base" HEAD:main
	# criss-cross: main and the branch have merged each other
	branch "o/one"
	one=$(here)
	meanwhile "o/two"
	g merge -q -m 'Merge main' origin/main
	commit "o/three" "$t_count" 'on the branch'
	branch_tip=$(here)
	g checkout -q -B main origin/main
	g merge -q --no-ff -m 'Merge an older part' "$one"
	bring
	by bob
	accepted "$1: a part of the branch" HEAD:main
	g fetch -q
	g checkout -q -B main "$branch_tip"
	bring
	by bob
	is "$(g merge-base --all HEAD origin/main | wc -l)" 2 \
		"$1: there are two merge bases"
	g commit -q --allow-empty -m 'one more'
	refused "$1: then only the tip counts" review/quorum 'has 0' +HEAD:main
	before=$(tip main)
	bring
	by bob
	accepted "$1: two merge bases: an approval of the tip" +HEAD:main
	g push -q -f origin "$before:refs/heads/kept" 2> "$work/out"
	g fetch -q origin kept
	g merge -q -m 'Merge what was there' FETCH_HEAD
	bring
	by bob
	accepted "$1: when merged, there is one again" HEAD:main

	branch "o/five"
	g revert --no-edit HEAD > "$work/out"
	bring
	by bob
	accepted "$1: nothing is changed in the end: the tip" HEAD:main
	branch "o/six"
	g revert --no-edit HEAD > "$work/out"
	bring
	by bob
	g commit -q --amend -m 'in other words'
	refused "$1: and no other commit" review/quorum 'has 0' HEAD:main

	branch "o/seven"
	by bob new/seven
	accepted "$1: a created ref: the tip" HEAD:new/seven
	branch "o/eight"
	by bob new/eight
	g commit -q --amend -m 'in other words'
	refused "$1: and no other commit there" review/quorum 'has 0' \
		HEAD:new/eight
}

# what the clone has configured is no matter
submodules() {
	branch "m/one"
	from=$(here)
	g update-index --add --cacheinfo "160000,$(here),sub"
	cat > "$clone/.gitmodules" <<'END'
[submodule "sub"]
	path = sub
	url = https://example.com/sub
	ignore = all
END
	g add .gitmodules
	g commit -q -m 'with a submodule'
	to=$(here)
	plain=$(diff_of)
	older=$(g rev-parse HEAD~2)
	g config submodule.sub.ignore all
	g config diff.ignoreSubmodules all
	is "$(diff_of)" "$plain" "$1: settings do not change the digest"
	bring
	by bob
	accepted "$1: a submodule that is ignored is approved" HEAD:main
	reset_clone
	g update-index --cacheinfo "160000,$to,sub"
	# git commit takes that for nothing
	here_is "$(g commit-tree -p HEAD -m sub "$(g write-tree)")"
	bring
	by bob
	g update-index --cacheinfo "160000,$older,sub"
	here_is "$(g commit-tree -p HEAD^ -m sub "$(g write-tree)")"
	refused "$1: a submodule at another commit is another change" \
		review/quorum 'has 0' HEAD:main
	g config --unset submodule.sub.ignore
	g config --unset diff.ignoreSubmodules
}

together() {
	branch "t/one"
	by bob
	at=$(approval_ref) tag=$(approval_tag)
	g fetch -q origin "$at"
	git -C "$server" update-ref -d "$at"
	refused "$1: an approval that is not there" review/quorum 'has 0' \
		HEAD:main
	accepted "$1: in the same push" HEAD:main "$tag:$at"
	is "$(tip "$at")" none "$1: its ref is gone"
	spent_by=$(sed 's/.*"id":"\([^"]*\)","kind.*/\1/' "$work/decision")
	g fetch -q
	redo=$(here)
	g revert --no-edit HEAD > "$work/out"
	bring
	by carol
	accepted "$1: it is reverted" HEAD:main
	g cherry-pick "$redo" > "$work/out"
	refused "$1: the old approval is spent" review/quorum \
		"bob's does not count: is used up by record $spent_by" \
		HEAD:main "$tag:$at"
	recorded "is used up by record $spent_by" "$1: the record says so"
}

# ---- withdrawal ----

# withdrawal WHO TAG [OBJECT]: a signed tag that takes TAG back, in $withdrawal
withdrawal() {
	sign_as "$1"
	g tag -f -s -m "Withdraw

Withdraws: $2
Repository: $(basename "$clone")" back "${3:-HEAD}" > "$work/out" 2>&1 ||
		not_ok "withdrawal by $1" "$work/out"
	withdrawal=$(g rev-parse refs/tags/back)
	as alice
}
withdrawals() {
	branch "w/one"
	by bob
	at=$(approval_ref) tag=$(approval_tag) dir=$(dirname "$(approval_ref)")
	g fetch -q origin "$at"
	withdrawal carol "$tag"
	refused "$1: nobody takes back what another approved" \
		approval/malformed 'what somebody else has approved' \
		"$withdrawal:$dir/carol-9"
	withdrawal bob "$tag"
	refused "$1: nor elsewhere" approval/malformed \
		"another change than its ref's name says" \
		"$withdrawal:refs/approvals/0123456789abcdef/bob-9"
	refused "$1: nor by moving it" approval/moved 'stays as it was made' \
		-f "$withdrawal:$at"
	accepted "$1: bob takes his own back" "$withdrawal:$dir/bob-9"
	refused "$1: what was withdrawn does not count" review/quorum \
		"bob's does not count: was withdrawn" HEAD:main
	recorded '"why":"was withdrawn"' "$1: the record says so"
	# the same signature in other armour
	g cat-file tag "$tag" | sed '/^-----BEGIN/,$d' > "$work/again"
	{ echo '-----BEGIN SSH SIGNATURE-----'
		g cat-file tag "$tag" | sed -n '/^-----BEGIN/,$p' |
			sed '/^-----/d' | tr -d '\n' | fold -w 69
		echo; echo '-----END SSH SIGNATURE-----'; } >> "$work/again"
	other=$(g hash-object -t tag -w "$work/again")
	refused "$1: nor in another form" review/quorum \
		"bob's does not count: was withdrawn" \
		HEAD:main "$other:$dir/bob-10"
	# filed under the commit, far from its withdrawal
	by_tip=refs/approvals/$(printf %s "$(here)" | sha256sum | cut -c1-16)
	refused "$1: nor under another name" review/quorum \
		"bob's does not count: was withdrawn" \
		HEAD:main "$tag:$by_tip/bob-1"
	by carol
	accepted "$1: another's does" HEAD:main
	is "$(git -C "$server" for-each-ref "$dir" --format='%(refname)')" \
		"$dir/bob-9" "$1: the approvals are gone, the withdrawal stays"
	g fetch -q
	redo=$(here)
	g revert --no-edit HEAD > "$work/out"
	bring
	by carol
	accepted "$1: it is reverted" HEAD:main
	g cherry-pick "$redo" > "$work/out"
	refused "$1: what was withdrawn does not come back to count" \
		review/quorum "bob's does not count: was withdrawn" \
		HEAD:main "$tag:$at"
	by bob
	accepted "$1: bob may approve again" HEAD:main
}

# ---- refs/tags/approve ----

# tagged NAME: the newest approval is a tag of that name instead
tagged() {
	at=$(approval_ref) tag=$(approval_tag)
	g fetch -q origin "$at"
	git -C "$server" update-ref -d "$at"
	accepted "$1: an approval as a tag" "$tag:refs/tags/approve/$2"
}
tags() {
	branch "g/one"
	refused "$1: a tag there is an approval" approval/malformed \
		'no annotated tag' HEAD:refs/tags/approve/x
	g tag -f -a -m 'not signed' plain > "$work/out" 2>&1
	refused "$1: and signed" approval/unsigned 'it is not signed' \
		plain:refs/tags/approve/x
	by bob
	tagged "$1" bob-1
	refused "$1: it is not deleted" approval/deleted 'not deleted' \
		:refs/tags/approve/bob-1
	refused "$1: nor moved" approval/moved 'stays as it was made' \
		-f HEAD:refs/tags/approve/bob-1
	accepted "$1: it counts" HEAD:main
	recorded '"at":"refs/tags/approve/bob-1"' "$1: the record has it"
	is "$(tip refs/tags/approve/bob-1)" none "$1: and it goes"

	branch "g/one"
	by bob
	tagged "$1" bob/2
	g commit -q --amend -m 'in other words'
	accepted "$1: by its digest, too" HEAD:main

	branch "g/one"
	by bob
	tagged "$1" three
	yes "$1: the index is built again" "$gatepost" ledger reindex \
		--ledger "$work/ledger"
	accepted "$1: and still knows it" HEAD:main

	branch "g/one"
	by bob
	at=$(approval_ref) tag=$(approval_tag)
	g fetch -q origin "$at"
	git -C "$server" update-ref -d "$at"
	accepted "$1: in the same push" HEAD:main "$tag:refs/tags/approve/four"

	branch "g/one"
	by bob
	tagged "$1" five
	withdrawal bob "$tag"
	accepted "$1: withdrawn by a tag" "$withdrawal:refs/tags/approve/back"
	refused "$1: it does not count" review/quorum \
		"bob's does not count: was withdrawn" HEAD:main
	by carol
	accepted "$1: another's does" HEAD:main
	is "$(git -C "$server" for-each-ref refs/tags/approve \
		--format='%(refname)')" refs/tags/approve/back \
		"$1: the withdrawal alone stays"
}

for algo in sha1 sha256; do
	as alice
	new_server "approvals-$algo" "$algo"
	survival "$algo"
	odd_histories "$algo"
	submodules "$algo"
	together "$algo"
	withdrawals "$algo"
	tags "$algo"
done

done_testing
