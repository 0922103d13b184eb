#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Commits, tags and approvals as stock git signs them with SSH certificates
# and with gpgsm, seen by inspect and by a push.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen >/dev/null || skip_all 'no ssh-keygen'
keys=$work/keys
mkdir -p "$keys" "$work/etc"

# --- who signs how ----------------------------------------------------------
ssh-keygen -q -t ed25519 -N '' -f "$keys/authority"
ssh-keygen -q -t ed25519 -N '' -f "$keys/bob"
ssh-keygen -q -s "$keys/authority" -I bob-1 -z 1 -n bob@example.com \
	-V -1d:+1d "$keys/bob.pub"
echo "*@example.com cert-authority $(cat "$keys/authority.pub")" \
	>"$work/etc/signers"
: >"$work/etc/revoked"

new_gpgsm() { # an authority, and carol's certificate by it
	GNUPGHOME=$work/gnupg
	export GNUPGHOME
	mkdir -m 700 "$GNUPGHOME" && cd "$keys" &&
		openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key \
			-out ca.pem -days 30 -subj /CN=Reviewers \
			-addext keyUsage=critical,keyCertSign,cRLSign &&
		openssl req -newkey rsa:2048 -nodes -keyout carol.key \
			-out carol.csr -subj /CN=Carol &&
		printf '%s\n' subjectAltName=email:carol@example.com \
			keyUsage=digitalSignature >carol.ext &&
		openssl x509 -req -in carol.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 20 -extfile carol.ext \
			-out carol.pem &&
		openssl pkcs12 -export -inkey carol.key -in carol.pem \
			-certfile ca.pem -legacy -passout pass:x -out p12 &&
		echo x >pass && gpgsm -q --batch --pinentry-mode loopback \
			--passphrase-fd 0 --import p12 <pass &&
		openssl x509 -in ca.pem -noout -fingerprint -sha1 |
		sed 's/.*=\(.*\)/\1 S relax/' >"$GNUPGHOME/trustlist.txt" &&
		cat >"$keys/gpgsm" <<END
#!/bin/sh
exec gpgsm -q --batch --disable-crl-checks --pinentry-mode loopback \\
	--passphrase-fd 3 "\$@" 3<$keys/pass
END
	chmod +x "$keys/gpgsm" && echo x | "$keys/gpgsm" -bsa \
		-u carol@example.com >/dev/null
}
x509=no
if command -v gpgsm >/dev/null && (new_gpgsm) >"$work/gpgsm-log" 2>&1; then
	x509=yes
	GNUPGHOME=$work/gnupg
	export GNUPGHOME
	cp "$keys/ca.pem" "$work/etc/ca.pem"
else
	sed 's/^/# /' "$work/gpgsm-log" 2>/dev/null
	openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null \
		-out "$work/etc/ca.pem" -subj /CN=none 2>/dev/null
fi
by_certificate='-c gpg.format=ssh -c user.signingkey='$keys/bob-cert.pub
by_gpgsm='-c gpg.format=x509 -c user.signingkey=carol@example.com'
by_gpgsm="$by_gpgsm -c gpg.x509.program=$keys/gpgsm"

policy_file <<END
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = reviewer
[principal "carol"]
	email = carol@example.com
	login = carol
	role = reviewer
[signers]
	ssh = signers
	ssh-revoked = revoked
	x509-ca = ca.pem
[gate "main"]
	ref = refs/heads/main
	rule = review
[rule "review"]
	check = review
	quorum = 1 of reviewer
END
new_server one

inspect() {
	"$gatepost" -C "$clone" inspect --policy "$work/etc/policy.conf" \
		--no-walk "$@" >"$work/inspected" 2>&1
}

# signed_as NAME OPTIONS: what is signed so is good, and NAME's
signed_as() {
	s_name=$1
	shift
	as "$s_name"
	git -C "$clone" "$@" commit -q -S --allow-empty -m "by $s_name"
	git -C "$clone" "$@" tag -s -m "by $s_name" "tag-$s_name"
	inspect HEAD "tag-$s_name"
	is "$(grep -c "good, by $s_name" "$work/inspected")" 2 \
		"a commit and a tag are good and $s_name's"
}

# approved_by NAME OPTIONS: a change goes through with such an approval
approved_by() {
	a_name=$1
	shift
	as alice
	change "change for $a_name"
	tip=$(git -C "$clone" rev-parse HEAD)
	prefix=$(printf %s "$tip" | sha256sum | cut -c1-16)
	as "$a_name"
	git -C "$clone" "$@" tag -f -s -F - "approve-$a_name" >/dev/null <<END
Approve refs/heads/main

Approves-ref: refs/heads/main
Repository: one
END
	approval=$(git -C "$clone" rev-parse "approve-$a_name")
	as alice
}
push_approved() {
	set -- "$1" "$approval:refs/approvals/$prefix/$a_name-1" \
		HEAD:refs/heads/main
	accepted "$@"
}

# shellcheck disable=SC2086 # several words
{
	signed_as bob $by_certificate
	approved_by bob $by_certificate
}
push_approved 'an approval by an SSH certificate counts'

# shellcheck disable=SC2086
approved_by bob $by_certificate
printf 'id: bob-1\n' >"$keys/spec"
ssh-keygen -q -k -f "$work/etc/revoked" -s none "$keys/spec"
inspect "$approval"
has "$work/inspected" 'revoked' 'a certificate that a KRL has is revoked'
: >"$work/etc/revoked"

if [ $x509 = yes ]; then
	# shellcheck disable=SC2086
	signed_as carol $by_gpgsm
	# shellcheck disable=SC2086
	approved_by carol $by_gpgsm
	push_approved 'an approval by gpgsm counts'
	gpgconf --kill all >/dev/null 2>&1
else
	skip 'a commit and a tag by gpgsm' 'no gpgsm that runs'
	skip 'an approval by gpgsm counts' 'no gpgsm that runs'
fi
done_testing
