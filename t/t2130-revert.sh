#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Reverts over real pushes: who takes back exactly what the ref accepted a
# short while ago needs no approval first, and owes a review; what is no such
# commit, whatever it says of itself, is a change like any other.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol; do
	signing_key "$who"
done
policy_file <<'END'
	revert-review = 12h
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[principal "carol"]
	email = carol@example.com
	login = carol
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = reviewed
	rule = declared
	rule = plan
	rule = kept
[gate "release"]
	ref = refs/heads/release
	rule = reviewed
[gate "short"]
	ref = refs/heads/short
	revert-window = 1h
	revert-review = 1s
	rule = reviewed
[gate "never"]
	ref = refs/heads/never
	revert-window = 0
	rule = reviewed
[gate "signed"]
	ref = refs/heads/signed
	rule = reviewed
	rule = signature
[gate "open"]
	ref = refs/heads/open
	rule = declared
[rule "reviewed"]
	check = review
	quorum = 1
[rule "declared"]
	check = provenance
	declare = always
	agents = any
[rule "plan"]
	check = rollback
[rule "kept"]
	check = history
[rule "signature"]
	check = signature
END
new_server one
for ref in release short never signed open; do
	git -C "$server" update-ref "refs/heads/$ref" refs/heads/main
done

message='

AI-assistance: none
Rollback-plan: revert'
# offer: what the clone has, where alice brings it and others see it
offer() {
	as alice
	git -C "$clone" push -q -f origin HEAD:refs/heads/wip 2> /dev/null ||
		not_ok 'push to wip'
}
# land REF: what the clone has, approved by bob, pushed by alice
land() {
	offer
	sign_as bob
	approve "$1" HEAD
	as alice
	push HEAD:"$1"
	[ $pushed = 0 ] || not_ok "land: $1" "$work/answer" "$work/approve"
}
# new REF [PATH [TEXT]]: a change of alice's lands there
new() {
	as alice
	if [ "${2:-}" ]; then
		reset_clone "$1"
		commit "$2" "$3" "feat: $2$message"
	else
		change "feat: more$message" "$1"
	fi
	land "$1"
}
# revert ARGUMENTS...: alice's, with no trailer
revert() {
	as alice
	git -C "$clone" revert --no-edit "$@" > "$work/revert" 2>&1 ||
		not_ok "git revert $*" "$work/revert"
}
audit() { "$gatepost" audit --policy "$work/etc/policy.conf" "$@"; }
last_revert() {
	records | grep '"kind":"revert"' | tail -n 1 > "$work/record"
}
reverts() { records | grep -c '"kind":"revert"'; }

# ---- the honest form ----

new main
landed=$(git -C "$clone" rev-parse HEAD)
last_decision
first=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/decision")
revert HEAD
accepted 'a revert needs no trailer, plan or approval first' HEAD:main
moved refs/heads/main 'it is there'
short=$(git -C "$clone" rev-parse --short=9 HEAD)
told "$short takes back $(git -C "$clone" rev-parse --short=9 "$landed"): needs no approval first, a review is due until 20.*; alice sees to it" \
	'who pushes is told that a review is due, and until when'
told "hint:   a reviewer runs: git approve --since $(git -C "$clone" \
	rev-parse --short=12 "$landed") main $(git -C "$clone" rev-parse \
	--short=12 HEAD)" 'and how it is given'
recorded "\"reverts\":\[{\"ref\":\"refs/heads/main\",\"commit\":\"$(git -C \
	"$clone" rev-parse HEAD)\",\"undoes\":\"$landed\",\"record\":\"$first\",\"review_until\":" \
	'the decision says what it takes back, and by which record that came'
recorded '"rule":"reviewed".*"result":"waived","why":"revert"' \
	'the rules are waived, and it says why'
recorded '"rule":"kept".*"result":"pass"' 'but not that history is kept'
last_revert
has "$work/record" '"state":"open","severity":"medium"' 'a review is open'
has "$work/record" '"excused_rules":\["reviewed"\]' 'and nothing else'
yes 'what is open and not late is no fault' audit
has "$work/out" '^open    revert  one  refs/heads/main  by alice  until 20' \
	'it is shown with its owner and deadline'
