#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger erase: nobody of that name is left in records, copies of
# segments, index and runs; records and seals hold as before; killed anywhere,
# another run does the rest.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

policy_file << 'END'
[principal "alice"]
	email = alice@example.com
	email = a.smith@example.org
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[gate "main"]
	ref = refs/heads/main
	rule = keep
[rule "keep"]
	check = history
END
conf=$work/etc/policy.conf
erase() { "$gatepost" ledger erase --ledger "$ledger" "$@"; }
lines() { cat "$ledger"/segments/*; }
# left WORD: files of the ledger that have it, policy texts apart
left() {
	grep -rl -i -e "$1" "$ledger/segments" "$ledger/index" "$ledger/find" \
		"$ledger/cursors" "$ledger/sealed" 2> /dev/null
}

new_server api
change 'feat: one'
accepted 'a push of alice' HEAD:main
as bob
change 'feat: two'
accepted 'a push of bob' HEAD:main
as alice
# an address that the policy gives her, and no principal
git -C "$clone" config user.email A.Smith@example.org
git -C "$clone" reset -q --hard origin/main
git -C "$clone" commit -q --amend -m 'another first'
push -f HEAD:main
yes 'a record of a search' "$gatepost" ledger list --ledger "$ledger" \
	--principal alice@example.com
yes 'they are sealed' seal
some 20
seal > "$work/out"
cp "$ledger/sealed/checkpoint" "$work/older"
record=$(lines | sed -n 's/.*"id":"\([^"]*\)","kind":"decision".*/\1/p' | head -n 1)
"$gatepost" ledger prove --ledger "$ledger" "$record" > "$work/proof"
yes 'she is there' grep -q '"principal":"alice"' "$ledger"/segments/*0.log
# a copy that was set aside
cp "$ledger/segments/00000000000000000000.log" \
	"$ledger/segments/00000000000000000000.aside-1"
total=$(lines | grep -c '^#record')
sizes=$(ls -l "$ledger/segments/00000000000000000000.log" | awk '{ print $5 }')
grep '^{' "$ledger/segments/00000000000000000000.log" > "$work/before"

# ---- who ----

no 'nobody of that name' erase --login nobody
has "$work/out" 'no record names this person' 'is said so'
is "$(lines | grep -c '"kind":"erase"')" 0 'leaves no record'
for bad in '' '--principal a --login b' '--email=' 'alice'; do
	# shellcheck disable=SC2086 # several words
	erase $bad > "$work/out" 2>&1
	is $? 2 "refused: erase $bad"
done
erase --principal alice --reason 'as Alice asked' > "$work/out" 2>&1
is $? 2 'refused: a reason that names her'
yes 'a look ahead' erase --principal alice --dry-run --json
has "$work/out" '"records":[1-9][0-9]*,.*"erased":false' 'counts'
yes 'and changes nothing' grep -q '"principal":"alice"' "$ledger"/segments/*0.log

# ---- a hold ----

yes 'a hold on one record' "$gatepost" ledger hold --ledger "$ledger" \
	--until 1w --reason 'a case' "$record"
no 'keeps her' erase --principal alice
yes 'in all records' grep -q '"principal":"alice"' "$ledger"/segments/*0.log
yes 'until it ends' "$gatepost" ledger release --ledger "$ledger" \
	"$("$gatepost" ledger hold --list --ledger "$ledger" | cut -c1-36)"

# ---- killed ----

start=$work/start faults=$work/faults
: > "$faults"
cp -rp "$ledger" "$start"
fault() {
	echo "$where: $1" >> "$faults"
	[ $# -lt 2 ] || sed 's/^/	/' "$2" >> "$faults"
}
check() {
	verify --since "$work/older" > "$work/out" 2>&1 ||
		fault "$1: it does not verify" "$work/out"
	"$gatepost" ledger list --ledger "$ledger" > "$work/out" 2>&1 ||
		fault "$1: it cannot be listed" "$work/out"
}
by_policy() { "$gatepost" ledger erase --policy "$conf" "$@"; }
if command -v "${CC:-cc}" > /dev/null &&
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -o "$work/kill-at" \
		"$t_dir/kill-at.c" > "$work/out" 2>&1 &&
	"$work/kill-at" 0 "$work/count.0" /bin/true; then
	: > "$work/count"
	"$work/kill-at" 0 "$work/count" "$gatepost" ledger erase \
		--policy "$conf" --principal alice > "$work/out" 2>&1
	until [ -s "$work/count" ]; do sleep 0.01; done
	calls=$(tail -n 1 "$work/count")
	if [ -n "${LONG:-}" ]; then step=1; else step=$((calls / 50 + 1)); fi
	tries=0
	for k in $(seq 1 $step "$calls"); do
		where="killed at call $k of $calls"
		rm -rf "$ledger"; cp -rp "$start" "$ledger"
		"$work/kill-at" "$k" "$work/count" "$gatepost" ledger erase \
			--policy "$conf" --principal alice > "$work/out" 2>&1
		tries=$((tries + 1))
		check 'then'
		by_policy --principal alice > "$work/out" 2>&1
		[ $? -lt 2 ] || fault 'the next run' "$work/out"
		check 'after the next run'
		for word in '"alice"' alice@example.com a.smith@example.org; do
			left "$word" > "$work/out"
			[ ! -s "$work/out" ] || fault "$word is left" "$work/out"
		done
		[ ! -e "$ledger/segments/erase.tmp" ] || fault 'a copy is left'
	done
	echo "# killed at $tries of $calls system calls"
	is "$(cat "$faults")" '' 'killed between any two steps'
	beside "$faults" "$start" \
		"$gatepost ledger erase --policy $conf --principal alice" verify
	is "$(cat "$faults")" '' 'who verifies meanwhile finds nothing wrong'
	: > "$faults"
	rm -rf "$ledger"; cp -rp "$start" "$ledger"
else
	skip 'killed between any two steps' 'processes may not be traced here'
fi

# ---- erased ----

yes 'with what the policy says is hers' by_policy --principal alice \
	--reason 'a request of 2027-01-31'
has "$work/out" 'records named this person, and no longer do' 'and it is said'
for word in '"alice"' alice@example.com a.smith@example.org; do
	is "$(left "$word")" '' "nothing has $word"
done
yes 'bob is there' grep -q '"principal":"bob"' "$ledger"/segments/*0.log
is "$(ls -l "$ledger/segments/00000000000000000000.log" | awk '{ print $5 }')" \
	"$sizes" 'no record has moved'
grep '^{' "$ledger/segments/00000000000000000000.log" > "$work/after"
yes 'nor changed' cmp "$work/before" "$work/after"
is "$(lines | grep -c '"kind":"erase"')" 1 'one record'
lines | grep '"kind":"erase"' > "$work/erase"
has "$work/erase" '"by":"principal","reason":"a request of 2027-01-31","count":[0-9]*,"elements":[0-9]*' \
	'says what happened'
yes 'verify' verify --since "$work/older"
has "$work/out" 'people, [1-9][0-9]* of them erased' 'counts them'
yes 'a proof of before holds' "$gatepost" ledger verify-proof --key \
	"$(head -n 1 "$ledger/sealed/vkeys" > "$work/key"; echo "$work/key")" \
	"$work/proof"
"$gatepost" ledger prove --ledger "$ledger" "$record" > "$work/proof.2"
yes 'one of now, too' "$gatepost" ledger verify-proof --key "$work/key" \
	"$work/proof.2"
yes 'others see no difference' independent
yes 'a record' "$gatepost" ledger show --json --ledger "$ledger" "$record"
has "$work/out" '"person":{"erased":true}' 'has nobody in her place'
yes 'reindex' "$gatepost" ledger reindex --ledger "$ledger"
is "$(left '"alice"')" '' 'brings nothing back'
is "$(cat "$ledger"/index/brought/*/* 2> /dev/null | grep -c ' alice$')" 0 \
	'nor her login'
no 'once more' by_policy --principal alice
"$gatepost" ledger list --ledger "$ledger" --principal bob@example.com \
	> "$work/out"
yes 'one by an address' erase --email BOB@example.com
is "$(left 'bob@example.com')" '' 'without case'
yes 'verify again' verify --since "$work/older"
yes 'sealing goes on' seal
# hooks and erasing at once
change 'feat: while that is done'
erase --login bob > "$work/other" 2>&1 & pid=$!
push HEAD:topic
wait $pid
is $pushed 0 'pushes go on'
yes 'and verify' verify --since "$work/older"

done_testing
