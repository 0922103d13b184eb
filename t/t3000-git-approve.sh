#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# git approve with stock git and ssh-keygen against a server on this machine.
# shellcheck disable=SC2016 # tests are code in single quotes

top=$(cd "${srcdir:-.}" && pwd)
approve=$top/contrib/git-approve
count=0 failed=0

skip_all() {
	echo "1..0 # SKIP $1"
	exit 77
}
command -v ssh-keygen >/dev/null || skip_all 'no ssh-keygen'
command -v setsid >/dev/null || skip_all 'no setsid'

work=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-t3.XXXXXX") || exit 99
cd "$work" || exit 99
trap 'cd / && rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
HOME=$work/home XDG_CONFIG_HOME=$work/home TMPDIR=$work/tmp
export HOME XDG_CONFIG_HOME TMPDIR
unset GIT_DIR GIT_WORK_TREE GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS
GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_NOSYSTEM
mkdir home tmp

# test_that NAME SHELL-CODE: one TAP line; what the code printed, when not ok
test_that() {
	count=$((count + 1))
	# no part of a condition, where -e would mean nothing
	(
		set -e
		eval "$2"
	) >"$work/said" 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		echo "ok $count - $1"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $1"
	sed 's/^/# /' "$work/said"
}
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

ssh-keygen -q -N '' -t ed25519 -C bob -f key
git config --global user.name Bob
git config --global user.email Bob.Reviewer@example.com
git config --global init.defaultBranch main
git config --global gpg.format ssh
git config --global user.signingkey "$work/key"
printf 'bob@example.com %s\n' "$(cat key.pub)" >signers
git config --global gpg.ssh.allowedSignersFile "$work/signers"

commit() { # repository, file, text, subject
	printf '%s\n' "$3" >"$1/$2"
	git -C "$1" add "$2"
	git -C "$1" -c user.name=Alice -c user.email=alice@example.com \
		commit -q -m "$4"
}

# A server's repository, the author's clone with a branch, the reviewer's.
setup() { # options of git init
	rm -rf payments author reviewer
	mkdir payments
	git init -q --bare "$@" payments/api.git
	git init -q "$@" author
	git -C author remote add origin "$work/payments/api.git"
	commit author base one 'begin'
	git -C author push -q origin HEAD:refs/heads/main
	git -C author checkout -q -b feature
	commit author file two 'a change

Assisted-by: Claude:claude-opus-4-6'
	git -C author push -q origin feature
	git clone -q payments/api.git reviewer
	git -C reviewer checkout -q feature
	# nobody sits here, and agents may run these tests
	published '[approve]
	unattended = allow
	agent-variable = TEST_AGENT'
}
published() { # what the server lets clones know; nothing: it says nothing
	git -C payments/api.git update-ref -d refs/gatepost/published
	test $# -eq 0 ||
		git -C payments/api.git update-ref refs/gatepost/published \
			"$(say "$1" | git -C payments/api.git hash-object -w \
				--stdin)"
}
say() { printf '%s\n' "$*"; }

# Without a terminal; what it says goes to ../out and ../err.
run() {
	(cd reviewer && setsid -w ${APPROVE_SH:-sh} "$approve" "$@" >../out 2>../err \
		</dev/null)
}
exits() { # status, then arguments
	expected=$1
	shift
	got=0
	run "$@" || got=$?
	cat out err
	test "$got" -eq "$expected"
}
has_not() { # word, file
	if grep -e "$1" "$2"; then
		return 1
	fi
}
approvals() {
	git -C payments/api.git for-each-ref --format='%(refname)' \
		refs/approvals
}
the_tag() { # the one approval's bytes
	git -C payments/api.git cat-file tag \
		"$(git -C payments/api.git for-each-ref \
			--format='%(objectname)' refs/approvals)"
}
digest_of() { # base, tip
	git -C reviewer --no-replace-objects diff-tree -r -z --no-renames \
		--no-abbrev --ignore-submodules=none "$1" "$2" |
		openssl dgst -sha256 -r | cut -c1-64
}
nothing_left() {
	test -z "$(git -C reviewer tag)"
	test -z "$(ls "$work/tmp")"
}
# A refusal: the status, a word of the message, nothing pushed or left.
refused() { # status, word, arguments
	word=$2
	code=$1
	shift 2
	exits "$code" "$@"
	grep -q -e "$word" err
	test -z "$(approvals)"
	nothing_left
}

