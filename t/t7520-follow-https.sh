#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger follow https://…: a copy made from what any web server
# serves of a ledger grows with it, verifies, and takes nothing that differs
# from what was signed or copied, nor from anybody but the right host.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"
command -v openssl > /dev/null || skip_all 'no openssl'

copy=$work/copy
log=$work/log
how=$work/how
: > "$how"
cd "$work" || exit 99

authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -days 2 -keyout "$1.key" -out "$1.pem" \
		2>> openssl.log
}
authority ours
authority theirs
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-subj /CN=log -keyout log.key -out log.csr 2>> openssl.log
echo 'subjectAltName=DNS:localhost' > ext
openssl x509 -req -in log.csr -CA ours.pem -CAkey ours.key -CAcreateserial \
	-days 2 -extfile ext -out log.pem 2>> openssl.log

# serve PORT-FILE [CERTIFICATE KEY]
serve() {
	port_file=$1; shift
	"$python" "$t_dir/serve-log.py" "$log" "$port_file" "$how" "$@" \
		2>> served &
	kill_at_end $!
	i=0
	while [ ! -s "$port_file" ] && [ $((i += 1)) -le 100 ]; do
		sleep 0.1
	done
}
# publish: what a web server, or a mirror of it, gets
publish() { rm -rf "$log"; cp -rp "$ledger/sealed" "$log"; }
follow() {
	"$gatepost" ledger follow --ca-file ours.pem "$@" "$url" "$copy"
}
sealed() { sed -n 2p "$copy/sealed/checkpoint"; }
verify_copy() { "$gatepost" ledger verify --ledger "$copy" "$@"; }
state() {
	(cd "$copy" 2> /dev/null && find . -type f ! -path './locks/*' \
		-exec sha256sum {} + | sort)
}
# refused STATUS WORDS NAME [OPTION…]: a run that ends so, says so, and leaves
# all as it was
refused() {
	status=$1 words=$2 name=$3; shift 3
	state > before
	follow "$@" > out 2>&1
	rc=$?
	state > after
	cmp -s before after || echo 'something stays' >> out
	if [ $rc = "$status" ] && grep -q -e "$words" out &&
		cmp -s before after; then ok "$name"; else
		echo "exit status $rc; wanted: $status, $words" >> out
		not_ok "$name" out
	fi
	publish
	: > "$how"
}

# ---- a ledger with evidence and people ----

signing_key bob
policy_file << 'END'
[signers]
	ssh = signers
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
new_server api
change 'feat: something'
push HEAD:topic
sign_as bob; approve main HEAD; as alice
accepted 'an approved push' HEAD:main
cd "$work" || exit 99
some 300
seal > out
publish
vkeys=$work/vkeys
cp "$ledger/sealed/vkeys" "$vkeys"
serve port log.pem log.key
url=https://localhost:$(cat port)/

# ---- good ----

follow > out 2> err
is $? 0 'the first run'
has err 'believed unseen' 'says that it trusts'
is "$(grep '+' out)" "$(cat "$vkeys")" 'and prints whom'
is "$(sealed)" "$(size)" 'all that is sealed is there'
rm -rf "$copy"
yes 'the first run with a key' follow --key "$vkeys"
has_not "$work/out" 'believed' 'trusts nobody else'
verify_copy --key "$vkeys" > out 2>&1
is $? 0 'the copy verifies'
has out '0 pieces of evidence, which this copy is without: all as' \
	'and says so'
has "$copy/format" '^copy-lacks evidence people$' 'it says what it lacks'
grep -h '^{' "$copy"/segments/*.log > got
grep -h '^{' "$ledger"/segments/*.log | head -n "$(size)" > wanted
cmp got wanted > out 2>&1
is $? 0 'the records are the same, byte for byte'
is "$(grep -c alice "$copy"/segments/*.log)" 0 'nobody is in it'
yes 'a second run' follow
has "$work/out" 'nothing new' 'finds nothing new'
cp -rp "$copy" earlier
before=$(size)
some 400
seal > out
publish
yes 'a run when there is more' follow
is "$(sealed)" "$(size)" 'brings it'
yes 'and verifies' verify_copy --key "$vkeys"
id=$("$gatepost" ledger list --ledger "$copy" --json --limit 1 2> err |
	sed 's/.*"id":"\([^"]*\)".*/\1/')
"$gatepost" ledger prove --ledger "$copy" -o proof "$id" 2> err
yes 'it proves' "$gatepost" ledger verify-proof --key "$vkeys" proof

# A partial tile leaves when the full one comes: here the checkpoint is older.
grown=$copy
copy=$work/late
cp "$log/checkpoint" newer
(cd "$log" && cp "$work/earlier/sealed/checkpoint" checkpoint &&
	for n in 000 001; do
		rm -rf "tile/0/$n.p" "tile/entries/$n.p"
	done)
