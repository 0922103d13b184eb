#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who has to approve, over real pushes: every form of a quorum, the proof that
# a signature has to bring, until when it counts, and who never does. Each
# refusal is told to the developer and stands in the record with its reason.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'
command -v openssl > /dev/null || skip_all 'no openssl'

for who in alice bob carol dave erin gone robot claude bob2; do
	signing_key "$who"
done
sed -i 's/^bob2 /bob /' "$work/etc/signers"
# a key of an address that no principal has
ssh-keygen -q -t ed25519 -N '' -C nobody -f "$work/key-nobody" < /dev/null
printf 'nobody@example.com %s\n' \
	"$(cut -d' ' -f1,2 "$work/key-nobody.pub")" >> "$work/etc/signers"
# a key that stands for two
ssh-keygen -q -t ed25519 -N '' -C shared -f "$work/key-shared" < /dev/null
printf 'carol,dave %s\n' "$(cut -d' ' -f1,2 "$work/key-shared.pub")" \
	>> "$work/etc/signers"
# security keys of bob's: touched, untouched, with a PIN
for flags in 00 01 05; do
	"$python" "$top/t/sk-key.py" new "$work/key-sk$flags" "$flags"
	printf 'bob %s\n' "$(cat "$work/key-sk$flags.pub")" \
		>> "$work/etc/signers"
done
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$top/t/sk-key.py" \
	> "$work/sk-sign"
chmod +x "$work/sk-sign"

