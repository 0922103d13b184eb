#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a gate that only warns would have refused: counted by rule, role and
# repository, from real pushes; and what to type to enforce.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
	role = payments
	role = developer
[principal "bob"]
	email = bob@example.com
	login = bob
	role = developer
[gate "main"]
	ref = refs/heads/main
	rule = reviewed
	rule = declared
	rule = kept
[rule "reviewed"]
	check = review
	quorum = 1
	level = warn
[rule "declared"]
	check = provenance
	declare = always
	agents = any
[rule "kept"]
	check = history
END

would() { "$gatepost" policy would --policy "$work/etc/policy.conf" "$@"; }
# json EXPRESSION: of what --json tells, as r
json() {
	would --json > "$work/json"
	"$python" -c 'import json, sys
r = json.load(open(sys.argv[1]))
def line(table, name):
    return next(l for l in r[table] if l["name"] == name)
print(eval(sys.argv[2]))' "$work/json" "$1"
}

# ---- one that warns ----

new_server one
one=$server
change 'not declared'
refused 'where it enforces' provenance/missing 'does not say' HEAD:main
yes 'nothing only would have been refused' would
has "$work/out" 'No push met a gate that only warns' 'it says so'
"$gatepost" mode warn "$one" > /dev/null
change 'not declared'
accepted 'a push that only warns' HEAD:main
change 'not declared either'
accepted 'another' HEAD:main
as bob
change 'declared

AI-assistance: none'
GATEPOST_TEST_USER=bob accepted 'one that is right' HEAD:main
as bob
reset_clone
commit b b 'not declared, by bob'
commit c c 'twice'
accepted 'one of two commits' HEAD:main
reset_clone
git -C "$clone" checkout -q HEAD~1
accepted 'one that rewinds' +HEAD:main
as eve
reset_clone
commit e e 'by somebody unknown'
accepted 'one of somebody unknown' HEAD:main
accepted 'one outside of the gate' HEAD:refs/heads/elsewhere
new_server team/two
"$gatepost" mode warn "$server" > /dev/null
change 'in another repository'
accepted 'one in another repository' HEAD:main

no 'some would have been refused' would
has "$work/out" '^6 of 7 pushes' 'so many of so many'
has "$work/out" 'of 3 of 3 people' 'and people'
has "$work/out" '^ *5 pushes *3 people .* declared$' 'by rule'
has "$work/out" 'mostly provenance/missing (5): does not say whether' \
	'with what is said most'
has "$work/out" '^ *1 push *1 person .* kept$' 'another rule'
has_not "$work/out" ' reviewed$' 'a rule that will only warn is none'
has "$work/out" '^ *5 pushes .* one$' 'by repository'
has "$work/out" "gatepost mode enforce $one" 'what to type'
has "$work/out" "gatepost mode enforce $work/srv/team/two.git" 'for each'
cat "$ledger"/segments/*.log | grep '"kind":"access"' | tail -n 1 \
	> "$work/access"
has "$work/access" '"command":"policy would"' 'that somebody looked is recorded'

is "$(json 'r["refused"], r["pushes"], r["people"], r["people_met"]')" \
	'(6, 7, 3, 3)' 'as JSON'
is "$(json 'line("rules", "declared")["pushes"]')" 5 'rules'
is "$(json 'line("rules", "kept")["reason"]')" history/rewind 'reasons'
is "$(json 'sorted((l["name"], l["pushes"]) for l in r["roles"])')" \
	"[('(unknown)', 1), ('developer', 5), ('payments', 3)]" 'roles'
is "$(json 'sorted((l["name"], l["people"]) for l in r["repositories"])')" \
	"[('one', 3), ('team/two', 1)]" 'repositories'
is "$(json 'line("rules", "declared")["first"] <= line("rules", "declared")["last"]')" \
	True 'since when'
would --repository team/two > "$work/out"
has "$work/out" '^1 of 1 push ' 'of one repository'
would --since 2099-01-01 > "$work/out"
has "$work/out" '^No push' 'since a day'
would --until 1d > "$work/out"
has "$work/out" '^No push' 'until a day'

# ---- what it says comes true ----

sed -n 's/^  \(gatepost mode enforce .*\)$/\1/p' "$work/out" > "$work/type"
would > "$work/out"
sed -n 's/^  gatepost \(mode enforce .*\)$/\1/p' "$work/out" |
	while read -r line; do
		# shellcheck disable=SC2086 # words they are
		"$gatepost" $line > /dev/null < /dev/null || echo "$line"
	done > "$work/failed"
is "$(cat "$work/failed")" '' 'what is to be typed can be'
change 'not declared, again'
refused 'then it is refused' provenance/missing 'does not say' HEAD:main
is "$(json 'r["refused"]')" 6 'and counted no more'
no 'a word too many' sh -c "'$gatepost' policy would x 2> /dev/null; [ \$? = 2 ] && exit 1"

done_testing