yes 'partial tiles that are gone, and full ones there' follow
is "$(sealed)" "$before" 'bring as much as the checkpoint says'
yes 'which verifies' verify_copy --key "$vkeys"
publish
yes 'and grows' follow
copy=$work/earlier
(cd "$log" && rm -r tile/entries/002*)
refused 1 'tile/entries/002.* is missing' 'a bundle that is missing'
rm "$log/vkeys"
copy=$work/late
rm -rf "$copy"
yes 'a log that serves no keys, of which one is given' follow --key "$vkeys"
publish

# ---- tampered ----

# flip FILE OFFSET
flip() { "$python" "$t_dir/tamper.py" "$log" flip "$1" "$2"; }
copy=$work/earlier
bundle=tile/entries/001
tile=tile/0/001
flip $bundle 40000
refused 1 'record [0-9]* *: *.*is not the one that was sealed' \
	'a tampered bundle'
flip $tile 8000
refused 1 'is not the one that was sealed' 'a tampered tile'
flip tile/1/000.p/2 10
refused 1 'tiles are not under the root' 'a tampered tile of what was copied'
printf '\0\2{}' >> "$log/$bundle"
refused 1 'goes on behind its last' 'a bundle with one entry more'
echo "short $bundle" > "$how"
refused 1 'entries' 'a bundle with fewer'
echo 'short tile/0/001' > "$how"
refused 1 'bytes long' 'a tile with fewer'
flip checkpoint 30
refused 1 'checkpoint' 'a tampered checkpoint'
# a bundle and its tile that agree, and are not under the root
"$python" - "$log" << 'END'
import hashlib, sys
path = sys.argv[1] + "/tile/entries/001"
data = bytearray(open(path, "rb").read())
at = out = 0
hashes = b""
while at < len(data):
    n = data[at] << 8 | data[at + 1]
    if out == 200:
        spot = data.index(b'"', at + n // 2)
        data[spot - 1] ^= 1
    hashes += hashlib.sha256(b"\0" + data[at + 2 : at + 2 + n]).digest()
    at, out = at + 2 + n, out + 1
open(path, "wb").write(data)
open(sys.argv[1] + "/tile/0/001", "wb").write(hashes)
END
refused 1 'record' 'a bundle and a tile that agree'
copy=$grown
yes 'what nobody touched' follow

# ---- another log ----

cp -rp "$ledger" mine
rm -rf "$ledger"
"$gatepost" ledger init --origin "$(sed -n 1p newer)" "$ledger" > out 2>&1
some 800
seal > out 2>&1
cp "$ledger/sealed/vkeys" other-vkeys
publish
refused 1 'signed by none of' 'a wrong key'
refused 1 'rewritten' 'a log that was rewritten' --key other-vkeys
copy=$work/none
refused 1 'signed by none of' 'a first run with another key' --key "$vkeys"
is "$(ls "$copy" 2> /dev/null)" '' 'leaves nothing'
copy=$grown
rm -rf "$ledger"
mv mine "$ledger"
publish
cp "$work/earlier/sealed/checkpoint" "$log/checkpoint"
refused 1 'cut back' 'a log that was cut back'

# ---- the wrong host, and what goes wrong on the way ----

some 300
seal > out
publish
refused 2 'certificate' 'a certificate of another authority' \
	--ca-file theirs.pem
url=https://127.0.0.1:$(cat port)/
refused 2 'certificate' 'a certificate of another host'
url=http://192.0.2.1/
refused 2 'https' 'http to another machine'
url=https://localhost:$(cat port)
echo 'redirect checkpoint' > "$how"
refused 2 'redirect' 'a redirect'
echo "redirect tile/entries" > "$how"
refused 2 'redirect' 'a redirect of a bundle'
echo 'cut tile/entries' > "$how"
refused 2 'cut short\|connection broke' 'a body that is cut off'
echo 'long checkpoint' > "$how"
refused 2 'too long\|longer than' 'a checkpoint without end'
echo 'long tile/entries' > "$how"
refused 2 'too long' 'a bundle without end'
echo 'fail tile/0' > "$how"
refused 2 '503' 'a server that is out of order'
echo 'slow tile/entries' > "$how"
refused 2 'timed out' 'a server that never answers' --timeout 2s
rm "$log/checkpoint"
refused 2 'no checkpoint' 'a URL of something else'
yes 'the right host, without / at its end' follow
is "$(sealed)" "$(size)" 'has all that is sealed'
yes 'and the copy verifies' verify_copy --key "$vkeys"
serve plain-port
url=http://127.0.0.1:$(cat plain-port)/
yes 'http on loopback' follow

# ---- copies of two kinds ----

"$gatepost" ledger follow "$ledger" "$copy" > out 2>&1
is $? 2 'a copy without evidence takes none'
has out 'without evidence and people' 'and says why'
copy=$work/full
"$gatepost" ledger follow "$ledger" "$copy" > out 2>&1
refused 2 'with evidence and people' 'nor the other way'
"$gatepost" ledger follow --ca-file ours.pem "$ledger" "$copy" > out 2>&1
is $? 2 'an authority is for a URL'
"$libexec/courier" get "$url" > out 2>&1 << 'END'
../keys/x
END
is $? 2 'the courier gets nothing from above the URL'
has out 'no file' 'and says so'

done_testing