# --- what is pushed ---------------------------------------------------------

test_that 'an approval is a signed tag under its digest' '
	setup
	exits 0 -y main
	digest=$(digest_of origin/main HEAD)
	prefix=$(printf %.16s "$digest")
	test "$(approvals)" = "refs/approvals/$prefix/Bob.Reviewer-1"
	the_tag >tag
	grep -x "Approves-ref: refs/heads/main" tag
	grep -x "Approves-diff: sha256:$digest" tag
	grep -x "Repository: api" tag
	grep -x "object $(git -C reviewer rev-parse HEAD)" tag
	nothing_left'

test_that 'git verify-tag finds the signature good' '
	git -C payments/api.git verify-tag "$(approvals)"'

test_that 'it says what is signed and what was pushed' '
	grep "repository  api" out
	grep "target      refs/heads/main" out
	grep "Alice <alice@example.com>" out
	grep "1 file, +1 -0 lines" out
	grep "Assisted-by: Claude:claude-opus-4-6" out
	grep "Approved: $(approvals)" out'

test_that 'a second approval of one person takes the next number' '
	exits 0 --yes main feature
	approvals | grep "/Bob.Reviewer-2$"'

test_that 'ticket and remark are kept' '
	setup
	exits 0 -y -m "Read with care." --change CHG0012345 main
	the_tag | grep -x "Change: CHG0012345"
	the_tag | grep -x "Read with care."'

test_that 'options may stand behind and be joined with =' '
	setup
	exits 0 main --change=C1 feature --repository=payments/api -y
	the_tag | grep -x "Repository: payments/api"
	the_tag | grep -x "Change: C1"'

test_that 'the target is what the server has, not what this clone saw' '
	setup
	git -C author checkout -q main
	commit author other x "unrelated"
	git -C author push -q origin main
	exits 0 -y main
	git -C reviewer fetch -q
	digest=$(digest_of $(git -C author rev-parse main~1) HEAD)
	the_tag | grep -x "Approves-diff: sha256:$digest"'

test_that 'a full ref name is taken as it is' '
	setup
	git -C author push -q origin main:refs/heads/release/1
	exits 0 -y refs/heads/release/1
	the_tag | grep -x "Approves-ref: refs/heads/release/1"'

test_that 'the repository of a remote URL is its last part' '
	setup
	git -C reviewer remote set-url origin "$work/payments/api.git/"
	exits 0 -y main
	the_tag | grep -x "Repository: api"'

test_that 'approve.repository and approve.remote are defaults' '
	setup
	git -C reviewer remote rename origin upstream
	git -C reviewer remote add other /nonexistent
	git -C reviewer config approve.remote upstream
	git -C reviewer config approve.repository a/payments/api
	exits 0 -y main
	the_tag | grep -x "Repository: a/payments/api"'

test_that 'SHA-256 repositories are the same' '
	setup --object-format=sha256
	exits 0 -y main
	the_tag | grep -x "Approves-diff: sha256:$(digest_of origin/main HEAD)"
	git -C payments/api.git verify-tag "$(approvals)"'

# --- approvals of the tip alone ---------------------------------------------

tip_only='
	tip=$(git -C reviewer rev-parse HEAD)
	prefix=$(printf %s $tip | openssl dgst -sha256 -r | cut -c1-16)
	test "$(approvals)" = "refs/approvals/$prefix/Bob.Reviewer-1"
	the_tag >tag
	has_not Approves-diff tag
	grep -x "object $tip" tag'

test_that 'a ref that does not exist yet: the tip alone' '
	setup
	exits 0 -y new-branch
	grep "does not exist there yet" out'"$tip_only"

test_that 'a change without content: the tip alone' '
	setup
	git -C reviewer -c user.email=a@b checkout -q -b empty origin/main
	git -C reviewer commit -q --allow-empty -m empty
	exits 0 -y main
	grep "no content" out'"$tip_only"

