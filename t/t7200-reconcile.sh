#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Outcomes that never came and refs that moved without a decision are found
# out, recorded once, and told.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = linear
[rule "linear"]
	check = history
	rewind = allow
END
new_server one
none=0000000000000000000000000000000000000000

# reconcile [OPTION…]: what it says is in $work/said, its exit status in $said
reconcile() {
	"$gatepost" ledger reconcile --policy "$work/etc/policy.conf" "$@" \
		> "$work/said" 2>&1
	said=$?
}
newest() { records | tail -n 1 > "$work/newest"; }
count() { records | wc -l; }

reconcile "$server"
is "$said" 0 'what was there when the gate was installed is not amiss'
is "$(wc -c < "$work/said")" 0 'and nothing is said'

change 'one'
accepted 'a push with its outcome' HEAD:main
n=$(count)
reconcile --grace 0s "$server"
is "$said" 0 'every move is recorded'
is "$(count)" "$n" 'nothing is added'

# the connection is lost before git runs post-receive
mv "$server/hooks/post-receive" "$work/post-receive"
change 'two'
push HEAD:main
is $pushed 0 'a push whose outcome is not recorded'
last_decision
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/decision")
n=$(count)
reconcile "$server"
is "$said:$(count)" "0:$n" 'a push may not be over yet'
reconcile --grace 0s "$server"
is "$said" 0 'an outcome that never came is no move without decision'
has "$work/said" "one: decision $id had no outcome: 1 of 1 refs moved" \
	'it is told'
newest
has "$work/newest" '"kind":"outcome"' 'it is recorded'
has "$work/newest" "\"decision\":\"$id\",\"reconciled\":true" \
	'as found afterwards, with its decision'
has "$work/newest" "\"name\":\"refs/heads/main\",.*\"new\":\"$(tip main)\"" \
	'and where the ref went'
n=$(count)
reconcile --grace 0s "$server"
is "$said:$(count)" "0:$n" 'once'

# accepted, and then git could not move the ref
change 'three'
touch "$server/refs/heads/main.lock"
push HEAD:main
is $pushed 1 'a push that was accepted and did not land'
rm "$server/refs/heads/main.lock"
reconcile --grace 0s "$server"
has "$work/said" 'had no outcome: 0 of 1 refs moved' 'nothing moved'
newest
has "$work/newest" '"reconciled":true,"refs":\[\]' 'that is recorded'
is "$said" 0 'and is nothing amiss'

# two pushes, the second of which saw what the first had done
change 'four'
push HEAD:main
first=$(git -C "$clone" rev-parse HEAD)
change 'five'
push HEAD:main
reconcile --grace 0s "$server"
is "$(grep -c '1 of 1 refs moved' "$work/said")" 2 \
	'a ref that has moved on had moved'
records | grep '"reconciled":true' | grep -q "\"new\":\"$first\"" &&
	ok 'there' || not_ok 'there' "$work/said"

# behind the gate's back
mv "$work/post-receive" "$server/hooks/post-receive"
was=$(tip main)
change 'six'
git -C "$clone" push -q origin HEAD:refs/heads/elsewhere
git -C "$server" update-ref refs/heads/main refs/heads/elsewhere
n=$(count)
"$gatepost" ledger verify --policy "$work/etc/policy.conf" --repos "$server" \
	> "$work/out" 2>&1
is $? 1 'verify --repos finds a move without a decision'
has "$work/out" 'WRONG ref .*refs/heads/main is at' 'and tells it'
is "$(count)" "$n" 'and records nothing'
reconcile "$server"
is "$said" 1 'a gated ref that moved without a decision'
has "$work/said" "refs/heads/main is at $(tip main | cut -c1-12), and the" \
	'is told'
newest
has "$work/newest" '"kind":"break"' 'is recorded'
has "$work/newest" '"reason":"unrecorded-move"' 'with the reason'
has "$work/newest" "\"old\":\"$was\",\"new\":\"$(tip main)\"" 'from and to'
has "$work/newest" '"repository":"one"' 'and where'
n=$(count)
reconcile "$server"
is "$said:$(count)" "0:$n" 'once'
yes 'which verify --repos knows then' "$gatepost" ledger verify \
	--policy "$work/etc/policy.conf" --repos
is "$("$gatepost" ledger verify --json --repos \
	--policy "$work/etc/policy.conf" | grep -c '"faults":0')" 1 \
	'in JSON, too'
no 'nothing can be compared without a policy' sh -c '"$0" "$@"; [ $? = 0 ]' \
	"$gatepost" ledger verify --ledger "$work/ledger" --repos

# and back again, seen by a later push alone
change 'seven'
odd=$(git -C "$server" commit-tree -p main -m odd 'main^{tree}')
git -C "$server" update-ref refs/heads/main "$odd"
push --force HEAD:main
now=$(tip main)
is "$now" "$(git -C "$clone" rev-parse HEAD)" 'a push over it lands'
reconcile "$server"
is "$said" 1 'a move that only a decision saw'
has "$work/said" 'when decision .* was made, and no record tells how' \
	'is told'
newest
has "$work/newest" '"seen_by":"' 'is recorded with that decision'

git -C "$server" update-ref refs/heads/release/1 "$now"
git -C "$server" update-ref refs/heads/release/old \
	"$(git -C "$server" rev-list --max-parents=0 main)"
reconcile "$server"
is "$said" 1 'a gated ref that nobody pushed'
has "$work/said" 'refs/heads/release/1 is at' 'is told'
has_not "$work/said" 'release/old' 'what was there from the beginning is not'
git -C "$server" update-ref -d refs/heads/release/1
reconcile "$server"
is "$said" 1 'a gated ref that was taken away'
newest
has "$work/newest" "\"new\":\"$none\"" 'is recorded as gone'
git -C "$server" update-ref refs/heads/elsewhere "$first"
reconcile "$server"
is "$said" 0 'a ref that is not gated is nobody'"'"'s matter'

# all repositories of the ledger
"$gatepost" ledger list --json --ledger "$work/ledger" > /dev/null
git -C "$server" update-ref refs/heads/main "$first"
reconcile
is "$said" 1 'without a repository all are looked at'
has "$work/said" 'one: refs/heads/main is at' 'by their names'
mv "$server" "$work/away.git"
reconcile
is "$said" 0 'one that is not there'
has "$work/said" 'one: the records name it, and it is not below' 'is named'
mv "$work/away.git" "$server"

reconcile --grace soon "$server"
is "$said" 2 'a time that is none'
has "$work/said" '--grace soon is no time' 'is told'
reconcile "$work/nowhere"
is "$said" 2 'a repository that is none'

done_testing
