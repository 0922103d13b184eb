#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger list with filters: each shows the records that are meant and
# no others, with and without the index, and whatever happened to that.

. "$(dirname "$0")/lib.sh"

signing_key bob
policy_file << 'END'
[signers]
	ssh = signers
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/r/*
	rule = ai
[rule "ai"]
	check = provenance
	agents = any
[rule "two"]
	check = review
	quorum = 1
[gate "two"]
	ref = refs/heads/two
	rule = two
END
new_server one
change 'feat: by hand'
accepted 'a push' HEAD:main
by_hand=$(git -C "$clone" rev-parse HEAD)
commit ai ai 'feat: ai

Assisted-by: Claude:claude-opus-4-6'
accepted 'with a tool' HEAD:main
commit ai no 'feat: claude did it

Co-authored-by: Claude <noreply@anthropic.com>'
as bob
push HEAD:main HEAD:two
as alice
i=0
while [ $((i += 1)) -le 120 ]; do
	git -C "$clone" update-ref "refs/heads/r/$i" origin/main
done
accepted 'more refs than a record holds' 'refs/heads/r/*:refs/heads/r/*'
new_server two
change 'feat: elsewhere'
accepted 'another repository' HEAD:main
elsewhere=$(git -C "$clone" rev-parse HEAD)

# filters ARGUMENTS…: the records, those of reading left out, sorted
filters() {
	"$gatepost" ledger list --json --ledger "$work/ledger" "$@" \
		2> "$work/errors" |
		grep -v '"kind":"access"'
}
# finds NAME PYTHON-EXPRESSION ARGUMENTS…: as if everything had been read
finds() {
	name=$1 expression=$2; shift 2
	filters "$@" > "$work/found"
	"$python" -c 'import json, sys
def people(v):
	if isinstance(v, dict):
		for k, x in v.items():
			if k in ("person", "people"):
				for p in x if isinstance(x, list) else [x]:
					yield p
			else: yield from people(x)
	elif isinstance(v, list):
		for x in v: yield from people(x)
def person(d, name): return any(name in p.values() for p in people(d))
def refs(d): return [r["name"] for r in d.get("refs", [])]
for line in open(sys.argv[1], encoding="utf-8"):
	d = json.loads(line)
	if eval(sys.argv[2]): sys.stdout.write(line)' \
		"$work/all" "$expression" > "$work/wanted"
	if [ -s "$work/wanted" ] && cmp -s "$work/found" "$work/wanted"; then
		ok "$name"
	else
		diff "$work/found" "$work/wanted" | cut -c1-200 > "$work/diff"
		not_ok "$name" "$work/diff"
	fi
}

all_filters() {
	records > "$work/all"
	finds "$1: repository" 'd.get("repository") == "two"' --repository two
	finds "$1: kind" 'd["kind"] == "install"' --kind install
	finds "$1: verdict" 'd.get("verdict") == "reject"' --verdict reject
	finds "$1: commit" "'$by_hand' in line" --commit "$by_hand"
	finds "$1: its beginning" "'$elsewhere' in line" \
		--commit "$(printf %.10s "$elsewhere" | tr a-f A-F)"
	finds "$1: person" 'person(d, "bob")' --principal bob
	finds "$1: e-mail" 'person(d, "alice@example.com")' \
		--principal alice@example.com
	finds "$1: ref" '"refs/heads/two" in refs(d)' --ref two
	finds "$1: ref of a long list" '"refs_evidence" in d' \
		--ref refs/heads/r/77
	finds "$1: rule" '"two" in [r["rule"] for r in d.get("rules", [])]' \
		--rule two
	finds "$1: agent" 'd.get("provenance")' --agent claude-code
	finds "$1: several" '(d.get("repository") == "one" and
		d["kind"] == "decision" and d["verdict"] == "pass" and
		person(d, "alice"))' \
		--repository one --kind decision --verdict pass \
		--principal alice
	is "$(filters --repository one --ref nowhere | wc -l)" 0 "$1: nothing"
}
all_filters 'a few records'

# ---- time ----

"$gatepost" ledger list --ledger "$work/ledger" --since 1h > "$work/out"
yes 'since: an hour ago' test "$(wc -l < "$work/out")" -ge 10
is "$(filters --until 1h | wc -l)" 0 'until: an hour ago'
is "$(filters --since 2099-01-01 | wc -l)" 0 'since: a day to come'
is "$(filters --until 2099-01-01 | wc -l)" "$(records | wc -l)" \
	'until: a day to come'
is "$("$gatepost" ledger list --ledger "$work/ledger" --limit 3 --kind \
	decision | wc -l)" 3 'limit'
filters --kind decision > "$work/out"
filters --kind decision --limit 2 > "$work/found"
tail -n 2 "$work/out" > "$work/wanted"
yes 'limit: the last ones, oldest first' cmp "$work/found" "$work/wanted"

# ---- mistakes ----

for words in '--since yesterday' '--limit 0' '--limit x' '--commit abc' \
	'--commit xyzxyz' '--verdict good' '--kind decisions' \
	'--since 2027-01-01 --until 2026-01-01'; do
	# shellcheck disable=SC2086 # several words
	"$gatepost" ledger list --ledger "$work/ledger" $words \
		> "$work/out" 2>&1
	is $? 2 "$words is a mistake"
done

# ---- many ----

# Records as other servers leave them, appended behind those of this one
"$python" - "$work/ledger" << 'END'
import binascii, glob, json, os, sys, uuid
d = sys.argv[1]
seg = sorted(glob.glob(d + "/segments/*.log"))[-1]
n = sum(l.startswith(b"#record ") for l in open(seg, "rb"))
out = open(seg, "ab")
for i in range(n, 9000):
	ms = 1600000000000 + i * 60000
	u = str(uuid.UUID(int=(ms << 80) | 7 << 76 | 2 << 62 | i))
	j = json.dumps({"v": 1, "id": u, "kind": "outcome", "repository":
		"r%d" % (i % 50), "time": "2020-09-13T12:26:40.000Z",
		"refs": [{"name": "refs/heads/main", "old": "0" * 40,
			  "new": "%040x" % (i << 120)}],
		"persons": []}, separators=(",", ":")).encode()
	head = b"#record %d %d 2 %s" % (i, len(j), u.encode())
	crc = binascii.crc32(head, binascii.crc32(j))
	out.write(head + b" %08x %08x\n" % (crc, binascii.crc32(b"[]")) + j +
		  b"\n[]\n")
END
rm "$work/ledger/state"
"$gatepost" ledger list --ledger "$work/ledger" --commit "$by_hand" \
	> "$work/out"
yes 'runs are written' test -f \
	"$work/ledger/find/0/00000000000000000000"
all_filters 'many records'
finds 'many records: one of a run' '"r7" == d.get("repository")' \
	--repository r7
id=$(sed -n '5000s/.*"id":"\([^"]*\)".*/\1/p' "$work/all")
yes 'show by an id whose time is no help' "$gatepost" ledger show \
	--ledger "$work/ledger" "$id"