test_that 'no common commit: the tip alone' '
	setup
	git -C reviewer checkout -q --orphan alone
	git -C reviewer commit -q -m alone
	exits 0 -y main
	grep "no common commit" out'"$tip_only"

test_that 'several merge bases: the tip alone' '
	setup
	git -C author checkout -q main
	commit author left l "left"
	git -C author checkout -q feature
	git -C author merge -q --no-ff -m cross1 main~0
	git -C author checkout -q main
	git -C author merge -q --no-ff -m cross2 feature~1
	git -C author push -q origin main feature
	git -C reviewer pull -q
	exits 0 -y main
	grep "several merge bases" out'"$tip_only"

# --- what must have no influence --------------------------------------------

test_that 'configuration has no influence on what is signed' '
	setup
	git -C reviewer checkout -q -B copies origin/feature
	cp reviewer/base reviewer/copy
	git -C reviewer mv file moved
	git -C reviewer add copy
	git -C reviewer commit -q -m "moved and copied"
	want=$(digest_of origin/main HEAD)
	mkdir -p hooks
	for hook in reference-transaction pre-push; do
		printf "#!/bin/sh\ncat >/dev/null\nexit 1\n" >hooks/$hook
		chmod +x hooks/$hook
	done
	echo moved >order
	set_() { git -C reviewer config "$1" "$2"; }
	set_ diff.renames copies
	set_ diff.orderFile "$work/order"
	set_ diff.noprefix true
	set_ diff.relative true
	set_ diff.ignoreSubmodules all
	set_ core.abbrev 5
	set_ core.commentChar A
	set_ core.hooksPath "$work/hooks"
	set_ core.quotePath false
	set_ trailer.separators "%"
	set_ trailer.ifexists replace
	set_ color.ui always
	set_ log.showSignature true
	set_ log.mailmap true
	set_ tag.gpgSign true
	set_ tag.sort -version:refname
	set_ push.gpgSign true
	set_ push.followTags true
	set_ push.pushOption x
	set_ fetch.prune true
	exits 0 -y main
	the_tag | grep -x "Approves-ref: refs/heads/main"
	the_tag | grep -x "Approves-diff: sha256:$want"
	nothing_left'

test_that 'replaced commits have no influence' '
	setup
	want=$(digest_of origin/main HEAD)
	git -C reviewer replace HEAD origin/main
	exits 0 -y main
	the_tag | grep -x "Approves-diff: sha256:$want"'

test_that 'other programs for SHA-256 give the same' '
	mkdir -p farm
	for c in git sh sed awk tr cut grep sort mktemp mkdir rm cat wc ssh-keygen \
		openssl; do
		ln -sf "$(command -v $c)" farm/$c
	done
	setup
	PATH=$work/farm $(command -v setsid) -w sh -c "cd reviewer &&
		exec sh $approve -y main" </dev/null
	the_tag | grep -x "Approves-diff: sha256:$(digest_of origin/main HEAD)"'

