# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# For tests with a real git server: TAP output, a server repository with the
# gate installed, clones that push to it. Sourced by each t/tNNNN-*.sh.
#
# GATEPOST_PREFIX names the installed gatepost that is tested.

set -u
: "${GATEPOST_PREFIX:?the prefix where gatepost is installed}"
t_dir=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$t_dir/.." && pwd)
gatepost=$GATEPOST_PREFIX/bin/gatepost
# what stands behind wrappers that are slow to start
python=$(python3 -c 'import sys; print(sys.executable)')
libexec=$GATEPOST_PREFIX/libexec/gatepost

# Tests run beside each other on one installation. A test that takes a program
# of it away for a moment says `alone` before and `together` after.
exec 9< "$gatepost"
flock -s 9
alone() { flock -x 9; }
together() { flock -s 9; }

# Nothing of whoever runs the tests has influence.
unset $(env | sed -n 's/^\(GIT_[A-Za-z0-9_]*\)=.*/\1/p') 2>/dev/null
umask 022
export LC_ALL=C TZ=UTC
export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 GIT_ADVICE=0
export GIT_MERGE_AUTOEDIT=no GIT_EDITOR=true

work=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-t.XXXXXX")
export HOME="$work/home"
mkdir -p "$HOME"
cat > "$HOME/.gitconfig" <<EOF
[init]
	defaultBranch = main
[advice]
	detachedHead = false
[protocol "file"]
	allow = always
[safe]
	directory = *
EOF
# `git -C ""` is git in the current directory: where a variable is empty, no
# repository but one that the test made may be there.
cd "$work" || exit 1
export GIT_CEILING_DIRECTORIES="$work"

