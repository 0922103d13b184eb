#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Signed pushes (`git push --signed`): verified again, and bound to the very
# push that they came with. What a client may put into the environment of
# git-receive-pack (sshd's AcceptEnv) proves nothing.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob; do signing_key "$who"; done
ssh-keygen -q -t ed25519 -N '' -f "$work/key-stranger"

rest='
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
	ref = refs/heads/other
	rule = signed-push
[gate "reviewed"]
	ref = refs/heads/reviewed
	rule = review
[rule "signed-push"]
	check = signature
	push = required
[rule "review"]
	check = review
	quorum = 1
	exclude = author, brought-by'
policy_file <<END
$rest
END

# signed_by KEY: whose key signs pushes from now on
signed_by() {
	git config --global gpg.format ssh
	git config --global user.signingKey "$work/key-$1"
}
seed() {
	git -C "$server" config receive.certNonceSeed "secret $1"
	git -C "$server" config receive.advertisePushOptions true
}
certificate_of() { # the blob of the newest signed push
	git -C "$server" cat-file --batch-all-objects --batch-check |
		sed -n 's/ blob .*//p' | while read -r blob; do
		git -C "$server" cat-file blob "$blob" 2> /dev/null |
			grep -q "^$1 $2 " && echo "$blob"
	done | tail -n 1
}
# forge BLOB NONCE STATUS: what a client of sshd could send along
forge() {
	export GIT_PUSH_CERT="$1" GIT_PUSH_CERT_NONCE="$2"
	export GIT_PUSH_CERT_NONCE_STATUS="$3" GIT_PUSH_CERT_STATUS=G
	export GIT_PUSH_CERT_SIGNER=alice GIT_PUSH_CERT_KEY=x
}
honest() {
	unset GIT_PUSH_CERT GIT_PUSH_CERT_NONCE GIT_PUSH_CERT_NONCE_STATUS \
		GIT_PUSH_CERT_STATUS GIT_PUSH_CERT_SIGNER GIT_PUSH_CERT_KEY
}
nonce_of() { git -C "$server" cat-file blob "$1" | sed -n 's/^nonce //p'; }

without_seed() {
	change 'fix: one'
	refused "$1: a repository without a seed" signature/push-unsigned \
		'cannot be: this repository has no receive.certNonceSeed' \
		HEAD:main
	told 'the admin sets it' "$1: whose turn it is"
}

honest_pushes() {
	change 'fix: two'
	refused "$1: an unsigned push" signature/push-unsigned \
		'the push is not signed' HEAD:main
	told 'push again with --signed; to have that always: git config push.gpgSign if-asked' "$1: the command is told"
	refused "$1: an unsigned deletion" signature/push-unsigned \
		'the push is not signed' :main
	old=$(tip main)
	accepted "$1: a signed push" --signed HEAD:main
	moved refs/heads/main "$1: main is there"
	recorded '"of":"push","person":{"principal":"alice"}' \
		"$1: the record says who signed it"
	recorded '"certificate":{"result":"good","nonce":"OK","person":{"principal":"alice"}' \
		"$1: and how it was verified"
	last_decision
	id=$(sed -n 's/.*"certificate":{[^}]*}[^}]*"evidence":"\([0-9a-f]*\)".*/\1/p' \
		"$work/decision")
	evidence "$id" > "$work/cert"
	has "$work/cert" '^certificate version 0.1' "$1: all of it is kept"
	replayed=$(certificate_of "$old" "$(tip main)")
	is "$(git -C "$server" hash-object --stdin < "$work/cert")" "$replayed" \
		"$1: byte by byte"
	change 'fix: with options'
	accepted "$1: with push options" --signed -o one=1 -o 'two words' \
		HEAD:main HEAD:other
	accepted "$1: a signed deletion" --signed :other
	git -C "$clone" push -q origin HEAD:refs/heads/ungated 2> "$work/out"
	yes "$1: no certificate is asked for where no rule does" \
		test "$(tip ungated)" = "$(git -C "$clone" rev-parse HEAD)"
}

others() {
	signed_by bob
	change 'fix: by bob for alice'
	refused "$1: signed by another than the pusher" \
		signature/push-not-pusher \
		'the push is signed by bob, and made by alice' --signed \
		HEAD:main
	as mallory
	refused "$1: pushed by nobody of the policy" \
		signature/push-not-pusher \
		'is signed by bob, and made by mallory' --signed HEAD:main
	as alice
	signed_by stranger
	refused "$1: signed by a stranger" signature/unknown-key \
		'is not among the allowed signers' --signed HEAD:main
	signed_by alice
}

# back ID: the server's main as if nothing had happened since, which only an
# admin can do
back() { git -C "$server" update-ref refs/heads/main "$1"; }

replays() {
	new=$(git -C "$server" cat-file blob "$replayed" |
		sed -n 's/^[0-9a-f]* \([0-9a-f]*\) refs.*/\1/p')
	now=$(tip main)
	back "$old"
	git -C "$clone" checkout -q -B main "$new"
	forge "$replayed" "$(nonce_of "$replayed")" OK
	past $((${GIT_PUSH_CERT_NONCE%%-*} + 3))
	refused "$1: an old certificate for the same updates" \
		signature/push-nonce 'its nonce is that of an earlier push' \
		HEAD:main
	recorded '"certificate":{"result":"nonce","why":"its nonce is that' \
		"$1: and the record says it"
	forge "$replayed" "$(date +%s)-0123" OK
	refused "$1: with another nonce in the environment" \
		signature/push-nonce 'its nonce is not that of this push' \
		HEAD:main
	forge "$replayed" "$(nonce_of "$replayed")" SLOP
	refused "$1: with a nonce that git finds old" signature/push-nonce \
		'older than receive.certNonceSlop allows' HEAD:main
	forge "$replayed" "$(nonce_of "$replayed")" BAD
	refused "$1: with a nonce that git finds bad" signature/push-nonce \
		'git says of its nonce: BAD' HEAD:main
	forge "$replayed" "$(nonce_of "$replayed")" \
		"$(head -c 100000 /dev/zero | tr '\0' x)"
	refused "$1: with a flood in the place of git's word" \
		signature/push-nonce 'git says of its nonce: unknown' HEAD:main
	recorded '"nonce":"unknown"' "$1: which the record does not repeat"
	unset GIT_PUSH_CERT_NONCE GIT_PUSH_CERT_NONCE_STATUS
	refused "$1: without a nonce" signature/push-nonce \
		'git has issued no nonce' HEAD:main
	back "$now"
	change 'fix: something else'
	forge "$replayed" "$(nonce_of "$replayed")" OK
	refused "$1: an old certificate for other updates" \
		signature/push-other 'its updates are not those of this push' \
		HEAD:main
	honest
}

