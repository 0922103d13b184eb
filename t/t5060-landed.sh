#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# When a change has landed, gatepost removes its approvals: also one that
# several rules counted, and also so many that they left the record.

. "$(dirname "$0")/lib.sh"

people=$(i=0; while [ $((i += 1)) -le 24 ]; do echo "p$i"; done)
for name in $people; do signing_key "$name"; done
{
	printf '[signers]\n\tssh = signers\n'
	for name in alice $people; do
		printf '[principal "%s"]\n\temail = %s@example.com\n' \
			"$name" "$name"
		printf '\tlogin = %s\n\trole = reviewer\n' "$name"
	done
	cat << 'END'
[gate "main"]
	ref = refs/heads/main
	rule = one
	rule = another
[rule "one"]
	check = review
	quorum = 1
[rule "another"]
	check = review
	quorum = 1 of reviewer
END
} | policy_file
new_server one
approvals() { git -C "$server" for-each-ref refs/approvals | wc -l; }

# proposed BY…: a change that alice brought to a branch and these approve
proposed() {
	as alice; change 'feat: something'
	push HEAD:refs/heads/topic --force
	for name; do sign_as "$name"; approve main HEAD; done
	as alice
}

proposed p1
is "$(approvals)" 1 'an approval'
accepted 'it counts for two rules' HEAD:main
is "$(grep -o '"counted":true' "$work/decision" | wc -l)" 2 'for each of them'
is "$(approvals)" 0 'it is gone when the change has landed'

proposed $people
is "$(approvals)" 24 'many approvals'
push HEAD:main
last_decision
is $pushed 0 'all count'
has "$work/decision" '"approvals_evidence":{' 'they have left the record'
is "$(approvals)" 0 'they are gone when the change has landed'
has_not "$work/admin.log" 'post-receive' 'nothing was complained about'

proposed p1
is "$(approvals)" 1 'an approval of what does not land'
push HEAD:main HEAD:refs/approvals/bad
is $pushed 1 'refused for another reason'
is "$(approvals)" 1 'it stays'

done_testing
