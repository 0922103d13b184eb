#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# However the server stores objects and refs, and however a push arrives, the
# answer is the same: packs of every kind, packed refs, alternates.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[signers]
	ssh = signers
[area "payments"]
	path = src/*/pay/**
[gate "main"]
	ref = refs/heads/main
	rule = ai
	rule = two
	rule = history
[gate "advice"]
	ref = refs/heads/none
	rule = forbid
[rule "ai"]
	check = provenance
	agents = any
[rule "history"]
	check = history
[rule "two"]
	check = review
	when = area:payments
	quorum = 1
[rule "forbid"]
	check = provenance
	declare = forbid
END
signing_key bob

agent='feat: by an agent

Generated with [Claude Code]

x'

# fill: a history with files large and alike enough for deltas of deltas
fill() {
	"$python" - <<'END' | git -C "$clone" fast-import --quiet --force
import random
random.seed(7)
lines = ["line %d %d\n" % (i, random.random() * 1e9) for i in range(400)]
out, mark = [], 0
for n in range(60):
    lines[random.randrange(400)] = "changed %d\n" % n
    text = "".join(lines)
    out.append("commit refs/heads/filled\n")
    out.append("committer Alice <alice@example.com> %d +0000\n"
               % (1790000000 + n))
    out.append("data 6\nfill %d\n" % (n % 10))
    if n == 0:
        out.append("from refs/remotes/origin/main^0\n")
    for path in ("a", "src/x/pay/book", "src/y/z/deep/er/file"):
        out.append("M 644 inline %s\ndata %d\n%s\n"
                   % (path, len(text), text))
    for i in range(20):
        out.append("M 644 inline wide/f%03d-%d\ndata 2\nx\n\n" % (n, i))
    out.append("\n")
print("".join(out), end="")
END
	git -C "$clone" checkout -q -f -B main filled
	git -C "$clone" branch -q -D filled
}

# round NAME: bad, unapproved, approved and honest pushes
round() {
	change "$agent"
	refused "$1: a bad commit" provenance/undeclared \
		'made with Claude Code' HEAD:main
	change 'fix: by hand'
	accepted "$1: an honest one" HEAD:main
	t_round=$((t_round + 1))
	reset_clone
	echo "appended $t_round" >> "$clone/src/x/pay/book"
	sed -i "7s/.*/changed in round $t_round/" "$clone/src/x/pay/book"
	git -C "$clone" commit -q -a -m 'pay: a line'
	git -C "$clone" push -q origin "HEAD:refs/heads/pay-$t_round" \
		> "$work/out" 2>&1
	refused "$1: payments without approval" review/quorum 'has 0' HEAD:main
	sign_as bob
	approve main HEAD || not_ok "$1: git approve" "$work/approve"
	as alice
	accepted "$1: with one" HEAD:main
	refused "$1: a rewind" history/rewind 'would lose commits' \
		-f HEAD~3:main
}
t_round=0

storage() {
	as alice
	new_server "storage-$1" "$1"
	git -C "$clone" fetch -q
	fill
	git -C "$clone" push -q origin HEAD:filled > "$work/out" 2>&1
	sign_as bob
	approve main HEAD || not_ok 'git approve' "$work/approve"
	as alice
	accepted "$1: sixty commits at once" HEAD:main

	git -C "$server" config receive.unpackLimit 100000
	round "$1, loose objects"
	git -C "$server" config receive.unpackLimit 1
	round "$1, a pack for every push"
	git -C "$server" pack-refs --all --prune
	round "$1, packed refs"
	git -C "$server" repack -q -a -d -f --depth=50 --window=50
	round "$1, one pack with long chains of deltas"
	git -C "$server" -c pack.indexVersion=1 repack -q -a -d -f
	round "$1, an index of version 1"
	git -C "$server" repack -q -d -m --write-bitmap-index 2> "$work/out" ||
		git -C "$server" multi-pack-index write 2> "$work/out"
	git -C "$server" commit-graph write --reachable 2> "$work/out"
	round "$1, several packs, a common index and a commit graph"
	git -C "$server" -c gc.auto=0 gc -q --prune=now 2> "$work/out"
	git -C "$server" config transfer.unpackLimit 1
	round "$1, after gc"
	git -C "$server" config core.compression 0
	git -C "$server" config core.looseCompression 9
	git -C "$server" config receive.unpackLimit 100000
	git -C "$server" unpack-objects -q < "$(ls "$server"/objects/pack/*.pack |
		head -n 1)"
	round "$1, other compression, and objects twice"

	# an annotated tag and a branch as old and new values in packed-refs,
	# peeled lines and all
	git -C "$clone" tag -f -a -m v v1 HEAD > "$work/out" 2>&1
	accepted "$1: a tag" refs/tags/v1
	git -C "$server" pack-refs --all
	round "$1, packed tags"

	# bad things in packed refs launder nothing
	change "$agent"
	accepted "$1: a branch without gate" HEAD:refs/heads/laundry
	git -C "$server" pack-refs --all --prune
	git -C "$server" repack -q -a -d
	refused "$1: packed away, it excuses nothing" provenance/undeclared \
		'made with Claude Code' HEAD:main
}

storage sha1
storage sha256

done_testing
