#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who may write to the ledger, or wreck what stands around it, stops nothing
# in silence: sealing, delivery, looking for unrecorded moves.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

policy_file <<'END'
[gate "main"]
	ref = refs/heads/main
	rule = linear
[rule "linear"]
	check = history
	rewind = allow
END
new_server one
policy=$work/etc/policy.conf
status() { "$gatepost" status --policy "$policy" "$work/srv/one.git"; }
courier() { "$gatepost" courier "$@" --policy "$policy"; }
reconcile() {
	"$gatepost" ledger reconcile --policy "$policy" "$@" \
		> "$work/said" 2>&1
	said=$?
}
tamper() { "$python" "$t_dir/tamper.py" "$ledger" "$@"; }

# ---- sealing that stands still ----

change 'one'
accepted 'a push' HEAD:main
some 20
seal > /dev/null
yes 'status of a sealed ledger' status
# made long ago, all of them
some 5
no 'status of one that has not been sealed for long' status
has "$work/out" '^AMISS seal .* 5 not yet' 'tells it'
no 'so does the status of delivery' courier status
has "$work/out" '^seal: .* 5 not yet' 'in words'
no 'and in JSON' courier status --json
has "$work/out" '"seal": {' 'with a member of its own'
seal > /dev/null
yes 'until it has been' courier status

mv "$ledger/sealed/checkpoint" "$work/checkpoint"
no 'status without the last checkpoint' status
has "$work/out" '^AMISS seal .*checkpoint is missing' 'tells it'
mv "$work/checkpoint" "$ledger/sealed/checkpoint"

mkdir "$work/keys"
mv "$ledger/keys/"*.skey "$work/keys"
: > "$work/admin.log"
courier run --once > "$work/out" 2>&1
is $? 2 'delivery without the keys that seal'
has "$work/admin.log" 'cannot seal: .* has no sealing key' 'the log tells it'
mv "$ledger/keys" "$work/keys.away"
: > "$work/admin.log"
courier run --once > "$work/out" 2>&1
is $? 2 'and without their directory'
has "$work/admin.log" 'cannot seal: ' 'the log tells that, too'
mv "$work/keys.away" "$ledger/keys"
mv "$work/keys/"*.skey "$ledger/keys"
yes 'with the keys all goes on' courier run --once

mv "$ledger/keys" "$work/keys.away"
for i in 1 2; do
	change "pushed $i"
	push HEAD:main
done
tamper spoil-record "$(size)"
mv "$work/keys.away" "$ledger/keys"
: > "$work/admin.log"
courier run --once > "$work/out" 2>&1
is $? 2 'delivery behind a damaged record'
has "$work/admin.log" 'cannot seal: .*is damaged or missing' 'the log tells it'
no 'status, where a record is damaged' status
has "$work/out" "^AMISS seal .*record $(size) at .* is damaged" 'names it'
no 'the status of delivery' courier status
has "$work/out" "^seal: .*record $(size) at .* is damaged" 'names it, too'
yes 'sealed as damaged' seal --damaged
yes 'all is well' status

# ---- a destination behind a damaged record ----

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
cp "$policy" "$work/plain.conf"
cat >> "$policy" <<END
[sink "grc"]
	url = http://127.0.0.1:$(cat "$work/r/port")/
	sign = standard-webhooks
	secret-file = $work/r/secret
END
last=$(cat "$ledger/segments/"*.log | sed -n 's/^#record .* \([0-9a-f-]\{36\}\) .*/\1/p' |
	tail -n 1)
courier run --once --deadline 20 > "$work/out" 2>&1
courier status > "$work/out" 2>&1
is $? 1 'status of delivery, where a record was damaged'
has "$work/out" 'parked  *1, the latest without an id' 'it is parked'
has "$work/r/events" "$last" 'and those behind it are delivered'
mv "$ledger/keys" "$work/keys.away"
mv "$ledger/sealed/checkpoint" "$work/checkpoint"
change 'unsealed'
push HEAD:main
before=$(wc -l < "$work/r/events")
courier run --once > "$work/out" 2>&1
is "$(wc -l < "$work/r/events")" "$before" \
	'nothing is delivered unsealed where the checkpoint was taken away'
mv "$work/keys.away" "$ledger/keys"
mv "$work/checkpoint" "$ledger/sealed/checkpoint"
"$gatepost" ledger list --ledger "$ledger" --kind parked --json \
	> "$work/out" 2>&1
has "$work/out" '"reason":".*is damaged or missing' 'that is recorded'
mv "$work/plain.conf" "$policy"

# ---- a record that is changed after it was sealed ----

seal > /dev/null
cp -rp "$ledger" "$work/kept"
"$gatepost" ledger export --ledger "$ledger" --format in-toto \
	> "$work/statements" 2> "$work/out"
is $? 2 'an export where a record is damaged'
has "$work/out" 'record [0-9]* at .* is damaged' 'names it'
has "$work/statements" '"payload":"' 'and has all the others'
tamper rewrite-record 2 '"verdict":"pass"' '"verdict":"warn"'
for format in in-toto ndjson csv; do
	"$gatepost" ledger export --ledger "$ledger" --format $format \
		> "$work/out" 2>&1
	is $? 2 "$format: one that was changed is not exported"
	has "$work/out" 'record 2 is not the one that was sealed' 'it is named'
	has_not "$work/out" '"payload":"' 'and nothing is signed for it'
