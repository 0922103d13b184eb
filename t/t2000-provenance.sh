#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The check `provenance` over real pushes: each of its findings, what the
# developer reads, and the honest change next to it that passes.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "robot"]
	email = robot@example.com
	login = robot
	kind = bot
[agent "claude-code"]
	model = claude-*
[agent "copilot"]
	until = 2024-06-30
[gate "main"]
	ref = refs/heads/main
	rule = registered
[gate "always"]
	ref = refs/heads/always
	rule = always
[gate "forbid"]
	ref = refs/heads/forbid
	rule = forbid
[gate "kernel"]
	ref = refs/heads/kernel
	rule = kernel
[gate "signoff"]
	ref = refs/heads/signoff
	rule = signoff
[rule "registered"]
	check = provenance
	control = SOC2:CC8.1
	control = ISO27001:A.8.28
[rule "always"]
	check = provenance
	declare = always
	agents = any
[rule "forbid"]
	check = provenance
	declare = forbid
[rule "kernel"]
	check = provenance
	agents = any
	declare-key = Assisted-by
	deny-key = Co-authored-by
[rule "signoff"]
	check = provenance
	agents = any
	agent-signoff = allow
END

claude='Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>'
generated='🤖 Generated with [Claude Code](https://claude.com/claude-code)'

# the command that the answer gives, as the developer pastes it
paste_hint() {
	sed -n 's/^remote: hint:   \(git commit --amend.*\)/\1/p' \
		"$work/answer" | sed 's/ *$//' > "$work/pasted"
	(cd "$clone" && sh -e "$work/pasted") > "$work/out" 2>&1
}

undeclared() {
	change "fix: by hand"
	accepted "$1: a commit without a trace of AI passes" HEAD:main

	change "feat: x

$generated

$claude"
	accepted "$1: Claude Code's unedited commit passes" HEAD:main
	recorded '"agent":"claude-code","model":"Claude Opus 4.6"' \
		"$1: agent and model are in the record"
	recorded '"controls":\["SOC2:CC8.1","ISO27001:A.8.28"\]' \
		"$1: so are the controls of the rule"

	change "feat: squashed

$generated

$claude

* also this and that"
	refused "$1: an agent that stands only in the body" \
		provenance/undeclared \
		'made with Claude Code, tool not stated in the last paragraph' \
		HEAD:main
	told 'Your commits are safe' "$1: the first line says that all is safe"
	told 'main not updated. Help: https://wiki' "$1: the last line helps"
	paste_hint
	accepted "$1: the command of the hint, pasted, is all it takes" \
		HEAD:main

	change "feat: by the agent's own account" always
	git -C "$clone" commit -q --amend --no-edit \
		--author='copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>'
	refused "$1: an agent that is the author" provenance/undeclared \
		'made with GitHub Copilot, tool not stated' HEAD:always
	git -C "$clone" commit -q --amend --no-edit \
		--trailer 'Assisted-by: Copilot:gpt-5'
	accepted "$1: declared, it passes" HEAD:always

	change "feat: left as the template had it

Assisted-by: TOOL:MODEL"
	refused "$1: the words of the template still in it" \
		provenance/undeclared 'still has the word to fill in' HEAD:main

	change "feat: a person helped

Assisted-by: Grace Hopper <grace@example.com>"
	accepted "$1: Assisted-by thanks people, too" HEAD:main
}

missing() {
	change "fix: says nothing" always
	refused "$1: always: nothing said is missing" provenance/missing \
		'does not say whether an AI tool helped' HEAD:always
	told 'trailer "AI-assistance: none"' "$1: always: the hint says how"
	git -C "$clone" commit -q --amend --no-edit \
		--trailer 'AI-assistance: none'
	accepted "$1: always: AI-assistance: none passes" HEAD:always
}

registered() {
	change "feat: y

Assisted-by: Frobnicator:frob-1"
	refused "$1: a tool that nobody registered" provenance/unregistered \
		'made with Frobnicator, which is not registered here' HEAD:main
	told 'registered here: Claude Code' "$1: the hint says which are"
	change "feat: y

Assisted-by: Claude:gpt-5"
	refused "$1: a model that nobody registered" provenance/unregistered \
		"Claude Code's model gpt-5, which is not registered" HEAD:main
	change "feat: y

Assisted-by: Claude"
	refused "$1: no model, where models are registered" \
		provenance/unregistered 'model not stated' HEAD:main
	change "feat: y

Assisted-by: Claude:claude-opus-4-6"
	accepted "$1: the registered tool and model pass" HEAD:main

	change "feat: z

Assisted-by: Copilot:gpt-5"
	refused "$1: a registration that has run out" provenance/expired \
		'made with GitHub Copilot, which was registered until 2024-06-30' \
		HEAD:main
	GIT_COMMITTER_DATE='2024-01-01T00:00:00Z' git -C "$clone" commit -q \
		--amend --no-edit --date='2024-01-01T00:00:00Z'
	refused "$1: no date of the pusher's own revives it" \
		provenance/expired 'registered until 2024-06-30' HEAD:main
}