test_that 'escapes and marks that reorder text are not shown' '
	setup
	commit reviewer x y "$(printf "red \033[31m \302\233 \342\200\256")"
	exits 0 -y main
	grep "red ?\[31m ? ?" out
	LC_ALL=C tr -d "\012\040-\176" <out >rest
	test ! -s rest'

test_that 'a reviewer of many odd characters gets a plain name' '
	setup
	git -C reviewer config user.email "..12+a/b..c!d@users.example.com"
	exits 0 -y main
	approvals | grep "/12-a-b.c-d-1$"'

# --- what is refused --------------------------------------------------------

test_that 'without a terminal it refuses unless told not to ask' '
	setup
	refused 2 "no terminal" main
	grep "You are about to approve" out'

test_that 'what is already there needs no approval' '
	setup
	refused 1 "already in" -y main origin/main'

test_that 'missing and unknown words are refused' '
	setup
	refused 2 "which branch" -y
	refused 2 "one TARGET and one TIP" -y main a b
	refused 2 "unknown option" -y --frobnicate main
	refused 2 "needs a value" -y main --remote
	refused 2 "no name of a branch" -y "ma..in"
	refused 2 "no commit of this clone" -y main no-such-branch'

test_that 'a ticket or remark that could be read otherwise is refused' '
	setup
	refused 2 "one line" -y --change "a
Approves-ref: refs/heads/x" main
	refused 2 "must have no line" -y -m "a
---
b" main
	refused 2 "must have no line" -y -m "# a" main
	refused 2 "not clear" -y --repository "a
b" main'

test_that 'a remote that cannot be read is an error' '
	setup
	refused 2 "cannot read the refs" -y --remote /nonexistent main'

test_that 'a shallow clone is refused' '
	setup
	rm -rf reviewer
	git clone -q --depth 1 --branch feature "file://$work/payments/api.git" \
		reviewer
	refused 2 "shallow" -y main'

test_that 'a key that cannot sign is an error and leaves no tag' '
	setup
	git -C reviewer config user.signingkey /nonexistent
	refused 2 "could not sign" -y main'

test_that 'a signing program that does not sign is an error' '
	setup
	printf "#!/bin/sh\nfor f; do :; done\n: >\$f.sig\n" >not-signing
	chmod +x not-signing
	git -C reviewer config gpg.ssh.program "$work/not-signing"
	refused 2 "could not sign" -y main'

test_that 'an approval that the server refuses is told so' '
	setup
	printf "#!/bin/sh\necho not you\nexit 1\n" \
		>payments/api.git/hooks/pre-receive
	chmod +x payments/api.git/hooks/pre-receive
	refused 1 "did not take" -y main
	grep "not you" err'

test_that 'outside a repository it says so' '
	got=0
	(cd / && sh "$approve" -y main) 2>err || got=$?
	test $got -eq 2
	grep "not a git repository" err'

test_that 'help is given' '
	sh "$approve" -h | grep "usage: git approve"'

# --- where nobody sits ------------------------------------------------------

plain_policy='[approve]
	unattended = refuse
	agent-variable = TEST_AGENT
	agent-variable = OTHER_AGENT'

test_that '--yes does not help where policy wants a person' '
	setup
	published "$plain_policy"
	refused 2 "no terminal to ask on, and origin does not allow" -y main
	published "[approve]"
	refused 2 "no terminal" -y main
	published "[approve]
	unattended = Allow me"
	refused 2 "no terminal" -y main'

test_that 'nor where the server says nothing' '
	setup
	published
	refused 2 "no terminal\|AI agent" -y main'

test_that 'an AI agent is told to leave it to a person' '
	setup
	published "$plain_policy"
	OTHER_AGENT=1 refused 2 "AI agent runs this (OTHER_AGENT is set)" main
	TEST_AGENT=x refused 2 "AI agent runs this (TEST_AGENT is set)" -y main
	grep "a person approves" err'

test_that 'so it is without a word of the server' '
	setup
	published
	for v in CLAUDECODE CURSOR_AGENT GEMINI_CLI CODEX_SANDBOX CODEX_CI \
		COPILOT_CLI OPENCODE AI_AGENT AGENT; do
		(eval "$v=1; export $v"; refused 2 "AI agent runs this" main)
	done'

test_that 'the list is that of agents.conf' '
	git config -f "$top/conf/agents.conf" --get-regexp \
		"^agent[.].*[.]environment\$" | sed "s/.* //" | sort >known
	sed -n "/^variables=/,/\x27\$/p" "$approve" | tr -d "\047" |
		sed s/variables=// | tr " " "\n" | sort | diff - known'

if [ -r /proc/self/environ ]; then
	test_that 'taking the variable away is seen through' '
		setup
		published "$plain_policy"
		cat >agent <<-END
		unset TEST_AGENT
		setsid -w sh "$approve" main </dev/null
		exit \$?
		END
		got=0
		(cd reviewer && TEST_AGENT=1 sh ../agent 2>../err) || got=$?
		test $got -eq 2
		grep "TEST_AGENT is set" err
		test -z "$(approvals)"'
else
	skip 'taking the variable away is seen through' 'no /proc'
fi

test_that 'an empty variable is none' '
	setup
	published "$plain_policy"
	TEST_AGENT= refused 2 "no terminal" main'

test_that 'where policy allows it, an agent may, with --yes' '
	setup
	refused 2 "give --yes" main
	TEST_AGENT=1 exits 0 -y main
	test "$(approvals | wc -l)" -eq 1'

test_that 'what cannot be read allows nothing' '
	setup
	published "[approve
	unattended = allow"
	refused 2 "cannot read refs/gatepost/published" -y main
	published "$(yes "# [approve] unattended = allow" | head -n 20000)
[approve]
	unattended = allow"
	refused 2 "cannot read refs/gatepost/published" -y main
	head -c 3000000 /dev/urandom >big
	git -C payments/api.git update-ref refs/gatepost/published \
		"$(git -C payments/api.git hash-object -w "$work/big")"
	refused 2 "cannot read refs/gatepost/published" -y main
	git -C payments/api.git update-ref refs/gatepost/published main
	refused 2 "cannot read refs/gatepost/published" -y main
	published "[approve]
	unattended = allow
[include]
	path = $work/home/.gitconfig
[core]
	sshCommand = touch $work/ran
	fsmonitor = touch $work/ran"
	exits 0 -y main
	test ! -e ran
	has_not Bob "$work/home/nothing" || :'

test_that 'odd variables of the server run nothing' '
	setup
	published "[approve]
	unattended = refuse
	agent-variable = \"x}\$(touch $work/ran)\"
	agent-variable = \"a;touch $work/ran\"
	agent-variable = \"a|.*\"
	agent-variable = TEST_AGENT"
	TEST_AGENT=1 refused 2 "TEST_AGENT is set" main
	test ! -e ran'

test_that 'the name that the gate has for the repository is signed' '
	setup
	published "[approve]
	unattended = allow
[gatepost]
	repository = payments/api
	ref = refs/heads/main"
	exits 0 -y main
	the_tag | grep -x "Repository: payments/api"
	has_not "no gate" err
	exits 0 -y other
	grep "no gate of origin stands before refs/heads/other" err'

test_that 'a server cannot have another repository signed for' '
	setup
	published "[approve]
	unattended = allow
[gatepost]
	repository = treasury/vault"
	refused 2 "calls this repository treasury/vault" -y main
	exits 0 -y --repository api main
	grep "will not count an approval for api" err
	the_tag | grep -x "Repository: api"'

test_that 'nothing that was only looked at stays in the clone' '
	setup
	git -C reviewer count-objects >before
	refused 2 "give --yes" main
	git -C reviewer count-objects | diff before -'

# --- how long ---------------------------------------------------------------

test_that '--valid-until is kept' '
	setup
	exits 0 -y --valid-until 2999-12-31 main
	grep "valid until 2999-12-31" out
	the_tag | grep -x "Valid-until: 2999-12-31"
	setup
	exits 0 -y --valid-until=2999-12-31T12:00:00Z main
	the_tag | grep -x "Valid-until: 2999-12-31T12:00:00Z"
	setup
	exits 0 -y --valid-until "$(date -u +%Y-%m-%d)" main'

test_that 'a date that is none, or is past, is refused' '
	setup
	for bad in tomorrow 2999-1-1 "2999-01-01
Approves-ref: refs/heads/x" 2999-01-01T12:00:00 20990101; do
		refused 2 "takes a date" -y --valid-until "$bad" main
	done
	refused 2 "is past" -y --valid-until 2001-01-01 main
	refused 2 "is past" -y --valid-until \
		"$(date -u +%Y-%m-%d)T00:00:00Z" main'

# --- what there is, and taking it back --------------------------------------

test_that 'nobody has approved' '
	setup
	exits 1 --list main
	grep "that may count: 0$" out'

test_that '--list shows who has approved' '
	setup
	exits 0 -y --valid-until 2999-01-01 main
	exits 0 --list main
	grep "$(approvals)" out
	grep "says .*Bob <Bob.Reviewer@example.com>" out
	grep "signature .*good here: bob@example.com with ED25519" out
	grep "for .*this change" out
	grep "until .*2999-01-01" out
	grep "that may count: 1$" out
	grep "the server knows" out
	nothing_left'

test_that '--list asks nobody and needs no identity' '
	got=0
	git config --global --rename-section user nobody
	TEST_AGENT=1 run --list main || got=$?
	git config --global --rename-section nobody user
	test $got -eq 0'

test_that '--list leaves nothing in the clone' '
	rm -rf reviewer
	git clone -q payments/api.git reviewer
	git -C reviewer checkout -q feature
	git -C reviewer count-objects >before
	exits 0 --list main
	git -C reviewer count-objects | diff before -
	test -z "$(git -C reviewer for-each-ref refs/approvals)"'

test_that 'a signer whom nobody knows here is told by the key' '
	git config --global gpg.ssh.allowedSignersFile "$work/none"
	exits 0 --list main
	git config --global gpg.ssh.allowedSignersFile "$work/signers"
	fingerprint=$(ssh-keygen -lf key.pub | cut -d" " -f2)
	grep "by ED25519 key $fingerprint (not verified here)" out'

test_that 'a bad signature is told' '
	id=$(git -C payments/api.git rev-parse "$(approvals)")
	git -C payments/api.git update-ref "$(approvals)" "$(
		git -C payments/api.git cat-file tag "$id" |
		sed s/Bob/Rob/ | git -C payments/api.git hash-object -w -t tag \
			--stdin)"
	exits 1 --list main
	grep "signature .*bad" out
	grep "no .*its signature is bad" out'

