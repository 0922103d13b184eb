#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# One week of a team on one server, by the policy conf/examples/team.conf: five
# people, two bots and three AI tools push over ssh, each with a key of their
# own. To be read as a story:
#
#   lands     what somebody pushes is there
#   stopped   somebody honest is refused, and …
#   obey      … types what the answer says, which lets them through
#   caught    the same steps, taken dishonestly, are refused, for that reason

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'
git patch-id --verbatim < /dev/null 2> /dev/null ||
	skip_all 'git has no patch-id --verbatim'

# ---- the stage ----

g() { git -C "${clone:?}" "$@"; }

# The example's policy as it stands, but for where this server keeps things.
mkdir -p "$work/etc" "$work/bin"
sed -e "s|root = /srv/git|root = $work/srv\n\tledger = $work/ledger|" \
	-e "s|pusher-from = uid|pusher-from = GATEPOST_TEST_USER\n\tlog = \
$work/admin.log\n\tagents = $GATEPOST_PREFIX/etc/gatepost/agents.conf\n\t\
approve-unattended = allow|" "$top/conf/examples/team.conf" \
	> "$work/etc/policy.conf"
for who in alice bob carol dave erin renovate mirror claude; do
	signing_key "$who"
done
"$gatepost" ledger init --origin week.example "$work/ledger" > /dev/null ||
	exit 1

PATH=$GATEPOST_PREFIX/bin:$PATH

# Over ssh, where there is a server for it: a forced command says whose key it
# is. Without one the pushes go past it, and a variable says who it is.
dir=$work/sshd port=
sshd=$(command -v sshd || echo /usr/sbin/sshd)
serve() {
	[ -x "$sshd" ] && command -v ssh > /dev/null || return 1
	mkdir -p "$dir"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/host" < /dev/null
	for who in alice bob carol dave erin renovate mirror claude; do
		printf 'restrict,command="GATEPOST_TEST_USER=%s exec git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" %s\n' \
			"$who" "$(cat "$work/key-$who.pub")"
	done > "$dir/keys"
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	for port in $((20000 + $$ % 20000)) $((20007 + $$ % 19000)); do
		printf '%s\n' "Port $port" 'ListenAddress 127.0.0.1' \
			"HostKey $dir/host" 'PidFile none' \
			"AuthorizedKeysFile $dir/keys" 'UsePAM no' \
			'StrictModes no' 'PermitRootLogin yes' 'MaxSessions 50' \
			'PasswordAuthentication no' 'LogLevel ERROR' \
			'KbdInteractiveAuthentication no' > "$dir/config"
		"$sshd" -D -e -f "$dir/config" > "$dir/log" 2>&1 &
		listener=$!
		for i in 1 2 3 4 5 6 7 8 9 10; do
			sleep 0.1
			kill -0 $listener 2> /dev/null || break
			link alice && kill_at_end $listener && return 0
		done
		kill $listener 2> /dev/null
	done
	return 1
}
# link WHO: one connection for all that they push
link() {
	[ ! -S "$dir/to-$1" ] || return 0
	ssh -F none -p "$port" -i "$work/key-$1" -o IdentitiesOnly=yes \
		-o IdentityAgent=none -o BatchMode=yes -o LogLevel=ERROR \
		-o StrictHostKeyChecking=no \
		-o UserKnownHostsFile="$dir/known" -M -N -S "$dir/to-$1" \
		127.0.0.1 > /dev/null 2>&1 < /dev/null 9<&- &
	kill_at_end $!
	for wait in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ ! -S "$dir/to-$1" ] || return 0
		kill -0 $! 2> /dev/null || return 1
		sleep 0.05
	done
	return 1
}
# person WHO: who works, signs and pushes from now on
person() {
	me=$1
	sign_as "$1"
	[ -n "$port" ] || return 0
	link "$1" || not_ok "a connection for $1" "$dir/log"
	unset GATEPOST_TEST_USER
	export GIT_SSH_COMMAND="ssh -F none -p $port -S $dir/to-$1"
}
# repository NAME: on the server, with this clone of it
repository() {
	new_server "$1"
	# what the policy says of modes holds
	git -C "${server:?}" config --unset gatepost.mode
	[ -z "$port" ] || g remote set-url origin \
		"ssh://$(id -un)@127.0.0.1$server"
}