# gate NAME OPTIONS…: a rule of that name for the branch of that name
gate() {
	printf '[gate "%s"]\n\tref = refs/heads/%s\n\trule = %s\n' \
		"$1" "$1" "$1"
	printf '[rule "%s"]\n\tcheck = review\n' "$1"
	branches="$branches $1"
	shift
	printf '\t%s\n' "$@"
}
branches=
{
	cat <<'END'
[principal "alice"]
	email = alice@example.com
	email = alice@home.example.org
	email = 1234+alice@users.noreply.github.com
	login = alice
	role = developer
[principal "bob"]
	email = bob@example.com
	login = bob
	role = developer
	role = security
[principal "carol"]
	email = carol@example.com
	login = carol
	role = security until 2099-12-31
[principal "dave"]
	email = dave@example.com
	login = dave
	role = developer
	role = payments-team
[principal "erin"]
	email = erin@example.com
	login = erin
	role = developer
	role = security until 2024-12-31
[principal "gone"]
	email = gone@example.com
	login = gone
	role = security
	until = 2024-12-31
[principal "robot"]
	email = robot@example.com
	login = robot
	role = developer
	kind = bot
[principal "claude"]
	email = claude@example.com
	role = developer
	kind = agent
[signers]
	ssh = signers
[area "payments"]
	path = pay/**
	owner = carol
	owner = role:payments-team
[area "schema"]
	path = db/**
	owner = bob
[area "docs"]
	path = doc/**
END
	gate two 'quorum = 2 of developer' 'quorum = 1 of security'
	gate all 'quorum = all of security'
	gate floor 'quorum = all of security' 'quorum = 2 of security'
	gate owners 'quorum = 1 of owner'
	gate one 'quorum = 1'
	gate touch 'quorum = 1 of security' 'presence = required'
	gate line 'quorum = 2' 'quorum = 1 of security, presence = required'
	gate pin 'quorum = 1' 'require = user-verification'
	gate young 'quorum = 1' 'max-age = 14d'
	gate ex-author 'quorum = 1' 'exclude = author'
	gate ex-brought 'quorum = 1' 'exclude = brought-by'
	gate ex-committer 'quorum = 1' 'exclude = committer'
	gate ex-pusher 'quorum = 1' 'exclude = author, pusher'
} > "$work/rules"
policy_file < "$work/rules"

# work_on BRANCH MESSAGE [PATH…]: a change of alice's on top of it, which she
# has also pushed for review
work_on() {
	as alice
	target=$1
	reset_clone "$1"
	t_change=$((t_change + 1))
	message=$2
	shift 2
	for path in "${@:-file}"; do
		mkdir -p "$clone/$path"
		echo "$t_change" > "$clone/$path/$t_change"
	done
	git -C "$clone" add -A
	git -C "$clone" commit -q -m "$message"
	for_review
}
for_review() {
	git -C "$clone" push -q -f origin HEAD:refs/heads/review \
		> "$work/out" 2>&1 || not_ok 'pushed for review' "$work/out"
	git -C "$server" update-ref -d refs/heads/review
}
# approved_by WHO [KEY]: by their key or another
approved_by() {
	try_approval "$@" || not_ok "an approval by $1" "$work/approve"
}
try_approval() {
	sign_as "$1"
	case ${2:-} in
	sk*) git config --global gpg.ssh.program "$work/sk-sign" ;;
	*) git config --global --unset gpg.ssh.program ;;
	esac
	git config --global user.signingKey "$work/key-${2:-$1}"
	approve "$target" HEAD
	approved=$?
	as alice
	return $approved
}
# approved_at SECONDS WHO: with a date that is so far from now
approved_at() {
	GIT_COMMITTER_DATE="@$(($(date +%s) + $1)) +0000"
	export GIT_COMMITTER_DATE
	approved_by "$2"
	unset GIT_COMMITTER_DATE
}
# merged_at SECONDS: $side by bob, signed, with such a date
merged_at() {
	sign_as bob
	git config --global --unset gpg.ssh.program
	reset_clone "$target"
	GIT_COMMITTER_DATE="@$(($(date +%s) + $1)) +0000" \
		git -C "$clone" merge -q -S --no-ff -m 'Merge it' "$side" \
		> "$work/out" 2>&1 || not_ok 'merged' "$work/out"
}
# tagged_by WHO TRAILER…: a tag made by hand with more trailers, or others
# where the first is `only`; its id is in $tag, its ref in $at
tagged_by() {
	sign_as "$1"
	git config --global --unset gpg.ssh.program
	diff=$(git -C "$clone" diff-tree -r -z --no-renames --no-abbrev \
		--ignore-submodules=none "origin/$target" HEAD |
		sha256sum | cut -c1-64)
	serial=$((serial + 1))
	at=refs/approvals/$(printf %.16s "$diff")/$1-$serial
	shift
	if [ "$1" = only ]; then
		shift
	else
		set -- "Approves-ref: refs/heads/$target" \
			"Approves-diff: sha256:$diff" "$@"
	fi
	{
		printf 'Approve\n\nRepository: %s\n' "$(basename "$clone")"
		printf '%s\n' "$@"
	} > "$work/message"
	git -C "$clone" tag -f -s -F "$work/message" by-hand HEAD \
		> "$work/out" 2>&1 || not_ok 'tagged by hand' "$work/out"
	tag=$(git -C "$clone" rev-parse by-hand)
	git -C "$clone" tag -d by-hand > "$work/out"
	as alice
}
serial=100

# not_taken NAME KEY WORDS: the gate does not take an approval by this key
not_taken() {
	if try_approval "$2"; then
		not_ok "$1" "$work/approve"
		return
	fi
	last_decision
	if found approval/unknown-key; then
		has "$work/approve" "$3" "$1"
	else
		not_ok "$1" "$work/approve" "$work/decision"
	fi
}

# lands NAME: the push to the branch that was worked on passes
lands() { accepted "$1" "HEAD:$target"; }
# lacks NAME WORDS [REASON]: it is refused with these words, and the record
# has the reason that an approval does not count
lacks() {
	refused "$1" review/quorum "$2" "HEAD:$target"
	[ $# -lt 3 ] || shown "$3" "$1: the record says so"
}
shown() {
	last_decision
	"$gatepost" ledger show --json --ledger "$work/ledger" \
		"$(sed 's/.*"id":"\([^"]*\)","kind.*/\1/' "$work/decision")" \
		> "$work/shown" 2>&1
	has "$work/shown" "$1" "$2"
}
why() { echo "\"counted\":false,\"why\":\"$1"; }

# ---- how many of whom ----

numbers() {
	work_on two 'two of these, one of those'
	approved_by dave
	lacks "$1: two lines, neither met" \
		"needs 2 approvals from developer, has 1 (dave's counts" \
		'"counted":true'
	told "needs 1 approval from security, has 0 (dave's does not count: lacks the role security" \
		"$1: the second line has its own reason"
	approved_by carol
	lacks "$1: the second line is met, the first is not" \
		"needs 2 approvals from developer, has 1 (carol's does not count: lacks the role developer"
	not_told 'from security' "$1: of the second line nothing is said"
	approved_by bob
	lands "$1: two and one, one person counting for both"
}

