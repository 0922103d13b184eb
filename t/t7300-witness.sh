#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Checkpoints are cosigned by a witness, which finds what was rolled back.

. "$(dirname "$0")/lib.sh"

command -v openssl > /dev/null || skip_all 'no openssl'
mkdir -p "$work/w"
witness() {
	"$python" "$top/t/witness.py" --dir "$work/w" "$@"
}
start_witness() {
	rm -f "$work/w/port"
	"$python" "$top/t/witness.py" --dir "$work/w" \
		--logs "$work/logs" --out "$work/w/asked" \
		--mode-file "$work/w/mode" --port "$port" \
		--port-file "$work/w/port" > "$work/w/log" 2>&1 &
	witness=$!
	kill_at_end $witness
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -s "$work/w/port" ] && break
		sleep 0.2
	done
	port=$(cat "$work/w/port")
}
stop_witness() {
	kill "$witness"
	wait "$witness" 2> /dev/null
}
# The hooks know of no witness, so that nobody but this test asks it.
policy() {
	policy_file <<END
[gate "main"]
	ref = refs/heads/main
	rule = linear
[rule "linear"]
	check = history
END
	{
		cat "$work/etc/policy.conf"
		cat <<END
[witness "w1"]
	url = http://127.0.0.1:$port/w/
	key = $(witness --vkey)
	every = 0s
END
	} > "$work/etc/witness.conf"
}
written() { cat "$work/ledger/segments/"*.log | grep -c '^#record '; }
# a push, and what it recorded is sealed by what the hook starts
land() {
	change "$1"
	push HEAD:main
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(sealed)" = "$(written)" ] && break
		sleep 0.1
	done
	sleep 0.1
}
# A look at once, whatever the last one has said of when to try again.
courier() {
	sed 's/"next_attempt": [0-9]*/"next_attempt": 0/' \
		"$work/ledger/cursors/w1.witness.json" > "$work/cursor" \
		2> /dev/null &&
		cat "$work/cursor" > "$work/ledger/cursors/w1.witness.json"
	"$gatepost" courier run --once --policy "$work/etc/witness.conf" \
		> "$work/said" 2>&1
}
status() {
	"$gatepost" courier status --policy "$work/etc/witness.conf" \
		> "$work/status" 2>&1
}
sealed() { sed -n 2p "$work/ledger/sealed/checkpoint"; }
cosigned() { sed -n 2p "$work/ledger/sealed/witness/w1"; }
answers() { tail -n "${1:-1}" "$work/w/asked.answers" | paste -sd ' '; }
# the key of the witness has signed what is in the file, says openssl
verifies() {
	"$python" - "$top/t" "$1" "$(witness --vkey)" <<'END'
import base64, sys
sys.path.insert(0, sys.argv[1])
import witness
text, lines = open(sys.argv[2], "rb").read().split(b"\n\n")
name, kid, blob = sys.argv[3].split("+", 2)
for line in lines.decode().split("\n")[:-1]:
    dash, who, raw = line.split(" ")
    raw = base64.b64decode(raw)
    if who == name and raw[:4].hex() == kid:
        said = (b"cosignature/v1\ntime %d\n" %
                int.from_bytes(raw[4:12], "big") + text + b"\n")
        sys.exit(not witness.holds(base64.b64decode(blob)[1:], said, raw[12:]))
sys.exit(1)
END
}

port=0
policy
new_server one
"$gatepost" ledger key --ledger "$work/ledger" show > "$work/logs"
start_witness
policy
land 'one'
courier
is $? 0 'the witness is asked'
is "$(answers)" 200 'and cosigns'
is "$(cosigned)" "$(sealed)" 'its cosignature is published'
yes 'it is under the checkpoint that clients fetch' \
	verifies "$work/ledger/sealed/checkpoint"
yes 'and in a file of its own' verifies "$work/ledger/sealed/witness/w1"
has_not "$work/ledger/sealed/checkpoint" somebody \
	'a cosignature of an unknown key is left out'
is "$(head -n 1 "$work/w/asked" | grep -c '"old 0\\n\\n')" 1 \
	'at first it is asked from nothing'
status
is $? 0 'courier status is well'
has "$work/status" 'witness w1 (127.0.0.1:.*): up to date' 'and names it'
before=$(wc -l < "$work/w/asked")
courier
is "$(wc -l < "$work/w/asked")" "$before" 'a checkpoint is cosigned once'

old=$(sealed)
for i in 1 2 3; do land "more $i"; done
courier
is "$(answers)" 200 'the next checkpoint is cosigned with a proof'
has "$work/w/asked" "\"old $old"'\\n[A-Za-z0-9+/=]\{44\}\\n' \
	'from the one before'
yes 'and published' test "$(cosigned)" -gt "$old"
"$gatepost" ledger prove --ledger "$work/ledger" 0 > "$work/proof"
has "$work/proof" 'witness.example/w1 ' 'proofs have the cosignature'
yes 'and still hold' "$gatepost" ledger verify-proof \
	--key "$work/logs" "$work/proof"