done
rm -rf "$ledger"
mv "$work/kept" "$ledger"

# ---- files that are none ----

cp -rp "$ledger" "$work/fifo"
for name in $(cd "$ledger" && ls segments/*.log | tail -n 1) state \
	segments/gone find/0/00000000000000000000; do
	rm -rf "$work/fifo"
	cp -rp "$ledger" "$work/fifo"
	mkdir -p "$work/fifo/$(dirname "$name")"
	rm -rf "$work/fifo/$name"
	mkfifo "$work/fifo/$name"
	for what in verify seal; do
		timeout 20 "$gatepost" ledger $what --ledger "$work/fifo" \
			> "$work/out" 2>&1
		rc=$?
		[ $rc != 124 ] && ok "$what: a FIFO as $name holds nobody" ||
			not_ok "$what: a FIFO as $name holds nobody"
	done
done

# ---- moves that no record tells of ----

bad() { # behind the gate's back, in the repository $1
	odd=$(git -C "$1" commit-tree -p main -m odd 'main^{tree}') &&
		git -C "$1" update-ref refs/heads/main "$odd"
}
reconcile --grace 0s
is "$said" 0 'all is recorded'

# a repository that nobody has pushed to since the gate is there
new_server fresh
bad "$server"
reconcile
is "$said" 1 'a repository to which nobody pushed'
has "$work/said" 'fresh: refs/heads/main is at' 'is looked at'

# one that cannot be read, before one that moved
new_server broken
change 'one'
accepted 'a push to it' HEAD:main
new_server last
change 'one'
accepted 'a push to another' HEAD:main
echo garbage > "$work/srv/broken.git/packed-refs"
bad "$server"
reconcile
is "$said" 2 'a repository that cannot be read'
has "$work/said" 'broken: ' 'is named'
has "$work/said" 'last: refs/heads/main is at' 'and hides nothing of others'
rm "$work/srv/broken.git/packed-refs"

# whose name is not fit to be printed
esc=$(printf '\033')
name="x${esc}[31my"
new_server "$name"
change 'one'
accepted 'a push to a repository with an escape in its name' HEAD:main
mv "$server" "$work/away.git"
reconcile --grace 0s
has "$work/said" 'not below the policy' 'it is told when it is gone'
has_not "$work/said" "$esc" 'without escapes'
mv "$work/away.git" "$server"
bad "$server"
reconcile
has_not "$work/said" "$esc" 'nor when it has moved'
for what in list verify 'export --format csv'; do
	# shellcheck disable=SC2086
	"$gatepost" ledger $what --ledger "$ledger" > "$work/out" 2>&1
	case $what in
	export*) ;;
	*) has_not "$work/out" "$esc" "ledger $what prints no escapes" ;;
	esac
done
rm -rf "$server"

# taken back to where it was, and pushed over
server=$work/srv/one.git clone=$work/one
change 'to be lost'
accepted 'a push' HEAD:main
git -C "$server" update-ref refs/heads/main refs/heads/main^
change 'over it'
accepted 'a push where something was taken away' HEAD:main
reconcile --grace 0s
is "$said" 1 'a ref that was moved back, and on by a push'
has "$work/said" 'one: refs/heads/main was at .* when decision' 'is told'

# the outcome of a push comes behind that of the next
cat > "$work/late" <<END
#!/bin/sh
[ -e $work/delayed ] || { touch $work/delayed; sleep 3; }
exec $work/post-receive
END
chmod +x "$work/late"
mv "$server/hooks/post-receive" "$work/post-receive"
cp "$work/late" "$server/hooks/post-receive"
change 'slow'
git -C "$clone" push -q origin HEAD:main 2> "$work/out" &
slow=$!
sleep 1
change 'quick'
git -C "$clone" push -q origin HEAD:main 2> "$work/out"
wait $slow
mv "$work/post-receive" "$server/hooks/post-receive"
"$gatepost" ledger list --ledger "$ledger" --json --kind outcome |
	tail -n 2 | head -n 1 > "$work/out"
has "$work/out" "$(git -C "$server" rev-parse main)" 'the later one came first'
reconcile --grace 0s
is "$said" 0 'and nothing is amiss'

# the clock was years ahead when it was decided, and was set back
mv "$server/hooks/post-receive" "$work/post-receive"
change 'of the future'
push HEAD:main
mv "$work/post-receive" "$server/hooks/post-receive"
year=$(date +%Y)
index=$(cat "$ledger/segments/"*.log | grep -a '^#record' | tail -n 1 |
	cut -d' ' -f2)
tamper rewrite-record "$index" "\"time\":\"$year" "\"time\":\"2$((year - 1900))"
reconcile --grace 10m
has "$work/said" 'had no outcome: 1 of 1 refs moved' \
	'a decision of the future gets its outcome'

done_testing
