#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every fault of an endpoint against every kind of destination at once: one
# that gets each record, one that gets them in bulk, one ticket a change; and
# what a hook asks about a ticket. Nothing is lost, told twice or out of order,
# nobody waits, and nobody else hears of it.

. "${srcdir:-.}/t/courier-lib.sh"
command -v openssl >/dev/null || skip_all 'no openssl'

# ---- certificates ----

# authority NAME
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -days 2 -keyout "$1.key" -out "$1.pem" \
		2>>openssl.log
}
# certificate NAME CA SUBJECT-ALT-NAME FROM TO: with its key in NAME.tls
certificate() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj /CN=endpoint -keyout "$1.key" -out "$1.csr" 2>>openssl.log
	printf '[ca]\ndefault_ca=a\n[a]\ndatabase=%s.db\nserial=%s.srl\n' \
		"$1" "$1" >"$1.cnf"
	printf 'default_md=sha256\npolicy=p\nnew_certs_dir=.\n[p]\n' >>"$1.cnf"
	printf 'commonName=supplied\n[x]\nsubjectAltName=%s\n' "$3" >>"$1.cnf"
	: >"$1.db"
	echo 01 >"$1.srl"
	openssl ca -batch -config "$1.cnf" -extensions x -notext -in "$1.csr" \
		-cert "$2.pem" -keyfile "$2.key" -startdate "$4" -enddate "$5" \
		-out "$1.crt" 2>>openssl.log
	cat "$1.crt" "$1.key" >"$1.tls"
}
authority ours
authority theirs
since=20200101000000Z until=20991231000000Z
certificate good ours DNS:localhost $since $until
certificate name ours DNS:other.example.com $since $until
certificate expired ours DNS:localhost $since 20200102000000Z
certificate early ours DNS:localhost 20980101000000Z $until
certificate foreign theirs DNS:localhost $since $until
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-keyout self.key -out self.crt 2>>openssl.log
cat self.crt self.key >self.tls

# ---- destinations ----

mkdir tickets
cat >tickets/sink.conf <<'END'
[sink]
	per = change
	format = template
	post-url = /issues.json
	body-template = open.json
	id-json = /issue/id
	lookup-url = /issues.json?key=${change-key}
	lookup-found = /total_count>0
	lookup-id = /issues/0/id
	ticket-pattern = "#?([0-9]+)"
	ticket-url = /issues/${ticket}
	ticket-found = /issue/id
	comment-url = /issues/${remote-id}
	comment-method = PUT
	comment-template = comment.json
	comment-ok-json = /noted==true
	comment-lookup-url = /issues/${remote-id}
	comment-lookup-found = /issue/journals/*/notes=~${id}
	comment-lookup-found = /issue/description=~${id}
	auth = bearer
END
cat >tickets/open.json <<'END'
{"issue": {"key": "${change-key}", "description": "${id}"}}
END
echo '{"issue": {"notes": "${id}"}}' >tickets/comment.json
printf '{"create":{"_id":"${id}"}}\n${json:record}\n' >bulk.json
echo s3cret-of-stream >one
echo courier:s3cret-of-bulk >two
echo s3cret-of-tickets >three
chmod 600 one two three
policy_for() {
	cat >policy.conf <<END
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
	metrics = $work/metrics
[sink "stream"]
	url = $1
	post-url = /hook
	auth = bearer
	record = decision
	record = outcome
	secret-file = one
	ok-json = /taken==true
	timeout = 1s
	ca-file = ours.pem
[sink "bulk"]
	url = $1
	post-url = /_bulk
	auth = basic
	record = decision
	record = outcome
	secret-file = two
	format = template
	body-template = bulk.json
	frame = ndjson
	batch-max = 100
	ok-json = /items/*/create/status==201|409
	timeout = 1s
	ca-file = ours.pem
[sink "tickets"]
	template = ./tickets
	url = $1
	secret-file = three
	timeout = 1s
	ca-file = ours.pem
END
}

# ---- what happens ----

