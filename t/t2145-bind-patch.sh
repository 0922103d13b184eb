#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bind = patch: an approval holds where another change of the same files came
# first, and for nothing that git would not call the same patch.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'
git patch-id --verbatim < /dev/null 2> /dev/null ||
	skip_all 'git has no patch-id --verbatim'

for who in alice bob carol dave; do signing_key "$who"; done
policy_file << END
$(people alice bob carol dave)
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = same-patch
[gate "strict"]
	ref = refs/heads/strict
	rule = same-diff
[rule "same-patch"]
	check = review
	quorum = 1
	bind = patch
[rule "same-diff"]
	check = review
	quorum = 1
END

g() { git -C "${clone:?}" "$@"; }
# put FILE LINE TEXT: that line of it, in $clone
put() { sed -i -e "$2s/.*/$3/" "${clone:?}/$1"; }
# two commits never have one author and time: by those an older approval of
# the same work is known
t_second=0
commit_as() {
	as "$1"
	t_second=$((t_second + 1))
	g add -A
	g commit -q --date "$((1700000000 + t_second)) +0000" -m "$2"
}
# feature NAME FILE LINE TEXT [BASE]: alice's branch, pushed to the server
feature() {
	as alice
	reset_clone "${5:-main}"
	put "$2" "$3" "$4"
	commit_as alice "fix: $1"
	g branch -q -f "$1"
	g push -q -f origin "$1" 2> "$work/out" ||
		not_ok "push of $1" "$work/out"
}
# elsewhere FILE LINE TEXT [REF]: main, or another branch, gets another line
elsewhere() {
	as carol
	reset_clone "${4:-main}"
	put "$1" "$2" "$3"
	commit_as carol "other: line $2 of $1"
	git -C "${server:?}" fetch -q "$clone" HEAD:refs/elsewhere 2> "$work/out"
	git -C "$server" update-ref "refs/heads/${4:-main}" refs/elsewhere
	git -C "$server" update-ref -d refs/elsewhere
}
# rebased NAME [BRANCH]: that branch, on a detached HEAD, on the server's main
rebased() {
	as alice
	g fetch -q origin
	g checkout -q -f --detach "$1"
	g rebase -q "origin/${2:-main}" > "$work/out" 2>&1 ||
		not_ok "rebase of $1" "$work/out"
}

# a server whose repository has a long file, the same lines twice, a binary
# file, a script and a submodule
set_up() {
	new_server "$1" "$1"
	seq 1 60 > "$clone/go.mod"
	{ seq 1 10; seq 1 10; seq 1 10; } > "$clone/again"
	head -c 3000 /dev/zero | tr '\000' 'x' > "$clone/bin"
	printf 'a\000b\n' >> "$clone/bin"
	printf 'echo\n' > "$clone/run.sh"
	{ head -c 9000 /dev/zero | tr '\000' 'y'; printf '\none\ntwo\n'; } \
		> "$clone/late"
	commit_as alice 'files'
	git -C "$server" fetch -q "$clone" HEAD:refs/heads/strict 2> "$work/out"
	git -C "$server" update-ref refs/heads/main refs/heads/strict
}

# ---- what holds ----

holds() {
	feature shared go.mod 50 fifty
	reviewed_by bob main shared
	has "$work/approve" '  patch  *[0-9a-f]\{40,64\}$' \
		"$1: the server asks for a patch id, and it is signed"
	elsewhere go.mod 5 five
	rebased shared
	accepted "$1: rebased over another change of the file" HEAD:main
	recorded '"counted":true' "$1: and the approval counted"
	feature merged go.mod 40 forty
	reviewed_by bob main merged
	elsewhere go.mod 15 fifteen
	as dave
	reset_clone
	g merge -q --no-ff -m 'Merge merged' merged > "$work/out" 2>&1
	accepted "$1: merged by another over such a change" HEAD:main

	feature one go.mod 20 twenty
	reviewed_by bob main one
	feature two go.mod 30 thirty
	reviewed_by carol main two
	elsewhere go.mod 10 ten
	as dave
	reset_clone
	g merge -q --no-ff -m 'Merge one' one > "$work/out" 2>&1
	g merge -q --no-ff -m 'Merge two' two > "$work/out" 2>&1
	accepted "$1: two such merges at once, each approved" HEAD:main
	recorded '"counted":true.*"counted":true' "$1: both count"

	feature squashed go.mod 45 forty-five
	commit docs more 'docs: of it'
	g branch -q -f squashed
	g push -q -f origin squashed 2> "$work/out"
	reviewed_by bob main squashed
	elsewhere go.mod 25 twenty-five
	as dave
	reset_clone
	g merge -q --squash squashed > "$work/out" 2>&1
	g commit -q -m 'squashed' --author 'alice <alice@example.com>'
	accepted "$1: squashed over such a change" HEAD:main
}

