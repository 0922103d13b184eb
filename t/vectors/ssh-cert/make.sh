#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Make the vectors of this directory anew: signatures by certificates of
# ssh-keygen, and of our own making where it makes none; revocation lists. The
# private keys are thrown away. Needs ssh-keygen, openssl 3, xxd.
set -eu
cd "$(dirname "$0")"
out=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM
rm -rf -- *.pub *.sig *.krl allowed_signers revoked.txt authority.txt payload
cd "$tmp"
export TZ=UTC

# --- bytes of the SSH wire format, as hex -----------------------------------
hex() { xxd -p | tr -d '\n'; }
u32() { printf '%08x' "$1"; }
u64() { printf '%016x' "$1"; }
str() { # hex of a string, as an SSH string
	u32 $((${#1} / 2))
	printf %s "$1"
}
text() { str "$(printf %s "$1" | hex)"; }
blob_of() { # of a .pub file
	cut -d' ' -f2 "$1" | openssl base64 -d -A | hex
}
armour() {
	echo '-----BEGIN SSH SIGNATURE-----'
	xxd -r -p | openssl base64 -A | fold -w 70
	echo
	echo '-----END SSH SIGNATURE-----'
}

printf 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nsigned text\n' \
	>payload
new() {
	name=$1
	shift
	ssh-keygen -q -N '' -C "$name@vectors" -f "$name" "$@"
}
new ca-ed25519 -t ed25519
new ca-p256 -t ecdsa -b 256
new ca-rsa -t rsa -b 2048
new ca-stranger -t ed25519
for k in ed25519 p256 p384 rsa; do
	case $k in
	ed25519) set -- -t ed25519 ;;
	rsa) set -- -t rsa -b 2048 ;;
	*) set -- -t ecdsa -b "${k#p}" ;;
	esac
	new $k "$@"
done

# --- by ssh-keygen ----------------------------------------------------------
serial=100
certify() { # name, key, authority, options
	c_name=$1 c_key=$2 c_ca=$3
	shift 3
	cp "$c_key" "$c_name" && cp "$c_key.pub" "$c_name.pub"
	ssh-keygen -q -s "$c_ca" -I "id-$c_name" -z $serial "$@" "$c_name.pub"
	serial=$((serial + 1))
}
made() { # the same, and a signature
	certify "$@"
	ssh-keygen -q -Y sign -f "$1-cert.pub" -n git <payload >"$1.sig"
}
alice=alice@example.com
always='-V 20260101:20380101'
# shellcheck disable=SC2086 # two words
{
	made good-ed25519 ed25519 ca-ed25519 -n $alice $always
	made good-p256 p256 ca-p256 -n $alice $always
	made good-p384 p384 ca-rsa -n alice $always
	made good-rsa rsa ca-ed25519 -n $alice $always
	made good-two-names ed25519 ca-ed25519 -n "root,$alice" $always
	made good-extension ed25519 ca-ed25519 -n $alice $always \
		-O extension:thing@example.com=1
	made host ed25519 ca-ed25519 -h -n $alice $always
	made expired ed25519 ca-ed25519 -n $alice -V 20260101:20260601
	made early ed25519 ca-ed25519 -n $alice -V 20260701:20380101
	made no-principals ed25519 ca-ed25519 $always
	made force-command ed25519 ca-ed25519 -n $alice $always \
		-O force-command=true
	made source-address ed25519 ca-ed25519 -n $alice $always \
		-O source-address=192.0.2.0/24
	made critical ed25519 ca-ed25519 -n $alice $always \
		-O critical:thing@example.com=1
	made verify-required ed25519 ca-ed25519 -n $alice $always \
		-O verify-required
	made sha1 ed25519 ca-rsa -t ssh-rsa -n alice $always
	made stranger ed25519 ca-stranger -n $alice $always
	made two-people ed25519 ca-ed25519 -n "$alice,bob@example.com" $always
	made nobody ed25519 ca-ed25519 -n mallory@example.com $always
	made not-listed ed25519 ca-ed25519 -n alice $always
}

# --- a security key ---------------------------------------------------------
sk_type=sk-ssh-ed25519@openssh.com
openssl genpkey -algorithm ed25519 -out sk.pem
point_of() { openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | hex; }
printf '%s %s sk@vectors\n' $sk_type "$(printf %s \
	"$(text $sk_type)$(str "$(point_of sk.pem)")$(text ssh:)" |
	xxd -r -p | openssl base64 -A)" >sk.pub
