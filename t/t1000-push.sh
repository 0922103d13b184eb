#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a client can write into a push without asking git: names, old values
# and commands that git's own client never sends.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/release/*
	rule = ai
	rule = history
[rule "ai"]
	check = provenance
	agents = any
[rule "history"]
	check = history
END

# raw ARGUMENTS…: a push of $clone's objects by the client of our own
raw() {
	"$python" "$t_dir/raw-push.py" --repo "$server" --from "$clone" "$@" \
		> "$work/answer" 2> "$work/statuses"
	pushed=$?
}
# raw_refused NAME CODE WORDS ARGUMENTS…, raw_accepted NAME ARGUMENTS…
raw_refused() {
	name=$1 code=$2 words=$3; shift 3
	git -C "$server" for-each-ref > "$work/refs-before"
	raw "$@"
	refusal "$name" "$code" "$words"
}
raw_accepted() {
	name=$1; shift
	raw "$@"
	if [ $pushed = 0 ]; then ok "$name"; else not_ok "$name" "$work/answer"; fi
}

names() {
	change 'fix: by hand'
	new=$(git -C "$clone" rev-parse HEAD)
	raw_accepted "$1: the raw client pushes as git does" \
		"real $new refs/heads/topic"
	main=$(tip main)

	raw_refused "$1: a name that holds a second line" push/malformed \
		'is not "OLD NEW REF"' "zero $new refs/heads/a\\nrefs/heads/main"
	raw_refused "$1: a name that forges a whole second line" \
		push/stale-old 'has moved since' \
		"zero $new refs/heads/a\\n$new $main refs/heads/main"
	raw_refused "$1: a name with a NUL is not cut there" push/malformed \
		'not a well-formed ref name' \
		"zero $new refs/heads/ok" "zero $new refs/heads/b~1"
	for bad in refs/heads/a..b refs/heads/.a refs/heads/a.lock \
		refs/heads/a//b refs/heads/a/ 'refs/heads/a b' 'refs/heads/a\t' \
		'refs/heads/a\x1b[2Jb' 'refs/heads/a\x7f' 'refs/heads/@{0}' \
		main HEAD 'refs/heads/a?' 'refs/heads/a\\\\b' refs/heads/a.; do
		raw_refused "$1: the name $bad" push/malformed \
			'not a well-formed ref name\|not "OLD NEW REF"' \
			"zero $new $bad"
	done
	for bad in refs/heads/-x refs/heads/--upload-pack=x refs/heads/HEAD \
		refs/heads/refs/heads/main refs/tags/refs/tags/v1 \
		"refs/heads/$new"; do
		raw_refused "$1: a look-alike, $bad" push/malformed \
			'looks like' "zero $new $bad"
	done
	raw_refused "$1: a name that is not UTF-8" push/malformed \
		'is not UTF-8' "zero $new refs/heads/\\xff\\xfe"
	has_not "$work/answer" "$(printf '\377')" \
		"$1: its bytes do not reach the terminal"
	long=$("$python" -c 'print("refs/heads/" + "n/" * 30000 + "x")')
	raw_refused "$1: a name of 60 kB" push/malformed \
		'not a well-formed ref name' "zero $new $long"
	is "$(tip refs/heads/main)" "$main" "$1: main is where it was"

	# old look-alikes have to go somehow
	git -C "$server" update-ref refs/heads/-x "$new"
	raw_accepted "$1: a look-alike can be deleted" \
		"$new zero refs/heads/-x"
	raw_refused "$1: neither old nor new" push/malformed \
		'both ids are null' 'zero zero refs/heads/nothing'
}

old_values() {
	change 'fix: stale'
	new=$(git -C "$clone" rev-parse HEAD)
	main=$(tip main)
	raw_refused "$1: an invented old value" push/stale-old \
		'has moved since you fetched it' "$new $new refs/heads/main"
	raw_refused "$1: an old value for a ref that does not exist" \
		push/stale-old 'has moved since' "$main $new refs/heads/absent"
	raw_refused "$1: none for a ref that exists" push/stale-old \
		'has moved since' "zero $new refs/heads/main"
	raw_refused "$1: a deletion with an invented old value" \
		history/deletion 'main may not be deleted' \
		"$new zero refs/heads/main"
	found push/stale-old && ok "$1: it is stale besides" ||
		not_ok "$1: it is stale besides" "$work/decision"
	raw_refused "$1: a deletion with the real one" history/deletion \
		'main may not be deleted' "real zero refs/heads/main"
	raw_accepted "$1: the real old value" "real $new refs/heads/main"
}

