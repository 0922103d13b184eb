#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds gatepost and shows what it does, with real pushes to a server
# repository on this machine. Nothing outside of the cache directory changes.

set -euo pipefail
# shellcheck source=contrib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
	cat <<'USAGE'
usage: contrib/demo.sh [DIR]

Builds gatepost, puts it before a repository in DIR (default:
~/.cache/gatepost/demo; it is emptied first) and pushes to it. Each step checks
that what should happen did. Exit status: 0 when all did.

environment:
  GATEPOST_PREFIX  where to install it (default: in ~/.cache/gatepost)
USAGE
}

case ${1:-} in
--help | -h) usage; exit 0 ;;
-*) usage >&2; exit 2 ;;
esac

# -------------------------------------------------------------- telling a tale

chapter=0
title() {
	chapter=$((chapter + 1))
	printf '\n--- %d. %s\n\n' "$chapter" "$1"
}
tell() { printf '%s\n' "$@"; }
# Shows a command as one would type it, runs it, and shows what it says. Sets
# $status; its output stays in $demo/said.
run() {
	local word line=''
	for word; do
		case $word in
		*[[:space:]]*) line+=" \"$word\"" ;;
		*) line+=" $word" ;;
		esac
	done
	printf '  $%s\n' "$line"
	status=0
	"$@" >"$demo/said" 2>&1 </dev/null || status=$?
	sed 's/^/  | /; s/ *$//' "$demo/said"
}
wrong() {
	printf '\nThis is not what should have happened: %s\n' "$1"
	exit 1
}
must_say() {
	grep -qF -- "$1" "$demo/said" || wrong "nothing was said of \"$1\""
}
# The last decision holds this, a word of a record.
must_record() {
	"$gatepost" ledger list --json --kind decision --limit 1 \
		--ledger "$demo/ledger" | grep -qF -- "$1" ||
		wrong "the record does not hold $1"
}

main_tip() { git -C "$server" rev-parse refs/heads/main; }
accepted() { # git push, its arguments
	local old
	old=$(main_tip)
	run git push origin "$@"
	[ "$status" = 0 ] || wrong "the push was refused"
	[ "$(main_tip)" != "$old" ] || wrong "main has not moved"
	must_record '"verdict":"pass"'
}
refused() { # CODE, git push's arguments
	local old code=$1
	shift
	old=$(main_tip)
	run git push origin "$@"
	[ "$status" != 0 ] || wrong "the push was accepted"
	[ "$(main_tip)" = "$old" ] || wrong "main has moved"
	must_record '"verdict":"reject"'
	must_record "\"code\":\"$code\""
}

# --------------------------------------------------------------------- people

# as NAME: in that person's clone, with their key; the server knows them by the
# variable that its policy names
as() {
	cd "$demo/$1"
	export GIT_AUTHOR_NAME=$1 GIT_AUTHOR_EMAIL=$1@example.com
	export GIT_COMMITTER_NAME=$1 GIT_COMMITTER_EMAIL=$1@example.com
	export DEMO_LOGIN=$1
}

new_person() {
	ssh-keygen -q -t ed25519 -N '' -C "$1@example.com" -f "$demo/keys/$1"
	printf '%s %s\n' "$1" "$(cut -d ' ' -f 1,2 "$demo/keys/$1.pub")" \
		>>"$demo/etc/signers"
	git clone -q "$server" "$demo/$1"
	git -C "$demo/$1" config gpg.format ssh
	git -C "$demo/$1" config user.signingKey "$demo/keys/$1"
}

# change FILE TEXT MESSAGE: a commit
change() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" >>"$1"
	git add "$1"
	git commit -q -m "$3"
}
show_message() {
	printf '  $ git log -1 --format=%%B\n'
	printf '%s\n\n' "$(git log -1 --format=%B)" | sed '$d; s/^/  | /; s/ *$//'
}

claude='🤖 Generated with [Claude Code](https://claude.com/claude-code)

Co-Authored-By: Claude <noreply@anthropic.com>'

# --------------------------------------------------------------- the programs

clean_environment
find_cache
began=$SECONDS
# shellcheck disable=SC2086 # one word per package
need_packages "for the demonstration" $build_packages \
	openssh-client=ssh-keygen python3=python3
