#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger follow: a copy grows with its source, verifies, and takes
# nothing from a source that differs from what was copied or signed, from a
# stream that was changed or cut, or from a run that was killed. By default
# some places are tried; with LONG=1, many.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

copy=$work/copy
# follow [OPTION…]: from $source to $copy
source=$ledger
follow() { "$gatepost" ledger follow "$@" "$source" "$copy"; }
sealed() { sed -n 2p "$copy/sealed/checkpoint"; }
verify_copy() { "$gatepost" ledger verify --ledger "$copy" "$@"; }
# state: all that a copy consists of
state() {
	(cd "$copy" 2> /dev/null && find . -type f ! -path './locks/*' \
		-exec sha256sum {} + | sort)
}
# differs WORDS NAME [OPTION…]: a run that refuses, says so, and leaves all
# as it was
differs() {
	words=$1 name=$2; shift 2
	state > "$work/before"
	follow "$@" > "$work/out" 2>&1
	rc=$?
	state > "$work/after"
	cmp -s "$work/before" "$work/after" || echo 'something stays' >> "$work/out"
	if [ $rc = 1 ] && grep -q -e "$words" "$work/out" &&
		cmp -s "$work/before" "$work/after"; then ok "$name"; else
		echo "exit status $rc; wanted: $words" >> "$work/out"
		not_ok "$name" "$work/out"
	fi
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
"$gatepost" ledger init --origin test.example "$work/new" > "$work/out"
source=$work/new
yes 'a source that has sealed nothing' follow
source=$ledger
is "$(sealed)" 0 'gives an empty copy'
rm -rf "$copy"
some 300
seal > "$work/out"
vkeys=$work/vkeys
cp "$ledger/sealed/vkeys" "$vkeys"
cp -rp "$ledger" "$work/older"

# ---- the first run ----

follow > "$work/out" 2> "$work/err"
is $? 0 'the first run without a key'
has "$work/err" 'believed unseen' 'says that it trusts'
is "$(grep '+' "$work/out")" "$(cat "$vkeys")" 'and prints whom'
rm -rf "$copy"
yes 'the first run with a key' follow --key "$vkeys"
has "$work/out" 'new records' 'says how many'
has_not "$work/out" 'believed' 'and trusts nobody else'
is "$(sealed)" "$(size)" 'all that is sealed is there'
yes 'the copy verifies' verify_copy --key "$vkeys"
has "$work/out" '[1-9][0-9]* pieces of evidence: all as it should be' \
	'with its evidence'
is "$(cat "$copy"/segments/*.log | head -c 200000 | sha256sum)" \
	"$(cat "$ledger"/segments/*.log | head -c 200000 | sha256sum)" \
	'records are the same, byte for byte'
yes 'a second run' follow
has "$work/out" 'nothing new' 'finds nothing new'
seal > "$work/out"
some 5
seal > "$work/out"
yes 'a third' follow
has "$work/out" ' [67] new records' 'brings what is new'
seal > "$work/out"
follow > "$work/out" 2>&1
before=$(size)
seal > "$work/out"
follow > "$work/out" 2>&1
seal > "$work/out"
is "$(size)" "$before" 'who copies leaves no end of records'

# ---- what works on it ----

list() { "$gatepost" ledger list --ledger "$copy" "$@"; }
is "$(list --json --kind decision 2> /dev/null | wc -l)" \
	"$(records | grep -c '"kind":"decision"')" 'list reads it'
id=$(list --json --limit 1 --verdict pass 2> /dev/null |
	sed 's/.*"id":"\([^"]*\)".*/\1/')
yes 'show' "$gatepost" ledger show --ledger "$copy" "$id"
yes 'export' "$gatepost" ledger export --format csv --ledger "$copy"
"$gatepost" ledger prove --ledger "$copy" -o "$work/proof" "$id" 2> /dev/null
yes 'prove' "$gatepost" ledger verify-proof --key "$vkeys" "$work/proof"
# no_copy NAME COMMAND…: it is not for that
no_copy() {
	name=$1; shift
	state > "$work/before"
	"$@" > "$work/out" 2>&1
	is $? 2 "$name is refused"
	has "$work/out" "is a copy of $ledger" "$name is told why"
	state > "$work/after"
	is "$(cat "$work/after")" "$(cat "$work/before")" "$name changed nothing"
}
no_copy seal "$gatepost" ledger seal --ledger "$copy"
no_copy rotate "$gatepost" ledger key --ledger "$copy" rotate
sed "s|ledger = .*|ledger = $copy|" "$work/etc/policy.conf" \
	> "$work/etc/on-copy.conf"
no_copy erase "$gatepost" ledger erase --ledger "$copy" --principal p1
no_copy append "$gatepost" ledger reconcile \
	--policy "$work/etc/on-copy.conf" "$server"
"$gatepost" ledger follow "$source" "$ledger" > "$work/out" 2>&1
has "$work/out" 'is a ledger of its own' 'a ledger does not become a copy'
mkdir "$work/full"; touch "$work/full/x"
"$gatepost" ledger follow "$source" "$work/full" > "$work/out" 2>&1
has "$work/out" 'is not empty' 'nor does anything else'
rm -rf "$work/second"
yes 'a copy of a copy' "$gatepost" ledger follow --key "$vkeys" "$copy" \
	"$work/second"
is "$(sed -n 2p "$work/second/sealed/checkpoint")" "$(sealed)" 'has it all'

# ---- a source that differs ----

good=$work/good
cp -rp "$ledger" "$good"
another() { rm -rf "$work/source"; cp -rp "$1" "$work/source"; source=$work/source; }
# in $source
tamper() { "$python" "$t_dir/tamper.py" "$source" "$@" > "$work/out" 2>&1 ||
	not_ok "tamper $*" "$work/out"; }
# seal again, as somebody who has the keys can
seal_anew() {
	rm -rf "$source/sealed/tile" "$source/sealed/checkpoint" \
		"$source/keys/last"
	"$gatepost" ledger key --ledger "$source" rotate > "$work/out" 2>&1
	"$gatepost" ledger seal --ledger "$source" > "$work/out" 2>&1
}

another "$work/older"
differs "cut back: it has [0-9]* sealed records, and $(sealed) were copied" \
	'an older state of the source'
"$python" "$t_dir/make-records.py" "$source" 40 700
"$gatepost" ledger seal --ledger "$source" > "$work/out"
n=$(sed -n 2p "$work/older/sealed/checkpoint")
differs "rewritten: record $n is the first" 'one that went on otherwise'
another "$good"
tamper rewrite-record 20 '"verdict":"pass"' '"verdict":"fail"'
seal_anew
differs 'rewritten: record 20 is the first' 'a record rewritten and sealed anew'
"$python" "$t_dir/make-records.py" "$source" 40
"$gatepost" ledger seal --ledger "$source" > "$work/out"
differs 'rewritten: record 20 is the first' 'and more behind it'
another "$good"
tamper flip sealed/tile/1/000.p/1 3
differs 'its tiles are not under the root' 'a damaged tile'

"$gatepost" ledger init --origin other.example "$work/other" > "$work/out"
source=$work/other
differs 'signed by none of the keys\|copy of the ledger test.example' \
	'another ledger'
"$gatepost" ledger init --origin test.example "$work/same-name" > "$work/out"
source=$work/same-name
differs 'signed by none of the keys' 'another key under the same name'
head -n 1 "$source/sealed/vkeys" > "$work/wrong.vkey"
source=$ledger
differs 'signed by none of the given keys' 'a key that did not sign' \
	--key "$work/wrong.vkey"
mv "$copy" "$work/kept"
differs 'signed by none of the given keys' 'at the first run, too' \
	--key "$work/wrong.vkey"
is "$(ls -d "$copy" 2> /dev/null)" '' 'and nothing is made'
mv "$work/kept" "$copy"

# damage that the seals can mend
another "$good"
n=$(size)
"$python" "$t_dir/make-records.py" "$source" 40
# another segment, or it would be taken for a torn tail
"$python" "$t_dir/make-records.py" "$source" 5
"$gatepost" ledger seal --ledger "$source" > "$work/out"
tamper spoil-record $((n + 20))
cp -rp "$copy" "$work/kept"
no 'a record damaged at the source' follow
has "$work/out" "record $((n + 20)) is damaged or missing: it is sent as it was sealed" \
	'is taken as it was sealed'
yes 'and the copy verifies' verify_copy --key "$vkeys"
rm -rf "$copy"; mv "$work/kept" "$copy"
cp -rp "$copy" "$work/kept"
tamper rewrite-record $((n + 30)) '"verdict":"pass"' '"verdict":"fail"'
no 'one rewritten at the source' follow
has "$work/out" "record $((n + 30)) is not the one that was sealed" 'likewise'
yes 'the copy verifies' verify_copy --key "$vkeys"
rm -rf "$copy"; mv "$work/kept" "$copy"
rm -rf "$source/sealed/tile/entries"
differs "record $((n + 20)) is damaged or missing, and" \
	'what is damaged twice is not copied'

# evidence
another "$good"
rm -rf "$work/kept"; mv "$copy" "$work/kept"
missing=$(find "$source/evidence" -name '*.z' | sort | head -n 1)
rm "$missing"
no 'evidence missing at the source' follow --key "$vkeys"
has "$work/out" 'cites evidence [0-9a-f]*, which the source does not have' \
	'is told'
verify_copy > "$work/out" 2>&1
is "$(grep -c '^WRONG evidence' "$work/out")" 1 'and verify tells it, too'
rm -rf "$copy"; mv "$work/kept" "$copy"
source=$ledger

# ---- records that leave the source ----

aging=$work/aging
records_of() { "$python" "$t_dir/make-records.py" "$aging" "$@"; }
# as if they had come one behind the other
join_segments() {
	(cd "$aging/segments" && last=$(ls | grep 'log$' | tail -n 1) &&
		before=$(ls | grep 'log$' | tail -n 2 | head -n 1) &&
		cat "$last" >> "$before" && rm "$last")
}
seal_aging() { "$gatepost" ledger seal --ledger "$aging" > "$work/out"; }
"$gatepost" ledger init --origin aging.example "$aging" > "$work/out"
cat > "$work/etc/aging.conf" << END
[gatepost]
	root = $work/srv
	ledger = $aging
	log = $work/admin.log
[retention]
	default = 1d
END
# follow_aging: from the state it has now, and without the record of that
follow_aging() {
	another "$aging"
	follow
}
# copies that have all of it, a part of the segment that leaves, and nothing
records_of 100
seal_aging
copy=$work/part
follow_aging > "$work/out" 2>&1
records_of 150
join_segments
seal_aging
copy=$work/whole
follow_aging > "$work/out" 2>&1
is "$(sed -n 2p "$work/part/sealed/checkpoint") $(sealed)" '100 250' \
	'copies of some age'
"$gatepost" ledger retain --policy "$work/etc/aging.conf" > "$work/out" 2>&1
seal_aging
"$gatepost" ledger retain --policy "$work/etc/aging.conf" > "$work/retain" 2>&1
seal_aging
records_of 300
seal_aging
yes 'the source itself verifies' "$gatepost" ledger verify --ledger "$aging"
has "$aging/segments/gone" '^0 250 ' 'a segment has left'
for part in whole part nothing; do
	copy=$work/$part
	yes "a copy that has $part of it" follow_aging
	is "$(sealed)" "$(sed -n 2p "$aging/sealed/checkpoint")" \
		"$part: is brought up to it"
	yes "$part: verifies" verify_copy
	records_of 10
	seal_aging
	yes "$part: goes on" follow_aging
	yes "$part: verifies still" verify_copy
done
is "$(cat "$work/whole/segments/gone" 2> /dev/null)" '' \
	'the copy that had it keeps it'
has "$work/part/segments/gone" '^100 250 ' 'the one that had a part keeps that'
has "$work/nothing/segments/gone" '^0 250 ' 'the one that had nothing has hashes'
# in the place of a copy that should not keep it
yes 'a new copy is proven to go on where the old one was' \
	"$gatepost" ledger verify --ledger "$work/nothing" \
	--since "$work/whole/sealed/checkpoint" \
	--key "$work/whole/sealed/vkeys"
source=$work/part copy=$work/third
yes 'a copy of a copy that has a part' follow
yes 'verifies' verify_copy
source=$ledger copy=$work/copy

# ---- a stream that is changed ----

cat > "$work/relay" << END
#!/bin/sh
# in place of ssh: the last word is the command
for command; do :; done
PATH=$GATEPOST_PREFIX/bin:\$PATH
sh -c "\$command" | exec "$python" "$work/filter.py"
END
cat > "$work/filter.py" << END
import os
how, at = open("$work/how").read().split()
at, seen = int(at), 0
while True:
    data = bytearray(os.read(0, 65536))
    if not data:
        break
    if seen <= at < seen + len(data):
        if how == "flip":
            data[at - seen] ^= 1 << at % 7
        elif how == "cut":
            os.write(1, data[:at - seen])
            os._exit(0)
    seen += len(data)
    view = memoryview(bytes(data))
    while view:
        view = view[os.write(1, view):]
if how == "none":
    open("$work/bytes", "w").write(str(seen))
END
chmod +x "$work/relay"
relayed() {
	echo "$1" > "$work/how"
	"$gatepost" ledger follow --key "$vkeys" --timeout "${2:-60s}" \
		--ssh "$work/relay" "host:$ledger" "$copy" > "$work/out" 2>&1
}
rm -rf "$copy"
relayed 'none 0'
is $? 0 'a run over another program in place of ssh'
yes 'the copy verifies' verify_copy --key "$vkeys"
# but for the last answer: no anchors, which come when all else is there
bytes=$(($(cat "$work/bytes") - 5))
rm -rf "$copy"

# spoiled HOW: at some places of the stream, from nothing and from a copy
spoiled() {
	: > "$work/faults"
	step=$((bytes / ${LONG:+10}20 + 1)) tries=0
	for at in $(seq 0 113 900) $(seq 950 $step "$bytes"); do
		[ "$at" -lt "$bytes" ] || continue
		rm -rf "$copy"
		relayed "$1 $at" 1s
		rc=$?
		# a greater length than there is
		! grep -q 'nothing came for 1 second' "$work/out" || rc=1
		tries=$((tries + 1))
		[ $rc != 0 ] || echo "$1 $at: taken" >> "$work/faults"
		[ "$at" -lt 30 ] || [ $rc = 1 ] ||
			sed "s/^/$1 $at: status $rc: /" "$work/out" \
				>> "$work/faults"
		[ ! -d "$copy" ] || [ -z "$(find "$copy/evidence" \
			"$copy/sealed" "$copy/incoming" -type f 2> /dev/null;
			cat "$copy"/segments/*)" ] ||
			echo "$1 $at: something stays" >> "$work/faults"
	done
	echo "# $1: $tries places of $bytes bytes"
	is "$(cat "$work/faults")" '' "a stream with a ${1} is refused anywhere"
}
spoiled flip
spoiled cut
yes 'and what comes whole is taken afterwards' relayed 'none 0'
yes 'the copy verifies' verify_copy --key "$vkeys"

# ---- runs that are killed ----

: > "$work/faults"
fault() {
	echo "$where: $1" >> "$work/faults"
	[ $# -lt 2 ] || sed 's/^/	/' "$2" >> "$work/faults"
}
# killed NAME START [ARGUMENT…]: at some system calls, from a copy or nothing
killed() {
	name=$1 start=$2 tries=0
	fresh() { rm -rf "$copy"; [ -z "$start" ] || cp -rp "$start" "$copy"; }
	fresh
	had=0; [ -z "$start" ] || had=$(sealed)
	: > "$work/count"
	"$work/kill-at" 0 "$work/count" "$gatepost" ledger follow \
		--key "$vkeys" "$source" "$copy" > "$work/out" 2>&1
	until [ -s "$work/count" ]; do sleep 0.01; done
	calls=$(tail -n 1 "$work/count")
	for n in $(seq 1 "$((calls / ${LONG:+10}25 + 1))" "$calls"
		seq "$((calls > 60 ? calls - 60 : 1))" 4 "$calls"); do
		where="$name killed at call $n of $calls"
		fresh
		"$work/kill-at" "$n" "$work/count" "$gatepost" ledger follow \
			--key "$vkeys" "$source" "$copy" > "$work/out" 2>&1
		tries=$((tries + 1))
		if [ -e "$copy/sealed/checkpoint" ]; then
			case $(sealed) in
			"$had" | "$total") ;;
			*) fault "then $(sealed) are verified" ;;
			esac
			verify_copy --key "$vkeys" > "$work/out" 2>&1 ||
				fault 'then it does not verify' "$work/out"
		elif [ "$had" != 0 ]; then
			fault 'the checkpoint is gone'
		fi
		follow --key "$vkeys" > "$work/out" 2>&1 ||
			fault 'the next run fails' "$work/out"
		[ "$(sealed)" = "$total" ] || fault 'the next brings not all'
		verify_copy --key "$vkeys" > "$work/out" 2>&1 ||
			fault 'then all does not verify' "$work/out"
		[ ! -e "$copy/incoming" ] || fault 'a list stays'
	done
	echo "# $name: killed at $tries of $calls system calls"
	is "$(cat "$work/faults")" '' "$name killed between any two steps"
	: > "$work/faults"
}
if command -v "${CC:-cc}" > /dev/null &&
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -o "$work/kill-at" \
		"$t_dir/kill-at.c" 2> /dev/null &&
	"$work/kill-at" 0 "$work/count" /bin/true; then
	source=$work/source
	another "$good"
	# of a source that nobody can write to, copying leaves no record
	total=$(sed -n 2p "$source/sealed/checkpoint")
	killed 'the first run' ''
	total=$(sed -n 2p "$work/older/sealed/checkpoint")
	another "$work/older"
	rm -rf "$copy"
	follow --key "$vkeys" > "$work/out"
	rm -rf "$work/begun"; cp -rp "$copy" "$work/begun"
	another "$good"
	"$python" "$t_dir/make-records.py" "$source" 260
	"$gatepost" ledger seal --ledger "$source" > "$work/out"
	total=$(sed -n 2p "$source/sealed/checkpoint")
	killed 'a run that fills tiles' "$work/begun"
else
	skip 'runs that are killed' 'no compiler, or no tracing'
fi
source=$ledger

# ---- ssh ----

sshd=$(command -v sshd || echo /usr/sbin/sshd)
dir=$work/sshd
# start PORT: whether the server listens there within two seconds
start() {
	cat > "$dir/config" << END
Port $1
ListenAddress 127.0.0.1
HostKey $dir/host
PidFile none
AuthorizedKeysFile $dir/keys
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel ERROR
END
	"$sshd" -D -e -f "$dir/config" > "$dir/log" 2>&1 &
	server_pid=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.2
		kill -0 $server_pid 2> /dev/null || return 1
		"$python" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1" \
			2> /dev/null && return 0
	done
	kill $server_pid
	return 1
}
over_ssh() {
	mkdir -p "$dir"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/host" < /dev/null
	ssh-keygen -q -t ed25519 -N '' -f "$dir/forced" < /dev/null
	ssh-keygen -q -t ed25519 -N '' -f "$dir/free" < /dev/null
	printf 'restrict,command="%s ledger send --ledger %s" %s\n' \
		"$gatepost" "$ledger" "$(cat "$dir/forced.pub")" > "$dir/keys"
	printf 'environment="PATH=%s/bin:/usr/bin:/bin" %s\n' \
		"$GATEPOST_PREFIX" "$(cat "$dir/free.pub")" >> "$dir/keys"
	chmod 600 "$dir/keys"
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	port=$((20000 + $$ % 20000))
	start $port || start $((port + 7)) || start $((port + 1013)) || {
		skip 'over ssh' "sshd does not start: $(tail -n 1 "$dir/log")"
		return
	}
	kill_at_end $server_pid
	port=$(sed -n 's/^Port //p' "$dir/config")
	options="-p $port -o IdentitiesOnly=yes -o IdentityAgent=none"
	options="$options -o BatchMode=yes -o StrictHostKeyChecking=no"
	options="$options -o UserKnownHostsFile=$dir/known -o LogLevel=ERROR"
	ssh="ssh -F none -i $dir/forced $options"
	rm -rf "$copy"
	source=$(id -un)@127.0.0.1
	yes 'over ssh, with a forced command' follow --key "$vkeys" --ssh "$ssh"
	is "$(sealed)" "$(size)" 'all is there'
	yes 'the copy verifies' verify_copy --key "$vkeys"
	some 20
	seal > "$work/out"
	source=$source:/etc/not-to-be-had
	yes 'the client has no say in what is sent' follow --ssh "$ssh"
	is "$(sealed)" "$(size)" 'what is new is there'
	source=$(id -un)@127.0.0.1:$ledger
	ssh="ssh -F none -i $dir/host $options"
	follow --ssh "$ssh" > "$work/out" 2>&1
	is $? 2 'without a key to log in it cannot be told'
	has "$work/out" 'there was no answer' 'and says so'
	# the account's own shell finds gatepost where that is in its PATH
	if ssh -F none -i "$dir/free" $options "$(id -un)@127.0.0.1" \
		command -v gatepost > /dev/null 2>&1; then
		yes 'over ssh, by path' follow \
			--ssh "ssh -F none -i $dir/free $options"
	fi
}
if [ -x "$sshd" ] && command -v ssh > /dev/null; then over_ssh; else
	skip 'over ssh' 'no sshd, or no ssh'
fi

done_testing
