#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Exceptions over real pushes: who may sign one, for what and until when, what
# it excuses, and that its use is recorded and counted.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice carol dave robot; do
	signing_key "$who"
done
ssh-keygen -q -t ed25519 -N '' -C mallory -f "$work/key-mallory" < /dev/null
policy_file <<'END'
	waiver-max = 30d
[principal "alice"]
	email = alice@example.com
	login = alice
	role = oncall
[principal "carol"]
	email = carol@example.com
	login = carol
	role = risk
[principal "dave"]
	email = dave@example.com
	login = dave
	role = risk until 2020-01-01
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
	role = risk
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = reviewed
	rule = kept
[gate "release"]
	ref = refs/heads/release/*
	rule = reviewed
	rule = declared
	rule = kept
[rule "reviewed"]
	check = review
	quorum = 1
	waiver = risk
	emergency = oncall
[rule "declared"]
	check = provenance
	declare = always
	agents = any
[rule "kept"]
	check = history
END

days() { date -u -d "$1 days" +%Y-%m-%d; }
# waiver NAME LINES…: a tag signed by whoever sign_as named; a line replaces
# the one of its key, `-KEY` takes it out. It is to be pushed to $to.
waiver() {
	to=refs/waivers/reviewed/$1; shift
	cat > "$work/waiver" << END
Waives-rule: reviewed
Until: $(days 20)
Reason: the vendor signs its own releases
Compensating-control: a monthly comparison with the vendor's archive
Repository: one
END
	for line; do
		case $line in
		-*) sed -i "/^${line#-}:/d" "$work/waiver" ;;
		Ref:* | Path:*) echo "$line" >> "$work/waiver" ;;
		*)
			sed -i "/^${line%%:*}:/d" "$work/waiver"
			echo "$line" >> "$work/waiver"
			;;
		esac
	done
	git -C "$clone" tag -f -s -m "an exception

$(cat "$work/waiver")" waiver origin/main > /dev/null || not_ok 'git tag -s'
}
# put: the bytes of a waiver at $to, past the gate, as if it had been pushed
# when it was still good
put() {
	git -C "$clone" push -q origin "waiver:refs/tags/tmp" 2> /dev/null
	git -C "$server" update-ref "$to" refs/tags/tmp
	git -C "$server" update-ref -d refs/tags/tmp
}
audit() { "$gatepost" audit --policy "$work/etc/policy.conf" "$@"; }
# add PATH…: a commit of alice's on top of main
add() {
	as alice
	reset_clone
	t_change=$((t_change + 1))
	for path; do
		mkdir -p "$(dirname "$clone/$path")"
		echo "change $t_change" > "$clone/$path"
	done
	git -C "$clone" add -A && git -C "$clone" commit -q -m "change $t_change"
}

new_server one

# ---- one that holds ----

add vendor/a
refused 'without an exception the rule holds' review/quorum 'needs 1 approval' \
	HEAD:main
sign_as carol
waiver carol-1 'Path: vendor/**' 'Ref: refs/heads/main'
accepted 'who has the role signs one' "waiver:$to"
records | grep '"kind":"waiver"' | tail -n 1 > "$work/record"
has "$work/record" '"rule":"reviewed","until":"20[^"]*","reason":"the vendor' \
	'there is a record of it'
has "$work/record" '"control":"a monthly.*"scope_refs":\["refs/heads/main"\],"scope_paths":\["vendor/\*\*"\]' \
	'with all that it says'
has "$work/record" '"signer":.*"principal":"carol"' 'and who signed'
evidence "$(sed 's/.*"evidence":"\([0-9a-f]*\)".*/\1/' "$work/record")" \
	> "$work/raw"
is "$(git -C "$clone" hash-object -t tag "$work/raw")" \
	"$(git -C "$clone" rev-parse waiver)" 'its bytes are kept'
add vendor/a
accepted 'what lies within is excused' HEAD:main
moved refs/heads/main 'it is there'
recorded '"rule":"reviewed".*"result":"waived","why":"exception"' \
	'the rule is waived'
