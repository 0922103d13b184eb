#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Small packs that unfold to something huge: refused with a record, in time
# and memory that are bounded, whatever git itself makes of them.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
	deadline = 20s
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[signers]
	ssh = signers
[area "src"]
	path = src/**
	path = **/secret/*
[gate "main"]
	ref = refs/heads/main
	ref = refs/tags/gated-*
	rule = ai
	rule = src
[rule "ai"]
	check = provenance
	agents = any
[rule "src"]
	check = rollback
	when = area:src
[gate "reviewed"]
	ref = refs/heads/reviewed
	rule = review
[rule "review"]
	check = review
	quorum = 1
END
signing_key bob

# made WHAT NUMBER…: a commit of those objects on top of main
made() {
	git -C "$clone" fetch -q
	"$python" "$t_dir/make-objects.py" "$clone" --parent \
		"$(git -C "$clone" rev-parse origin/main)" "$@"
}
# in_time NAME: the last push took as long as somebody waits
in_time() {
	now=$(date +%s)
	[ $((now - began)) -le 20 ] && ok "$1: in time" ||
		not_ok "$1: took $((now - began)) s"
}
# heavy NAME CODE WORDS REFSPEC: refused in bounded time; the hook reports
# what the judge used, which is not to be seen from here: its limits stop it
heavy() {
	began=$(date +%s)
	refused "$@"
	in_time "$1"
}
# what the gate never gets to see, since git refuses it by itself, is no
# failure of the gate's: heavy_or_git NAME CODE WORDS REFSPEC
heavy_or_git() {
	name=$1 code=$2 words=$3; shift 3
	began=$(date +%s)
	git -C "$server" for-each-ref > "$work/refs-before"
	push "$@"
	if grep -q 'not updated: .* problem' "$work/answer"; then
		refusal "$name" "$code" "$words"
	elif [ $pushed != 0 ]; then
		skip "$name" 'git refused it itself'
	else
		not_ok "$name" "$work/answer"
	fi
	in_time "$name"
}

messages() {
	heavy "$1: a message of 2 MB" object/too-big \
		'a message of [0-9]* bytes, more than 1048576' \
		"$(made message 2000000):refs/heads/main"
	accepted "$1: a message of 1 MB" \
		"$(made message 1000000):refs/heads/main"
	heavy "$1: 20,000 trailers" object/too-big \
		'more than 10000 trailers' \
		"$(made trailers 20000):refs/heads/main"
	accepted "$1: 9,000 trailers" "$(made trailers 9000):refs/heads/main"
	heavy "$1: 2,000 parents" object/too-big \
		'2001 parents, more than 1024' \
		"$(made parents 2000):refs/heads/main"
	accepted "$1: 100 parents" "$(made parents 100):refs/heads/main"
}

huge_message() {
	heavy "$1: a message of 100 MB" object/too-big 'too-big\|more than\|large' \
		"$(made message 100000000):refs/heads/main"
	heavy "$1: it is refused on a ref without gate, too" object/too-big \
		'more than\|large' \
		"$(made message 100000000):refs/heads/elsewhere"
}

trees() {
	heavy "$1: trees that expand to 10^10 files" object/too-big \
		'more than 1000000' \
		"$(made bomb 10 10):refs/heads/main"
	heavy "$1: 2,000,000 files in two directories" object/too-big \
		'more than 1000000' \
		"$(made bomb 1 2 > /dev/null; made wide 1100000):refs/heads/main"
	heavy_or_git "$1: 3,000 directories in each other" object/too-big \
		'levels\|deep\|depth' "$(made deep 3000):refs/heads/main"
}

undo() {
	heavy "$1: an undo script of 200 MB" rollback/no-undo \
		'too large to look at' "$(made undo 200000000):refs/heads/main"
	heavy "$1: one of 1 MB that does nothing" rollback/no-undo \
		'does nothing\|too large' \
		"$(made undo 1000000):refs/heads/main"
}

tags() {
	heavy_or_git "$1: 20,000 levels of tags" object/too-big \
		'tags of tags, more than 16 deep' \
		"$(made tags 20000):refs/tags/gated-deep"
	heavy_or_git "$1: also without a gate" object/too-big \
		'tags of tags, more than 16 deep' \
		"$(made tags 20000):refs/tags/deep"
	accepted "$1: a tag of a tag" "$(made tags 2):refs/tags/gated-two"
}

# What cannot be judged on a ref without gate must not go by unseen: who
# brought a change is remembered, and a bomb beside it must not help forget.
forgetting() {
	as bob
	reset_clone
	git -C "$clone" push -q origin origin/main:refs/heads/reviewed \
		> "$work/out" 2>&1
	git -C "$clone" fetch -q
	GIT_AUTHOR_NAME=alice GIT_AUTHOR_EMAIL=alice@example.com \
		GIT_COMMITTER_NAME=alice GIT_COMMITTER_EMAIL=alice@example.com \
		commit "forged-$1" 1 'fix: as if by alice'
	push "$(made bomb 10 10):refs/heads/bomb" HEAD:refs/heads/bobs
	push HEAD:refs/heads/bobs
	sign_as bob
	approve reviewed HEAD
	refused "$1: a bomb makes nobody forget who brought a change" \
		review/quorum "bob's does not count: brought the change" \
		HEAD:reviewed
	as alice
}

for algo in sha1 sha256; do
	as alice
	new_server "limits-$algo" "$algo"
	messages "$algo"
	trees "$algo"
	tags "$algo"
	forgetting "$algo"
done
as alice
huge_message sha256
undo sha256

done_testing
