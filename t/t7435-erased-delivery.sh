#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whoever was erased is named to no destination any more, neither by a service
# that delivered their records before.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

signing_key bob
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
END
"$python" "$t_dir/sink-server.py" "$work/port" "$work/requests" "$work/mode" &
kill_at_end $!
until [ -s "$work/port" ]; do sleep 0.1; done
echo '{"comment": ${json:comment}, "of": "${decision}"}' > "$work/etc/body.json"
conf=$work/etc/delivery.conf
{
	cat "$work/etc/policy.conf"
	printf '[sink "grc"]\n\turl = http://127.0.0.1:%s/hook\n' \
		"$(cat "$work/port")"
	printf '\tformat = template\n\tbody-template = body.json\n'
	printf '\trecord = decision\n\trecord = outcome\n'
} > "$conf"
# wait_for WORDS: until that was sent
wait_for() {
	i=0
	until grep -q "$1" "$work/requests" 2> /dev/null || [ $i = 150 ]; do
		sleep 0.1
		i=$((i + 1))
	done
}

new_server api
change 'feat: one'
push HEAD:topic
sign_as bob
approve main HEAD
as alice
rm "$server/hooks/post-receive"
accepted 'a push of which nobody tells what moved' HEAD:main
"$gatepost" courier run --policy "$conf" > "$work/courier" 2>&1 &
kill_at_end $!
wait_for 'Approved by: bob'
has "$work/requests" 'Approved by: bob' 'its decision is delivered, with the name'
yes 'they are erased' "$gatepost" ledger erase --policy "$work/etc/policy.conf" \
	--principal bob
: > "$work/requests"
"$gatepost" ledger reconcile --grace 0s --policy "$work/etc/policy.conf" \
	"$server" > "$work/out" 2>&1
wait_for landed
has "$work/requests" 'landed: main in api.*Approved by: somebody' \
	'what moved is delivered later, without the name'
has_not "$work/requests" bob 'which nothing else holds, either'
done_testing
