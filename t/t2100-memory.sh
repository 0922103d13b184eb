#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the server remembers of a change: a commit that was rebased, amended,
# picked or squashed and lost what it said of AI tools has it from the pushes
# before; one that denies it is refused.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[signers]
	ssh = signers
[agent "claude-code"]
	model = claude-*
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = ai-provenance
[gate "reviewed"]
	ref = refs/heads/reviewed
	rule = second-person
[gate "always"]
	ref = refs/heads/always
	rule = always
[gate "forbid"]
	ref = refs/heads/forbid
	rule = forbid
[gate "kernel"]
	ref = refs/heads/kernel
	rule = kernel
[rule "ai-provenance"]
	check = provenance
[rule "second-person"]
	check = review
	when = ai-assisted
	quorum = 1
[rule "always"]
	check = provenance
	declare = always
	agents = any
[rule "forbid"]
	check = provenance
	declare = forbid
[rule "kernel"]
	check = provenance
	agents = any
	declare-key = AI-agent
END
signing_key alice

by='Assisted-by: Claude:claude-opus-4-6'
quiet() { "$@" > "$work/quiet" 2>&1 || { cat "$work/quiet"; exit 1; }; }
in_clone() { quiet git -C "$clone" "$@"; }
# branch NAME [FROM]: a new one in the clone on top of the server's main
branch() { reset_clone "${2:-main}"; in_clone checkout -q -B "$1"; }
# a change with a file of its own, and with $2 as its message
work_on() {
	t_change=$((t_change + 1))
	commit "file-$t_change" "content $t_change" "$1"
}
id_of() { "$python" -c 'import json,sys; print(json.load(sys.stdin)["id"])' < "$work/decision"; }
reword() { in_clone commit -q --amend --cleanup=verbatim -m "$1"; }
# inherited NAME: the newest decision says so, and from which record
inherited() {
	recorded "\"how\":\"memory\".*\"inherited\":\"$first\"" "$1"
}

single() {
	branch topic
	work_on "feat: with help

$by"
	accepted "$1: a branch is pushed" HEAD:topic
	first=$(id_of)
	recorded '"trailer":"Assisted-by: Claude:claude-opus-4-6"' \
		"$1: its record keeps the line that declares"
	reword "feat: with help"
	accepted "$1: amended without its trailer, it has it from before" \
		HEAD:main
	inherited "$1: which the record says"
	recorded '"kind":"inherited","commit"' "$1: as evidence of the rule"

	branch topic2
	work_on "feat: again

$by"
	accepted "$1: another branch" HEAD:topic2
	first=$(id_of)
	picked=$(git -C "$clone" rev-parse HEAD)
	change "fix: something else"
	accepted "$1: meanwhile main moves" HEAD:main
	branch rebased
	in_clone cherry-pick "$picked"
	reword "feat: picked"
	accepted "$1: a cherry-pick without it" HEAD:main
	inherited "$1: has it from before, too"

	branch denied
	work_on "feat: more

$by"
	accepted "$1: one more branch" HEAD:denied
	first=$(id_of)
	reword "feat: more

AI-assistance: none"
	refused "$1: the same with AI-assistance: none" \
		provenance/declaration-lost "record $first" HEAD:main
	told 'says "AI-assistance: none", but the same change came with Claude Code before' \
		"$1: and why"
	sed -n 's/^remote: hint: *\(git -c trailer.*\)/\1/p' "$work/answer" |
		sed 's/ *$//' > "$work/pasted"
	(cd "$clone" && sh -e "$work/pasted") > "$work/out" 2>&1
	accepted "$1: the command of the hint, pasted, is all it takes" \
		HEAD:main
	git -C "$clone" log -1 --format=%B > "$work/message"
	has "$work/message" '^AI-assistance: Claude:claude-opus-4-6$' \
		"$1: it writes what the record has"

	branch seen
	work_on "feat: seen

$by

and a last paragraph"
	accepted "$1: an agent that shows on a branch" HEAD:seen
	reword "feat: seen"
	refused "$1: is remembered, and no declaration of it is" \
		provenance/undeclared 'made with Claude Code, says record' \
		HEAD:main
	branch unlike
	work_on "feat: unlike"
	as bob
	accepted "$1: another's change of another content is not asked" HEAD:main
	as alice
}