has "$work/out" 'missing: needs 1 approval' 'and what is missing'
is "$(grep -c missing: "$work/out")" 1 'which is the review alone'
taken=$(git -C "$clone" rev-parse HEAD)
sign_as alice
approve --since "$landed" main "$taken"
yes 'still open' audit
has "$work/out" 'missing: needs 1 approval' 'who took it back reviews nothing'
sign_as carol
approve --since "$landed" main "$taken"
yes 'closed' audit --json
has "$work/out" '"state":"closed".*"kind":"revert"' 'another person does'
last_revert
has "$work/record" '"state":"closed".*"late":false' 'a record says so'
has "$work/record" '"counted":true,"covers":1' 'with the approval'

# ---- again ----

as alice
git -C "$clone" cherry-pick "$landed" > /dev/null 2>&1
refused 'what was taken back needs a new approval' review/quorum \
	'needs 1 approval' HEAD:main
found revert/again && ok 'and it says so' || not_ok 'and it says so'
reset_clone
revert HEAD
refused 'the revert of a revert does, too' review/quorum 'needs 1 approval' \
	HEAD:main
found revert/again && ok 'with its reason' || not_ok 'with its reason' \
	"$work/decision"
told 'took a change back itself' 'in words'
"$gatepost" ledger reindex --ledger "$work/ledger" > /dev/null
refused 'also when the index was made anew' revert/again '' HEAD:main
git -C "$clone" commit -q --amend -m "feat: once more$message"
offer
sign_as carol
approve main HEAD
as alice
accepted 'approved anew it lands' HEAD:main
revert HEAD
accepted 'and can be taken back once more' HEAD:main

# ---- several at once ----

new main a 1
new main a 2
new main b 1
revert HEAD~2..HEAD
accepted 'each commit of a range by a revert of its own' HEAD:main
is "$(git -C "$clone" diff HEAD~4 HEAD --stat)" '' 'two are gone'
recorded '"reverts":\[{[^]]*},{[^]]*}\]' 'both are recorded'
as alice
reset_clone
base=$(git -C "$clone" rev-parse HEAD)
commit c 1 "feat: c$message"
commit c 2 "feat: c again$message"
commit d 1 "feat: d$message"
land main
revert "$base..HEAD"
accepted 'a push of several, one commit each' HEAD:main
reset_clone
commit c 1 "feat: c$message, better"
commit c 2 "feat: c again$message, better"
land main
as alice
git -C "$clone" revert -n HEAD~2..HEAD
git -C "$clone" commit -q -m 'back'
accepted 'or all of it by one commit' HEAD:main
told 'and what came with it: needs no approval first' 'which is said'
recorded '"reverts":\[{[^]]*"whole":true' 'and recorded'
reset_clone
base=$(git -C "$clone" rev-parse HEAD)
git -C "$clone" checkout -q -B side
commit e 1 "feat: e$message"
commit f 1 "feat: f$message"
git -C "$clone" checkout -q -B main "$base"
commit g 1 "feat: g$message"
land main
git -C "$clone" merge -q --no-ff --no-edit side
git -C "$clone" commit -q --amend -m "merge$message"
offer
sign_as bob
approve main HEAD
as alice
accepted 'a merge lands' HEAD:main
revert -m 1 HEAD
accepted 'git revert -m 1 takes it back' HEAD:main
reset_clone
git -C "$clone" checkout -q -B side HEAD~1
new main h 1
git -C "$clone" checkout -q -B side
revert HEAD
git -C "$clone" checkout -q -B main origin/main
new main i 1
git -C "$clone" merge -q --no-ff --no-edit side
accepted 'a revert may come by a merge' HEAD:main

# ---- what is none ----

new main j 1
good=$(git -C "$clone" rev-parse HEAD)
as alice
git -C "$clone" revert -n HEAD
echo more > "$clone/k"
git -C "$clone" add -A
git -C "$clone" commit -q -m "Revert \"feat: j\"

This reverts commit $good."
refused 'with a change more it is a change' revert/not-exact \
	'does not exactly take back the commit' HEAD:main
found review/quorum && found provenance/missing && found rollback/missing &&
	ok 'and needs what any needs' || not_ok 'and needs what any needs'
reset_clone
commit j 2 "Revert \"feat: j\"