keys() {
	change "feat: k

$claude" kernel
	refused "$1: a denied key that names a tool" provenance/denied-key \
		'Co-Authored-By names Claude Code; here this key may not' \
		HEAD:kernel
	told 'Assisted-by: Claude:claude-opus-4-6' "$1: what to write instead"
	change "feat: k

Assisted-by: Claude:claude-opus-4-6
Co-authored-by: Grace Hopper <grace@example.com>" kernel
	accepted "$1: a denied key may name people" HEAD:kernel
	change "feat: l

AI-agent: Claude Code" kernel
	refused "$1: a key beside those of declare-key" \
		provenance/undeclared 'which AI-agent does not state here' \
		HEAD:kernel

	change "feat: f

Assisted-by: Claude:claude-opus-4-6" forbid
	refused "$1: forbid refuses a declared tool" provenance/forbidden \
		'made with Claude Code; nothing made with AI goes here' \
		HEAD:forbid
	change "feat: f

$generated

by hand, really" forbid
	refused "$1: forbid refuses what is only detected" \
		provenance/forbidden 'nothing made with AI goes here' \
		HEAD:forbid
	change "feat: by hand" forbid
	accepted "$1: forbid lets the rest pass" HEAD:forbid
}

ambiguous() {
	change "feat: m

$generated

AI-assistance: none"
	refused "$1: none beside a detected agent" provenance/ambiguous \
		'says "AI-assistance: none", but was made with Claude Code' \
		HEAD:main
	not_told 'trailer "AI-assistance: none"' \
		"$1: no hint to write none where an agent was seen"
	change "feat: m

Assisted-by: Claude:claude-opus-4-6
AI-assistance: none"
	refused "$1: none beside a declaration" provenance/ambiguous \
		'says "AI-assistance: none"' HEAD:main
	change "feat: n

AI-assistance: none
---
Assisted-by: Claude:claude-opus-4-6"
	refused "$1: another reading above the divider" provenance/ambiguous \
		'some tools stop reading at the line' HEAD:main
	change "feat: o

Assisted-by: Claude:claude-opus-4-6
Assisted-by: Claude:claude-opus-4-6"
	accepted "$1: the same line twice contradicts nothing" HEAD:main
}

signoff() {
	change "feat: p

Assisted-by: Claude:claude-opus-4-6
Signed-off-by: Claude <noreply@anthropic.com>"
	refused "$1: an agent that signs off" provenance/agent-signoff \
		'signed off by Claude Code; only a person can sign off' \
		HEAD:main
	accepted "$1: unless the rule allows it" HEAD:signoff
	change "feat: q

Assisted-by: Claude:claude-opus-4-6
Signed-off-by: Alice <alice@example.com>"
	accepted "$1: a person signs off for the tool's work" HEAD:main
}

# merges, reverts and bots have their way, and only they
exempt() {
	change "feat: to be merged"
	side=$(git -C "$clone" rev-parse HEAD)
	change "feat: other side"
	git -C "$clone" merge -q --no-ff -m "Merge

$generated

into this" "$side"
	accepted "$1: a clean merge is not asked" HEAD:main

	change "feat: one"
	side=$(git -C "$clone" rev-parse HEAD)
	change "feat: other"
	git -C "$clone" merge -q --no-ff --no-commit "$side" > "$work/out" 2>&1
	echo evil > "$clone/evil"
	git -C "$clone" add evil
	git -C "$clone" commit -q -m "Merge

$generated

with something of its own"
	refused "$1: an evil merge is asked" provenance/undeclared \
		'made with Claude Code' HEAD:main

	change "feat: agent

$claude"
	accepted "$1: what will be reverted" HEAD:main
	git -C "$clone" fetch -q
	agents_work=$(git -C "$clone" rev-parse HEAD)
	git -C "$clone" revert --no-edit HEAD > /dev/null
	git -C "$clone" commit -q --amend -m "Revert the agent's work

$generated

This reverts commit $agents_work."
	accepted "$1: an exact revert is not asked" HEAD:main
	git -C "$clone" fetch -q
	git -C "$clone" commit -q --allow-empty -m "Revert

$generated

This reverts commit $agents_work."
	refused "$1: what only says that it is a revert is asked" \
		provenance/undeclared 'made with Claude Code' HEAD:main

	as robot
	change "chore: update

$generated

and more"
	accepted "$1: what a bot's login brings is not asked" HEAD:main
	change "feat: a person's work

$generated

and more"
	GATEPOST_TEST_USER=alice
	git -C "$clone" push -q origin HEAD:refs/heads/for-the-queue \
		2> "$work/out"
	GATEPOST_TEST_USER=robot
	refused "$1: what a bot lands for others is" \
		provenance/undeclared 'made with Claude Code' HEAD:main
	GIT_COMMITTER_NAME=other git -C "$clone" commit -q --amend --no-edit
	refused "$1: also when it makes another commit of it" \
		provenance/undeclared 'made with Claude Code' HEAD:main
	change "chore: branch first

$generated

and more"
	git -C "$clone" push -q origin HEAD:refs/heads/by-a-bot 2> "$work/out"
	GATEPOST_TEST_USER=alice
	accepted "$1: what a bot brought is not asked when a person lands it" \
		HEAD:main
	as robot
	GIT_COMMITTER_NAME=robot change "chore: update again

$generated

and more"
	GATEPOST_TEST_USER=alice
	refused "$1: a bot's e-mail, which anyone can forge, is" \
		provenance/undeclared 'made with Claude Code' HEAD:main
	as alice
}

for algo in sha1 sha256; do
	as alice
	new_server "prov-$algo" "$algo"
	git -C "$clone" push -q origin main:always main:forbid main:kernel \
		main:signoff > "$work/out" 2>&1
	undeclared "$algo"
	missing "$algo"
	registered "$algo"
	keys "$algo"
	ambiguous "$algo"
	signoff "$algo"
	exempt "$algo"
done

done_testing
