#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost check: a developer hears in the clone what the server would say.

. "$(dirname "$0")/lib.sh"

policy_file << 'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = security
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = ai
	rule = linear
[gate "payments"]
	repo = payments/**
	ref = refs/heads/main
	rule = two
[rule "ai"]
	check = provenance
	agents = any
[rule "linear"]
	check = history
[rule "two"]
	check = review
	quorum = 1 of security
END
policy=$work/etc/policy.conf

check() {
	(cd "$clone" && "$gatepost" check --policy "$policy" "$@") \
		> "$work/printed" 2> "$work/said"
	rc=$?
}
# problems FILE: what is said of them, without who says it
problems() {
	sed -n '/^error: failed to push/d
		s/^remote: //; s/ *$//; /^error: main/d; /^error: /p; /^hint: /p
		/^warning: /p; /^advice: /p' "$1"
}
# same NAME REF: the check of origin/REF..HEAD and a push to REF say the same
same() {
	check --repository "$repository" "origin/$2..HEAD"
	checked=$rc
	problems "$work/said" > "$work/check-said"
	push "HEAD:refs/heads/$2"
	problems "$work/answer" > "$work/push-said"
	is "$checked" "$pushed" "$1: the same verdict"
	if cmp -s "$work/check-said" "$work/push-said"; then
		ok "$1: the same words"
	else
		not_ok "$1: the same words" "$work/check-said" "$work/push-said"
	fi
}

for format in sha1 sha256; do
	repository=$format
	new_server "$format" "$format"
	change 'feat: by hand'
	same "$format, fine" main
	has "$work/said" '^gatepost: main would be accepted$' \
		"$format: one line says so"
	change 'feat: with a tool

Generated with [Claude Code](https://claude.com/claude-code)'
	commit more more 'feat: and another

Generated with [Claude Code](https://claude.com/claude-code)'
	same "$format, two undeclared" main
	yes "$format: there was something to compare" \
		test "$(wc -l < "$work/check-said")" -ge 3
	is "$(head -n 1 "$work/said")" \
		'error: main would not be updated: 2 problems.' \
		"$format: the first line speaks of what would be"
	is "$(tail -n 1 "$work/said")" \
		'error: main would not be updated. Help: https://wiki.example.com/gatepost' \
		"$format: so does the last"
	# what the answer says to type makes both go through
	sed -n 's/MODEL/claude-opus-4-6/g; s/^hint:   FILTER/FILTER/p' \
		"$work/said" > "$work/remedy"
	(cd "$clone" && sh -e "$work/remedy") > "$work/out" 2>&1
	same "$format, mended with the command printed" main
	is $pushed 0 "$format: it goes through then"
	change 'feat: rewound'
	git -C "$clone" reset -q --hard HEAD~2
	commit other other 'feat: rewound'
	check origin/main..HEAD
	is $rc 1 "$format: a rewind is refused"
	has "$work/said" 'would lose commits' "$format: as on the server"
done

# ---- the range ----

reset_clone
commit bad bad 'feat: bad

Generated with [Claude Code](https://claude.com/claude-code)'
git -C "$clone" tag before HEAD~1
check origin/main..
is $rc 1 'OLD.. goes up to HEAD'
check ..HEAD
is $rc 0 '..NEW begins at HEAD'
check before..HEAD
is $rc 1 'any two revisions'
has "$work/said" '^error: main would' 'bound for main'
check "$(git -C "$clone" rev-parse HEAD~1)..$(git -C "$clone" rev-parse HEAD)"
is $rc 1 'ids'
check HEAD
is $rc 1 'one revision is judged with all of its history'
check HEAD~1..HEAD~1
is $rc 0 'nothing new'
check origin/main...HEAD
is $rc 2 'three dots'
has "$work/said" 'two dots' 'the remedy is told'
check nowhere..HEAD
is $rc 2 'no such revision'
has "$work/said" 'nowhere' 'it is named'
check
is $rc 2 'no range'
has "$work/said" 'RANGE is missing' 'that is told'
check HEAD HEAD~1
is $rc 2 'two ranges'

# ---- where it goes, and what applies there ----

check --ref other origin/main..HEAD
is $rc 0 'a ref outside of every gate'
check --ref release/1 origin/main..HEAD
is $rc 1 'another gated branch'
has "$work/said" '^error: release/1 would' 'it is named'
check --ref refs/heads/release/2 origin/main..HEAD
is $rc 1 'a ref in full'
git -C "$clone" update-ref refs/remotes/origin/release/3 origin/main
check origin/release/3..HEAD
has "$work/said" '^error: release/3 would' 'what OLD names on a remote'
check --repository payments/api origin/main..HEAD~1
is $rc 0 'nothing to approve'
check --repository payments/api origin/main..HEAD
has "$work/said" 'needs 1 approval from security' "another repository's rules"
(cd "$clone" && "$gatepost" check --policy "$work/none" HEAD) > "$work/out" 2>&1
is $? 2 'no policy'
(cd / && "$gatepost" check --policy "$policy" HEAD) > "$work/out" 2>&1
is $? 2 'no repository'
has "$work/out" 'not inside a git repository' 'that is told'
sed 's/mode = enforce/mode = warn/' "$policy" > "$work/etc/warn.conf"
(cd "$clone" && "$gatepost" check --policy "$work/etc/warn.conf" \
	origin/main..HEAD) > "$work/out" 2>&1
is $? 0 'a policy that only warns'
has "$work/out" '^warning: .*tool not stated' 'its warning'
has "$work/out" 'would be accepted with 1 problem that will be refused' \
	'what will be'
is "$(git -C "$clone" for-each-ref refs/heads/main refs/tags | wc -l)" 2 \
	'no ref was moved'

# ---- JSON ----

check --json origin/main..HEAD
is $rc 1 '--json'
is "$(cat "$work/said")" '' 'nothing else is printed'
# json NAME EXPRESSION: about d
json() {
	if "$python" -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)' "$work/printed" "$2"; then
		ok "$1"
	else
		not_ok "$1" "$work/printed"
	fi
}
json 'its kind' 'd["kind"] == "check"'
json 'the verdict' 'd["verdict"] == "reject" and d["refs"][0]["commits"] == 1'
json 'the findings, with their rule and code' '[(f["rule"], f["check"],
	f["code"]) for f in d["findings"]] == [("ai", "provenance", "undeclared")]'
json 'people in clear' 'd["findings"][0]["person"]["email"] ==
	"alice@example.com"'
json 'no salt' '"salt" not in json.dumps(d)'
i=0
while [ $((i += 1)) -le 150 ]; do
	git -C "$clone" commit -q --allow-empty -m "empty $i

Generated with [Claude Code](https://claude.com/claude-code)"
done
before=$(find "$work/ledger" -type f | wc -l)
check --json origin/main..HEAD
json 'a list of any length is printed' 'len(d["findings"]) == 151'
is "$(find "$work/ledger" -type f | wc -l)" "$before" 'nothing is recorded'

sed -i 's/mode = enforce/mode = warn/' "$work/etc/policy.conf"
check origin/main..HEAD
is "$rc" 0 'a policy that only warns accepts'
check --enforce origin/main..HEAD
is "$rc" 1 '--enforce: as where the server enforces'

done_testing
