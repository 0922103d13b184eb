#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `signature` over real pushes, with commits and tags as stock git
# signs them.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob forge carol; do signing_key "$who"; done
ssh-keygen -q -t ed25519 -N '' -f "$work/key-stranger"
ssh-keygen -q -t ed25519 -N '' -f "$work/key-old"
echo "alice valid-before=\"20200101Z\" $(cut -d' ' -f1,2 "$work/key-old.pub")" \
	>> "$work/etc/signers"
: > "$work/etc/revoked"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	email = alice@users.example.org
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = release-manager
[principal "carol"]
	email = carol@example.com
	login = carol
[principal "forge"]
	email = forge@example.com
	login = forge
	kind = bot
	role = merger
[signers]
	ssh = signers
	ssh-revoked = revoked
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/second
	rule = signed
[gate "strict"]
	ref = refs/heads/strict
	rule = by-author
[gate "anyone"]
	ref = refs/heads/anyone
	rule = by-anyone
[gate "merges"]
	ref = refs/heads/merges
	rule = not-merges
	rule = merges
[gate "keys"]
	ref = refs/heads/keys
	rule = touched
[gate "releases"]
	ref = refs/tags/v*
	rule = release
[rule "signed"]
	check = signature
[rule "by-author"]
	check = signature
	by = author
[rule "by-anyone"]
	check = signature
	by = anyone
[rule "not-merges"]
	check = signature
	when = not-merge
[rule "merges"]
	check = signature
	when = merge
	by = author, role:merger
[rule "touched"]
	check = signature
	presence = required
[rule "release"]
	check = signature
	objects = tags
	by = role:release-manager
END

# signed_by KEY: commits and tags are signed with it from now on
signed_by() {
	git config --global gpg.format ssh
	git config --global user.signingKey "$work/key-$1"
	git config --global commit.gpgSign true
}
unsigned() { git config --global commit.gpgSign false; }
# recorded_signer OF PERSON: who the newest decision says has signed
recorded_signer() {
	last_decision
	grep -q "\"of\":\"$1\",\"person\":{[^}]*\"principal\":\"$2\"" \
		"$work/decision"
}

commits() {
	signed_by alice
	change 'fix: signed'
	accepted "$1: a signed commit" HEAD:main
	yes "$1: the record says by whom" recorded_signer commits alice
	recorded "\"key\":\"$(ssh-keygen -lf "$work/key-alice.pub" |
		cut -d' ' -f2)\"" "$1: and with which key"
	recorded "\"objects\":\[\"$(git -C "$clone" rev-parse HEAD)\"\]" \
		"$1: and what"

	unsigned
	change 'fix: unsigned'
	refused "$1: an unsigned one" signature/unsigned 'not signed' HEAD:main
	told 'git commit --amend --no-edit -S *$' "$1: the command is told"
	signed_by alice
	git -C "$clone" commit --amend --no-edit -S -q
	accepted "$1: and mends it" HEAD:main

	unsigned
	change 'fix: unsigned, one'
	commit two two 'fix: unsigned, two'
	signed_by alice
	commit three three 'fix: signed, three'
	refused "$1: several" signature/unsigned 'fix: unsigned, one' HEAD:main
	command=$(sed -n "s/^remote: hint:   \(git rebase .*[^ ]\) *$/\1/p" \
		"$work/answer")
	is "${command% *}" "git rebase --rebase-merges --no-ff -S" \
		"$1: one command for all"
	yes "$1: which can be typed" sh -c "cd '$clone' && $command"
	accepted "$1: and mends them" HEAD:main

	unsigned
	change 'fix: unsigned, three'
	signed_by alice
	commit file-more more 'fix: signed on top'
	refused "$1: an unsigned commit below a signed one" \
		signature/unsigned 'fix: unsigned, three' HEAD:main
}

