#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Approvals that are signed with OpenPGP, over real pushes: whose key counts,
# what is refused and why, and what becomes of a push when gpgv hangs, dies or
# is not there. The keys are made by gpg, most approvals by stock git.

. "$(dirname "$0")/lib.sh"
command -v gpg >/dev/null || skip_all 'no gpg'
[ -x /usr/bin/gpgv ] || skip_all 'no /usr/bin/gpgv'

# --- keys -------------------------------------------------------------------
# short: the agent's sockets are there
GNUPGHOME=$(mktemp -d /tmp/gnupg.XXXXXX)
export GNUPGHOME
trap 'gpgconf --kill all >/dev/null 2>&1; rm -rf "$GNUPGHOME"; cleanup' EXIT
by_gpg() {
	gpg -q --no-greeting --batch --yes --no-permission-warning \
		--passphrase '' --pinentry-mode loopback "$@" \
		2>>"$work/gpg-log"
}
new_key() { # name, algorithm, expiry
	by_gpg --quick-gen-key "$1 <$1@example.com>" "$2" sign "$3"
}
print_of() {
	gpg --with-colons -k "$1@example.com" 2>/dev/null |
		sed -n 's/^fpr:*\([^:]*\):$/\1/p' | head -n 1
}
cat >"$work/gpg" <<'END'
#!/bin/sh
# as git runs it, without an agent's questions
exec gpg -q --batch --pinentry-mode loopback --passphrase '' "$@"
END
chmod +x "$work/gpg"
for name in carol robot old nobody mixed; do
	new_key $name ed25519 never
done
new_key rsa rsa2048 never
new_key dsa dsa2048 never
new_key stranger ed25519 never
new_key revoked ed25519 never
by_gpg --quick-add-key "$(print_of carol)" ed25519 sign never
in_2024='--faked-system-time 20240101T000000'
# shellcheck disable=SC2086 # two words
{
	by_gpg $in_2024 --quick-gen-key 'bob <bob@example.com>' ed25519 \
		sign never
	by_gpg $in_2024 --quick-gen-key 'expired <expired@example.com>' \
		ed25519 sign 1y
}
sed 's/^:*//' "$GNUPGHOME/openpgp-revocs.d/$(print_of revoked).rev" \
	>"$work/rev"

mkdir -p "$work/etc"
keyring() {
	by_gpg --export bob carol robot old nobody mixed rsa dsa revoked \
		expired >"$work/etc/keyring.gpg"
}
keyring

policy() { # lines of [signers]
	policy_file <<END
	deadline = 3s
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = reviewer
	openpgp = $(print_of bob)
	openpgp = $(print_of rsa)
	openpgp = $(print_of dsa)
	openpgp = $(print_of expired)
	openpgp = $(print_of revoked)
	openpgp = $(print_of stranger)
[principal "carol"]
	email = carol@example.com
	login = carol
	role = reviewer
	openpgp = $(print_of carol)
[principal "robot"]
	email = robot@example.com
	login = robot
	role = reviewer
	kind = bot
	openpgp = $(print_of robot)
[principal "old"]
	email = old@example.com
	login = old
	role = reviewer
	until = 2024-12-31
	openpgp = $(print_of old)
[principal "mixed"]
	email = mixed@example.com
	openpgp = 0123456789ABCDEF0123456789ABCDEF01234567
[signers]
$1
[gate "main"]
	ref = refs/heads/main
	rule = review
[rule "review"]
	check = review
	quorum = 1 of reviewer
END
}
good='	openpgp = keyring.gpg'
policy "$good"
new_server one
git config --global gpg.format openpgp
git config --global gpg.program "$work/gpg"
approvals=refs/approvals

