#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The courier may be killed before any system call, of its own or of one of its
# drainers: the next run ends what it began. Every destination has got every
# record, in order; those that would keep a record twice have it once, and what
# was refused is parked. By default some of the calls are tried; with LONG=1,
# all.

. "${srcdir:-.}/t/courier-lib.sh"

command -v "${CC:-cc}" >/dev/null || skip_all 'no compiler'
"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -o kill-at "$src/t/kill-at.c" \
	>out 2>&1 || skip_all 'kill-at.c does not compile here'
./kill-at 0 calls /bin/true || skip_all 'processes may not be traced here'

python3 "$src/t/sink-server.py" port requests mode 2>server.log &
echo $! >pid
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s port ] && break
	sleep 0.1
done
port=$(cat port)
echo whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw >secret
printf '{"issue": {"key": "${change-key}", "description": "${id}", "notes": "${id}"}}' \
	>issue.json
printf '{"id": "${id}"}' >record.json
printf '{"create":{"_id":"${id}"}}\n{"text":${json:/text}}' >bulk.json
cat >policy.conf <<END
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
[sink "signed"]
	url = http://127.0.0.1:$port/hook/signed
	record = decision
	record = outcome
	sign = standard-webhooks
	secret-file = secret
[sink "once"]
	url = http://127.0.0.1:$port
	record = decision
	format = template
	body-template = record.json
	post-url = /records
	lookup-url = /records?id=\${id}
	lookup-found = /total>0
	then-url = /hook/then
	then-template = record.json
[sink "bulk"]
	url = http://127.0.0.1:$port/_bulk
	record = decision
	format = template
	body-template = bulk.json
	frame = ndjson
	batch-max = 3
	ok-json = /items/*/create/status==201|409
[sink "tickets"]
	url = http://127.0.0.1:$port
	per = change
	open = refusal
	open = landing
	format = template
	post-url = /issues.json
	body-template = issue.json
	id-json = /issue/id
	lookup-url = /issues.json?key=\${change-key}
	lookup-found = /total_count>0
	lookup-id = /issues/0/id
	comment-url = /issues/\${remote-id}
	comment-method = PUT
	comment-template = issue.json
	comment-lookup-url = /issues/\${remote-id}
	comment-lookup-found = /issue/description=~\${id}
	comment-lookup-found = /issue/journals/*/notes=~\${id}
END

# decision N VERDICT TEXT; outcome N DECISION
decision() {
	printf '{"kind":"decision","id":"%s","time":"2026-01-02T10:00:00.000Z",' \
		"$(id_of "$1")"
	printf '"repository":"payments/api","verdict":"%s","text":"%s",' "$2" "$3"
	printf '"refs":[{"name":"refs/heads/main","real":"refs/heads/main",'
	printf '"old":"0000","new":"%s","gates":["release"]}],' "$1"
	printf '"tickets":[{"id":"CHG1"}],"persons":[]}\n'
}
outcome() {
	printf '{"kind":"outcome","id":"%s","time":"2026-01-02T10:00:00.000Z",' \
		"$(id_of "$1")"
	printf '"repository":"payments/api","decision":"%s",' "$(id_of "$2")"
	printf '"refs":[{"name":"refs/heads/main","old":"00","new":"11"}],'
	printf '"persons":[]}\n'
}
{
	decision 1 reject a
	decision 2 pass b
	outcome 3 2
	decision 4 reject poison
	decision 5 reject c
	decision 6 pass d
	outcome 7 6
} | "$HELPER" append young git.example.test || exit 99

cat >check.py <<'END'
import json, re, sys, urllib.request
D = json.load(urllib.request.urlopen("http://127.0.0.1:%s/dump" % sys.argv[1]))
def number(text): return int(re.findall("9d3f-0*([0-9]+)", text)[-1])
def fail(what, got): print(what, got)
got = {}
for line in open("requests"):
    r = json.loads(line)
    whole = int(r["headers"].get("content-length", 0)) == len(r["body"].encode())
    if whole and r["method"] != "GET" and "/hook/" in r["path"]:
        e = json.loads(r["body"])
        got.setdefault(r["path"], []).append(number(e["id"]))
for path, want in ("/hook/signed", [1, 2, 3, 4, 5, 6, 7]), \
        ("/hook/then", [1, 2, 4, 5, 6]):
    if list(dict.fromkeys(got[path])) != want or len(got[path]) > len(want) + 1:
        fail(path, got[path])
if D["twice"]:
    fail("created twice", D["twice"])
for prefix, want in ("", [1, 2, 4, 5, 6]), ("bulk-", [1, 2, 5, 6]):
    kept = [number(k) for k in D["documents"] if k.startswith("bulk-") == bool(prefix)]
    if kept != want:
        fail("kept by " + (prefix or "records"), kept)
T = D["tickets"]
if len(T) != 1 or number(T["1"]["text"]) != 1 or \
        [number(c) for c in T["1"]["comments"]] != [3, 4, 7]:
    fail("tickets", T)
END

# round COMMAND…: from the beginning
begin() {
	rm -rf ledger
	cp -rp young ledger
	: >requests
	python3 -c 'import sys, urllib.request as u
u.urlopen("http://127.0.0.1:%s/reset" % sys.argv[1]).read()' "$port"
}
# end: whoever was killed leaves drainers that end by themselves
end() {
	for _ in 1 2 3 4 5 6 7 8; do
		sed -i 's/"next_attempt": *[0-9]*/"next_attempt": 0/' \
			ledger/cursors/*.json 2>/dev/null
		courier run --once --deadline 5 && break
		sleep 0.1
	done
	python3 check.py "$port" >found 2>&1
	parked=$(cat ledger/cursors/*.parked | wc -l)
	[ "$parked" = 1 ] || echo "$parked are parked" >>found
	ls ledger/cursors | grep -q tmp && echo "temporary files are left" >>found
	courier status --json || [ $? = 1 ] || echo 'no status' >>found
	if [ -s found ]; then
		echo "$1:"
		cat found
	fi
}

begin
: >calls
./kill-at 0 calls "$COURIER" run --once --policy policy.conf >out 2>&1
until [ -s calls ]; do sleep 0.01; done
total=$(tail -n 1 calls)
end 'not killed' >faults
if [ -n "${LONG:-}" ]; then step=1; else step=$((total / 10 + 1)); fi
tries=0
for k in $(seq 3 $step "$total"); do
	begin
	./kill-at "$k" calls "$COURIER" run --once --policy policy.conf \
		>out 2>&1
	end "killed at call $k" >>faults
	tries=$((tries + 1))
done
echo "# killed at $tries of $total system calls"
sed 's/^/# /' faults | head -n 60
test_that 'wherever it is killed, every record arrives as often as it should' \
	'[ ! -s faults ]'

# What comes of it cannot be written down: then nothing is sent, however often
# it starts.
begin
for _ in 1 2 3; do
	./kill-at -e sync+ 1 calls "$COURIER" run --once --policy policy.conf \
		>out 2>&1
done
test_that 'while the disk fails nothing is sent again and again' '
	! grep -v "\"GET\"" requests && grep "destination .*sync" log'
end 'on a failing disk' >faults
test_that 'and all of it when it works' 'cat faults; [ ! -s faults ]'
finish
