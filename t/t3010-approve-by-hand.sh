#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the documents tell a reviewer to type works in a fresh clone: the
# commands of git-approve(1) for stock git and ssh-keygen alone, and the line
# that a refused push prints.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

signing_key bob
policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = two-people
[rule "two-people"]
	check = review
	quorum = 1
END
sed -n '/^\.\\" A test runs these lines/,/^\.Ed/p' \
	"$top/contrib/git-approve.1" | sed -e '/^\./d' -e 's/\\e/\\/g' \
	> "$work/by-hand"
has "$work/by-hand" 'git tag -s' 'the manual has the commands'
has_not "$work/by-hand" 'git approve' 'which do without git approve'

# no git-approve anywhere near
mkdir -p "$work/bin"
for c in git sh ssh-keygen sha256sum cut; do
	ln -s "$(command -v $c)" "$work/bin/$c"
done

# a_change: alice's commit, refused on main, pushed to the branch feature
a_change() {
	as alice
	change 'fix: to be reviewed'
	refused "$1: refused before" review/quorum 'needs 1 approval' HEAD:main
	sed -n 's/^.*a reviewer runs: //p' "$work/answer" > "$work/command"
	push -f HEAD:refs/heads/feature
}
# bobs_clone: fresh, with nothing but what git config --global has
bobs_clone() {
	rm -rf "$work/bob"
	sign_as bob
	git clone -q "$server" "$work/bob"
}
landed() {
	as alice
	accepted "$1: then the push passes" HEAD:main
	recorded '"approvals":\[{' "$1: its record names the approval"
	moved main "$1: and main is there"
}

for algo in sha1 sha256; do
	mkdir -p "$work/srv/$algo" "$work/$algo"
	new_server "$algo/api" $algo
	a_change "$algo by hand"
	bobs_clone
	yes "$algo by hand: the commands of the manual work" \
		env PATH="$work/bin" sh -e -c "cd '$work/bob' && . '$work/by-hand'"
	is "$(git -C "$work/bob" tag)" '' "$algo by hand: they leave no tag"
	landed "$algo by hand"

	a_change "$algo as told"
	bobs_clone
	has "$work/command" '^git approve main [0-9a-f]* *$' \
		"$algo as told: the refusal prints a command"
	ln -sf "$top/contrib/git-approve" "$work/bin/git-approve"
	yes "$algo as told: it works as printed, with --yes where nobody sits" \
		sh -e -c "cd '$work/bob' &&
		PATH='$work/bin':\$PATH $(cat "$work/command") --yes"
	rm "$work/bin/git-approve"
	landed "$algo as told"
done

done_testing
