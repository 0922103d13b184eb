#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger retain: whole sealed segments leave when all of their records
# are old enough, with what nobody else cites; hashes stay, what is left is
# still proven, and what is gone is told. Killed anywhere, the next run ends it.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

# policy RETENTION-LINES…: one with a reviewed branch
policy() {
	policy_file << END
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
	rule = two
[rule "two"]
	check = review
	quorum = 1
$1
END
}
conf=$work/etc/policy.conf
retain() { "$gatepost" ledger retain --policy "$conf" "$@"; }
segments() { ls "$ledger/segments" | tr '\n' ' '; }
# what a push began to seal or to deliver may still be at work in the old place
age() {
	seal > "$work/out"
	mv "$ledger" "$ledger.young"; cp -rp "$ledger.young" "$ledger"
	"$python" "$t_dir/age-records.py" "$ledger" "$@"
	rm -rf "$ledger/index"
	"$gatepost" ledger reindex --ledger "$ledger" > "$work/out"
	"$gatepost" ledger key rotate --ledger "$ledger" > "$work/out"
}
kept() { test -e "$ledger/evidence/$(echo "$1" | sed 's/../&\//').z"; }
# the records and their people, as the segments have them
lines() { cat "$ledger"/segments/*.log; }
one() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

signing_key bob
policy '[retention]
	default = 90d'
new_server api
change 'feat: something'
push HEAD:topic
sign_as bob; approve main HEAD; as alice
accepted 'an approved push' HEAD:main
i=0
while [ $((i += 1)) -le 110 ]; do
	git -C "$clone" update-ref "refs/heads/many/$i" origin/main
done
accepted 'a push of many refs' 'refs/heads/many/*:refs/heads/many/*'
age 400
yes 'it is sealed' seal
cp "$ledger/sealed/checkpoint" "$work/older"
old=$(lines | grep '"kind":"decision"' | one id)
n=$(lines | grep -c '^#record')
tag=$(lines | grep '"counted":true' | sed 's/.*"counted":true[^}]*"evidence":"\([0-9a-f]*\)".*/\1/')
text=$(lines | grep '"kind":"policy"' | one evidence)
list=$(lines | sed -n 's/.*"refs_evidence":{"sha256":"\([0-9a-f]*\)".*/\1/p' | head -n 1)
for hex in $tag $text $list; do
	yes 'there is evidence' kept $hex
done
is "$(echo "$old" | cut -c1-8)" "$(printf %012x $((($(date +%s) - 400 * 86400) * 1000)) |
	cut -c1-8 | sed 's/..$//')$(echo "$old" | cut -c7-8)" 'they are old'

# ---- what stays ----

# variant LINES: the same policy with another section
variant() {
	sed '/^.retention/,$d' "$conf" > "$work/etc/variant.conf"
	echo "$1" >> "$work/etc/variant.conf"
}
other() { "$gatepost" ledger retain --policy "$work/etc/variant.conf"; }
variant ''
yes 'without a section all is kept' other
has "$work/out" 'keeps all records for ever' 'and that is said'
variant '[retention]
	decision = 90d'
yes 'a kind that nobody speaks of keeps all others' other
has "$work/out" "records 0 to .* stay: a record of kind [a-z]* is kept for ever" \
	'and that is said'
is "$(segments | wc -w)" 2 'a segment of such an age is closed'
variant '[retention]
	default = 500d'
yes 'what is not old enough stays' other
has "$work/out" 'nothing to remove' 'and that is said'
variant '[retention]
	default = 90d
[sink "x"]
	url = http://127.0.0.1:9/'
yes 'what is not delivered stays' other
has "$work/out" 'stay: not all of it is sealed and delivered' 'and why'
for bad in 'default = 7' 'default = 1h' 'decisions = 7y'; do
	printf '[retention]\n\t%s\n' "$bad" > "$work/bad.conf"
	no "a mistake: $bad" "$gatepost" policy check "$work/bad.conf"
done

# a push of today, under the same policy
change 'feat: more'
push HEAD:topic
yes 'a push of today' sh -c "$(printf '%s' "'$gatepost' ledger list --ledger '$ledger' --limit 1 > /dev/null")"
new=$(lines | grep '"kind":"decision"' | tail -n 1 | one id)
is "$(lines | grep -c '"kind":"policy"')" 1 'under the same policy'
yes 'that is sealed, too' seal