unanimous() {
	work_on all 'all of them'
	lacks "$1: all: none has approved" \
		'needs approvals from all of security, has 0 of 2; missing: bob, carol'
	approved_by bob
	lacks "$1: all: one has not" \
		'needs approvals from all of security, has 1 of 2; missing: carol'
	shown '"text":"needs approvals from all of security, has 1 of 2; missing: {person:' \
		"$1: all: the record names them by number"
	approved_by erin
	lacks "$1: all: who had the role once" \
		"erin's does not count: had the role security until 2024-12-31" \
		"$(why 'had the role security until 2024-12-31')"
	approved_by carol
	lands "$1: all: everyone who has the role today"

	work_on all 'with bob

Co-authored-by: Bob <bob@example.com>'
	approved_by bob
	lacks "$1: all: a co-author is not among them" \
		'has 0 of 1; missing: carol.*wrote part of the change' \
		"$(why 'wrote part of the change')"
	approved_by carol
	lands "$1: all: all others"

	work_on all 'with both

Co-authored-by: Bob <bob@example.com>
Co-authored-by: Carol <carol@example.com>'
	approved_by dave
	lacks "$1: all: nobody is left" \
		'needs approvals from all of security, and nobody is left'

	work_on floor 'said to be with bob

Co-authored-by: Bob <bob@example.com>'
	approved_by carol
	lacks "$1: all: a number beside it sets a floor" \
		'needs 2 approvals from security, has 1'
}

owners() {
	work_on owners 'pay' pay
	approved_by bob
	lacks "$1: owners: of another area" \
		"needs 1 approval from an owner of payments, has 0 (bob's does not count: is no owner of payments" \
		"$(why 'is no owner of payments')"
	approved_by carol
	lands "$1: owners: by name"
	work_on owners 'pay more' pay doc
	approved_by dave
	lands "$1: owners: by role; an area without owners asks nobody"

	work_on owners 'pay and schema' pay db
	lacks "$1: owners: each of two areas asks" \
		'needs 1 approval from an owner of payments, has 0'
	told 'needs 1 approval from an owner of schema, has 0' \
		"$1: owners: the other area, too"
	approved_by bob
	lacks "$1: owners: one area has its approval, the other not" \
		"needs 1 approval from an owner of payments, has 0 (bob's does not count: is no owner of payments" \
		'"counted":true'
	not_told 'owner of schema' "$1: owners: of that nothing is said"
	approved_by carol
	lands "$1: owners: an owner of each"

	work_on owners 'elsewhere' src
	lands "$1: owners: no owned area, nobody is asked"
}

# ---- with what proof ----

presence() {
	work_on touch 'to be touched'
	approved_by bob
	lacks "$1: touch: a key in a file" \
		"needs 1 approval from security with a touch, has 0 (bob's does not count: was made without a touch (presence = required)" \
		"$(why 'was made without a touch')"
	told 'with a security key (ssh-keygen -t ed25519-sk) runs: git approve touch ' \
		"$1: touch: the hint says how to get one"
	try_approval bob sk00
	lacks "$1: touch: a security key that nobody touched" 'has 0'
	approved_by bob sk01
	lands "$1: touch: a security key"
	recorded '"presence":true,[^}]*"counted":true' \
		"$1: touch: the record says that presence was proved"

	work_on line 'one touch of two'
	approved_by bob
	approved_by dave
	lacks "$1: touch: asked by one line alone" \
		'needs 1 approval from security with a touch, has 0' \
		'"counted":true'
	not_told 'needs 2 approvals' "$1: touch: the other line is met"
	approved_by bob sk01
	lands "$1: touch: the same person with the other key"

	work_on pin 'with a PIN'
	approved_by bob sk01
	lacks "$1: PIN: touched only" \
		"needs 1 approval with a PIN or fingerprint, has 0 (bob's does not count: was made without a PIN or fingerprint" \
		"$(why 'was made without a PIN or fingerprint')"
	told 'ssh-keygen -t ed25519-sk -O verify-required' \
		"$1: PIN: the hint says how to get one"
	approved_by bob sk05
	lands "$1: PIN: given"
}

# ---- until when ----