# ---- what happens ----

# The newest decision as it lies there: looking by the command is recorded, and
# nobody looks in this story before it ends.
last_decision() {
	cat "$work"/ledger/segments/*.log | grep '"kind":"decision"' |
		tail -n 1 > "$work/decision"
}
honest=0 stopped=0 let_in=0 caught=0 refusals=0 waiting=
day() { echo "# ---- $*"; }
went_in() {
	if [ "$waiting" ]; then let_in=$((let_in + 1)); else
		honest=$((honest + 1))
	fi
	waiting=
}
# lands NAME ARGUMENTS…
lands() {
	accepted "$@"
	grep -q -e 'error:' -e 'warning:' "$work/answer" &&
		not_ok "$1: quietly" "$work/answer"
	went_in
}
# stopped NAME CODE WORDS ARGUMENTS…
stopped() {
	refused "$@"
	[ "$waiting" ] || stopped=$((stopped + 1))
	refusals=$((refusals + 1)) waiting=yes who=$me
	cp "$work/answer" "$work/hints"
}
# caught NAME CODE WORDS ARGUMENTS…
caught() {
	refused "$@"
	caught=$((caught + 1))
}
# caught_at NAME CODE WORDS COMMAND…: one that pushes
caught_at() {
	name=$1 code=$2 words=$3; shift 3
	git -C "${server:?}" for-each-ref > "$work/refs-before"
	"$@" > "$work/said" 2>&1
	pushed=$?
	cat "$work/approve" "$work/said" > "$work/answer" 2> /dev/null
	refusal "$name" "$code" "$words"
	caught=$((caught + 1))
}
# obey WHO WORDS [SED]: of the hints of the last refusal the one with these
# words is what WHO types, with what it leaves open filled in
obey() {
	if grep "$2" "$work/hints" | grep -q 'push it to a branch' &&
		! git -C "${server:?}" cat-file -e "$(g rev-parse HEAD)" \
			2> /dev/null; then
		person "$who"
		push "HEAD:refs/heads/for-review-$refusals"
	fi
	person "$1"
	sed -n 's/^remote: //; s/ *$//; s/^hint: *//p' "$work/hints" |
		grep -e "$2" | head -n 1 |
		sed -e 's/^.*runs: //' -e 's/^approvals: //' \
			-e 's/git approve /git approve --yes /' \
			-e "${3:-}" > "$work/typed"
	if [ -s "$work/typed" ] && (cd "${clone:?}" && sh -e "$work/typed") \
		> "$work/answer" 2>&1; then
		ok "$1 types: $(cut -c 1-90 "$work/typed")"
	else
		not_ok "$1 types what the answer says" "$work/hints" \
			"$work/typed" "$work/answer"
	fi
}
# on_top_of [BRANCH]: what the server has there
on_top_of() { reset_clone "$@"; }
# line FILE N TEXT MESSAGE: one line of a file is another
line() {
	sed -i "$2s/.*/$3/" "${clone:?}/$1"
	g commit -q -a -m "$4"
}
audit() { "$gatepost" audit --policy "$work/etc/policy.conf" "$@"; }
# closes NAME WORDS: what was owed has followed
closes() {
	yes "$1" audit
	has "$work/out" "$2" "$1: it is closed"
}

serve || port=
[ "$port" ] || echo '# no sshd: past it'
as alice
repository shop
as alice
mkdir -p "$clone/payments"
seq 1 60 > "$clone/go.mod"
seq 1 20 > "$clone/payments/pay.c"
echo '{}' > "$clone/package.json"
g add -A
g commit -q -m 'a shop'
git -C "$server" fetch -q "$clone" HEAD:refs/heads/main 2> "$work/out"

