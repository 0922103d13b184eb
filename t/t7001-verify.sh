#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whatever is changed in a ledger, gatepost ledger verify names the place and
# what is wrong there, with exit status 1; and whoever reads only what is
# served sees what was changed in that.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

# ---- a ledger with evidence, several segments and tiles ----

signing_key bob
policy_file << 'END'
[signers]
	ssh = signers
[principal "bob"]
	email = bob@example.com
	login = bob
[gate "main"]
	ref = refs/heads/main
	rule = two
[rule "two"]
	check = review
	quorum = 1
END
new_server api
change 'feat: something'
push HEAD:topic
sign_as bob; approve main HEAD; as alice
accepted 'an approved push' HEAD:main
some 300
seal > "$work/out"
cp "$ledger/sealed/checkpoint" "$work/older"
some 400
yes 'seal' seal
n=$(size)
some 3
# so that it is known how much there is
"$gatepost" ledger reindex --ledger "$ledger" > "$work/out"
yes 'all is well' verify --since "$work/older"
cp "$work/out" "$work/well"
has "$work/well" "^$((n + 3)) records, $n of them sealed;.* 2 pieces of evidence: all as it should be" \
	'what was looked at is told'
key=$(head -n 1 "$ledger/sealed/vkeys")
good=$work/good
mv "$ledger" "$good"

# tampered HOW ARGUMENT…: with a fresh copy
known=
tampered() {
	rm -rf "$ledger"
	cp -rp "$good" "$ledger"
	# a copy does not know how much was promised until somebody opens it
	[ -z "$known" ] ||
		"$gatepost" ledger reindex --ledger "$ledger" > "$work/out"
	"$python" "$t_dir/tamper.py" "$ledger" "$@" > "$work/out" 2>&1 ||
		not_ok "tamper $*" "$work/out"
	done=$*
}
# wrong COUNT WORDS [OPTION…]: verify finds so many faults, and tells that
wrong() {
	count=$1 words=$2; shift 2
	verify "$@" > "$work/out" 2> "$work/errors"
	rc=$?
	found=$(grep -c '^WRONG' "$work/out")
	if [ $rc = 1 ] && [ "$found" = "$count" ] &&
		grep -q -e "^WRONG $words" "$work/out"; then
		ok "$done: $words"
	else
		echo "exit status $rc; wanted $count: $words" >> "$work/out"
		not_ok "$done" "$work/out" "$work/errors"
	fi
}
refused_by_others() { no "$done: others see it" independent "$key"; }

