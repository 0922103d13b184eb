#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Approvals that are signed with X.509 certificates, over real pushes: by
# stock git with gpgsm and with a program in the manner of smimesign, and by
# openssl cms in every way that is refused, each with its reason in the answer
# and in the record.

. "$(dirname "$0")/lib.sh"
command -v openssl >/dev/null || skip_all 'no openssl'
keys=$work/keys
mkdir -p "$keys" "$work/etc"

# --- authorities and certificates -------------------------------------------
key() { # name, kind
	case $2 in
	rsa*) set -- "$1" RSA "rsa_keygen_bits:${2#rsa}" ;;
	*) set -- "$1" EC "ec_paramgen_curve:$2" ;;
	esac
	openssl genpkey -algorithm "$2" -pkeyopt "$3" -out "$keys/$1.key" \
		2>/dev/null
}
root() { # name, kind
	key "$1" "$2"
	openssl req -x509 -new -key "$keys/$1.key" -out "$keys/$1.pem" \
		-days 30 -subj "/CN=$1" \
		-addext keyUsage=critical,keyCertSign,cRLSign
}
cert() { # name, kind, authority, options; extensions on standard input
	c_name=$1 c_ca=$keys/$3
	cat >"$keys/ext"
	key "$1" "$2"
	shift 3
	openssl req -new -key "$keys/$c_name.key" -subj "/CN=$c_name" \
		-out "$keys/csr"
	openssl x509 -req -in "$keys/csr" -CA "$c_ca.pem" -CAkey \
		"$c_ca.key" -CAcreateserial -days 20 -extfile "$keys/ext" \
		-out "$keys/$c_name.pem" "$@" 2>/dev/null
}
mail() { # addresses, then further extensions
	printf 'subjectAltName=%s\n' "$1"
	shift
	[ $# -gt 0 ] || set -- keyUsage=critical,digitalSignature \
		extendedKeyUsage=emailProtection
	printf '%s\n' "$@"
}
bob=email:bob@example.com
root ca rsa2048
root stranger-ca P-256
printf 'basicConstraints=critical,CA:true\nkeyUsage=keyCertSign,cRLSign\n' |
	cert sub P-256 ca
mail $bob | cert bob rsa2048 ca
mail $bob | cert by-sub P-256 sub
mail $bob keyUsage=nonRepudiation | cert plain P-256 ca
mail $bob keyUsage=keyEncipherment | cert encipherment rsa2048 ca
mail $bob extendedKeyUsage=codeSigning | cert code P-256 ca
mail $bob | cert stranger P-256 stranger-ca
mail $bob | cert expired P-256 ca -days 0
mail $bob | cert revoked P-256 ca
mail $bob | cert weak rsa1024 ca
mail $bob | cert sha1-cert P-256 ca -sha1
mail $bob | cert not-authority P-256 by-sub
mail email:nobody@example.com | cert nobody P-256 ca
mail $bob,email:carol@example.com | cert both P-256 ca
mail DNS:bob.example.com | cert no-mail P-256 ca
mail email:robot@example.com | cert robot P-256 ca
mail email:old@example.com | cert old P-256 ca
mail email:alice@example.com | cert alice P-256 ca
cat "$keys/by-sub.pem" "$keys/sub.pem" >"$keys/chain.pem"
cp "$keys/ca.pem" "$work/etc/ca.pem"

lists() { # certificates to revoke; what both authorities take back
	: >"$keys/index"
	printf '%s\n' '[ca]' 'default_ca = this' '[this]' \
		"database = $keys/index" 'default_md = sha256' >"$keys/conf"
	for l_ca in sub ca; do
		set -- -config "$keys/conf" -cert "$keys/$l_ca.pem" \
			-keyfile "$keys/$l_ca.key"
		[ $l_ca = sub ] || openssl ca "$@" -revoke \
			"$keys/revoked.pem" 2>/dev/null
		openssl ca "$@" -gencrl -crldays 10 2>/dev/null
	done >"$work/etc/crl.pem"
}
lists

policy() { # more lines of [signers]
	policy_file <<END
[principal "alice"]
	email = alice@example.com
	login = alice
	role = reviewer
[principal "bob"]
	email = bob@example.com
	login = bob
	role = reviewer
[principal "carol"]
	email = carol@example.com
[principal "robot"]
	email = robot@example.com
	login = robot
	role = reviewer
	kind = bot
[principal "old"]
	email = old@example.com
	role = reviewer
	until = 2024-12-31
[signers]
	x509-ca = ca.pem
$1
[gate "main"]
	ref = refs/heads/main
	rule = review
[rule "review"]
	check = review
	quorum = 1 of reviewer
END
}
policy ''
new_server one

# --- an approval, by hand ---------------------------------------------------
payload() { # of a new change, in $work/payload
	as alice
	change 'change that is signed for'
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
armour() {
	echo '-----BEGIN SIGNED MESSAGE-----'
	openssl base64
	echo '-----END SIGNED MESSAGE-----'
}
sign_raw() { # certificate, options: the signature as DER
	s_key=$1
	shift
	openssl cms -sign -binary -in "$work/payload" -outform DER \
		-signer "$keys/$s_key.pem" -inkey "$keys/$s_key.key" "$@"
}
sign() { # the same for a new change, in $work/sig
	payload
	sign_raw "$@" | armour >"$work/sig"
	approval
}
approval() { # $work/payload and $work/sig as an object
	id=$(cat "$work/payload" "$work/sig" | crafted tag)
	approval_ref=$id:refs/approvals/$prefix/bob-1
}
approved() { # name, and what to sign with
	a_name=$1
	shift
	sign "$@"
	accepted "$a_name" "$approval_ref" HEAD:refs/heads/main
}
not_approved() { # name, code, words: refused, and the record says why
	refused "$1" "approval/$2" "$3" "$approval_ref" HEAD:refs/heads/main
	has "$work/decision" "$3" "$1: recorded"
}
uncounted() { # name, words
	refused "$1" review/quorum "$2" "$approval_ref" HEAD:refs/heads/main
}

# --- what counts ------------------------------------------------------------
approved 'openssl cms with RSA and SHA-256 counts' bob
moved refs/heads/main 'and main has moved'
print=$(openssl x509 -in "$keys/bob.pem" -outform DER | sha256sum |
	cut -d' ' -f1)
recorded "\"key\":\"sha256:$print\"" 'the digest of the certificate is recorded'
approved 'RSA with SHA-512 counts' bob -md sha512
approved 'ECDSA through an authority below counts' by-sub \
	-certfile "$keys/sub.pem"
approved 'a certificate without extended key usage counts' plain

# What smimesign does for git: `PROGRAM --status-fd=2 -bsau KEY`
cat >"$work/smime" <<END
#!/bin/sh
case \$* in
*-bsau*) ;;
*) exit 1 ;;
esac
cat >$work/to-sign
echo '-----BEGIN SIGNED MESSAGE-----'
openssl cms -sign -binary -in $work/to-sign -outform DER \\
	-signer $keys/bob.pem -inkey $keys/bob.key | openssl base64
