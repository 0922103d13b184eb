#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Sinks by configuration: endpoints that differ in login, body, framing, in
# what they call success and in whether they keep a record twice.

. "${srcdir:-.}/t/courier-lib.sh"

policy_of() {
	cat >policy.conf <<EOF2
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
EOF2
}
# sink NAME KEYS: a sink at /NAME of the server
sink() {
	printf '[sink "%s"]\n\turl = http://127.0.0.1:%s\n\ttimeout = 3s\n%s\n' \
		"$1" "$port" "$2" >>policy.conf
}
fresh() {
	rm -rf ledger requests mode
	policy_of
}
# requests EXPRESSION: over R, what the server got, one a line
requests() {
	python3 -c '
import json, sys
R = [json.loads(l) for l in open("requests")]
P = [r for r in R if r["method"] != "GET"]
for x in eval(sys.argv[1]): print(x)' "$1"
}
# decision N VERDICT [MEMBERS]
decision() {
	printf '{"kind":"decision","id":"%s","time":"2027-01-31T23:5%s:59.123Z",' \
		"$(id_of "$1")" "$(($1 % 10))"
	printf '"repository":"payments/api","verdict":"%s",%s"persons":[]}\n' \
		"$2" "${3:-}"
}
append() { "$HELPER" append ledger git.example.test || exit 99; }

python3 "$src/t/sink-server.py" port requests mode 2>server.log &
echo $! >pid
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s port ] && break
	sleep 0.1
done
port=$(cat port)
echo 'operator:t0p-s3cret' >login
echo t0p-s3cret >token
chmod 600 login token

# Logins
fresh
sink basic '	auth = basic
	secret-file = login
	post-url = /hook/basic?id=${id}'
sink bearer '	auth = bearer
	secret-file = token
	method = PUT
	post-url = /hook/bearer'
sink rt '	auth = token
	secret-file = token
	post-url = /hook/token'
sink hec '	auth = splunk
	secret-file = token
	post-url = /hook/splunk'
sink key '	header = X-Redmine-API-Key: ${secret}
	header = Idempotency-Key: ${id}
	secret-file = token
	post-url = /hook/key'
records 1 1
test_that 'every login delivers' 'run_once 0 && [ "$(requests "[len(R)]")" = 5 ]'
# login PATH HEADER: what that header was
login() {
	requests "[r['headers'].get('$2') for r in R if '/hook/$1' in r['path']]"
}
test_that 'each has its own header' '
	[ "$(login basic authorization)" = "Basic $(printf %s operator:t0p-s3cret |
		base64)" ] &&
	[ "$(login bearer authorization)" = "Bearer t0p-s3cret" ] &&
	[ "$(login token authorization)" = "token t0p-s3cret" ] &&
	[ "$(login splunk authorization)" = "Splunk t0p-s3cret" ] &&
	[ "$(login key x-redmine-api-key)" = t0p-s3cret ] &&
	[ "$(login key idempotency-key)" = "$(id_of 1)" ]'
