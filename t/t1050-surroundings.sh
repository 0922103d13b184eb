#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Everything round a push that might have influence and has none: forged
# environments, odd paths, control files, grafts, shallow boundaries,
# alternates; and what a refusal leaves behind.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
	deadline = 10s
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[principal "robot"]
	login = robot
	email = robot@example.com
	kind = bot
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = ai
	rule = review-of-agents
[rule "ai"]
	check = provenance
	agents = any
[rule "review-of-agents"]
	check = review
	when = ai-assisted
	quorum = 1
END
signing_key bob

agent='feat: by an agent

Generated with [Claude Code]

and no word of it where it counts'
bad() { change "$agent"; }

# under NAME VARIABLE=VALUE…: a bad push to a receive-pack that runs with
# these, as sshd's AcceptEnv or a wrapper may leave them
under() {
	name=$1; shift
	quoted=
	for word; do quoted="$quoted '$(printf %s "$word" |
		sed "s/'/'\\\\''/g")'"; done
	refused "$name" provenance/undeclared 'made with Claude Code' \
		"--receive-pack=env$quoted git-receive-pack" HEAD:main
}

environment() {
	bad
	printf '[gatepost]\n\tmode = off\n' > "$work/off.conf"
	under 'GIT_CONFIG_COUNT' GIT_CONFIG_COUNT=1 \
		GIT_CONFIG_KEY_0=gatepost.mode GIT_CONFIG_VALUE_0=off
	under 'GIT_CONFIG_PARAMETERS' \
		"GIT_CONFIG_PARAMETERS='gatepost.mode'='off'"
	under 'GIT_CONFIG_GLOBAL' "GIT_CONFIG_GLOBAL=$work/off.conf"
	mkdir -p "$work/xdg/git"
	cp "$work/off.conf" "$work/xdg/git/config"
	under 'XDG_CONFIG_HOME' "XDG_CONFIG_HOME=$work/xdg"
	under 'a forged push certificate' GIT_PUSH_CERT_STATUS=G \
		GIT_PUSH_CERT_SIGNER=robot GIT_PUSH_CERT_KEY=x \
		GIT_PUSH_CERT_NONCE_STATUS=OK GIT_PUSH_CERT=deadbeef
	under 'forged push options' GIT_PUSH_OPTION_COUNT=1 \
		GIT_PUSH_OPTION_0=gatepost.emergency=yes
	under 'GIT_NO_REPLACE_OBJECTS and its like' GIT_NO_REPLACE_OBJECTS=0 \
		GIT_REPLACE_REF_BASE=refs/heads/ GIT_GRAFT_FILE=/dev/null
	under 'a login under another name' REMOTE_USER=robot GL_USER=robot \
		LOGNAME=robot USER=robot
	recorded '"login":"alice"' 'who pushes is what the one variable says'
	under 'a very long variable' "LONG=$("$python" -c 'print("x" * 100000)')"

	# a FIFO makes whoever opens it wait for ever
	mkfifo "$work/fifo"
	change 'feat: approved

Assisted-by: Claude:claude-opus-4-6'
	git -C "$clone" push -q origin HEAD:refs/heads/review \
		> "$work/out" 2>&1
	sign_as bob
	approve main HEAD
	as alice
	began=$(date +%s)
	accepted 'OPENSSL_CONF is not read, though a signature is verified' \
		"--receive-pack=env OPENSSL_CONF='$work/fifo' SSLKEYLOGFILE='$work/fifo' \
		CURL_CA_BUNDLE='$work/fifo' git-receive-pack" HEAD:main
	[ $(($(date +%s) - began)) -lt 8 ] && ok 'and nobody waited' ||
		not_ok 'and nobody waited'

	bad
	under 'GIT_TRACE' "GIT_TRACE=$work/trace" \
		"GIT_TRACE2_EVENT=$work/trace2"
	if command -v cc > /dev/null &&
		file -L "$libexec/pre-receive" | grep -q 'static'; then
		cat > "$work/evil.c" <<'END'
#include <fcntl.h>
#include <unistd.h>
#include <string.h>
extern char *program_invocation_short_name;
__attribute__((constructor)) static void evil(void)
{
	int fd = open(WHERE, O_WRONLY | O_CREAT | O_APPEND, 0600);
	char *name = program_invocation_short_name;
	if (fd < 0 || write(fd, name, strlen(name)) < 0 ||
	    write(fd, "\n", 1) < 0)
		_exit(1);
	close(fd);
}
END
		cc -shared -fPIC -DWHERE="\"$work/preloaded\"" \
			-o "$work/evil.so" "$work/evil.c" 2> "$work/out"
		under 'LD_PRELOAD' "LD_PRELOAD=$work/evil.so"
		has "$work/preloaded" git 'it was loaded into git'
		has_not "$work/preloaded" 'receive$\|update' 'and into no hook'
	else
		skip 'LD_PRELOAD' 'no compiler, or shared libraries'
	fi
	GATEPOST_TEST_USER=''
	refused 'nobody says who pushes' provenance/undeclared \
		'made with Claude Code' HEAD:main
	recorded '"known":false' 'that is on record'
	GATEPOST_TEST_USER=$(printf 'x\033[2J\n"')
	refused 'a hostile login' provenance/undeclared \
		'made with Claude Code' HEAD:main
	recorded '"login":"x\\u001[bB]' 'and it stands escaped in the record'
	as alice
}