rules() {
	branch forbidden
	work_on "feat: helped

$by"
	accepted "$1: forbid: a branch" HEAD:f1
	reword "feat: helped"
	git -C "$server" update-ref refs/heads/forbid refs/heads/main
	refused "$1: forbid: what lost its declaration is still known" \
		provenance/forbidden 'made with Claude Code (record' HEAD:forbid
	git -C "$server" update-ref refs/heads/reviewed refs/heads/main
	refused "$1: when = ai-assisted: so is it to the reviewers" \
		review/quorum 'needs 1 approval' HEAD:reviewed
	git -C "$server" update-ref refs/heads/kernel refs/heads/main
	refused "$1: a key that does not count is not inherited" \
		provenance/undeclared 'made with Claude Code' HEAD:kernel

	git -C "$server" update-ref refs/heads/always refs/heads/main
	branch without
	work_on "feat: by hand

AI-assistance: none"
	accepted "$1: always: a branch by hand" HEAD:without
	recorded '"statements":.*"none":true' "$1: always: the record says so"
	reword "feat: by hand"
	accepted "$1: always: none is inherited, too" HEAD:always
	work_on "feat: unsaid"
	refused "$1: always: what was never said is missing" \
		provenance/missing 'does not say' HEAD:always

	# what somebody else says later takes no one's word away
	branch mine main
	work_on "feat: mine

AI-assistance: none"
	accepted "$1: alice says none" HEAD:mine
	kept=$(git -C "$clone" rev-parse HEAD)
	as bob
	reword "feat: mine

$by"
	accepted "$1: bob says of her change that Claude helped" HEAD:bobs
	as alice
	in_clone checkout -q "$kept"
	accepted "$1: her own word stands" HEAD:main
}

# three_commits NAME: a branch of three, the second with help
three_commits() {
	branch "$1"
	base=$(git -C "$clone" rev-parse HEAD)
	work_on "feat: one"
	work_on "feat: two

$by"
	work_on "feat: three"
	top=$(git -C "$clone" rev-parse HEAD)
}
# main_moves NAME: by another's hand, in another file
main_moves() {
	as bob
	change "fix: meanwhile"
	accepted "$1: main moves meanwhile" HEAD:main
	as alice
}
# what the server has on main, with the branch squashed on top
squash() {
	reset_clone
	quiet git -C "$clone" merge --squash "$top"
}

squashes() {
	three_commits s1
	accepted "$1: a branch of three" HEAD:s1
	first=$(id_of)
	recorded '"statements":.*"commits":3,"digest":"sha256:[0-9a-f]*","agent":"claude-code"' \
		"$1: what they are as one is in its record"
	main_moves "$1"
	squash
	in_clone commit -q --no-edit
	git -C "$clone" log -1 --format=%B > "$work/message"
	has "$work/message" "^    $by" "$1: git indents the trailers it collects"
	accepted "$1: git merge --squash as git writes it" HEAD:main
	recorded '"how":"message".*"inherited"\|"kind":"inherited"' \
		"$1: has the declaration from the branch"

	three_commits s2
	accepted "$1: another branch" HEAD:s2
	first=$(id_of)
	squash
	in_clone commit -q -m "Add the feature (#12)"
	accepted "$1: a title-only squash, as a forge writes it" HEAD:main
	inherited "$1: has it from the branch, too"

	branch s3
	work_on "feat: one

$by"
	accepted "$1: a branch that grows" HEAD:s3
	work_on "feat: two"
	accepted "$1: push by push" HEAD:s3
	first=$(id_of)
	top=$(git -C "$clone" rev-parse HEAD)
	squash
	in_clone commit -q -m "both"
	accepted "$1: squashed" HEAD:main
	inherited "$1: is known by the push that made it whole"

	three_commits s4
	work_on "feat: four"
	accepted "$1: four commits" HEAD:s4
	first=$(id_of)
	in_clone reset -q --soft HEAD~3
	in_clone commit -q -m "two to four"
	accepted "$1: three of them squashed by a rebase" HEAD:main
	inherited "$1: are known, too"

	three_commits s5
	main_moves "$1"
	in_clone checkout -q "$top"
	in_clone merge -q --no-edit origin/main
	work_on "feat: after the merge"
	top=$(git -C "$clone" rev-parse HEAD)
	accepted "$1: a branch that merged main" HEAD:refs/heads/s5
	first=$(id_of)
	squash
	in_clone commit -q -m "all of it"
	accepted "$1: squashed" HEAD:main
	inherited "$1: is known"

	three_commits s6
	accepted "$1: one more branch" HEAD:s6
	first=$(id_of)
	squash
	in_clone commit -q -m "by hand

AI-assistance: none"
	refused "$1: a squash that denies" provenance/declaration-lost \
		"came with Claude Code before: record $first" HEAD:main
	reword "as it was

$by"
	accepted "$1: and says so" HEAD:main
	in_clone checkout -q -f main
	squash_nothing "$1"
}

