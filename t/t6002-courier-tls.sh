#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Only the right endpoint, whatever the environment says.

. "${srcdir:-.}/t/courier-lib.sh"
command -v openssl >/dev/null || skip_all 'no openssl'

authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -days 2 -keyout "$1.key" -out "$1.pem" \
		2>>openssl.log
}
# certificate NAME CA SUBJECT-ALT-NAME DAYS
certificate() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj /CN=endpoint -keyout "$1.key" -out "$1.csr" 2>>openssl.log
	echo "subjectAltName=$3" >ext
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" \
		-CAcreateserial -days "$4" -extfile ext -out "$1.pem" \
		2>>openssl.log
}
serve() {
	receiver_port=0
	start_receiver --cert "$1.pem" --key "$1.key"
	URL=https://localhost:$receiver_port/hooks
	write_policy "$2"
}
authority ours
authority theirs
certificate good ours DNS:localhost 2
certificate other ours DNS:other.example 2
certificate foreign theirs DNS:localhost 2
certificate expired ours DNS:localhost 0
records 1 3
refuse() {
	name=$1 cert=$2 word=$3
	rm -f events
	serve "$cert" '	ca-file = ours.pem'
	test_that "$name is refused" \
		'run_once 1 && [ ! -s events ] &&
		status_has 0 last_error text "$word"'
	stop_receiver
	rm -rf ledger/cursors
}
refuse 'a certificate of an unknown authority' foreign 'TLS or the certificate'
refuse 'a certificate for another name' other 'TLS or the certificate'
refuse 'an expired certificate' expired 'expired'
serve good ''
test_that 'without ca-file the system decides, and does not know ours' \
	'run_once 1 && [ ! -s events ] &&
	status_has 0 last_error text certificate'
stop_receiver
rm -rf ledger/cursors
chmod 666 ours.pem
serve good '	ca-file = ours.pem'
test_that 'a CA file that anybody can write is refused' \
	'run_once 1 && [ ! -s events ] && status_has 0 last_error text ours.pem'
chmod 600 ours.pem
rm -rf ledger/cursors

# A pin: the right authority is not enough.
pin() {
	openssl x509 -in "$1.pem" -pubkey -noout |
		openssl pkey -pubin -outform der | openssl dgst -sha256 -binary |
		openssl base64
}
write_policy "	ca-file = ours.pem
	pin = sha256//$(pin other)"
test_that 'a certificate with another key than the pinned is refused' \
	'run_once 1 && [ ! -s events ] && status_has 0 last_error text TLS'
rm -rf ledger/cursors
write_policy "	ca-file = ours.pem
	pin = sha256//$(pin other)
	pin = sha256//$(pin good)"
test_that 'one of several pins is enough' 'run_once 0 && arrived_in_order 3'
rm -rf ledger/cursors events
write_policy '	ca-file = ours.pem'

# Everything in the environment that redirects, logs keys or trusts others.
mkdir home
printf 'machine localhost login evil password evil\n' >home/.netrc
chmod 644 home/.netrc
printf 'proxy = "http://127.0.0.1:1"\ninsecure\n' >home/.curlrc
printf 'openssl_conf = x\n[x]\nengines = y\n[y]\nz = w\n[w]\n' >openssl.cnf
test_that 'the environment is ignored' \
	'export HOME="$work/home" CURL_HOME="$work/home" \
		http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 \
		HTTPS_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 \
		SSLKEYLOGFILE="$work/keys" SSL_CERT_FILE="$work/theirs.pem" \
		CURL_CA_BUNDLE="$work/theirs.pem" NETRC="$work/home/.netrc" \
		OPENSSL_CONF="$work/openssl.cnf" RES_OPTIONS=attempts:0 \
		LOCALDOMAIN=evil.example HOSTALIASES="$work/aliases"
	run_once 0 && arrived_in_order 3 && [ ! -e keys ] &&
	[ "$(events "[\"authorization\" in e[\"headers\"] for e in E]" |
		sort -u)" = False ]'

# What the policy must not say
URL=http://192.0.2.1/x
write_policy ''
test_that 'http to another machine is refused' 'run_once 2 && grep https err'
chmod 644 secret
URL=https://localhost:$receiver_port/hooks
write_policy '	ca-file = ours.pem'
records 4 4
test_that 'a secret that others can read is refused, and not shown' \
	'run_once 1 && status_has 0 last_error text secret &&
	! grep -r MfKQ9r8G log err ledger'
chmod 600 secret
printf 'whsec_not*base64*at*all' >secret
test_that 'a bad secret is refused, and not shown' \
	'sleep 1.1; run_once 1 && status_has 0 last_error text whsec_ &&
	! grep -r "not\*base64" log err ledger'

finish
