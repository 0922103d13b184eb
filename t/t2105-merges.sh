#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The merges that git makes, and those that hosts make at the press of a
# button, with the messages that they write: what was declared and approved on
# a branch holds for what lands of it, nothing is asked of a merge that changes
# nothing, and what a merge adds is asked for.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

signing_key alice
signing_key carol
policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "carol"]
	email = carol@example.com
	login = carol
[principal "queue"]
	email = queue@example.com
	login = queue
	kind = bot
[signers]
	ssh = signers
[gate "main"]
	ref = refs/heads/main
	rule = declared
	rule = reviewed
	rule = kept
[rule "declared"]
	check = provenance
	declare = always
	agents = any
[rule "reviewed"]
	check = review
	quorum = 1
[rule "kept"]
	check = history
END

by='Assisted-by: Claude:claude-opus-4-6'
g() { git -C "$clone" "$@" > "$work/git" 2>&1 || { cat "$work/git"; exit 1; }; }
tree() { git -C "$clone" rev-parse "$1^{tree}"; }
id() { git -C "$clone" rev-parse "$1"; }
# topic NAME: two commits of alice's on top of main, on the server; carol
# approves them
topic() {
	as alice
	reset_clone
	g checkout -q -B "$1"
	t_change=$((t_change + 1))
	commit "$1-a" "$t_change" "feat: $1, one

$by"
	commit "$1-b" "$t_change" "feat: $1, two

AI-assistance: none"
	g push -q origin "+$1:refs/heads/$1"
	sign_as carol
	approve main "$1" || not_ok "git approve main $1" "$work/approve"
	as alice
}
# other NAME: main moves on meanwhile, past the gate
other() {
	reset_clone
	commit "other-$1" 1 'chore: other'
	git -C "$server" fetch -q "$clone" HEAD:refs/heads/main
	reset_clone
}
# made_by HOST TREE MESSAGE PARENTS: the commit that a host makes
made_by() {
	host=$1 made_tree=$2 text=$3; shift 3
	parents=
	for parent; do parents="$parents -p $(id "$parent")"; done
	# shellcheck disable=SC2086 # several words
	made=$(printf '%s' "$text" | GIT_COMMITTER_NAME=$host \
		GIT_COMMITTER_EMAIL=noreply@host.example \
		git -C "$clone" commit-tree $parents "$made_tree")
}
# inherited NAME: the newest decision says that a tool is known from before
inherited() {
	recorded '"agent":"claude-code".*"how":"memory".*"inherited":"' "$1"
}
# unasked NAME: … that the rule about tools found nothing to say
unasked() {
	recorded '"rule":"declared"[^}]*"result":"pass"' "$1"
}

new_server one

# ---- git ----

topic ff
accepted 'git merge, fast-forward' ff:main

topic noff
other noff
g merge -q --no-ff noff
is "$(git -C "$clone" log -1 --format=%s)" "Merge branch 'noff'" \
	'git writes that alone'
accepted 'git merge --no-ff' HEAD:main
unasked 'nothing is asked of the merge'

topic left
topic right
other octopus
# octopus CASE: left and right merged at once, as CASE wants it
octopus() {
	reset_clone
	g merge -q --no-ff --no-commit left right
	case $1 in
	adds) echo slipped > "$clone/in"; g add in ;;
	loses) g rm -q -f right-b ;;
	undoes) g rm -q -f other-octopus ;;
	esac
	g commit -q --no-edit
	is "$(git -C "$clone" log -1 --format=%P | wc -w)" 3 "three parents: $1"
}
octopus adds
refused 'an octopus that adds a file' provenance/missing 'does not say' HEAD:main
found review/quorum && ok 'is not approved with its branches' ||
	not_ok 'is not approved with its branches' "$work/decision"
for case in loses undoes; do
	octopus $case
	refused "an octopus that $case a file is a change of its own" \
		review/quorum 'needs 1 approval, has' HEAD:main
done
reset_clone
commit third 1 'feat: third

