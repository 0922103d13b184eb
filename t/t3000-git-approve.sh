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
}

# Without a terminal; what it says goes to ../out and ../err.
run() {
	(cd reviewer && setsid -w sh "$approve" "$@" >../out 2>../err \
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
	grep "1 files, +1 -0 lines" out
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
	for c in git sh sed awk tr cut grep sort mktemp rm cat wc ssh-keygen \
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

if command -v script >/dev/null && script -qec true /dev/null </dev/null \
	>/dev/null 2>&1; then
	test_that 'at a terminal, yes approves' '
		setup
		(sleep .5; echo yes; sleep .5) | (cd reviewer &&
			script -qec "sh $approve main" /dev/null)
		test "$(approvals | wc -l)" -eq 1'
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

if command -v gpg >/dev/null; then
	test_that 'OpenPGP signs as git is configured' '
		mkdir -m 700 gnupg
		GNUPGHOME=$work/gnupg
		export GNUPGHOME
		gpg --batch --quiet --passphrase "" --quick-gen-key \
			"Bob <Bob.Reviewer@example.com>" default sign never
		setup
		git -C reviewer config gpg.format openpgp
		git -C reviewer config --unset-all user.signingkey || :
		git -C reviewer config user.signingkey \
			Bob.Reviewer@example.com
		got=0
		exits 0 -y main || got=$?
		gpgconf --kill all || :
		test $got -eq 0
		the_tag | grep "BEGIN PGP SIGNATURE"'
else
	skip 'OpenPGP signs as git is configured' 'no gpg'
fi

echo "1..$count"
test "$failed" -eq 0
