#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Emergencies over real pushes: who may have a push let in that breaks a rule,
# what he must say, what no emergency excuses, and what is recorded.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol; do
	signing_key "$who"
done
policy_file <<'END'
	emergency-ticket = INC-[0-9]+
	emergency-within = 12h
[principal "alice"]
	email = alice@example.com
	login = alice
	role = developer
	role = oncall
[principal "bob"]
	email = bob@example.com
	login = bob
	role = security
[principal "carol"]
	email = carol@example.com
	login = carol
	role = oncall until 2020-01-01
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
	role = oncall
[principal "claude"]
	email = claude@example.com
	login = claude
	kind = agent
	role = oncall
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = reviewed
	rule = declared
	rule = plan
[gate "strict"]
	ref = refs/heads/strict
	rule = reviewed
	rule = always
	rule = kept
[rule "reviewed"]
	check = review
	quorum = 1
	emergency = oncall
[rule "declared"]
	check = provenance
	declare = always
	agents = any
	emergency = oncall
[rule "plan"]
	check = rollback
	emergency = oncall
[rule "always"]
	check = rollback
[rule "kept"]
	check = history
END

# fix [MESSAGE]: a commit of alice's that breaks every rule of main
fix() {
	as alice
	change "${1:-fix: stop the bleeding}"
}
# last_emergency: the newest record of one
last_emergency() {
	records | grep '"kind":"emergency"' | tail -n 1 > "$work/emergency"
}
emergencies() { records | grep -c '"kind":"emergency"'; }

new_server one

# ---- a night ----

fix
refused 'without an emergency the push is refused' review/quorum \
	'needs 1 approval' HEAD:main
told 'hint: outage? who is oncall runs: git push -o gatepost.emergency=' \
	'who may say so is told how'
is "$(emergencies)" 0 'a refusal leaves no record of an emergency'
accepted 'who is on call has it let in' \
	-o gatepost.emergency='INC-1234 payments are down' HEAD:main
moved refs/heads/main 'it is there'
told 'excused: needs 1 approval' 'what was excused is told'
not_told 'commit --amend\|push it to a branch' 'no hint for what is not in'
told 'emergency INC-1234: what was excused must follow until 20.*; alice sees' \
	'so are the deadline and who owes it'
told "hint:   a reviewer runs: git approve --since $(git -C "$clone" rev-parse \
	--short=12 HEAD^) main $(git -C "$clone" rev-parse --short=12 HEAD)" \
	'how to approve is told'
told 'Follows-up: 0' 'and how the rest can follow'
told 'main accepted in an emergency, with 3 problems excused, record' \
	'the last line says what happened'
recorded '"verdict":"warn","would":"reject"' 'the decision says what would be'
recorded '"rule":"reviewed".*"result":"waived","why":"emergency"' \
	'the rules are waived, and it says why'
recorded '"code":"quorum","weight":"excused"' 'each problem is recorded'
last_emergency
has "$work/emergency" '"state":"open","severity":"high"' \
	'there is a record of high severity'
has "$work/emergency" \
	'"ticket":"INC-1234","reason":"payments are down","how":"push-option"' \
	'with ticket and reason'
has "$work/emergency" '"excused_rules":\["reviewed","declared","plan"\]' \
	'and what it excused'