keys() {
	signed_by stranger
	change 'fix: by a stranger'
	refused "$1: a key that nobody has" signature/unknown-key \
		'is not among the allowed signers' HEAD:main
	signed_by old
	change 'fix: by an old key'
	export GIT_COMMITTER_DATE='2019-06-01T00:00:00Z'
	git -C "$clone" commit -q --amend --no-edit
	unset GIT_COMMITTER_DATE
	refused "$1: an expired key, whatever the commit's date" \
		signature/expired 'expired' HEAD:main
	signed_by bob
	change 'fix: by the wrong person'
	refused "$1: a good signature by another" signature/not-theirs \
		'signed by bob, not by its author alice' HEAD:main
	signed_by alice
	cp "$work/key-alice.pub" "$work/etc/revoked"
	change 'fix: by a revoked key'
	refused "$1: a revoked key" signature/revoked 'is revoked' HEAD:main
	: > "$work/etc/revoked"
	accepted "$1: which is fine without the revocation" HEAD:main
}

# edited SED-SCRIPT: HEAD of the clone with that change of its bytes
edited() {
	id=$(git -C "$clone" cat-file commit HEAD | sed "$1" |
		git -C "$clone" hash-object -w -t commit --literally --stdin)
	git -C "$clone" reset -q --hard "$id"
}

forged() {
	signed_by alice
	change 'fix: honest'
	edited 's/^fix: honest/fix: forged/'
	refused "$1: an edited message" signature/bad \
		'does not match what it should cover' HEAD:main
	change 'fix: honest'
	edited 's/^ U1NIU0lH/ U1NIU0lI/'
	refused "$1: a broken signature" signature/malformed \
		'does not count' HEAD:main
	change 'fix: honest'
	commit other other 'fix: another'
	# the signature of one commit on another
	header=$(git -C "$clone" cat-file commit HEAD^ |
		sed -n '/^gpgsig/,/END SSH/p')
	{
		git -C "$clone" cat-file commit HEAD |
			sed -n '1,/^committer/p'
		printf '%s\n\nfix: another\n' "$header"
	} > "$work/moved"
	id=$(git -C "$clone" hash-object -w -t commit --stdin < "$work/moved")
	git -C "$clone" reset -q --hard "$id"
	refused "$1: a signature moved to another commit" signature/bad \
		'does not match' HEAD:main
	unsigned
	change "fix: in the message

gpgsig -----BEGIN SSH SIGNATURE-----
 U1NIU0lH
 -----END SSH SIGNATURE-----"
	refused "$1: a signature that is text of the message" \
		signature/unsigned 'not signed' HEAD:main
	signed_by alice
	change 'fix: for another purpose'
	git -C "$clone" commit -q --amend --no-edit --no-gpg-sign
	git -C "$clone" cat-file commit HEAD > "$work/payload"
	rm -f "$work/payload.sig"
	ssh-keygen -q -Y sign -n file -f "$work/key-alice" "$work/payload" \
		2> /dev/null
	{
		sed -n '1,/^committer/p' "$work/payload"
		[ "$1" = sha256 ] && printf 'gpgsig-sha256' || printf gpgsig
		sed 's/^/ /' "$work/payload.sig"
		sed -n '/^$/,$p' "$work/payload"
	} > "$work/moved"
	id=$(git -C "$clone" hash-object -w -t commit --stdin < "$work/moved")
	git -C "$clone" reset -q --hard "$id"
	refused "$1: a signature for something else" signature/bad \
		'was made for "file", not for git' HEAD:main
}