This reverts commit $good."
refused 'what it says proves nothing' revert/not-exact '' HEAD:main
reset_clone
revert HEAD
GIT_AUTHOR_NAME=bob GIT_AUTHOR_EMAIL=bob@example.com git -C "$clone" commit \
	-q --amend --reset-author -m 'clean up'
accepted 'nor does what it does not say' HEAD:main
taken=$(git -C "$clone" rev-parse HEAD)
sign_as alice
approve --since "$taken^" main "$taken"
yes 'open' audit
has "$work/out" "missing: needs 1 approval.*brought the change" \
	'whoever it names as its author, who pushed it reviews nothing'
reset_clone
change 'chore: other
'
commit z 1 'more of it'
revert HEAD
refused 'what never landed cannot be taken back' revert/unknown \
	'nothing that it takes back was ever accepted' HEAD:main

# a state that nobody has seen
reset_clone
base=$(git -C "$clone" rev-parse HEAD)
commit door open "feat: door$message"
commit door shut "fix: door$message"
land main
revert HEAD
refused 'what a push passed through was never reviewed' revert/between \
	'what was never the state of this ref' HEAD:main
commit k 2 'chore: beside'
refused 'nor with a commit behind it' revert/between '' HEAD:main
reset_clone
revert "$base..HEAD"
accepted 'all of it may go' HEAD:main

# ---- where ----

new release r 1
git -C "$clone" checkout -q -B main origin/main
commit r 1 "feat: r$message"
land main
git -C "$clone" fetch -q
revert HEAD
accepted 'each ref knows what it accepted' HEAD:main
new main s 1
s=$(git -C "$clone" rev-parse HEAD)
git -C "$server" update-ref refs/heads/release "$s"
reset_clone release
revert HEAD
refused 'what another ref accepted is not this one'"'s" revert/other-ref \
	'was accepted on main, not here' HEAD:release
is "$(git -C "$clone" rev-parse HEAD^)" "$s" 'though it is there'
one=$server one_clone=$clone
new_server two
git -C "$clone" fetch -q "$one" refs/heads/main
git -C "$server" fetch -q "$one" refs/heads/main
git -C "$server" update-ref refs/heads/main "$s"
reset_clone
revert HEAD
refused 'nor is what another repository accepted' revert/unknown \
	'ever accepted here' HEAD:main
server=$one clone=$one_clone

# ---- when ----

new never n 1
revert HEAD
refused 'a gate may allow none' review/quorum 'needs 1 approval' HEAD:never
found revert/too-late && not_ok 'and says no more' || ok 'and says no more'
new short t 1
revert HEAD
accepted 'in time' HEAD:short
new short u 1
sed -i 's/revert-window = 1h/revert-window = 1s/' "$work/etc/policy.conf"
sleep 1.1
revert HEAD
refused 'too late' revert/too-late 'may be taken back unreviewed for' \
	HEAD:short
no 'a review that did not come is a fault' audit --overdue
has "$work/out" '^overdue revert  one  refs/heads/short  by alice' 'it is shown'
records | grep '"kind":"revert"' | grep -c '"state":"overdue"' > "$work/n"
is "$(cat "$work/n")" 1 'and recorded'

# ---- what it never excuses ----

reset_clone signed
commit v 1 "feat: v$message"
sign_as alice
git -C "$clone" commit -q --amend --no-edit -S
land signed
revert HEAD
refused 'signatures are asked for as ever' signature/unsigned '' HEAD:signed
reset_clone
refused 'history is kept as ever' history/rewind '' "+HEAD~1:main"
git -C "$server" config receive.fsckObjects false
new main w 1
revert HEAD
bad=$(git -C "$clone" cat-file commit HEAD | sed 's/^author .*/author x/' |
	crafted commit)
refused 'malformed objects are refused as ever' object/malformed '' \
	"$bad:refs/heads/main"

# ---- where no review is asked for ----

before=$(reverts)
as alice
change "feat: open$message" open
push HEAD:open
revert HEAD
accepted 'a rule about provenance alone' HEAD:open
told 'needs no approval first *$' 'nothing is due'
is "$(reverts)" "$before" 'and nothing is open'
new main x 1
revert HEAD
offer
sign_as carol
approve main HEAD
as alice
accepted 'a revert that was approved' HEAD:main
recorded '"rule":"reviewed"[^}]*"result":"pass"' 'meets the rule'
is "$(reverts)" "$before" 'and owes nothing'

done_testing
