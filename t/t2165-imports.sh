#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Foreign history over real pushes: what somebody who may has signed for comes
# in without being asked what each commit is asked, the merge that joins it is
# judged, and nothing else than what was signed for comes in that way.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice bob carol dave robot; do
	signing_key "$who"
done
ssh-keygen -q -t ed25519 -N '' -C mallory -f "$work/key-mallory" < /dev/null
policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[principal "carol"]
	email = carol@example.com
	login = carol
	role = vendor
[principal "dave"]
	email = dave@example.com
	login = dave
	role = vendor until 2020-01-01
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
	role = vendor
[signers]
	ssh = signers
[area "payments"]
	path = payments/**
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = reviewed
	rule = declared
	rule = kept
[rule "reviewed"]
	check = review
	quorum = 1
	import = vendor
[rule "declared"]
	check = provenance
	declare = always
	agents = any
	import = vendor
[rule "kept"]
	check = history
END

cp "$work/etc/policy.conf" "$work/etc/policy.kept"

days() { date -u -d "$1 days" +%Y-%m-%d; }
# foreign BRANCH N [MESSAGE]: N commits of somebody else's on a branch that has
# nothing of the server's, in $clone
foreign() {
	"$python" - "$1" "$2" "${3:-vendor work}" <<'END' |
import sys
branch, n, message = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for i in range(n):
    text = "%s %d\n" % (message, i)
    body = "%s line %d\n" % (branch, i)
    print("commit refs/heads/%s" % branch)
    print("committer V <v@vendor.example> %d +0000" % (1500000000 + i))
    print("data %d\n%s" % (len(text), text))
    for path in ("lib/%s-%d.c" % (branch, i % 50), "README.%s" % branch):
        print("M 100644 inline %s\ndata %d\n%s" % (path, len(body), body))
END
		git -C "$clone" fast-import --quiet --force 2> /dev/null ||
		not_ok 'fast-import'
}
# import TIP NAME LINES…: a tag signed by whoever sign_as named; a line
# replaces the one of its key, `-KEY` takes it out. It is to be pushed to $to.
import() {
	id=$(git -C "$clone" rev-parse "$1^{commit}") name=$2; shift 2
	to=refs/imports/$id/$name
	cat > "$work/import" << END
Imports: $id
Approves-ref: refs/heads/main
Repository: one
Reason: the vendor's release 4
END
	for line; do
		case $line in
		-*) sed -i "/^${line#-}:/d" "$work/import" ;;
		Approves-ref:*) echo "$line" >> "$work/import" ;;
		*)
			sed -i "/^${line%%:*}:/d" "$work/import"
			echo "$line" >> "$work/import"
			;;
		esac
	done
	git -C "$clone" tag -f -s -m "an import

$(cat "$work/import")" import "$id" > /dev/null || not_ok 'git tag -s'
}
# put: the bytes of an import at $to, past the gate
put() {
	git -C "$clone" push -q origin "import:refs/tags/tmp" 2> /dev/null
	git -C "$server" update-ref "$to" refs/tags/tmp
	git -C "$server" update-ref -d refs/tags/tmp
}
drop() { git -C "$server" update-ref -d "$to"; }
# merge BRANCH OPTIONS…: into what the server has, as alice
merge() {
	as alice
	reset_clone
	from=$1; shift
	git -C "$clone" merge -q --no-ff --allow-unrelated-histories \
		-m "take $from in" "$@" "$from" > "$work/merge" 2>&1 ||
		not_ok "merge $from" "$work/merge"
}
# below PREFIX BRANCH [FILE]: the same into a directory, as git subtree does;
# with a file of one's own
below() {
	as alice
	reset_clone
	git -C "$clone" merge -q -s ours --no-commit --no-ff \
		--allow-unrelated-histories "$2" 2> /dev/null
	git -C "$clone" rm -r -q --cached --ignore-unmatch "$1"
	git -C "$clone" read-tree --prefix="$1/" "$2"
	[ $# = 2 ] || {
		mkdir -p "$(dirname "$clone/$3")"
		echo own > "$clone/$3"
		git -C "$clone" add -f "$3"
	}
	git -C "$clone" commit -q -m "Add '$1/' from $2"
	git -C "$clone" reset -q --hard
}

new_server one
foreign vendor 5
foreign other 3
v=$(git -C "$clone" rev-parse vendor)

# ---- one that holds ----

merge vendor
refused 'foreign history is judged like any other' provenance/missing \
	'does not say whether' HEAD:main
sign_as carol
import vendor carol-1
accepted 'who has the role signs for it' "import:$to"
recorded "\"imports\":\\[{\"ref\":\"$to\",\"at\":\"$to\",\"tag\":\"[0-9a-f]*\",\"tip\":\"$v\",\"for\":\\[\"refs/heads/main\"\\]" \
	'that is recorded'
recorded "\"reason\":\"the vendor's release 4\"" 'with the reason'
is "$(tip "$to^{commit}")" "$v" 'the tag has brought its history'
as carol
refused 'who signed does not push it, too' import/pusher \
	'for somebody else to do' HEAD:main
as bob
accepted 'somebody else does' HEAD:main
moved refs/heads/main 'it is there'
recorded "\"at\":\"$to\".*\"tip\":\"$v\".*\"commits\":5,\"files\":6" \
	'how many commits and files came is recorded'
recorded '"commits":1,' 'the merge alone was judged'
recorded '"person":{"principal":"carol"},"key":"SHA256:' 'and who signed is'
recorded '"verdict":"pass"' 'it is an ordinary acceptance'
is "$(tip "$to")" none 'its ref goes when it has landed'
digest=$(sed 's/.*"imports":\[{.*"evidence":"\([0-9a-f]*\)"}\].*/\1/' \
	"$work/decision")
