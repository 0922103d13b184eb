#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Make the vectors of this directory anew: a keyring and signatures by gpg.
# The private keys are thrown away. Needs GnuPG 2.2. Everything is made on
# 2024-01-01, so that it is in the past for whoever tests it.
set -eu
cd "$(dirname "$0")"
out=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM
rm -rf -- *.sig *.gpg fingerprint payload
cd "$tmp"
GNUPGHOME=$tmp/home
export GNUPGHOME
mkdir -m 700 home
gpg() {
	command gpg -q --no-greeting --batch --yes --passphrase '' --pinentry-mode loopback \
		--no-permission-warning --faked-system-time "$when" "$@"
}
when=20240101T000000

printf 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nsigned text\n' \
	>payload
new() { # name, algorithm, expiry
	gpg --quick-gen-key "$1 <$1@example.com>" "$2" sign "$3"
}
print_of() { gpg --with-colons -k "$1" | sed -n 's/^fpr:*\([^:]*\):$/\1/p'; }
sign() { # name, key, options
	s_name=$1 s_key=$2
	shift 2
	gpg -u "$s_key@example.com" -o "$s_name.sig" "$@" -bsa payload
}
new alice ed25519 never
new rsa rsa2048 never
new dsa dsa2048 never
new expired ed25519 1y
new revoked ed25519 never
new stranger ed25519 never
new certifier ed25519 never
gpg --quick-add-key "$(print_of certifier)" ed25519 sign never
sign good alice
sign good-rsa rsa --digest-algo SHA512
sign good-subkey certifier
sign sha1 rsa --digest-algo SHA1
sign dsa dsa --digest-algo SHA256
sign expired expired
sign revoked revoked
sign stranger stranger
sign text alice --textmode
sign two alice -u rsa@example.com
sign expired-signature alice --default-sig-expire 1y
gpg -u alice@example.com -o message.sig -sa payload
gpg -u alice@example.com -o clear.sig --clearsign payload
sed 's/^:*//' home/openpgp-revocs.d/"$(print_of revoked)".rev >rev
gpg --import rev
gpg --export alice rsa dsa expired revoked certifier >keyring.gpg
for k in alice rsa certifier; do
	echo "$k $(print_of $k | head -n 1)"
done >fingerprint
gpgconf --kill all
cp ./*.sig keyring.gpg fingerprint payload "$out"