t_count=0 t_failed=0 t_pids=
cleanup() {
	for pid in $t_pids; do kill "$pid" 2>/dev/null; done
	[ -n "${KEEP:-}" ] && echo "# kept $work" || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# past SECONDS: waits until the clock shows more
past() { while [ "$(date +%s)" -le "$1" ]; do sleep 0.1; done; }

# kill_at_end PID: a process that this test started
kill_at_end() { t_pids="$t_pids $1"; }

ok() { t_count=$((t_count + 1)); echo "ok $t_count - $1"; }
not_ok() {
	t_count=$((t_count + 1)) t_failed=$((t_failed + 1))
	echo "not ok $t_count - $1"
	shift
	for file; do sed 's/^/# /' "$file"; done
}
skip() { t_count=$((t_count + 1)); echo "ok $t_count - $1 # SKIP $2"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
done_testing() { echo "1..$t_count"; [ "$t_failed" = 0 ]; exit $?; }

# is GOT WANTED NAME
is() {
	if [ "$1" = "$2" ]; then ok "$3"; else
		printf 'got:    %s\nwanted: %s\n' "$1" "$2" > "$work/is"
		not_ok "$3" "$work/is"
	fi
}
# has FILE PATTERN NAME: a line of the file matches the basic expression
has() { if grep -q -e "$2" "$1"; then ok "$3"; else not_ok "$3" "$1"; fi; }
has_not() { if grep -q -e "$2" "$1"; then not_ok "$3" "$1"; else ok "$3"; fi; }
# yes NAME COMMAND…, no NAME COMMAND…: by exit status 0, 1
yes() {
	name=$1; shift
	if "$@" > "$work/out" 2>&1; then ok "$name"; else not_ok "$name" "$work/out"; fi
}
no() {
	name=$1; shift
	"$@" > "$work/out" 2>&1
	rc=$?
	if [ $rc = 1 ]; then ok "$name"; else
		echo "exit status $rc" >> "$work/out"; not_ok "$name" "$work/out"
	fi
}

# ---- a server ----

# policy_file TEXT-ON-STDIN: writes $work/etc/policy.conf with a head that
# every test wants; what is on standard input follows it
policy_file() {
	mkdir -p "$work/etc"
	cat > "$work/etc/policy.conf" <<EOF
[gatepost]
	mode = enforce
	root = $work/srv
	ledger = $work/ledger
	log = $work/admin.log
	pusher-from = ${pusher_from:-GATEPOST_TEST_USER}
	agents = $GATEPOST_PREFIX/etc/gatepost/agents.conf
	help = https://wiki.example.com/gatepost
	approve-unattended = ${unattended:-allow}
EOF
	cat >> "$work/etc/policy.conf"
	[ -d "$work/ledger" ] ||
		"$gatepost" ledger init --origin test.example "$work/ledger" \
			> /dev/null || exit 1
}

# people NAME…: their sections of the policy
people() {
	for p; do
		printf '[principal "%s"]\n\temail = %s@example.com\n\tlogin = %s\n' \
			"$p" "$p" "$p"
	done
}

# new_server NAME [sha1|sha256]: a bare repository with one commit on main, a
# clone of it in $work/NAME, the gate installed
new_server() {
	server=$work/srv/$1.git
	clone=$work/$1
	mkdir -p "$work/srv"
	git init -q --bare --object-format="${2:-sha1}" "$server" || exit 1
	# older versions of git cannot clone an empty repository of SHA-256
	git init -q --object-format="${2:-sha1}" "$clone" || exit 1
	git -C "$clone" remote add origin "$server"
	as alice
	commit README 'hello' 'first commit'
	git -C "$clone" push -q origin HEAD:refs/heads/main 2> /dev/null || exit 1
	git -C "$clone" fetch -q
	"$gatepost" install --policy "$work/etc/policy.conf" --enforce \
		"$server" > "$work/install" 2>&1 || {
		cat "$work/install"; exit 1
	}
}

# as NAME: who writes commits and pushes from now on
as() {
	export GIT_AUTHOR_NAME="$1" GIT_AUTHOR_EMAIL="$1@example.com"
	export GIT_COMMITTER_NAME="$1" GIT_COMMITTER_EMAIL="$1@example.com"
	export GATEPOST_TEST_USER="$1"
}

# commit PATH CONTENT MESSAGE: in $clone; the message is kept as it is
commit() {
	mkdir -p "$(dirname "$clone/$1")"
	printf '%s\n' "$2" > "$clone/$1"
	git -C "$clone" add -A &&
		git -C "$clone" commit -q --cleanup=verbatim -m "$3" || exit 1
}
# change MESSAGE [BRANCH]: a commit of something new on top of the server's
# main or other branch
t_change=0
change() {
	reset_clone "${2:-main}"
	t_change=$((t_change + 1))
	commit "file-$t_change" "content $t_change" "$1"
}
# crafted TYPE: the object on standard input, however odd, in $clone; its id
crafted() { git -C "$clone" hash-object --literally -w -t "$1" --stdin; }

# push ARGUMENTS…: from $clone; the answer is in $work/answer, the exit status
# in $pushed
push() {
	git -C "$clone" push origin "$@" > "$work/answer" 2>&1
	pushed=$?
	return 0
}

# accepted NAME ARGUMENTS…: a push that every ref of it survives
accepted() {
	name=$1; shift
	push "$@"
	last_decision
	if [ $pushed = 0 ] && grep -q -e '"verdict":"pass"' -e '"verdict":"warn"' \
		"$work/decision"; then ok "$name"; else
		cat "$work/decision" >> "$work/answer"
		not_ok "$name" "$work/answer"
	fi
}
# refused NAME CODE WORDS ARGUMENTS…: a push that the gate refuses. The newest
# decision has the finding CODE (check/code), the developer is told WORDS (a
# basic expression), and no ref of the server has moved.
refused() {
	name=$1 code=$2 words=$3; shift 3
	git -C "$server" for-each-ref > "$work/refs-before"
	push "$@"
	refusal "$name" "$code" "$words"
}
# refusal NAME CODE WORDS: the same of a push that has been made, after
# `git for-each-ref` went to $work/refs-before
refusal() {
	git -C "$server" for-each-ref > "$work/refs-after"
	last_decision
	wrong=
	[ $pushed != 0 ] || wrong="the push succeeded"
	found "$2" || wrong="$wrong; no finding $2"
	grep -q '"verdict":"reject"' "$work/decision" ||
		wrong="$wrong; the verdict is not reject"
	grep -q -e "$3" "$work/answer" || wrong="$wrong; not told: $3"
	cmp -s "$work/refs-before" "$work/refs-after" ||
		wrong="$wrong; a ref has moved"
	if [ -z "$wrong" ]; then ok "$1"; else
		echo "wrong: $wrong" > "$work/wrong"
		not_ok "$1" "$work/wrong" "$work/answer" "$work/decision"
	fi
}
# told WORDS NAME, not_told WORDS NAME: of the answer to the last push
told() { has "$work/answer" "$1" "$2"; }
not_told() { has_not "$work/answer" "$1" "$2"; }
# recorded PATTERN NAME: the newest decision matches
recorded() { last_decision; has "$work/decision" "$1" "$2"; }
# moved REF NAME: the server has there what the clone has checked out
moved() { is "$(tip "$1")" "$(git -C "$clone" rev-parse HEAD)" "$2"; }

# records: of what was decided and done in $ledger; looking leaves some, too
ledger=$work/ledger
records() {
	"$gatepost" ledger list --json --ledger "$ledger" |
		grep -v '"kind":"access"'
}
last_decision() {
	records | grep '"kind":"decision"' | tail -n 1 > "$work/decision"
}
# found CHECK/CODE: whether $work/decision has that finding
found() {
	grep -q "\"check\":\"${1%/*}\",\"code\":\"${1#*/}\"" "$work/decision"
}
# evidence ID: what the ledger keeps under that SHA-256
evidence() {
	"$python" -c 'import sys, zlib
sys.stdout.buffer.write(zlib.decompress(open(sys.argv[1], "rb").read()))' \
		"$work/ledger/evidence/$(printf %.2s "$1")/${1#??}.z"
}
# tip REF: of the server
tip() { git -C "$server" rev-parse -q --verify "$1" || echo none; }

# reset_clone [BRANCH]: back to what the server has in main or that branch
reset_clone() {
	git -C "$clone" fetch -q -p origin
	git -C "$clone" checkout -q -f -B main "origin/${1:-main}"
	git -C "$clone" clean -qfdx
}

# signing_key NAME: an Ed25519 key, listed for NAME in $work/etc/signers
signing_key() {
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$work/key-$1" < /dev/null
	mkdir -p "$work/etc"
	printf '%s %s\n' "$1" "$(cut -d' ' -f1,2 "$work/key-$1.pub")" \
		>> "$work/etc/signers"
}
# sign_as NAME: sign tags with that key
sign_as() {
	as "$1"
	git config --global gpg.format ssh
	git config --global user.signingKey "$work/key-$1"
}
# approve TARGET [TIP]: as whoever sign_as named
approve() {
	(cd "$clone" && "$top/contrib/git-approve" --yes "$@") \
		> "$work/approve" 2>&1
}
# reviewed_by WHO ARGUMENTS…: the same by WHO, which must work
reviewed_by() {
	sign_as "$1"
	shift
	approve "$@" || not_ok "approval: $*" "$work/approve"
}