# landing N: a decision that names ticket 1, and that it landed
landing() {
	printf '{"kind":"decision","id":"%s",%s,"verdict":"pass",%s,%s}\n' \
		"$(id_of "$1")" '"time":"2026-01-02T10:00:00.000Z"' \
		'"tickets":[{"id":"#1"}],"repository":"payments/api"' \
		'"refs":[{"name":"refs/heads/main","gates":["g"]}],"persons":[]'
	printf '{"kind":"outcome","id":"%s",%s,"decision":"%s",%s,%s}\n' \
		"$(id_of $(($1 + 1)))" '"time":"2026-01-02T10:00:01.000Z"' \
		"$(id_of "$1")" '"repository":"payments/api"' \
		'"refs":[{"name":"refs/heads/main","old":"00","new":"11"}],"persons":[]'
}
# now OPTIONS: a run that does not wait for the time of the next attempt
now() {
	sed -i 's/"next_attempt": [0-9]*/"next_attempt": 0/' \
		ledger/cursors/*.json
	run_once "$@"
}
next=1
more() {
	{
		landing $next
		landing $((next + 2))
	} | "$HELPER" append ledger git.example.test || exit 99
	next=$((next + 4))
}
# all_is_there: each record once, in order, wherever it belongs
cat >there.py <<'END'
import json, sys, urllib.request
R = [json.loads(line) for line in open("requests")]
D = json.load(urllib.request.urlopen("http://127.0.0.1:%s/dump" % sys.argv[1]))
last = int(sys.argv[2])
def number(text): return int(text[-12:])
everything = list(range(1, last))
stream = [number(json.loads(r["body"])["id"]) for r in R
          if r["path"] == "/hook" and r.get("done")]
assert list(dict.fromkeys(stream)) == everything, ("stream", stream)
bulk = [number(name) for name in D["documents"]]
assert bulk == everything, ("bulk", bulk)
ticket, = D["tickets"].values()
told = [number(c) for c in ticket["comments"]]
assert sorted(told) == everything[1::2], ("tickets", told)
late = [n for n in told if n < max(told[:told.index(n) + 1])]
assert len(late) <= 1, ("order", told)  # of those that were parked
END
all_is_there() { python3 there.py "$port" $next; }
# none_is_done WORD: each destination has failed, and says so
none_is_done() {
	grep -l '"attempts": [1-9]' ledger/cursors/*.json >failing
	grep -l "\"error\": \".*$1" ledger/cursors/*.json | cmp - failing &&
		[ "$(wc -l <failing)" = "${2:-3}" ]
}

# asked CODE: what a hook is told of the ticket, and soon
asked() {
	start=$(date +%s%N)
	printf 'ticket #1\nrepository payments/api\nseconds 1\n' |
		"$COURIER" ticket --policy policy.conf tickets >out 2>err
	took=$((($(date +%s%N) - start) / 1000000))
	echo "$took ms"
	cat out err
	grep "\"code\":\"$1\"" out && [ "$took" -lt 3000 ]
}

: >requests
python3 "$src/t/sink-server.py" port requests mode elsewhere good=good.tls \
	name=name.tls expired=expired.tls early=early.tls foreign=foreign.tls \
	self=self.tls 2>server.log &
echo $! >pid
for f in port elsewhere.port good.port name.port expired.port early.port \
	foreign.port self.port; do
	tries=0
	until [ -s $f ] || [ $tries = 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
done
port=$(cat port)
plain=http://127.0.0.1:$port
policy_for "$plain"
python3 -c 'import sys, urllib.request
urllib.request.urlopen(sys.argv[1], b"""{"issue":
	{"key": "x", "description": "the ticket"}}""")' "$plain/issues.json"
more
test_that 'what is well gets all of it' 'run_once 0 && all_is_there'
test_that 'and answers what a hook asks' 'asked verified'

spoilt() {
	[ "$what" = hang ] || test_that \
		"$what: a hook gets no answer to rely on, and soon" \
		'asked "un[a-z]*"'
	test_that "$what, once it is done: that is noticed by none" '
		echo "always after $what" >mode
		now 1 && none_is_done "$word"'
}
# fault WORD MODE...: what is said of it; before and after doing what is asked
fault() {
	word=$1
	shift
	what=$*
	more
	test_that "$what: nothing counts as delivered" '
		echo "every $what" >mode
		now 1 && none_is_done "$word"'
	[ "$what" = drip ] || spoilt
	test_that "$what: then all is there, once and in order" '
		echo ok >mode
		now 0 && all_is_there'
}
fault 'answered 500' status 500
fault 'answered 429' later 600
fault 'timed out' hang # each takes a second; a hook: t2200
fault 'timed out' drip # as hang in all else
fault 'long' endless
fault 'headers are too long' headers
fault 'no proper answer' garbage
fault 'cut short' short
fault 'broke' reset
fault 'cut short\|broke' kill
fault 'not followed' redirect "http://127.0.0.2:$(cat elsewhere.port)/hook"

# Wrong by its body: 200, and nothing done.
more
test_that 'error: 200 with what says that it failed is no delivery' '
	echo "always error" >mode
	now 1 && none_is_done "answered 200, but "'
test_that 'error: nor does it let a push pass' '
	echo "every error" >mode
	asked unknown'
test_that 'error: then all is there, once and in order' '
	echo ok >mode
	now 0 && all_is_there'

# A product that is read, but not written to, for a while: what it refused is
# told when it takes again what it refused last.
later() {
	sed -i 's/"parked_time": [0-9]*/"parked_time": 1/' \
		ledger/cursors/tickets.json
}
more
echo 'always status 422' >mode
test_that 'what can be probed is not parked, what cannot is' '
	now 1 && status_is 2 lag_records 0 && status_is 2 parked 2 &&
	status_is 0 parked 0 && status_is 1 parked 0'