test_that 'for another branch, repository, change: told so' '
	setup
	exits 0 -y --repository other main
	exits 1 --list main
	grep "no .*another repository" out
	setup
	git -C author push -q origin main:refs/heads/release
	exits 0 -y release
	exits 1 --list main
	grep "no .*is for refs/heads/release" out'

test_that 'a tip alone, an earlier tip' '
	setup
	exits 0 -y new-branch
	exits 0 --list new-branch
	grep "for .*this very commit" out
	setup
	exits 0 -y main
	git -C reviewer -c user.name=A -c user.email=a@example.com \
		commit -q --amend -m "another word"
	exits 0 --list main
	grep "for .*this change" out'

test_that 'one that has ended, one by an author' '
	setup
	exits 0 -y main
	id=$(git -C payments/api.git rev-parse "$(approvals)")
	git -C payments/api.git cat-file tag "$id" | sed "/^-----BEGIN/,\$d" \
		>message
	echo "Valid-until: 2001-01-01" >>message
	ssh-keygen -q -Y sign -n git -f key message
	git -C payments/api.git update-ref "$(approvals)" \
		"$(cat message message.sig | git -C payments/api.git \
			hash-object -w -t tag --stdin)"
	exits 1 --list main
	grep "no .*was valid until 2001-01-01" out
	earlier=$(date -u +%Y-%m-%d)T00:00:00Z
	sed "s/^Valid-until: .*/Valid-until: $earlier/" message >today
	rm -f today.sig
	ssh-keygen -q -Y sign -n git -f key today
	git -C payments/api.git update-ref "$(approvals)" \
		"$(cat today today.sig | git -C payments/api.git \
			hash-object -w -t tag --stdin)"
	exits 1 --list main
	grep "no .*was valid until $earlier" out
	setup
	git -C reviewer config user.email alice@example.com
	exits 0 -y main
	exits 1 --list main
	grep "no .*wrote part of the change" out'

