#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `rollback` over real pushes: what counts as a plan, in the order
# in which a value is read, and the undo scripts of database steps.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[area "database"]
	path = db/**
[gate "main"]
	ref = refs/heads/main
	rule = way-back
[gate "tickets"]
	ref = refs/heads/tickets
	rule = with-tickets
[gate "no-undo"]
	ref = refs/heads/no-undo
	rule = plan-only
[rule "way-back"]
	check = rollback
	when = area:database
[rule "with-tickets"]
	check = rollback
	ticket-pattern = CHG[0-9]{7}
[rule "plan-only"]
	check = rollback
	undo = off
END

# plan VALUE [BRANCH]: a change of the database with that plan
plan() {
	reset_clone "${2:-main}"
	t_change=$((t_change + 1))
	commit "db/note-$t_change" "change $t_change" "db: change $t_change

Rollback-plan: $1"
}

plans() {
	change 'fix: elsewhere'
	accepted "$1: outside of the area nothing is asked" HEAD:main

	reset_clone
	commit db/first 1 'db: change'
	refused "$1: no plan" rollback/missing \
		'no rollback plan: say in one commit how to go back' HEAD:main
	told 'trailer "Rollback-plan: PLAN"' "$1: the hint says how"
	git -C "$clone" commit -q --amend --no-edit --trailer \
		'Rollback-plan: revert'
	accepted "$1: revert" HEAD:main

	for word in none None N/A n/a tbd TODO todo - '' .; do
		plan "$word"
		refused "$1: the placeholder \"$word\"" rollback/placeholder \
			'is no plan\|does not say enough' HEAD:main
	done
	git -C "$clone" commit -q --amend -m 'db: change

Rollback-plan: restore last night'"'"'s dump and replay the journal'
	accepted "$1: a sentence" HEAD:main
	plan https://wiki.example.com/undo
	accepted "$1: a URL" HEAD:main
	plan CHG0012345
	accepted "$1: a ticket" HEAD:main
	for key in rollback BACKOUT-PLAN; do
		reset_clone
		commit "db/$key" 1 "db: $key

$key: turn the flag off again"
		accepted "$1: the key $key" HEAD:main
	done

	reset_clone
	commit db/two 2 'db: another change'
	commit other 2 'fix: besides

Rollback-plan: revert'
	accepted "$1: another commit of the push may give the plan" HEAD:main

	plan 'none'
	commit other 3 'fix: besides

Rollback-plan: revert'
	accepted "$1: one good plan is enough" HEAD:main

	reset_clone
	commit db/divided 1 'db: divided

---

Rollback-plan: revert'
	refused "$1: a plan behind a divider" rollback/missing \
		'behind a line' HEAD:main
}

paths() {
	plan docs/undo.md
	refused "$1: a path that is not in the tree" rollback/path-missing \
		'"docs/undo.md" is not in what is pushed' HEAD:main
	told 'git add docs/undo.md && git commit --amend --no-edit' \
		"$1: the hint says how to add it"
	commit docs/undo.md '' 'docs: empty'
	: > "$clone/docs/undo.md"
	git -C "$clone" commit -q -a --amend -m 'docs: empty'
	refused "$1: an empty file" rollback/path-missing 'is empty' HEAD:main
	commit docs/undo.md 'how to undo it' 'docs: how'
	accepted "$1: the file is there in the end" HEAD:main

	plan docs/
	refused "$1: a directory" rollback/path-missing \
		'is no path\|is no file' HEAD:main
	plan ../../etc/passwd
	refused "$1: a path out of the tree" rollback/path-missing \
		'is no path in the repository' HEAD:main
	plan /etc/passwd
	refused "$1: an absolute path" rollback/path-missing \
		'is no path in the repository' HEAD:main
	plan docs/link.md
	ln -s /etc/passwd "$clone/docs/link.md"
	git -C "$clone" add docs
	git -C "$clone" commit -q --amend --no-edit
	refused "$1: a symbolic link" rollback/path-missing 'is no file' \
		HEAD:main
}

tickets() {
	plan JIRA-1 tickets
	refused "$1: not a ticket here" rollback/placeholder \
		'does not say enough' HEAD:tickets
	plan CHG0012345 tickets
	accepted "$1: a ticket here" HEAD:tickets
}

undo() {
	plan revert
	commit db/V7__add.sql 'create table a();' 'db: step 7'
	refused "$1: a Flyway step without its undo" rollback/no-undo \
		'db/V7__add.sql has no undo script' HEAD:main
	told 'U7__' "$1: the hint names the file"
	commit db/U7__add.sql '-- nothing yet' 'db: undo 7'
	refused "$1: an undo script of comments" rollback/no-undo \
		'does nothing' HEAD:main
	commit db/U7__add.sql 'drop table a;' 'db: undo 7 indeed'
	accepted "$1: with its undo it passes" HEAD:main

	plan revert
	commit db/R__view.sql 'create view v;' 'db: repeatable'
	accepted "$1: repeatable steps need none" HEAD:main

	plan revert
	commit db/8_x.up.sql 'create table b();' 'db: step 8'
	refused "$1: a golang-migrate step without its undo" rollback/no-undo \
		'db/8_x.up.sql has no undo script' HEAD:main
	commit db/8_x.down.sql 'drop table b;' 'db: undo 8'
	accepted "$1: with its undo it passes, too" HEAD:main

	plan revert
	git -C "$clone" rm -q db/U7__add.sql
	git -C "$clone" commit -q -m 'db: undo of 7 is gone'
	accepted "$1: only added steps are asked" HEAD:main

	plan revert no-undo
	commit db/V9__add.sql 'create table c();' 'db: step 9'
	accepted "$1: undo = off asks for none" HEAD:no-undo
}

for algo in sha1 sha256; do
	new_server "rollback-$algo" "$algo"
	git -C "$clone" push -q origin main:tickets main:no-undo \
		> "$work/out" 2>&1
	plans "$algo"
	paths "$algo"
	tickets "$algo"
	undo "$algo"
done

done_testing
