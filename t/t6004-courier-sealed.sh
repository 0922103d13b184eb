#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Destinations get sealed records, and each new checkpoint.

. "$(dirname "$0")/lib.sh"

mkdir -p "$work/r"
printf 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n' > "$work/r/secret"
chmod 600 "$work/r/secret"
"$python" "$top/contrib/receiver.py" --out "$work/r/events" \
	--port-file "$work/r/port" --secret-file "$work/r/secret" \
	--mode-file "$work/r/mode" --seconds 300 > "$work/r/log" 2>&1 &
kill_at_end $!
for i in 1 2 3 4 5 6 7 8 9 10; do
	[ -s "$work/r/port" ] && break
	sleep 0.2
done
policy() {
	policy_file <<END
[gate "main"]
	ref = refs/heads/main
	rule = linear
[rule "linear"]
	check = history
[sink "grc"]
	url = http://127.0.0.1:$(cat "$work/r/port")/
	sign = standard-webhooks
	secret-file = $work/r/secret
	${1:-}
END
}
courier() {
	"$gatepost" courier run --once --policy "$work/etc/policy.conf" \
		> "$work/said" 2>&1
}
# event KIND: how many of that kind arrived
events() {
	"$python" - "$work/r/events" "$1" <<'END'
import json, sys
n = 0
try:
    for line in open(sys.argv[1]):
        got = json.loads(line)
        n += (got["event"]["type"] == "dev.gatepost.%s.v1" % sys.argv[2] and
              got["answer"] == 204)
except FileNotFoundError:
    pass
print(n)
END
}
sealed() { sed -n 2p "$work/ledger/sealed/checkpoint"; }
# who lists records adds one
written() { cat "$work/ledger/segments/"*.log | grep -c '^#record '; }

policy
new_server one
change 'one'
push HEAD:main
courier
is "$?" 0 'everything is delivered'
n=$(written)
is "$(sealed)" "$n" 'the courier seals what is there'
is "$(events decision)" 1 'the decision has arrived'
yes 'and a checkpoint' test "$(events checkpoint)" -ge 1
"$python" - "$work/r/events" > "$work/last" <<'END'
import json, sys
for line in open(sys.argv[1]):
    e = json.loads(line)["event"]
    if e["type"] == "dev.gatepost.checkpoint.v1":
        last = e
sys.stdout.write(last["data"]["note"])

END
is "$(cmp "$work/last" "$work/ledger/sealed/checkpoint" && echo same)" same \
	'it is the signed note, byte for byte'

before=$(events checkpoint)
courier
is "$(events checkpoint)" "$before" 'a checkpoint is posted once'

# while nobody can seal, nothing is delivered
mv "$work/ledger/keys" "$work/keys"
change 'two'
push HEAD:main
courier
is "$(events decision)" 1 'what is not sealed is not delivered'
mv "$work/keys" "$work/ledger/keys"
courier
is "$(events decision)" 2 'and is when it has been sealed'
is "$(events checkpoint)" $((before + 1)) 'with the new checkpoint'

# an endpoint that knows nothing of checkpoints
policy 'record = decision'
change 'three'
push HEAD:main
courier
is "$(events decision):$(events checkpoint)" "3:$((before + 1))" \
	'a destination says which records it wants'
policy 'record = checkpoint'
courier
is "$(events checkpoint)" $((before + 2)) 'or checkpoints alone'

# it fails
policy
echo 'status 500' > "$work/r/mode"
change 'four'
push HEAD:main
"$gatepost" courier run --once --deadline 1 \
	--policy "$work/etc/policy.conf" > "$work/said" 2>&1
echo ok > "$work/r/mode"
rm -f "$work/ledger/cursors/grc.lock"
for i in 1 2 3 4 5 6 7 8 9 10; do
	courier && break
	sleep 1
done
is "$(events decision)" 4 'a record comes when the destination is back'
is "$(events checkpoint)" $((before + 3)) 'and the checkpoint behind it'

# the service
"$gatepost" courier run --policy "$work/etc/policy.conf" \
	> "$work/service" 2>&1 &
service=$!
kill_at_end $service
change 'five'
push HEAD:main
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(events decision)" = 5 ] && [ "$(sealed)" = "$(written)" ] && break
	sleep 0.3
done
is "$(events decision)" 5 'the service seals and delivers'
kill $service
wait $service
is $? 0 'and stops'

# without destinations a push is sealed by what the hook starts
policy_file <<END
[gate "main"]
	ref = refs/heads/main
	rule = linear
[rule "linear"]
	check = history
END
change 'six'
push HEAD:main
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(sealed)" = "$(written)" ] && break
	sleep 0.2
done
is "$(sealed)" "$(written)" 'sealed without any destination'

done_testing