test_that '--withdraw takes back what one has approved' '
	setup
	exits 0 -y main
	first=$(approvals)
	id=$(git -C payments/api.git rev-parse "$first")
	exits 0 --withdraw -y main
	grep "Withdrawn: $first by ${first%-1}-2" out
	test "$(approvals | wc -l)" -eq 2
	git -C payments/api.git verify-tag "${first%-1}-2"
	git -C payments/api.git cat-file tag "${first%-1}-2" >tag
	grep -x "Withdraws: $id" tag
	grep -x "Repository: api" tag
	has_not Approves- tag
	nothing_left
	exits 1 --list main
	grep "no .*is withdrawn by ${first%-1}-2" out
	grep "that may count: 0$" out'

test_that 'once is enough, and what others gave stays' '
	exits 1 --withdraw -y main
	grep "nothing to withdraw" err
	exits 0 -y main
	exits 0 --list main
	git -C reviewer config user.email carol@example.com
	exits 1 --withdraw -y main
	exits 0 --list main'

test_that 'all of ones own, also by tip' '
	setup
	exits 0 -y main
	exits 0 -y main
	exits 0 --withdraw -y main
	test "$(approvals | wc -l)" -eq 4
	exits 1 --list main
	setup
	exits 0 -y new-branch
	exits 0 --withdraw -y new-branch
	exits 1 --list new-branch'