expiry() {
	day=86400
	work_on young 'not for long'
	approved_at $((-20 * day)) bob
	lacks "$1: max-age: too old" \
		"bob's does not count: is older than 14 days" \
		"$(why 'is older than 14 days')"
	approved_at 7200 carol
	lacks "$1: max-age: from tomorrow" \
		"carol's does not count: is dated in the future" \
		"$(why 'is dated in the future')"
	approved_at $((-13 * day)) dave
	lands "$1: max-age: young enough"
	work_on young 'to be merged'
	side=$(git -C "$clone" rev-parse HEAD)
	merged_at $((-20 * day))
	lacks "$1: max-age: an old signed merge" \
		"bob's merge does not count: is older than 14 days" \
		"$(why 'is older than 14 days')"
	merged_at 0
	lands "$1: max-age: a signed merge of today"
	work_on one 'for ever'
	approved_at $((-20 * day)) bob
	lands "$1: max-age: not asked"

	work_on one 'until then'
	tagged_by bob 'Valid-until: 2026-01-31'
	refused "$1: Valid-until: is over" review/quorum \
		"bob's does not count: expired on 2026-01-31" \
		"HEAD:$target" "$tag:$at"
	shown "$(why 'expired on 2026-01-31')" \
		"$1: Valid-until: the record says so"
	for bad in 'tomorrow' '2026-02-30' '2099-12-31 12:00'; do
		tagged_by bob "Valid-until: $bad"
		refused "$1: Valid-until: $bad" approval/malformed \
			'Valid-until is no date' "$tag:$at"
	done
	tagged_by bob 'Valid-until: 2099-12-31' 'Valid-until: 2099-12-30'
	refused "$1: Valid-until: twice" approval/malformed \
		'several Valid-until' "$tag:$at"
	tagged_by bob 'Valid-until: 2099-12-31T12:00:00+01:00'
	accepted "$1: Valid-until: to come" "HEAD:$target" "$tag:$at"

	work_on one 'somebody left'
	not_taken "$1: until of a person" gone \
		'the policy has its owner until 2024-12-31 only'
	lacks "$1: nor does it count" 'needs 1 approval, has 0'
}

# ---- who never counts ----

aliases() {
	work_on one 'an alias'
	GIT_AUTHOR_EMAIL=alice@home.example.org \
		git -C "$clone" commit -q --amend --no-edit --reset-author
	GATEPOST_TEST_USER=dave for_review
	approved_by alice
	lacks "$1: who wrote it under a second address" \
		"alice's does not count: wrote part of the change" \
		"$(why 'wrote part of the change')"
	GIT_AUTHOR_EMAIL=1234+alice-lovelace@users.noreply.github.com \
		git -C "$clone" commit -q --amend --no-edit --reset-author
	approved_by alice
	lacks "$1: who wrote it under a GitHub noreply address" \
		"alice's does not count: wrote part of the change"
	GIT_AUTHOR_EMAIL=stranger@example.com \
		git -C "$clone" commit -q --amend -m 'by a stranger

Co-authored-by: A. L. <1234+old-name@users.noreply.github.com>' --reset-author
	approved_by alice
	lacks "$1: a co-author under a GitHub noreply address" \
		"alice's does not count: wrote part of the change"
	approved_by bob
	lands "$1: an author whom nobody knows"
}

nobodies() {
	work_on one 'for machines'
	approved_by robot
	lacks "$1: a bot" "robot's does not count: is a bot" \
		"$(why 'is a bot')"
	approved_by claude
	lacks "$1: an agent" "claude's does not count: is an AI agent" \
		"$(why 'is an AI agent')"
	not_taken "$1: a key of an address that nobody has" nobody \
		'who is nobody of the policy'
	not_taken "$1: a key of two people" shared \
		'stands for two people, so for nobody'
	lacks "$1: all of them" 'needs 1 approval, has 0'
	approved_by bob
	lands "$1: a human"

	work_on line 'two keys'
	approved_by bob
	approved_by bob bob2
	lacks "$1: two keys of one person" \
		"needs 2 approvals, has 1 (bob's does not count: approved already" \
		"$(why 'approved already')"
}