test_that 'ids may stand in a URL, methods may differ' '
	requests "[r[\"path\"] for r in R]" | grep -qx "/hook/basic?id=$(id_of 1)" &&
	[ "$(requests "[r[\"method\"] for r in R if \"bearer\" in r[\"path\"]]")" = PUT ]'
echo 'always echo' >mode
records 2 2
courier run --once
test_that 'an endpoint that says back what it got brings no secret to light' \
	'! grep -r -e t0p-s3cret -e "$(base64 <login | cut -c1-16)" log ledger out err'

fresh
sink basic '	auth = basic
	secret-file = login
	record = decision
	post-url = /hook/basic'
coded=$(printf %s operator:t0p-s3cret | base64 | cut -c3-14)
# What is refused is tried twice, the one before between.
for said in 'no user 0perator with t0p-s3cr...' "bad: $coded" \
	'not "t0p-s3cr\et"' 'alice@example.com is no user'; do
	printf '%s\n' "say $said" ok "say $said"
done | sed '1iok' >mode
records 1 1
run_once 0
for i in 2 3 4 5; do
	records $i $i
	courier run --once
	courier status --json
	cat out
done >statuses
test_that 'no part of it, either' '
	status_is 0 parked 4 &&
	! grep -r -i -e t0p-s3c -e "$coded" log ledger statuses'
test_that 'and no name into a record' '
	grep -q alice log && ! grep -r alice ledger/segments &&
	[ "$(cat ledger/segments/* | grep -c "answered 400\"")" = 4 ]'

# Templates: what a pusher wrote stays a value
fresh
mkdir -p ready
cat >ready/body.json <<'END'
{"id": "${id}", "text": "${jsonstr:/text}", "as": ${json:/text},
 "none": ${json:/nothing|[]}, "grade": ${map:/verdict|pass=1,reject=3,*=0},
 "url": "https://x/?q=${url:/text}", "words": "${jsonstr:summary}",
 "comment": ${json:comment}, "b64": "${base64:/text}", "$${": "${html:/markup}",
 "whole": ${json:record}, "n": ${index}, "at": ${time-ms}}
END
printf '[sink]\n\tformat = template\n\tbody-template = body.json\n\theader = X-Ready: yes\n' \
	>ready/sink.conf
sink ready '	template = ./ready
	post-url = /hook'
{
	decision 1 reject '"problems":1,"refs":[{"name":"refs/heads/main","gates":["g"],"old":"00","new":"11"}],"markup":"<b>&","text":"a\"b\\c\u0001\n</script>${id}\u202e%&é",'
} | append
test_that 'a ready template is a folder of data' \
	'run_once 0 && [ "$(requests "[r[\"headers\"][\"x-ready\"] for r in R]")" = yes ]'
cat >escaped.py <<'END'
import base64, json, urllib.parse
b = json.loads(json.loads(open("requests").readline())["body"])
text = b["whole"]["text"]
assert b["text"] == b["as"] == text == 'a"b\\c\x01\n</script>${id}\u202e%&\u00e9', text
assert urllib.parse.unquote(b["url"]) == "https://x/?q=" + text
assert base64.b64decode(b["b64"]).decode() == text
assert b["${"] == "&#60;b&#62;&#38;", b["${"]
assert (b["none"], b["grade"], b["n"], b["at"]) == ([], 3, 0, 1801439519123)
assert b["words"] == "refused: 1 problem, main in payments/api", b["words"]
END
test_that 'what is inserted is escaped for its place' 'python3 escaped.py'
test_that 'the comment says it in words, with the id' '
	requests "[json.loads(r[\"body\"])[\"comment\"] for r in R]" >said2 &&
	grep "^gatepost: refused: 1 problem, main in payments/api" said2 &&
	grep "^Record: $(id_of 1)" said2'

# Batches
fresh
sink batch '	format = cloudevents-batch
	batch-max = 4
	post-url = /hook/batch'
sink lines '	format = ndjson
	batch-max = 100
	batch-bytes = 1k
	post-url = /hook/lines'
printf '{"create":{"_id":"${id}"}}\n${json:record}\n' >bulk.json
sink bulk '	format = template
	body-template = bulk.json
	frame = ndjson
	batch-max = 100
	record = decision
	ok-json = /items/*/create/status==201|409
	post-url = /_bulk'
printf '{"key":"${id}","value":${json:record}}\n' >topic.json
sink topic '	format = template
	body-template = topic.json
	frame = ndjson
	batch-max = 3
	record = decision
	ok-json = /error_code==200
	post-url = /topic'
printf '${json:record}\n' >row.json
sink rows '	format = template
	body-template = row.json
	frame = array
	batch-max = 1000
	record = decision
	header = Prefer: resolution=ignore-duplicates
	post-url = /rows?on_conflict=id'
records 1 3
records 4 4 poison
records 5 10
courier run --once --deadline 12
status=$?
test_that 'every record arrives, in as few requests as may be' '
	[ "$(requests "[[len(json.loads(r[\"body\"])) for r in R
		if r[\"path\"] == \"/hook/batch\"]]")" = "[4, 4, 2]" ] &&
	[ "$(requests "[sum(len(r[\"body\"].splitlines()) for r in R
		if r[\"path\"] == \"/hook/lines\")]")" = 10 ] &&
	[ "$(requests "[[len(json.loads(r[\"body\"])) for r in R
		if \"/rows\" in r[\"path\"]]]")" = "[10]" ]'
test_that 'their media types are those of the formats' '
	requests "sorted({(r[\"path\"][:9], r[\"headers\"][\"content-type\"]) for r in R})" |
	tee said2 | grep -F "cloudevents-batch+json" && grep -F x-ndjson said2'
test_that 'of a bulk what fails is sent alone, then parked; the rest is done' '
	echo "status $status"; status_is 2 parked 1 && status_is 2 last_parked "$(id_of 4)" &&
	status_is 2 sent 9 && status_is 3 parked 1 && status_is 3 sent 9'

# Retry of what is parked
test_that 'status lists what is parked, and why' '
	! courier status &&
	grep "^    $(id_of 4): the endpoint answered 200, but not with /items" out &&
	status_json 2 parked_records 0 reason'
test_that 'retry says so when there is no such record' '
	! courier retry "$(id_of 5)" && grep "nothing of that is parked" err &&
	! courier retry nowhere --all && grep "no such destination" err &&
	! courier retry && grep "needs the id" err'
test_that 'what is refused again stays where it is' '
	courier retry bulk "$(id_of 4)"
	grep "destination bulk: 1 parked record will be sent again" out &&
	status_is 2 parked 1 && status_is 3 parked 1 && [ ! -e ledger/cursors/bulk.retry ]'
: >mode.cured
test_that 'what is taken then is parked no more' '
	courier retry --all; status_is 2 parked 0 && status_is 3 parked 0 &&
	! ls ledger/cursors/*.parked ledger/cursors/*.retry'

# Products that keep a record twice are asked first
fresh
printf '{"id":"${id}","n":${index}}\n' >record.json
sink store '	format = template
	body-template = record.json
	post-url = /records
	id-json = /id
	lookup-url = /records?id=${id}
	lookup-found = /total>0'
printf '%s\n' lost kill 'status 502' ok lost >mode
records 1 3
test_that 'lost answers, broken connections, errors: delivered in the end' \
	'run_once 0 --deadline 20'
dump() {
	python3 -c '
import json, sys, urllib.request
D = json.load(urllib.request.urlopen("http://127.0.0.1:%s/dump" % sys.argv[1]))
print(eval(sys.argv[2]))' "$port" "$1"
}
test_that 'and each exactly once' \
	'[ "$(dump "(len([d for d in D[\"documents\"].values() if \"n\" in d]), D[\"twice\"])")" = "(3, [])" ]'

# A call that follows, until it is confirmed
fresh
printf '{"event":${json:record}}' >hec.json
printf '{"acks":[${remote-id}]}' >ack.json
sink hec '	format = template
	body-template = hec.json
	frame = ndjson
	batch-max = 100
	post-url = /collector
	ok-json = /code==0
	id-json = /ackId
	then-url = /collector/ack
	then-template = ack.json
	then-ok-json = /acks/${remote-id}==true'
records 1 5
test_that 'a confirmation is asked for until it comes' '
	run_once 0 && [ "$(requests "[len([r for r in R if \"ack\" in r[\"path\"]])]")" = 3 ] &&
	[ "$(requests "[len([r for r in R if r[\"path\"] == \"/collector\"])]")" = 1 ]'

# Waiting as the endpoint asks
fresh
sink hook '	post-url = /hook'
records 1 1
echo 'date 2' >mode
start=$(date +%s)
test_that 'a Retry-After that is a date is honoured' '
	run_once 0 --deadline 20 && [ $(($(date +%s) - start)) -ge 1 ]'

# What is posted at all
fresh
sink bad '	verdict = reject
	record = decision
	record = outcome
	post-url = /bad'
sink grave '	severity = high
	post-url = /grave'
sink gate '	gate = rel*
	repo = payments/**
	record = decision
	post-url = /gate'
{
	decision 1 pass '"refs":[{"name":"r","gates":["dev"]}],'
	decision 2 reject '"severity":"low","refs":[{"name":"r","gates":["release"]}],'
	decision 3 warn '"severity":"critical","refs":[{"name":"r","gates":["release"]}],'
	printf '{"kind":"outcome","id":"%s","time":"2027-01-31T23:59:59Z","decision":"%s","repository":"payments/api","persons":[]}\n' \
		"$(id_of 4)" "$(id_of 2)" "$(id_of 5)" "$(id_of 3)"
} | append
run_once 0 >/dev/null
# got PATH: the last digits of what came there
got() {
	requests "[int(json.loads(r['body'])['id'][-12:]) for r in R
		if r['path'] == '/$1']" | tr '\n' ' '
}
test_that 'by verdict, also what came of it' '[ "$(got bad)" = "2 4 " ]'
test_that 'by severity' '[ "$(got grave)" = "3 5 " ]'
test_that 'by gate and repository' '[ "$(got gate)" = "2 3 " ]'
test_that 'what is passed over is no lag' \
	'status_is 0 lag_records 0 && status_is 1 lag_records 0'

finish