test_that 'it asks before it withdraws, and no agent does' '
	setup
	exits 0 -y main
	exits 2 --withdraw main
	grep "no terminal" err
	published "$plain_policy"
	TEST_AGENT=1 exits 2 --withdraw -y main
	grep "TEST_AGENT is set" err
	test "$(approvals | wc -l)" -eq 1'

test_that 'words that do not go together' '
	setup
	refused 2 "one of --list and --withdraw" --list --withdraw main
	refused 2 "are for approvals" --list --change x main'

test_that 'SHA-256 repositories are listed and withdrawn alike' '
	setup --object-format=sha256
	exits 0 -y main
	exits 0 --list main
	exits 0 --withdraw -y main
	exits 1 --list main'

# --- races and answers ------------------------------------------------------

test_that 'a name that is taken meanwhile gives way to the next' '
	setup
	exits 0 -y main
	mkdir -p racing
	git=$(command -v git)
	cat >racing/git <<-END
	#!/bin/sh
	# the first look finds nothing
	case "\$*" in
	*"refs/approvals/"*"/*")
		test -e $work/looked || { : >$work/looked; exit 0; } ;;
	esac
	exec $git "\$@"
	END
	chmod +x racing/git
	rm -f looked
	PATH=$work/racing:$PATH exits 0 -y main
	test -e looked
	approvals | grep "/Bob.Reviewer-2$"
	nothing_left'

test_that 'an author is told that it will not count' '
	setup
	git -C reviewer config user.email ALICE@example.com
	exits 0 -y main
	grep "you are an author" err'

test_that 'who would bring the change is told that it will not count' '
	setup
	exits 0 -y main
	has_not "nobody has pushed" err
	commit author file three "more"
	git -C reviewer fetch -q ../author feature:fetched
	exits 0 -y main fetched
	grep "nobody has pushed [0-9a-f]* to origin" err
	git -C author push -q origin HEAD:refs/pull/7/head
	git -C author commit -q --amend -m "reworded"
	git -C author push -q -f origin HEAD:feature
	git -C reviewer fetch -q ../author feature:again
	exits 0 -y main again
	has_not "nobody has pushed" err'

if command -v script >/dev/null && script -qec true /dev/null </dev/null \
	>/dev/null 2>&1; then
	test_that 'at a terminal, yes approves' '
		setup
		published "$plain_policy"
		(sleep .5; echo yes; sleep .5) | (cd reviewer &&
			script -qec "sh $approve main" /dev/null)
		test "$(approvals | wc -l)" -eq 1'
	test_that 'at a terminal --yes is asked where policy wants so' '
		setup
		published "$plain_policy"
		got=0
		(sleep .5; echo n; sleep .5) | (cd reviewer &&
			script -qec "sh $approve -y main" /dev/null) >out ||
			got=$?
		test $got -eq 1
		grep "does not allow --yes" out
		grep "Sign and push this approval" out
		test -z "$(approvals)"'
	test_that 'at a terminal an agent is refused' '
		got=0
		(sleep .5; echo yes; sleep .5) | (cd reviewer && TEST_AGENT=1 \
			script -qec "sh $approve main" /dev/null) >out ||
			got=$?
		test $got -eq 2
		grep "TEST_AGENT is set" out
		test -z "$(approvals)"'
	test_that 'at a terminal, anything else does not' '
		setup
		got=0
		(sleep .5; echo; sleep .5) | (cd reviewer &&
			script -qec "sh $approve main" /dev/null) >out ||
			got=$?
		test $got -eq 1
		grep "not approved" out
		test -z "$(approvals)"
		nothing_left'
else
	skip 'at a terminal, yes approves' 'no script(1)'
	skip 'at a terminal, anything else does not' 'no script(1)'
fi

# --- signing with OpenPGP and X.509 -----------------------------------------