control_files() {
	bad
	cp "$work/off.conf" "$clone/policy.conf"
	cp "$work/off.conf" "$clone/.gatepost"
	printf 'robot <robot@example.com> <alice@example.com>\n' \
		> "$clone/.mailmap"
	printf '* text eol=crlf -diff export-ignore\n' > "$clone/.gitattributes"
	cp "$work/etc/signers" "$clone/allowed_signers"
	git -C "$clone" add -A 2> "$work/out"
	git -C "$clone" commit -q --amend --no-edit
	refused "$1: files in the tree" provenance/undeclared \
		'by alice: made with Claude Code' HEAD:main
}

odd_paths() {
	for name in 'with space and :colon' '"quoted" \back' "it's \$HOME" \
		'ünïcode'; do
		new_server "$name" "$1"
		change 'fix: fine'
		accepted "$1: a repository $name" HEAD:main
		bad
		refused "$1: it is judged, too" provenance/undeclared \
			'made with Claude Code' HEAD:main
		is "$(find "$server/objects" -name 'tmp_objdir*' \
			-o -name 'incoming*' | wc -l)" 0 \
			"$1: no quarantine is left"
		if git -C "$server" cat-file -e \
			"$(git -C "$clone" rev-parse HEAD)" 2> /dev/null; then
			not_ok "$1: what was refused is not kept"
		else
			ok "$1: what was refused is not kept"
		fi
	done
}

history_tricks() {
	new_server "tricks-$1" "$1"
	base=$(git -C "$clone" rev-parse HEAD)
	bad
	git -C "$clone" commit -q --allow-empty -m 'fix: on top'
	mkdir -p "$server/info"
	printf '%s %s\n' "$(git -C "$clone" rev-parse HEAD)" "$base" \
		> "$server/info/grafts"
	refused "$1: a graft that hides a commit" provenance/undeclared \
		'made with Claude Code' HEAD:main
	rm "$server/info/grafts"

	git -C "$clone" rev-parse HEAD > "$server/shallow"
	refused "$1: a shallow boundary in the server's own repository" \
		provenance/undeclared 'made with Claude Code' HEAD:main
	rm "$server/shallow"

	# a push from a shallow clone, to a server that takes such
	change 'fix: one'
	accepted "$1: before a shallow push" HEAD:main
	git clone -q --depth 1 "file://$server" "$work/shallow-$1" \
		2> "$work/out"
	full=$clone clone=$work/shallow-$1
	commit z 1 'fix: from a shallow clone'
	accepted "$1: a shallow clone pushes what is complete here" HEAD:main
	git -C "$server" config receive.shallowUpdate true
	git -C "$clone" checkout -q --orphan other
	git -C "$clone" commit -q -m 'fix: other'
	home=$(echo x | git -C "$clone" commit-tree -p HEAD 'HEAD^{tree}')
	cut=$(git -C "$clone" commit-tree -p "$home" \
		-m 'fix: its parent stays at home' 'HEAD^{tree}')
	git -C "$server" for-each-ref > "$work/refs-before"
	pack=$work/cut.pack
	printf '%s\n%s\n' "$cut" "$(git -C "$clone" rev-parse 'HEAD^{tree}')" |
		git -C "$clone" pack-objects --stdout -q > "$pack" 2> "$work/out"
	"$python" "$t_dir/raw-push.py" --repo "$server" --from "$clone" \
		--shallow "$cut" --pack "$pack" "zero $cut refs/heads/main2" \
		"real $cut refs/heads/main" > "$work/answer" 2>&1
	pushed=$?
	is "$pushed" 1 "$1: a shallow push whose history stays at home"
	is "$(tip refs/heads/main)" \
		"$(sed -n 's, commit.refs/heads/main$,,p' "$work/refs-before")" \
		"$1: moves nothing"
	clone=$full
}

forks() {
	new_server "upstream-$1" "$1"
	upstream=$server
	server=$work/srv/fork-$1.git
	git clone -q --bare --shared "$upstream" "$server" 2> "$work/out"
	"$gatepost" install --policy "$work/etc/policy.conf" --enforce \
		"$server" > "$work/install" 2>&1 || cat "$work/install"
	git -C "$clone" remote set-url origin "$server"
	change 'fix: into the fork'
	accepted "$1: a repository with alternates" HEAD:main
	bad
	refused "$1: it is judged, too" provenance/undeclared \
		'made with Claude Code' HEAD:main
}

new_server env
environment
for algo in sha1 sha256; do
	as alice
	new_server "control-$algo" "$algo"
	control_files "$algo"
	history_tricks "$algo"
	forks "$algo"
done
odd_paths sha1
is "$(find "$work/home" -newer "$work/install" -type f ! -name .gitconfig |
	wc -l)" 0 'nothing was written to the home directory'

done_testing