claims() {
	work_on one 'said to be reviewed

Reviewed-by: Bob <bob@example.com>
Reviewed-by: Mallory <mallory@elsewhere.example>'
	lacks "$1: Reviewed-by is no approval" \
		'needs 1 approval, has 0 (a Reviewed-by trailer does not count)' \
		'"kind":"claim","commit":"[0-9a-f]*","text":"Reviewed-by","person":.*"proof":"host-claimed"'
	shown '"email":"mallory@elsewhere.example"' \
		"$1: the record knows who is said to have reviewed"
	cat "$work"/ledger/segments/*.log | grep '^{' > "$work/line"
	has_not "$work/line" 'mallory' "$1: apart, where a name can be erased"
	approved_by bob
	lands "$1: a signature is"
	recorded '"kind":"tag","proof":"signed"' "$1: it is told from a claim"
	recorded '"kind":"claim"' "$1: the claim is recorded with it"
}

# ---- exclude, word by word ----

excluded() {
	work_on ex-author 'brought by bob'
	GIT_COMMITTER_EMAIL=bob@example.com \
		git -C "$clone" commit -q --amend --no-edit
	GATEPOST_TEST_USER=bob for_review
	approved_by bob
	GATEPOST_TEST_USER=bob
	lands "$1: exclude = author: others may have brought and committed it"
	work_on ex-author 'own'
	approved_by alice
	lacks "$1: exclude = author" \
		"alice's does not count: wrote part of the change" \
		"$(why 'wrote part of the change')"

	work_on ex-brought 'brought by alice'
	git -C "$clone" commit -q --amend -m 'brought by bob'
	echo bob > "$clone/file/bob"
	git -C "$clone" add -A
	git -C "$clone" commit -q --amend --no-edit
	GATEPOST_TEST_USER=bob for_review
	approved_by bob
	lacks "$1: exclude = brought-by" \
		"bob's does not count: brought the change to the server" \
		"$(why 'brought the change to the server')"
	approved_by alice
	lacks "$1: exclude = brought-by: nor does the author's" \
		"alice's does not count: wrote part of the change"

	work_on ex-committer 'committed by bob'
	GIT_COMMITTER_EMAIL=bob@example.com \
		git -C "$clone" commit -q --amend --no-edit
	approved_by bob
	lacks "$1: exclude = committer" \
		"bob's does not count: committed part of the change" \
		"$(why 'committed part of the change')"
	approved_by carol
	GATEPOST_TEST_USER=carol
	lands "$1: exclude = committer: who pushes may approve"

	work_on ex-pusher 'pushed by bob'
	approved_by bob
	GATEPOST_TEST_USER=bob
	lacks "$1: exclude = pusher" \
		"bob's does not count: pushes the change" \
		"$(why 'pushes the change')"
	GATEPOST_TEST_USER=carol
	lands "$1: exclude = pusher: somebody else pushes"
}

# ---- taken back: what the gate takes for a withdrawal ----

withdrawals() {
	work_on one 'perhaps not'
	approved_by bob
	given=$(sed -n 's/^Approved: .* (\(.*\))$/\1/p' "$work/approve")
	tagged_by carol only "Withdraws: $given"
	refused "$1: what somebody else has approved" approval/malformed \
		'it withdraws what somebody else has approved' "$tag:$at"
	tagged_by bob only "Withdraws: $(git -C "$clone" rev-parse HEAD)"
	refused "$1: what is no approval" approval/malformed \
		'what it withdraws is no approval here' "$tag:$at"
	tagged_by bob only 'Withdraws: 1234'
	refused "$1: no id" approval/malformed \
		'Withdraws is no full id' "$tag:$at"
	tagged_by bob "Withdraws: $given"
	refused "$1: an approval and a withdrawal" approval/malformed \
		'Withdraws stands beside what only an approval has' "$tag:$at"
	tagged_by bob only "Withdraws: $given"
	refused "$1: in another folder" approval/malformed \
		'another change than its ref.s name says' \
		"$tag:refs/approvals/0123456789abcdef/bob-1"
	accepted "$1: one's own" "$tag:$at"
	lacks "$1: what was withdrawn does not count" \
		"needs 1 approval, has 0 (bob's does not count: was withdrawn" \
		"$(why 'was withdrawn')"
	tagged_by bob only "Withdraws: $tag"
	refused "$1: a withdrawal" approval/malformed \
		'what it withdraws is no approval here' "$tag:$at"
	approved_by dave
	lands "$1: somebody else's approval counts"
}

# ---- mistakes ----

claimed_twice() {
	{
		cat "$work/etc/policy.conf"
		printf '[principal "eve"]\n\temail = BOB@example.com\n'
		printf '\tlogin = carol\n'
	} > "$work/etc/twice.conf"
	"$gatepost" policy check "$work/etc/twice.conf" > "$work/out" 2>&1
	for line in 'email = bob@example.com' 'login = carol'; do
		n=$(grep -n "$line" "$work/etc/twice.conf" | head -n 1 |
			cut -d: -f1)
		has "$work/out" "already ($work/etc/twice.conf:$n)" \
			"two people with $line: both lines are told"
	done
	sed 's/quorum = 2 of security/quorum = 5 of security/' \
		"$work/etc/policy.conf" > "$work/etc/twice.conf"
	"$gatepost" policy check "$work/etc/twice.conf" > "$work/out" 2>&1
	has "$work/out" 'quorum = 5 of security (line .*) can never be met: there are 4' \
		'a quorum that can never be met is a mistake'
}
claimed_twice

for algo in sha1 sha256; do
	as alice
	new_server "quorum-$algo" "$algo"
	# shellcheck disable=SC2046 # one word a branch
	git -C "$clone" push -q origin $(printf 'main:%s ' $branches) \
		> "$work/out" 2>&1
	numbers "$algo"
	unanimous "$algo"
	owners "$algo"
	presence "$algo"
	expiry "$algo"
	aliases "$algo"
	nobodies "$algo"
	claims "$algo"
	excluded "$algo"
	withdrawals "$algo"
done
done_testing
