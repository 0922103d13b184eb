#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost approvals: on the server, who has approved a change, what counts,
# why the rest does not, and what is missing.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for name in alice bob carol dave robot; do signing_key $name; done
policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = security
[principal "carol"]
	email = carol@example.com
	login = carol
[principal "dave"]
	email = dave@example.com
	login = dave
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
[signers]
	ssh = signers
	ssh-revoked = revoked
[area "payments"]
	path = pay/**
[gate "main"]
	ref = refs/heads/main
	rule = two-people
	rule = payments-security
	rule = history
[rule "two-people"]
	check = review
	quorum = 2
[rule "payments-security"]
	check = review
	when = area:payments
	quorum = 1 of security
[rule "history"]
	check = history
END
: > "$work/etc/revoked"
new_server approvals

# explain EXIT-STATUS NAME ARGUMENTS…: $work/told, and as JSON $work/json
explain() {
	status=$1 name=$2; shift 2
	"$gatepost" -C "$server" approvals "$@" > "$work/told" 2> "$work/err"
	is $? "$status" "$name"
	"$gatepost" -C "$server" approvals --json "$@" > "$work/json" \
		2>> "$work/err"
	is $? "$status" "$name, as JSON"
}
# json EXPRESSION WANTED NAME: of d, the object
json() {
	is "$("$python" -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$work/json" "$1" 2>&1)" "$2" "$3"
}
says() { has "$work/told" "$1" "$2"; }
# approved_by WHO [KEY]
approved_by() {
	sign_as "$1"
	git config --global user.signingKey "$work/key-${2:-$1}"
	approve main HEAD || sed 's/^/# /' "$work/approve"
	as alice
}

# ---- nobody yet ----

change 'fix: no payments'
push HEAD:refs/heads/feature
explain 1 'nobody has approved' main feature
says 'rule two-people: not satisfied, 1 of 1 commits' 'the rule lacks something'
says 'needs 2 approvals, has 0' 'what it lacks'
says 'nobody has approved' 'and who approved'
says 'a reviewer runs: git approve main' 'and what to do'
says 'rule payments-security: not-applicable' 'another is not asked'
json 'd["satisfied"], [r["result"] for r in d["rules"]]' \
	"(False, ['fail', 'not-applicable'])" 'JSON: the results'
json 'd["rules"][0]["lacks"]' "['needs 2 approvals, has 0']" 'JSON: what lacks'
json 'd["new"], d["ref"], d["repository"]' \
	"('$(git -C "$clone" rev-parse HEAD)', 'refs/heads/main', 'approvals')" \
	'JSON: of what'

# ---- one, and some that do not count ----

approved_by bob
approved_by alice
explain 1 'one is not enough' main feature
says 'needs 2 approvals, has 1' 'it says how many'
says "^  counts    bob, $(date -u +%Y)-" 'who counts, since when'
says "key $(ssh-keygen -lf "$work/key-bob.pub" | cut -d' ' -f2), presence not" \
	'with which key, and that nobody proved to be there'
says '^  no        alice, ' 'who does not'
says 'because: .*wrote part of the change' 'and why'
json '[(a["principal"], a["counted"], a["presence"]) for a in
	d["rules"][0]["approvals"]]' \
	"[('alice', False, False), ('bob', True, False)]" 'JSON: all of them'
json 'sorted(a["ref"].split("/")[3] for a in d["rules"][0]["approvals"])' \
	"['alice-1', 'bob-1']" 'JSON: where they are'
json 'all(git and len(git) == 40 for git in
	[a["tag"] for a in d["rules"][0]["approvals"]])' True 'JSON: their tags'

approved_by robot
approved_by carol
explain 0 'two are enough' main feature
says 'rule two-people: satisfied' 'it says so'
says 'because: .*is a bot' 'a bot is listed all the same'
json 'd["satisfied"], len(d["rules"][0]["approvals"])' '(True, 4)' \
	'JSON: satisfied, four of them'
has_not "$work/told" 'needs 2' 'and nothing lacks'

# ---- revoked, by another name of the tip, by full names ----

cat "$work/key-carol.pub" > "$work/etc/revoked"
explain 1 'a revoked key' refs/heads/main \
	"$(git -C "$clone" rev-parse HEAD)"
says 'because: .*the key is revoked' 'is told'
: > "$work/etc/revoked"

accepted 'what it explained is so: the push passes' HEAD:main
explain 0 'what has landed needs nothing more' main feature

# ---- what only the ledger knows ----

change 'fix: bob is the first to push this'
approved_by bob
push HEAD:refs/heads/again
explain 1 'who brought it' main again
says 'because: .*brought the change to the server' 'does not count'

# ---- payments ----

reset_clone main
commit pay/x 'money' 'fix: payments'
push HEAD:refs/heads/pay
approved_by carol
approved_by dave
explain 1 'the role is missing' main pay
says 'rule two-people: satisfied' 'two people are there'
says 'rule payments-security: not satisfied' 'none of security'
says 'needs 1 approval from security' 'it says so'
says 'because: .*lacks the role security' 'and why these are none'
approved_by bob
explain 0 'bob has the role' main pay

# ---- taken back ----

sign_as bob
(cd "$clone" && "$top/contrib/git-approve" --withdraw --yes main HEAD) \
	> "$work/approve" 2>&1
is $? 0 'bob takes his back'
as alice
explain 1 'withdrawn' main pay
says 'needs 1 approval from security' 'the role is missing again'
says '^  no        bob, ' "bob's does not count"
says 'because: .*withdrawn' 'and why'
refused 'the push is refused, too' review/quorum 'security' HEAD:main
sign_as bob
(cd "$clone" && "$top/contrib/git-approve" --list main HEAD) \
	> "$work/told" 2> "$work/err"
as alice
says 'no  *is withdrawn by refs/approvals/' 'git approve --list knows it'
says 'that may count: 2$' 'and the two that are left'
approved_by bob
explain 0 'given again' main pay

# ---- in parts ----

reset_clone main
git -C "$clone" checkout -q -b left
commit left 'l' 'fix: left'
git -C "$clone" checkout -q -b right main
commit right 'r' 'fix: right'
push left:refs/heads/left right:refs/heads/right
for who in bob carol; do
	sign_as $who
	approve main left
done
as alice
git -C "$clone" merge -q --no-ff -m 'both' left
push HEAD:refs/heads/both
explain 1 'one part of two is approved' main both
sed -n 's/^  hint: .*runs: //p' "$work/told" > "$work/command"
has "$work/command" '^git approve main [0-9a-f]*$' 'it prints a command'
for who in bob carol; do
	sign_as $who
	yes "the command works for $who" sh -e -c "cd '$clone' &&
		PATH='$top/contrib':\$PATH $(head -n 1 "$work/command") --yes"
done
as alice
explain 0 'both parts are approved' main both
git -C "$clone" checkout -q -B main

# ---- other circumstances ----

explain 0 'a ref without a gate' other pay
says 'no rule asks for approvals' 'says so'
explain 2 'a tip that is none' main nonsense
has "$work/err" 'nonsense' 'is named'
"$gatepost" -C "$server" approvals a b c > "$work/told" 2>&1
is $? 2 'too many words'
"$gatepost" mode off "$server" > /dev/null
explain 0 'where the gate is off it explains all the same' main pay
says 'rule payments-security: satisfied' 'the rules'
"$gatepost" mode enforce "$server" > /dev/null
"$gatepost" -C "$server" approvals --help > "$work/told"
has "$work/told" '^usage: gatepost approvals' 'help'
mv "$work/ledger" "$work/away"
explain 1 'without the ledger' main again
has "$work/err" 'is not known' 'it says what is not known'
says 'needs 2 approvals, has 1' 'and judges without it'
mv "$work/away" "$work/ledger"
(cd "$server" && "$gatepost" approvals > "$work/told" 2>&1)
is $? 0 'without words: HEAD to main, which brings nothing'

done_testing
