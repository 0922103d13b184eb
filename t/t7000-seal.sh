#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Records are sealed under a Merkle tree that others can read and check; keys
# are made, replaced and removed; proofs stand alone.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

mode_of() { stat -c %a "$1"; }

# ---- an empty ledger ----

yes 'init' "$gatepost" ledger init --origin log.example "$ledger"
is "$(mode_of "$ledger/keys")" 700 'the keys are in a private directory'
is "$(mode_of "$ledger"/keys/*.skey | sort -u)" 400 'nobody may write them'
is "$(size)" 0 'there is a checkpoint of the empty tree'
yes 'which others accept' independent
yes 'nothing to seal' seal
has "$work/out" 'nothing new, 0 records' 'that is told'
yes 'the empty ledger verifies' verify
yes 'the keys' "$gatepost" ledger key --ledger "$ledger" show
cp "$work/out" "$work/vkeys"
has "$work/vkeys" '^log\.example+[0-9a-f]\{8\}+' 'with their name'
key=$(head -n 1 "$work/vkeys")

# ---- it grows ----

cp "$ledger/sealed/checkpoint" "$work/checkpoint.0"
for step in 1 254 1 1 255 256 500; do
	some $step
	before=$(size)
	yes "seal $step more" seal
	is "$(size)" $((before + step)) 'all are sealed'
	yes 'others accept it' independent
	yes 'it verifies' verify --key "$key" \
		--since "$work/checkpoint.$before"
	cp "$ledger/sealed/checkpoint" "$work/checkpoint.$(size)"
done
cp "$ledger/sealed/checkpoint" "$work/kept"
yes 'seal once more' seal
yes 'nothing new, so no new checkpoint' \
	cmp "$work/kept" "$ledger/sealed/checkpoint"
is "$(find "$ledger/sealed/tile" -name '*.p' | sed 's/.*tile//' | sort | xargs)" \
	'/0/004.p /1/000.p /entries/004.p' 'partial tiles went with full ones'
is "$(find "$ledger/sealed" -name '*.tmp')" '' 'nothing is left over'
some 66000 300
yes 'seal many' seal
has "$work/out" '66000 new records, 67268 are sealed' 'their number is told'
yes 'others accept a tree of three levels' independent
yes 'it verifies, too' verify --since "$work/checkpoint.1"
cp "$ledger/sealed/checkpoint" "$work/checkpoint.67268"

# what a push writes is sealed like anything else
rm -rf "$ledger"
policy_file << 'END'
[gate "main"]
	ref = refs/heads/main
	rule = ai
[rule "ai"]
	check = provenance
