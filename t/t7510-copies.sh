#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A copy of a ledger's directory that is made at any moment, with cp, while
# others append and seal: it opens, for reading and for appending, and nothing
# that was answered before the copying began is missing. With LONG=1, more.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

"$gatepost" ledger init --origin log.example "$ledger" > "$work/out"
some 300
seal > "$work/out"
vkeys=$work/vkeys
cp "$ledger/sealed/vkeys" "$vkeys"
mkdir "$work/answered" "$work/copies"
: > "$work/go"

# writer N: asks for commits that nobody has heard of, one by one; each such
# question is on record when it has been answered
writer() {
	i=0
	while [ -e "$work/go" ]; do
		i=$((i + 1))
		commit=$(printf '%08x%032x' "$1" $i)
		"$gatepost" ledger list --ledger "$ledger" --commit "$commit" \
			> /dev/null 2>> "$work/errors" &&
			echo "$commit" >> "$work/answered/$1"
	done
}
writers=
for n in 1 2 3 4 5 6 7 8; do
	writer $n &
	writers="$writers $!"
	kill_at_end $!
done
while [ -e "$work/go" ]; do
	"$gatepost" ledger seal --ledger "$ledger" >> "$work/sealed" 2>&1 ||
		echo 'cannot seal' >> "$work/errors"
	sleep 0.1
done &
kill_at_end $!
writers="$writers $!"
sleep 1

# copies NAME COMMAND…: one after the other; before each, what was answered
count=${LONG:+60}; count=${count:-12}
i=0
while [ $((i += 1)) -le $count ]; do
	to=$work/copies/$i
	cat "$work"/answered/* > "$work/copies/$i.answered"
	if [ $((i % 2)) = 0 ]; then
		cp -a "$ledger" "$to"
	else
		# the checkpoint, what it is over, and the records behind that
		mkdir -p "$to/sealed"
		cp -a "$ledger/sealed/checkpoint" "$to/sealed"
		cp -a "$ledger/keys" "$to"
		cp -p "$to/sealed/checkpoint" "$to/keys/last"
		chmod 600 "$to/keys/last"
		(cd "$ledger/sealed" && find . -mindepth 1 -maxdepth 1 \
			! -name checkpoint -exec cp -a {} "$to/sealed" \;)
		(cd "$ledger" && find . -mindepth 1 -maxdepth 1 \
			! -name keys ! -name sealed \
			-exec cp -a {} "$to" \;)
	fi 2>> "$work/cp-errors"
	sleep 0.1
done
rm "$work/go"
wait $writers
is "$(cat "$work/errors" 2> /dev/null)" '' 'nobody is disturbed by the copying'
echo "# $(cat "$work"/answered/* | wc -l) records, $(grep -c 'new records' "$work/sealed") seals, $count copies"
yes 'the ledger itself verifies' verify --key "$vkeys"

: > "$work/faults"
fault() {
	echo "copy $i: $1" >> "$work/faults"
	[ $# -lt 2 ] || sed 's/^/	/' "$2" >> "$work/faults"
}
# all_there DIR: whether it has all that was answered
all_there() {
	cat "$1"/segments/*.log | grep -o '"commit":"[0-9a-f]*"' |
		cut -d'"' -f4 | sort > "$work/there"
	sort "$work/copies/$i.answered" | comm -23 - "$work/there" > "$work/out"
	[ ! -s "$work/out" ] || fault "$2" "$work/out"
}
# opens: whether it is read whole; where its seals cover records that came when
# the segments had been copied, whether just these are told to be missing
opens() {
	if [ -z "$ahead" ]; then
		list
	else
		! list && tells_gap && has_break &&
			grep -q "\"missing\":${ahead}[,}]" "$work/out"
	fi
}
has_break() { grep -q '"reason":"records-missing"' "$work/out"; }
tells_gap() { [ "$(grep -c 'is damaged or missing' "$work/err")" = 1 ]; }
torn=0 aheads=0 i=0
while [ $((i += 1)) -le $count ]; do
	to=$work/copies/$i rebuild='' ahead=''
	list() {
		"$gatepost" ledger list --json --ledger "$to" > "$work/out" 2> "$work/err"
	}
	all_there "$to" 'something answered is missing'
	# to be read only
	chmod -R a-w "$to/segments"
	"$gatepost" ledger verify --ledger "$to" --key "$vkeys" > "$work/out" 2>&1
	rc=$?
	if [ $((i % 2)) = 0 ]; then
		# seals may have been copied after their records
		if grep -q ', and was sealed' "$work/out"; then
			ahead=$(($(sed -n 2p "$to/sealed/checkpoint") - \
				$(cat "$to"/segments/*.log | grep -ac '^#record ')))
			aheads=$((aheads + 1))
		fi
		grep '^WRONG' "$work/out" | grep -v -e 'and was sealed' \
			-e '^WRONG tile' -e '^WRONG bundle' \
			-e '^WRONG checkpoint' > "$work/wrong"
		[ ! -s "$work/wrong" ] || fault 'records are wrong' "$work/wrong"
	else
		# a partial tile may have become a full one meanwhile
		grep '^WRONG' "$work/out" | grep -v -e '^WRONG tile' \
			-e '^WRONG bundle' > "$work/wrong"
		[ ! -s "$work/wrong" ] || fault 'it does not verify' "$work/out"
		[ $rc = 0 ] || rebuild=--rebuild
	fi
	chmod -R u+w "$to/segments"
	# to be appended to: this leaves a record, and a break before it
	list || { [ -n "$ahead" ] && tells_gap; } ||
		fault 'it does not open' "$work/err"
	! grep -q 'is not recorded' "$work/err" || fault 'not for appending' "$work/err"
	! grep -q '"reason":"torn-tail"' "$work/out" || torn=$((torn + 1))
	! grep -q '"reason":"sync-failed"' "$work/out" && {
		[ -n "$ahead" ] || ! has_break
	} || fault 'records are said to be lost'
	all_there "$to" 'something answered is missing when it has been opened'
	opens || fault 'it does not open again' "$work/err"
	[ $((i % 2)) = 0 ] || {
		"$gatepost" ledger seal $rebuild --ledger "$to" > "$work/out" 2>&1 ||
			fault 'it cannot be sealed' "$work/out"
		"$gatepost" ledger verify --ledger "$to" --key "$vkeys" \
			> "$work/out" 2>&1 ||
			fault 'then it does not verify' "$work/out"
	}
done
echo "# $torn copies met a record that was being written, the seals of $aheads" \
	"cover more than they have"
is "$(cat "$work/faults")" '' \
	'copies open, with all that was answered before them'

done_testing
