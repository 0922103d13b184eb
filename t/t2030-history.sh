#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `history` over real pushes: what was on a gated ref stays there.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	ref = refs/tags/v*
	rule = kept
[gate "loose"]
	ref = refs/heads/loose
	rule = loose
[rule "kept"]
	check = history
[rule "loose"]
	check = history
	deletion = allow
	rewind = allow
END

deletion() {
	refused "$1: a gated branch is not deleted" history/deletion \
		'main may not be deleted' :main
	refused "$1: nor with others in one push" history/deletion \
		'main may not be deleted' :main :topic
	accepted "$1: an ungated one is" :topic
	is "$(tip topic)" none "$1: and it is gone"
	accepted "$1: so is one whose rule allows it" :loose
}

rewind() {
	change 'fix: one'
	accepted "$1: a step forward" HEAD:main
	git -C "$clone" fetch -q
	refused "$1: a step back" history/rewind \
		'main would lose commits that are on the server' -f HEAD^:main
	told 'git pull --rebase origin main && git push origin HEAD:main' \
		"$1: the hint says how to go forward"

	git -C "$clone" commit -q --amend -m 'fix: one, reworded'
	refused "$1: a rewritten tip" history/rewind 'would lose commits' \
		-f HEAD:main
	git -C "$clone" checkout -q --orphan fresh
	git -C "$clone" commit -q -m 'a new beginning'
	refused "$1: another root" history/rewind 'would lose commits' \
		-f HEAD:main
	git -C "$clone" merge -q -s ours --allow-unrelated-histories \
		-m 'with the old' origin/main
	accepted "$1: merged with what is there, it moves forward" HEAD:main

	reset_clone
	git -C "$clone" branch -q -D fresh
	parent=$(git -C "$clone" rev-parse HEAD^)
	accepted "$1: a branch whose rule allows it goes forward" HEAD:loose
	accepted "$1: and back" -f "$parent:loose"
}

# a merge that swaps its parents, or that drops what the other side did, has
# the old tip in it: nothing is lost, and review is for the rest
swapped() {
	change 'fix: left'
	left=$(git -C "$clone" rev-parse HEAD)
	change 'fix: right'
	accepted "$1: what is there before" HEAD:main
	git -C "$clone" fetch -q
	git -C "$clone" checkout -q -B main "$left"
	git -C "$clone" merge -q --no-ff -m 'foxtrot' origin/main
	accepted "$1: a foxtrot merge loses no commit" HEAD:main
}

tags() {
	reset_clone
	git -C "$clone" tag -a -m one v1
	accepted "$1: a tag is made" v1
	git -C "$clone" tag -f -a -m two v1 HEAD^ > /dev/null 2>&1
	refused "$1: a tag is not moved" history/rewind \
		'v1 may not be moved' -f v1
	told 'push a new one under another name' "$1: the hint says what to do"
	refused "$1: nor deleted" history/deletion 'v1 may not be deleted' \
		:refs/tags/v1
	git -C "$clone" tag -d v1 > /dev/null
}

replace() {
	change 'fix: real'
	accepted "$1: the real commit" HEAD:main
	git -C "$clone" fetch -q
	real=$(git -C "$clone" rev-parse HEAD)
	git -C "$clone" commit -q --amend -m 'fix: another'
	refused "$1: a replace ref" history/replace \
		'replace refs show other history than there is' \
		"HEAD:refs/replace/$real"
	refused "$1: a replace ref beside an honest update" history/replace \
		'replace refs' "HEAD:refs/heads/topic" \
		"HEAD:refs/replace/$real"
	git -C "$server" fetch -q "$clone" HEAD
	git -C "$server" update-ref "refs/replace/$real" FETCH_HEAD
	refused "$1: nor is one moved" history/replace 'replace refs' \
		-f "HEAD^:refs/replace/$real"

	# with one in place, the rewound tip would look like a descendant
	git -C "$clone" checkout -q -B main "$real^"
	fake=$(git -C "$clone" commit-tree -p "$real" -m fake 'HEAD^{tree}')
	git -C "$server" fetch -q "$clone" main
	git -C "$clone" push -q origin "$fake:refs/heads/fakes" \
		2> "$work/out"
	git -C "$server" update-ref "refs/replace/$(git -C "$clone" \
		rev-parse HEAD)" "$fake"
	git -C "$server" config core.useReplaceRefs true
	refused "$1: a replace ref makes no rewind a step forward" \
		history/rewind 'would lose commits' -f HEAD:main
	git -C "$server" config core.useReplaceRefs false
}

for algo in sha1 sha256; do
	new_server "history-$algo" "$algo"
	git -C "$clone" push -q origin main:topic main:loose main:topic2 \
		> "$work/out" 2>&1
	rewind "$algo"
	swapped "$algo"
	tags "$algo"
	replace "$algo"
	deletion "$algo"
done

done_testing