AI-assistance: none'
git -C "$clone" branch -q -f third
reset_clone
g merge -q --no-ff left right third
refused 'an octopus of which one branch has no approval' review/quorum \
	'needs 1 approval, has' HEAD:main
octopus honest
accepted 'an octopus of approved branches' HEAD:main
unasked 'nothing is asked of it, either'

topic both1
topic both2
reset_clone
g merge -q --no-ff both1 both2
echo more >> "$clone/both2-a"
g commit -q -a --amend --no-edit --trailer 'AI-assistance: none'
refused 'an octopus with a change on top' review/quorum \
	'needs 1 approval, has' HEAD:main
g push -q origin +HEAD:refs/heads/octopus
sign_as carol
approve main HEAD
as alice
accepted 'approved, it lands' HEAD:main

topic squash
other squash
g merge -q --squash squash
g commit -q --no-edit
git -C "$clone" log -1 --format=%B > "$work/message"
has "$work/message" "^    $by\$" 'the trailers stand indented'
is "$(git -C "$clone" log -1 --format='%(trailers)' | tr -d '\n')" '' \
	'so they are none'
accepted 'git merge --squash' HEAD:main
inherited 'what the commits said is known'
topic squash2
g checkout -q -B main origin/main
g merge -q --squash squash2
echo more >> "$clone/squash2-a"
g add -A
g commit -q --no-edit
refused 'a squash with a line more inherits nothing' provenance/undeclared \
	'made with Claude Code, tool not stated in the last paragraph' HEAD:main
found review/quorum && ok 'nor is it approved' ||
	not_ok 'nor is it approved' "$work/decision"

topic back
other back
g checkout -q back
g merge -q --no-edit origin/main
g push -q origin back
sign_as carol
approve main back
as alice
reset_clone
g merge -q --no-ff back
accepted 'main merged back into the branch, and that into main' HEAD:main

# both sides change a line, and somebody decides
reset_clone
commit both base "chore: base

AI-assistance: none"
g push -q origin +HEAD:refs/heads/base
sign_as carol
approve main HEAD
as alice
accepted 'a file' HEAD:main
g checkout -q -B mine
commit both mine "feat: mine

AI-assistance: none"
g push -q origin mine
sign_as carol
approve main mine
as alice
reset_clone
commit both theirs "feat: theirs

AI-assistance: none"
g push -q origin +HEAD:refs/heads/theirs
sign_as carol
approve main HEAD
as alice
accepted 'somebody else changes it' HEAD:main
git -C "$clone" merge -q --no-ff mine > "$work/out" 2>&1
echo resolved > "$clone/both"
g commit -q -a --no-edit
refused 'a conflict that was resolved is a change' provenance/missing \
	'does not say' HEAD:main
found review/quorum && ok 'that needs an approval' ||
	not_ok 'that needs an approval' "$work/decision"
g commit -q --amend --no-edit --trailer 'AI-assistance: none'
g push -q origin +HEAD:refs/heads/resolved
sign_as carol
approve main HEAD
as alice
accepted 'declared and approved, it lands' HEAD:main

topic evil
reset_clone
g merge -q --no-ff --no-commit evil
echo slipped > "$clone/in"
g add in
g commit -q --no-edit
refused 'an evil merge' provenance/missing 'does not say' HEAD:main
found review/quorum && ok 'is not approved with what it merges' ||
	not_ok 'is not approved with what it merges' "$work/decision"

# ---- GitHub ----

topic gh
other gh
g merge -q --no-ff gh
made_by GitHub "$(tree HEAD)" "Merge pull request #12 from alice/gh

feat: gh" origin/main gh
as carol
accepted 'GitHub: merge, and the reviewer presses the button' "$made:main"
unasked 'GitHub: nothing is asked'

topic title
other title
g merge -q --squash title
made_by GitHub "$(git -C "$clone" write-tree)" 'feat: title (#13)' origin/main
accepted 'GitHub: squash with the title alone' "$made:main"
inherited 'GitHub: what the commits said is known'