whose() {
	signed_by alice
	as alice
	change 'fix: by alice'
	sign_as bob
	git -C "$clone" commit -q --amend --no-edit -S
	accepted "$1: the committer signs what another wrote" HEAD:main
	reset_clone
	git -C "$clone" push -q -f origin HEAD:refs/heads/side \
		HEAD^:refs/heads/base 2> "$work/out"
	refused "$1: where the author must" signature/not-theirs \
		'signed by bob, not by its author alice' HEAD:strict
	as alice
	signed_by carol
	change 'fix: by alice, signed by carol'
	accepted "$1: anyone of the policy" -f HEAD:anyone
	signed_by forge
	change 'fix: by alice, signed by a bot'
	refused "$1: but no bot" signature/not-theirs \
		'signed by forge, a bot' -f HEAD:anyone
	signed_by alice
	export GIT_AUTHOR_EMAIL=alice@users.example.org
	change 'fix: under another e-mail of hers'
	accepted "$1: all e-mails of one person are she" HEAD:main
	export GIT_AUTHOR_EMAIL=alice@nowhere.example
	export GIT_COMMITTER_EMAIL=alice@nowhere.example
	change 'fix: under an e-mail that nobody has'
	refused "$1: an e-mail that nobody has" signature/not-theirs \
		'signed by alice, not by' HEAD:main
	told 'git config user.email ADDRESS' "$1: the hint says what to do"
	as alice
}

merges() {
	signed_by alice
	change 'fix: a side'
	git -C "$clone" branch -q -f side
	change 'fix: the other side'
	git -C "$clone" -c commit.gpgSign=false merge -q --no-ff -m merged side
	refused "$1: a merge is a commit" signature/unsigned 'not signed' \
		HEAD:main
	refused "$1: also where rules tell merges apart" signature/unsigned \
		'not signed' HEAD:merges
	as forge
	signed_by forge
	git -C "$clone" commit -q --amend --no-edit -S
	refused "$1: the bot's merge, without a rule for it" \
		signature/not-theirs 'signed by forge, a bot' HEAD:main
	accepted "$1: the bot's merge, where its role is named" HEAD:merges
	as alice
	git -C "$clone" branch -q -D side
}

refs() {
	signed_by alice
	change 'fix: for two branches'
	accepted "$1: two branches in one push" HEAD:main HEAD:second
	is "$(records | grep '"kind":"decision"' | tail -n 1 |
		grep -o '"of":"commits"' | wc -l)" 2 \
		"$1: each rule's result names its signatures"
	unsigned
	change 'fix: unsigned for two branches'
	refused "$1: both are refused" signature/unsigned 'not signed' \
		HEAD:main HEAD:second
	signed_by alice
	change 'fix: without a touch'
	refused "$1: where a touch is asked for" signature/presence \
		'does not prove that somebody touched a security key' HEAD:keys
}

tags() {
	reset_clone
	sign_as bob
	git -C "$clone" tag -s -m one "v1-$1"
	accepted "$1: a signed tag" "v1-$1"
	yes "$1: the record says by whom" recorded_signer tag bob
	git -C "$clone" tag -a -m two "v2-$1"
	refused "$1: an annotated tag that nobody signed" signature/unsigned \
		'not signed' "v2-$1"
	told "git tag -s -f v2-$1 v2-$1^{}" "$1: the command is told"
	git -C "$clone" tag -s -f -m two "v2-$1" "v2-$1^{}" > "$work/out"
	accepted "$1: and mends it" "v2-$1"
	git -C "$clone" tag "v3-$1"
	refused "$1: a tag that is no object" signature/unsigned 'not signed' \
		"v3-$1"
	sign_as alice
	git -C "$clone" tag -s -m four "v4-$1"
	refused "$1: a tag by somebody without the role" signature/not-theirs \
		'not by a person with the role release-manager' "v4-$1"
	id=$(git -C "$clone" cat-file tag "v1-$1" | sed 's/^one/two/' |
		crafted tag)
	refused "$1: an edited tag" signature/bad 'does not match' \
		"$id:refs/tags/v5-$1"
	as alice
}

for algo in sha1 sha256; do
	unsigned
	new_server "signed-$algo" "$algo"
	git -C "$clone" push -q origin main:strict main:anyone main:merges \
		main:keys main:second > "$work/out" 2>&1
	commits "$algo"
	keys "$algo"
	forged "$algo"
	whose "$algo"
	merges "$algo"
	refs "$algo"
	tags "$algo"
done

done_testing
