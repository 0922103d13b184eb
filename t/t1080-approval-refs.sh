#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What may be pushed to refs/approvals: well-formed, verified approvals, once,
# in every mode but off.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

signing_key bob
ssh-keygen -q -t ed25519 -N '' -C stranger -f "$work/key-stranger" < /dev/null

# mode MODE: the policy with that mode
mode() {
	policy_file <<END
	mode-was-above = 1
END
	sed -i "/mode-was-above/d; s/mode = enforce/mode = $1/" \
		"$work/etc/policy.conf"
	cat >> "$work/etc/policy.conf" <<'END'
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
}

# tag_of MESSAGE [OBJECT [KEY]]: a signed tag with that message
tag_of() {
	sign_as bob
	git config --global user.signingKey "$work/key-${3:-bob}"
	git -C "$clone" tag -f -s -m "$1" x "${2:-HEAD}" > /dev/null
	as alice
	git -C "$clone" rev-parse refs/tags/x
}
# message: what git approve writes
message() {
	printf 'Approve refs/heads/main\n\nApproves-ref: refs/heads/main\n'
	printf 'Approves-diff: sha256:%s\nRepository: %s\n' "$diff" \
		"$(basename "$clone")"
}
# denied NAME CODE WORDS TAG [REF]
denied() { refused "$1" "$2" "$3" "$4:${5:-refs/approvals/$prefix/bob-1}"; }

guard() {
	change 'fix: to be approved'
	diff=$(git -C "$clone" diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none HEAD^ HEAD | sha256sum | cut -c1-64)
	prefix=$(printf %.16s "$diff")

	git -C "$clone" tag -f -a -m "$(message)" plain > /dev/null 2>&1
	denied "$1: a tag that is not signed" approval/unsigned \
		'it is not signed' "$(git -C "$clone" rev-parse plain)"
	denied "$1: a key that nobody listed" approval/unknown-key \
		'is not among the allowed signers' \
		"$(tag_of "$(message)" HEAD stranger)"
	denied "$1: no tag at all" approval/malformed 'no annotated tag' HEAD
	denied "$1: no Approves-ref" approval/malformed \
		'no Approves-ref trailer' "$(tag_of 'Approve it')"
	denied "$1: no Repository" approval/malformed \
		'no Repository trailer' "$(tag_of 'Approve

Approves-ref: refs/heads/main')"
	denied "$1: Approves-ref twice" approval/malformed \
		'name the same ref' "$(tag_of "$(message)
Approves-ref: refs/heads/main")"
	denied "$1: a short name of a ref" approval/malformed \
		'no full ref name' "$(tag_of "$(message |
			sed 's,-ref: refs/heads/,-ref: ,')")"
	denied "$1: an ill-formed digest" approval/malformed \
		'is not sha256' "$(tag_of "$(message |
			sed 's/sha256:./sha256:X/')")"
	denied "$1: two readings" approval/malformed 'ambiguous' \
		"$(tag_of "Approve

Approves-ref: refs/heads/other
Repository: x

---

$(message | sed 1,2d)")"
	denied "$1: a tag of a tree" approval/malformed 'it tags no commit' \
		"$(tag_of "$(message)" 'HEAD^{tree}')"
	good=$(tag_of "$(message)")
	denied "$1: filed under another digest" approval/malformed \
		"for another change than its ref's name says" \
		"$good" refs/approvals/0123456789abcdef/bob-1
	for bad in refs/approvals/bob-1 "refs/approvals/$prefix/bob" \
		"refs/approvals/$prefix/bob-01" "refs/approvals/$prefix/a/b-1" \
		"refs/approvals/$diff/bob-1"; do
		denied "$1: the name $bad" approval/malformed \
			'not the name of an approval' "$good" "$bad"
	done
	forged=$(git -C "$clone" cat-file tag "$good" |
		sed 's,refs/heads/main,refs/heads/prod,' | crafted tag)
	denied "$1: signed for another text" approval/malformed \
		'does not match what it should cover' "$forged"

	accepted "$1: a good one" "$good:refs/approvals/$prefix/bob-1"
	sign_as bob
	again=$(GIT_COMMITTER_DATE='2026-01-01T00:00:00Z' \
		git -C "$clone" tag -f -s -m "$(message)" x > /dev/null
		git -C "$clone" rev-parse refs/tags/x)
	as alice
	refused "$1: it is not moved" approval/moved \
		'an approval stays as it was made' \
		-f "$again:refs/approvals/$prefix/bob-1"
	refused "$1: nor deleted" approval/deleted \
		'not deleted by a push' ":refs/approvals/$prefix/bob-1"
	accepted "$1: a second one has a name of its own" \
		"$again:refs/approvals/$prefix/bob-2"
	refused "$1: a bad one refuses the honest ref beside it" \
		approval/unsigned 'nor the other 1 of this push' \
		HEAD:refs/heads/topic plain:refs/approvals/$prefix/bob-3
}

mode enforce
for algo in sha1 sha256; do
	new_server "enforced-$algo" "$algo"
	guard "$algo"
done

mode warn
new_server warned
git -C "$server" config --unset gatepost.mode
guard 'warn mode'
change 'fix: nobody approved'
accepted 'warn mode: what is not approved lands' HEAD:main
recorded '"verdict":"warn","would":"reject"' \
	'warn mode: and is recorded with what would have been'

"$gatepost" mode off "$server" > "$work/out" 2>&1
push :refs/approvals/$prefix/bob-2
is "$pushed" 0 'off: gatepost is out of the way'

done_testing
