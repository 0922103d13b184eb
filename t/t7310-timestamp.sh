#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Time stamps of checkpoints, by an authority that is openssl's, and verified
# by openssl.

. "$(dirname "$0")/lib.sh"

command -v openssl > /dev/null || skip_all 'no openssl'
mkdir -p "$work/t"
tsa() { cd "$work/t" && openssl "$@" > "$work/t/said" 2>&1; }

# ---- two authorities, and a stamper whose certificate has expired ----
for ca in ca other; do
	(tsa req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.pem \
		-days 30 -subj "/CN=$ca")
done
printf '%s\n' 'extendedKeyUsage = critical,timeStamping' \
	'basicConstraints = CA:false' > "$work/t/ext"
# stamper NAME CA DAYS
stamper() {
	(tsa req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" \
		-subj "/CN=$1" &&
		tsa x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" \
			-CAcreateserial -days "$3" -extfile ext \
			-out "$1.crt")
}
stamper good ca 20
stamper stranger other 20
stamper expired ca -1
[ -s "$work/t/expired.crt" ] || skip_all "openssl makes no expired certificates"
printf '1000\n' > "$work/t/serial"
for name in good stranger expired; do
	cat <<END
[$name]
serial = serial
crypto_device = builtin
signer_cert = $name.crt
signer_key = $name.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
END
done > "$work/t/tsa.conf"
sed -n '/^\[good/,/^ess/p' "$work/t/tsa.conf" |
	sed 's/^\[good/[refuses/; s/^digests.*/digests = sha512/' \
	> "$work/t/more"
cat "$work/t/more" >> "$work/t/tsa.conf"
echo good > "$work/t/mode"
"$python" "$top/t/tsa.py" --dir "$work/t" --out "$work/t/asked" \
	--mode-file "$work/t/mode" --port-file "$work/t/port" \
	> "$work/t/log" 2>&1 &
kill_at_end $!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$work/t/port" ] && break
	sleep 0.2
done

# policy [every]
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
[timestamp "tsa"]
	url = http://127.0.0.1:$(cat "$work/t/port")/
	ca = $work/t/ca.pem
	every = ${1:-1s}
END
	} > "$work/etc/stamped.conf"
}
written() { cat "$work/ledger/segments/"*.log | grep -c '^#record '; }
sealed() { sed -n 2p "$work/ledger/sealed/checkpoint"; }
land() {
	change "$1"
	push HEAD:main
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(sealed)" = "$(written)" ] && break
		sleep 0.1
	done
	sleep 0.1
}
cursor=$work/ledger/cursors/tsa.timestamp.json
# when the last time is long ago
courier() {
	sed "s/\"next_attempt\": [0-9]*/\"next_attempt\": 0/
		${1:-s/\"last_success\": [0-9]*/\"last_success\": 1/}" \
		"$cursor" > "$work/cursor" 2> /dev/null &&
		cat "$work/cursor" > "$cursor"
	"$gatepost" courier run --once --policy "$work/etc/stamped.conf" \
		> "$work/said" 2>&1
}
status() {
	"$gatepost" courier status --policy "$work/etc/stamped.conf" \
		> "$work/status" 2>&1
}
verify() {
	"$gatepost" ledger verify --policy "$work/etc/stamped.conf" \
		> "$work/verified" 2>&1
}
stamps=$work/ledger/sealed/timestamps/tsa
count() { find "$stamps" -name '*.tsr' 2> /dev/null | wc -l; }
openssl_verifies() {
	openssl ts -verify -data "$stamps/$1.checkpoint" -in "$stamps/$1.tsr" \
		-CAfile "$work/t/${2:-ca}.pem"
}

policy
new_server one
land 'one'
courier
is $? 0 'a time stamp is asked for'
has "$work/t/asked" '^good application/timestamp-query$' 'as RFC 3161 has it'
n=$(sealed)
yes 'it is published' test -s "$stamps/$n.tsr"
yes 'openssl verifies it' openssl_verifies "$n"
no 'by that authority alone' openssl_verifies "$n" other
is "$(sed '/^$/q' "$stamps/$n.checkpoint")" \
	"$(sed '/^$/q' "$work/ledger/sealed/checkpoint")" \
	'it is of the checkpoint'
has "$stamps/$n.checkpoint" ' test.example ' 'with its signature'
status
is $? 0 'courier status is well'
has "$work/status" 'time stamper tsa .*: up to date' 'and names it'
verify
is $? 0 'verify finds nothing wrong'
has "$work/verified" "stamper tsa: the first $n records were there at 20" \
	'and tells which records were there, and when'

# not more often than asked for
policy 1h
land 'two'
asked=$(wc -l < "$work/t/asked")
courier s/no/no/
is "$?:$(wc -l < "$work/t/asked")" "0:$asked" \
	'none is asked for before its time'
verify
has "$work/verified" 'nobody outside vouches for the [0-9]* sealed records' \
	'verify tells how many records no anchor covers'
courier
is "$(wc -l < "$work/t/asked")" $((asked + 1)) 'one is when it has come'
asked=$(wc -l < "$work/t/asked")
courier
is "$(wc -l < "$work/t/asked")" "$asked" 'none without a new checkpoint'
policy

# what is no time stamp of ours
for wrong in stranger:'does not verify' expired:'expired' \
	again:'does not verify' garbage:'no answer of RFC 3161' \
	refuses:'was not granted' 503:'answered 503'; do
	echo "${wrong%%:*}" > "$work/t/mode"
	land "$wrong"
	before=$(count)
	courier
	is "$?:$(count)" "1:$before" "${wrong%%:*}: is not published"
	status
	has "$work/status" "last error .*${wrong#*:}" "${wrong%%:*}: is told"
done
echo good > "$work/t/mode"
courier
is $? 0 'at last there is a good one'
has "$work/admin.log" 'time stamper tsa: vouches again' 'and the log says so'
n=$(sealed)
yes 'which openssl verifies' openssl_verifies "$n"

# a certificate that has expired since: by the time that it states
verify
is $? 0 'all of them hold'
has "$work/verified" '3 time stamps hold' 'and are counted'

# and hold when the ledger's key has been replaced
old=$("$gatepost" ledger key --ledger "$work/ledger" show | cut -d+ -f2)
"$gatepost" ledger key --ledger "$work/ledger" rotate > "$work/vkeys"
"$gatepost" ledger key --ledger "$work/ledger" retire "$old" > "$work/out"
grep -v "+$old+" "$work/vkeys" > "$work/new.vkey"
"$gatepost" ledger verify --policy "$work/etc/stamped.conf" \
	--key "$work/new.vkey" > "$work/verified" 2>&1
is $? 0 'by the new key of the ledger, too'
has "$work/verified" '3 time stamps hold' 'all of them'

# a copy has them, too
"$gatepost" ledger follow --key "$work/vkeys" "$work/ledger" "$work/follower" \
	> "$work/out" 2>&1
is $? 0 'a copy is made'
copied() {
	"$gatepost" ledger verify --ledger "$work/follower" \
		--key "$work/vkeys" --tsa-ca "$work/t/ca.pem" \
		> "$work/verified" 2>&1
}
copied
is $? 0 'it verifies'
has "$work/verified" '3 time stamps hold' 'and has the time stamps'
"$gatepost" ledger follow "$work/ledger" "$work/follower" > "$work/out" 2>&1
is $? 0 'one that has them all'
cp "$stamps/$n.tsr" "$work/kept"
rm "$work/follower/sealed/timestamps/tsa/$n."*
"$gatepost" ledger follow "$work/ledger" "$work/follower" > "$work/out" 2>&1
yes 'the last comes again' cmp "$work/kept" \
	"$work/follower/sealed/timestamps/tsa/$n.tsr"
rm "$work/follower/sealed/timestamps/tsa/$n."*
cp "$stamps/$n.checkpoint" "$work/kept.checkpoint"
sed '3s/./A/g' "$work/kept.checkpoint" > "$stamps/$n.checkpoint"
"$gatepost" ledger follow "$work/ledger" "$work/follower" > "$work/out" 2>&1
is $? 1 'one of other records is refused'
has "$work/out" 'tsa' 'and named'
cp "$work/kept.checkpoint" "$stamps/$n.checkpoint"

# those that were published are changed
cp "$stamps/$n.tsr" "$work/kept"
first=$(ls "$stamps" | sed -n "s/[.]tsr$//p" | sort -n | head -n 1)
cp "$stamps/$first.tsr" "$stamps/$n.tsr"
verify
is $? 1 'a time stamp of another checkpoint is found'
has "$work/verified" "WRONG time stamper tsa, $n records: does not verify" \
	'and told'
cp "$work/kept" "$stamps/$n.tsr"
sed 's,^.*CAfile.*,,; s/ca.pem/other.pem/' "$work/etc/stamped.conf" \
	> "$work/etc/other.conf"
"$gatepost" ledger verify --policy "$work/etc/other.conf" \
	> "$work/verified" 2>&1
is $? 1 'so is one by another authority'
has "$work/verified" 'WRONG time stamper tsa' 'and told'
"$gatepost" ledger verify --ledger "$work/ledger" --tsa-ca "$work/t/ca.pem" \
	> "$work/verified" 2>&1
is $? 0 'an auditor names the authority'
has "$work/verified" 'were there at' 'and is told'
"$gatepost" ledger verify --ledger "$work/ledger" > "$work/verified" 2>&1
is $? 0 'one who names none'
has "$work/verified" 'not counted: time stamper tsa' 'is told that'

done_testing