later
test_that 'after some time it is tried again, and stays where it is' \
	'now 1 && status_is 2 parked 2'
echo ok >mode
test_that 'not soon again' 'now 0 && status_is 2 parked 2'
later
test_that 'then all is there, although nobody asked' '
	now 0 && status_is 2 parked 0 && all_is_there'

# The endpoint is somebody else, or nobody knows since when.
cp requests before
stranger() {
	policy_for "https://localhost:$(cat "$1.port")"
	test_that "$2: nothing is sent" \
		'now 1 && none_is_done "$3" && cmp requests before'
	test_that "$2: nor is anybody asked" \
		'asked unreachable && cmp requests before'
}
more
certificate='TLS or the certificate failed'
stranger name 'a certificate for another name' "$certificate"
stranger expired 'an expired certificate' "$certificate.*expired"
stranger early 'one that is not valid yet' "$certificate.*not yet"
stranger foreign 'one of an authority that nobody named' "$certificate"
stranger self 'one that vouches for itself' "$certificate.*self"
cp port plain.port
stranger plain 'no TLS at all' "$certificate"
policy_for "https://localhost:$(cat good.port)"
test_that 'the right one: then all is there, once and in order' \
	'now 0 && all_is_there'

test_that 'and a hook has its answer' 'asked verified'

# Told to end, or to read the policy again, in the middle of requests.
in_the_middle() {
	echo "every wait 1" >mode
	cp requests before
	more
	"$COURIER" run --policy policy.conf >service.out 2>&1 &
	service=$!
	tries=0
	while cmp -s requests before && [ $tries -lt 50 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	kill -"$1" $service
	echo ok >mode
}
policy_for "$plain"
sed -i 's/timeout = 1s/timeout = 9s/' policy.conf
calm=$(wc -l <requests)
in_the_middle TERM
wait $service
status=$?
test_that 'told to end, it takes the answer that is on its way' \
	'[ $status = 0 ] && ! grep "stopped before" log'
test_that 'and the next one goes on behind it' 'now 0 && all_is_there'
in_the_middle HUP
test_that 'told to read the policy again, it does so, too, and goes on' '
	tries=0
	until all_is_there || [ $tries = 50 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	all_is_there'
kill -TERM $service
wait $service
test_that 'each of these was posted once' '
	python3 -c "
import json
R = [json.loads(line) for line in open(\"requests\")][$calm:]
ids = [json.loads(r[\"body\"])[\"id\"] for r in R
       if r[\"path\"] == \"/hook\" and r.get(\"done\")]
assert len(ids) == len(set(ids)) == 8, ids"'

test_that 'nobody was asked where a redirect pointed' \
	'! grep "\"at\": \"elsewhere\"" requests'
test_that 'no secret is in what was written or said' '
	courier status >/dev/null
	! grep -r -e s3cret -e "$(base64 <two | cut -c1-16)" ledger log \
		metrics out err'
test_that 'the log has a beginning and an end of each, and no more' '
	[ "$(grep -c "cannot deliver" log)" = \
		"$(grep -c "delivering again" log)" ]'
finish
