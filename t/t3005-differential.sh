#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Changed tags and commits, signed by SSH, OpenPGP and X.509 keys, judged by us
# and by git verify-tag and verify-commit: we take none that they refuse, and
# what we alone refuse is listed in gatepost-policy(5). LONG=1 judges ten times
# as many; SEED=anything makes other changes.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen >/dev/null || skip_all 'no ssh-keygen'
command -v gpg >/dev/null || skip_all 'no gpg'
[ -x /usr/bin/gpgv ] || skip_all 'no /usr/bin/gpgv'
keys=$work/keys
mkdir -p "$keys" "$work/etc"
# short: the agent's sockets are there
GNUPGHOME=$(mktemp -d /tmp/gnupg.XXXXXX)
export GNUPGHOME
trap 'gpgconf --kill all >/dev/null 2>&1; rm -rf "$GNUPGHOME"; cleanup' EXIT

signing_key bob
by_gpg() {
	gpg -q --no-greeting --batch --yes --passphrase '' \
		--pinentry-mode loopback "$@" 2>>"$work/gpg-log"
}
by_gpg --quick-gen-key 'bob <bob@example.com>' ed25519 sign never
print=$(by_gpg --with-colons -k | sed -n 's/^fpr:*\([^:]*\):$/\1/p')
by_gpg --export bob >"$work/etc/keyring.gpg"

new_gpgsm() { # an authority, and bob's certificate by it
	cd "$keys" && openssl req -x509 -newkey rsa:2048 -nodes -keyout \
		ca.key -out ca.pem -days 30 -subj /CN=Reviewers \
		-addext keyUsage=critical,keyCertSign,cRLSign &&
		openssl req -newkey rsa:2048 -nodes -keyout bob.key \
			-out bob.csr -subj /CN=Bob &&
		printf '%s\n' subjectAltName=email:bob@example.com \
			keyUsage=digitalSignature >bob.ext &&
		openssl x509 -req -in bob.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 20 -extfile bob.ext \
			-out bob.pem &&
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
kinds='ssh openpgp'
if command -v gpgsm >/dev/null && (new_gpgsm) >"$work/gpgsm-log" 2>&1; then
	kinds="$kinds x509"
	ca='x509-ca = ../keys/ca.pem'
else
	sed 's/^/# /' "$work/gpgsm-log" 2>/dev/null
	echo '# no gpgsm that runs: without X.509'
	ca=
fi
policy_file <<END
[principal "bob"]
	email = bob@example.com
	openpgp = $print
[signers]
	ssh = signers
	openpgp = keyring.gpg
	$ca
END

# --- what is changed --------------------------------------------------------
cat >"$work/gpg" <<'END'
#!/bin/sh
exec gpg -q --batch --pinentry-mode loopback --passphrase '' "$@"
END
chmod +x "$work/gpg"
git config --global gpg.program "$work/gpg"
git config --global gpg.x509.program "$keys/gpgsm"
sed 's/^bob /bob@example.com /' "$work/etc/signers" >"$work/allowed"
git config --global gpg.ssh.allowedSignersFile "$work/allowed"
clone=$work/one
git init -q "$clone"
as bob
commit file text 'unsigned'
objects=
for kind in $kinds; do
	case $kind in
	ssh) key=$work/key-bob ;;
	openpgp) key=$print ;;
	x509) key=bob@example.com ;;
	esac
	git -C "$clone" -c gpg.format=$kind -c user.signingKey="$key" \
		tag -s -m "A text

Reviewed-by: Bob <bob@example.com>" $kind-tag HEAD
	git -C "$clone" -c gpg.format=$kind -c user.signingKey="$key" \
		commit -q --allow-empty -S -m "A text

Reviewed-by: Bob <bob@example.com>"
	git -C "$clone" branch $kind-commit
	objects="$objects $kind-tag $kind-commit"
done
ssh=500 openpgp=420 x509=90
[ -z "${LONG:-}" ] || ssh=5000 openpgp=4200 x509=900
cd "$clone" || exit 99
# shellcheck disable=SC2086 # several words
"$python" "$t_dir/signed-differential.py" "$gatepost" "$work/etc/policy.conf" \
	"$top/doc/gatepost-policy.5" 100 ssh:$ssh openpgp:$openpgp x509:$x509 \
	$objects