evidence "$digest" > "$work/raw"
is "$(git -C "$clone" hash-object -t tag "$work/raw")" \
	"$(git -C "$clone" rev-parse import)" 'the bytes of the tag are kept'

# ---- what it does not excuse ----

git -C "$clone" checkout -q vendor
commit lib/mine 'mine' 'one more'
git -C "$clone" checkout -q main
foreign vendor2 5
sign_as carol
import vendor2 carol-1
accepted 'another is signed for' "import:$to"
merge vendor2 --no-commit
echo evil > "$clone/payments.c"
git -C "$clone" add -A; git -C "$clone" commit -q -m 'evil merge'
refused 'a merge that adds something is judged' provenance/missing \
	'does not say whether' HEAD:main
found import/merge && ok 'it says why' || not_ok 'it says why' "$work/decision"
told 'more, or less, than the import' 'the developer is told'
git -C "$clone" commit -q --amend -m 'evil merge

AI-assistance: none'
refused 'however declared, somebody has to see it' review/quorum \
	'needs 1 approval' HEAD:main
merge vendor2 --no-commit
git -C "$clone" rm -q -f --cached README; rm -f "$clone/README"
git -C "$clone" commit -q -m 'a merge that drops a file

AI-assistance: none'
refused 'so does one that takes something away' review/quorum \
	'needs 1 approval' HEAD:main
merge vendor2 -s ours
git -C "$clone" commit -q --amend -m 'ours

AI-assistance: none'
refused 'and one that does not take what it imports' review/quorum \
	'needs 1 approval' HEAD:main
as bob
git -C "$clone" checkout -q -f vendor2
commit lib/more 'more' 'one commit more'
merge vendor2
refused 'one commit more is not imported' provenance/missing \
	'goes on beyond the import' HEAD:main
found import/more && ok 'it says so' || not_ok 'it says so' "$work/decision"
has_not "$work/decision" '"problems":[1-9][0-9]' 'only that one is judged'
git -C "$clone" branch -f vendor2 vendor2~1
merge other
refused 'another commit is not imported' import/other-tip \
	'does not bring that commit' HEAD:main
merge vendor2~1
refused 'nor is a part of what was signed for' provenance/missing \
	'does not say whether' HEAD:main
merge vendor2
git -C "$server" update-ref refs/heads/release/1 refs/heads/main
refused 'nor does it come to another ref' import/ref 'is for another ref' \
	HEAD:release/1
git -C "$clone" checkout -q -B main vendor2
refused 'nor take the place of what is there' history/rewind '' +HEAD:main
merge vendor2
commit mine mine 'my own'
refused 'what comes on top of it is judged' review/quorum 'needs 1 approval' \
	HEAD:main
below payments vendor2
refused 'it is not placed where somebody likes' provenance/missing \
	'more, or less' HEAD:main

# ---- taken back ----

sign_as alice
git -C "$clone" tag -f -s -m "back

Withdraws: $(git -C "$clone" rev-parse import)
Repository: one" back2 vendor2 > /dev/null
refused 'nobody takes back what another has signed' import/malformed \
	'somebody else has signed' "back2:${to%carol-1}alice-1"
