#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger init, list, show, evidence, reindex: a ledger is made, read and
# repaired by hand.

. "$(dirname "$0")/lib.sh"

# ---- init ----

yes 'init' "$gatepost" ledger init "$work/made"
has "$work/out" "made the ledger $work/made of " 'it says what it is called'
has "$work/made/format" '^gatepost-ledger 1$' 'the format'
"$gatepost" ledger init "$work/made" > "$work/out" 2>&1
is $? 2 'no second one in the same place'
yes 'init --origin' "$gatepost" ledger init --origin grc.example "$work/named"
has "$work/named/format" '^origin grc.example$' 'the name given'
"$gatepost" ledger init --origin 'two words' "$work/x" > "$work/out" 2>&1
is $? 2 'a name of two words'
mkdir "$work/full"; touch "$work/full/x"
"$gatepost" ledger init "$work/full" > "$work/out" 2>&1
is $? 2 'a directory that is not empty'
yes 'it is as it was' test "$(ls "$work/full")" = x

# ---- list and show ----

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
	rule = ai
	rule = two
[rule "ai"]
	check = provenance
	agents = any
[rule "two"]
	check = review
	when = ai-assisted
	quorum = 1
END
new_server payments/api
yes 'a list of what there is' "$gatepost" ledger list --ledger "$work/ledger"
yes 'each record on one line' test \
	"$(grep -vc ' access ' "$work/out")" = "$(records | wc -l)"
change 'feat: by hand'
accepted 'a push' HEAD:main HEAD:refs/heads/a HEAD:refs/heads/b \
	HEAD:refs/heads/c
commit ai ai 'feat: ai

Assisted-by: Claude:claude-opus-4-6'
push HEAD:main
push HEAD:topic
sign_as bob; approve main HEAD; as alice
accepted 'an approved push' HEAD:main
tag=$(records | sed -n 's/.*"counted":true[^}]*"evidence":"\([0-9a-f]*\)".*/\1/p')
"$gatepost" ledger evidence --ledger "$work/ledger" "$tag" > "$work/tag"
has "$work/tag" '^Approves-ref: refs/heads/main$' 'evidence: the tag approved'
is "$(sha256sum < "$work/tag" | cut -d' ' -f1)" "$tag" \
	'evidence: as the record cites it'
yes 'evidence: a digest as records write it' "$gatepost" ledger evidence \
	--ledger "$work/ledger" "sha256:$tag"
no 'evidence: what is not there' "$gatepost" ledger evidence \
	--ledger "$work/ledger" "$(printf none | sha256sum | cut -d' ' -f1)"

list() { "$gatepost" ledger list --ledger "$work/ledger" "$@" > "$work/list"; }
list
has "$work/list" 'Z [0-9a-f-]\{23\} decision pass  *payments/api main a +2 by alice$' \
	'time, id, kind, verdict, repository, refs, who'
has "$work/list" ' decision reject  *payments/api main by alice$' 'a refusal'
has "$work/list" ' outcome  *-  *payments/api ' 'an outcome has no verdict'
yes 'oldest first' sort -c -s -k1,1 "$work/list"
grep -v ' access ' "$work/list" > "$work/wanted"
(cd "$server" && "$gatepost" ledger list) | grep -v ' access ' > "$work/other"
yes "the repository's ledger" cmp "$work/other" "$work/wanted"
"$gatepost" ledger list --policy "$work/etc/policy.conf" |
	grep -v ' access ' > "$work/other"
yes "a policy's ledger" cmp "$work/other" "$work/wanted"