# what is bound by its difference does not
strict() {
	feature lapsed go.mod 55 fifty-five strict
	reviewed_by bob strict lapsed --patch
	elsewhere go.mod 3 three strict
	rebased lapsed strict
	refused "$1: bind = diff wants a new one" review/quorum \
		"has 0 (bob's is for an older go.mod)" HEAD:refs/heads/strict
	lapsed "$1"
}

list_of() { approve --list "$@"; }
# which files have changed since an approval is told
lapsed() {
	feature amended go.mod 57 fifty-seven strict
	commit notes more 'docs: more'
	g push -q -f origin HEAD:amended 2> "$work/out"
	reviewed_by bob strict HEAD
	as alice
	reset_clone strict
	g checkout -q -f --detach "$(g rev-parse origin/amended)"
	echo changed > "$clone/notes"
	printf 'x\n' > "$clone/new{0}"
	g add -A
	g commit -q --amend --no-edit
	refused "$1: amended" review/quorum \
		"(bob's is for an older new(0} and notes)" HEAD:refs/heads/strict
	recorded '"counted":false,"why":"is for an older new(0} and notes"' \
		"$1: the record names the files"
	git -C "$server" fetch -q "$clone" HEAD:refs/heads/amended2
	"$gatepost" approvals -h > "$work/out" 2>&1
	(cd "$server" && "$gatepost" approvals strict amended2) \
		> "$work/out" 2>&1
	has "$work/out" 'because: is for an older new(0} and notes' \
		"$1: gatepost approvals names them"
	sign_as dave
	no "$1: git approve --list has none that may count" \
		list_of strict HEAD
	has "$work/approve" 'no *is for an older new{0}, notes$' \
		"$1: it names the files, too"
	as alice
	for i in 1 2 3 4; do
		printf 'x\n' > "$clone/a-very-long-name-of-a-file-that-is-cut-$i"
	done
	g add -A
	g commit -q --amend --no-edit
	refused "$1: many files" review/quorum \
		'older ...ery-long-name-of-a-file-that-is-cut-1, .* and 3 more)' \
		HEAD:refs/heads/strict
	as alice
	g reset -q --soft origin/strict
	g commit -q --date=2020-01-01T00:00:00Z -m 'another'
	refused "$1: of other work nothing is said" review/quorum 'has 0 *$' \
		HEAD:refs/heads/strict
}

# ---- what does not hold ----

abused() {
	feature base go.mod 35 thirty-five
	reviewed_by bob main base
	elsewhere go.mod 1 first
	rebased base
	put go.mod 36 36b
	commit_as alice 'one line more'
	refused "$1: another line" review/quorum 'has 0' HEAD:main
	rebased base
	chmod +x "$clone/run.sh"
	g commit -q -a --amend --no-edit
	refused "$1: a mode" review/quorum 'has 0' HEAD:main
	rebased base
	printf '\001' >> "$clone/bin"
	g commit -q -a --amend --no-edit
	refused "$1: a binary file" review/quorum 'has 0' HEAD:main
	rebased base
	put go.mod 35 'thirty-five '
	g commit -q -a --amend --no-edit
	refused "$1: a blank" review/quorum 'has 0' HEAD:main
	rebased base
	printf 'bad\n' > "$clone/new file"
	g add -A
	g commit -q --amend --no-edit
	refused "$1: a new file" review/quorum 'has 0' HEAD:main
	rebased base
	at=$(git -C "$server" for-each-ref --format='%(refname)' \
		--points-at "$(g rev-parse base)" refs/approvals)
	g fetch -q origin "$at:refs/kept/approval"
	accepted "$1: the honest one" HEAD:main
	as alice
	g revert --no-edit HEAD > "$work/out" 2>&1
	g push -q -f origin HEAD:refs/heads/back 2> "$work/out"
	reviewed_by bob main HEAD
	as alice
	accepted "$1: it is reverted" HEAD:main
	put go.mod 35 thirty-five
	commit_as alice 'again'
	accepted "$1: the old approval is pushed again" \
		"refs/kept/approval:$at"
	refused "$1: and needs a new approval" review/quorum 'is used up by' \
		HEAD:main
}