sign_as carol
approve --import --withdraw main vendor2
has "$work/approve" "Withdrawn: $to by ${to%1}2" 'who signed it takes it back'
merge vendor2
refused 'then it counts no longer' import/withdrawn 'was withdrawn' HEAD:main

# ---- in a directory ----

foreign sub 6
sign_as carol
yes 'one for a directory, made by git approve' \
	approve --import --prefix vendor/sub/ --reason 'release 1' main sub
has "$work/approve" '^  commits     6$' 'which shows what is signed for'
has "$work/approve" '^Signed for: refs/imports/' 'and where it is'
for words in '--import main sub' '--reason x main sub' \
	'--import --reason x main' '--import --reason x --prefix a/../b main sub' \
	'--import --reason x --prefix / main sub' \
	'--import --reason x -m y main sub' '--import --list main sub'; do
	# shellcheck disable=SC2086 # words they are
	approve $words
	is "$?" 2 "git approve $words: it says what is wrong"
done
merge sub
refused 'does not come in elsewhere' import/merge 'into vendor/sub' HEAD:main
below vendor/else sub
refused 'nor in another directory' import/merge 'into vendor/sub' HEAD:main
below vendor/sub sub vendor/own
refused 'nor with something beside it' import/merge 'more, or less' HEAD:main
below vendor/sub sub vendor/sub/own
refused 'or within it' import/merge 'more, or less' HEAD:main
below vendor/sub sub
git -C "$clone" push -q origin HEAD:refs/heads/try 2> /dev/null
yes 'it is explained on the server' "$gatepost" -C "$server" approvals main try
has "$work/out" '^imported: 6 commits up to [0-9a-f]*, 7 files in vendor/sub$' \
	'how much, and where'
has "$work/out" 'signed for by carol.*: release 1' 'who, and why'
yes 'as JSON' "$gatepost" -C "$server" approvals --json main try
has "$work/out" '"prefix":"vendor/sub","reason":"release 1","principal":"carol","commits":6,"files":7' \
	'with the same'
accepted 'it comes to its directory' HEAD:main
recorded '"prefix":"vendor/sub".*"commits":6,"files":7' \
	'how many files lie there is recorded'
git -C "$clone" checkout -q sub
commit lib/next 'next' 'the next release'
sign_as carol
import sub carol-1 'Prefix: vendor/sub'
accepted 'the next release is signed for' "import:$to"
below vendor/sub sub
as alice
accepted 'and takes the place of the one before' HEAD:main
recorded '"prefix":"vendor/sub".*"commits":1,"files":8' \
	'only what is new is imported'
as bob
reset_clone
git -C "$server" update-ref refs/heads/keep refs/heads/main
commit vendor/sub/lib/next 'patched' 'a change of our own'
git -C "$server" fetch -q "$clone" +HEAD:refs/heads/main
git -C "$clone" checkout -q sub
commit lib/later 'later' 'a later release'
sign_as carol
import sub carol-1 'Prefix: vendor/sub'
accepted 'a later release is signed for' "import:$to"
below vendor/sub sub
refused 'it does not throw away what was changed here' import/merge \
	'more, or less' HEAD:main

# ---- a fork ----

as bob
reset_clone
git -C "$clone" checkout -q -B fork
commit forked/a a 'of the fork'
commit forked/b b 'of the fork, too'
reset_clone
git -C "$clone" checkout -q -B main origin/main
git -C "$clone" commit -q --allow-empty -m 'meanwhile

AI-assistance: none'
git -C "$server" fetch -q "$clone" +HEAD:refs/heads/main
sign_as carol
import fork carol-1
accepted 'a fork is signed for' "import:$to"
merge fork
accepted 'and merged' HEAD:main
recorded '"commits":2,"files":2' 'its commits are counted'
git -C "$clone" checkout -q fork
commit forked/c c 'ahead'
git -C "$clone" merge -q main
sign_as carol
import fork carol-1
as alice
accepted 'a tag that comes with the push counts' "import:$to" fork:main
is "$(tip refs/heads/main)" "$(git -C "$clone" rev-parse fork)" \
	'where nothing is to be merged, the ref becomes it'

# ---- who may sign what ----

