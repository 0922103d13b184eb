#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What reviewers' clones may know of a policy: gatepost policy publish writes
# it to refs/gatepost/published, and nobody pushes there.

. "$(dirname "$0")/lib.sh"

own=refs/gatepost/published

policy() {
	policy_file <<END
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	preview = refs/heads/**
	rule = history
[gate "elsewhere"]
	repo = other/**
	ref = refs/heads/other
	rule = history
[rule "history"]
	check = history
END
	sed -i -e "s,^	agents = .*,	agents = $work/etc/agents.conf," \
		-e "s/^	approve-unattended = .*/	${1:-}/" \
		"$work/etc/policy.conf"
}
mkdir -p "$work/etc"
cp "$GATEPOST_PREFIX/etc/gatepost/agents.conf" "$work/etc/agents.conf"
policy
new_server publish

# says KEY: the values that a client reads
says() {
	git -C "$server" cat-file blob $own > "$work/published"
	git config -f "$work/published" --get-all "$1"
}
publish() { "$gatepost" policy publish "$server" > "$work/printed" 2> "$work/err"; }

# ---- what is written ----

is "$(git -C "$server" cat-file -t $own)" blob 'install publishes'
is "$(says gatepost.repository)" publish 'the name that the gate knows'
is "$(says gatepost.ref | xargs)" 'refs/heads/main refs/heads/release/*' \
	'the refs that are gated here'
is "$(says approve.unattended)" refuse 'unattended: refuse, by default'
is "$(says approve.agent-variable | sort)" \
	"$(git config -f "$work/etc/agents.conf" --get-regexp '\.environment$' |
		sed 's/.* //' | sort)" 'all variables of agents.conf'
has "$work/published" 'agent-variable = "CLAUDECODE"' 'among them CLAUDECODE'

old=$(git -C "$server" rev-parse $own)
publish
is $? 0 'publish again'
has "$work/err" 'said this already' 'it says that nothing changed'
is "$(git -C "$server" rev-parse $own)" "$old" 'and nothing did'
yes 'it prints what is there' cmp "$work/published" "$work/printed"

policy 'approve-unattended = allow'
printf '[agent "mine"]\n\ttitle = Mine\n\tenvironment = MY_AGENT\n' \
	>> "$work/etc/agents.conf"
no 'status sees that it is not what the policy says' \
	"$gatepost" status "$server"
has "$work/out" 'AMISS published.*gatepost policy publish' 'and what to do'
publish
has "$work/err" 'now says:' 'publish says that it changed'
is "$(says approve.unattended)" allow 'unattended: allow'
has "$work/published" 'MY_AGENT' 'an agent of our own'
yes 'status has nothing to say' "$gatepost" status "$server"
(cd "$server" && "$gatepost" policy publish > "$work/out" 2>&1)
is $? 0 'without an argument: the repository one is in'
"$gatepost" policy publish /nonexistent > "$work/out" 2>&1
is $? 2 'what is no repository is an error'
"$gatepost" policy show "$server" > "$work/out" 2>&1
has "$work/out" 'approve-unattended = allow' 'policy show has the setting'
has_not "$work/out" ';	CLAUDECODE' 'and no variables that mean nothing'
policy
"$gatepost" policy show "$server" > "$work/out" 2>&1
has "$work/out" '^;	CLAUDECODE  *; claude-code$' 'else the variables'

policy 'approve-unattended = maybe'
no 'another word is a mistake' \
	"$gatepost" policy check "$work/etc/policy.conf"
policy
cp "$work/etc/agents.conf" "$work/etc/agents.good"
for bad in 'A B' 1A 'A=B' 'A$(id)' '"A;rm"'; do
	printf '[agent "mine"]\n\tenvironment = %s\n' "$bad" \
		>> "$work/etc/agents.conf"
	no "no variable: $bad" "$gatepost" policy check "$work/etc/policy.conf"
	has "$work/out" 'cannot be the name of a variable' 'it says so'
	cp "$work/etc/agents.good" "$work/etc/agents.conf"
done

# ---- nobody pushes there ----

guard() {
	refused "$1: it is not moved" push/reserved 'nobody pushes there' \
		-f "HEAD:$own"
	refused "$1: nor replaced by a blob" push/reserved \
		'nobody pushes there' \
		-f "$(echo '[approve] unattended = allow' |
			git -C "$clone" hash-object -w --stdin):$own"
	refused "$1: nor deleted" push/reserved 'nobody pushes there' ":$own"
	refused "$1: nor another one made beside it" push/reserved \
		'nobody pushes there' HEAD:refs/gatepost/x
	refused "$1: with a good push: none of it" push/reserved \
		'nor the other 1 of this push' "HEAD:$own" \
		HEAD:refs/heads/other-thing -f
}
change 'fix: to be pushed'
guard 'enforcing'
"$gatepost" mode warn "$server" > /dev/null
guard 'warn mode'
mv "$work/ledger" "$work/ledger-away"
git -C "$server" for-each-ref > "$work/refs-before"
push -f "HEAD:$own"
git -C "$server" for-each-ref > "$work/refs-after"
is "$pushed" 1 'warn mode without a ledger: refused'
yes 'and nothing moved' cmp "$work/refs-before" "$work/refs-after"
mv "$work/ledger-away" "$work/ledger"

# ---- taken away with the gate ----

yes 'uninstall' "$gatepost" uninstall "$server"
is "$(git -C "$server" rev-parse -q --verify $own || echo none)" none \
	'takes it away'

# ---- where every ref is gated ----

policy
sed -i 's,ref = refs/heads/main$,ref = refs/**,' "$work/etc/policy.conf"
new_server all
change 'fix: to be pushed'
refused 'every ref is gated: it is not moved' push/reserved \
	'nobody pushes there' -f "HEAD:$own"
accepted 'every ref is gated: a push' HEAD:main
printf '[gatepost]\n\tapprove-unattended = allow\n' >> "$work/etc/policy.conf"
publish
has "$work/err" 'now says' 'every ref is gated: published anew'
yes 'which is no move that somebody has to explain' "$gatepost" ledger \
	reconcile --policy "$work/etc/policy.conf" --grace 0s "$server"
policy

# ---- other kinds of repository ----

new_server sha256 sha256
is "$(says gatepost.repository)" sha256 'a SHA-256 repository'
mkdir -p "$work/srv/a \"b\" ; #"
git init -q --bare "$work/srv/a \"b\" ; #/c.git"
server="$work/srv/a \"b\" ; #/c.git"
"$gatepost" install --policy "$work/etc/policy.conf" "$server" > "$work/out" \
	2>&1
is "$(says gatepost.repository)" 'a "b" ; #/c' 'odd names are read as they are'

done_testing
