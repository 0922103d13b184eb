#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Make the vectors of this directory anew: authorities, and signatures by
# openssl cms and gpgsm. The private keys are thrown away. Needs openssl 3 and
# gpgsm. All is valid for ninety years from now, but what is meant to end soon.
set -eu
cd "$(dirname "$0")"
out=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM
rm -rf -- *.sig *.pem payload
cd "$tmp"

printf 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nsigned text\n' \
	>payload
key() { # name, kind
	case $2 in
	rsa*) set -- "$1" RSA "rsa_keygen_bits:${2#rsa}" ;;
	*) set -- "$1" EC "ec_paramgen_curve:$2" ;;
	esac
	openssl genpkey -algorithm "$2" -pkeyopt "$3" -out "$1.key" 2>/dev/null
}
root() { # name, kind
	key "$1" "$2"
	openssl req -x509 -new -key "$1.key" -out "$1.pem" -days 33000 \
		-subj "/CN=$1" \
		-addext keyUsage=critical,keyCertSign,cRLSign
}
subject=/CN=Alice digest=sha256 days=32000
cert() { # name, kind, authority; lines of extensions on standard input
	cat >ext
	key "$1" "$2"
	openssl req -new -key "$1.key" -subj "$subject" -out csr
	openssl x509 -req -in csr -CA "$3.pem" -CAkey "$3.key" \
		-CAcreateserial -days $days -$digest -extfile ext \
		-out "$1.pem" 2>/dev/null
}
mail() { # addresses
	printf 'subjectAltName=%s\n' "$1"
	echo 'keyUsage=critical,digitalSignature'
	echo 'extendedKeyUsage=emailProtection'
}
armour() {
	echo '-----BEGIN SIGNED MESSAGE-----'
	openssl base64
	echo '-----END SIGNED MESSAGE-----'
}
sign() { # name, key, options
	s_name=$1 s_key=$2
	shift 2
	openssl cms -sign -binary -in payload -signer "$s_key.pem" \
		-inkey "$s_key.key" -outform DER "$@" | armour >"$s_name.sig"
}

root ca rsa2048
root stranger-ca P-256
printf 'basicConstraints=critical,CA:true\nkeyUsage=keyCertSign,cRLSign\n' |
	(subject=/CN=sub && cert sub P-256 ca)

alice=email:alice@example.com
mail $alice | cert rsa rsa2048 ca
mail $alice | cert p256 P-256 sub
mail $alice | cert p384 P-384 ca
echo 'keyUsage=digitalSignature' |
	(subject=/CN=Alice/emailAddress=alice@example.com && cert subject rsa2048 ca)
mail email:nobody@example.com |
	(subject=/CN=Alice/emailAddress=alice@example.com && cert other rsa2048 ca)
mail $alice,email:bob@example.com | cert two-people P-256 ca
mail email:carol@example.com | cert gone P-256 ca
mail DNS:example.com | cert no-mail P-256 ca
mail $alice | cert stranger P-256 stranger-ca
mail $alice | (days=1 && cert expired P-256 ca)
mail $alice | cert weak rsa1024 ca
mail $alice | (digest=sha1 && cert sha1-cert P-256 ca)
mail $alice | cert revoked P-256 ca
printf 'subjectAltName=%s\nkeyUsage=keyEncipherment\n' $alice |
	cert encipherment rsa2048 ca
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' $alice |
	cert server P-256 ca
mail $alice | cert not-authority P-256 p256

sign good-rsa rsa
sign good-sha512 rsa -md sha512
sign good-p256 p256 -certfile sub.pem
sign good-p384 p384 -md sha384
sign good-subject subject
sign good-with-root rsa -certfile ca.pem
for name in other two-people gone no-mail stranger expired weak sha1-cert \
	revoked encipherment server; do
	sign $name $name
done
sign no-intermediate p256
cat p256.pem sub.pem >chain.pem
sign by-no-authority not-authority -certfile chain.pem
sign sha1 rsa -md sha1
sign attached rsa -nodetach
sign two-signers rsa -signer p384.pem -inkey p384.key
sign no-attributes rsa -noattr
sign no-certificate rsa -nocerts
sign key-id rsa -keyid
sign pss rsa -keyopt rsa_padding_mode:pss
sign stray-certificate rsa -certfile stranger.pem

# --- gpgsm ------------------------------------------------------------------
GNUPGHOME=$tmp/home
export GNUPGHOME
mkdir -m 700 home
openssl pkcs12 -export -inkey rsa.key -in rsa.pem -certfile ca.pem -legacy \
	-passout pass:x -out p12
echo x | gpgsm -q --batch --pinentry-mode loopback --passphrase-fd 0 \
	--import p12 2>/dev/null
openssl x509 -in ca.pem -noout -fingerprint -sha1 |
	sed 's/.*=\(.*\)/\1 S relax/' >home/trustlist.txt
echo x >pass
gpgsm -q --batch --disable-crl-checks --pinentry-mode loopback \
	--passphrase-fd 3 -bsau alice@example.com payload \
	3<pass >good-gpgsm.sig 2>/dev/null
gpgconf --kill all

# --- revocation lists -------------------------------------------------------
lists() { # authority, days, certificates to revoke
	l_ca=$1 l_days=$2
	shift 2
	: >index
	cat >conf <<END
[ca]
default_ca = this
[this]
database = $tmp/index
default_md = sha256
END
	for name in "$@"; do
		openssl ca -config conf -cert "$l_ca.pem" \
			-keyfile "$l_ca.key" -revoke "$name.pem" 2>/dev/null
	done
	openssl ca -config conf -cert "$l_ca.pem" -keyfile "$l_ca.key" \
		-gencrl -crldays "$l_days" 2>/dev/null
}
lists ca 32000 revoked >crl.pem
lists sub 32000 >>crl.pem
lists ca 1 revoked >crl-stale.pem
lists sub 32000 >crl-other.pem
lists ca 32000 sub >crl-sub.pem
lists sub 32000 >>crl-sub.pem

cp ./*.sig crl*.pem ca.pem sub.pem rsa.pem payload "$out"
