#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whatever is killed, and whenever: no gated ref moves without a decision
# record on disk, the ledger reads whole, the pusher is told what is true, and
# the next push works. By default some of the system calls of each hook are
# tried; with LONG=1, all.

. "$(dirname "$0")/lib.sh"

command -v "${CC:-cc}" > /dev/null || skip_all 'no compiler'
"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -o "$work/kill-at" \
	"$t_dir/kill-at.c" > "$work/out" 2>&1 ||
	skip_all 'kill-at.c does not compile here'
"$work/kill-at" 0 "$work/count" /bin/true ||
	skip_all 'processes may not be traced here'

policy_file <<EOF
[principal "alice"]
	email = alice@example.com
	login = alice
[agent "claude-code"]
[gate "main"]
	ref = refs/heads/main
	rule = ai
	rule = keep
[rule "ai"]
	check = provenance
[rule "keep"]
	check = history
EOF
new_server kill
as alice

# The hooks run through a script that lets one of them be killed.
for hook in pre-receive update post-receive; do
	rm -f "$server/hooks/$hook"
	cat > "$server/hooks/$hook" <<EOF
#!/bin/sh
echo \$PPID > $work/receive-pack.pid
read which n < $work/when
[ "\$which" = $hook ] &&
	exec $work/kill-at "\$n" $work/count $libexec/$hook "\$@"
exec $libexec/$hook "\$@"
EOF
	chmod +x "$server/hooks/$hook"
done
echo none > "$work/when"

tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
number=0
# next_commit [MESSAGE]: one on top of the server's main, in $new
next_commit() {
	number=$((number + 1))
	old=$(git -C "$server" rev-parse refs/heads/main)
	new=$(git -C "$clone" commit-tree -p "$old" \
		-m "${1:-change $number}" "$tree")
}

send() {
	git -C "$clone" push "$server" "$new:refs/heads/main" \
		> "$work/answer" 2>&1
	pushed=$?
}

# Every record of the ledger, whole; what is new since the last time is in
# $work/new. Nothing that was there may be gone.
: > "$work/records"
read_ledger() {
	if ! records > "$work/now" 2> "$work/errors" || [ -s "$work/errors" ]; then
		fault "the ledger cannot be read: $(cat "$work/errors")"
		return 1
	fi
	if ! head -c "$(wc -c < "$work/records")" "$work/now" |
		cmp -s - "$work/records"; then
		fault 'a record has changed or gone'
	fi
	tail -c "+$(($(wc -c < "$work/records") + 1))" "$work/now" > "$work/new"
	mv "$work/now" "$work/records"
}

faults=$work/faults
: > "$faults"
fault() { echo "$where: $1" >> "$faults"; }

# check_push: what must be true after a push of $new over $old, however it
# ended
check_push() {
	now=$(git -C "$server" rev-parse refs/heads/main)
	read_ledger || return
	if [ "$now" = "$new" ]; then
		grep '"kind":"decision"' "$work/new" |
			grep '"repository":"kill"' |
			grep "\"name\":\"refs/heads/main\"" |
			grep "\"old\":\"$old\"" | grep "\"new\":\"$new\"" |
			grep -q '"verdict":"pass"' ||
			fault 'main moved without a decision'
		[ $pushed = 0 ] || fault 'main moved, the pusher heard "refused"'
		moved=$((moved + 1))
	elif [ "$now" = "$old" ]; then
		[ $pushed != 0 ] || fault 'main did not move, the pusher heard "accepted"'
	else
		fault "main is $now"
	fi
}

# Nothing runs any more that wrote or may write.
settle() {
	sleep "${1:-0.05}"
	find "$server" -name '*.lock' -delete
	rm -rf "$server"/objects/tmp_objdir-incoming-* \
		"$server"/objects/incoming-*
}

honest_push() {
	echo none > "$work/when"
	next_commit
	send
	if [ $pushed != 0 ]; then
		fault "the next push was refused: $(cat "$work/answer")"
	else
		landed=$moved
		check_push
		moved=$landed
	fi
}

# steps HOOK: the numbers of the system calls to try
steps() {
	if [ -n "${LONG:-}" ]; then
		seq 1 "$total"
	else
		# the writing is done towards the end
		awk -v n="$total" -v want=40 'BEGIN {
			late = n > 80 ? n - 80 : 0
			for (i = 1; i <= n; i += i < late ? n / want : 3)
				print int(i)
		}'
	fi
}

# whether the hook came to its end before the call at which to kill it; a
# tracer writes its line after the hook has gone
lived() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(wc -l < "$work/count")" -le "$counted" ] || break
		sleep 0.05
	done
	counted=$(wc -l < "$work/count")
	[ "$(tail -n 1 "$work/count")" -lt "$n" ]
}

