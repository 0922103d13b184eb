#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A push with nothing to verify starts no cryptography, whatever signers the
# policy has: to start libcrypto takes as long as all else that a push of one
# commit does.

top=$(cd "${srcdir:-.}" && pwd)
idle=${CRYPTO_IDLE:-$PWD/t/unit/crypto_idle}
[ -x "$idle" ] || { echo '1..0 # SKIP crypto_idle is not built' && exit 77; }
command -v ssh-keygen > /dev/null || {
	echo '1..0 # SKIP no ssh-keygen'
	exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-t.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 99
umask 022
unset $(env | sed -n 's/^\(GIT_[A-Za-z0-9_]*\)=.*/\1/p') 2> /dev/null || :
export HOME="$work" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
export GIT_AUTHOR_NAME=alice GIT_AUTHOR_EMAIL=alice@example.com
export GIT_COMMITTER_NAME=alice GIT_COMMITTER_EMAIL=alice@example.com

ssh-keygen -q -t ed25519 -N '' -C '' -f key || exit 99
echo "alice@example.com $(cat key.pub)" > signers
git init -q --bare r
tree=$(git -C r mktree < /dev/null)
plain=$(echo plain | git -C r commit-tree "$tree")
signed=$(echo signed | git -C r -c gpg.format=ssh \
	-c user.signingKey="$work/key" commit-tree -S "$tree") || exit 99

# policy FILE CHECK: with signers of every kind
policy() {
	cat > "$1" <<-END
	[gatepost]
		mode = enforce
		root = $work
		ledger = $work/ledger
		agents = $work/agents.conf
	[signers]
		ssh = $work/signers
		ssh-revoked = $work/revoked
		x509-ca = $work/ca.pem
		x509-crl = $work/crl.pem
	[principal "alice"]
		email = alice@example.com
	[gate "main"]
		ref = refs/heads/main
		rule = all
	[rule "all"]
		check = $2
	END
}
cp "$top/t/vectors/x509/ca.pem" "$top/t/vectors/x509/crl.pem" .
cp "$top/t/vectors/ssh/plain.krl" revoked
cp "$top/conf/agents.conf" .
policy history.conf history
policy provenance.conf provenance
policy signature.conf signature

count=0 failed=0
# judged POLICY COMMIT WANT WHAT: WANT is the verdict and a pattern for how
# often libcrypto took memory
judged() {
	count=$((count + 1))
	said=$("$idle" "$1.conf" r "$2" 2>&1)
	# shellcheck disable=SC2254 # a pattern
	case $said in
	$3) echo "ok $count - $4" ;;
	*)
		echo "not ok $count - $4"
		echo "# $said, not $3"
		failed=1
		;;
	esac
}

judged history "$plain" 'pass 0' 'nothing is signed: no cryptography'
judged provenance "$plain" 'pass 0' 'messages are read without it'
judged history "$signed" 'pass 0' 'a signature that no rule asks after is left'
judged signature "$plain" 'reject 0' 'what is not signed is not verified'
judged signature "$signed" 'pass [1-9]*' 'a signature is verified with libcrypto'
echo "1..$count"
exit $failed