yes 'by the key of the witness, too' "$gatepost" ledger verify-proof \
	--key "$(witness --vkey)" "$work/proof"

verify() {
	"$gatepost" ledger verify "$@" > "$work/verified" 2>&1
}
verify --policy "$work/etc/witness.conf"
is $? 0 'verify finds nothing wrong'
has "$work/verified" "witness w1: witness.example/w1+.* has cosigned the first $(sealed) records" \
	'verify tells what the witness vouches for'
verify --ledger "$work/ledger"
is $? 0 'without a policy nobody is believed'
has "$work/verified" 'not counted: witness w1' 'it says so'
has "$work/verified" 'could have made all of this anew' 'and what that means'
verify --ledger "$work/ledger" --witness "$(witness --vkey)"
has "$work/verified" 'witness w1: .* has cosigned the first' \
	'an auditor names the witness'
verify --policy "$work/etc/policy.conf" --witness "$(witness --vkey)" --json
is "$("$python" -c 'import json, sys
v = json.load(open(sys.argv[1]))
print(v["anchored"] == v["sealed"], v["anchors"][0]["result"])' \
	"$work/verified")" 'True holds' 'for programs, too'

# the cursor is lost: the witness says where it is
rm "$work/ledger/cursors/w1.witness.json"
land 'five'
courier
is "$(answers 2)" '409 200' 'a lost cursor is found again by asking'

# it is down, and back
stop_witness
land 'six'
courier
is $? 1 'a witness that is down leaves something to do'
has "$work/admin.log" 'witness w1: cannot connect' 'the log says so'
status
is $? 1 'courier status is not well'
has "$work/status" 'cannot connect' 'and says why'
start_witness
courier
is "$(answers)" 200 'it is asked again when it is back'
has "$work/admin.log" 'witness w1: vouches again' 'and the log says that'

# what refuses
for refusal in 403:'does not know the key' 404:'does not know a ledger' \
	422:'the ledger was changed' 500:'answered 500'; do
	echo "${refusal%%:*}" > "$work/w/mode"
	land "refused $refusal"
	courier
	status
	has "$work/status" "${refusal#*:}" "${refusal%%:*} is told"
done
for forgery in forged other garbage; do
	echo $forgery > "$work/w/mode"
	land "$forgery"
	was=$(cosigned)
	courier
	status
	has "$work/status" 'no cosignature' "$forgery: told"
	is "$(cosigned)" "$was" "$forgery: nothing is published"
done
echo ok > "$work/w/mode"
courier
is "$(cosigned)" "$(sealed)" 'after all that it is cosigned'

# what others put in the inbox
cp "$work/ledger/anchors/witness-w1" "$work/letter"
sed 's/^\([^ ]* witness.example.w1 .\{20\}\)./\1A/' "$work/letter" \
	> "$work/ledger/anchors/witness-w1"
if cmp -s "$work/letter" "$work/ledger/anchors/witness-w1"; then
	sed 's/^\([^ ]* witness.example.w1 .\{20\}\)./\1B/' "$work/letter" \
		> "$work/ledger/anchors/witness-w1"
fi
courier
yes 'a forged letter is not published' cmp -s "$work/letter" \
	"$work/ledger/sealed/witness/w1"
has "$work/admin.log" 'not published: .*w1 left.*does not hold' \
	'the log says so'
rm "$work/ledger/anchors/witness-w1"
ln -s "$work/letter" "$work/ledger/anchors/witness-w1"
rm "$work/ledger/sealed/witness/w1"
"$gatepost" ledger seal --policy "$work/etc/witness.conf" > /dev/null 2>&1
no 'a link is not followed' test -e "$work/ledger/sealed/witness/w1"
rm "$work/ledger/anchors/witness-w1"
cp "$work/letter" "$work/ledger/anchors/witness-w1"
"$gatepost" ledger seal --policy "$work/etc/witness.conf" > /dev/null 2>&1
yes 'what is genuine is' test -e "$work/ledger/sealed/witness/w1"

# the service, and pushes whose hooks know of the witness
cp "$work/etc/policy.conf" "$work/etc/kept.conf"
sed -n '/^\[witness/,$p' "$work/etc/witness.conf" >> "$work/etc/policy.conf"
"$gatepost" courier run --policy "$work/etc/policy.conf" \
	> "$work/service" 2>&1 &
service=$!
kill_at_end $service
change 'served'
push HEAD:main
is "$pushed" 0 'a push while the service runs'
for i in $(seq 60); do
	[ "$(cosigned)" = "$(written)" ] && break
	sleep 0.2
done
is "$(cosigned)" "$(written)" 'the service has it cosigned and publishes it'
yes 'under the checkpoint' verifies "$work/ledger/sealed/checkpoint"
kill $service
wait $service
is $? 0 'and stops'
change 'woken'
push HEAD:main
for i in $(seq 60); do
	[ "$(cosigned)" = "$(written)" ] && break
	sleep 0.2