# a binary file: the same text, other contents; and text with a NUL, behind
# which git does not look, late enough to be text for it
binaries() {
	as alice
	reset_clone
	put go.mod 33 thirty-three
	printf 'good\n' >> "$clone/bin"
	commit_as alice 'fix: with a binary file'
	g branch -q -f binary
	g push -q -f origin binary 2> "$work/out"
	reviewed_by bob main binary
	elsewhere go.mod 7 seven
	rebased binary
	accepted "$1: a binary file, the rest rebased" HEAD:main
	as alice
	reset_clone
	put go.mod 44 forty-four
	printf 'better\n' >> "$clone/bin"
	commit_as alice 'fix: with a binary file again'
	g branch -q -f binary
	g push -q -f origin binary 2> "$work/out"
	reviewed_by bob main binary
	elsewhere go.mod 9 nine
	rebased binary
	g checkout -q origin/main -- bin
	printf 'worse!\n' >> "$clone/bin"
	g commit -q -a --amend --no-edit
	refused "$1: other contents of it" review/quorum 'has 0' HEAD:main

	as alice
	reset_clone
	printf 'good\000good\n' >> "$clone/late"
	commit_as alice 'fix: with a NUL'
	g branch -q -f nul
	g push -q -f origin nul 2> "$work/out"
	sign_as bob
	approve main nul --patch
	has "$work/approve" 'cannot make a patch id of' \
		"$1: git approve signs no patch id of a NUL"
	by_hand nul
	elsewhere late 2 ONE
	as alice
	reset_clone
	printf 'good\000evil\n' >> "$clone/late"
	commit_as alice 'fix: with a NUL'
	refused "$1: what is behind a NUL" review/quorum 'has 0' HEAD:main
}
# by_hand TIP: an approval with a patch id that only stock git made
by_hand() {
	base=$(g merge-base origin/main "$1")
	digest=$(g diff-tree -r -z --no-renames --no-abbrev "$base" "$1" |
		sha256sum | cut -c1-64)
	printf 'Approve\n\n%s\n' "Approves-ref: refs/heads/main
Approves-diff: sha256:$digest
Approves-patch: $(g diff-tree -r -p --full-index "$base" "$1" |
		g patch-id --verbatim | cut -d' ' -f1)
Repository: $(basename "$server" .git)" > "$work/message"
	g tag -f -s -F "$work/message" hand "$1" > "$work/out" 2>&1
	accepted "an approval by hand of $1" \
		"hand:refs/approvals/$(printf %.16s "$digest")/bob-1"
}

# attributes that are pushed, and a configuration on the server that would
# show nothing of what is changed
attributes() {
	as alice
	reset_clone
	printf '* -diff\n*.mod diff=blind\n' > "$clone/.gitattributes"
	commit_as alice 'attributes'
	g push -q -f origin HEAD:refs/heads/attributes 2> "$work/out"
	reviewed_by bob main HEAD
	as alice
	accepted "$1: attributes are pushed" HEAD:main
	for key in diff.blind.textconv diff.blind.command diff.external; do
		git -C "$server" config "$key" 'true #'
	done
	git -C "$server" config diff.noprefix true
	git -C "$server" config diff.suppressBlankEmpty true
	git -C "$server" config diff.context 0
	feature attributed go.mod 48 forty-eight
	reviewed_by bob main attributed
	elsewhere go.mod 12 twelve
	rebased attributed
	put go.mod 49 forty-nine
	g commit -q -a --amend --no-edit
	refused "$1: a changed line is seen all the same" review/quorum \
		'has 0' HEAD:main
	rebased attributed
	accepted "$1: and the honest one passes" HEAD:main
}

# who invents a branch so as not to be known for the bringer of the patch
invented() {
	feature innocent go.mod 52 fifty-two
	as carol
	reset_clone
	put go.mod 53 evil
	commit_as carol 'evil'
	g branch -q -f evil
	g push -q -f origin evil 2> "$work/out"
	base=$(g merge-base origin/main innocent)
	digest=$(g diff-tree -r -z --no-renames --no-abbrev "$base" innocent |
		sha256sum | cut -c1-64)
	sign_as carol
	printf 'Approve\n\n%s\n' "Approves-ref: refs/heads/main
Approves-diff: sha256:$digest
Approves-patch: $(g diff-tree -r -p --full-index "$base" evil |
		g patch-id --verbatim | cut -d' ' -f1)
Repository: $(basename "$server" .git)" > "$work/message"
	g tag -f -s -F "$work/message" hand innocent > "$work/out" 2>&1
	accepted "$1: a tag may claim any patch id" \
		"hand:refs/approvals/$(printf %.16s "$digest")/carol-1"
	elsewhere go.mod 18 eighteen
	as alice
	reset_clone
	g cherry-pick evil > "$work/out" 2>&1
	g commit -q --amend --no-edit --author 'alice <alice@example.com>'
	refused "$1: of whose work it is, nobody believes it" review/quorum \
		'does not show who brought' HEAD:main
}

# what the rule does not see, as the manual says
blind() {
	as alice
	reset_clone
	put again 15 FIVE
	commit_as alice 'fix: one of several equal places'
	g branch -q -f places
	g push -q -f origin places 2> "$work/out"
	reviewed_by bob main places
	elsewhere go.mod 22 twenty-two
	as alice
	reset_clone
	put again 5 FIVE
	commit_as alice 'fix: another of them'
	accepted "$1: the same lines in another place are the same patch" \
		HEAD:main
}

set_up sha1
holds sha1
strict sha1
abused sha1
binaries sha1
attributes sha1
invented sha1
blind sha1
set_up sha256
feature shared go.mod 50 fifty
reviewed_by bob main shared
elsewhere go.mod 5 five
rebased shared
accepted 'sha256: rebased over another change of the file' HEAD:main

done_testing