recorded '"waived":1' 'and how many commits'
recorded "\"waivers\":\\[{\"rule\":\"reviewed\",\"ref\":\"refs/heads/main\",\"at\":\"$to\"" \
	'the decision cites it'
recorded '"verdict":"pass"' 'it is an ordinary acceptance'
add vendor/a src/b
refused 'a commit that goes beyond is not' review/quorum 'needs 1 approval' \
	HEAD:main
add src/c
git -C "$clone" commit -q --amend -m 'inside'
inside=$(git -C "$clone" rev-parse HEAD)
refused 'nor is one outside' review/quorum 'needs 1 approval' HEAD:main
add vendor/d
mkdir -p "$clone/src"; echo x > "$clone/src/e"
git -C "$clone" add -A; git -C "$clone" commit -q -m 'outside'
refused 'one within does not take the next along' review/quorum \
	'needs 1 approval' HEAD:main
recorded '"result":"fail".*"waived":1' 'what was excused of it is recorded'
add src/f
git -C "$clone" checkout -q -b side origin/main
mkdir -p "$clone/vendor"; echo y > "$clone/vendor/g"
git -C "$clone" add -A; git -C "$clone" commit -q -m 'vendor side'
git -C "$clone" checkout -q -B main origin/main
git -C "$clone" commit -q --allow-empty -m 'nothing'
git -C "$clone" merge -q --no-ff -m 'merge' side
accepted 'a merge that changes nothing is within' HEAD:main
git -C "$clone" checkout -q -b evil origin/main
echo z > "$clone/vendor/h"
git -C "$clone" add -A; git -C "$clone" commit -q -m 'vendor again'
git -C "$clone" checkout -q -B main origin/main
git -C "$clone" commit -q --allow-empty -m 'nothing more'
git -C "$clone" merge -q --no-ff --no-commit evil 2> /dev/null
mkdir -p "$clone/src"; echo evil > "$clone/src/evil"
git -C "$clone" add -A; git -C "$clone" commit -q -m 'evil merge'
refused 'a merge that changes something is not' review/quorum \
	'needs 1 approval' HEAD:main
add vendor/h
git -C "$server" update-ref refs/heads/release/1 refs/heads/main~1
git -C "$clone" commit -q --amend -m 'change

AI-assistance: none'
refused 'another ref is outside' review/quorum 'needs 1 approval' \
	HEAD:release/1
refused 'another rule is not excused' provenance/missing \
	'does not say whether' 'HEAD~1:refs/heads/release/1'
is "$inside" "$inside" 'commits stay what they were'

# ---- counted ----

yes 'they are shown' audit --waivers
has "$work/out" '^in-force  reviewed  one  until 20..-..-..  by carol  used 2 times, [0-9]* commits' \
	'with who, until when and how often'
has "$work/out" 'reason: the vendor' 'why'
has "$work/out" 'instead: a monthly' 'and what is done instead'
audit --waivers --json > "$work/out"
is "$("$python" -c 'import json, sys
r = json.loads(open(sys.argv[1]).readline())
print(r["state"], r["signer"], r["pushes"], r["rule"])' "$work/out")" \
	'in-force carol 2 reviewed' 'as JSON, too'

# ---- what is refused when it is pushed ----

# bad NAME CODE WORDS LINES…: signed by carol, at carol-2
bad() {
	name=$1 code=$2 words=$3; shift 3
	waiver carol-2 "$@"
	refused "$name" "waiver/$code" "$words" "waiver:$to"
}
sign_as carol
bad 'one that has expired' expired \
	"an exception from reviewed expired on $(days -1)" "Until: $(days -1)"
bad 'one that lasts too long' too-long "$(days 31) is too long" \
	"Until: $(days 31)"
bad 'no date' malformed 'Until is no date' 'Until: soon'
bad 'no end' malformed 'there is no Until' -Until
bad 'no reason' malformed 'there is no Reason' -Reason
bad 'nothing instead' malformed 'there is no Compensating-control' \
	-Compensating-control
