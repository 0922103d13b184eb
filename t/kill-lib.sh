# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# For tests that kill hooks, or make what they ask of the disk fail, at each
# of their system calls: a server whose hooks run under kill-at, pushes to it,
# and what must be true after each. Sourced after lib.sh.

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
undeclared='made with Claude

Generated with [Claude Code](https://claude.com/claude-code)'

# The hooks run through a script that lets one of them be killed, by the line
# in $work/when: HOOK OPTIONS-OF-KILL-AT.
for hook in pre-receive update post-receive; do
	rm -f "$server/hooks/$hook"
	cat > "$server/hooks/$hook" <<EOF
#!/bin/sh
echo \$PPID > $work/receive-pack.pid
read which how < $work/when
[ "\$which" = $hook ] &&
	exec $work/kill-at \$how $work/count $libexec/$hook "\$@"
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

faults=$work/faults
: > "$faults"
# fault TEXT [FILE]
fault() {
	echo "$where: $1" >> "$faults"
	[ $# -lt 2 ] || sed 's/^/	/' "$2" >> "$faults"
}
# report NAME: whether there was any since the last time
report() {
	is "$(head -n 100 "$faults")" '' "$1"
	: > "$faults"
}

# Every record of the ledger, whole; what is new since the last time is in
# $work/new. Nothing that was there may be gone.
: > "$work/records"
read_ledger() {
	if ! records > "$work/now" 2> "$work/errors" || [ -s "$work/errors" ]; then
		fault 'the ledger cannot be read' "$work/errors"
		return 1
	fi
	if ! head -c "$(wc -c < "$work/records")" "$work/now" |
		cmp -s - "$work/records"; then
		fault 'a record has changed or gone'
	fi
	tail -c "+$(($(wc -c < "$work/records") + 1))" "$work/now" > "$work/new"
	mv "$work/now" "$work/records"
}

# The ledger as it stands verifies, and so do the refs beside it.
verified=0 sealed=0
verify_ledger() {
	"$gatepost" ledger verify --policy "$work/etc/policy.conf" \
		--repos "$server" > "$work/out" 2>&1 ||
		fault 'the ledger does not verify' "$work/out"
	verified=$((verified + 1))
}
seal_ledger() {
	"$gatepost" ledger seal --ledger "$ledger" > "$work/out" 2>&1 ||
		fault 'the ledger cannot be sealed' "$work/out"
	sealed=$((sealed + 1))
}

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

honest_push() {
	echo none > "$work/when"
	next_commit
	send
	if [ $pushed != 0 ]; then
		fault 'the next push was refused' "$work/answer"
	else
		landed=$moved
		check_push
		moved=$landed
	fi
}

# check_try: what must be true after a push in which a hook was struck.
# Verified first: whoever reads the records mends what a killed writer left.
# With LONG=1 each time, half of the times sealed at once.
check_try() {
	turn=$((${turn:-0} + 1))
	if [ -n "${LONG:-}" ] || [ $((turn % 12)) = 0 ]; then
		verify_ledger
		[ $((turn % 24)) != 0 ] && [ $((turn % 2)) = 0 ] || seal_ledger
	fi
	check_push
}

# Whether the hook came to its end before the $n-th call: it may make fewer
# calls than when they were counted. A tracer writes its line when all that it
# traced have gone.
lived() {
	until [ -s "$work/count" ]; do sleep 0.01; done
	read -r seen < "$work/count"
	[ "$seen" -lt "$n" ]
}

# try_push MESSAGE: a push in which $work/when says what becomes of a hook, and
# what must be true after it; counted in $tries, $moved and $told
try_push() {
	: > "$work/count"
	next_commit "$1"
	send
	had=$moved
	check_try
	if lived; then
		moved=$had
		return
	fi
	tries=$((tries + 1))
	[ $pushed = 0 ] || told=$((told + 1))
}

# check_end: at the end of a series
check_end() {
	honest_push
	seal_ledger
	verify_ledger
}

# counted_calls HOOK MESSAGE [OPTIONS-OF-KILL-AT]: how many it makes in such a
# push, in $total
counted_calls() {
	echo "$1 ${3:-} 0" > "$work/when"
	: > "$work/count"
	next_commit "$2"
	send
	until [ -s "$work/count" ]; do sleep 0.01; done
	total=$(tail -n 1 "$work/count")
	read_ledger
}
