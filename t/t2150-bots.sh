#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Logins that are not people, over real pushes: what a bot may bring without
# what people are asked for, what a mirror may, and that nobody else may in
# their name. What a branch is told that is not gated.

. "$(dirname "$0")/lib.sh"
command -v ssh-keygen > /dev/null || skip_all 'no ssh-keygen'

for who in alice carol renovate; do
	signing_key "$who"
done
policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "carol"]
	email = carol@example.com
	login = carol
[principal "renovate"]
	email = renovate@example.com
	login = renovate
	kind = bot
	may = provenance, review
	may-ref = refs/heads/main
	may-path = package.json
	may-path = deps/
[principal "queue"]
	email = queue@example.com
	login = queue
	kind = bot
[principal "strict"]
	login = strict
	kind = bot
	may = none
[principal "elsewhere"]
	login = elsewhere
	kind = bot
	may = review
	may-repo = other-*
	may-ref = **
	may-path = **
[principal "mirror"]
	login = mirror
	kind = bot
	may = none
[signers]
	ssh = signers
[gate "upstream"]
	repo = fork
	ref = refs/heads/**
	rule = declared
	rule = kept
[gate "copy"]
	repo = one
	repo = fork
	ref = refs/heads/upstream/*
	ref = refs/tags/upstream/*
	pusher = mirror
	mode = off
	instead-of = upstream
[gate "whole"]
	repo = whole
	ref = refs/**
	pusher = mirror
	mode = off
	instead-of = all
[gate "all"]
	repo = whole
	ref = refs/**
	rule = declared
	rule = reviewed
	rule = kept
[gate "ahead"]
	repo = ahead
	ref = refs/heads/main
	preview = refs/heads/**
	rule = declared
	rule = reviewed
	rule = kept
	rule = planned
[area "paths"]
	path = p*
[rule "planned"]
	check = rollback
	when = area:paths
[gate "main"]
	repo = one
	ref = refs/heads/main
	ref = refs/heads/release
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

# update LOGIN PATH…: a commit on top of main by LOGIN, who pushes from now on
update() {
	as "$1"; shift
	reset_clone
	t_change=$((t_change + 1))
	for path; do
		mkdir -p "$(dirname "$clone/$path")"
		echo "change $t_change" > "$clone/$path"
	done
	git -C "$clone" add -A && git -C "$clone" commit -q -m "update $t_change"
}

new_server one
git -C "$clone" push -q origin main:release 2> "$work/out" || cat "$work/out"

# ---- bots ----

update renovate package.json
accepted 'a bot brings what its section says' HEAD:main
moved refs/heads/main 'it is there'
recorded '"rule":"declared"[^}]*"result":"not-applicable","why":"bot renovate: may = provenance, review"' \
	'the record says that a bot may'
recorded '"rule":"reviewed"[^}]*"result":"not-applicable"[^}]*"by_bot":1,"bot":"renovate"' \
	'for how many commits, and which'
update renovate deps/a/b deps/c
GIT_AUTHOR_NAME=other GIT_AUTHOR_EMAIL=other@example.com \
	git -C "$clone" commit -q --amend --no-edit --reset-author
accepted 'whatever it calls itself' HEAD:main

update renovate package.json src/x
refused 'a path beyond is not excused' bot/path \
	'excused from review, but not in src/x' HEAD:main
found review/quorum && ok 'the rule asks as ever' ||
	not_ok 'the rule asks as ever' "$work/decision"
update renovate deps/x
accepted 'a bot, below a directory' HEAD:main
git -C "$clone" rm -q -r deps && ln -s src "$clone/deps"
git -C "$clone" add deps && git -C "$clone" commit -q -m 'in its place'
refused 'but not in the place of the directory itself' bot/path \
	'but not in deps' HEAD:main
update renovate package.json
git -C "$clone" push -q origin HEAD:refs/heads/renovate/x 2> "$work/out"
refused 'on another ref it is asked' bot/ref \
	'excused from review, but not for refs/heads/release here' HEAD:release
as elsewhere
refused "nor is another bot's commit its own" bot/brought \
	'excused from review, but others brought this change first' HEAD:main
update elsewhere package.json
refused 'in another repository it is asked' bot/ref \
	'the bot elsewhere is excused from review, but not for' HEAD:main
update strict package.json
refused 'a bot that may nothing' provenance/missing 'does not say' HEAD:main

update alice package.json
git -C "$clone" commit -q --amend --no-edit \
	--author 'renovate <renovate@example.com>'
refused 'an author is only a claim' bot/login \
	"only what that bot's own login pushes is excused" HEAD:main
found review/quorum && ok 'the rules hold for who says to be a bot' ||
	not_ok 'the rules hold for who says to be a bot' "$work/decision"
GATEPOST_TEST_USER=queue
refused "another bot's login is not the bot" bot/login \
	'only what that bot' HEAD:main
GATEPOST_TEST_USER=
refused 'nor is nobody' bot/login 'only what that bot' HEAD:main

update alice package.json
git -C "$clone" push -q origin HEAD:refs/heads/alice/x 2> "$work/out"
as renovate
refused "a person's commit stays theirs" bot/brought \
	'others brought this change first' HEAD:main
git -C "$clone" commit -q --amend --no-edit --reset-author
refused 'however the bot writes it anew' bot/brought \
	'others brought this change first' HEAD:main
echo more > "$clone/package.json"
git -C "$clone" commit -q -a -m 'bump'
refused 'and in the middle of what is its own' bot/brought \
	'others brought this change first' HEAD:main
recorded '"rule":"reviewed"[^}]*"commits":2,"matched":1,"by_bot":1' \
	'which alone is excused'
update renovate package.json
git -C "$clone" commit -q --amend --no-edit \
	--author 'alice <alice@example.com>'
refused 'nor what says that a person wrote it' bot/author \
	'but a person wrote this' HEAD:main

# two sides that both change one file, and a merge that decides
update renovate package.json
side=$(git -C "$clone" rev-parse HEAD)
accepted 'a side' HEAD:refs/heads/renovate/side
update renovate package.json
git -C "$clone" merge -q "$side" > "$work/out" 2>&1
echo resolved > "$clone/package.json"
git -C "$clone" commit -q -a -m 'merge'
refused 'a merge that changes something by itself' bot/merge \
	'this merge changes something by itself' HEAD:main

# a person lands what the bot brought: its message is its own, the rest not
update renovate package.json
accepted 'a bot pushes its branch' HEAD:refs/heads/renovate/y
as carol
refused 'who lands it needs an approval' bot/login \
	'only what that bot' HEAD:main
found provenance/missing && not_ok 'but is not asked what the bot did not say' \
	"$work/decision" || ok 'but is not asked what the bot did not say'
sign_as renovate
approve main HEAD
as carol
refused "a bot's approval never counts" review/quorum 'renovate.* is a bot' \
	HEAD:main
sign_as carol
approve main HEAD
accepted "a person's does" HEAD:main

# without a section of its own nothing has changed
update queue src/q
refused 'a bot without may is excused from declaring alone' review/quorum \
	'needs 1 approval' HEAD:main
found provenance/missing && not_ok 'it is' "$work/decision" || ok 'it is'
recorded '"rule":"declared"[^}]*"why":"bot queue: may = provenance (by default)"' \
	'and the record says so'

# ---- mirrors ----

# a foreign history: 1,000 commits that say nothing of what made them, with
# two branches and a tag
foreign=$work/foreign
git init -q "$foreign"
"$python" - << 'END' | git -C "$foreign" fast-import --quiet
import sys
for i in range(1000):
    print(f"commit refs/heads/main\nmark :{i + 1}\n"
          f"committer them <them@elsewhere.example> {1600000000 + i} +0000\n"
          f"data 7\nchange\n\nM 100644 inline f{i % 50}\n"
          f"data {len(str(i))}\n{i}\n")
print("reset refs/heads/stable\nfrom :900\n")
print("tag v1\nfrom :900\ntagger them <them@elsewhere.example> 1600000900 "
      "+0000\ndata 3\nv1\n")
END
# mirror LOGIN ARGUMENTS…: pushes the foreign history
mirror() {
	GATEPOST_TEST_USER=$1; shift
	git -C "$foreign" push "$server" "$@" > "$work/answer" 2>&1
	pushed=$?
	last_decision
}

new_server whole
git -C "$server" for-each-ref > "$work/refs-before"
mirror mirror --mirror
refusal "a mirror takes nothing away that is the gate's" push/reserved \
	'hint: .*git config --add receive.hideRefs refs/gatepost'
git -C "$server" config --add receive.hideRefs refs/gatepost
few=$(git -C "$foreign" rev-parse main~990)
mirror alice "$few:refs/heads/few"
refusal 'a foreign history by anybody is judged' provenance/missing \
	'Your commits are safe'
mirror '' "$few:refs/heads/few"
refusal 'by nobody, too' provenance/missing 'Your commits are safe'
mirror queue "$few:refs/heads/few"
refusal 'and by another bot' review/quorum 'Your commits are safe'
mirror mirror --mirror
is "$pushed" 0 'the mirror brings all of it'
is "$(git -C "$server" rev-list --count main)" 1000 'a thousand commits'
is "$(tip v1)" "$(git -C "$foreign" rev-parse v1)" 'the tag'
recorded '"verdict":"pass","mode":"off","commits":1000' \
	'the record has their number'
recorded '"real":"refs/heads/main"[^}]*"gates":\[\],"mirror":"whole","mode":"off"' \
	'and by which gate'
is "$(grep -c '"rule":' "$work/decision")" 0 'no rule was asked'
git -C "$foreign" branch -q -D stable
mirror mirror --mirror
is "$(tip refs/heads/stable)" none 'what is gone there goes here'
clone=$work/whole
update alice src/x
refused 'what anybody else brings there is judged' review/quorum \
	'needs 1 approval' HEAD:main
recorded '"rule":"declared"[^}]*"commits":1,' 'on top of what is there'
update mirror src/x
git -C "$clone" push -q origin HEAD:refs/heads/again 2> "$work/out"
accepted 'a mirror goes back, too' -f HEAD~2:main

# beside branches of its own
new_server fork
mirror mirror main:refs/heads/upstream/main v1:refs/tags/upstream/v1
is "$pushed" 0 'a mirror beside other branches'
recorded '"real":"refs/heads/upstream/main"[^}]*"mirror":"copy","mode":"off"' \
	'the record says so'
git -C "$server" for-each-ref > "$work/refs-before"
mirror mirror "$few:refs/heads/other"
refusal 'to another ref it is judged' provenance/missing 'Your commits are safe'
mirror alice -f main~1:refs/heads/upstream/main
refusal 'nobody else moves its branch back' history/rewind 'would lose commits'
mirror alice "$few:refs/heads/new"
refusal 'or launders by it' provenance/missing 'Your commits are safe'
recorded '"commits":10,' 'what nobody has judged hides nothing'
git -C "$clone" fetch -q
update alice src/x
refused 'on its branch others are judged' provenance/missing 'does not say' \
	HEAD:refs/heads/upstream/other

yes 'the admin can see what holds where' "$gatepost" policy show \
	"$work/srv/fork.git" refs/heads/upstream/main
has "$work/out" '^\[gate "copy"\] ; for its pusher alone$' 'and for whom'
# a gate that it does not name stands
server=$work/srv/one.git clone=$work/one
git -C "$server" for-each-ref > "$work/refs-before"
mirror mirror -f "$few:refs/heads/main"
refusal 'in another repository it is judged' provenance/missing \
	'Your commits are safe'
mirror mirror main:refs/heads/upstream/main
is "$pushed" 0 'a ref without gates is off for it as well'
recorded '"mirror":"copy","mode":"off"' 'and that is recorded'
git -C "$server" for-each-ref > "$work/refs-before"
mirror alice -f "$few:refs/heads/main"
refusal 'having been there excuses nothing' provenance/missing \
	'Your commits are safe'

# ---- previews ----

# advice PATTERN NAME: of the last push
advice() { told "^remote: advice: .*$1" "$2"; }
new_server ahead
update alice src/x
accepted 'a new branch is never refused' HEAD:refs/heads/topic
advice 'does not say whether an AI tool helped' 'it says what would be missing'
advice '  git commit --amend --no-edit --trailer "AI-assistance: none"' \
	'and what to type'
advice '2 problems to mend before this can go to main' 'and how much, for where'
is "$(grep -c '^remote: advice:' "$work/answer")" 3 'in three lines'
not_told 'error:\|hint:\|warning:' 'and no more'
recorded '"verdict":"pass"' 'the record says that it passed'
recorded '"gates":\[\],"previews":\["ahead"\]' 'no gate, and whose advice'
recorded '"code":"missing","weight":"advice"' 'and what was advised'
recorded '"rule":"declared"[^}]*"mode":"preview","result":"warn"' \
	'with what the rules found'
(cd "$clone" && eval "$(sed -n 's/^remote: advice:   \(git .*\)/\1/p' \
	"$work/answer")") > "$work/out" 2>&1
accepted 'what it says to type mends that' -f HEAD:refs/heads/topic
not_told 'does not say whether' 'it is not said again'
advice 'needs 1 approval, has 0' 'what is left is'
advice "  a reviewer runs: git approve main $(git -C "$clone" rev-parse \
	--short=12 HEAD)" 'with what the reviewer types'
sign_as carol
approve main HEAD
as alice
git -C "$clone" push -q origin :topic 2> "$work/out"
accepted 'with an approval' HEAD:refs/heads/topic
not_told 'advice:' 'nothing is left to say'
recorded '"approvals":\[\]' 'looking uses no approval up'
accepted 'so it counts' HEAD:main
recorded '"counted":true' 'where the gate is'

# what is too much for the rules, and a judge that cannot come to an end: a
# tree of 10^9 paths
cp "$work/etc/policy.conf" "$work/good.conf"
sed -i 's/^\[gatepost\]/&\n\tpaths-max = 1000/' "$work/etc/policy.conf"
update alice src/y
for dir in p1 p2; do
	mkdir "$clone/$dir"
	for i in $(seq 600); do echo $i > "$clone/$dir/$i"; done
	git -C "$clone" add -A && git -C "$clone" commit -q -m "$dir"
done
accepted 'too much to look at is no refusal' HEAD:refs/heads/many
recorded '"code":"too-big","weight":"advice"' 'but advice'
refused 'as it is on the gated ref' object/too-big \
	'changed paths, more than 1000' \
	HEAD:main
cp "$work/good.conf" "$work/etc/policy.conf"
sed -i 's/^\[gatepost\]/&\n\tpaths-max = 100000000\n\tdeadline = 1s/' \
	"$work/etc/policy.conf"
tree=$(git -C "$clone" rev-parse HEAD:p1)
for level in 1 2 3 4 5 6 7; do
	tree=$(for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '040000 tree %s\td%s\n' "$tree" $i
	done | git -C "$clone" mktree)
done
bomb=$(git -C "$clone" commit-tree -m bomb -p origin/main "$tree")
accepted 'a judge that is late refuses no branch' "$bomb:refs/heads/bomb"
recorded '"error":"judging took too long"' 'and the record says that it was'
git -C "$server" for-each-ref > "$work/refs-before"
push "$bomb:refs/heads/main"
is "$pushed" 1 'as it does on the gated ref'
recorded '"verdict":"error","error":"judging took too long"' 'recorded, too'

done_testing
