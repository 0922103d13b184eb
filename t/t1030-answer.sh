#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the developer sees: bounded, printable whatever was pushed, and
# commands that work when they are pasted.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/other
	rule = ai
	rule = all-plan
[gate "advice"]
	ref = refs/heads/nothing
	preview = refs/heads/topic/*
	rule = ai
[gate "always"]
	ref = refs/heads/always
	rule = always
[rule "ai"]
	check = provenance
	agents = any
[rule "always"]
	check = provenance
	agents = any
	declare = always
[area "plans"]
	path = plans/**
[rule "all-plan"]
	check = rollback
	when = area:plans
END

# what of the gate's answer no terminal should get
unprintable() {
	grep -a '^remote:' "$work/answer" |
		LC_ALL=C tr -d '\012\040-\176' > "$work/rest"
	# UTF-8 that is printable is welcome: what is left must be that
	"$python" - "$work/rest" <<'END'
import sys
import unicodedata
text = open(sys.argv[1], "rb").read()
try:
    bad = [c for c in text.decode() if unicodedata.category(c)[0] in "CZ"]
except UnicodeDecodeError as e:
    bad = [str(e)]
print(len(bad), ascii(bad[:5]) if bad else "")
END
}
is_printable() { is "$(unprintable)" '0 ' "$1"; }
json_is_sound() {
	records > "$work/records"
	if "$python" - "$work/records" > "$work/out" 2>&1 <<'END'
import json
import sys
for line in open(sys.argv[1], "rb"):
    assert all(b >= 32 and b != 127 for b in line.rstrip(b"\n")), line
    json.loads(line.decode("utf-8"))
END
	then ok "$1"; else not_ok "$1" "$work/out"; fi
}

# one commit with everything hostile in every place
hostile='\033[2J\033]0;owned\007\b\302\233\342\200\256\342\200\213\377\376'
# hostile_commit SUFFIX: SUFFIX is in the author's name alone
hostile_commit() {
	nasty=$(printf "$hostile")
	GIT_AUTHOR_NAME="A${nasty}B$1" GIT_AUTHOR_EMAIL="a${nasty}@x" \
		git -C "$clone" -c i18n.commitEncoding=utf-8 commit -q \
		--allow-empty --cleanup=verbatim -m "subject $nasty end

Generated with [Claude Code]

Assisted-by: Tool$nasty:model$nasty
AI-assistance: none$nasty
Rollback-plan: docs/$nasty.md" 2> "$work/out"
}
escapes() {
	reset_clone
	hostile_commit "$(printf '\rC')"
	git -C "$server" config receive.fsckObjects false
	refused "$1: a CR in an identity" object/malformed \
		'a control character in identity' HEAD:main
	is_printable "$1: is told without it"
	reset_clone
	hostile_commit ''
	refused "$1: escapes in subject, author and trailers" \
		provenance/undeclared 'main not updated' HEAD:main
	is_printable "$1: do not reach the terminal"
	json_is_sound "$1: nor break the records"

	# the ref's name cannot hold control characters, but the rest
	name=$(printf 'refs/heads/topic/\342\200\256\302\233\342\200\213x')
	push "HEAD:$name"
	is_printable "$1: nor from a ref's name"

	mkdir -p "$clone/plans"
	printf x > "$clone/plans/V1__a${nasty}b.sql"
	git -C "$clone" add -A
	git -C "$clone" commit -q -m "plans

Rollback-plan: $(printf 'docs/\033[31m\302\233.md')"
	refused "$1: escapes in a path" rollback/no-undo 'no undo script' \
		HEAD:main
	is_printable "$1: nor from a path, or a plan"
	json_is_sound "$1: the records are sound"
	git -C "$server" config receive.fsckObjects true
}

long() {
	reset_clone
	name=$("$python" -c 'print("n" * 5000)')
	for i in 1 2 3; do
		git -C "$clone" commit -q --allow-empty -m "$name

Generated with [Claude Code]

$name"
	done
	refused "$1: long subjects" provenance/undeclared 'nnn' HEAD:main
	is "$(awk 'length > 2000' "$work/answer" | grep -c '^remote:')" 0 \
		"$1: are cut"

	reset_clone
	i=0
	tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
	at=$(git -C "$clone" rev-parse HEAD)
	while [ $i -lt 300 ]; do
		i=$((i + 1))
		at=$(git -C "$clone" commit-tree -p "$at" -m "feat: $i

Generated with [Claude Code]

x" "$tree")
	done
	push "$at:refs/heads/main"
	is "$pushed" 1 "$1: 300 bad commits are refused"
	told '300 problems. Your commits are safe' "$1: all are counted"
	in_bounds "$1" "$at"
	told 'more problems: see record [0-9a-f-]*, or run: gatepost check' \
		"$1: the rest is where it says"
	record=$(sed -n 's/.*more problems: see record \([0-9a-f-]*\),.*/\1/p' \
		"$work/answer")
	"$gatepost" ledger show --json --ledger "$work/ledger" "$record" \
		> "$work/shown" 2>&1
	has "$work/shown" '"problems":300' "$1: the record has all 300"
	(cd "$clone" && "$gatepost" check --policy "$work/etc/policy.conf" \
		--ref refs/heads/main "origin/main..$at") > "$work/shown" 2>&1
	is "$?" 1 "$1: gatepost check refuses them, too"
	has "$work/shown" '300 problems' "$1: gatepost check has all 300"

	# as long as may be in every place, none of it ASCII
	wide=$("$python" -c 'print("\u00e9\u4e2d" * 2000)')
	at=$(git -C "$clone" rev-parse origin/main) i=0
	while [ $i -lt 70 ]; do
		i=$((i + 1))
		at=$(GIT_AUTHOR_NAME="$wide" GIT_AUTHOR_EMAIL="$wide" \
			git -C "$clone" commit-tree -p "$at" \
			-m "$wide $i

Assisted-by: $wide:$wide
AI-assistance: none
Rollback-plan: $wide" "$tree")
	done
	in_bounds "$1, with long names" "$at"
}
# in_bounds NAME COMMIT: the hook's own words, without what git adds to them
in_bounds() {
	"$python" "$t_dir/raw-push.py" --repo "$server" --from "$clone" \
		"real $2 refs/heads/main" > "$work/said" 2> "$work/out"
	lines=$(wc -l < "$work/said") bytes=$(wc -c < "$work/said")
	[ "$lines" -gt 5 ] && [ "$lines" -le 60 ] &&
		ok "$1: at most 60 lines" ||
		not_ok "$1: at most 60 lines, not $lines" "$work/said"
	[ "$bytes" -le 16384 ] && ok "$1: at most 16 KiB" ||
		not_ok "$1: at most 16 KiB, not $bytes" "$work/said"
	has "$work/said" 'not updated. Help: ' "$1: the last line is there"
	is "$("$python" -c 'import sys
sys.stdin.buffer.read().decode()' < "$work/said" 2>&1)" '' \
		"$1: cut between characters"
}