echo '-----END SIGNED MESSAGE-----'
echo '[GNUPG:] SIG_CREATED D 1 8 00 1700000000 0' >&2
END
chmod +x "$work/smime"
by_git() { # name, program, user
	git config --global gpg.format x509
	git config --global gpg.x509.program "$2"
	git config --global user.signingKey "$3"
	as alice
	change 'change that bob approves'
	git -C "$clone" push -q origin HEAD:refs/heads/feature -f
	as bob
	yes "git approve signs with $1" approve main
	as alice
	accepted "an approval by git approve with $1 counts" \
		HEAD:refs/heads/main
}
by_git 'a program like smimesign' "$work/smime" bob

new_gpgsm() { # a keybox with bob's certificate, that trusts its authority
	mkdir -m 700 "$GNUPGHOME" && cd "$keys" &&
		openssl pkcs12 -export -inkey bob.key -in bob.pem \
			-certfile ca.pem -legacy -passout pass:x -out p12 &&
		echo x >pass && gpgsm -q --batch --pinentry-mode loopback \
			--passphrase-fd 0 --import p12 <pass &&
		openssl x509 -in ca.pem -noout -fingerprint -sha1 |
		sed 's/.*=\(.*\)/\1 S relax/' >"$GNUPGHOME/trustlist.txt" &&
		cat >gpgsm <<END
#!/bin/sh
exec gpgsm -q --batch --disable-crl-checks --pinentry-mode loopback \\
	--passphrase-fd 3 "\$@" 3<$keys/pass
END
	chmod +x gpgsm && echo x | ./gpgsm -bsa -u bob@example.com >/dev/null
}
GNUPGHOME=$work/gnupg
export GNUPGHOME
if command -v gpgsm >/dev/null && (new_gpgsm) >"$work/gpgsm-log" 2>&1; then
	by_git gpgsm "$keys/gpgsm" bob@example.com
else
	sed 's/^/# /' "$work/gpgsm-log" 2>/dev/null
	skip 'git approve signs with gpgsm' 'no gpgsm that runs'
	skip 'an approval by git approve with gpgsm counts' 'no gpgsm that runs'