yes 'and by the beginning of one' "$gatepost" ledger show \
	--ledger "$work/ledger" "$(printf %.13s "$id")"

# ---- an index that is damaged, old or not there ----

run=$work/ledger/find/0/00000000000000000000
cp "$run" "$work/run"
for how in 'truncate -s 5000' 'truncate -s 0' 'truncate -s 4095' \
	'cp /dev/null' 'rm -f'; do
	$how "$run"
	finds "a run after $how" '"r7" == d.get("repository")' --repository r7
done
yes 'it is written again' cmp "$run" "$work/run"
"$python" - "$run" << 'END'
import os, sys
f = open(sys.argv[1], "r+b")
for block in range(1, os.path.getsize(sys.argv[1]) // 4096):
	f.seek(block * 4096 + 9)
	f.write(bytes(12))
END
finds 'a run with damaged blocks' '"r7" == d.get("repository")' \
	--repository r7
cp "$work/ledger/find/0/00000000000000004096" "$run"
finds "another run's content" '"r7" == d.get("repository")' --repository r7
yes 'reindex' "$gatepost" ledger reindex --ledger "$work/ledger"
yes 'makes it again' cmp "$run" "$work/run"
rm -rf "$work/ledger/find"; : > "$work/ledger/find"
finds 'an index that cannot be written' '"r7" == d.get("repository")' \
	--repository r7
rm "$work/ledger/find"

# a run never leads to a damaged record unsaid
segment=$(ls "$work"/ledger/segments/*.log | head -n 1)
"$python" - "$segment" << 'END'
import sys
b = open(sys.argv[1], "rb").read()
at = b.index(b'"repository":"r7"')
open(sys.argv[1], "r+b").write(b[:at] + b'"repository":"r9"' + b[at + 17:])
END
rm -rf "$work/ledger/find"
"$gatepost" ledger list --ledger "$work/ledger" --repository r9 \
	> "$work/out" 2> "$work/errors"
is $? 2 'a damaged record is an error, found or not'
has "$work/errors" 'is damaged or missing' 'that is said'
yes 'its range has no run' test ! -e "$run"

done_testing
