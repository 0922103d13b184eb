#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whatever is killed, and whenever: no gated ref moves without a decision
# record on disk, the ledger reads whole and verifies, the pusher is told what
# is true, and the next push works. By default some of the system calls of each
# hook are tried; with LONG=1, all; with HOOKS='update post-receive' theirs
# alone, and with HOOKS=none none.

. "$(dirname "$0")/lib.sh"
. "$t_dir/kill-lib.sh"

# Nothing runs any more that wrote or may write.
settle() {
	sleep "${1:-0.05}"
	find "$server" -name '*.lock' -delete
	rm -rf "$server"/objects/tmp_objdir-incoming-* \
		"$server"/objects/incoming-*
}

# steps HOOK: the numbers of the system calls to try
steps() {
	if [ -n "${LONG:-}" ]; then
		seq 1 "$((total + 5))"
	else
		# the writing is done towards the end
		awk -v n="$total" -v want=36 'BEGIN {
			late = n > 80 ? n - 80 : 0
			for (i = 1; i <= n; i += i < late ? n / want : 3)
				print int(i)
		}'
	fi
}

# killed HOOK MESSAGE: kill it at each step, while it judges such a commit
killed() {
	hook=$1 tries=0 moved=0 told=0 where="$1, counting"
	counted_calls "$hook" "$2"
	for n in $(steps); do
		where="$hook killed at call $n"
		echo "$hook $n" > "$work/when"
		try_push "$2"
		if [ $((tries % 5)) = 0 ] || [ -n "${LONG:-}" ]; then
			honest_push
		fi
	done
	where="after $hook"
	[ $tries -gt 10 ] || fault 'hardly anything was tried'
	check_end
	echo "# $hook: killed at $tries of about $total system calls;" \
		"$moved pushes landed, $told were refused"
	report "$hook killed between any two steps: $3"
}

read_ledger
wanted() { case " ${HOOKS:-$1} " in *" $1 "*) ;; *) false; esac }
if wanted pre-receive; then
	killed pre-receive 'a change' 'no commit lands unrecorded'
	is "$moved" 0 'a push whose pre-receive was killed never lands'
	killed pre-receive "$undeclared" 'neither does one that is to be refused'
	is "$moved" 0 'nor what the gate refuses'
fi
if wanted update; then
	killed update 'a change' 'no ref moves that was not decided'
fi
if wanted post-receive; then
	killed post-receive 'a change' 'the ref has moved, with its decision'
	is "$told" 0 'a killed post-receive refuses nothing'
fi

# ---- receive-pack itself, at any moment ----

# The pusher may be told anything now, or nothing: receive-pack told him.
check_after_kill() {
	settle 0.2
	now=$(git -C "$server" rev-parse refs/heads/main)
	[ "$now" = "$new" ] && pushed=0 || pushed=1
	check_try
}

cat > "$work/receive-pack" <<EOF
#!/bin/sh
echo \$\$ > $work/receive-pack.pid
exec git-receive-pack "\$@"
EOF
chmod +x "$work/receive-pack"
echo none > "$work/when"
# moments: as many milliseconds as a push takes now, in so many steps
moments() {
	began=$(date +%s%N)
	honest_push
	took=$((($(date +%s%N) - began) / 1000000))
	awk -v n="${LONG:+100}" -v took=$took 'BEGIN {
		if (!n)
			n = 8
		for (i = 1; i <= n; i++)
			print int(1 + took * i / n)
	}'
}
tries=0 moved=0
for ms in $(moments); do
	where="receive-pack killed after $ms ms"
	next_commit
	rm -f "$work/receive-pack.pid"
	git -C "$clone" push --receive-pack="$work/receive-pack" "$server" \
		"$new:refs/heads/main" > "$work/answer" 2>&1 &
	pusher=$!
	until [ -s "$work/receive-pack.pid" ]; do sleep 0.002; done
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
	kill -9 "$(cat "$work/receive-pack.pid")" 2> /dev/null
	wait $pusher
	tries=$((tries + 1))
	check_after_kill
	honest_push
done
check_end
echo "# receive-pack: killed at $tries moments; $moved pushes landed"
report 'receive-pack killed at any moment'

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
report 'a pusher that disconnects during any hook'

# receive-pack dies, and post-receive hears nothing of what moved, or half of
# it: that is not that nothing moved.
mkfifo "$work/told"
for how in "exec $libexec/post-receive < /dev/null" \
	"head -c 50 | $libexec/post-receive" \
	"sh -c '$libexec/post-receive < $work/told & exec 5> $work/told
		cat >&5; sleep 0.3; kill -9 \$\$'"; do
	where="post-receive: $how"
	cp "$server/hooks/post-receive" "$work/hook.saved"
	printf '#!/bin/sh\n%s\n' "$how" > "$server/hooks/post-receive"
	next_commit
	send
	cp "$work/hook.saved" "$server/hooks/post-receive"
	sleep 0.2
	check_after_kill
	! grep '"kind":"outcome"' "$work/new" > "$work/out" ||
		fault 'an outcome is recorded' "$work/out"
	honest_push
	verify_ledger
done
report 'what post-receive is told when git dies is no outcome'
has "$work/admin.log" 'git ended before it had said' 'and the admin reads so'

# A client that sends a push and then reads nothing.
where='the pusher reads nothing'
next_commit "$undeclared"
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
report 'a pusher that never reads the answer holds nothing up'

check_end
report 'the ledger verifies at the end'
echo "# the ledger was verified $verified times, and sealed $sealed times"
no 'gatepost status finds the wrapped hooks, and nothing else wrong' \
	"$gatepost" status "$server"
if "$gatepost" ledger list --ledger "$work/ledger" > "$work/out" 2>&1; then
	ok 'the ledger reads whole at the end'
else
	not_ok 'the ledger reads whole at the end' "$work/out"
fi

done_testing
