#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Pushes over http: git http-backend behind a server of our own on loopback,
# which says in REMOTE_USER who pushes.

pusher_from=REMOTE_USER
. "$(dirname "$0")/lib.sh"

git --exec-path > /dev/null &&
	[ -x "$(git --exec-path)/git-http-backend" ] ||
	skip_all 'no git http-backend'
[ -x "$(git --exec-path)/git-remote-http" ] || skip_all 'no git-remote-http'

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = ai
	rule = history
[gate "reviewed"]
	ref = refs/heads/reviewed
	rule = review
[gate "certified"]
	ref = refs/heads/certified
	rule = signed-push
[rule "signed-push"]
	check = signature
	push = required
[rule "ai"]
	check = provenance
	agents = any
[rule "history"]
	check = history
[rule "review"]
	check = review
	quorum = 1
END
signing_key bob
signing_key alice
mkdir -p "$work/srv"
"$python" "$t_dir/http-server.py" "$work/srv" "$work/port" \
	> "$work/http.log" 2>&1 &
kill_at_end $!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$work/port" ] && break
	sleep 0.1
done
port=$(cat "$work/port") || skip_all 'the server does not start'

# by WHO: whose the next pushes are
by() {
	git -C "$clone" remote set-url origin \
		"http://$1:secret@127.0.0.1:$port/$(basename "$server")"
}

pushes() {
	as alice
	new_server "http-$1" "$1"
	by alice
	change 'fix: by hand'
	accepted "$1: an honest push" HEAD:main
	recorded '"login":"alice"},"how":"REMOTE_USER"' \
		"$1: who pushed is what the web server says"
	moved refs/heads/main "$1: main is there"
	is "$(grep -c '^remote:' "$work/answer")" 1 "$1: one line is said"

	change 'feat: by an agent

Generated with [Claude Code]

x'
	refused "$1: a bad one" provenance/undeclared \
		'made with Claude Code, tool not stated' HEAD:main
	told 'Your commits are safe' "$1: the developer reads it all"
	refused "$1: atomically" provenance/undeclared \
		'nor the other 1 of this push' --atomic HEAD:main HEAD:topic
	refused "$1: a deletion" history/deletion 'may not be deleted' :main
	git -C "$clone" config http.extraHeader 'Remote-User: robot'
	refused "$1: headers that the client sends" provenance/undeclared \
		'made with Claude Code' HEAD:main
	recorded '"login":"alice"' "$1: do not change who pushed"
	git -C "$clone" config --unset http.extraHeader
	git -C "$clone" config http.postBuffer 1000
	head -c 100000 /dev/urandom > "$clone/noise"
	git -C "$clone" add noise
	git -C "$clone" commit -q -m 'fix: noise'
	refused "$1: sent in chunks" provenance/undeclared \
		'made with Claude Code' HEAD:main
	git -C "$clone" config --unset http.postBuffer

	by robot
	accepted "$1: the bot has the bot's exemption" HEAD:main
	recorded '"login":"robot"' "$1: and its name"

	by alice
	change 'fix: to be reviewed'
	accepted "$1: on a branch" HEAD:refs/heads/review
	sign_as bob
	by bob
	git -C "$clone" config approve.repository "http-$1"
	approve reviewed HEAD || not_ok "$1: git approve" "$work/approve"
	accepted "$1: an approval by git approve over http" HEAD:reviewed
	moved refs/heads/reviewed "$1: the new branch is there"
}

# the nonce comes from the process before
certified() {
	git -C "$server" config receive.certNonceSeed secret
	git -C "$server" config receive.certNonceSlop 60
	sign_as alice
	by alice
	change 'fix: certified'
	refused "$1: an unsigned push" signature/push-unsigned \
		'the push is not signed' HEAD:refs/heads/certified
	accepted "$1: a signed push" --signed HEAD:refs/heads/certified
	recorded '"certificate":{"result":"good","nonce":"OK","person":{"principal":"alice"}' \
		"$1: its certificate is verified"
}

pushes sha1
certified sha1
pushes sha256
certified sha256

done_testing