yes 'a look ahead' retain --dry-run
has "$work/out" "records 0 to [0-9]* would leave: of 20" 'tells what'
is "$(segments | grep -c gone)" 0 'and removes nothing'
cat "$ledger"/index/uses/*/* | sort -u > "$work/uses"

# ---- killed ----

start=$work/start
cp -rp "$ledger" "$start"
faults=$work/faults; : > "$faults"
fault() {
	echo "$where: $1" >> "$faults"
	[ $# -lt 2 ] || sed 's/^/	/' "$2" >> "$faults"
}
check() {
	verify --since "$work/older" > "$work/out" 2>&1 ||
		fault "$1: it does not verify" "$work/out"
	"$gatepost" ledger prove --ledger "$ledger" "$new" > "$work/proof" \
		2> "$work/out" || fault "$1: no proof" "$work/out"
	"$gatepost" ledger list --ledger "$ledger" > "$work/out" 2>&1 ||
		fault "$1: it cannot be listed" "$work/out"
}
# what is true when it is over
check_end() {
	check "$1"
	[ ! -e "$ledger/segments/00000000000000000000.log" ] ||
		fault "$1: the segment is there"
	[ -z "$(grep -rl -e "$old" "$ledger/segments" "$ledger/sealed")" ] ||
		fault "$1: an old record is there"
	cat "$ledger"/index/uses/*/* | sort -u | cmp -s - "$work/uses" ||
		fault "$1: what was used is forgotten"
	kept "$text" || fault "$1: the policy's text is gone"
	for hex in $tag $list; do
		! kept "$hex" || fault "$1: evidence is left"
	done
}
if command -v "${CC:-cc}" > /dev/null &&
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -o "$work/kill-at" \
		"$t_dir/kill-at.c" > "$work/out" 2>&1 &&
	"$work/kill-at" 0 "$work/count.0" /bin/true; then
	: > "$work/count"
	"$work/kill-at" 0 "$work/count" "$gatepost" ledger retain \
		--policy "$conf" > "$work/out" 2>&1
	until [ -s "$work/count" ]; do sleep 0.01; done
	calls=$(tail -n 1 "$work/count")
	if [ -n "${LONG:-}" ]; then step=1; else step=$((calls / 60 + 1)); fi
	tries=0
	for k in $(seq 1 $step "$calls"); do
		where="killed at call $k of $calls"
		rm -rf "$ledger"; cp -rp "$start" "$ledger"
		"$work/kill-at" "$k" "$work/count" "$gatepost" ledger retain \
			--policy "$conf" > "$work/out" 2>&1
		tries=$((tries + 1))
		check 'then'
		retain > "$work/out" 2>&1 || fault 'the next run' "$work/out"
		check_end 'after the next run'
	done
	echo "# killed at $tries of $calls system calls"
	is "$(cat "$faults")" '' 'killed between any two steps'
	beside "$faults" "$start" "$gatepost ledger retain --policy $conf" \
		verify
	is "$(cat "$faults")" '' 'who verifies meanwhile finds nothing wrong'
	: > "$faults"
	rm -rf "$ledger"; cp -rp "$start" "$ledger"
else
	skip 'killed between any two steps' 'processes may not be traced here'
fi

# ---- it leaves ----

where='at once'
yes 'the old segment leaves' retain --json
has "$work/out" '"segments":\[{"first":0,"count":[0-9]*,"from":"20[^}]*}\]' 'it tells'
check_end 'so'
is "$(cat "$faults")" '' 'all that was to go is gone, and all else there'
: > "$faults"
last=$(lines | grep '"kind":"retention"' | tail -n 1)
case $last in
*'"count":'*'"segments":[{"first":0,"count":'*'"from":"'*'"until":"'*'"root":"sha256:'*'"left":"'*'"memory":"'*)
	ok 'a record says what left' ;;
*) not_ok 'a record says what left' ;;
esac
is "$(cat "$ledger"/index/brought/*/* | sed '/^$/d' | cut -d' ' -f2- | sort -u)" \
	"(erased)
alice" 'who brought what left is nobody'
yes 'verify' verify --since "$work/older"
has "$work/out" 'gone 0 to [0-9]*: records of 20.* by retention on 20.*(record ' \
	'tells what is gone, when and by what'
yes 'verify --json' verify --json
has "$work/out" '"removed":\[{"first":0,"count":' 'as data'
no 'an old record is not there' "$gatepost" ledger show --ledger "$ledger" "$old"
no 'nor proven' "$gatepost" ledger prove --ledger "$ledger" "$old"
"$gatepost" ledger prove --ledger "$ledger" "$new" > "$work/proof"
head -n 1 "$ledger/sealed/vkeys" > "$work/key"
yes 'what is left is' "$gatepost" ledger verify-proof --key "$work/key" "$work/proof"
yes 'consistent with the older checkpoint' "$gatepost" ledger consistency \
	--ledger "$ledger" "$work/older" "$ledger/sealed/checkpoint"