# --- an approval, by hand ---------------------------------------------------
# payload: a new change, and the text of its approval in $work/payload
payload() {
	as alice
	change "change that is signed for"
	tip=$(git -C "$clone" rev-parse HEAD)
	prefix=$(printf %s "$tip" | sha256sum | cut -c1-16)
	cat >"$work/payload" <<END
object $tip
type commit
tag approve
tagger Bob <bob@example.com> $(date +%s) +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Repository: one
END
}
# sign KEY OPTIONS…: it, into $work/sig
sign() {
	s_key=$1
	shift
	[ $# -gt 0 ] || set -- -b
	by_gpg -u "$s_key@example.com" -o "$work/sig" "$@" -sa \
		"$work/payload"
}
approval() { # $work/payload and $work/sig as an object
	id=$(cat "$work/payload" "$work/sig" | crafted tag)
	set -- "$id:$approvals/$prefix/bob-1"
	approval_ref=$1
}
# not_approved NAME CODE WORDS: refused, and the record says why
not_approved() {
	approval
	refused "$1" "$2" "$3" "$approval_ref" HEAD:refs/heads/main
	has "$work/decision" "$3" "$1: recorded"
}

# --- what counts ------------------------------------------------------------
as bob
git config --global user.signingKey "$(print_of bob)"
as alice
change 'change that bob approves'
git -C "$clone" push -q origin HEAD:refs/heads/feature
as bob
yes 'git approve signs with gpg' approve main
as alice
accepted 'an approval by git approve with gpg counts' HEAD:refs/heads/main
moved refs/heads/main 'and main has moved'
recorded "\"key\":\"$(print_of bob)\"" 'its full fingerprint is recorded'
recorded '"presence":false' 'and that nobody proved a touch'

payload
sed '1,/^$/d' "$work/payload" >"$work/message"
as bob
git -C "$clone" tag -s -F "$work/message" by-git "$tip" 2>/dev/null
as alice
accepted 'a tag by git tag -s counts' "by-git:$approvals/$prefix/bob-1" \
	HEAD:refs/heads/main

payload
sign carol
approval
accepted 'a signature by a subkey counts for whose primary key it is' \
	"$approval_ref" HEAD:refs/heads/main
recorded "\"key\":\"$(print_of carol)\"" \
	'with the fingerprint of the primary key'
payload
sign rsa -b --digest-algo SHA512
approval
accepted 'RSA with SHA-512 counts' "$approval_ref" HEAD:refs/heads/main

# --- what does not ----------------------------------------------------------
payload
sign stranger
not_approved 'a key that is not in the keyring' approval/unknown-key \
	'its key is not in the keyring'
payload
sign nobody
not_approved 'a key whose fingerprint no principal has' \
	approval/unknown-key "$(print_of nobody) is no principal's"
payload
sign mixed
not_approved 'a key whose address is a principal but not its fingerprint' \
	approval/unknown-key "$(print_of mixed) is no principal's"
payload
sign old
not_approved 'a principal who has left' approval/unknown-key \
	'its owner until 2024-12-31 only'
payload
by_gpg --faked-system-time 20240601T000000 -u expired@example.com \
	-o "$work/sig" -bsa "$work/payload"
not_approved 'a key that has expired since' approval/unknown-key \
	'its key has expired'
payload
by_gpg --faked-system-time 20240601T000000 -u bob@example.com \
	--default-sig-expire 1d -o "$work/sig" -bsa "$work/payload"
not_approved 'a signature that has expired' approval/unknown-key \
	'the signature has expired'
payload
sign revoked
by_gpg --import "$work/rev"
keyring
not_approved 'a key that is revoked' approval/unknown-key \
	'its key is revoked'
payload
sign rsa -b --digest-algo SHA1
not_approved 'SHA-1' approval/unknown-key 'such as SHA-1'
payload
sign dsa
not_approved 'DSA' approval/unknown-key 'none of RSA, ECDSA and EdDSA'
payload
sign bob -b --textmode
not_approved 'a signature of text' approval/unknown-key 'document as bytes'
payload
sign bob -b -u carol@example.com
not_approved 'two signatures in one block' approval/malformed \
	'more than one signature'
payload
sign bob
cp "$work/sig" "$work/first"
sign carol
cat "$work/first" >>"$work/sig"
not_approved 'two blocks' approval/malformed 'text after the end of the signature'
payload
sign bob
cp "$work/sig" "$work/kept"
payload
cp "$work/kept" "$work/sig"
not_approved 'a signature of another approval' approval/malformed \
	'does not match what it should cover'
payload
sign bob --compress-level 0
not_approved 'a message that brings its own text' approval/malformed \
	'no detached signature'
payload
sign bob
sed '3s/^....../AAAAAA/' "$work/sig" >"$work/broken"
mv "$work/broken" "$work/sig"
not_approved 'a block that is no signature' approval/malformed 'OpenPGP: '

# Who it is counts as for any other signature.
payload
sign robot
approval
refused "a bot's key" review/quorum 'bot' "$approval_ref" \
	HEAD:refs/heads/main
payload
as bob
commit own 'mine' "a change of bob's"
tip=$(git -C "$clone" rev-parse HEAD)
prefix=$(printf %s "$tip" | sha256sum | cut -c1-16)
sed -i "s/^object .*/object $tip/" "$work/payload"
sign bob
approval
refused "an author's own" review/quorum 'bob' "$approval_ref" \
	HEAD:refs/heads/main

# --- gpgv -------------------------------------------------------------------
stand_in() { # a program in gpgv's place, text on standard input
	cat >"$work/gpgv"
	chmod +x "$work/gpgv"
	policy "$good
	gpgv = $work/gpgv"
	: >"$work/admin.log"
	: >"$server/gatepost.log"
}
# unjudged NAME WORDS: refused without a verdict, and the admin knows why
unjudged() {
	git -C "$server" for-each-ref >"$work/refs-before"
	push "$approval_ref" HEAD:refs/heads/main
	git -C "$server" for-each-ref >"$work/refs-after"
	if [ $pushed != 0 ] && cmp -s "$work/refs-before" "$work/refs-after"
	then ok "$1"; else not_ok "$1" "$work/answer"; fi
	# without a policy the log is the repository's
	cat "$work/admin.log" "$server/gatepost.log" >"$work/logs"
	has "$work/logs" "$2" "$1: the admin is told"
	has_not "$work/answer" 'gpgv\|keyring' "$1: the pusher is not"
}
payload
sign bob
approval
stand_in <<END
#!/bin/sh
sleep 97.25 & wait
END
unjudged 'a gpgv that hangs ends with the deadline' 'gpgv: took too long'
recorded '"verdict":"error"' 'and that is recorded'
ps -e -o args= >"$work/processes"
has_not "$work/processes" '^sleep 97.25' 'and nothing of it is left'
stand_in <<'END'
#!/bin/sh
while echo '[GNUPG:] NOTATION_DATA xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
do :; done
END
unjudged 'a gpgv that never ends its answer is stopped' 'bytes of output'
stand_in <<END
#!/bin/sh
echo x >$work/written
echo '[GNUPG:] NEWSIG'
END
not_approved 'a gpgv that says nothing finds nothing good' \
	approval/malformed 'gpgv does not find it good'
is "$(cat "$work/written")" '' 'it may write no file'
stand_in <<'END'
#!/bin/sh
kill -SEGV $$
END
not_approved 'a gpgv that crashes finds nothing good' approval/malformed \
	'gpgv does not find it good'
mv "$work/gpgv" "$work/gpgv-gone"
: >"$server/gatepost.log"
unjudged 'without gpgv nothing is judged' "gpgv, and $work/gpgv is no program"
no 'policy check says it' "$gatepost" policy check "$work/etc/policy.conf"
has "$work/out" "policy.conf:.*$work/gpgv is no program" 'and where'
no 'status says it' "$gatepost" status --policy "$work/etc/policy.conf" \
	"$server"
has "$work/out" "AMISS policy.*gpgv is no program" 'of the policy'
policy "$good"
accepted 'the same push passes when gpgv is back' "$approval_ref" \
	HEAD:refs/heads/main

# --- the keyring ------------------------------------------------------------
mistake() { # name, words
	no "$1 is a mistake" "$gatepost" policy check "$work/etc/policy.conf"
	has "$work/out" "$2" "$1: it says so"
	has "$work/out" 'policy.conf:[0-9]*: signers.openpgp: ' "$1: and where"
}
by_gpg --armor --export bob >"$work/etc/keyring.gpg"
mistake 'an armoured keyring' 'keyring.gpg: it is armoured'
cp "$GNUPGHOME/pubring.kbx" "$work/etc/keyring.gpg"
mistake 'a keybox' 'keyring.gpg: it is a keybox'
by_gpg --export-secret-keys bob >"$work/etc/keyring.gpg"
mistake 'a keyring with secret keys' 'keyring.gpg: it has secret keys'
new_key weak rsa1024 never
by_gpg --export weak >"$work/etc/keyring.gpg"
mistake 'a keyring with a weak key' 'RSA key of 1024 bits'
rm "$work/etc/keyring.gpg"
: >"$server/gatepost.log"
payload
sign bob
approval
unjudged 'without the keyring nothing is judged' 'keyring.gpg'
keyring
yes 'keys that cannot count are no mistake' "$gatepost" policy check \
	"$work/etc/policy.conf"
has "$work/out" "keyring.gpg: note: key $(print_of nobody) is nobody's" \
	"a key that is nobody's is noted"
has "$work/out" "note: it has no key $(print_of stranger), which is to be bob's" \
	'and one that is not in the keyring'
has_not "$work/out" "$(print_of bob)\|$(print_of carol)" 'of others nothing'

# --- elsewhere --------------------------------------------------------------
as bob
git -C "$clone" commit -q -S --allow-empty -m 'by bob'
git -C "$clone" tag -s -m 'by bob' tagged
"$gatepost" -C "$clone" inspect --policy "$work/etc/policy.conf" --no-walk \
	HEAD tagged >"$work/inspected" 2>&1
is "$(grep -c 'good, by bob' "$work/inspected")" 2 \
	'inspect knows a commit and a tag of bob'
policy '	ssh = signers'
signing_key dave
payload
sign bob
not_approved 'without a keyring' approval/unknown-key \
	'OpenPGP signatures are not accepted here; sign with an SSH key'
done_testing
