#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the courier signs is checked by other people's implementations of the
# Standard Webhooks specification and of RFC 9421, which come as packages of
# npm; what is altered after signing, they refuse.

. "$(dirname "$0")/courier-lib.sh"

command -v node >/dev/null || skip_all 'no node'
command -v npm >/dev/null || skip_all 'no npm'
packages="http-message-signatures@1.0.6 standardwebhooks@1.1.1"
cache=${GATEPOST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/gatepost}
modules=$cache/node-http-message-signatures-1.0.6-standardwebhooks-1.1.1
if ! [ -e "$modules/whole" ]; then
	mkdir -p "$modules" && cd "$modules" || exit 99
	# shellcheck disable=SC2086 # one word per package
	timeout 60 npm install --prefix "$modules" --ignore-scripts --no-audit \
		--no-fund $packages >"$work/npm" 2>&1 ||
		skip_all "npm cannot install $packages here"
	: >whole
	cd "$work" || exit 99
fi

# the shared secret is that of RFC 9421, B.1.5, the other that of B.1.4
SHARED=uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==
ED25519_PUBLIC='-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----'
export SHARED ED25519_PUBLIC
echo "whsec_$SHARED whsk_n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=" >keys
NODE_PATH=$modules/node_modules node "$src/t/signed-receiver.js" port answers \
	>node.log 2>&1 &
echo $! >pid
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s port ] && break
	sleep 0.2
done
[ -s port ] || { cat node.log; exit 99; }

# sign_by WAY MORE-LINES
sign_by() {
	rm -rf answers ledger
	: >answers
	cat >policy.conf <<EOP
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
[sink "grc"]
	url = http://127.0.0.1:$(cat port)/hooks
	sign = $1
	secret-file = keys
	timeout = 5s
$2
EOP
	records 1 3 'caf\u00e9 <&>'
}

# all_hold N TRIED: N requests held, and none did with a part altered
all_hold() {
	cat answers
	[ "$(wc -l <answers)" = "$1" ] &&
		[ "$(grep -c '"holds":true' answers)" = "$1" ] &&
		[ "$(grep -c "\"stillTaken\":\[\],\"tried\":$2}" answers)" = "$1" ]
}

sign_by standard-webhooks
test_that 'events signed by both keys of the webhook specification' 'run_once 0'
test_that 'another implementation takes them, and none altered' 'all_hold 3 4'

sign_by rfc9421 '	sign-key-id = k'
test_that 'events signed by RFC 9421' 'run_once 0'
test_that 'its other implementation takes them, and none altered' 'all_hold 3 7'
test_that 'each by both keys, over where it goes and what it is' \
	'[ "$(grep -c "sig1=(.*\"@authority.*content-digest.*sig2=(.*k-2" \
		answers)" = 3 ]'

sign_by rfc9421 '	sign-key-id = k
	lookup-url = /seen/${id}
	lookup-found = /found
	lookup-id = /id'
test_that 'a look-up before a second attempt is signed as well' \
	'run_once 0; cat answers; [ "$(grep -c "GET.*:true.*\[\]," answers)" = 1 ]'

sign_by rfc9421 '	sign-key-id = k "x"'
test_that 'a name of a key that would break the header is refused' \
	'courier run --once; [ $? = 2 ] && grep "no key.s name" err'

finish