yes 'once more' retain
has "$work/out" 'nothing to remove' 'does nothing'
is "$(lines | grep -c '"kind":"retention"')" 1 'and records nothing'
yes 'where refs stood is known' "$gatepost" ledger reconcile --grace 0s "$server"
yes 'the tiles can be written again' seal --rebuild
yes 'and verify' verify --since "$work/older"
"$gatepost" ledger reindex --ledger "$ledger" > "$work/out"
cat "$ledger"/index/uses/*/* | sort -u > "$work/uses.2"
yes 'an index made anew has what was used' cmp "$work/uses" "$work/uses.2"
yes 'an export' "$gatepost" ledger export --format ndjson --ledger "$ledger"
has_not "$work/out" "$old" 'has what is left'
has "$work/out" "$new" 'all of it'
change 'feat: yet more'
push HEAD:topic
yes 'pushes go on' seal
yes 'and verify' verify

# ---- a second time, in the middle ----

rm -rf "$work/well"; cp -rp "$ledger" "$work/well"

# ---- a backup ----

rm -rf "$ledger"; cp -rp "$start" "$ledger"
yes 'a backup of before, put back' verify --since "$work/older"
yes 'is treated again' retain
yes 'and verifies' verify --since "$work/older"

# ---- what is only claimed ----

rm -rf "$ledger"; cp -rp "$work/well" "$ledger"
rm "$ledger/segments/gone"
no 'without the list of what is gone' verify
has "$work/out" 'WRONG record .*records 0 to .* missing' 'it is missing'
cp "$work/well/segments/gone" "$ledger/segments/gone"
sed -i 's/.$/0/; s/\(.\{40\}\)./\10/' "$ledger/segments/gone"
no 'another root in it' verify
has "$work/out" 'WRONG record .*segments/gone: records 0 to .* have another root' 'is told'
cp "$work/well/segments/gone" "$ledger/segments/gone"
echo 'nonsense' >> "$ledger/segments/gone"
no 'a line without sense' verify
has "$work/out" 'WRONG record .*lines that make no sense' 'is told'
cp "$work/well/segments/gone" "$ledger/segments/gone"
second=$(ls "$ledger"/segments/*.log | sed -n 1p)
third=$(ls "$ledger"/segments/*.log | sed -n 2p)
if [ -n "$third" ]; then
	a=$(basename "$second" .log | sed 's/^0*//')
	b=$(basename "$third" .log | sed 's/^0*//')
	rm "$second"
	echo "$a $b $(cut -d' ' -f3 "$work/well/segments/gone" | head -n 1)" \
		>> "$ledger/segments/gone"
	no 'a segment that somebody removed' verify
	has "$work/out" "WRONG record .*records $a to .* no record of kind retention says so" \
		'is told'
fi

# ---- in the middle ----

rm -rf "$ledger"
"$gatepost" ledger init --origin log.example "$ledger" > "$work/out"
some 300 > "$work/out"
some 300 > "$work/out"
some 300 > "$work/out"
seal > "$work/out"
cp "$ledger/sealed/checkpoint" "$work/older"
keep=$("$gatepost" ledger list --json --ledger "$ledger" --limit 900 | sed -n 1p | one id)
yes 'a hold on the first segment' "$gatepost" ledger hold --ledger "$ledger" \
	--until 9w --reason 'a case' "$keep"
yes 'all but that leaves' retain
has "$work/out" "records 0 to 299 stay: hold .* keeps a record" 'it stays'
has "$work/out" 'records 300 to 599 left' 'the next one not'
yes 'a gap verifies' verify --since "$work/older"
is "$("$gatepost" ledger list --ledger "$ledger" --limit 2 | wc -l)" 2 \
	'a list over the gap'
"$gatepost" ledger list --json --ledger "$ledger" > "$work/out"
is "$(grep -c '"kind":"decision"' "$work/out")" 600 'reads what is left'
yes 'the tiles can be written again over it' seal --rebuild
yes 'and verify' verify --since "$work/older"
yes 'an end of the hold' "$gatepost" ledger release --ledger "$ledger" \
	"$("$gatepost" ledger hold --list --ledger "$ledger" | cut -c1-36)"
yes 'then the rest leaves' retain
has "$work/out" 'records 0 to 299 left' 'it does'
yes 'and it verifies' verify --since "$work/older"

done_testing