tell "Building gatepost (two to four minutes the first time) ..."
prefix=${GATEPOST_PREFIX:-$work/prefix}
"$top/contrib/build.sh" "$prefix"
tell "Built in $((SECONDS - began)) s."

gatepost=$prefix/bin/gatepost
demo=${1:-$cache/demo}
mkdir -p "$demo"
demo=$(cd "$demo" && pwd)
if [ -n "$(ls -A "$demo")" ] && [ ! -e "$demo/.gatepost-demo" ]; then
	die "$demo is not empty, and not of an earlier demonstration"
fi
find "$demo" -mindepth 1 -delete
touch "$demo/.gatepost-demo"
mkdir -p "$demo/home" "$demo/keys" "$demo/etc"
server=$demo/srv/shop/payments.git

export HOME=$demo/home GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
export PATH=$prefix/bin:$PATH
git config --global init.defaultBranch main
git config --global advice.pushUpdateRejected false

receiver=''
# shellcheck disable=SC2317 # called by the trap
stop_receiver() {
	[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || :
	receiver=''
}
trap stop_receiver EXIT
trap 'exit 130' INT TERM

# ------------------------------------------------------------------- the tale

title "A server with a repository that has a history of its own"
git init -q --bare "$server"
new_person alice 2>/dev/null
as alice
for n in 1 2 3 4 5 6; do
	change src/api.c "line $n" "api: step $n of the history before gatepost"
done
change db/migrations/V1__accounts.sql 'create table accounts (id int);' \
	'db: accounts'
git push -q origin HEAD:main
new_person bob
run git -C "$server" log --oneline main
[ "$(git -C "$server" rev-list --count main)" = 7 ] || wrong "no history"

tell '' "The place where decisions are posted: a receiver on this machine that" \
	"verifies signatures by itself."
printf 'whsec_%s\n' "$(head -c 24 /dev/urandom | base64)" >"$demo/etc/demo.secret"
chmod 600 "$demo/etc/demo.secret"
python3 "$top/contrib/receiver.py" --out "$demo/events.ndjson" \
	--port-file "$demo/port" --secret-file "$demo/etc/demo.secret" \
	--seconds 900 </dev/null >"$demo/receiver.log" 2>&1 &
receiver=$!
for _ in $(seq 100); do
	[ ! -s "$demo/port" ] || break
	sleep 0.1
done
port=$(cat "$demo/port")
tell "It listens on http://127.0.0.1:$port/."

title "The policy, and gatepost before the repository"
cat >"$demo/etc/policy.conf" <<EOF
[gatepost]
	mode = enforce
	root = $demo/srv
	ledger = $demo/ledger
	pusher-from = DEMO_LOGIN        ; a real server has uid, REMOTE_USER, …
	help = https://wiki.example.com/gatepost
	approve-unattended = allow      ; nobody can be asked here

[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
	role = security
[signers]
	ssh = signers

[agent "claude-code"]                   ; the one tool approved here
	until = 2099-12-31

[area "payments"]
	path = src/payments/**
	path = db/migrations/**

[gate "main"]
	ref = refs/heads/main
	rule = ai-provenance
	rule = payments-security
	rule = payments-rollback
	rule = history
[rule "ai-provenance"]
	check = provenance
	agents = registered
	control = SOC2:CC8.1
[rule "payments-security"]
	check = review
	when = area:payments
	quorum = 1 of security
[rule "payments-rollback"]
	check = rollback
	when = area:payments
[rule "history"]
	check = history

[sink "demo"]
	url = http://127.0.0.1:$port/decisions
	format = cloudevents
	sign = standard-webhooks
	secret-file = demo.secret
EOF
sed 's/^/  | /' "$demo/etc/policy.conf"
tell ''
run gatepost policy check "$demo/etc/policy.conf"
[ "$status" = 0 ] || wrong "the policy has mistakes"
run gatepost ledger init --origin demo.example "$demo/ledger"
[ "$status" = 0 ] || wrong "no ledger"
run gatepost install --policy "$demo/etc/policy.conf" --enforce "$server"
[ "$status" = 0 ] || wrong "gatepost is not installed"

title "A human's push: accepted"
as alice
change src/api.c 'return 0;' 'api: return success'
accepted main
must_say 'accepted'

title "Claude Code's commit, as it writes it unasked: accepted"
change src/retry.c 'int tries = 3;' "Retry requests that time out

$claude"
show_message
accepted main
must_record '"agent":"claude-code"'

title "An agent that stands only in the body: refused"
tell "Two commits were squashed, and what had been trailers is now in the middle" \
	"of the message, where git reads none." ''
change src/retry.c 'int wait_ms = 200;' "Wait between retries (#12)

* Wait between retries

$claude

* Name the constant as the others are named"
show_message
refused undeclared main
tell '' "What the hint says to type, with the model filled in, and again:" ''
hint=$(sed -n 's/^.*hint: *\(git commit --amend .*[^ ]\) *$/\1/p' "$demo/said" | head -n 1)
[ -n "$hint" ] || wrong "no command was hinted at"
hint=${hint/MODEL/claude-sonnet-4-5}
printf '  $ %s\n' "$hint"
bash -c "$hint" >/dev/null
accepted main

title "An agent that is not approved here: refused"
change src/log.c 'void log_line(void);' "Log each retry

Co-authored-by: Cursor <cursoragent@cursor.com>"
show_message
refused unregistered main
git reset -q --hard HEAD~1

title "A sensitive path: it wants a rollback plan and a second person"
change src/payments/charge.c 'int charge_twice_never;' "Charge once, even when the answer is lost

$claude"
refused missing main
must_record '"code":"quorum"'

tell '' "alice says how to go back, and puts the change where bob can read it." ''
run git commit -q --amend --no-edit --trailer 'Rollback: revert'
run git push -q origin HEAD:refs/heads/charge-once
[ "$status" = 0 ] || wrong "a branch without a gate was refused"
tell '' "The plan is there; the second person is still missing." ''
refused quorum main

title "bob of the security team approves, with a signature"
as bob
run git fetch -q origin
run git approve --yes main origin/charge-once
[ "$status" = 0 ] || wrong "the approval was not taken"
tell '' "Now alice's push passes." ''
as alice
accepted main
[ -z "$(git -C "$server" for-each-ref refs/approvals)" ] ||
	tell '' "(The approval's ref goes away with the next push; its tag is evidence.)"

title "The record book"
run gatepost ledger list --kind decision --ledger "$demo/ledger"
decisions=$(gatepost ledger list --kind decision --ledger "$demo/ledger" | wc -l)
[ "$decisions" -ge 9 ] || wrong "there are $decisions decisions, not 9 or more"
tell '' "The decision on the last push, whole:" ''
last=$(gatepost ledger list --json --kind decision --limit 1 \
	--ledger "$demo/ledger" |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')
run gatepost ledger show --ledger "$demo/ledger" "$last"
[ "$status" = 0 ] || wrong "the record cannot be shown"

title "What was posted, each with its signature verified"
records=$(gatepost ledger list --json --ledger "$demo/ledger" | wc -l)
tell "The hooks have started the delivery by themselves. To be sure:" ''
run gatepost courier run --once --policy "$demo/etc/policy.conf"
for _ in $(seq 100); do
	[ "$(wc -l <"$demo/events.ndjson")" -lt "$records" ] || break
	sleep 0.1
done
python3 - "$demo/events.ndjson" "$records" <<'PYTHON' || wrong "the events are not all there, or not signed"
import json, sys
events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
for e in events:
    data = e["event"].get("data") or {}
    print("  |", e["signature"], e["id"], e["event"]["type"],
          data.get("verdict", ""))
ids = {e["id"] for e in events}
good = all(e["signature"] == "valid" for e in events)
print(f"\n{len(ids)} records posted, all signatures verified"
      if good else "\nsome signatures are not valid")
sys.exit(not good or len(ids) < int(sys.argv[2]))
PYTHON
run gatepost courier status --policy "$demo/etc/policy.conf"

title "Is everything in place?"
run gatepost status --policy "$demo/etc/policy.conf" "$server"
[ "$status" = 0 ] || wrong "something is amiss"
stop_receiver

cat <<EOF

All went as it should, in $((SECONDS - began)) s. Where to look:

  the server      $server
  alice's clone   $demo/alice
  the policy      $demo/etc/policy.conf
  the records     $gatepost ledger list --ledger $demo/ledger
  what arrived    $demo/events.ndjson
  manual pages    man -l $prefix/share/man/man1/gatepost.1

Nothing of it runs any more. To remove it: rm -rf $demo
EOF
