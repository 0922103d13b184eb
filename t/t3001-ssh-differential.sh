#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Changed SSH signatures, judged by us and by ssh-keygen: we take none that it
# refuses, and what we alone refuse has a reason that the manual lists.
# MUTATIONS is how many changes are made of each signature.

top=$(cd "${srcdir:-.}" && pwd)
vectors=$top/t/vectors/ssh
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
cp "$vectors/allowed_signers" .
set --
for name in ed25519 ed25519-sha256 p256 p384 p521 rsa rsa-sha256 \
	sk-ed25519-01 sk-p256-01; do
	set -- "$@" "$vectors/$name.sig"
done
"$mutate" allowed_signers "$vectors/payload" . "${MUTATIONS:-64}" "$@" \
	>ours || exit 99

: >worse
: >stricter
good=0
while read -r n how status why; do
	theirs=bad
	if ssh-keygen -q -Y verify -f allowed_signers -I alice@example.com \
		-n git -s "$n.sig" <"$vectors/payload" >/dev/null 2>&1; then
		theirs=good
	fi
	case $status/$theirs in
	good/good) good=$((good + 1)) ;;
	good/bad) echo "$n $how" >>worse ;;
	*/good) echo "$how: $status: $why" >>stricter ;;
	esac
done <ours

# Layout that ssh-keygen does not look at; nothing that changes a key, an
# algorithm or a number.
sed -n '/: malformed: the signature.s armour is not canonical: /!p' \
	stricter >unlisted

echo 1..3
not='' && [ ! -s worse ] || not='not '
echo "${not}ok 1 - nothing that ssh-keygen refuses is taken"
sed 's/^/# /' worse
not1=$not
not='' && [ ! -s unlisted ] || not='not '
echo "${not}ok 2 - what we alone refuse is refused for its armour"
sed 's/^/# /' unlisted
not2=$not
not='' && [ "$good" -ge 9 ] || not='not '
echo "${not}ok 3 - unchanged signatures are taken by both"
echo "# $(grep -c . ours) signatures, $good good for both," \
	"$(grep -c . stricter) for ssh-keygen alone"
sort stricter | uniq -c | sed 's/^/# /'
[ -z "$not1$not2$not" ]