done
is "$(cosigned)" "$(written)" 'without it the hook starts what has it cosigned'
for i in $(seq 60); do
	"$gatepost" courier status --policy "$work/etc/policy.conf" |
		grep -q 'being asked.*no' && break
	sleep 0.1
done
cp "$work/etc/kept.conf" "$work/etc/policy.conf"

# a sealer of its own: who asks leaves it there, the sealer publishes it
as_sealer() { setpriv --reuid=65534 --regid=65534 --groups=0 "$@"; }
if [ "$(id -u)" = 0 ] && as_sealer true 2> /dev/null; then
	chmod 755 "$work"
	chown -R 65534:0 "$work/ledger/sealed" "$work/ledger/keys"
	land 'for another to seal'
	as_sealer "$gatepost" ledger seal --policy "$work/etc/witness.conf" \
		> "$work/out" 2>&1
	is $? 0 'another user seals'
	was=$(cosigned)
	courier
	is "$?:$(answers)" 0:200 'the courier asks the witness'
	is "$(cosigned)" "$was" 'but cannot publish'
	as_sealer "$gatepost" ledger seal --policy "$work/etc/witness.conf" \
		> "$work/out" 2>&1
	is "$(cosigned)" "$(sealed)" 'which the sealer does'
	yes 'it is under the checkpoint, too' \
		verifies "$work/ledger/sealed/checkpoint"
	has_not "$work/admin.log" 'belongs to user' 'and nothing is complained of'
	chown -R 0:0 "$work/ledger/sealed" "$work/ledger/keys"
else
	skip 'a sealer of its own' 'needs root, and setpriv'
fi

# what is published is changed
cp "$work/ledger/sealed/witness/w1" "$work/letter"
sed 's/^\([^ ]* witness.example.w1 .\{20\}\)\(.\)/\1_\2/; s/_[A-Y]/Z/; s/_./A/' \
	"$work/letter" > "$work/ledger/sealed/witness/w1"
verify --policy "$work/etc/witness.conf"
is $? 1 'verify finds a forged cosignature'
has "$work/verified" 'WRONG witness w1.*does not hold' 'and says so'
cp "$work/letter" "$work/ledger/sealed/witness/w1"
verify --policy "$work/etc/witness.conf"
is $? 0 'and nothing when it is back'

# a copy has what witnesses have cosigned
"$gatepost" ledger follow --key "$(head -n 1 "$work/ledger/sealed/vkeys")" \
	"$work/ledger" "$work/follower" > "$work/out" 2>&1
is $? 0 'a copy is made'
yes 'with the cosigned checkpoint' cmp "$work/ledger/sealed/witness/w1" \
	"$work/follower/sealed/witness/w1"
sed 's,ledger = .*,ledger = '"$work/follower"',' "$work/etc/witness.conf" \
	> "$work/etc/follower.conf"
"$gatepost" ledger verify --policy "$work/etc/follower.conf" \
	> "$work/verified" 2>&1
has "$work/verified" '^witness w1.*records' 'and verify says what it covers'
sed '3s/./A/g' "$work/letter" > "$work/ledger/sealed/witness/w1"
rm "$work/follower/sealed/witness/w1"
"$gatepost" ledger follow "$work/ledger" "$work/follower" > "$work/out" 2>&1
is $? 1 'one of other records is refused'
has "$work/out" 'w1' 'and named'
cp "$work/letter" "$work/ledger/sealed/witness/w1"

# a ledger that is put back, and goes on differently
rm -rf "$work/copy"
cp -a "$work/ledger" "$work/copy"
land 'to be forgotten'
courier
forgotten=$(cosigned)
yes 'one more is cosigned' test "$(cosigned)" -gt \
	"$(sed -n 2p "$work/copy/sealed/checkpoint")"
rm -rf "$work/ledger"
cp -a "$work/copy" "$work/ledger"
rm -f "$work/ledger/cursors/w1.witness.json" "$work/ledger/anchors/"*
courier
is $? 1 'a ledger that was put back is not cosigned'
verify --policy "$work/etc/witness.conf"
is $? 1 'verify finds a ledger that was put back'
has "$work/verified" 'WRONG witness w1, in vain since .*put back' \
	'by what the witness has said'
status
has "$work/status" 'put back to an older state, or replaced' \
	'and it is said that the witness knows more'
land 'as many as there were'
is "$(sealed)" "$forgotten" 'it has as many records again, but others'
courier
status
has "$work/status" 'records that are not those of this ledger' \
	'which is said'
for i in 1 2 3 4 5 6; do land "other $i"; done
courier
status
has "$work/status" 'the ledger was changed' \
	'when it has grown again, it is still found'
no 'it is in no way cosigned' test "$(cosigned)" = "$(sealed)"

done_testing