# An approval is signed, shown as good by --list, and taken back.
signs_and_lists() { # the line that begins the signature, who --list names
	exits 0 -y main
	the_tag | grep -x -e "$1"
	exits 0 --list main
	grep "signature .*good here: .*$2" out
	exits 0 --withdraw -y main
	test "$(approvals | wc -l)" -eq 2
	for at in $(approvals); do
		git -C payments/api.git cat-file tag "$at" | grep -x -e "$1"
	done
	exits 1 --list main
	nothing_left
}
# What another reviewer sees, who knows none of these keys.
strange() {
	exits 0 -y main
	mkdir -p -m 700 "stranger-$kind"
	got=0
	GNUPGHOME=$work/stranger-$kind run --list main || got=$?
	GNUPGHOME=$work/stranger-$kind gpgconf --kill all || :
	cat out
	test $got -eq 0
	grep "signature .*not verified here" out
}

new_openpgp() {
	mkdir -m 700 "$GNUPGHOME"
	gpg --batch --quiet --passphrase "" --quick-gen-key \
		"Bob <Bob.Reviewer@example.com>" default sign never
	git config --global gpg.format openpgp
	git config --global user.signingkey Bob.Reviewer@example.com
}
new_x509() { # an authority, and Bob's certificate by it
	mkdir -m 700 "$GNUPGHOME"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem \
		-days 30 -subj /CN=Reviewers \
		-addext keyUsage=critical,keyCertSign,cRLSign
	openssl req -newkey rsa:2048 -nodes -keyout bob.key -out bob.csr \
		-subj /CN=Bob
	printf "%s\n" subjectAltName=email:Bob.Reviewer@example.com \
		keyUsage=digitalSignature >bob.ext
	openssl x509 -req -in bob.csr -CA ca.pem -CAkey ca.key \
		-CAcreateserial -days 20 -extfile bob.ext -out bob.pem
	openssl pkcs12 -export -inkey bob.key -in bob.pem -certfile ca.pem \
		-legacy -passout pass:x -out p12
	echo x >pass
	gpgsm -q --batch --pinentry-mode loopback --passphrase-fd 0 \
		--import p12 <pass
	openssl x509 -in ca.pem -noout -fingerprint -sha1 |
		sed "s/.*=\(.*\)/\1 S relax/" >"$GNUPGHOME/trustlist.txt"
	cat >x509-program <<-END
	#!/bin/sh
	exec gpgsm -q --batch --disable-crl-checks --pinentry-mode loopback \\
		--passphrase-fd 3 "\$@" 3<$work/pass
	END
	chmod +x x509-program
	git config --global gpg.format x509
	git config --global gpg.x509.program "$work/x509-program"
	git config --global user.signingkey Bob.Reviewer@example.com
}

for kind in openpgp x509; do
	# A home of its own for each: an agent that is going removes the sockets
	# of one that has come to the same place.
	GNUPGHOME=$work/gnupg-$kind
	export GNUPGHOME
	head='-----BEGIN PGP SIGNATURE-----' who='Bob <Bob.Reviewer@'
	test $kind = openpgp || head='-----BEGIN SIGNED MESSAGE-----' who=/CN=Bob
	if (set -e && "new_$kind") >"$work/said" 2>&1; then
		test_that "$kind: as git is configured, --list, --withdraw" '
			setup
			signs_and_lists "$head" "$who"'
		test_that "$kind: a signer whom nobody knows here" '
			setup
			strange'
		test_that "$kind: a bad signature is told" '
			id=$(git -C payments/api.git rev-parse "$(approvals)")
			git -C payments/api.git update-ref "$(approvals)" "$(
				git -C payments/api.git cat-file tag "$id" |
				sed "s/^tagger Bob/tagger Rob/" |
				git -C payments/api.git hash-object -w -t tag \
					--stdin)"
			exits 1 --list main
			grep "signature .*bad" out'
	else
		sed 's/^/# /' said
		for text in 'as git is configured' 'not known' 'bad'; do
			skip "$kind: $text" 'no program for it that runs'
		done
	fi
	gpgconf --kill all >/dev/null 2>&1
done

echo "1..$count"
test "$failed" -eq 0