twice() {
	change 'fix: twice'
	new=$(git -C "$clone" rev-parse HEAD)
	raw_refused "$1: one ref twice" push/duplicate-ref \
		'comes more than once' \
		"real $new refs/heads/main" "real $new refs/heads/main"
	git -C "$server" symbolic-ref refs/heads/alias refs/heads/main
	raw_refused "$1: a ref and its alias" push/duplicate-ref \
		'are one ref' "real $new refs/heads/main" \
		"real $new refs/heads/alias"
	raw_refused "$1: an alias of main is main when it is deleted" \
		history/deletion 'may not be deleted' \
		"real zero refs/heads/alias"

	change 'feat: alias

Generated with [Claude Code]

x'
	new=$(git -C "$clone" rev-parse HEAD)
	raw_refused "$1: an alias of main is judged as main" \
		provenance/undeclared 'made with Claude Code' \
		"real $new refs/heads/alias"
	git -C "$server" symbolic-ref -d refs/heads/alias
	git -C "$server" symbolic-ref refs/heads/loop refs/heads/loop2
	git -C "$server" symbolic-ref refs/heads/loop2 refs/heads/loop
	raw_refused "$1: symbolic refs in a circle" push/malformed 'symbolic' \
		"zero $new refs/heads/loop"
	git -C "$server" symbolic-ref -d refs/heads/loop
	git -C "$server" symbolic-ref -d refs/heads/loop2
}

many() {
	change 'fix: many'
	new=$(git -C "$clone" rev-parse HEAD)
	raw_refused "$1: more refs than a push may have" object/too-big \
		'updates 10001 refs; 10000 are allowed' \
		--many 10001 "$new" refs/heads/many/
	raw_accepted "$1: two hundred refs" --many 200 "$new" refs/heads/many/
	recorded '"count":200\|refs/heads/many/199' \
		"$1: they are on record"
}

options() {
	change 'fix: options'
	new=$(git -C "$clone" rev-parse HEAD)
	escape=$(printf 'a\033[2J\nb')
	raw_accepted "$1: push options with escapes" --option "$escape" \
		"real $new refs/heads/opt"
	has_not "$work/answer" "$(printf '\033')" \
		"$1: they do not reach the terminal"
	# what no environment holds git cannot hand to a hook: that is a refusal
	raw --option "$("$python" -c 'print("o" * 60000)')" \
		"zero $new refs/heads/opt-long"
	[ "$(tip refs/heads/opt-long)" = none ] || [ $pushed = 0 ] &&
		ok "$1: a push option of 60 kB" ||
		not_ok "$1: a push option of 60 kB" "$work/answer"
	set --
	while [ $# -lt 600 ]; do set -- "$@" --option x; done
	git -C "$server" for-each-ref > "$work/refs-before"
	raw "$@" "real $new refs/heads/opt2"
	is "$pushed" 1 'too many push options are refused'
	told 'could not decide\|no fault of yours\|push options' \
		'and the developer is told'
}

doomed() {
	change 'fix: doomed'
	new=$(git -C "$clone" rev-parse HEAD)
	change 'fix: its other half'
	missing=$(printf 'no such object' | git -C "$clone" hash-object --stdin)
	git -C "$server" for-each-ref > "$work/refs-before"
	raw "zero $missing refs/heads/doomed" --no-pack
	is "$pushed" 1 "$1: a push of an object that is nowhere"
	is "$(tip refs/heads/doomed)" none "$1: makes no ref"
	git -C "$server" config receive.hideRefs refs/hidden
	raw "zero $new refs/hidden/x"
	is "$(tip refs/hidden/x)" none "$1: a hidden ref is not made"
	git -C "$server" config --unset receive.hideRefs
}

atomic() {
	change 'fix: atomic'
	good=$(git -C "$clone" rev-parse HEAD)
	change 'feat: bad

Generated with [Claude Code]

x'
	refused "$1: an atomic push with one bad ref" provenance/undeclared \
		'(nor the other 1 of this push)' --atomic \
		"$good:refs/heads/fine" HEAD:main
	refused "$1: nor does a push that is not atomic move the good one" \
		provenance/undeclared '(nor the other 1 of this push)' \
		"$good:refs/heads/fine" HEAD:main
	accepted "$1: an atomic push of good ones" --atomic \
		"$good:refs/heads/fine" "$good:main"
}

namespaces() {
	change 'feat: in a namespace

Generated with [Claude Code]

x'
	inside='--receive-pack=env GIT_NAMESPACE=team git-receive-pack'
	refused "$1: main of a namespace is main" provenance/undeclared \
		'main not updated' "$inside" HEAD:main
	accepted "$1: another branch of it is not" "$inside" HEAD:other
	is "$(tip refs/namespaces/team/refs/heads/other)" \
		"$(git -C "$clone" rev-parse HEAD)" "$1: it went there"
	accepted "$1: a name that only looks like a namespace" \
		HEAD:refs/namespaces/other/refs/heads/topic
}

for algo in sha1 sha256; do
	new_server "push-$algo" "$algo"
	names "$algo"
	old_values "$algo"
	twice "$algo"
	doomed "$algo"
	atomic "$algo"
	namespaces "$algo"
done
many sha256
options sha256

done_testing
