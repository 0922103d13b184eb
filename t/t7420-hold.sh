#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger hold and release: records of a case stay over their
# retention, whatever the hold names them by, until it ends.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

policy_file << 'END'
[retention]
	default = 90d
END
conf=$work/etc/policy.conf
hold() { "$gatepost" ledger hold --ledger "$ledger" "$@"; }
release() { "$gatepost" ledger release --ledger "$ledger" "$@"; }
retain() { "$gatepost" ledger retain --policy "$conf" "$@"; }
last() { cat "$ledger"/segments/*.log | grep "\"kind\":\"$1\"" | tail -n 1; }

# what is asked for
for bad in '' '--until 1w --reason x' '--repository a --until 1w' \
	'--repository a --reason x' '--repository a --until 1999-01-01 --reason x' \
	'--repository a --until never --reason x' \
	'--repository a --principal b --until 1w --reason x' \
	'--list --repository a'; do
	# shellcheck disable=SC2086 # several words
	hold $bad > "$work/out" 2>&1
	is $? 2 "refused: hold $bad"
done
no 'a record that is not there' hold --until 1w --reason x 0199ed39-9377
no 'a hold that is not there' release 0199ed39-9377

some 300
some 300 # in a segment of their own, to which holds are appended
seal > "$work/out"
start=$work/start
cp -rp "$ledger" "$start"
id=$(cat "$ledger"/segments/*.log | sed -n 's/^{"v":1,"id":"\([^"]*\)".*/\1/p' |
	sed -n 7p)
hold --repository r33 --until 1w --reason x > "$work/out" 2>&1
is $? 0 'what is to come can be held'
has "$work/out" 'no record so far has this name' 'and that it is nothing yet is said'
hold --repository r3 --until 1w --reason x > "$work/out" 2>&1
is "$(wc -l < "$work/out")" 1 'which it is not of one that is there'
rm -rf "$ledger"
cp -rp "$start" "$ledger"
for what in "$id" '--repository r3' '--principal p3'; do
	rm -rf "$ledger"; cp -rp "$start" "$ledger"
	# shellcheck disable=SC2086 # several words
	yes "a hold: $what" hold --until 2w --reason 'Smith v. Jones' $what
	hold=$(sed 's/.*hold //' "$work/out")
	last hold > "$work/hold"
	has "$work/hold" '"until":"20[^"]*","reason":"Smith v. Jones"' 'is a record'
	has_not "$work/hold" p3 'that names nobody in clear'
	hold --list > "$work/list"
	has "$work/list" "^$hold  until 20.*: Smith v. Jones" 'is listed'
	hold --list --json > "$work/list"
	has "$work/list" "\"id\":\"$hold\",\"active\":true" 'and as data'
	last access > "$work/access"
	has "$work/access" '"command":"ledger hold --list"' 'which is recorded'
	yes 'what it holds' retain
	has "$work/out" "records 0 to .* stay: hold $hold keeps a record" 'stays'
	seal > "$work/out"
	yes 'verify' verify
	yes 'its end' release --reason 'settled' "$(echo "$hold" | cut -c1-20)"
	last release > "$work/release"
	has "$work/release" "\"hold\":\"$hold\",\"reason\":\"settled\"" 'is a record'
	no 'cannot come twice' release "$hold"
	is "$(hold --list)" '' 'it is listed no more'
	hold --list --json > "$work/list"
	has "$work/list" '"active":false.*"released":"' 'but as data'
	yes 'what it held' retain
	has "$work/out" 'records 0 to 299 left' 'leaves'
	yes 'verify again' verify
done

# one that is over by itself
rm -rf "$ledger"; cp -rp "$start" "$ledger"
hold --until 1s --reason 'short' --repository r1 > "$work/out"
sleep 1.1
yes 'a hold that is past' retain
has "$work/out" 'records 0 to 299 left' 'holds nothing'

# another repository's
rm -rf "$ledger"; cp -rp "$start" "$ledger"
hold --until 1w --reason 'other' --repository elsewhere > "$work/out"
yes 'a hold on something else' retain
has "$work/out" 'records 0 to 299 left' 'holds nothing of this'

# the hold outlives the retention of its own record
rm -rf "$ledger"; cp -rp "$start" "$ledger"
hold --until 3650d --reason 'long' --repository r1 > "$work/out"
seal > "$work/out"; rm -rf "$ledger.young"
mv "$ledger" "$ledger.young"; cp -rp "$ledger.young" "$ledger"
"$python" "$t_dir/age-records.py" "$ledger" 200
"$gatepost" ledger key rotate --ledger "$ledger" > "$work/out"
seal > "$work/out"
yes 'an old hold' retain
has "$work/out" 'stay: hold .* keeps a record' 'is in force'
hold --list > "$work/list"
has "$work/list" 'repository r1: long' 'and listed'

# an index without the hold: made of another history, and put there
rm -rf "$ledger" "$work/other"
"$gatepost" ledger init --origin test.example "$ledger" > "$work/out"
some 4200
some 4200
cp -rp "$ledger" "$work/other"
hold --until 2w --reason 'Smith v. Jones' --repository r3 > "$work/out"
some 4200
seal > "$work/out"
"$gatepost" ledger reindex --ledger "$ledger" > "$work/out"
ledger=$work/other some 4300
"$gatepost" ledger reindex --ledger "$work/other" > "$work/out"
rm -rf "$ledger/find"
cp -rp "$work/other/find" "$ledger"
hold --list > "$work/list" 2>&1
has_not "$work/list" 'Smith v. Jones' 'a hold that the index does not know'
yes 'what it holds' retain
has "$work/out" "stay: hold .* keeps a record" 'stays'

done_testing