sha256() { openssl dgst -sha256 -binary | hex; }
to_sign() { # hex of what a plain key signs
	printf SSHSIG | hex
	text git
	text ''
	text sha512
	str "$(openssl dgst -sha512 -binary payload | hex)"
}
raw_sign() { # key; bytes on standard input; hex
	cat >bytes
	openssl pkeyutl -sign -inkey "$1" -rawin -in bytes -out raw
	hex <raw
}
sshsig() { # hex of key or certificate, hex of the signature proper
	{
		printf SSHSIG | hex
		u32 1
		str "$1"
		text git
		text ''
		text sha512
		str "$2"
	} | armour
}
token() { # name, flags, options
	t_name=$1 t_flags=$2
	shift 2
	cp sk.pub "$t_name.pub"
	ssh-keygen -q -s ca-ed25519 -I "id-$t_name" -n $alice \
		-V 20260101:20380101 "$@" "$t_name.pub"
	{
		printf 'ssh:' | sha256
		printf '%s%s' "$t_flags" "$(u32 5)"
		to_sign | xxd -r -p | sha256
	} | xxd -r -p >message
	sig=$(raw_sign sk.pem <message)
	sshsig "$(blob_of "$t_name-cert.pub")" \
		"$(text $sk_type)$(str "$sig")$t_flags$(u32 5)" >"$t_name.sig"
}
token good-sk 01
token good-sk-verified 05 -O verify-required
token sk-untouched 00
token sk-verify-required 01 -O verify-required

# --- certificates that ssh-keygen does not make -----------------------------
openssl genpkey -algorithm ed25519 -out ca.pem
openssl genpkey -algorithm ed25519 -out user.pem
ed() { printf %s "$(text ssh-ed25519)$(str "$(point_of "$1")")"; }
ca_blob=$(ed ca.pem)
printf 'ssh-ed25519 %s crafted@vectors\n' "$(printf %s "$ca_blob" |
	xxd -r -p | openssl base64 -A)" >ca-crafted.pub
critical='' extensions='' reserved='' authority=$ca_blob names=$alice tail=''
type=ssh-ed25519-cert-v01@openssh.com point='' number=1 kind=1
crafted() { # name; the fields as the variables above
	list=
	for one in $names; do
		list=$list$(text "$one")
	done
	body=$(
		text "$type"
		text nonce
		str "${point:-$(point_of user.pem)}"
		u64 $number
		u32 $kind
		text "id-$1"
		str "$list"
		u64 1767225600
		printf ffffffffffffffff
		str "$critical"
		str "$extensions"
		str "$reserved"
		str "$authority"
	)
	sig=$(printf %s "$body" | xxd -r -p | raw_sign ca.pem)
	cert=$body$(str "$(text ssh-ed25519)$(str "$sig")")$tail
	sig=$(to_sign | xxd -r -p | raw_sign user.pem)
	sshsig "$cert" "$(text ssh-ed25519)$(str "$sig")" >"$1.sig"
}
crafted good-crafted
one=$(text b@example.com)$(str '') two=$(text a@example.com)$(str '')
extensions=$one$two && crafted unordered
extensions=$two$two && crafted twice
extensions=
reserved=00 && crafted reserved && reserved=
tail=00 && crafted tail && tail=
kind=3 && crafted no-kind && kind=1
authority=$(blob_of good-ed25519-cert.pub) && crafted nested
authority=$ca_blob
point=01$(printf %062d 0)
crafted small-order
point=
type=ssh-dss-cert-v01@openssh.com && crafted dsa
type=ssh-ed25519-cert-v01@openssh.com

# --- lists ------------------------------------------------------------------
{
	printf '*@example.com cert-authority %s\n' "$(cat ca-ed25519.pub)"
	printf '*@example.com cert-authority,namespaces="git" %s\n' \
		"$(cat ca-p256.pub)"
	printf 'alice cert-authority %s\n' "$(cat ca-rsa.pub)"
	printf '*@example.com cert-authority %s\n' "$(cat ca-crafted.pub)"
} >allowed_signers
krl() { # name, authority; specification on standard input
	cat >spec
	ssh-keygen -q -k -f "$1.krl" -s "$2" spec
}
serial_of() { ssh-keygen -Lf "$1-cert.pub" | sed -n 's/ *Serial: //p'; }
n=$(serial_of good-ed25519)
echo "serial: $n" | krl serial ca-ed25519.pub
printf 'serial: %d-%d\n' $((n - 5)) $((n + 5000)) | krl range ca-ed25519.pub
for i in 0 2 4 6 7 9 12; do
	echo "serial: $((n - 4 + i))"
done | krl bitmap ca-ed25519.pub
echo "serial: $n" | krl serial-other ca-p256.pub
echo 'id: id-good-ed25519' | krl id ca-ed25519.pub
echo 'id: id-good-ed25519' | krl id-other ca-p256.pub
echo 'id: id-good-ed25519' | krl id-any none
ssh-keygen -q -k -f authority.krl ca-ed25519.pub
ssh-keygen -q -k -f key.krl ed25519.pub
sed 's/^/sha256: /' ed25519.pub >spec
ssh-keygen -q -k -f sha256.krl spec
{
	echo '# a certificate, which stands for its key'
	cat good-ed25519-cert.pub
} >revoked.txt
cp ca-ed25519.pub authority.txt
signed_krl=$(hex <key.krl)04$(str "$ca_blob")
sig=$(printf %s "$signed_krl" | xxd -r -p | raw_sign ca.pem)
printf %s "$signed_krl$(str "$(text ssh-ed25519)$(str "$sig")")" |
	xxd -r -p >signed.krl

cp ./*.sig ./*.krl ed25519.pub ca-*.pub allowed_signers revoked.txt \
	authority.txt payload "$out"