# killed HOOK MESSAGE: kill it at each step, while it judges such a commit
killed() {
	hook=$1 tries=0 moved=0 told=0 where="$1, counting"
	echo "$hook 0" > "$work/when"
	: > "$work/count"
	next_commit "$2"
	send
	sleep 0.2
	total=$(tail -n 1 "$work/count")
	read_ledger
	for n in $(steps); do
		where="$hook killed at call $n"
		echo "$hook $n" > "$work/when"
		counted=$(wc -l < "$work/count")
		next_commit "$2"
		send
		tries=$((tries + 1))
		check_push
		[ $pushed = 0 ] || told=$((told + 1))
		# this time it may have made fewer calls, and lived
		if [ $pushed = 0 ] && lived; then
			tries=$((tries - 1)) moved=$((moved - 1))
		fi
		if [ $((tries % 4)) = 0 ] || [ -n "${LONG:-}" ]; then
			honest_push
		fi
	done
	where="after $hook"
	[ $tries -gt 10 ] || fault 'hardly anything was tried'
	honest_push
	echo "# $hook: killed at $tries of $total system calls;" \
		"$moved pushes landed, $told were refused"
	is "$(cat "$faults")" '' "$hook killed between any two steps: $3"
	: > "$faults"
}

read_ledger
killed pre-receive 'a change' 'no commit lands unrecorded'
is "$moved" 0 'a push whose pre-receive was killed never lands'
killed pre-receive 'made with Claude

Generated with [Claude Code](https://claude.com/claude-code)' \
	'neither does one that is to be refused'
is "$moved" 0 'nor what the gate refuses'
killed update 'a change' 'no ref moves that was not decided'
killed post-receive 'a change' 'the ref has moved, with its decision'
is "$told" 0 'a killed post-receive refuses nothing'

# ---- receive-pack itself, at any moment ----

# The pusher may be told anything now, or nothing: receive-pack told him.
check_after_kill() {
	settle 0.2
	now=$(git -C "$server" rev-parse refs/heads/main)
	[ "$now" = "$new" ] && pushed=0 || pushed=1
	check_push
}

cat > "$work/receive-pack" <<EOF
#!/bin/sh
echo \$\$ > $work/receive-pack.pid
exec git-receive-pack "\$@"
EOF
chmod +x "$work/receive-pack"
echo none > "$work/when"
tries=0 moved=0
for ms in $(if [ -n "${LONG:-}" ]; then seq 1 80; else seq 2 7 50; fi); do
	where="receive-pack killed after $ms ms"
	next_commit
	rm -f "$work/receive-pack.pid"
	git -C "$clone" push --receive-pack="$work/receive-pack" "$server" \
		"$new:refs/heads/main" > "$work/answer" 2>&1 &
	pusher=$!
	until [ -s "$work/receive-pack.pid" ]; do sleep 0.002; done
	sleep "$(printf '0.%03d' "$ms")"
	kill -9 "$(cat "$work/receive-pack.pid")" 2> /dev/null
	wait $pusher
	tries=$((tries + 1))
	check_after_kill
	honest_push
done
echo "# receive-pack: killed at $tries moments; $moved pushes landed"
is "$(cat "$faults")" '' 'receive-pack killed at any moment'
: > "$faults"

# ---- the pusher goes away ----

tries=0 moved=0
for hook in pre-receive update post-receive; do
	where="the pusher gone in $hook"
	rm -f "$work/in-hook"
	cp "$server/hooks/$hook" "$work/hook.saved"
	cat > "$server/hooks/$hook" <<EOF
#!/bin/sh
: > $work/in-hook
sleep 0.2
exec $libexec/$hook "\$@"
EOF
	next_commit "$(printf 'made with Claude\n\nclaude\n')"
	[ $hook = pre-receive ] || next_commit
	git -C "$clone" push "$server" "$new:refs/heads/main" \
		> "$work/answer" 2>&1 &
	pusher=$!
	until [ -e "$work/in-hook" ]; do sleep 0.01; done
	kill -9 $pusher
	wait $pusher 2> /dev/null
	sleep 0.5
	cp "$work/hook.saved" "$server/hooks/$hook"
	tries=$((tries + 1))
	check_after_kill
	honest_push
done
is "$(cat "$faults")" '' 'a pusher that disconnects during any hook'
: > "$faults"

# A client that sends a push and then reads nothing.
where='the pusher reads nothing'
next_commit 'made with Claude

Generated with [Claude Code](https://claude.com/claude-code)'
{
	line="$old $new refs/heads/main"
	# the line, a NUL, the capabilities
	printf '%04x%s' $((4 + ${#line} + 1 + 27)) "$line"
	printf '\000%s0000' 'report-status side-band-64k'
	printf '%s\n^%s\n' "$new" "$old" |
		git -C "$clone" pack-objects --revs --stdout -q
} > "$work/request"
mkfifo "$work/unread"
sleep 20 < "$work/unread" &
reader=$!
kill_at_end $reader
began=$(date +%s)
git receive-pack "$server" < "$work/request" > "$work/unread" 2> "$work/err" &
served=$!
wait $served
took=$(($(date +%s) - began))
kill $reader 2> /dev/null
wait $reader 2> /dev/null
[ $took -lt 10 ] || fault "it took $took s"
pushed=1
check_push
grep -q '"kind":"decision"' "$work/new" || fault 'no record'
honest_push
is "$(cat "$faults")" '' 'a pusher that never reads the answer holds nothing up'
: > "$faults"

no 'gatepost status finds the wrapped hooks, and nothing else wrong' \
	"$gatepost" status "$server"
if "$gatepost" ledger list --ledger "$work/ledger" > "$work/out" 2>&1; then
	ok 'the ledger reads whole at the end'
else
	not_ok 'the ledger reads whole at the end' "$work/out"
fi

done_testing