list --json
yes 'every line of --json is an object' "$python" -c 'import json, sys
for l in open(sys.argv[1]): assert isinstance(json.loads(l), dict)' "$work/list"
id=$("$python" -c 'import json, sys
for l in open(sys.argv[1]):
	d = json.loads(l)
	if d["kind"] == "decision" and d["verdict"] == "reject": i = d["id"]
print(i)' "$work/list")
show() { "$gatepost" ledger show --ledger "$work/ledger" "$@" \
	> "$work/shown" 2> "$work/errors"; rc=$?; }
show "$id"
is $rc 0 'show'
has "$work/shown" '^    "verdict": "reject",$' 'a member a line'
has "$work/shown" '"email": "alice@example.com"' 'with the people'
has_not "$work/shown" salt 'without the salt'
show --json "$id"
is "$(wc -l < "$work/shown")" 1 'show --json prints one line'
grep "$id" "$work/list" | head -n 1 > "$work/wanted"
grep "\"id\":\"$id\"" "$work/list" > "$work/wanted"
yes 'the same as in the list' cmp "$work/shown" "$work/wanted"
show "$(printf '%.23s' "$id")"
is $rc 0 'the beginning of an id, as the list shows it'
is "$(cut -d' ' -f2 "$work/list" | sort | uniq -d)" '' \
	'which is enough to tell records apart'
show "$(printf '%.6s' "$id")"
is $rc 2 'one that many have'
show "$(printf '%.3s' "$id")"
is $rc 2 'one that is too short'
show 01890000-0000-7000-8000-000000000000
is $rc 1 'one that is not there'
has "$work/errors" '^gatepost: ' 'that is said'
is "$(cat "$work/shown")" '' 'and nothing printed'
show nonsense
is $rc 2 'no id'

# ---- what a terminal must not see ----

git -C "$clone" commit -q --allow-empty -m "$(printf \
	'feat: \033]0;title\007 \342\200\256 by Claude\n\nCo-authored-by: %s' \
	'Claude <noreply@anthropic.com>')"
GATEPOST_TEST_USER=$(printf 'eve\033[31m'); export GATEPOST_TEST_USER
push HEAD:main
as alice
list
has_not "$work/list" "$(printf '\033')" 'no escape in the list'
has "$work/list" 'by eve?\[31m' 'it is replaced'
list --json
has_not "$work/list" "$(printf '\033')" 'nor in JSON'
has "$work/list" 'u001B' 'where it is written as an escape'
show "$("$python" -c 'import json, sys
for l in open(sys.argv[1]): i = json.loads(l)["id"]
print(i)' "$work/list")"
has_not "$work/shown" "$(printf '\033')" 'nor in what show prints'

# ---- reindex ----

find "$work/ledger/index" -type f -exec cat {} + | sort > "$work/index"
yes 'there is an index' test -s "$work/index"
rm -r "$work/ledger/index"
yes 'reindex' "$gatepost" ledger reindex --ledger "$work/ledger"
find "$work/ledger/index" -type f -exec cat {} + | sort > "$work/again"
yes 'the same index is built again' cmp "$work/index" "$work/again"
"$gatepost" ledger reindex --json > "$work/out" 2>&1
is $? 2 'it prints no data'

# ---- what is wrong ----

for command in 'list' "show $id" 'reindex'; do
	"$gatepost" ledger $command --ledger "$work/none" > "$work/out" 2>&1
	is $? 2 "$command of no ledger"
	has "$work/out" "gatepost ledger init" "$command: the remedy is told"
done
segment=$(ls "$work"/ledger/segments/*.log | head -n 1)
cp "$segment" "$work/segment"
"$python" - "$segment" << 'END'
import sys
b = open(sys.argv[1], "rb").read()
at = b.index(b'"verdict":"reject"')
open(sys.argv[1], "wb").write(b[:at + 11] + b"passed" + b[at + 17:])
END
"$gatepost" ledger list --ledger "$work/ledger" > "$work/list" 2> "$work/errors"
is $? 2 'a record that was changed is an error'
has "$work/errors" '/segments/' 'where it is is told'
has "$work/errors" 'damage in 1 place of the ledger' 'how much there is is told'
yes 'the others are listed' test \
	"$(wc -l < "$work/list")" -ge "$(grep -c '^#record' "$work/segment" |
		awk '{ print $1 - 1 }')"
cp "$work/segment" "$segment"
"$gatepost" ledger list --ledger "$work/ledger" > /dev/full 2> "$work/errors"
is $? 2 'a list that cannot be written'

done_testing
