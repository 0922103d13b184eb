#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Delivery goes on where it was when retention has removed records, those among
# them that a destination took last, has refused for good, or has counted; and
# nothing else is sent in their place.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

policy_file << END
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	rule = keep
[rule "keep"]
	check = history
[retention]
	default = 90d
END
"$python" "$t_dir/sink-server.py" "$work/port" "$work/requests" "$work/mode" &
kill_at_end $!
until [ -s "$work/port" ]; do sleep 0.1; done
mkdir "$work/etc/tickets"
cat > "$work/etc/tickets/sink.conf" << 'END'
[sink]
	per = change
	format = template
	post-url = /issues.json
	body-template = body.json
	id-json = /issue/id
	lookup-url = /issues.json?key=${change-key}
	lookup-found = /total_count>0
	lookup-id = /issues/0/id
	comment-url = /issues/${remote-id}
	comment-method = PUT
	comment-template = body.json
	comment-lookup-url = /issues/${remote-id}
	comment-lookup-found = /issue/journals/*/notes=~${id}
	open = refusal
END
echo '{"issue": {"key": "${change-key}", "description": "${id}", "notes": "${id}"}}' \
	> "$work/etc/tickets/body.json"
# Hooks know of no destination, so nobody delivers but we.
conf=$work/etc/delivery.conf
sinks() {
	{
		cat "$work/etc/policy.conf"
		for sink; do
			printf '[sink "%s"]\n\turl = http://127.0.0.1:%s/%s\n' \
				"$sink" "$(cat "$work/port")" hook
			printf '\ttimeout = 3s\n\trecord = decision\n'
		done
	} > "$conf"
}
deliver() { "$gatepost" courier run --once --policy "$conf" "$@"; }
parked() {
	"$gatepost" courier status --json --policy "$conf" > "$work/status" || :
	"$python" -c '
import json, sys
print([p["reason"] for s in json.load(open(sys.argv[1]))["destinations"]
       for p in s["parked_records"]])' "$work/status"
}
sent() { grep -c '"POST"' "$work/requests"; }

new_server api
for i in 1 2 3; do
	change "feat: number $i"
	accepted "push $i" HEAD:main
done
# what a push began to seal may still be at work in the old place
seal > "$work/out"
mv "$ledger" "$ledger.young"; cp -rp "$ledger.young" "$ledger"
"$python" "$t_dir/age-records.py" "$ledger" 400
rm -rf "$ledger/index"
"$gatepost" ledger reindex --ledger "$ledger" > "$work/out"
"$gatepost" ledger key rotate --ledger "$ledger" > "$work/out"
# Where all is kept, the segment is closed, as it is that old.
sed 's/90d/500d/' "$work/etc/policy.conf" > "$work/etc/keep.conf"
yes 'and kept' "$gatepost" ledger retain --policy "$work/etc/keep.conf"
change 'feat: of today'
accepted 'a push of today' HEAD:main
yes 'all is sealed' seal

# Of the old ones the first is taken, the second refused, the third taken.
sinks grc
printf '%s\n' ok 'status 422' ok 'status 422' ok 'always status 503' \
	> "$work/mode"
no 'the old ones are delivered' deliver
is "$(parked)" "['the endpoint answered 422: {\"message\": \"no\"}']" 'but for one'
printf '{"format":1,"next":1,"attempts":1,"next_attempt":0,"waiting":[%s]}' \
	"{\"id\":\"01934f6e-7b3a-7cc1-9d3f-000000000001\",\"index\":0,\"pushed\":1}" \
	> "$ledger/cursors/grc.asks.json"
"$gatepost" ledger retain --policy "$conf" > "$work/out" 2>&1
has_not "$work/out" 'left' 'none leaves while a ticket in them has no answer'
rm "$ledger/cursors/grc.asks.json"
yes 'and leave' "$gatepost" ledger retain --policy "$conf"
has "$work/out" 'records 0 to [0-9]* left' 'as they were delivered'
echo 'always ok' > "$work/mode"
sed -i 's/"next_attempt": *[0-9]*/"next_attempt": 0/' "$ledger/cursors/grc.json"
: > "$work/requests"
yes 'delivery goes on' deliver
is "$(sent)" 1 'with what is left'

: > "$work/requests"
"$gatepost" courier retry --policy "$conf" --all > "$work/out" 2>&1
deliver > "$work/out" 2>&1
is "$(sent)" 0 'nothing is sent in the place of what has left'
is "$(parked)" '[]' 'which nobody waits for any more'
has "$work/admin.log" 'can no longer be sent: .*retention' 'and that is said'

# Nothing that it took is left to see whether it still takes anything.
sed -i 's/"last_index": *[0-9]*/"last_index": 0/' "$ledger/cursors/grc.json"
change 'feat: poison'
accepted 'one that is refused' HEAD:main
change 'feat: behind it'
accepted 'and one behind it' HEAD:main
yes 'both are sealed' seal
{
	for i in 1 2 3 4 5 6 7 8 9; do echo 'status 422'; done
	echo 'always ok'
} > "$work/mode"
: > "$work/requests"
for i in 1 2 3 4 5 6 7 8 9; do
	sed -i 's/"next_attempt": *[0-9]*/"next_attempt": 0/' \
		"$ledger/cursors/grc.json"
	deliver > "$work/out" 2>&1
done
is "$(parked)" "['the endpoint answered 422: {\"message\": \"no\"}']" \
	'it is parked all the same'
is "$(grep -c '"status": 200' "$work/requests")" 1 'and the next is taken'

# Nor is anything left behind which the second request would be repeated.
echo '{"then": "${id}"}' > "$work/etc/then.json"
printf '\tthen-url = /hook\n\tthen-template = then.json\n' >> "$conf"
sed -i 's/"last_index": *[0-9]*/"last_index": 0/' "$ledger/cursors/grc.json"
change 'feat: refused behind'
accepted 'one whose second request is refused' HEAD:main
yes 'it is sealed' seal
{
	for i in 1 2 3 4 5 6 7 8 9; do echo ok; echo 'status 422'; done
	echo 'always ok'
} > "$work/mode"
: > "$work/requests"
for i in 1 2 3 4 5 6 7 8 9; do
	sed -i 's/"next_attempt": *[0-9]*/"next_attempt": 0/' \
		"$ledger/cursors/grc.json"
	deliver > "$work/out" 2>&1
done
is "$(grep -c then "$work/requests")" 9 'it was tried so often, and then parked'
has_not "$work/requests" 'then[^:]*: [^a-z0-9]*}' 'never without a record'
done_testing
