#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Logging in with access tokens (OAuth 2.0) and with client certificates;
# endpoints known by their public keys.

. "${srcdir:-.}/t/courier-lib.sh"
command -v openssl >/dev/null || skip_all 'no openssl'

authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -days 2 -keyout "$1.key" -out "$1.pem" \
		2>>openssl.log
}
# certificate NAME CA COMMON-NAME
certificate() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$3" -keyout "$1.key" -out "$1.csr" 2>>openssl.log
	echo "subjectAltName=DNS:localhost" >ext
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" \
		-CAcreateserial -days 2 -extfile ext -out "$1.pem" \
		2>>openssl.log
}
# pin_of NAME: what `pin` says of a certificate's public key
pin_of() {
	openssl x509 -in "$1.pem" -noout -pubkey |
		openssl pkey -pubin -outform DER |
		openssl dgst -sha256 -binary | openssl base64
}
authority ours
authority theirs
certificate server ours localhost
certificate client ours git.example.test
certificate foreign theirs git.example.test

start_server() {
	rm -f ports
	python3 "$src/t/oauth-server.py" server.pem server.key ours.pem \
		ports requests modes 2>server.log &
	echo $! >pid
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -s ports ] && break
		sleep 0.1
	done
	read -r token_port sink_port mtls_port <ports
}
start_server

# fresh MODES: nothing is delivered yet; the server does so next
fresh() {
	rm -rf ledger requests log
	touch requests log
	printf '%b' "$1" >modes
	records 1 1
}
# requests EXPRESSION: over T and S, what the token endpoint and the sinks got
requests() {
	python3 -c '
import json, sys
R = [json.loads(l) for l in open("requests")]
T = [r for r in R if r["kind"] == "token"]
S = [r for r in R if r["kind"] != "token"]
print(eval(sys.argv[1]))' "$1"
}
# is EXPRESSION VALUE
is() {
	v=$(requests "$1") && echo "$1: $v" && [ "$v" = "$2" ]
}
# policy PORT KEYS
policy() {
	cat >policy.conf <<END
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
[sink "grc"]
	url = https://localhost:$1/events
	ca-file = ours.pem
	timeout = 3s
$2
END
}
oauth() {
	policy "$sink_port" "	auth = oauth2
	token-url = https://localhost:$token_port/oauth/token?tenant=1
	client-id = git gate:1
	scope = records.write offline
	secret-file = secret
$1"
}
# Nothing that lets anybody in is in what we write.
tells_no_secret() {
	courier status
	! grep -r -e 's3cr' -e 'tok-[0-9]' -e czNjc -e Z2l0K -e X-Evil \
		log err out ledger
}

echo 's3cr+t/%4 x=' >secret
chmod 600 secret
oauth ''

fresh ''
records 2 3
test_that 'a token opens the sink' 'run_once 0 && is "[s[\"status\"] for s in S]" \
	"[204, 204, 204]"'
test_that 'and is asked for once' 'is "len(T)" 1'
test_that 'by the id and the secret, encoded as a form is' '
	is "T[0][\"headers\"][\"authorization\"]" \
		"Basic $(printf %s "git+gate%3A1:s3cr%2Bt%2F%254+x%3D" | base64)"'
test_that 'as client credentials, for the scope' '
	is "T[0][\"body\"], T[0][\"path\"], T[0][\"headers\"][\"content-type\"]" \
	"('"'grant_type=client_credentials&scope=records.write+offline', \
'/oauth/token?tenant=1', 'application/x-www-form-urlencoded'"')"'
test_that 'the sink gets the token, and never the secret' '
	is "{s[\"headers\"][\"authorization\"] for s in S}" \
		"{'"'Bearer tok-1-~+/=='"'}"'

fresh 'sink ok\nsink revoke\n'
records 2 2
test_that 'a token that was taken back is asked for anew' \
	'run_once 0 && is "[s[\"status\"] for s in S], len(T)" \
		"([204, 401, 204], 2)"'
test_that 'what had been refused comes again with the same id' \
	'is "S[1][\"id\"] == S[2][\"id\"]" True && status_is 0 retried 0'

fresh ''
"$COURIER" run --policy policy.conf >service.out 2>&1 &
service=$!
within() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 \
		24 25 26 27 28 29 30; do
		(eval "$1") >/dev/null && return
		sleep 0.1
	done
	eval "$1"
}
within 'is "len(S)" 1' >/dev/null
records 2 2
within 'is "len(S)" 2' >/dev/null
echo 'sink revoke' >modes
records 3 3
test_that 'a service keeps the token from record to record' \
	'within "is \"[s[\\\"status\\\"] for s in S], len(T)\" \
		\"([204, 204, 401, 204], 2)\""'
