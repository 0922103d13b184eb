#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Make the vectors of this directory anew: keys, signatures and lists by
# ssh-keygen, what a security key would sign by openssl, tags by git. The
# private keys are thrown away. Needs ssh-keygen, openssl 3, git 2.34, xxd.
set -eu
cd "$(dirname "$0")"
out=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM
rm -rf -- *.pub *.sig *.krl *.tag allowed_signers revoked.txt payload \
	fingerprints
cd "$tmp"

# --- bytes of the SSH wire format, as hex -----------------------------------
hex() { xxd -p | tr -d '\n'; }
u32() { printf '%08x' "$1"; }
str() { # hex of a string, as an SSH string
	u32 $((${#1} / 2))
	printf %s "$1"
}
text() { str "$(printf %s "$1" | hex)"; }
mpint() { # hex of a positive number
	m=$(printf %s "$1" | sed 's/^\(00\)*//')
	case $m in
	[89aAbBcCdDeEfF]*) m=00$m ;;
	esac
	str "$m"
}
digest() { xxd -r -p | openssl dgst -sha256 -binary | hex; }
armour() {
	echo '-----BEGIN SSH SIGNATURE-----'
	xxd -r -p | openssl base64 -A | fold -w 70
	echo
	echo '-----END SSH SIGNATURE-----'
}
pub() { # type, hex of the blob, comment
	printf '%s %s %s\n' "$1" \
		"$(printf %s "$2" | xxd -r -p | openssl base64 -A)" "$3"
}

# --- keys and plain signatures ----------------------------------------------
printf 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nsigned text\n' \
	>payload
new() {
	name=$1
	shift
	ssh-keygen -q -N '' -C "$name@vectors" -f "$name" "$@"
}
sign() { # key, name, options
	sign_key=$1 sign_name=$2
	shift 2
	ssh-keygen -q -Y sign -f "$sign_key" "$@" <payload >"$sign_name.sig"
}
new ed25519 -t ed25519
new p256 -t ecdsa -b 256
new p384 -t ecdsa -b 384
new p521 -t ecdsa -b 521
new rsa -t rsa -b 2048
new weak -t rsa -b 1024
new dsa -t dsa || rm -f dsa.pub
new stranger -t ed25519
new authority -t ed25519
for k in ed25519 p256 p384 p521 rsa stranger; do
	sign $k $k -n git
done
sign ed25519 ed25519-sha256 -n git -O hashalg=sha256
sign rsa rsa-sha256 -n git -O hashalg=sha256
sign ed25519 namespace-file -n file
cp ed25519 certified
cp ed25519.pub certified.pub
ssh-keygen -q -s authority -I id -z 7 -n alice certified.pub
sign certified-cert.pub certificate -n git 2>/dev/null ||
	sign certified certificate -n git
rm certified.pub

# --- security keys ----------------------------------------------------------
sk_tosign() { # hex of what a plain key would sign
	printf SSHSIG | hex
	text git
	text ''
	text sha512
	str "$(openssl dgst -sha512 -binary payload | hex)"
}
sk_message() { # flags: what the token signs (PROTOCOL.u2f)
	printf 'ssh:' | openssl dgst -sha256 -binary | hex
	printf '%s%s' "$1" "$(u32 5)"
	sk_tosign | digest
}
sk_sig() { # blob, type, hex of the signature, flags
	{
		printf SSHSIG | hex
		u32 1
		str "$1"
		text git
		text ''
		text sha512
		str "$(text "$2")$(str "$3")$4$(u32 5)"
	} | armour
}
type=sk-ssh-ed25519@openssh.com
openssl genpkey -algorithm ed25519 -out sk1
point=$(openssl pkey -in sk1 -pubout -outform DER | tail -c 32 | hex)
blob=$(text $type)$(str "$point")$(text ssh:)
pub $type "$blob" sk-ed25519@vectors >sk-ed25519.pub
for flags in 01 05 00; do
	sk_message $flags | xxd -r -p >message
	openssl pkeyutl -sign -inkey sk1 -rawin -in message -out raw
	sk_sig "$blob" $type "$(hex <raw)" $flags >sk-ed25519-$flags.sig
done
type=sk-ecdsa-sha2-nistp256@openssh.com
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out sk2
point=$(openssl pkey -in sk2 -pubout -outform DER | tail -c 65 | hex)
blob=$(text $type)$(text nistp256)$(str "$point")$(text ssh:)
pub $type "$blob" sk-p256@vectors >sk-p256.pub
sk_message 01 | xxd -r -p | openssl dgst -sha256 -sign sk2 >raw
# shellcheck disable=SC2046 # two numbers
set -- $(openssl asn1parse -inform DER -in raw |
	sed -n 's/.*INTEGER *://p' | tr A-F a-f)
sk_sig "$blob" $type "$(mpint "$1")$(mpint "$2")" 01 >sk-p256-01.sig

# --- keys that must not be taken --------------------------------------------
ed() { # hex of a point
	printf %s "$(text ssh-ed25519)$(str "$1")"
}
zeros=0000000000000000000000000000000000000000000000000000000000
pub ssh-ed25519 "$(ed 010000$zeros)" small-order@vectors >small-order.pub
ones=ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
pub ssh-ed25519 "$(ed eeffff${ones%??}7f)" not-canonical@vectors \
	>not-canonical.pub

# --- lists ------------------------------------------------------------------
{
	echo '# who may sign'
	echo
	for k in ed25519 p256 p384 p521 rsa sk-ed25519 sk-p256; do
		printf 'alice@example.com %s\n' "$(cat $k.pub)"
	done
} >allowed_signers
ssh-keygen -q -k -f plain.krl ed25519.pub p256.pub rsa.pub
for kind in key sha1 sha256; do
	sed "s/^/$kind: /" ed25519.pub >spec
	ssh-keygen -q -k -f $kind.krl spec
done
printf 'serial: 1-100\nserial: 4000\nid: someone\n' >spec
ssh-keygen -q -k -f certificates.krl -s authority.pub spec ed25519.pub
{
	echo '# taken back'
	cat weak.pub ed25519.pub
} >revoked.txt
for k in *.pub; do
	case $k in
	certified-cert.pub) continue ;;
	esac
	ssh-keygen -l -f "$k" | sed "s/^/${k%.pub} /"
done 2>/dev/null | cut -d' ' -f1,3 >fingerprints || :

# --- tags -------------------------------------------------------------------
commit=1234567890abcdef1234567890abcdef12345678
digest=sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
tag() { # name, then the message on standard input; unsigned
	{
		printf 'object %s\ntype %s\ntag approval\n' \
			"$commit" "${type_of_target:-commit}"
		printf 'tagger Alice <alice@example.com> 1767225600 +0000\n\n'
		cat
	} >"$1.tag"
}
signed() { # name, key; message on standard input
	tag "$1"
	ssh-keygen -q -Y sign -f "$2" -n git <"$1.tag" >sig 2>/dev/null
	cat sig >>"$1.tag"
}
body() { # trailers, one an argument
	printf 'Approve refs/heads/main\n\n'
	printf '%s\n' "$@"
}
ref='Approves-ref: refs/heads/main'
diff="Approves-diff: $digest"
repo='Repository: payments/api'
body "$ref" "$diff" "$repo" 'Change: CHG0012345' | signed approval ed25519
body "$ref" "$repo" | signed approval-tip-only ed25519
empty=$(openssl dgst -sha256 -r </dev/null | cut -d' ' -f1)
body "$ref" "Approves-diff: sha256:$empty" "$repo" |
	signed approval-empty-diff ed25519
body "$ref" "$diff" "$repo" | tag approval-unsigned
body "$ref" "$diff" "$repo" | signed approval-stranger stranger
body "$diff" "$repo" | signed approval-no-ref ed25519
body "$ref" "$diff" | signed approval-no-repository ed25519
body "$ref" "Approves-ref: refs/heads/dev" "$repo" |
	signed approval-two-refs ed25519
body "$ref" "$repo" "repository: other" |
	signed approval-two-repositories ed25519
body "$ref" "$diff" "$diff" "$repo" | signed approval-two-digests ed25519
body 'Approves-ref: main' "$repo" | signed approval-short-ref ed25519
body "$ref" "Approves-diff: ${digest%??}" "$repo" |
	signed approval-short-digest ed25519
sed 's/^Repository: payments/Repository: invoices/' \
	<approval.tag >approval-tampered.tag
type_of_target=tree
body "$ref" "$repo" | signed approval-of-tree ed25519
type_of_target=
{
	body "$ref" "$repo"
	printf '\nOne more paragraph.\n'
} | signed approval-not-at-end ed25519
{
	printf 'Approve\n\n%s\n%s\n---\n' 'Approves-ref: refs/heads/dev' "$repo"
	printf '\n%s\n%s\n' "$ref" "$repo"
} | signed approval-divider ed25519
cp approval.tag approval-text-behind.tag
echo 'Approves-ref: refs/heads/release' >>approval-text-behind.tag
sed -n '/^-----BEGIN/,$p' approval.tag |
	cat approval.tag - >approval-two-signatures.tag
sed 's/^-----BEGIN SSH/-----BEGIN PGP/; s/^-----END SSH/-----END PGP/' \
	<approval.tag >approval-openpgp.tag

git init -q work
git -C work -c user.name=Alice -c user.email=alice@example.com \
	commit -q --allow-empty -m one
body "$ref" "$diff" "$repo" | git -C work -c user.name=Alice \
	-c user.email=alice@example.com -c gpg.format=ssh \
	-c user.signingkey="$tmp/ed25519" tag -s -F - approval
git -C work cat-file tag approval >approval-by-git.tag

cp ./*.pub ./*.sig ./*.krl ./*.tag allowed_signers revoked.txt payload \
	fingerprints "$out"