END
new_server api
change 'feat: something'
accepted 'a push' HEAD:main
yes 'its records are sealed' seal
count() { cat "$ledger"/segments/*.log | grep -c '^#record'; }
is "$(size)" "$(count)" 'all of them'
yes 'and verify' verify
yes 'for others, too' independent
"$gatepost" ledger verify --ledger "$ledger" --json > "$work/json"
yes 'verify --json' "$python" -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["faults"] == 0 and d["wrong"] == [] and d["records"] == d["sealed"]' \
	"$work/json"
"$gatepost" status "$server" > "$work/status"
has "$work/status" "^ok *seal *$(size) records sealed" 'status tells it'
change 'feat: more'
accepted 'another push' HEAD:main
yes 'what is not sealed yet is no fault' verify
change 'feat: last'

# ---- prove ----

key=$(head -n 1 "$ledger/sealed/vkeys")
check() { "$gatepost" ledger verify-proof --key "$key" "$@"; }
prove() { "$gatepost" ledger prove --ledger "$ledger" "$@"; }
n=0
while [ $n -lt "$(size)" ]; do
	prove $n -o "$work/proof.$n" || break
	check "$work/proof.$n" > "$work/out" || break
	n=$((n + 1))
done
is "$n" "$(size)" 'every sealed record can be proven'
has "$work/out" "^record $((n - 1)) of test.example is among the $n " \
	'that is told'
# what a push woke may have sealed more meanwhile
no 'one that is not sealed' prove $(($(count) - 1))
has "$work/out" 'gatepost ledger seal' 'the remedy is told'
no 'one that is not there' prove 99999
seal > "$work/out"
last_decision
id=$(sed 's/.*"id":"\([0-9a-f-]*\)".*/\1/; q' "$work/decision")
yes 'by its id' prove "$id" -o "$work/proof"
mv "$ledger" "$ledger.good"
cp -rp "$ledger.good" "$ledger"
sed -i '0,/"kind":"decision"/s//"kind":"DECISION"/' \
	"$ledger/segments/00000000000000000000.log"
at=$("$gatepost" ledger verify --ledger "$ledger" |
	sed -n 's/^WRONG record .*: record \([0-9]*\) at .*/\1/p')
yes 'one that was damaged since, by its number' prove "$at" -o "$work/restored"
has "$work/out" 'is damaged, missing or another; .* as it was sealed' 'is said to be'
yes 'as it was' eval "'$gatepost' ledger verify-proof --print \
	--key '$ledger/sealed/vkeys' '$work/restored' |
	grep -q '\"kind\":\"decision\"'"
rm -r "$ledger"
mv "$ledger.good" "$ledger"
yes 'it holds' check "$work/proof"
check --print "$work/proof" > "$work/record"
has "$work/record" "\"id\":\"$id\"" 'with the record in it'
cat "$ledger"/segments/*.log | grep "\"id\":\"$id\"" | grep '^{' > "$work/own"
yes 'the record as it is stored' cmp "$work/record" "$work/own"
yes 'for that record' check --record "$work/own" "$work/proof"
sed 's/"verdict":"pass"/"verdict":"warn"/' "$work/own" > "$work/other"
no 'for no other' check --record "$work/other" "$work/proof"
has "$work/out" 'another root' 'the reason is told'
has "$work/proof" '^c2sp.org/tlog-proof@v1$' 'the format others read'
for edit in 's/^index .*/index 0/' 's/^extra .*/extra e30=/' \
	'4s/[A-Z]/a/' '/^test.example$/{n;s/$/0/}' 's/^index/Index/' \
	's/^— test.example \(....\)./— test.example \1+/' '4d'; do
	sed "$edit" "$work/proof" > "$work/forged"
	cmp -s "$work/proof" "$work/forged" && not_ok "$edit changes nothing"
	no "a proof forged by $edit" check "$work/forged"
done
sed 's/^extra .*//; /^$/{1,3d}' "$work/proof" > "$work/bare"
no 'a proof without its record alone' check "$work/bare"
yes 'with the record' check --record "$work/own" "$work/bare"
"$gatepost" ledger init --origin test.example "$work/stranger" > "$work/out"
no 'the key of another' "$gatepost" ledger verify-proof \
	--key "$work/stranger/sealed/vkeys" "$work/proof"
has "$work/out" 'not signed' 'the reason is told'
"$gatepost" ledger verify-proof "$work/proof" > "$work/out" 2>&1
is $? 2 'no key'
check "$work/nowhere" > "$work/out" 2>&1
is $? 2 'no proof there'

# ---- consistency ----

ledger=$work/grown
"$gatepost" ledger init --origin log.example "$ledger" > "$work/out"
some 300
seal > "$work/out"
cp "$ledger/sealed/checkpoint" "$work/old"
some 700
seal > "$work/out"
cp "$ledger/sealed/checkpoint" "$work/new"
extends() { "$gatepost" ledger consistency --ledger "$ledger" "$@"; }
yes 'the later checkpoint extends the earlier' extends "$work/old" "$work/new"
has "$work/out" '^old 300$' 'as a witness asks for it'
yes 'each extends itself' extends "$work/old" "$work/old"
no 'not the other way' extends "$work/new" "$work/old"
has "$work/out" 'fewer records' 'the reason is told'
cp -r "$ledger" "$work/fork"
mv "$work/fork/segments/00000000000000000300.log" "$work/tail"
ledger=$work/fork
some 1
seal > "$work/out" 2>&1
is $? 1 'a ledger that lost records is not sealed'
has "$work/out" '301 records, and 1000 were sealed' 'the reason is told'
yes 'the checkpoint is the old one' cmp "$work/new" "$ledger/sealed/checkpoint"
# the same, one who has the keys and no scruples
rm -r "$ledger/sealed/tile" "$ledger/sealed/checkpoint" "$ledger/keys/last"
"$gatepost" ledger key --ledger "$ledger" rotate > "$work/out" 2>&1
some 999 500
seal > "$work/out" 2>&1
is "$(size)" 1300 'a history written again'
yes 'it verifies by itself' verify
no 'but not against an older checkpoint' verify --since "$work/new"
has "$work/out" 'first 1000 records are not those of that checkpoint' \
	'the reason is told'
no 'nor does it extend it' extends "$work/new" "$ledger/sealed/checkpoint"
has "$work/out" 'another old root' 'the reason is told'
ledger=$work/grown

# ---- keys ----

old=$(head -n 1 "$ledger/sealed/vkeys")
yes 'rotate' "$gatepost" ledger key --ledger "$ledger" rotate
new=$(grep -vxF "$(cat "$work/vkeys" "$work/old")" "$ledger/sealed/vkeys" |
	grep '+A[A-Za-z0-9+/=]\{43,46\}$' | tail -n 1)
yes 'there is a new key' test "$old" != "$new"
yes 'the old key vouches for the checkpoint' independent "$old"
yes 'so does the new' independent "$new"
some 5
seal > "$work/out"
yes 'both sign what follows' independent "$old"
yes 'the new one, too' independent "$new"
yes 'verify by the old' verify --key "$old"
yes 'verify by the new' verify --key "$new"
id_of() { printf '%s' "$1" | cut -d+ -f2; }
yes 'retire the old' "$gatepost" ledger key --ledger "$ledger" retire \
	"$(id_of "$old")"
no_key() { ! test -e "$ledger/keys/$(id_of "$1").skey"; }
yes 'its secret is gone' no_key "$old"
some 5
seal > "$work/out"
no 'it signs no more' verify --key "$old"
has "$work/out" 'not signed by that key' 'that is told'
yes 'the new one does' verify --key "$new"
"$gatepost" ledger key --ledger "$ledger" retire "$(id_of "$new")" \
	> "$work/out" 2>&1
is $? 2 'the last key stays'
"$gatepost" ledger key --ledger "$ledger" retire 00000000 > "$work/out" 2>&1
is $? 2 'a key that is not there'

# ---- by hand ----

# The commands of gatepost-records(5), as they stand there
sed -n '/^Without gatepost: the signature/,/^\.Ed/p' \
	"$top/doc/gatepost-records.5" |
	sed '1,/^\.Bd/d; /^\.Ed/d; s/\\e/\\/g' > "$work/recipe"
(cd "$work/stranger" && cp sealed/vkeys ledger.vkey &&
	sh -e "$work/recipe") > "$work/out" 2>&1
is $? 0 'openssl accepts a checkpoint'
(cd "$work/stranger" && head -n 1 "$ledger/sealed/vkeys" > ledger.vkey &&
	sh -e "$work/recipe") > "$work/out" 2>&1
is $? 1 'by the right key alone'

# ---- rights ----

chmod 644 "$ledger"/keys/*.skey
some 1
seal > "$work/out" 2>&1
is $? 2 'a key that others can read is not used'
has "$work/out" '0400' 'how it should be is told'
chmod 400 "$ledger"/keys/*.skey
yes 'then it is' seal

# ---- a sealer of their own ----

# Everything as gatepost-records(5) says, with numbers for names.
as_git='setpriv --reuid=65533 --regid=65533 --clear-groups'
as_sealer='setpriv --reuid=65532 --regid=65532 --groups=65533'
ledger=$work/ledger
if [ "$(command id -u)" = 0 ] && $as_git "$gatepost" --version > /dev/null 2>&1
then
	rm -rf "$ledger" "$work/srv" "$work/api"
	policy_file < /dev/null
	sed -n '/^gatepost ledger init \/var/,/^\.Ed/p' \
		"$top/doc/gatepost-records.5" |
		sed "/^gatepost/d; /^\\.Ed/d; s/:git/:65533/; s/git:/65533:/
			s/:seal/:65532/; s/seal:/65532:/
			s/\\\\e/\\\\/g; s|^cd .*|cd $ledger|" > "$work/recipe"
	sh -ex "$work/recipe" > "$work/out" 2>&1 || not_ok recipe "$work/out"
	printf '[gate "main"]\n\tref = refs/heads/main\n\trule = ai\n%s' \
		'[rule "ai"]
		check = provenance' >> "$work/etc/policy.conf"
	chmod 711 "$work"
	: > "$work/admin.log"; chmod 666 "$work/admin.log"
	new_server api
	commit one two three
	chown -R 65533:65533 "$work/srv" "$work/api" "$work/home"
	yes 'a push as the user of the hooks' $as_git git -C "$work/api" \
		push -q origin HEAD:main
	yes 'the sealer seals it' $as_sealer "$gatepost" ledger seal \
		--ledger "$ledger"
	is "$(size)" "$(count)" 'all of it'
	yes 'the user of the hooks verifies it' $as_git "$gatepost" ledger \
		verify --ledger "$ledger"
	$as_git "$gatepost" ledger seal --ledger "$ledger" > "$work/out" 2>&1
	is $? 2 'the user of the hooks cannot seal'
	has "$work/out" 'belongs to user 65532' 'the reason is told'
	"$gatepost" ledger seal --ledger "$ledger" > "$work/out" 2>&1
	is $? 2 'nor does root, whose files the sealer could not write'
	cannot() {
		name=$1; shift
		if $as_git "$@" > "$work/out" 2>&1; then
			not_ok "$name" "$work/out"
		else
			ok "$name"
		fi
	}
	cannot 'they cannot read the key' \
		sh -c "cat '$ledger'/keys/*.skey"
	cannot 'nor change a checkpoint' \
		sh -c "echo > '$ledger/sealed/checkpoint'"
	cannot 'nor a tile' sh -c "echo > '$ledger/sealed/tile/0/000.p/1'"
	cannot 'nor put other seals in their place' \
		mv "$ledger/sealed" "$ledger/away"
	cannot 'nor other keys' mv "$ledger/keys" "$ledger/away"
	cannot 'nor another origin' rm -f "$ledger/format"
	$as_git sed -i 's/"repository":"api"/"repository":"ipa"/' \
		"$ledger/segments/00000000000000000000.log"
	no 'they can change records, and that shows' verify
	has "$work/out" 'record [0-9]* at offset [0-9]* does not match its checksum' \
		'with its place'
else
	skip 'a sealer of their own' 'needs root and setpriv'
fi

done_testing
