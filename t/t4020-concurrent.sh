#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# 64 pushers at once: to branches of their own, and to one gated branch. Each
# push is decided and recorded; of those to one branch exactly one wins, and
# the outcomes say which; the ledger reads whole.

. "$(dirname "$0")/lib.sh"

policy_file <<EOF
[agent "claude-code"]
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = ai
	rule = keep
[rule "ai"]
	check = provenance
[rule "keep"]
	check = history
EOF
new_server many
as alice
pushers=64

tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
make_commit() { # MESSAGE
	git -C "$clone" commit-tree -p "$base" -m "$1" "$tree"
}

# round NAME REF-OF-PUSHER-N…: everybody pushes a commit of his own
# Commits and refs are lines "N COMMIT REF" in $work/plan.
round() {
	records > "$work/before"
	rm -rf "$work/gate" "$work"/result-*
	mkfifo "$work/gate"
	began=$(date +%s)
	pids=
	while read -r n id ref; do
		(
			# all start when the gate opens
			read -r _ < "$work/gate"
			GATEPOST_TEST_USER="pusher$n" git -C "$clone" push \
				"$server" "$id:$ref" > "$work/answer-$n" 2>&1
			echo "$n $id $ref $?" > "$work/result-$n"
		) &
		pids="$pids $!"
	done < "$work/plan"
	sleep 0.3
	yes go | head -n $pushers > "$work/gate" &
	opener=$!
	wait $pids
	kill $opener 2> /dev/null
	wait $opener 2> /dev/null
	took=$(($(date +%s) - began))
	cat "$work"/result-* > "$work/results"
	if records > "$work/after" 2> "$work/errors" && [ ! -s "$work/errors" ]
	then ok "$1: the ledger reads whole"; else
		not_ok "$1: the ledger reads whole" "$work/errors"
	fi
	lines=$(wc -l < "$work/before")
	head -n "$lines" "$work/after" | cmp -s - "$work/before" &&
		ok "$1: what was there is there" ||
		not_ok "$1: what was there is there"
	tail -n "+$((lines + 1))" "$work/after" > "$work/new"
	echo "# $1: $pushers pushers in $took s"
}

# every pusher's commit has one decision of that verdict
all_decided() { # NAME VERDICT
	missing=
	while read -r n id ref; do
		[ "$(grep '"kind":"decision"' "$work/new" |
			grep "\"new\":\"$id\"" | grep -c "\"name\":\"$ref\"")" = 1 ] ||
			missing="$missing $n"
	done < "$work/plan"
	is "$missing" '' "$1: each push has one decision"
	is "$(grep '"kind":"decision"' "$work/new" | grep -c "\"verdict\":\"$2\"")" \
		"$pushers" "$1: of the verdict $2"
}

# what the outcomes say moved is what moved
outcomes_agree() {
	wrong=
	while read -r n id ref rc; do
		said=$(grep '"kind":"outcome"' "$work/new" | grep -c "\"new\":\"$id\"")
		case $rc in
		0) [ "$said" = 1 ] || wrong="$wrong $n:landed-without-outcome" ;;
		*) [ "$said" = 0 ] || wrong="$wrong $n:refused-with-outcome" ;;
		esac
	done < "$work/results"
	is "$wrong" '' "$1: the outcomes say who won"
}

base=$(tip refs/heads/main)

# ---- branches of their own ----

i=0
while [ $i -lt $pushers ]; do
	i=$((i + 1))
	echo "$i $(make_commit "own $i") refs/heads/release/r$i"
done > "$work/plan"
round 'own branches'
is "$(grep -c ' 0$' "$work/results")" "$pushers" 'own branches: all land'
all_decided 'own branches' pass
outcomes_agree 'own branches'

# ---- one branch ----

i=0
while [ $i -lt $pushers ]; do
	i=$((i + 1))
	echo "$i $(make_commit "race $i") refs/heads/main"
done > "$work/plan"
round 'one branch'
is "$(grep -c ' 0$' "$work/results")" 1 'one branch: exactly one wins'
winner=$(sed -n 's/^[0-9]* \([0-9a-f]*\) .* 0$/\1/p' "$work/results")
is "$(tip refs/heads/main)" "$winner" 'it is the one who was told so'
wrong=
while read -r n id ref rc; do
	count=$(grep '"kind":"decision"' "$work/new" | grep -c "\"new\":\"$id\"")
	# who came when another had landed was told by his own git
	[ "$count" -le 1 ] || wrong="$wrong $n"
	[ "$id" != "$winner" ] || [ "$count" = 1 ] || wrong="$wrong winner"
done < "$work/results"
is "$wrong" '' 'one branch: no push is decided twice, the winner once'
decided=$(grep -c '"kind":"decision"' "$work/new")
accepted_too=$(grep '"kind":"decision"' "$work/new" | grep -c '"verdict":"pass"')
stale=$(grep '"kind":"decision"' "$work/new" | grep -c '"code":"stale-old"')
echo "# one branch: $decided decided, $accepted_too of them accepted, $stale stale"
[ "$decided" -gt 1 ] && ok 'one branch: there was a race' ||
	not_ok 'one branch: there was a race'
is "$((accepted_too + stale))" "$decided" \
	'one branch: who lost was accepted as well, or judged too late'
outcomes_agree 'one branch'

# ---- refused ones among them ----

base=$(tip refs/heads/main)
i=0
while [ $i -lt $pushers ]; do
	i=$((i + 1))
	echo "$i $(make_commit "made with Claude

Generated with [Claude Code](https://claude.com/claude-code), $i") refs/heads/release/x$i"
done > "$work/plan"
git -C "$server" for-each-ref > "$work/refs-before"
round 'refused'
is "$(grep -c ' 0$' "$work/results")" 0 'refused: none lands'
all_decided 'refused' reject
git -C "$server" for-each-ref | cmp -s - "$work/refs-before" &&
	ok 'refused: no ref has moved' || not_ok 'refused: no ref has moved'

# ---- ids ----

records | sed 's/.*"id":"\([^"]*\)","kind.*/\1/' | sort | uniq -d > "$work/twice"
is "$(cat "$work/twice")" '' 'no id was given twice'
left=$(find "$work/ledger/accepted" -type f | wc -l)
[ "$left" -lt "$accepted_too" ] &&
	ok 'who has landed leaves no acceptance behind' ||
	not_ok 'who has landed leaves no acceptance behind'
done_testing
