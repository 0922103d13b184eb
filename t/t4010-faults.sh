#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Everything that can be broken on a server, broken: enforced refs stay where
# they are, other refs move, the admin reads what to mend and where, the pusher
# reads that it is not his fault and nothing of the server's inside, and
# nothing that was recorded is lost. With LONG=1 also what takes its time.

. "$(dirname "$0")/lib.sh"

command -v python3 > /dev/null || skip_all 'no python3'

policy_file <<EOF
	deadline = 10s
[principal "alice"]
	email = alice@example.com
	login = alice
[agent "claude-code"]
[area "deep"]
	path = **/never-there
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = ai
	rule = keep
[rule "ai"]
	check = provenance
[rule "keep"]
	check = history
EOF
policy=$work/etc/policy.conf
cp "$policy" "$work/good.conf"
new_server faults
as alice

# What the admin may read: the log of the policy; before that is known, the
# system's, else a file in the repository.
mark_log() {
	cat "$work/admin.log" "$server/gatepost.log" 2> /dev/null |
		wc -l > "$work/log-lines"
}
new_log() {
	cat "$work/admin.log" "$server/gatepost.log" 2> /dev/null |
		sort | tail -n "+$(($(cat "$work/log-lines") + 1))" > "$work/log"
}
logged() { # PATTERN NAME
	new_log
	if [ -e /dev/log ] && ! [ -s "$work/log" ]; then
		skip "$2" 'the log went to syslog'
	else
		has "$work/log" "$1" "$2"
	fi
}
bad='made with Claude

