#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Changed signatures, certificates and revocation lists, judged by us and by
# ssh-keygen, openssl and gpgsm: we take none that they refuse, and what we
# alone refuse has a reason that is listed here and in gatepost-policy(5).
# MUTATIONS is how many changes are made of each.

top=$(cd "${srcdir:-.}" && pwd)
vectors=$top/t/vectors/ssh
certs=$top/t/vectors/ssh-cert
x509=$top/t/vectors/x509
mutate=${TRUST_MUTATE:-$PWD/t/unit/trust_mutate}
[ -x "$mutate" ] || { echo '1..0 # SKIP trust_mutate is not built' && exit 77; }
command -v ssh-keygen >/dev/null || {
	echo '1..0 # SKIP no ssh-keygen'
	exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-t3.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 99
umask 022
mutations=${MUTATIONS:-64}
now=$(date +%s)
failed=0 count=0

result() { # status, what, file with details
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$3"
		failed=1
	fi
}
empty() { # what, file
	[ ! -s "$2" ]
	result $? "$1" "$2"
}
theirs() { # list of signers, signature, options
	t_list=$1 t_sig=$2
	shift 2
	ssh-keygen -q -Y verify -f "$t_list" -I alice@example.com -n git \
		-s "$t_sig" "$@" <"$vectors/payload" >/dev/null 2>&1
}
# Reads `N change status why`; sorts the lines into worse and stricter, those
# that both take into both.
compare() { # function that takes N
	: >worse
	: >stricter
	: >both
	while read -r n how status why; do
		if "$1" "$n"; then them=good; else them=bad; fi
		case $status/$them in
		good/good) echo "$n $how" >>both ;;
		good/bad) echo "$n $how" >>worse ;;
		*/good) echo "$how: $status: $why" >>stricter ;;
		esac
	done
}
summary() { # lines judged
	echo "# $(grep -c . "$1") judged, $(grep -c . both) good for both," \
		"$(grep -c . stricter) for them alone"
	sort stricter | uniq -c | sed 's/^/# /'
}
# Layout that ssh-keygen does not look at; nothing that changes a key, an
# algorithm or a number.
armour_only() {
	sed '/: malformed: the signature.s armour is not canonical: /d' \
		stricter >unlisted
}

# --- plain keys -------------------------------------------------------------
cp "$vectors/allowed_signers" .
set --
for name in ed25519 ed25519-sha256 p256 p384 p521 rsa rsa-sha256 \
	sk-ed25519-01 sk-p256-01; do
	set -- "$@" "$vectors/$name.sig"
done
"$mutate" -s allowed_signers "$vectors/payload" . "$mutations" "$@" >ours ||
	exit 99
by_keygen() { theirs allowed_signers "$1.sig"; }
compare by_keygen <ours
empty 'keys: nothing that ssh-keygen refuses is taken' worse
armour_only
empty 'keys: what we alone refuse is refused for its armour' unlisted
[ "$(grep -c . both)" -ge 9 ]
result $? 'keys: unchanged signatures are taken by both' ours
summary ours

# --- certificates -----------------------------------------------------------
cp "$certs/allowed_signers" authorities
set --
for name in ed25519 p256 rsa two-names extension crafted sk sk-verified; do
	set -- "$@" "$certs/good-$name.sig"
done
"$mutate" -t "$now" -s authorities "$certs/payload" . "$mutations" "$@" \
	>ours || exit 99
by_authority() { theirs authorities "$1.sig"; }
compare by_authority <ours
empty 'certificates: nothing that ssh-keygen refuses is taken' worse
armour_only
empty 'certificates: what we alone refuse is refused for its armour' unlisted
[ "$(grep -c . both)" -ge 8 ]
result $? 'certificates: unchanged signatures are taken by both' ours
summary ours

# Of those made to be refused, ssh-keygen takes these, and no other.
cat >listed <<'END'
critical
force-command
reserved
sk-untouched
sk-verify-required
source-address
twice
unordered
verify-required
END
: >worse
: >found
for sig in "$certs"/*.sig; do
	name=$(basename "$sig" .sig)
	cp "$sig" one.sig
	status=$("$mutate" -t "$now" -s authorities "$certs/payload" . 1 \
		"$sig" | cut -d' ' -f3)
	if theirs authorities one.sig; then them=good; else them=bad; fi
	case $status/$them in
	good/bad) echo "$name" ;;
	esac >>worse
	case $status/$them in
	good/good) ;;
	*/good) echo "$name" ;;
	esac >>found