topic listed
other listed
g merge -q --squash listed
made_by GitHub "$(git -C "$clone" write-tree)" "feat: listed (#14)

* feat: listed, one

$by

* feat: listed, two

AI-assistance: none

---------

Co-authored-by: Dave <dave@example.com>" origin/main
accepted 'GitHub: squash with all messages and a co-author' "$made:main"
inherited 'GitHub: that, too'

topic denied
reset_clone
g merge -q --squash denied
made_by GitHub "$(git -C "$clone" write-tree)" "feat: denied (#15)

AI-assistance: none" origin/main
refused 'GitHub: a squash that denies it' provenance/declaration-lost \
	'came with Claude' "$made:main"

topic rebased
other rebased
g checkout -q rebased
GIT_COMMITTER_NAME=GitHub GIT_COMMITTER_EMAIL=noreply@github.com \
	git -C "$clone" rebase -q origin/main
accepted 'GitHub: rebase and merge' HEAD:main

# who squashes by himself is the author of what he makes
topic own
as carol
reset_clone
g merge -q --squash own
g commit -q --no-edit
refused 'a reviewer who squashes by hand has written it' review/quorum \
	"does not count" HEAD:main
g commit -q --amend --no-edit --author 'alice <alice@example.com>'
accepted 'unless the author stays who it was' HEAD:main

# ---- GitLab, Bitbucket ----

topic gl
other gl
g merge -q --no-ff gl
made_by GitLab "$(tree HEAD)" "Merge branch 'gl' into 'main'

feat: gl

Closes #7

See merge request team/one!15

Approved-by: carol <carol@example.com>" origin/main gl
accepted 'GitLab: merge, with who approved there' "$made:main"
recorded '"kind":"claim","commit":"[0-9a-f]*","text":"Approved-by"' \
	'GitLab: that is recorded as a claim'

as alice
reset_clone
g checkout -q -B unseen
commit unseen 1 "feat: unseen

AI-assistance: none"
g push -q origin unseen
reset_clone
g merge -q --no-ff unseen
made_by GitLab "$(tree HEAD)" "Merge branch 'unseen' into 'main'

See merge request team/one!16

Approved-by: carol <carol@example.com>" origin/main unseen
refused 'GitLab: a claim never counts' review/quorum \
	'an Approved-by trailer does not count' "$made:main"

# ---- Gitea ----

topic gt
other gt
g merge -q --no-ff gt
made_by Gitea "$(tree HEAD)" "Merge pull request 'feat: gt' (#17) from gt into main

Reviewed-on: https://gitea.example.com/team/one/pulls/17
Reviewed-by: carol <carol@example.com>" origin/main gt
accepted 'Gitea: merge' "$made:main"
recorded '"kind":"claim","commit":"[0-9a-f]*","text":"Reviewed-by"' \
	'Gitea: who reviewed there is a claim'

# ---- a merge queue ----

topic q1
topic q2
as queue
reset_clone
g merge -q --no-ff -m 'Merge q1 for the queue' q1
accepted 'a queue tries a merge on a branch' HEAD:refs/heads/queue/main/1
g merge -q --no-ff -m 'Merge q2 for the queue' q2
accepted 'and two' HEAD:refs/heads/queue/main/2
accepted 'then pushes both to main' HEAD:main
as alice
reset_clone
g checkout -q -B q3
commit q3 1 'feat: q3'
g push -q origin q3
as queue
reset_clone
g merge -q --no-ff -m 'Merge q3 for the queue' q3
refused 'it frees nobody' provenance/missing 'does not say' HEAD:main
found review/quorum && ok 'from anything' || not_ok 'from anything' "$work/decision"

# ---- a merge that the reviewer signs ----

as alice
reset_clone
g checkout -q -B signed
commit signed 1 "feat: signed

AI-assistance: none"
g push -q origin signed
sign_as carol
reset_clone
g merge -q --no-ff -S signed
accepted 'a merge that a reviewer signs approves what it merges' HEAD:main
recorded '"kind":"merge".*"counted":true' 'the record says so'

done_testing