# a branch in which nobody says anything costs nothing and says nothing
squash_nothing() {
	branch quiet
	work_on "fix: one"
	work_on "fix: two"
	accepted "$1: a branch by hand" HEAD:quiet
	last_decision
	has_not "$work/decision" '"statements"' "$1: has nothing to remember"

	branch none
	work_on "fix: one

AI-assistance: none"
	work_on "fix: two

AI-assistance: none"
	top=$(git -C "$clone" rev-parse HEAD)
	accepted "$1: a branch that says none" HEAD:none
	git -C "$server" update-ref refs/heads/always refs/heads/main
	squash
	in_clone commit -q -m "both by hand"
	accepted "$1: squashed, it still does" HEAD:always
	work_on "fix: three"
	refused "$1: and one more does not" provenance/missing 'does not say' \
		HEAD:always
}

reindexed() {
	(cd "$work/ledger/index" && sort $(find . -type f | sort)) \
		> "$work/index-before"
	yes "$1: the index is built again" \
		"$gatepost" ledger reindex --ledger "$work/ledger"
	(cd "$work/ledger/index" && sort $(find . -type f | sort)) \
		> "$work/index-after"
	yes "$1: and is the same" cmp "$work/index-before" "$work/index-after"
	yes "$1: and not empty" test -s "$work/index-after"
}

for algo in sha1 sha256; do
	new_server "$algo" "$algo"
	single "$algo"
	rules "$algo"
	squashes "$algo"
done
reindexed all

# 10,000 commits, every tenth with help, first to a branch and then, without a
# word, to main
many() {
	new_server many
	root=$(git -C "$clone" rev-parse HEAD)
	for kind in said unsaid; do
		awk -v root="$root" -v kind=$kind -v by="$by" 'BEGIN {
			print "reset refs/heads/" kind "\nfrom " root "\n"
			for (i = 1; i <= 10000; i++) {
				m = "step " i "\n"
				if (kind == "said" && i % 10 == 0)
					m = m "\n" by "\n"
				printf "commit refs/heads/%s\n", kind
				printf "committer a <a@example.com> %d +0000\n", 1700000000 + i
				printf "data %d\n%s", length(m), m
				printf "M 100644 inline d%d/f%d\n", i % 100, i
				printf "data 2\n%d\n\n", i % 10
			} }' | git -C "$clone" fast-import --quiet --force
	done
	began=$(date +%s)
	accepted "many: 10,000 commits on a branch" refs/heads/said
	accepted "many: the same without a word on main" \
		refs/heads/unsaid:refs/heads/main
	took=$(($(date +%s) - began))
	yes "many: in less than a minute (${took} s)" test $took -lt 60
	recorded '"provenance_evidence":{[^}]*"count":1000' \
		"many: each of the thousand is known"
}
many

# 1,000 branches of two commits each in one push
branches() {
	reset_clone
	awk -v root="$(git -C "$clone" rev-parse HEAD)" -v by="$by" 'BEGIN {
		for (i = 1; i <= 2000; i++) {
			b = int((i + 1) / 2)
			m = "step\n\n" by "\n"
			if (i % 2)
				print "reset refs/heads/b" b "\nfrom " root "\n"
			printf "commit refs/heads/b%d\n", b
			print "committer a <a@example.com> 1700000000 +0000"
			printf "data %d\n%s", length(m), m
			printf "M 100644 inline b%d\ndata 2\n%d\n\n", i, i % 10
		} }' | git -C "$clone" fast-import --quiet --force
	began=$(date +%s)
	accepted "branches: a thousand in one push" 'refs/heads/b*:refs/heads/b*'
	took=$(($(date +%s) - began))
	yes "branches: in less than a minute (${took} s)" test $took -lt 60
}
branches

# a repository knows what it was told, no other
branch elsewhere
work_on "feat: known to one

$by"
accepted "forks: a change in one repository" HEAD:elsewhere
new_server other sha256
printf '%s\n' "content $t_change" > "$clone/file-$t_change"
commit "file-$t_change" "content $t_change" "feat: known to one

AI-assistance: none"
accepted "forks: says nothing of the same in another" HEAD:main

done_testing
