#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A working week is not disturbed: what people and their tools push every day
# lands, and each push leaves its record.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
[signers]
	ssh = signers
[agent "claude-code"]
[agent "copilot"]
[area "payments"]
	path = pay/**
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	preview = refs/heads/**
	rule = ai
	rule = two
	rule = history
[gate "tags"]
	ref = refs/tags/v*
	rule = history
[rule "ai"]
	check = provenance
[rule "two"]
	check = review
	when = area:payments
	quorum = 1
[rule "history"]
	check = history
END
signing_key bob

# smooth NAME ARGUMENTS…: lands, without a word of warning
smooth() {
	smooth_name=$1
	accepted "$@"
	not_told 'warning:\|error:\|advice:' "$smooth_name: quietly"
}

branches() {
	change 'feat: a topic'
	smooth "$1: a new branch" HEAD:refs/heads/topic
	# advice is about commits, not about what people do with their branches
	git -C "$clone" commit -q --amend -m 'feat: a topic, better'
	smooth "$1: forced" -f HEAD:refs/heads/topic
	smooth "$1: deleted" :topic
	git -C "$clone" commit -q --allow-empty -m 'ci: again'
	smooth "$1: an empty commit" HEAD:main
	git -C "$clone" tag -a -m 'release 1' v1.0
	git -C "$clone" tag light
	smooth "$1: tags with their branch" --follow-tags HEAD:main
	smooth "$1: all tags" --tags
	git -C "$clone" branch -f release-work
	smooth "$1: a release branch" HEAD:release/1.0
	smooth "$1: nothing new" HEAD:main
	git -C "$clone" notes add -m 'a note' HEAD
	smooth "$1: notes" refs/notes/commits
	smooth "$1: a branch of a former tip" HEAD^:refs/heads/back
}

merges() {
	for n in 1 2 3; do
		change "feat: side $n"
		git -C "$clone" branch -f "side-$n"
	done
	reset_clone
	git -C "$clone" merge -q --no-ff -m 'Merge three' side-1 side-2 \
		side-3 > "$work/out" 2>&1
	smooth "$1: an octopus" HEAD:main
	change 'feat: will conflict'
	echo ours > "$clone/conflict"
	git -C "$clone" add conflict
	git -C "$clone" commit -q --amend --no-edit
	accepted "$1: one side" HEAD:main
	git -C "$clone" checkout -q -B main HEAD^
	commit conflict theirs 'feat: the other side'
	git -C "$clone" fetch -q
	git -C "$clone" merge origin/main > "$work/out" 2>&1
	echo both > "$clone/conflict"
	git -C "$clone" add conflict
	git -C "$clone" commit -q -m 'Merge, with a conflict solved'
	smooth "$1: a merge with a conflict" HEAD:main
	git -C "$clone" checkout -q --orphan import
	git -C "$clone" rm -rfq .
	commit imported/README other 'import: another project'
	git -C "$clone" checkout -q -f -B main origin/main
	git -C "$clone" fetch -q
	git -C "$clone" reset -q --hard origin/main
	git -C "$clone" merge -q --allow-unrelated-histories \
		-m 'Merge the other project' import
	smooth "$1: an import" HEAD:main
	git -C "$clone" branch -q -D import
}

files() {
	reset_clone
	ln -s README "$clone/link"
	printf '#!/bin/sh\n' > "$clone/run"
	chmod +x "$clone/run"
	printf x > "$clone/$(printf 'n\303\244me with "quotes"\tand a tab')"
	git -C "$clone" add -A
	git -C "$clone" update-index --add --cacheinfo \
		"160000,$(git -C "$clone" rev-parse HEAD),sub/module"
	git -C "$clone" commit -q -m 'feat: every kind of entry'
	smooth "$1: links, programs, odd names, a submodule" HEAD:main
	reset_clone
	rm -f "$clone/link" "$clone/run"
	mkdir "$clone/run"
	commit run/inside x 'feat: a directory in the place of a file'
	smooth "$1: a directory in the place of a file" HEAD:main
}

agents() {
	change 'feat: x

🤖 Generated with [Claude Code](https://claude.com/claude-code)

Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>'
	smooth "$1: Claude Code's unedited commit" HEAD:main
	change 'feat: y

Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>'
	smooth "$1: Copilot's unedited commit" HEAD:main
	change 'feat: z

Assisted-by: Claude:claude-opus-4-6 coccinelle sparse
Signed-off-by: Alice <alice@example.com>
Reviewed-by: Bob <bob@example.com>'
	smooth "$1: as the kernel has it" HEAD:main
	git -C "$clone" fetch -q
	git -C "$clone" revert --no-edit HEAD > "$work/out" 2>&1
	smooth "$1: a revert" HEAD:main
	git -C "$clone" fetch -q
	git -C "$clone" cherry-pick -x HEAD~1 > "$work/out" 2>&1
	smooth "$1: and the reverted picked again" HEAD:main
	as robot
	change 'chore(deps): update everything'
	smooth "$1: a bot" HEAD:main
	as alice
}

# alice writes, bob approves and presses the button in every way there is
reviews() {
	for way in merge squash rebase fast-forward; do
		as alice
		reset_clone
		commit "pay/$way" 1 "pay: one, to $way"
		commit "pay/$way" 2 "pay: two, to $way"
		topic=$(git -C "$clone" rev-parse HEAD)
		accepted "$1: $way: the branch" "$topic:refs/heads/pay-$way"
		sign_as bob
		approve main "$topic" || not_ok "$1: $way: git approve" \
			"$work/approve"
		as alice
		change "fix: unrelated to $way"
		[ $way = fast-forward ] ||
			smooth "$1: $way: main moves on" HEAD:main
		as bob
		reset_clone
		case $way in
		merge) git -C "$clone" merge -q --no-ff -m 'Merge' "$topic" ;;
		squash)
			git -C "$clone" merge -q --squash "$topic" \
				> "$work/out" 2>&1
			git -C "$clone" commit -q -m 'pay: squashed' \
				--author='alice <alice@example.com>' ;;
		rebase)
			git -C "$clone" checkout -q -B main "$topic"
			git -C "$clone" rebase -q origin/main ;;
		fast-forward) git -C "$clone" checkout -q -B main "$topic" ;;
		esac
		smooth "$1: $way: the reviewer presses the button" HEAD:main
	done
	as alice
}

for algo in sha1 sha256; do
	new_server "week-$algo" "$algo"
	branches "$algo"
	merges "$algo"
	files "$algo"
	agents "$algo"
	reviews "$algo"
done

# each push has its decision and its outcome
records > "$work/records"
decisions=$(grep -c '"kind":"decision"' "$work/records")
outcomes=$(grep -c '"kind":"outcome"' "$work/records")
is "$outcomes" "$decisions" "each of $decisions pushes has what came of it"
grep -e '"verdict":"\(warn\|error\|reject\)"' "$work/records" > "$work/odd"
if [ -s "$work/odd" ]; then
	not_ok 'nothing was refused, warned of or undecided' "$work/odd"
else
	ok 'nothing was refused, warned of or undecided'
fi
if [ -s "$work/admin.log" ]; then
	not_ok 'the admin is told nothing' "$work/admin.log"
else
	ok 'the admin is told nothing'
fi

done_testing