day 'Monday: features, and who reviews them'

person alice
on_top_of
commit src/retry.c 'retry();' 'feat: retry

Generated with [Claude Code](https://claude.com/claude-code)

Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>'
lands 'alice shows a branch' HEAD:refs/heads/retry
stopped 'for main it needs another person' review/quorum 'needs 1 approval' \
	HEAD:main
approve main HEAD
caught 'who is not she herself' review/quorum 'wrote part of the change' \
	HEAD:main
person claude
approve main HEAD
person alice
caught 'nor the AI tool, with its own login and key' review/quorum \
	"claude's does not count: is an AI agent" HEAD:main
obey bob 'git approve'
person alice
lands 'with that it is in' HEAD:main

person claude
on_top_of
commit src/limit.c 'limit();' 'feat: limit

Generated with [Claude Code]

Signed-off-by: alice <alice@example.com>'
lands 'an AI tool pushes a branch by itself' HEAD:refs/heads/limit
person dave
stopped 'dave takes it up' provenance/undeclared 'made with Claude Code' \
	HEAD:main
g checkout -q -B lie
g commit -q --amend -m 'feat: limit

AI-assistance: none'
caught 'and may not say that no tool helped' provenance/declaration-lost \
	'came with Claude Code before' HEAD:main
g commit -q --amend -m 'feat: limit'
caught 'nor say nothing' provenance/undeclared 'says record' HEAD:main
g checkout -q main
obey dave 'git commit --amend' 's/MODEL/claude-opus-4-6/'
stopped 'dave says which tool it was' review/quorum 'needs 1 approval' \
	HEAD:main
obey carol 'git approve'
person dave
lands 'and carol has looked at it' HEAD:main

on_top_of
commit src/new.c 'new();' 'feat: new

Assisted-by: Aider:gpt-5'
caught 'a tool that the house has not approved' provenance/unregistered \
	'Aider' HEAD:main

day 'Tuesday: rebases, squashes, payments'

person alice
on_top_of
line go.mod 50 fifty 'deps: fifty'
g branch -q -f fifty
lands 'alice changes a file' fifty
person carol
on_top_of
line go.mod 5 five 'deps: five'
lands 'carol changes the same file' HEAD:refs/heads/five
sign_as dave
person dave
approve main fifty && approve main HEAD || not_ok 'dave approves both' \
	"$work/approve"
person carol
lands 'carol is first' HEAD:main
person alice
g fetch -q
g checkout -q -B main fifty
g rebase -q origin/main > "$work/out" 2>&1
g branch -q -f rebased
line go.mod 51 51e 'deps: fifty'
caught 'what alice adds on the way is not approved' review/quorum \
	'needs 1 approval' HEAD:main
g checkout -q -B main rebased
lands 'what dave approved is, on top of the other' HEAD:main

person dave
on_top_of
commit src/a.c 'a();' 'feat: a

Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>'
commit src/b.c 'b();' 'feat: b'
g branch -q -f both
lands 'dave shows two commits' both
person bob
approve main both || not_ok 'bob approves' "$work/approve"
# squash MESSAGE [PATH]: both commits as one, and a file more
squash() {
	on_top_of
	g merge -q --squash both > "$work/out" 2>&1
	[ $# = 1 ] || { echo more > "$clone/$2"; g add -A; }
	g commit -q -m "$1" --author 'dave <dave@example.com>'
}
squash 'feat: a and b' src/door.c
caught 'who squashes adds nothing' review/quorum 'needs 1 approval' HEAD:main
squash 'feat: a and b

AI-assistance: none'
caught 'nor takes back what was declared' provenance/declaration-lost \
	'came with .*Copilot before' HEAD:main
squash 'feat: a and b'
lands 'bob presses the button' HEAD:main
squashed=$(g rev-parse HEAD)
recorded '"kind":"inherited"' 'and the declaration has come along'

person dave
on_top_of
line payments/pay.c 7 refund 'pay: refund'
stopped 'payments need a way back' rollback/missing 'rollback plan' HEAD:main
g checkout -q -B lie
g commit -q --amend --no-edit --trailer 'Rollback-plan: n/a'
caught 'which is one' rollback/placeholder 'n/a' HEAD:main
g checkout -q main
obey dave 'git commit --amend' 's/Rollback-plan: [^"]*/Rollback-plan: revert/'
push HEAD:refs/heads/refund
person bob
approve main HEAD
person dave
stopped 'and the security team' review/quorum 'security' HEAD:main
obey carol 'git approve'
person dave
lands 'then they land' HEAD:main

g checkout -q -B main HEAD~2
commit src/mine.c 'mine();' 'feat: mine'
caught 'nobody throws away what others have done' history/rewind \
	'would lose commits' +HEAD:main

day 'Wednesday: bots, merges, exceptions'

person renovate
on_top_of
echo '{"left-pad": 2}' > "$clone/package.json"
g commit -q -a -m 'chore: left-pad 2'
lands 'a bot updates what it is there for' HEAD:main
person alice
on_top_of
echo '{"left-pad": "mine"}' > "$clone/package.json"
g commit -q -a -m 'chore: left-pad' \
	--author 'renovate <renovate@example.com>'
caught 'alice in its name does not' bot/login "bot's own login" HEAD:main
person renovate
on_top_of
echo '{"left-pad": 3}' > "$clone/package.json"
commit src/pad.c 'pad();' 'chore: left-pad 3'
stopped 'nor does it beyond that' bot/path 'not in src/pad.c' HEAD:main
approve main HEAD
caught 'and bots approve nothing' review/quorum \
	"renovate's does not count: is a bot" HEAD:main
obey alice 'git approve'
person renovate
lands 'until somebody has looked' HEAD:main

person carol
on_top_of
commit src/login.c 'login();' 'feat: login'
g branch -q -f login
lands 'carol shows a branch' login
person alice
approve main login || not_ok 'alice approves' "$work/approve"
person bob
on_top_of
g merge -q --no-ff --no-commit login > "$work/out" 2>&1
echo 'backdoor();' > "$clone/src/login.c"
g commit -q -a -m "Merge branch 'login'"
caught 'a merge that changes what it merges' review/quorum \
	'needs 1 approval' HEAD:main
on_top_of
g merge -q --no-ff -m "Merge branch 'login'" login > "$work/out" 2>&1
lands 'a merge that does not' HEAD:main

# exception WHO UNTIL: from reviews, for what is generated
exception() {
	person "$1"
	g tag -f -s -m "generated code

Waives-rule: second-person
Until: $2
Reason: the generator is reviewed
Compensating-control: a nightly comparison
Repository: shop
Path: gen/**" exception origin/main > "$work/out" || not_ok 'git tag -s'
	to=exception:refs/waivers/second-person/$1-1
}
person dave
on_top_of
commit gen/api.c 'api();' 'chore: generate'
stopped 'generated code is not reviewed either' review/quorum \
	'needs 1 approval' HEAD:main
exception alice "$(date -u -d '20 days' +%Y-%m-%d)"
caught 'not everybody grants exceptions' waiver/role 'no role that may' "$to"
exception erin "$(date -u -d '-1 day' +%Y-%m-%d)"
caught 'nor ones of yesterday' waiver/expired 'expired' "$to"
exception erin "$(date -u -d '20 days' +%Y-%m-%d)"
push "$to"
person dave
lands 'by an exception it lands' HEAD:main
commit gen/api.c 'api2();' 'chore: generate'
commit src/hand.c 'hand();' 'chore: and by hand'
caught 'which is for nothing else' review/quorum 'needs 1 approval' HEAD:main

day 'Thursday night: an emergency'

person bob
on_top_of
line payments/pay.c 3 'off' 'fix: stop charging twice'
fix=$(g rev-parse HEAD) was=$(g rev-parse HEAD^)
stopped 'nobody is there to review what bob, on call, mends' review/quorum \
	'needs 1 approval' HEAD:main
caught 'without a ticket there is no emergency' emergency/ticket \
	'does not begin with a ticket' \
	-o gatepost.emergency='it burns badly' HEAD:main
caught 'it opens no door to history' history/deletion 'may not be deleted' \
	-o gatepost.emergency='INC-4711 it burns' :main
person alice
caught 'and is not for everybody' emergency/role 'only who is oncall' \
	-o gatepost.emergency='INC-4711 it burns' HEAD:main
obey bob 'gatepost.emergency' \
	's/^outage.*runs: //; s/TICKET reason/INC-4711 charged twice/; s/ \.\.\.$/ origin HEAD:main/'
moved refs/heads/main 'it is in'
went_in
cp "$work/answer" "$work/hints"
last_decision
decision=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/decision")
person alice
on_top_of
commit src/bait.c 'bait();' 'fix: bait

Emergency: INC-4712 somebody on call will push this'
person bob
caught 'what another prepared declares none' emergency/not-yours \
	'was not made by who pushes' HEAD:main
yes 'in the morning bob owes three things' audit
has "$work/out" '^open  *INC-4711 .*by bob' 'they are shown as his'
obey bob 'git approve --since'
yes 'his own approval is none' audit
has "$work/out" 'missing: needs 1 approval' 'it is still missing'
obey carol 'git approve --since'
person bob
g tag -f -s -m "what was missing

Follows-up: $decision
Repository: shop
Rollback-plan: revert" follow "$fix" > "$work/out"
lands 'the way back is said afterwards' \
	"follow:refs/followups/$decision/bob-1"
closes 'all that was owed has come' '^closed  *INC-4711'

day 'Friday: taken back, and released'

person dave
on_top_of
g revert --no-edit "$squashed" > "$work/out" 2>&1
g branch -q -f back
echo 'door();' > "$clone/src/door.c"
g add -A
g commit -q --amend --no-edit
caught 'who takes back and adds something makes a change' revert/not-exact \
	'does not exactly take back' HEAD:main
g checkout -q -B main back
lands 'a and b go wrong, and dave takes them back' HEAD:main
cp "$work/answer" "$work/hints"
g revert --no-edit HEAD > "$work/out" 2>&1
caught 'and alone does not bring them again' revert/again \
	'took a change back itself' HEAD:main
obey carol 'git approve --since'
closes 'the review has followed' '^closed  *revert'

person alice
on_top_of
login=$(g rev-parse login)
release=$(g rev-parse fifty^)
lands 'alice begins a release branch' "$release:refs/heads/release/1.0"
on_top_of release/1.0
g cherry-pick -x "$login" > "$work/out" 2>&1
g branch -q -f picked
echo 'backdoor();' >> "$clone/src/login.c"
g commit -q -a --amend --no-edit
caught 'a pick that is not quite one' carry/not-equal \
	'changes something else' HEAD:release/1.0
g checkout -q -B main picked
lands 'what was approved on main is picked' HEAD:release/1.0
recorded '"kind":"carried"' 'by the approval of there'
g cherry-pick -x "$fix" > "$work/out" 2>&1
stopped 'the fix of the night does not fit as it is' carry/not-equal \
	'changes something else' HEAD:release/1.0
has "$work/decision" '"check":"rollback","code":"missing"' \
	'and its message never said the way back'
obey alice 'git commit --amend' \
	's/Rollback-plan: [^"]*/Rollback-plan: revert/'
stopped 'alice says it there' review/quorum 'needs 1 approval' \
	HEAD:release/1.0
obey carol 'git approve'
person alice
lands 'carol has looked at it there' HEAD:release/1.0

day 'Saturday: from a vendor'

# Ten commits of somebody else's, who knows no rule of this house.
"$python" -c '
for i in range(10):
    text = "work %d, with Aider\n" % i
    print("commit refs/heads/zlib\ncommitter V <v@vendor.example> %d +0000"
          "\ndata %d\n%s\nM 100644 inline lib/%d.c\ndata 2\n%d"
          % (1500000000 + i, len(text), text, i, i))' |
	g fast-import --quiet --force
# below DIR [FILE]: as git subtree adds it, with a file of one's own
below() {
	on_top_of
	g merge -q -s ours --no-commit --allow-unrelated-histories zlib \
		2> /dev/null
	g read-tree --prefix="$1/" zlib
	[ $# = 1 ] || { echo own > "$clone/$2"; g add -f "$2"; }
	g commit -q -m "Add '$1/' from zlib"
	g reset -q --hard
}
person dave
below vendor/zlib
stopped 'nobody can review all of it' review/quorum 'needs 1 approval' \
	HEAD:main
caught_at 'not everybody signs for it' import/role 'no role that may' \
	approve --import --prefix vendor/zlib --reason 'release 1.3' main zlib
person erin
approve --import --prefix vendor/zlib --reason 'release 1.3' main zlib ||
	not_ok 'erin signs' "$work/approve"
caught 'who signs does not push it' import/pusher 'for somebody else to do' \
	HEAD:main
person dave
below payments/zlib
caught 'it comes to no other place' import/merge 'into vendor/zlib' HEAD:main
below vendor/zlib src/own.c
caught 'and nothing with it' import/merge 'more, or less' HEAD:main
below vendor/zlib
lands 'what erin signed for comes in' HEAD:main
recorded '"prefix":"vendor/zlib".*"commits":10' 'as ten commits'

lands 'where a gate only warns nobody is stopped' \
	HEAD:refs/heads/docs
commit docs/a 'a' 'docs: a'
accepted 'though told' HEAD:refs/heads/docs
told 'warning: ' 'what it would ask'
went_in

day 'Sunday: a mirror'

as alice
repository zlib
person mirror
g fetch -q "$work/shop" zlib
g checkout -q -B upstream FETCH_HEAD
lands 'a mirror brings what others wrote' HEAD:refs/heads/upstream/main
recorded '"mode":"off"' 'which nobody judges'
person dave
commit lib/0.c 'own' 'fix: zlib'
caught 'dave writes nothing of his own there' review/quorum \
	'needs 1 approval' HEAD:refs/heads/upstream/main
caught 'nor throws something away' history/rewind 'would lose commits' \
	+HEAD~3:refs/heads/upstream/main
person mirror
caught 'and the mirror nothing elsewhere' review/quorum 'needs 1 approval' \
	HEAD:refs/heads/release/1.0

day 'and what remains of it'

is "$let_in" "$stopped" 'who was honest was let in'
records > "$work/all"
is "$(grep -c '"verdict":"reject"' "$work/all")" \
	"$(grep '"verdict":"reject"' "$work/all" | grep -c '"kind":"decision"')" \
	'what was refused did not move'
is "$(grep '"kind":"decision"' "$work/all" | grep -c '"verdict":"reject"')" \
	$((refusals + caught)) 'every refusal is in this story'
yes 'the record book verifies' "$gatepost" ledger verify --ledger "$work/ledger"
yes 'nothing is owed' audit
is "$(cat "$work/out")" '' 'nothing at all'
no 'one push would have been refused' "$gatepost" policy would \
	--policy "$work/etc/policy.conf"
has "$work/out" '^ *[0-9]* push.* second-person$' 'by which rule is told'
[ ! -s "$work/admin.log" ] && ok 'nothing troubled the admin' ||
	not_ok 'nothing troubled the admin' "$work/admin.log"
printf '# %-42s %3d\n' 'honest pushes, let in at once' "$honest" \
	'honest, refused, told how, and let in' "$let_in" \
	'dishonest, refused' "$caught"

done_testing