# made NONCE [OPTION]: a certificate for the push of HEAD to main, signed by
# alice, as a blob of the server
made() {
	{
		echo 'certificate version 0.1'
		echo "pusher $work/key-alice $(date +%s) +0000"
		echo "pushee $server"
		echo "nonce $1"
		[ -z "${2:-}" ] || echo "push-option $2"
		echo
		echo "$(tip main) $(git -C "$clone" rev-parse HEAD) refs/heads/main"
	} > "$work/made"
	rm -f "$work/made.sig"
	ssh-keygen -q -Y sign -n git -f "$work/key-alice" "$work/made" \
		2> /dev/null
	cat "$work/made.sig" >> "$work/made"
	git -C "$server" hash-object -w --stdin < "$work/made"
}

forgeries() {
	change 'fix: forged'
	nonce=$(date +%s)-$(git -C "$server" hash-object --stdin < /dev/null)
	forge "$(made "$nonce")" "$nonce" OK
	refused "$1: a nonce that this server did not issue" \
		signature/push-nonce 'was not issued by this repository' \
		HEAD:main
	forge "$(made "$nonce" extra)" "$nonce" OK
	refused "$1: push options that were not given" signature/push-other \
		'its push options are not those of this push' HEAD:main
	git -C "$server" config --unset receive.certNonceSeed
	forge "$(made "$nonce")" "$nonce" OK
	refused "$1: a server that issues none" signature/push-nonce \
		'receive.certNonceSeed is not set' HEAD:main
	seed "$1"
	made "$nonce" > /dev/null
	sed 's/^nonce.*/&\r/' "$work/made" > "$work/odd"
	forge "$(git -C "$server" hash-object -w "$work/odd")" "$nonce" OK
	refused "$1: a malformed one" signature/malformed 'control characters' \
		HEAD:main
	sed 's/refs.heads.main/refs\/heads\/side/' "$work/made" > "$work/odd"
	forge "$(git -C "$server" hash-object -w "$work/odd")" "$nonce" OK
	refused "$1: an edited one" signature/bad 'does not match' HEAD:main
	forge 0123 "$nonce" OK
	refused "$1: the name of nothing" signature/malformed 'cannot be read' \
		HEAD:main
	honest
}

by_hand() {
	change 'fix: not pushed yet'
	yes "$1: nobody pushes in a clone" "$gatepost" -C "$clone" check \
		--policy "$work/etc/policy.conf" --json origin/main..HEAD
	has "$work/out" '"result":"not-applicable","why":"nothing is pushed"' \
		"$1: and no certificate is asked for there"
}

# ---- who pushes, by the certificate ----

by_certificate() {
	pusher_from=push-certificate policy_file <<END
$rest
END
	signed_by alice
	change 'fix: by certificate'
	accepted "$1: the signer is the pusher" --signed HEAD:main
	recorded '"pusher":{"person":{"principal":"alice","login":"principal:alice"},"how":"push-certificate","known":true' \
		"$1: the record says so"
	signed_by stranger
	change 'fix: by a stranger'
	accepted "$1: an ungated push by a stranger" --signed \
		HEAD:refs/heads/strange
	recorded '"how":"push-certificate","known":false' "$1: is nobody's"
	accepted "$1: as is an unsigned one" HEAD:refs/heads/unsigned
	recorded '"how":"push-certificate","known":false' "$1: is nobody's, too"

	# alice brings what nobody's e-mail wrote, and cannot approve it
	signed_by alice
	export GIT_AUTHOR_EMAIL=x@nowhere.example
	git -C "$server" update-ref refs/heads/reviewed main
	change 'fix: brought by alice'
	as alice
	accepted "$1: a change is brought" --signed HEAD:refs/heads/brought
	sign_as alice
	git config --global push.gpgSign if-asked
	approve reviewed HEAD || not_ok "$1: git approve" "$work/approve"
	refused "$1: who brought it does not approve it" review/quorum \
		'brought' --signed HEAD:reviewed
	sign_as bob
	approve reviewed HEAD || not_ok "$1: git approve" "$work/approve"
	accepted "$1: another does, whoever pushes" --signed HEAD:reviewed
	as alice
	git config --global --unset push.gpgSign
	policy_file <<END
$rest
END
}

for algo in sha1 sha256; do
	signed_by alice
	new_server "push-$algo" "$algo"
	git -C "$clone" push -q origin main:other main:reviewed \
		> "$work/out" 2>&1
	git -C "$server" update-ref refs/heads/other main
	git -C "$server" update-ref refs/heads/reviewed main
	without_seed "$algo"
	seed "$algo"
	honest_pushes "$algo"
	others "$algo"
	replays "$algo"
	forgeries "$algo"
	by_hand "$algo"
	by_certificate "$algo"
done

done_testing
