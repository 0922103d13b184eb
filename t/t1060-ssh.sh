#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Pushes over ssh: a server of our own on loopback, one account, each key with
# a forced command that says whose it is, as git hosts do it.

. "$(dirname "$0")/lib.sh"

sshd=$(command -v sshd || echo /usr/sbin/sshd)
[ -x "$sshd" ] && command -v ssh > /dev/null || skip_all 'no sshd, or no ssh'

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
	role = oncall
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
	emergency = oncall
[rule "history"]
	check = history
[rule "review"]
	check = review
	quorum = 1
END
signing_key bob
signing_key alice

dir=$work/sshd
mkdir -p "$dir"
ssh-keygen -q -t ed25519 -N '' -f "$dir/host" < /dev/null
for who in alice bob robot; do
	ssh-keygen -q -t ed25519 -N '' -f "$dir/$who" < /dev/null
	printf 'restrict,command="GATEPOST_TEST_USER=%s exec git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" %s\n' \
		"$who" "$(cat "$dir/$who.pub")" >> "$dir/keys"
done
chmod 600 "$dir/keys"
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd

# start PORT: whether the server listens there within two seconds
start() {
	cat > "$dir/config" <<END
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
AcceptEnv *
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
port=$((20000 + $$ % 20000))
start $port || start $((port + 7)) || start $((port + 1013)) ||
	skip_all "sshd does not start: $(tail -n 1 "$dir/log")"
kill_at_end $server_pid
port=$(sed -n 's/^Port //p' "$dir/config")

# as_key WHO: by whose key the next pushes go
as_key() {
	as alice
	unset GATEPOST_TEST_USER
	export GIT_SSH_COMMAND="ssh -F none -p $port -i $dir/$1 \
-o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes \
-o StrictHostKeyChecking=no -o UserKnownHostsFile=$dir/known \
-o LogLevel=ERROR"
}

pushes() {
	as alice
	new_server "ssh-$1" "$1"
	git -C "$clone" remote set-url origin \
		"ssh://$(id -un)@127.0.0.1$server"
	as_key alice
	change 'fix: by hand'
	accepted "$1: an honest push" HEAD:main
	recorded '"login":"alice"' "$1: who pushed is known by the key"
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
	GATEPOST_TEST_USER=robot GIT_CONFIG_COUNT=1 GIT_PUSH_CERT_STATUS=G \
		GIT_CONFIG_KEY_0=push.default GIT_CONFIG_VALUE_0=nothing
	export GATEPOST_TEST_USER GIT_CONFIG_COUNT GIT_PUSH_CERT_STATUS \
		GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
	GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o SendEnv=*"
	refused "$1: variables that the client sends" provenance/undeclared \
		'made with Claude Code' HEAD:main
	recorded '"login":"alice"' "$1: do not change who pushed"
	unset GIT_CONFIG_COUNT GIT_PUSH_CERT_STATUS GIT_CONFIG_KEY_0 \
		GIT_CONFIG_VALUE_0

	as_key robot
	accepted "$1: the bot's key has the bot's exemption" HEAD:main
	recorded '"login":"robot"' "$1: and its name"

	as_key alice
	change 'fix: to be reviewed'
	accepted "$1: on a branch" HEAD:refs/heads/review
	sign_as bob
	as_key bob
	export GIT_COMMITTER_NAME=bob GIT_COMMITTER_EMAIL=bob@example.com
	git config --global user.signingKey "$work/key-bob"
	git -C "$clone" config approve.repository "ssh-$1"
	approve reviewed HEAD || not_ok "$1: git approve" "$work/approve"
	accepted "$1: an approval by git approve over ssh" HEAD:reviewed
	moved refs/heads/reviewed "$1: the new branch is there"
	is "$(git -C "$server" for-each-ref refs/approvals | wc -l)" 0 \
		"$1: the approval is gone when the change has landed"

	as_key alice
	change 'feat: at night

Generated with [Claude Code]

x'
	accepted "$1: an emergency" \
		-o gatepost.emergency='INC-1 it burns' HEAD:main
	recorded '"code":"undeclared","weight":"excused"' \
		"$1: what it excuses is recorded"
	change 'feat: later that night

Generated with [Claude Code]

Emergency: INC-2 it still burns'
	accepted "$1: an emergency without push options" HEAD:main
	recorded '"code":"undeclared","weight":"excused"' \
		"$1: what it excuses is recorded, too"
}

# signed pushes, and what a client can send instead of one
certified() {
	git -C "$server" config receive.certNonceSeed secret
	sign_as alice
	as_key alice
	change 'fix: certified'
	accepted "$1: a signed push" --signed HEAD:refs/heads/certified
	recorded '"certificate":{"result":"good","nonce":"OK","person":{"principal":"alice"}' \
		"$1: its certificate is verified"
	new=$(git -C "$clone" rev-parse HEAD)
	blob=$(git -C "$server" cat-file --batch-all-objects --batch-check |
		sed -n 's/ blob .*//p' | while read -r id; do
		git -C "$server" cat-file blob "$id" | grep -q " $new refs" &&
			echo "$id"
	done | tail -n 1)
	git -C "$server" update-ref -d refs/heads/certified
	GIT_PUSH_CERT=$blob GIT_PUSH_CERT_STATUS=G GIT_PUSH_CERT_NONCE_STATUS=OK
	GIT_PUSH_CERT_NONCE=$(git -C "$server" cat-file blob "$blob" |
		sed -n 's/^nonce //p')
	past $((${GIT_PUSH_CERT_NONCE%%-*} + 3))
	export GIT_PUSH_CERT GIT_PUSH_CERT_STATUS GIT_PUSH_CERT_NONCE \
		GIT_PUSH_CERT_NONCE_STATUS
	GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o SendEnv=*"
	refused "$1: its certificate once more, from the client" \
		signature/push-nonce 'its nonce is that of an earlier push' \
		HEAD:refs/heads/certified
	unset GIT_PUSH_CERT GIT_PUSH_CERT_STATUS GIT_PUSH_CERT_NONCE \
		GIT_PUSH_CERT_NONCE_STATUS
}

pushes sha1
certified sha1
pushes sha256
certified sha256

done_testing