is "$(sed 's/.*"decision":"\([^"]*\)".*/\1/' "$work/emergency")" \
	"$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/decision")" \
	'it cites the decision'
grep -h '"kind":"emergency"' "$work"/ledger/segments/*.log > "$work/kept"
has_not "$work/kept" 'alice' 'nobody is named in clear'
yes 'the deadline is that of the policy' "$python" -c '
import datetime, json, sys
r = json.load(open(sys.argv[1]))
at = lambda s: datetime.datetime.fromisoformat(s.replace("Z", "+00:00"))
sys.exit((at(r["deadline"]) - at(r["time"])).total_seconds() != 12 * 3600)' \
	"$work/emergency"

# ---- what was missing follows ----

decision=$(sed 's/.*"decision":"\([^"]*\)".*/\1/' "$work/emergency")
audit() { "$gatepost" audit --policy "$work/etc/policy.conf" "$@"; }
# states: of the records of this decision
states() {
	records | grep '"kind":"emergency"' | grep "\"$decision\"" |
		sed 's/.*"state":"\([^"]*\)".*/\1/' | tr '\n' ' '
}
yes 'what is open and not late is no fault' audit
has "$work/out" "^open    INC-1234  one  refs/heads/main  by alice  until .*$decision" \
	'it is shown with its owner and deadline'
has "$work/out" 'missing: needs 1 approval' 'and what is missing'
has "$work/out" 'missing: no rollback plan' 'all of it'
yes 'as JSON, too' audit --json
state() { "$gatepost" status --policy "$work/etc/policy.conf" "$@"; }
state > "$work/state"
has "$work/state" '^ok  *emergencies  *1 open; .*with: gatepost audit$' \
	'status tells that one is open'
"$python" -c 'import json, sys
for line in open(sys.argv[1]): r = json.loads(line)
print(r["state"], r["ticket"], r["owner"], len(r["missing"]), r["decision"])' \
	"$work/out" > "$work/json" 2>&1
is "$(cat "$work/json")" "open INC-1234 alice 3 $decision" 'with all of that'
audit "$server" > "$work/out"
has "$work/out" '^open    INC-1234' 'of this repository'
git init -q --bare "$work/srv/other.git"
audit "$work/srv/other.git" > "$work/out"
is "$(cat "$work/out")" '' 'and of no other'
audit --overdue > "$work/out"
is "$(cat "$work/out")" '' 'none is overdue'
is "$(states)" 'open ' 'looking changes nothing'

# follow_up NAME [TRAILERS [RECORD [REPOSITORY]]]: signed by whoever sign_as
# named, of the clone's commit $commit
commit=$(git -C "$clone" rev-parse HEAD)
follow_up() {
	git -C "$clone" tag -d follow > /dev/null 2>&1
	git -C "$clone" tag -s -m "what was missing

Follows-up: ${3:-$decision}
Repository: ${4:-one}
${2:-Rollback-plan: revert
AI-assistance: none}" follow "$commit" || not_ok 'git tag -s'
	to=refs/followups/${5:-$decision}/$1
}
sign_as alice
follow_up alice-1 '' 01a1f91a-0000-7000-8000-000000000000
refused 'a follow-up of another record' follow-up/malformed \
	'another record than' "follow:$to"
follow_up alice-1 '' '' two
refused 'one of another repository' follow-up/malformed \
	'for another repository' "follow:$to"
follow_up alice
refused 'one under another name' follow-up/malformed \
	'is named <what>/<who>-<number>' "follow:$to"
git -C "$clone" tag -f -a -m 'x' follow > /dev/null
refused 'one that nobody signed' follow-up/unsigned 'not signed' \
	"follow:refs/followups/$decision/alice-1"
git config --global user.signingKey "$work/key-mallory"
ssh-keygen -q -t ed25519 -N '' -C mallory -f "$work/key-mallory" < /dev/null
follow_up alice-1
refused 'one that somebody unknown signed' follow-up/unknown-key '' \
	"follow:$to"
refused 'a commit is none' follow-up/malformed 'no annotated tag' \
	"HEAD:refs/followups/$decision/alice-1"
sign_as alice
follow_up alice-1 'Rollback-plan: revert'
accepted 'who owes it says a part' "follow:$to"
refused 'what is there is not moved' follow-up/moved 'stays' \
	"+HEAD:$to"
refused 'nor deleted' follow-up/deleted 'not deleted' ":$to"
yes 'still open' audit
has_not "$work/out" 'no rollback plan' 'the plan is not missing any more'
has "$work/out" 'does not say whether an AI tool helped' 'the rest is'
sign_as bob
follow_up bob-1
accepted 'another person says the rest' "follow:$to"
yes 'still open' audit
has "$work/out" 'does not say whether' \
	'who neither owns it nor has the role says nothing'
sign_as alice
follow_up alice-2 'AI-assistance: none'
accepted 'who owes it says the rest' "follow:$to"
approve --since "$commit^" main "$commit"
yes 'still open' audit
has "$work/out" 'missing: needs 1 approval' 'whose change it is approves nothing'
has_not "$work/out" 'AI tool' 'all but the approval is there'
sign_as bob
approve --since "$commit^" main "$commit"
has "$work/approve" refs/approvals 'another approves of what has landed'
yes 'closed' audit
has "$work/out" "^closed  INC-1234" 'it says so'
is "$(states)" 'open closed ' 'and a record does'
last_emergency
has "$work/emergency" '"late":false' 'in time'
has "$work/emergency" '"counted":true,"covers":1,"digest":"sha256:[0-9a-f]*","tip":"'"$commit"'","made":"[^"]*","evidence":"[0-9a-f]*"' \
	'the record has the approval, with its bytes'
has "$work/emergency" \
	'"follow_ups":\[{"at":"refs/followups/[^"]*/alice-1".*"counted":true.*"evidence"' \
	'and what was signed'
has "$work/emergency" \
	'bob-1".*"counted":false,"why":"its signer neither owns' \
	'and what did not count'
audit > "$work/out"
is "$(cat "$work/out")" '' 'then it is not shown again'
is "$(states)" 'open closed ' 'nor recorded again'

# ---- what closed it is used up ----

as alice
reset_clone
git -C "$clone" revert --no-edit HEAD > /dev/null
git -C "$clone" commit -q --amend -m 'fix: take it back'
accepted 'the change is taken back' -o gatepost.emergency='INC-9 worse' \
	HEAD:main
git -C "$clone" cherry-pick "$commit" > /dev/null 2>&1
refused 'the same change needs a new approval' review/quorum \
	"bob's does not count: is used up by record" HEAD:main
"$gatepost" ledger reindex --ledger "$work/ledger" > /dev/null
refused 'also when the index was made anew' review/quorum \
	"bob's does not count: is used up by record" HEAD:main

# ---- what is late ----

sed -i 's/emergency-within = 12h/emergency-within = 5s/' \
	"$work/etc/policy.conf"
fix
accepted 'another night' -o gatepost.emergency='INC-1235 again' HEAD:main
last_emergency
decision=$(sed 's/.*"decision":"\([^"]*\)".*/\1/' "$work/emergency")
late=$decision late_commit=$(git -C "$clone" rev-parse HEAD)
sed -i 's/emergency-within = 5s/emergency-within = 12h/' \
	"$work/etc/policy.conf"

# ---- where push options cannot be sent ----

fix 'fix: more

Emergency: INC-77 the fix was not enough'
accepted 'a trailer of the tip does the same' HEAD:main
last_emergency
has "$work/emergency" \
	'"ticket":"INC-77","reason":"the fix was not enough","how":"trailer"' \
	'and is recorded as such'
fix 'fix: yet more

Emergency: INC-78 alice says so'
git -C "$clone" push -q origin HEAD:refs/heads/topic 2> /dev/null
refused 'a commit that was on the server before declares nothing' \
	emergency/not-yours 'was not made by who pushes, or was here before' \
	HEAD:main
git -C "$clone" commit -q --amend --no-edit --date=2026-01-01T00:00:00Z
accepted 'made anew it does' HEAD:main
as bob
change 'fix: bait

Emergency: INC-79 somebody on call will push this'
as alice
refused 'what another has committed declares nothing' emergency/not-yours \
	'was not made by who pushes' HEAD:main
fix 'fix: two

Emergency: INC-1 one
Emergency: INC-2 two'
refused 'two trailers are one too many' emergency/several \
	'declared twice' HEAD:main
fix 'fix: divided

Emergency: INC-1 one
---

Emergency: INC-2 two'
refused 'a line of dashes makes it ambiguous' emergency/several \
	'ambiguous' HEAD:main

# ---- what is wrong with it ----

# not_excused NAME CODE WORDS VALUE
not_excused() {
	refused "$1" "emergency/$2" "$3" \
		-o gatepost.emergency="$4" HEAD:main
	not_told 'outage?' "$1: nobody is told to do it again"
}
fix
before=$(emergencies)
not_excused 'no reason' reason 'the emergency has no reason' 'INC-5'
not_excused 'no ticket' ticket 'does not begin with a ticket' 'it burns badly'
not_excused 'a ticket of another form' ticket 'not begin with a ticket' \
	'INC-5x it burns'
told 'gatepost.emergency="INC-1234 what' 'an example says which form'
not_excused 'nothing' reason 'has no reason' ''
refused 'twice' emergency/several 'declared twice' \
	-o gatepost.emergency='INC-1 a' -o gatepost.emergency='INC-1 a' \
	HEAD:main
export GATEPOST_TEST_USER=bob
not_excused 'another role' role \
	'only who is oncall may declare an emergency for the rule reviewed' \
	'INC-5 it burns'
export GATEPOST_TEST_USER=carol
not_excused 'a role that has ended' role 'only who is oncall' 'INC-5 it burns'
export GATEPOST_TEST_USER=mallory
not_excused 'somebody unknown' unknown-pusher 'nobody known here' \
	'INC-5 it burns'
export GATEPOST_TEST_USER=
not_excused 'nobody' unknown-pusher 'nobody known here' 'INC-5 it burns'
export GATEPOST_TEST_USER=robot
not_excused 'a bot' not-human 'no bot and no agent' 'INC-5 it burns'
export GATEPOST_TEST_USER=claude
not_excused 'an agent' not-human 'no bot and no agent' 'INC-5 it burns'
is "$(emergencies)" "$before" 'none of these is recorded as an emergency'

# ---- what it never excuses ----

as alice
git -C "$clone" push -q origin origin/main~1:refs/heads/strict 2> /dev/null
fix
refused 'a rule that names no role holds' emergency/rule \
	'the rule always holds in emergencies, too' \
	-o gatepost.emergency='INC-6 it burns' HEAD:strict
found review/quorum && ok 'all else is told, too' ||
	not_ok 'all else is told, too'
git -C "$server" update-ref refs/heads/strict refs/heads/main
refused 'history is not rewound' history/rewind 'would lose commits' \
	-o gatepost.emergency='INC-6 it burns' +origin/main~1:strict
found emergency/rule && ok 'and it says so' || not_ok 'and it says so'
refused 'no ref is deleted' history/deletion 'may not be deleted' \
	-o gatepost.emergency='INC-6 it burns' :strict
sign_as bob
fix
git -C "$clone" tag -a -m 'no approval' nothing HEAD
refused 'approvals are guarded as ever' approval/malformed 'not the name' \
	-o gatepost.emergency='INC-6 it burns' \
	nothing:refs/approvals/x
git -C "$server" config receive.fsckObjects false
bad=$(git -C "$clone" cat-file commit HEAD | sed 's/^author .*/author x/' |
	crafted commit)
refused 'malformed objects are refused as ever' object/malformed 'no mail address' \
	-o gatepost.emergency='INC-6 it burns' "$bad:refs/heads/main"
printf '[rule "kept"]\n\temergency = oncall\n' > "$work/etc/more"
cp "$work/etc/policy.conf" "$work/etc/saved"
cat "$work/etc/more" >> "$work/etc/policy.conf"
no 'no policy can excuse it' "$gatepost" policy check "$work/etc/policy.conf"
has "$work/out" 'what check = history asks for holds always' 'it says why'
cp "$work/etc/saved" "$work/etc/policy.conf"
sed -i 's/emergency = oncall/emergency = oncal/' "$work/etc/policy.conf"
no 'a role that nobody has is a mistake' \
	"$gatepost" policy check "$work/etc/policy.conf"
has "$work/out" 'did you mean oncall' 'with the nearest'
cp "$work/etc/saved" "$work/etc/policy.conf"
sed -i 's/emergency-ticket = .*/emergency-ticket = INC-(/' \
	"$work/etc/policy.conf"
no 'so is a pattern that is none' \
	"$gatepost" policy check "$work/etc/policy.conf"
has "$work/out" 'no extended regular expression' 'and it says so'
cp "$work/etc/saved" "$work/etc/policy.conf"

# ---- where nothing is to be excused ----

as alice
reset_clone
before=$(emergencies)
accepted 'what breaks no rule needs none' \
	-o gatepost.emergency='INC-6 it burns' HEAD:refs/heads/topic2
is "$(emergencies)" "$before" 'and none is recorded'
"$gatepost" mode warn "$server" > /dev/null
fix
accepted 'in warn mode nothing is refused' \
	-o gatepost.emergency='INC-6 it burns' HEAD:main
is "$(emergencies)" "$before" 'and there is nothing to excuse'
"$gatepost" mode enforce "$server" > /dev/null

# ---- what was late ----

decision=$late commit=$late_commit
"$gatepost" audit --policy "$work/etc/policy.conf" --close "$late" \
	> "$work/out" 2>&1
is $? 2 'nobody closes it without a reason'
"$gatepost" audit --policy "$work/etc/policy.conf" --close 0000000 \
	--reason x > "$work/out" 2>&1
is $? 2 'nor what is none'
past $((5 + $(date -d "$(records | grep "\"id\":\"$late\"" |
	sed 's/.*"time":"\([^"]*\)".*/\1/')" +%s)))
state > "$work/state"
has "$work/state" '^AMISS emergencies  *[0-9]* open, 1 overdue; .*audit --overdue$' \
	'status tells that one is overdue'
state --json > "$work/state"
has "$work/state" '"what":"emergencies","well":false,[^}]*"open":[0-9]*,"overdue":1}' \
	'as JSON, too'
no 'what is late is a fault' audit --overdue
has "$work/out" '^overdue INC-1235' 'it is shown'
is "$(grep -c INC "$work/out")" 1 'and what is not late is not'
is "$(states)" 'open overdue ' 'it is recorded'
no 'each time' audit --overdue
is "$(states)" 'open overdue ' 'once'
last_emergency
has "$work/emergency" '"severity":"high".*"missing":\["provenance/missing","review/quorum","rollback/missing"\]' \
	'with what is missing'
sign_as bob
approve --since "$late_commit^" main "$late_commit"
sign_as alice
follow_up alice-1
accepted 'what is late may follow all the same' "follow:$to"
yes 'then nothing is late' audit --overdue
state > "$work/state"
has "$work/state" '^ok  *emergencies' 'nor is anything amiss'
is "$(states)" 'open overdue closed ' 'it is closed'
last_emergency
has "$work/emergency" '"late":true' 'late'
audit --json > "$work/open"
decision=$("$python" -c 'import json, sys
print(json.loads(open(sys.argv[1]).readline())["decision"])' "$work/open")
yes 'the admin closes one by hand' audit --close "$decision" \
	--reason 'the server is gone'
is "$(states)" 'open closed ' 'it is closed'
last_emergency
has "$work/emergency" '"by_hand":"the server is gone"' 'and says so'
"$gatepost" audit --policy "$work/etc/policy.conf" --close "$decision" \
	--reason x > "$work/out" 2>&1
is $? 2 'once'

done_testing