# paste: runs the command of the answer as a developer would
paste() {
	sed -n -e 's/^remote: hint:   \(git commit --amend.*\)/\1/p' \
		-e 's/^remote: hint:   \(.*git filter-branch.*\)/\1/p' \
		"$work/answer" | sed 's/ *$//' > "$work/pasted"
	(cd "$clone" && sh -e "$work/pasted") > "$work/out" 2>&1 ||
		not_ok 'the command of the answer fails' "$work/pasted" \
			"$work/out"
}

remedy() {
	agent='Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>

said too early'
	change "feat: tip

$agent"
	refused "$1: one commit" provenance/undeclared 'made with' HEAD:main
	paste
	accepted "$1: its command, pasted, mends it" HEAD:main

	reset_clone
	commit a "$1 1" "feat: one \"quoted\" \$HOME \`id\`

$agent"
	commit b "$1 2" 'fix: between, by hand'
	between=$(git -C "$clone" log -1 --format=%B)
	commit c "$1 3" "feat: three

$agent"
	commit d "$1 4" 'fix: at the end, by hand'
	trees=$(git -C "$clone" rev-parse 'HEAD^{tree}')
	refused "$1: two of four commits" provenance/undeclared \
		'main not updated: 2 problems' HEAD:main
	paste
	accepted "$1: the command for several, pasted, mends them" HEAD:main
	is "$(git -C "$clone" rev-parse 'HEAD^{tree}')" "$trees" \
		"$1: the content is the same"
	is "$(git -C "$clone" log -1 --format=%B HEAD~2)" "$between" \
		"$1: commits that were fine keep their messages"
	is "$(git -C "$clone" log --format=%B -4 | grep -c '^Assisted-by:')" \
		2 "$1: two got a trailer"

	# a merge between them
	reset_clone
	git -C "$clone" checkout -q -b side
	commit side "$1" "feat: on the side

$agent"
	git -C "$clone" checkout -q main
	commit e "$1" 'fix: on main'
	git -C "$clone" merge -q --no-ff -m 'merge it' side
	commit f "$1" "feat: after it

$agent"
	refused "$1: bad commits on both sides of a merge" \
		provenance/undeclared '2 problems' HEAD:main
	paste
	accepted "$1: the command keeps merges" HEAD:main
	is "$(git -C "$clone" rev-list --merges origin/main@{1}..HEAD |
		wc -l)" 1 "$1: the merge is still one"
	git -C "$clone" branch -q -D side

	reset_clone always
	commit g "$1 1" 'fix: says nothing'
	commit h "$1 2" "feat: an agent

$agent"
	refused "$1: always: nothing said, and an agent" provenance/missing \
		'always not updated' HEAD:always
	paste
	accepted "$1: each gets what is true of it" HEAD:always
	is "$(git -C "$clone" log -2 --format=%B |
		grep -c -e '^Assisted-by: Claude' -e '^AI-assistance: none')" 2 \
		"$1: none is not written where an agent was"
	has_not "$work/pasted" 'feat.*none' "$1: nor offered"
}

answers() {
	change 'fix: fine'
	accepted "$1: an accepted push" HEAD:main
	is "$(grep -c '^remote:' "$work/answer")" 1 "$1: says one line"
	change 'feat: tip

Generated with [Claude Code]

x'
	git -C "$clone" commit -q --amend --no-edit --date=now
	refused "$1: the same commit to two refs" provenance/undeclared \
		'main, other not updated: 1 problem' HEAD:main HEAD:other
	is "$(grep -c 'made with Claude Code' "$work/answer")" 1 \
		"$1: is told once"
	abbrev=$(git -C "$clone" rev-parse --short=9 HEAD)
	told "$abbrev \"feat: tip\" by alice: made with Claude Code" \
		"$1: with abbreviated id, subject and author"
}

for algo in sha1 sha256; do
	as alice
	new_server "answer-$algo" "$algo"
	git -C "$clone" push -q origin main:other main:always \
		> "$work/out" 2>&1
	answers "$algo"
	escapes "$algo"
	long "$algo"
	remedy "$algo"
done

done_testing
