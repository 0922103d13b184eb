#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Which commits a rule judges, on which refs, in which mode: no sequence of
# pushes brings past a gate what the gate would refuse.

. "$(dirname "$0")/lib.sh"

# the_policy MODE
the_policy() {
	policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[area "src"]
	path = src/**
[gate "main"]
	ref = refs/heads/main
	preview = refs/heads/topic/*
	rule = ai
	rule = src-plan
[gate "release"]
	ref = refs/heads/release/*
	rule = ai
	rule = strict
[gate "both-a"]
	ref = refs/heads/both
	rule = ai
[gate "both-b"]
	ref = refs/heads/bo*
	mode = warn
	rule = hist
[gate "elsewhere"]
	repo = other-*
	ref = refs/heads/**
	rule = forbid
[gate "advised"]
	ref = refs/heads/advised
	mode = warn
	rule = forbid
[gate "merges"]
	ref = refs/heads/merges
	rule = merge-plan
[gate "linear"]
	ref = refs/heads/linear
	rule = not-merge-plan
[rule "ai"]
	check = provenance
	agents = any
[rule "src-plan"]
	check = rollback
	when = area:src
[rule "strict"]
	check = provenance
	agents = any
	declare = always
[rule "hist"]
	check = history
[rule "forbid"]
	check = provenance
	declare = forbid
[rule "merge-plan"]
	check = rollback
	when = merge
[rule "not-merge-plan"]
	check = rollback
	when = not-merge
END
	sed -i "s/^\tmode = enforce/\tmode = $1/" "$work/etc/policy.conf"
}

agent='feat: by an agent

Generated with [Claude Code]

and no word of it where it counts'

laundering() {
	change "$agent"
	accepted "$1: a branch without gate takes it" HEAD:topic-plain
	refused "$1: having been there excuses nothing" provenance/undeclared \
		'made with Claude Code' HEAD:main
	refused "$1: nor does a push of both at once" provenance/undeclared \
		'made with Claude Code' HEAD:again HEAD:main
	git -C "$clone" commit -q --allow-empty -m 'fix: on top'
	refused "$1: nor a commit on top" provenance/undeclared \
		'made with Claude Code' HEAD:main
	bad=$(git -C "$clone" rev-parse HEAD)
	git -C "$clone" tag -f -a -m tagged laundry HEAD > /dev/null 2>&1
	accepted "$1: a tag without gate takes it" refs/tags/laundry
	refused "$1: a tag excuses nothing" provenance/undeclared \
		'made with Claude Code' 'laundry^{commit}:refs/heads/main'
	reset_clone
	git -C "$clone" merge -q --no-ff -m 'fix: merge it' "$bad"
	refused "$1: nor does a merge" provenance/undeclared \
		'made with Claude Code' HEAD:main
	git -C "$clone" checkout -q -B main "$bad"
	git -C "$clone" commit -q --allow-empty -m 'fix: more'
	refused "$1: nor does a new gated ref" provenance/undeclared \
		'made with Claude Code' HEAD:release/1
}

# what another ref with the rule has let in needs not pass again
hidden() {
	change 'fix: on main'
	accepted "$1: main takes it" HEAD:main
	recorded '"commits":1' "$1: one commit was judged"
	accepted "$1: a gate with the same rule need not judge again" \
		HEAD:both
	recorded '"rule":"ai".*"commits":0' "$1: no commit was"
	# `strict` is not enforced on main: there it has to be judged
	refused "$1: another rule of another gate judges it" \
		provenance/missing 'does not say' HEAD:release/1
	found provenance/undeclared &&
		not_ok "$1: while the first rule does not judge again" ||
		ok "$1: while the first rule does not judge again"
}

# install's baseline: what was there is not judged, however bad
baseline() {
	as alice
	server=$work/srv/old-$1.git clone=$work/old-$1
	git init -q --bare --object-format="$1" "$server"
	git init -q --object-format="$1" "$clone"
	git -C "$clone" remote add origin "$server"
	commit README hello "$agent"
	commit src/x 1 "$agent"
	git -C "$clone" branch side
	commit y 1 "$agent"
	git -C "$clone" push -q origin HEAD:main side 2> /dev/null
	"$gatepost" install --policy "$work/etc/policy.conf" --enforce \
		"$server" > "$work/install" 2>&1 || cat "$work/install"
	has "$server/config" 'baseline' "$1: the baseline is noted"
	change 'fix: after it'
	accepted "$1: what was there before is not judged" HEAD:main
	recorded '"commits":1' "$1: only what is new"
	accepted "$1: nor is what another branch had" \
		refs/remotes/origin/side:refs/heads/release/old
	# the same bad commit anew is judged
	change "$agent"
	refused "$1: the same again is judged" provenance/undeclared \
		'made with Claude Code' HEAD:main
	git -C "$clone" checkout -q --orphan root
	git -C "$clone" commit -q -m "$agent"
	refused "$1: a new root is judged" provenance/undeclared \
		'made with Claude Code' HEAD:release/root
	git -C "$clone" commit -q --amend -m 'old

AI-assistance: none' --date='2001-01-01T00:00:00Z'
	GIT_COMMITTER_DATE='2001-01-01T00:00:00Z' git -C "$clone" commit -q \
		--allow-empty --date='2001-01-01T00:00:00Z' -m "$agent"
	refused "$1: a date before the baseline excuses nothing" \
		provenance/undeclared 'made with Claude Code' HEAD:release/root
	reset_clone
}

merges() {
	reset_clone
	git -C "$clone" checkout -q -b side
	commit src/a 1 'fix: src

Rollback-plan: revert'
	accepted "$1: a side that has its plan" HEAD:topic-merges
	change 'fix: main goes on'
	git -C "$clone" merge -q --no-ff -m 'merge, clean' side
	accepted "$1: a clean merge changes no path" HEAD:main
	git -C "$clone" branch -q -D side

	reset_clone
	git -C "$clone" checkout -q -b side
	commit other "$1" 'fix: elsewhere'
	change 'fix: main goes on'
	git -C "$clone" merge -q --no-ff --no-commit side > "$work/out" 2>&1
	echo evil > "$clone/src/a"
	git -C "$clone" add src/a
	git -C "$clone" commit -q -m 'merge, evil'
	refused "$1: an evil merge changes what no parent has" \
		rollback/missing 'no rollback plan' HEAD:main
	git -C "$clone" branch -q -D side

	# taking one side's version of a file is no change of that file
	reset_clone
	git -C "$clone" checkout -q -b side
	commit src/a "side $1" 'fix: src

Rollback-plan: revert'
	change 'fix: main'
	git -C "$clone" merge -q --no-ff -s ours -m 'merge that drops' side
	accepted "$1: a merge that drops the other side has nothing new" \
		HEAD:main
	git -C "$clone" branch -q -D side
}

when() {
	reset_clone merges
	commit "when-$1" 1 'fix: plain'
	accepted "$1: when = merge: not asked without one" HEAD:merges
	side=$(git -C "$clone" rev-parse HEAD)
	reset_clone linear
	commit "when-l-$1" 1 'fix: plain'
	refused "$1: when = not-merge: asked" rollback/missing \
		'no rollback plan' HEAD:linear
	reset_clone merges
	git -C "$clone" checkout -q -B main HEAD^
	commit "when-o-$1" 1 'fix: other'
	git -C "$clone" merge -q --no-ff -m 'merge' "$side"
	refused "$1: when = merge: asked" rollback/missing \
		'no rollback plan' HEAD:merges
	git -C "$clone" commit -q --amend -m 'merge

Rollback-plan: revert'
	accepted "$1: when = merge: given" HEAD:merges
}

preview() {
	change "$agent"
	for i in 1 2 3 4; do
		git -C "$clone" commit -q --allow-empty -m "$agent"
	done
	accepted "$1: a preview is never refused" HEAD:topic/x
	is "$(grep -c '^remote: advice:' "$work/answer")" 3 \
		"$1: three lines of advice"
	told 'advice: 5 problems to mend before this can go to main' \
		"$1: the last says how many"
	recorded '"previews":\["main"\]' "$1: the record says for which gate"
	recorded '"verdict":"pass"' "$1: and that it passed"
	refused "$1: the gate itself refuses" provenance/undeclared \
		'made with Claude Code' HEAD:main
}

united() {
	change "$agent"
	refused "$1: of two gates both have their rules" \
		provenance/undeclared 'made with Claude Code' HEAD:both
	change 'fix: fine' both
	accepted "$1: what meets them passes" HEAD:both
	git -C "$clone" fetch -q
	refused "$1: enforcing the repository enforces gates that warn" \
		history/rewind 'both would lose commits' -f HEAD^:both
	git -C "$server" config --unset gatepost.mode
	accepted "$1: a gate that only warns lets a rewind through" \
		-f HEAD^:both
	recorded '"verdict":"warn","would":"reject"' \
		"$1: and records what it would have done"
	found history/rewind && ok "$1: with the finding" ||
		not_ok "$1: with the finding" "$work/decision"

	change 'feat: declared

Assisted-by: Claude:claude-opus-4-6'
	accepted "$1: a gate for other repositories is not ours" HEAD:main
	change 'feat: declared

Assisted-by: Claude:claude-opus-4-6' advised
	accepted "$1: a warning gate warns" HEAD:advised
	told 'warning: .*nothing made with AI goes here' \
		"$1: and says what it is about"
	told 'accepted with 1 problem that will be refused once' \
		"$1: and what will become of it"
	change 'fix: nothing'
	accepted "$1: outside of every gate" HEAD:free
	recorded '"gates":\[\]' "$1: there is a record, too"
	git -C "$server" config gatepost.mode enforce
}

the_policy enforce
for algo in sha1 sha256; do
	as alice
	new_server "scope-$algo" "$algo"
	git -C "$clone" push -q origin main:both main:advised main:merges \
		main:linear > "$work/out" 2>&1
	laundering "$algo"
	hidden "$algo"
	merges "$algo"
	when "$algo"
	preview "$algo"
	united "$algo"
	baseline "$algo"
done

# the whole server in warn mode: everything lands, with what would have been
the_policy warn
new_server warned
git -C "$server" config --unset gatepost.mode
change "$agent"
accepted 'warn: it lands' HEAD:main
moved refs/heads/main 'warn: main is there'
recorded '"verdict":"warn","would":"reject"' 'warn: with what would have been'
found provenance/undeclared && ok 'warn: with the finding' ||
	not_ok 'warn: with the finding' "$work/decision"
git -C "$clone" fetch -q
change 'fix: after it'
accepted 'warn: the next push' HEAD:main
recorded '"commits":1' 'warn: does not judge again what has landed'

# a mode that the repository itself has
git -C "$server" config gatepost.mode enforce
change "$agent"
refused 'enforced by the repository' provenance/undeclared \
	'made with Claude Code' HEAD:main
yes 'mode off' "$gatepost" mode off "$server"
records | wc -l > "$work/before"
push HEAD:main
is "$pushed" 0 'off: it lands'
is "$(records | wc -l)" "$(cat "$work/before")" 'off: nothing is recorded'
has_not "$work/answer" '^remote:' 'off: nothing is said'
yes 'mode enforce' "$gatepost" mode enforce "$server"
change 'fix: on top'
push HEAD:main
is "$pushed" 0 'what came in while it was off is on the gated ref now'

done_testing