fi
gpgconf --kill all >/dev/null 2>&1

# --- certificates that do not -----------------------------------------------
sign stranger
not_approved 'another authority' unknown-key 'none of the authorities'
sign by-sub
not_approved 'a chain that lacks a part' unknown-key 'none of the authorities'
sign not-authority -certfile "$keys/chain.pem"
not_approved 'a certificate by one that is no authority' unknown-key \
	'invalid CA'
sign expired
not_approved 'a certificate that has expired' unknown-key \
	'its certificate expired'
sign weak
not_approved 'RSA with 1024 bits' unknown-key 'too short'
sign sha1-cert
not_approved 'a certificate signed over SHA-1' unknown-key 'SHA-1'
sign encipherment
not_approved 'a key usage that is not to sign' unknown-key 'key usage'
sign code
not_approved 'an extended key usage for code alone' unknown-key \
	'for other purposes than e-mail'
sign nobody
not_approved 'an address of nobody' unknown-key \
	'is of nobody of the policy'
sign both
not_approved 'addresses of two people' unknown-key 'stands for two people'
sign no-mail
not_approved 'no address' unknown-key 'no e-mail address'
sign old
not_approved 'a principal who has left' unknown-key \
	'its owner until 2024-12-31 only'
sign robot
uncounted "a bot's certificate" "robot's does not count: is a bot"
sign alice
uncounted "the author's certificate" "alice's does not count: wrote part"

# --- signatures that do not -------------------------------------------------
sign bob -md sha1
not_approved 'SHA-1' unknown-key 'digest algorithm is not'
sign bob -md md5
not_approved 'MD5' unknown-key 'digest algorithm is not'
sign bob -keyopt rsa_padding_mode:pss
not_approved 'RSA-PSS' unknown-key 'PSS'
sign bob -signer "$keys/plain.pem" -inkey "$keys/plain.key"
not_approved 'two signers' unknown-key 'more than one signer'
sign bob -nodetach
not_approved 'a signature that brings its text' malformed 'not a detached'
sign bob -noattr
not_approved 'no signed attributes' malformed 'no signed attributes'
sign bob -nocerts
not_approved 'no certificate' malformed 'no certificate in it'
sign bob -certfile "$keys/stranger.pem"
not_approved "a certificate of another's chain" malformed 'not of its signer'
sign bob
cp "$work/sig" "$work/kept"
payload
cp "$work/kept" "$work/sig"
approval
not_approved 'a signature of another approval' malformed 'does not match'
payload
sign_raw bob >"$work/der"
# the last byte is one of the signature's value
size=$(wc -c <"$work/der")
{ head -c $((size - 1)) "$work/der"; printf x; } >"$work/der-2"
armour <"$work/der-2" >"$work/sig"
approval
not_approved 'a byte that differs' malformed 'does not match the key'
head -c $((size - 9)) "$work/der" | armour >"$work/sig"
approval
not_approved 'a signature that is cut' malformed 'not accepted: '
{ cat "$work/der"; printf x; } | armour >"$work/sig"
approval
not_approved 'a byte too many' malformed 'not accepted: '
armour <"$work/der" | sed 's/^-----END/-----FIN/' >"$work/sig"
approval
not_approved 'armour without an end' malformed 'a signature without an END line'

# --- revocation lists -------------------------------------------------------
sign revoked
policy '	x509-crl = crl.pem'
not_approved 'a certificate that its authority took back' unknown-key 'revoked'
approved 'one that it did not' bob
approved 'one through an authority with a list' by-sub \
	-certfile "$keys/sub.pem"
openssl crl -in "$work/etc/crl.pem" -out "$work/etc/one.pem" # sub's alone
mv "$work/etc/one.pem" "$work/etc/crl.pem"
sign bob
not_approved 'an authority without a list' unknown-key 'no revocation list'
rm "$work/etc/crl.pem"
git -C "$server" for-each-ref >"$work/refs-before"
push "$approval_ref" HEAD:refs/heads/main
git -C "$server" for-each-ref >"$work/refs-after"
yes 'without the lists nothing is let in' \
	cmp "$work/refs-before" "$work/refs-after"
cat "$work/admin.log" "$server/gatepost.log" >"$work/logs" 2>/dev/null
has "$work/logs" 'crl.pem' 'and the admin is told'
told 'the gate could not decide' 'the pusher is told that it is no fault of his'
policy ''
accepted 'where none are asked for it passes' "$approval_ref" \
	HEAD:refs/heads/main
done_testing