foreign last 3
# bad NAME CODE WORDS LINES…: signed by carol
bad() {
	name=$1 code=$2 words=$3; shift 3
	import last carol-1 "$@"
	refused "$name" "import/$code" "$words" "import:$to"
}
sign_as carol
bad 'one that has expired' expired "the import expired on $(days -1)" \
	"Valid-until: $(days -1)"
bad 'no date' malformed 'Valid-until is no date' 'Valid-until: soon'
bad 'no reason' malformed 'there is no Reason' -Reason
bad 'no repository' malformed 'there is no Repository' -Repository
bad 'no ref' malformed 'there is no Approves-ref' -Approves-ref
bad 'no commit' malformed 'there is no Imports' -Imports
bad 'another commit than it tags' malformed 'tags another commit' \
	"Imports: $v"
bad 'another repository' repository 'for another repository' 'Repository: two'
bad 'a ref that is none' malformed 'no full ref name' 'Approves-ref: main'
bad 'a directory that is none' malformed 'Prefix is no path' 'Prefix: ../x'
bad 'the top' malformed 'Prefix is no path' 'Prefix: /'
bad 'two commits' malformed 'several Imports' "Imports: $(git -C "$clone" \
	rev-parse last)
Imports: $(git -C "$clone" rev-parse last)"
import last carol-1
refused 'under the name of another commit' import/malformed \
	"another commit than its ref's name" "import:refs/imports/$v/carol-9"
refused 'as an approval' approval/malformed 'imports history' \
	"import:refs/approvals/0123456789abcdef/carol-1"
sign_as alice
import last alice-1
refused 'another role' import/role 'has no role that may' "import:$to"
sign_as dave
import last dave-1
refused 'a role that has ended' import/role 'has no role that may' "import:$to"
sign_as robot
import last robot-1
refused 'a bot' import/not-human 'no bot and no agent' "import:$to"
git config --global user.signingKey "$work/key-mallory"
import last mallory-1
refused 'somebody unknown' import/unknown-key '' "import:$to"
git -C "$clone" tag -f -a -m "x

$(cat "$work/import")" import last > /dev/null
refused 'nobody' import/unsigned 'not signed' "import:$to"
sign_as carol
import last carol-1 'Prefix: a'
git -C "$clone" cat-file tag import | sed 's/^Prefix: a/Prefix: b/' |
	git -C "$clone" hash-object -t tag -w --stdin > "$work/forged"
refused 'other words than were signed' import/malformed '' \
	"$(cat "$work/forged"):$to"

# ---- what does not count when it is needed ----

# late NAME CODE WORDS LINES…: put there when it was good
late() {
	name=$1 code=$2 words=$3; shift 3
	import last x-1 "$@"
	put
	merge last
	refused "$name" "import/$code" "$words" HEAD:main
	drop
}
sign_as carol
late 'what has expired is of no use' expired 'the import expired on' \
	"Valid-until: $(days -2)"
sign_as carol
export GIT_COMMITTER_DATE="$(($(date +%s) - 40 * 86400)) +0000"
late 'nor what was signed long ago' expired 'more than 30 days ago'
unset GIT_COMMITTER_DATE
sign_as carol
late 'nor what is of another repository' repository 'for another repository' \
	'Repository: two'
sign_as dave
late 'nor what is of one who has lost the role' role 'has no role that may'
sign_as robot
late 'nor what a bot has signed' not-human 'no bot'
sign_as carol
import last carol-1
put
merge last
sed -i '0,/import = vendor/{/import = vendor/d}' "$work/etc/policy.conf"
refused 'a rule that names no role is asked of each' review/quorum \
	'needs 1 approval' HEAD:main
has_not "$work/decision" '"code":"missing"' \
	'another that names one is not'
printf '[rule "kept"]\n\timport = vendor\n' >> "$work/etc/policy.conf"
no 'no policy lets history be imported past' \
	"$gatepost" policy check "$work/etc/policy.conf"
has "$work/out" 'holds always' 'it says why'

# ---- ids of another kind ----

cp "$work/etc/policy.kept" "$work/etc/policy.conf"
new_server two sha256
foreign sub 4
sign_as carol
approve --import --prefix lib/sub --reason 'release 1' main sub
below lib/sub sub
accepted 'with SHA-256 it is the same' HEAD:main
recorded '"prefix":"lib/sub".*"commits":4,"files":5' 'and recorded'
commit lib/sub/x x 'on top'
refused 'and what is on top is judged' review/quorum 'needs 1 approval' HEAD:main

done_testing
