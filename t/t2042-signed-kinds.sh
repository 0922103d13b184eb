#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `signature` with the other kinds that git makes: OpenPGP by gpg
# and X.509 by gpgsm; commits, tags and pushes.

. "$(dirname "$0")/lib.sh"
keys=$work/keys
# short: the agent's sockets are there
GNUPGHOME=$(mktemp -d /tmp/gnupg.XXXXXX)
export GNUPGHOME
trap 'gpgconf --kill all >/dev/null 2>&1; rm -rf "$GNUPGHOME"; cleanup' EXIT
mkdir -p "$keys" "$work/etc"

new_gpg() {
	gpg -q --no-greeting --batch --yes --passphrase '' \
		--pinentry-mode loopback --quick-gen-key \
		'bob <bob@example.com>' ed25519 sign never &&
		gpg --export bob > "$work/etc/keyring.gpg" &&
		gpg -q --no-greeting --batch --yes --passphrase '' \
			--pinentry-mode loopback --quick-gen-key \
			'stranger <stranger@example.com>' ed25519 sign never
}
new_gpgsm() { # an authority, and carol's certificate by it
	cd "$keys" &&
		openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key \
			-out ca.pem -days 30 -subj /CN=Reviewers \
			-addext keyUsage=critical,keyCertSign,cRLSign &&
		openssl req -newkey rsa:2048 -nodes -keyout carol.key \
			-out carol.csr -subj /CN=Carol &&
		printf '%s\n' subjectAltName=email:carol@example.com \
			keyUsage=digitalSignature > carol.ext &&
		openssl x509 -req -in carol.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 20 -extfile carol.ext \
			-out carol.pem &&
		openssl pkcs12 -export -inkey carol.key -in carol.pem \
			-certfile ca.pem -legacy -passout pass:x -out p12 &&
		echo x > pass && gpgsm -q --batch --pinentry-mode loopback \
			--passphrase-fd 0 --import p12 < pass &&
		openssl x509 -in ca.pem -noout -fingerprint -sha1 |
		sed 's/.*=\(.*\)/\1 S relax/' > "$GNUPGHOME/trustlist.txt" &&
		cat > "$keys/gpgsm" << END
#!/bin/sh
exec gpgsm -q --batch --disable-crl-checks --pinentry-mode loopback \\
	--passphrase-fd 3 "\$@" 3<$keys/pass
END
	chmod +x "$keys/gpgsm" && echo x | "$keys/gpgsm" -bsa \
		-u carol@example.com > /dev/null
}
cat > "$keys/gpg" << 'END'
#!/bin/sh
exec gpg -q --batch --pinentry-mode loopback --passphrase '' "$@"
END
chmod +x "$keys/gpg"

openpgp=no x509=no
if command -v gpg > /dev/null && [ -x /usr/bin/gpgv ] &&
	(new_gpg) > "$work/gpg-log" 2>&1; then
	openpgp=yes
fi
if command -v gpgsm > /dev/null && (new_gpgsm) > "$work/gpgsm-log" 2>&1; then
	x509=yes
	cp "$keys/ca.pem" "$work/etc/ca.pem"
fi
[ $openpgp$x509 != nono ] || skip_all 'neither gpg nor gpgsm runs'
print=$(gpg --with-colons -k bob@example.com 2> /dev/null |
	sed -n 's/^fpr:*\([^:]*\):$/\1/p' | head -n 1)

policy_file << END
[signers]
	$([ $openpgp = no ] || echo 'openpgp = keyring.gpg')
	$([ $x509 = no ] || echo 'x509-ca = ca.pem')
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	$([ $openpgp = no ] || echo "openpgp = $print")
[principal "carol"]
	email = carol@example.com
	login = carol
[gate "main"]
	ref = refs/heads/main
	rule = signed
	rule = signed-push
[gate "releases"]
	ref = refs/tags/v*
	rule = tags
[rule "signed"]
	check = signature
[rule "signed-push"]
	check = signature
	push = required
[rule "tags"]
	check = signature
	objects = tags
END
new_server one
git -C "$server" config receive.certNonceSeed secret

# all_by NAME FORMAT: commits, tags and pushes that NAME signs so are good
all_by() {
	as "$1"
	git config --global gpg.format "$2"
	git config --global commit.gpgSign true
	change "fix: by $1"
	accepted "$2: a signed push of a signed commit" --signed HEAD:main
	recorded "\"rule\":\"signed\",\"ref\":\"refs/heads/main\",\"of\":\"commits\",\"person\":{\"principal\":\"$1\"},\"format\":\"$2\"" \
		"$2: the commit is $1's"
	recorded "\"certificate\":{\"result\":\"good\",\"nonce\":\"OK\",\"person\":{\"principal\":\"$1\"},\"format\":\"$2\"" \
		"$2: the push is, too"
	git -C "$clone" tag -s -m "by $1" "v-$1"
	accepted "$2: a signed tag" "v-$1"
	recorded "\"of\":\"tag\",\"person\":{\"principal\":\"$1\"},\"format\":\"$2\"" \
		"$2: the tag is $1's"
	change 'fix: honest'
	id=$(git -C "$clone" cat-file commit HEAD |
		sed 's/^fix: honest/fix: forged/' | crafted commit)
	refused "$2: an edited commit" signature/bad 'does not' --signed \
		"$id:main"
	git config --global commit.gpgSign false
	change 'fix: unsigned'
	refused "$2: an unsigned one" signature/unsigned 'not signed' --signed \
		HEAD:main
}

if [ $openpgp = yes ]; then
	git config --global gpg.program "$keys/gpg"
	git config --global user.signingKey bob@example.com
	all_by bob openpgp
	git config --global user.signingKey stranger@example.com
	git config --global commit.gpgSign true
	change 'fix: by a stranger'
	refused 'openpgp: a key that nobody has' signature/unknown-key \
		'does not count' --signed HEAD:main
else
	skip 'commits, tags and pushes by OpenPGP' 'no gpg, or no gpgv'
fi
if [ $x509 = yes ]; then
	git config --global gpg.x509.program "$keys/gpgsm"
	git config --global user.signingKey carol@example.com
	all_by carol x509
else
	skip 'commits, tags and pushes by X.509' 'no gpgsm that runs'
fi
done_testing