kill "$service"
wait "$service"

fresh 'token live 0\ntoken live 0\n'
records 2 2
test_that 'a token is not used when it has expired' \
	'run_once 0 && is "len(T), len(S)" "(2, 2)"'

# refused NAME MODE WORD: nothing is sent, status says why
refused() {
	name=$1 mode=$2 word=$3
	fresh "$mode\n"
	test_that "$name" 'run_once 1 && is "len(S)" 0 &&
		status_has 0 last_error text "no access token: " &&
		status_has 0 last_error text "$word" && tells_no_secret'
}
refused 'a client that is not known is said to be so' \
	'token error invalid_client' 'not those of a client there'
refused 'so is a scope that it may not have' \
	'token error invalid_scope' 'scope'
refused 'a word of no meaning is not repeated' \
	'token error s3cr+t/%4' 'answered 400'
refused 'an answer without a token' 'token garbage' 'has no access_token'
refused 'an answer without end' 'token endless' 'longer than 64 KiB'
refused 'a token that would make a header of its own' 'token inject' \
	'cannot be sent'
refused 'a token of another type' 'token mac' 'no bearer'
refused 'a redirect is not followed' 'token redirect' 'a redirect'
refused 'a failure of the token endpoint' 'token status 503' 'answered 503'
test_that 'is tried again, as one of the sink is' \
	'recover && is "len(S), S[0][\"status\"]" "(1, 204)" &&
	status_is 0 condition "up to date"'

fresh 'sink echo\n'
test_that 'a sink that says back what it gets tells nobody a token' \
	'run_once 1 && tells_no_secret &&
	status_has 0 last_error text "answered 400"'
echo wrong >secret
fresh ''
test_that 'a wrong secret is told as such' \
	'run_once 1 && status_has 0 last_error text invalid_client &&
	! grep -r wrong log ledger'
echo 's3cr+t/%4 x=' >secret
chmod 644 secret
fresh ''
test_that 'a secret that others can read is not used' \
	'run_once 1 && is "len(T) + len(S)" 0 &&
	status_has 0 last_error text secret && tells_no_secret'
chmod 600 secret
saved=$token_port token_port=1
oauth ''
fresh ''
test_that 'a token endpoint that is not there' 'run_once 1 &&
	status_has 0 last_error text "no access token: token-url: cannot connect"'
token_port=$saved
oauth "	pin = sha256//$(pin_of server)"
fresh ''
test_that 'pins are those of the sink' 'run_once 0 && is "len(S)" 1'

# Client certificates
policy "$mtls_port" ''
fresh ''
test_that 'a sink that wants a certificate takes nothing without one' \
	'run_once 1 && is "len(S)" 0'
with_client() {
	policy "$mtls_port" "	client-cert = $1.pem
	client-key = $2.key"
	fresh ''
}
with_client client client
test_that 'a client certificate opens it' \
	'run_once 0 && is "[(s[\"client\"], s[\"status\"]) for s in S]" \
	"[('"'git.example.test'"', 204)]"'
with_client foreign foreign
test_that 'one of another authority does not' 'run_once 1 && is "len(S)" 0'
with_client client foreign
test_that 'a key of another certificate is told' 'run_once 1 &&
	is "len(S)" 0 && status_has 0 last_error text "cannot be used"'
chmod 644 client.key
with_client client client
test_that 'a key that others can read is not used' 'run_once 1 &&
	is "len(S)" 0 && status_has 0 last_error text client.key &&
	grep client.key log'
chmod 600 client.key
openssl pkey -in client.key -aes256 -passout pass:x -out locked.key
chmod 600 locked.key
with_client client locked
test_that 'a key with a passphrase is told, and nothing is asked' \
	'run_once 1 </dev/null && status_has 0 last_error text passphrase'
with_client client ../nowhere
test_that 'a key that is not there is told' \
	'run_once 1 && status_has 0 last_error text nowhere.key'

# Pins
pinned() {
	policy "$mtls_port" "	client-cert = client.pem
	client-key = client.key
$1"
	fresh ''
}
pinned "	pin = sha256//$(pin_of server)"
test_that 'the public key that is pinned passes' \
	'run_once 0 && is "len(S)" 1'
pinned "	pin = sha256//$(pin_of client)"
test_that 'another is refused, and the reason is told' \
	'run_once 1 && is "len(S)" 0 && status_has 0 last_error text "is no pin"'
pinned "	pin = sha256//$(pin_of client)
	pin = sha256//$(pin_of server)"
test_that 'one of two is enough, for the day when the key changes' \
	'run_once 0 && is "len(S)" 1'

finish