Generated with [Claude Code](https://claude.com/claude-code)'
number=0

# stopped WHAT LOG-PATTERN: an honest push to a gated branch is refused as
# long as this is so
stopped() {
	number=$((number + 1))
	before=$(tip refs/heads/main)
	mark_log
	commit "file-$number" "$number" "while $1"
	push HEAD:refs/heads/main
	is "$pushed $(tip refs/heads/main)" "1 $before" "$1: main stays"
	has "$work/answer" 'the gate could not decide' 'the pusher reads that'
	has "$work/answer" 'no fault of yours' 'and that it is not his fault'
	grep 'remote:' "$work/answer" > "$work/told"
	has_not "$work/told" "$work\|policy\.conf\|ledger\|signal" \
		'and nothing of the inside'
	logged "$2" 'the admin reads what to mend'
}
# The ledger is sealed and verifies: with LONG=1 whenever it is asked for, and
# always when told to.
turn=0
verifies() { # [always]
	turn=$((turn + 1))
	if [ -n "${LONG:-}${1:-}" ] || [ $((turn % 4)) = 0 ]; then
		# a disk may be full, and another the owner
		"$gatepost" ledger seal --ledger "$ledger" > "$work/out" 2>&1 ||
			has "$work/out" 'o space\|alone can seal' \
				'nothing else hinders sealing'
		yes 'the ledger verifies' "$gatepost" ledger verify \
			--ledger "$ledger"
	fi
}
# passed NAME: it was mended, and nothing is lost
passed() {
	number=$((number + 1))
	commit "file-$number" "$number" "$1"
	accepted "$1: all is well again" HEAD:refs/heads/main
	records > "$work/now" 2> "$work/errors"
	is "$(cat "$work/errors")" '' 'the ledger reads whole'
	if head -c "$(wc -c < "$work/kept")" "$work/now" | cmp -s - "$work/kept"
	then ok 'no record is lost'; else not_ok 'no record is lost'; fi
	mv "$work/now" "$work/kept"
	verifies
}
: > "$work/kept"
passed 'to begin with'

# ---- the policy ----

printf '[gate "x\n' >> "$policy"
stopped 'the policy has a syntax error' "policy.conf:[0-9]*: "
cp "$work/good.conf" "$policy"
passed 'the policy mended'

chmod g+w "$policy"
stopped 'group may write the policy' 'policy.conf.*writ'
chmod g-w "$policy"
passed 'the mode mended'

mv "$policy" "$policy.away"
stopped 'the policy is missing' 'policy.conf'
mkdir "$policy"
stopped 'the policy is a directory' 'policy.conf'
rmdir "$policy"
mv "$policy.away" "$policy"
passed 'the policy is back'

printf '[signers]\n\tssh = signers\n' >> "$policy"
stopped 'the signers file is missing' 'policy.conf:[0-9]*:.*signers'
signing_key rev
chmod o+w "$work/etc/signers"
stopped 'anybody may write the signers file' 'signers.*writ'
chmod o-w "$work/etc/signers"
echo 'rev ssh-ed25519 AAAAnonsense' > "$work/etc/signers"
stopped 'the signers file has a mistake' 'signers:1'
signing_key rev2
sed -i 1d "$work/etc/signers"
passed 'the signers mended'
cp "$work/good.conf" "$policy"

# ---- the ledger ----

mv "$work/ledger" "$work/ledger.away"
stopped 'the ledger is missing' 'ledger.*gatepost ledger init'
mark_log
push HEAD:refs/heads/topic
is "$pushed" 0 'an ungated branch moves even so'
logged 'let in' 'and the admin reads that it was let in unjudged'
mv "$work/ledger.away" "$work/ledger"
yes 'warn mode' "$gatepost" mode warn "$server"
mv "$work/ledger" "$work/ledger.away"
mark_log
commit warn 1 'in warn mode'
push HEAD:refs/heads/main
is "$pushed" 0 'so does main in warn mode'
logged 'let in' 'which the admin reads too'
mv "$work/ledger.away" "$work/ledger"
"$gatepost" mode enforce "$server" > "$work/out" 2>&1
passed 'the ledger is back'

if [ "$(id -u)" = 0 ] && mkdir "$work/small" &&
	mount -t tmpfs -o size=2m,mode=755 none "$work/small" 2> "$work/out"; then
	trap 'umount "$work/small"; cleanup' EXIT
	"$gatepost" ledger init --origin small.example "$work/small/ledger" \
		> /dev/null
	cp "$work/kept" "$work/kept.big"
	sed "s,ledger = .*,ledger = $work/small/ledger," "$work/good.conf" \
		> "$policy"
	ledger=$work/small/ledger
	: > "$work/kept"
	passed 'a ledger on a small disk'
	is "$(ls "$work/small/ledger" | grep -c reserve)" 0 \
		'too small for a reserve'
	has "$work/admin.log" 'nearly full: free 16 MiB' 'which the admin reads'
	dd if=/dev/zero of="$work/small/fill" bs=4k > /dev/null 2>&1
	stopped 'the disk is full' 'o space'
	stopped 'the disk is still full' 'o space'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		# ever a little more room: it must tear nothing, wherever it ends
		truncate -s -1024 "$work/small/fill"
		commit "room-$i" $i "a little room $i"
		push HEAD:refs/heads/main
		records > "$work/now" 2> "$work/errors"
		# that somebody looked needs room as well
		grep -v 'this access is not recorded: .*o space' \
			"$work/errors" >> "$work/torn"
		verifies
	done
	is "$(cat "$work/torn")" '' 'records whole, wherever the disk ends'
	rm "$work/small/fill"
	passed 'room on the disk'

	mount -o remount,size=40m "$work/small"
	passed 'a larger disk'
	is "$(stat -c %s "$work/small/ledger/reserve")" 1048576 \
		'has an emergency reserve'
	"$gatepost" status "$server" > "$work/out" 2>&1
	has_not "$work/out" 'reserve' 'and status has nothing to say of it'
	dd if=/dev/zero of="$work/small/fill" bs=4k > /dev/null 2>&1
	mark_log
	passed 'the disk is full, and the reserve is given up'
	passed 'the next push finds room, too'
	logged 'nearly full: free 16 MiB' 'the admin reads that it is urgent'
	"$gatepost" status "$server" > "$work/out" 2>&1
	has "$work/out" 'reserve is used up; free 16 MiB' 'so says status'
	dd if=/dev/zero of="$work/small/fill" bs=4k oflag=append conv=notrunc \
		> /dev/null 2>&1
	stopped 'nothing is left' 'o space'
	rm "$work/small/fill"
	passed 'there is room again'
	is "$(ls "$work/small/ledger" | grep -c reserve)" 1 'and a new reserve'
	ledger=$work/ledger
	cp "$work/good.conf" "$policy"
	mv "$work/kept.big" "$work/kept"
	passed 'the old ledger'
else
	skip 'a full disk' 'tmpfs cannot be mounted here'
fi

if command -v flock > /dev/null; then
	for lock in append sync; do
		flock "$work/ledger/locks/$lock" sleep 1.5 &
		holder=$!
		sleep 0.2
		commit "lock-$lock" 1 "while $lock is held"
		accepted "the lock $lock held for a while delays" \
			HEAD:refs/heads/main
		wait $holder
	done
	if [ -n "${LONG:-}" ]; then
		flock --no-fork "$work/ledger/locks/append" sleep 60 &
		holder=$!
		kill_at_end $holder
		sleep 0.2
		stopped 'the ledger is locked for too long' 'ledger.*is busy'
		kill $holder
		wait $holder 2> /dev/null
		passed 'the lock is free'
	fi
else
	skip 'a ledger that is locked' 'no flock(1)'
fi

# ---- the judge ----

# A tree of ten that are each the same tree of ten, and so on: it is small
# until somebody looks at all of it.
blob=$(echo x | git -C "$clone" hash-object -w --stdin)
tree=$(printf '100644 blob %s\tf\n' "$blob" | git -C "$clone" mktree)
for level in 1 2 3 4 5 6 7 8 9; do
	tree=$(for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '040000 tree %s\td%s\n' "$tree" $i
	done | git -C "$clone" mktree)
done
reset_clone
bomb=$(git -C "$clone" commit-tree -p HEAD -m 'a bomb' "$tree")
cat > "$work/bomb.conf" <<EOF
	rule = deep
[rule "deep"]
	check = rollback
	when = area:deep
EOF
sed -e '/^\trule = keep/r '"$work/bomb.conf" "$work/good.conf" |
	awk '/^\[rule "deep"\]/ { hold = 1 }
		hold { held = held $0 "\n"; n++; if (n == 3) hold = 0; next }
		{ print }
		END { printf "%s", held }' > "$work/with-deep.conf"
# the limit is to end it, and not the time
sed 's/deadline = 10s/deadline = 30s/' "$work/with-deep.conf" > "$policy"
"$gatepost" policy check "$policy" > "$work/out" 2>&1 ||
	not_ok 'the policy of this test is sound' "$work/out"
began=$(date +%s)
before=$(tip refs/heads/main)
refused 'a tree that expands to 10^10 files' object/too-big \
	'more than 1000000' "$bomb:refs/heads/main"
[ $(($(date +%s) - began)) -lt 40 ] && ok 'in time' || not_ok 'in time'

sed 's/deadline = 10s/deadline = 1s\n\tpaths-max = 100000000/' \
	"$work/with-deep.conf" > "$policy"
mark_log
began=$(date +%s)
push "$bomb:refs/heads/main"
is "$pushed $(tip refs/heads/main)" "1 $before" 'the deadline stops the judge'
[ $(($(date +%s) - began)) -lt 15 ] && ok 'soon' || not_ok 'soon'
has "$work/answer" 'could not decide\|too long' 'the pusher hears of it'
logged 'judging took too long' 'so does the admin'
last_decision
has "$work/decision" '"verdict":"error"' 'it is a recorded refusal'
"$gatepost" mode warn "$server" > "$work/out" 2>&1
mark_log
push "$bomb:refs/heads/release/bomb"
is "$pushed" 0 'in warn mode it is let in'
logged 'let in.*too long' 'the admin reads that'
last_decision
has "$work/decision" '"verdict":"warn"' 'and it is recorded'
"$gatepost" mode enforce "$server" > "$work/out" 2>&1
cp "$work/good.conf" "$policy"
passed 'the judge again'

# a judge without memory, and one without time on the processor
history=$(awk 'BEGIN {
	for (i = 1; i <= 30000; i++) {
		printf "commit refs/heads/long\nmark :%d\ncommitter a <alice@example.com> %d +0000\n", i, 1500000000 + i
		print "data 4\nmsg\n"
		if (i == 1) print "M 100644 inline f\ndata 2\nf\n"
	}
}' | git -C "$clone" fast-import --quiet && git -C "$clone" rev-parse long)
for limit in '-d 12000'; do
	printf '#!/bin/sh\nulimit %s\nexec git-receive-pack "$@"\n' "$limit" \
		> "$work/limited"
	chmod +x "$work/limited"
	mark_log
	git -C "$clone" push --receive-pack="$work/limited" "$server" \
		"$history:refs/heads/release/long" > "$work/answer" 2>&1
	is "$? $(tip refs/heads/release/long)" '1 none' \
		"a judge that gets no memory (ulimit $limit) accepts nothing"
	logged 'memory' 'the admin reads why'
done
last_decision
has "$work/decision" '"verdict":"error"' 'which is on record'
passed 'with memory'

# ---- what is pushed ----

git -C "$server" config receive.fsckObjects false
raw=$(printf 'tree %s\nparent %s\nauthor a <a@x> 1 +0000\n\nno committer\n' \
	"$(git -C "$clone" rev-parse 'HEAD^{tree}')" \
	"$(git -C "$clone" rev-parse HEAD)" |
	git -C "$clone" hash-object --literally -t commit -w --stdin)
refused 'a commit that is none' object/malformed \
	'committer' "$raw:refs/heads/main"
has_not "$work/answer" 'could not decide' 'which is the pusher'\''s to mend'

# ---- many refs ----

reset_clone
good=$(git -C "$clone" commit-tree -p HEAD -m good 'HEAD^{tree}')
wrong=$(git -C "$clone" commit-tree -p HEAD -m "$bad" 'HEAD^{tree}')
# push_many COMMIT N: to that many gated branches, in one push. Not by git,
# which takes longer than the server to look at so many.
push_many() {
	began=$(date +%s)
	python3 "$t_dir/raw-push.py" --repo "$server" --from "$clone" \
		--many "$2" "$1" refs/heads/release/r > "$work/answer" 2>&1
	pushed=$?
	took=$(($(date +%s) - began))
	last_decision
	echo "# $2 refs: $took s"
}
releases() { git -C "$server" for-each-ref refs/heads/release/ | wc -l; }
had=$(releases)
for n in 10000 10001; do
	push_many "$wrong" $n
	[ $took -lt 90 ] && ok "a push of $n refs in time" ||
		not_ok "a push of $n refs in time"
	is "$(releases)" "$had" 'none of them moved'
	grep -v '^ng \|^ok \|^unpack' "$work/answer" > "$work/text"
	[ "$(wc -l < "$work/text")" -le 60 ] &&
		[ "$(wc -c < "$work/text")" -le 24576 ] &&
		ok 'the answer has at most 60 lines' ||
		not_ok 'the answer has at most 60 lines' "$work/text"
done
found object/too-big && ok 'more than 10,000 refs are too many' ||
	not_ok 'more than 10,000 refs are too many' "$work/decision"
many=1000
[ -z "${LONG:-}" ] || many=10000
# a busy machine is given the time that an idle one does not need
sed 's/deadline = 10s/deadline = 60s/' "$work/good.conf" > "$policy"
push_many "$good" $many
is "$pushed $(releases)" "0 $((had + many))" "$many refs of good commits move"
cp "$work/good.conf" "$policy"
passed 'after many refs'

# ---- dates ----

for date in '1970-01-02T00:00:00Z' '2090-01-01T00:00:00Z'; do
	reset_clone
	wrong=$(GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date \
		git -C "$clone" commit-tree -p HEAD -m "$bad" 'HEAD^{tree}')
	refused "a commit of $date is judged as any" provenance/undeclared \
		'tool not stated' 	"$wrong:refs/heads/main"
	good=$(GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date \
		git -C "$clone" commit-tree -p HEAD -m good 'HEAD^{tree}')
	accepted 'and accepted as any' "$good:refs/heads/main"
	# what follows a tip from the future is judged as well
	reset_clone
	wrong=$(git -C "$clone" commit-tree -p HEAD -m "$bad" 'HEAD^{tree}')
	refused 'so is what is built on it' provenance/undeclared \
		'tool not stated' 	"$wrong:refs/heads/main"
done

# ---- hooks run by hand ----

no 'pre-receive without GIT_DIR ends with 1' "$libexec/pre-receive"
has "$work/out" 'gatepost check' 'and says what to do instead'
no 'update without GIT_DIR ends with 1' "$libexec/update" refs/heads/main a b
no 'update without arguments ends with 1' env GIT_DIR="$server" \
	"$libexec/update"
no 'pre-receive without input ends with 1' sh -c \
	"GIT_DIR=$server $libexec/pre-receive < /dev/null"
has "$work/out" 'standard input' 'and says what it misses'
no 'with standard input closed too' sh -c \
	"GIT_DIR=$server $libexec/pre-receive <&-"
yes 'post-receive refuses nothing' sh -c \
	"GIT_DIR=$server $libexec/post-receive < /dev/null"

# ---- hooks out of place ----

no_status() { # NAME PATTERN
	no "$1: status ends with 1" "$gatepost" status "$server"
	has "$work/out" "AMISS *$2" 'and names the hook'
}
for hook in pre-receive update post-receive; do
	target=$(readlink "$server/hooks/$hook")
	ln -sf "$work/nowhere" "$server/hooks/$hook"
	no_status "$hook is a dangling link" "$hook"
	if [ $hook = pre-receive ]; then
		before=$(tip refs/heads/main)
		reset_clone
		commit dangling 1 'without pre-receive'
		mark_log
		push HEAD:refs/heads/main
		is "$pushed $(tip refs/heads/main)" "1 $before" \
			'update refuses what pre-receive has not accepted'
		logged 'recorded no acceptance' 'the admin reads that'
	fi
	cp "$libexec/$hook" "$work/copy"
	chmod -x "$work/copy"
	ln -sf "$work/copy" "$server/hooks/$hook"
	no_status "$hook is not executable" "$hook"
	rm "$server/hooks/$hook"
	no_status "$hook is absent" "$hook"
	ln -s "$target" "$server/hooks/$hook"
done
yes 'with the hooks back, status finds nothing' "$gatepost" status "$server"
passed 'the hooks are back'

# ---- an acceptance is for one push ----

reset_clone
new=$(git -C "$clone" commit-tree -p HEAD -m again 'HEAD^{tree}')
old=$(tip refs/heads/main)
git -C "$clone" push -q "$server" "$new:refs/heads/elsewhere" 2> /dev/null
cat > "$work/no-update" <<EOF
#!/bin/sh
kill -9 \$PPID
EOF
chmod +x "$work/no-update"
ln -sf "$work/no-update" "$server/hooks/update"
push "$new:refs/heads/main"
last_decision
has "$work/decision" '"verdict":"pass"' 'a push that pre-receive accepted died'
sleep 0.1
find "$server" -name '*.lock' -delete
ls "$work/ledger/accepted" > "$work/out"
has "$work/out" '-' 'its acceptance is still there'
no 'another process cannot use it' env GIT_DIR="$server" \
	"$libexec/update" refs/heads/main "$old" "$new"
ln -sf "$libexec/update" "$server/hooks/update"
# another receive-pack, whose pre-receive accepts another ref
cat > "$work/pre-receive.sh" <<EOF
#!/bin/sh
sed s,refs/heads/main,refs/heads/other, | $libexec/pre-receive
EOF
chmod +x "$work/pre-receive.sh"
mv "$server/hooks/pre-receive" "$work/pre-receive.link"
cp "$work/pre-receive.sh" "$server/hooks/pre-receive"
push "$new:refs/heads/main"
is "$pushed $(tip refs/heads/main)" "1 $old" \
	'an acceptance of another ref is none of this one'
sed -i "s/sed .* |/sed s,$new,$old, |/" "$server/hooks/pre-receive"
push "$new:refs/heads/main"
is "$pushed $(tip refs/heads/main)" "1 $old" 'neither is one of another commit'
mv "$work/pre-receive.link" "$server/hooks/pre-receive"
passed 'the hooks are themselves again'

# ---- the endpoint is down ----

echo 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' > "$work/etc/sink.secret"
chmod 600 "$work/etc/sink.secret"
python3 "$top/contrib/receiver.py" --out "$work/events" \
	--port-file "$work/port" --pid-file "$work/pid" \
	--secret-file "$work/etc/sink.secret" --seconds 1 \
	> "$work/receiver.log" 2>&1
port=$(cat "$work/port")
cat >> "$policy" <<EOF
[sink "grc"]
url = http://127.0.0.1:$port/hook
format = cloudevents
sign = standard-webhooks
secret-file = sink.secret
EOF
reset_clone
commit sink 1 'while nobody listens'
began=$(date +%s)
accepted 'a push while the endpoint is down' HEAD:refs/heads/main
[ $(($(date +%s) - began)) -lt 15 ] && ok 'does not wait for it' ||
	not_ok 'does not wait for it'
last_decision
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/decision")
sleep 1
no 'courier status says that it is behind' "$gatepost" courier status \
	--policy "$policy"
python3 "$top/contrib/receiver.py" --out "$work/events" \
	--port-file "$work/port" --pid-file "$work/pid" --port "$port" \
	--secret-file "$work/etc/sink.secret" --seconds 60 \
	> "$work/receiver.log" 2>&1 &
kill_at_end $!
sleep 0.5
for _ in 1 2 3 4 5 6 7 8; do
	"$gatepost" courier run --once --policy "$policy" \
		> "$work/out" 2>&1 && break
	sleep 1
done
cat "$work/events"* > "$work/all" 2> /dev/null ||
	cat "$work"/events/* > "$work/all"
has "$work/all" "$id" 'later the record arrives'
cp "$work/good.conf" "$policy"

# ---- a server that does not run as root ----

if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups \
	test -x "$libexec/pre-receive" 2> /dev/null; then
	chmod 755 "$work" "$work/etc" "$work/home"
	nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
	printf '#!/bin/sh\nexec %s git-receive-pack "$@"\n' "$nobody" \
		> "$work/as-nobody"
	chmod +x "$work/as-nobody"
	chown -R 65534:65534 "$work/srv" "$work/ledger"
	touch "$work/admin.log" "$server/gatepost.log"
	chown 65534 "$work/admin.log" "$server/gatepost.log"
	git -C "$clone" config remote.origin.receivepack "$work/as-nobody"
	passed 'a server that runs as nobody'
	chmod 600 "$policy"
	stopped 'the policy may not be read' 'policy.conf.*ermission'
	chmod 644 "$policy"
	chown -R 0:0 "$work/ledger"
	stopped 'the ledger may not be written' 'ledger'
	chown -R 65534:65534 "$work/ledger"
	passed 'with its permissions'
else
	skip 'a server that does not run as root' 'needs root, setpriv, and programs that nobody can run'
fi

verifies always

done_testing