first=segments/00000000000000000000.log
# the segments that `some` began
second=$(ls "$good"/segments/*.log | sed -n 2p | sed 's/.*ledger.//; s/.*good.//')
third=$(ls "$good"/segments/*.log | sed -n 3p | sed 's/.*good.//')
second=segments/${second##*/} third=segments/${third##*/}

# ---- records ----

tampered spoil-record 20
wrong 1 "record  *$second: record 20 at offset [0-9]* does not match its checksum"
tampered spoil-record 500
wrong 1 "record  *$third: record 500 at offset [0-9]* does not match its checksum"
tampered spoil-persons 20
wrong 1 "record  *$second: record 20 at offset [0-9]* has a persons line"
tampered spoil-header 20
wrong 1 "record  *$second: no record begins at offset [0-9]*, where record 20 should"
tampered drop-record 20
wrong 1 "record  *$second: record 21 stands at offset [0-9]*, where record 20 should"
tampered double-record 20
wrong 1 "record  *$second: record 20 stands at offset [0-9]*, where record 21 should"
tampered swap-records 20
wrong 2 "record  *$second: record 21 stands at offset [0-9]*, where record 20 should"
wrong 2 "record  *$second: record 20 stands at offset [0-9]*, where record 22 should"
tampered rewrite-record 20 '"verdict":"pass"' '"verdict":"fail"'
wrong 1 "record  *$second: record 20 at offset [0-9]* is not the one that was sealed (entry 20 of sealed/tile/entries/000)"
tampered rewrite-record 20 '"id":"0' '"id":"1'
wrong 1 "record  *$second: record 20 .* not the one that was sealed"
tampered rewrite-persons 20 '"principal":"p' '"principal":"q'
wrong 1 "persons  *$second: record 20 .*: person 0 is not the one of the record"
tampered rewrite-persons 20 '[{' '[null,{'
wrong 1 "persons  *$second: record 20 .*speaks of 1 persons"
# what is not sealed yet has its checksums
tampered rewrite-record $n '"verdict":"pass"' '"verdict":"fail"'
yes 'a record that is not sealed can be changed unnoticed' verify
tampered spoil-record $n
wrong 1 "record  *segments/[0-9]*.log: record $n at offset 0 does not match"

known=1
tampered cut "segments/$(printf %020d "$n").log" 1
wrong 1 "record  *segments/[0-9]*.log: record $((n + 2)) at offset [0-9]* is cut off"
"$python" "$t_dir/tamper.py" "$ledger" forget-state
yes 'a torn tail is no fault where nobody knows how much was promised' verify
tampered remove "segments/$(printf %020d "$n").log"
wrong 2 "record  *records $((n + 1)) to $((n + 2)): missing from segments/"
known=
tampered remove "$third"
wrong 2 "record  *$second: ends at offset"
tampered remove "$second"
wrong 2 "record  *$first: ends at offset"
tampered remove "$first"
wrong 1 'record  *records 0 to [0-9]*: missing from segments/'
# whoever lists records is told as well, whether there is a state or not
lists() { "$gatepost" ledger list --ledger "$ledger" "$@"; }
told_missing() { # PATTERN
	lists > "$work/out" 2> "$work/errors"
	is $? 2 "$done: the list is not all"
	has "$work/errors" "$1" 'which it says'
	lists > "$work/out" 2> "$work/errors"
	is $? 2 'each time'
	has "$work/errors" "$1" 'with the place'
}
b=$(($(expr "${second#segments/}" : '0*\([0-9]*\).log') - 1)) c=$(($(expr "${third#segments/}" : '0*\([0-9]*\).log') - 1))
tampered remove "$first"
told_missing "segments: records 0 to $b are missing"
tampered remove "$second"
told_missing "$first: record $((b + 1)) at offset [0-9]* is damaged or missing"
# the last two files; what was sealed is known even after a restart
for known in '' 1; do
	tampered remove "segments/$(printf %020d "$n").log"
	"$python" "$t_dir/tamper.py" "$ledger" remove "$third"
	told_missing "$second: record $((c + 1)) at offset [0-9]* is damaged or missing"
	has "$work/out" ' break ' 'a record tells of it, too'
	verify > "$work/out" 2>&1
	is $? 1 'verify tells of it'
	has "$work/out" "^WRONG record  *records $((c + 2)) to $((n - 1)): missing" \
		'and of what is missing'
	yes 'sealing goes on' seal
	# whoever finds the file again can put it back
	cp -p "$good/$third" "$ledger/$third"
	yes 'the file is put back: all is well' verify
	yes 'nothing is missing from the list' lists
done
known=
tampered cut "$third" 2000
wrong 2 "record  *records [0-9]* to $((n - 1)): missing from segments/"
tampered exchange "$second" "$third"
verify > "$work/out" 2>&1
is $? 1 'exchanged segments'

# ---- what is served ----

tampered flip sealed/tile/0/000 640
wrong 1 'tile  *sealed/tile/0/000: hash 20 is not that of record 20'
refused_by_others
tampered cut sealed/tile/0/000 32
wrong 1 'tile  *sealed/tile/0/000: is 8160 bytes long, not 256 hashes'
refused_by_others
tampered remove sealed/tile/0/001
wrong 1 'tile  *sealed/tile/0/001: is missing'
refused_by_others
tampered exchange sealed/tile/0/000 sealed/tile/0/001
verify > "$work/out" 2>&1
is $? 1 'exchanged tiles'
is "$(grep -c '^WRONG tile .*is not that of record' "$work/out")" 512 \
	'each hash is named'
refused_by_others
tampered flip sealed/tile/1/000.p/2 40
wrong 1 'tile  *sealed/tile/1/000.p/2: hash 1 is not that of records 256 to 511'
refused_by_others
tampered remove sealed/tile/1/000.p/2
wrong 1 'tile  *sealed/tile/1/000.p/2: is missing'
refused_by_others
tampered flip sealed/tile/entries/001 30
wrong 1 'bundle  *sealed/tile/entries/001: entry 0 is not record 256'
refused_by_others
tampered cut sealed/tile/entries/001 1
wrong 1 'bundle  *sealed/tile/entries/001: ends before entry 255, which is record 511'
refused_by_others
tampered add sealed/tile/entries/001 x
wrong 1 'bundle  *sealed/tile/entries/001: goes on behind record 511, its last'
tampered remove sealed/tile/entries/000
wrong 1 'bundle  *sealed/tile/entries/000: is missing'
refused_by_others
part=$(find "$good/sealed/tile/entries" -path '*.p/*' | sed 's/.*good.//')
tampered cut "$part" 700
wrong 1 "bundle  *$part: ends before entry"
refused_by_others

# a record and all that is served, by one who can do everything but sign
tampered rewrite-record 20 '"verdict":"pass"' '"verdict":"fail"'
cp -rp "$ledger" "$work/forged"
rm -rf "$work/forged/sealed" "$work/forged/keys" "$work/forged/state"
ledger=$work/forged
"$gatepost" ledger key --ledger "$ledger" rotate > "$work/out" 2>&1
seal > "$work/out" 2>&1
cp -rp "$ledger/sealed/tile" "$work/tile"
ledger=$work/ledger
rm -rf "$ledger/sealed/tile"; cp -rp "$work/tile" "$ledger/sealed/tile"
done='a record and all tiles, not the signature'
verify > "$work/out" 2>&1
is $? 1 "$done"
has "$work/out" "^WRONG checkpoint sealed/checkpoint: the first $n records have another root" \
	"$done: the root tells"
refused_by_others
# and by one who signs with another key
cp "$work/forged/sealed/checkpoint" "$work/forged/sealed/vkeys" \
	"$ledger/sealed"
"$python" "$t_dir/tamper.py" "$ledger" forget-state
done='everything, with another key'
yes "$done: by itself it is sound" verify
wrong 1 'checkpoint sealed/checkpoint: it is not signed by that key, but by ' \
	--key "$key"
refused_by_others
no "$done: not against an older checkpoint" verify --key \
	"$ledger/sealed/vkeys" --since "$work/older"

# ---- the checkpoint ----

tampered sub sealed/checkpoint "$n" "$((n - 1))"
verify > "$work/out" 2>&1
is $? 1 'another size'
has "$work/out" 'signature of test.example+[0-9a-f]* does not hold' \
	'the signature tells'
refused_by_others
tampered sub sealed/checkpoint "$(sed -n 3p "$good/sealed/checkpoint")" \
	"$(sed -n 3p "$work/older")"
verify > "$work/out" 2>&1
is $? 1 'another root'
has "$work/out" '^WRONG checkpoint sealed/checkpoint: the signature of' \
	'the signature tells'
has "$work/out" '^WRONG checkpoint sealed/checkpoint: the first .* another root' \
	'the root tells'
tampered cut sealed/checkpoint 1
wrong 1 'checkpoint .*sealed/checkpoint: no signed note'
tampered remove sealed/checkpoint
wrong 1 'checkpoint sealed/checkpoint: is missing'
tampered sub sealed/checkpoint test.example text.example
verify > "$work/out" 2>&1
is $? 1 'another origin'
has "$work/out" 'is of another ledger' 'that is told'
# back to an older one
tampered remove sealed/checkpoint
cp "$work/older" "$ledger/sealed/checkpoint"
cp "$good/sealed/checkpoint" "$work/newer"
yes 'an older checkpoint is no fault by itself' verify
no 'but one for whoever knows a later one' verify --since "$work/newer"
has "$work/out" 'a later checkpoint was taken away' 'that is told'
tampered remove sealed/vkeys
verify > "$work/out" 2>&1
is $? 1 'no keys'
sed 's/^— test.example ..../&A/' "$work/older" > "$work/forged-note"
tampered forget-state
no 'an older checkpoint that is not genuine' verify --since "$work/forged-note"
no 'by a wrong key' verify --key "$work/forged/sealed/vkeys"
verify --since "$work/nowhere" > "$work/out" 2>&1
is $? 2 'no such checkpoint'
verify --key x+12345678+AAAA > "$work/out" 2>&1
is $? 2 'no key'

# ---- evidence ----

piece=$(cd "$good" && find evidence -name '*.z' | sort | head -n 1)
tampered flip "$piece" 20
wrong 1 "evidence  *record [0-9]* ([0-9a-f-]*) cites it: .*$piece"
tampered cut "$piece" 3
wrong 1 "evidence  *record [0-9]* .*$piece: evidence: is no whole zlib stream"
tampered remove "$piece"
wrong 1 "evidence  *record [0-9]* .*$piece: is missing"
yes 'unless it is not to be looked at' verify --no-evidence
other=$(cd "$good" && find evidence -name '*.z' | sort | tail -n 1)
tampered exchange "$piece" "$other"
wrong 2 "evidence .*$other: evidence: has another digest"

# ---- what the sealer makes of it ----

tampered rewrite-record $((n - 1)) '"verdict":"pass"' '"verdict":"fail"'
no 'the last sealed record is another: nothing more is sealed' seal
has "$work/out" "record $((n - 1)) is not the one that was sealed" 'why is told'
tampered flip sealed/tile/1/000.p/2 40
no 'tiles are not those of the checkpoint: nothing more is sealed' seal
has "$work/out" 'seal --rebuild' 'the remedy is told'
yes 'seal --rebuild' seal --rebuild
yes 'all is well again' verify --since "$work/older"
yes 'for others, too' independent "$key"
tampered rewrite-record 20 '"verdict":"pass"' '"verdict":"fail"'
no 'seal --rebuild with other records' seal --rebuild
has "$work/out" 'not those that were sealed' 'why is told'
tampered spoil-record $((n + 1))
no 'a damaged record ends the tree' seal
is "$(size)" $((n + 1)) 'what stands before it is sealed'
has "$work/out" "record $((n + 1)) at offset [0-9]* is damaged" 'where is told'
yes 'unless it is sealed as damaged' seal --damaged
is "$(size)" $((n + 3)) 'then all is'
wrong 1 "record .*record $((n + 1)) at offset [0-9]* does not match"
yes 'others see the entry in its place' sh -c \
	"grep -aq 'record-damaged\",\"index\":$((n + 1)),' \
	'$ledger'/sealed/tile/entries/*.p/*"

done_testing