bad 'no repository' malformed 'there is no Repository' -Repository
bad 'no rule' malformed 'there is no Waives-rule' -Waives-rule
bad 'another repository' repository 'is for another repository' \
	'Repository: two'
bad 'another rule' malformed "for another rule than its ref's name" \
	'Waives-rule: declared'
bad 'two ends' malformed 'several Until' "Until: $(days 3)
Until: $(days 4)"
waiver carol-2 'Waives-rule: declared'
refused 'a rule that allows none' waiver/rule 'allows no exception' \
	waiver:refs/waivers/declared/carol-1
waiver carol-2 'Waives-rule: kept'
refused 'history' waiver/rule 'allows no exception' \
	waiver:refs/waivers/kept/carol-1
waiver carol-2 'Waives-rule: nothing'
refused 'a rule that is none' waiver/rule 'has no such rule' \
	waiver:refs/waivers/nothing/carol-1
waiver carol
refused 'another name' waiver/malformed 'is named <what>/<who>-<number>' \
	"waiver:$to"
sign_as alice
waiver alice-1
refused 'another role' waiver/role 'has no role that may' "waiver:$to"
sign_as dave
waiver dave-1
refused 'a role that has ended' waiver/role 'has no role that may' "waiver:$to"
sign_as robot
waiver robot-1
refused 'a bot' waiver/not-human 'no bot and no agent' "waiver:$to"
git config --global user.signingKey "$work/key-mallory"
waiver mallory-1
refused 'somebody unknown' waiver/unknown-key '' "waiver:$to"
git -C "$clone" tag -f -a -m "x

$(cat "$work/waiver")" waiver > /dev/null
refused 'nobody' waiver/unsigned 'not signed' "waiver:$to"
sign_as carol
waiver carol-2
git -C "$clone" cat-file tag waiver | sed 's/vendor signs/vendor sings/' |
	git -C "$clone" hash-object -t tag -w --stdin > "$work/forged"
refused 'other words than were signed' waiver/malformed '' \
	"$(cat "$work/forged"):$to"
refused 'what is there is not moved' waiver/moved 'stays' \
	"+waiver:refs/waivers/reviewed/carol-1"
refused 'nor deleted' waiver/deleted 'not deleted' \
	':refs/waivers/reviewed/carol-1'

# ---- what does not count when it is needed ----

git -C "$server" update-ref -d refs/waivers/reviewed/carol-1
waiver carol-3 "Until: $(days -2)"
put
add vendor/i
refused 'one that has expired is of no use' waiver/expired \
	"an exception from reviewed expired on $(days -2)" HEAD:main
found review/quorum && ok 'and the rule holds' || not_ok 'and the rule holds'
git -C "$server" update-ref -d "$to"
sign_as dave
waiver dave-1
put
refused 'nor is one whose signer has lost the role' waiver/role \
	'has no role that may' HEAD:main
git -C "$server" update-ref -d "$to"
sign_as carol
waiver carol-3 'Repository: two'
put
refused 'nor is one of another repository' waiver/repository \
	'for another repository' HEAD:main
git -C "$server" update-ref -d "$to"
waiver carol-3 'Ref: refs/heads/elsewhere' "Until: $(days -2)"
put
refused 'of one for another ref nothing is said' review/quorum \
	'needs 1 approval' HEAD:main
not_told 'exception' 'indeed nothing'
git -C "$server" update-ref -d "$to"
waiver carol-4
as alice
accepted 'one that comes with the push counts' "waiver:$to" HEAD:main
sed -i '/waiver = risk/d' "$work/etc/policy.conf"
add vendor/j
refused 'where the rule names no role, none counts' review/quorum \
	'needs 1 approval' HEAD:main
printf '[rule "kept"]\n\twaiver = risk\n' >> "$work/etc/policy.conf"
no 'no policy lets history be excused' \
	"$gatepost" policy check "$work/etc/policy.conf"
has "$work/out" 'holds always' 'it says why'

done_testing