done
# ours has no bob, and alice by her name alone is another -I for ssh-keygen
sed '/^good-p384$/d' worse >unlisted
empty 'certificates: nothing that ssh-keygen refuses is taken by kind' unlisted
diff listed found >unlisted
empty 'certificates: the kinds that we alone refuse are listed' unlisted

# --- revocation lists -------------------------------------------------------
: >unequal
for list in "$certs"/*.krl "$certs/revoked.txt" "$certs/authority.txt"; do
	# newer ssh-keygen reads no signed ones
	case $list in
	*/signed.krl) continue ;;
	esac
	cp "$list" list
	for name in ed25519 p256 rsa two-names extension crafted; do
		status=$("$mutate" -t "$now" -s authorities -r list \
			"$certs/payload" . 1 "$certs/good-$name.sig" |
			cut -d' ' -f3)
		if theirs authorities "$certs/good-$name.sig" -r list; then
			them=good
		else
			them=revoked
		fi
		[ "$status" = $them ] ||
			echo "$(basename "$list") $name: $status" >>unequal
	done
done
empty 'lists: each revokes for us what it does for ssh-keygen' unequal

: >all
: >all-worse
for list in serial range bitmap id id-any key sha256; do
	cp "$certs/$list.krl" list
	"$mutate" -t "$now" -s authorities -r list -k "$certs/payload" . \
		"$mutations" "$certs/good-ed25519.sig" \
		"$certs/good-two-names.sig" >ours || exit 99
	by_list() {
		sig=$certs/good-ed25519.sig
		[ "$1" -lt "$mutations" ] || sig=$certs/good-two-names.sig
		theirs authorities "$sig" -r "$1.krl"
	}
	compare by_list <ours
	sed "s/^/$list: /" worse >>all-worse
	sed "s/^/$list: /" stricter >>all
done
empty 'lists: nothing that ssh-keygen refuses by a changed one is taken' \
	all-worse
# What the format's description forbids and ssh-keygen does not look at.
# Without its first bytes it is a list of keys with a line that is no key.
sed '/: error: .*malformed/d;/: error: .*not understood/d' all |
	sed '/: error: .*is not 1$/d;/: error: .* base64 are expected$/d' \
		>unlisted
empty 'lists: what we alone refuse is not of the described form' unlisted
echo "# $(grep -c . all) changed lists for ssh-keygen alone"

# --- X.509 ------------------------------------------------------------------
cp "$x509/ca.pem" "$x509/crl.pem" .
set --
for name in rsa sha512 p256 p384 subject with-root gpgsm; do
	set -- "$@" "$x509/good-$name.sig"
done
"$mutate" -t "$now" -x ca.pem -l crl.pem "$x509/payload" . "$mutations" \
	"$@" >ours || exit 99
by_openssl() {
	sed '/^-----/d' "$1.sig" | openssl base64 -d >der 2>/dev/null &&
		openssl cms -verify -binary -inform DER -in der \
			-content "$x509/payload" -CAfile ca.pem -purpose any \
			-out /dev/null >/dev/null 2>&1
}
if command -v openssl >/dev/null; then
	compare by_openssl <ours
	empty 'X.509: nothing that openssl refuses is taken' worse
	echo "# $(grep -c . ours) judged, $(grep -c . both) good for both," \
		"$(grep -c . stricter) for openssl alone"
else
	result 0 'X.509: nothing that openssl refuses is taken # SKIP no openssl'
fi
[ "$(grep -c '^[0-9]* none good' ours)" -ge 7 ]
result $? 'X.509: unchanged signatures are taken' ours
sed -n '/^[0-9]* none good/d;/^[0-9]* rewrap good/d;/^[0-9]* [^ ]* good/p' \
	ours >unlisted
empty 'X.509: every changed signature is refused' unlisted

gpgsm_home() {
	GNUPGHOME=$work/home
	export GNUPGHOME
	mkdir -m 700 "$GNUPGHOME" &&
		openssl x509 -in ca.pem -noout -fingerprint -sha1 |
		sed 's/.*=\(.*\)/\1 S relax/' >"$GNUPGHOME/trustlist.txt" &&
		gpgsm -q --batch --import ca.pem 2>/dev/null
}
by_gpgsm() {
	gpgsm -q --batch --disable-crl-checks --verify "$1.sig" \
		"$x509/payload" 2>/dev/null
}
text='X.509: nothing that gpgsm refuses is taken'
if command -v gpgsm >/dev/null && gpgsm_home; then
	grep '^[0-9]* [^ ]* good' ours >good
	compare by_gpgsm <good
	empty "$text" worse
	gpgconf --kill all >/dev/null 2>&1
else
	result 0 "$text # SKIP no gpgsm that runs"
fi

echo "1..$count"
exit $failed
