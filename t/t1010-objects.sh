#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Objects that two parsers read differently, pushed to a server that leaves
# them to the gate (receive.fsckObjects off), on gated refs and elsewhere.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[area "src"]
	path = src/**
[gate "main"]
	ref = refs/heads/main
	rule = ai
	rule = src
[rule "ai"]
	check = provenance
	agents = any
[rule "src"]
	check = rollback
	when = area:src
END

# begin: the parts of a commit on top of the server's main
begin() {
	reset_clone
	parent=$(git -C "$clone" rev-parse HEAD)
	tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
	who='Alice <alice@example.com> 1790000000 +0000'
	head="tree $tree
parent $parent"
}
# bad NAME CODE WORDS < commit: refused on main, and on a branch without gate
bad() {
	id=$(crafted commit)
	refused "$1" "$2" "$3" -f "$id:refs/heads/main"
	push -f "$id:refs/heads/elsewhere"
	last_decision
	if [ $pushed != 0 ] && found "$2"; then
		ok "$1, on a ref without gate"
	else
		not_ok "$1, on a ref without gate" "$work/answer" \
			"$work/decision"
	fi
}

commits() {
	begin
	id=$(printf '%s\nauthor %s\ncommitter %s\n\nplain\n' "$head" "$who" \
		"$who" | crafted commit)
	accepted "$1: a crafted commit of git's own form" \
		"$id:refs/heads/main"
	begin
	bad "$1: two authors" object/malformed 'no committer header' <<END
$head
author $who
author Mallory <m@example.com> 1790000000 +0000
committer $who

x
END
	bad "$1: two committers" object/malformed 'behind the committer' <<END
$head
author $who
committer $who
committer Mallory <m@example.com> 1790000000 +0000

x
END
	bad "$1: a parent behind the author" object/malformed \
		'no committer header\|behind' <<END
$head
author $who
parent $parent
committer $who

x
END
	bad "$1: a second tree" object/malformed 'no author\|tree' <<END
tree $tree
tree $tree
parent $parent
author $who
committer $who

x
END
	bad "$1: two addresses in one identity" object/malformed \
		'more than one mail address' <<END
$head
author Alice <alice@example.com> <m@example.com> 1790000000 +0000
committer $who

x
END
	printf '%s\nauthor %s\ncommitter %s\n\nx\n' "$head" \
		"$(printf 'Alice\r <alice@example.com> 1790000000 +0000')" \
		"$who" > "$work/cr"
	bad "$1: a CR in an identity" object/malformed \
		'a control character in identity' < "$work/cr"
	bad "$1: a time of 20 digits" object/malformed \
		'no plain number of seconds' <<END
$head
author Alice <alice@example.com> 99999999999999999999 +0000
committer $who

x
END
	bad "$1: no time" object/malformed 'plain number\|time' <<END
$head
author Alice <alice@example.com>
committer $who

x
END
	bad "$1: an id in capitals" object/malformed 'history cannot be read\|tree' <<END
tree $(echo "$tree" | tr a-f A-F)
parent $(echo "$parent" | tr a-f A-F)
author $who
committer $who

x
END
	bad "$1: two signatures" object/malformed \
		'signature' <<END
$head
author $who
committer $who
gpgsig -----BEGIN SSH SIGNATURE-----
 U1NIU0lH
 -----END SSH SIGNATURE-----
gpgsig-sha256 -----BEGIN SSH SIGNATURE-----
 U1NIU0lH
 -----END SSH SIGNATURE-----

x
END
	bad "$1: a message in UTF-7" object/encoding \
		'the message is in "UTF-7", not UTF-8' <<END
$head
author $who
committer $who
encoding UTF-7

x

+AAo-Reviewed-by: Bob <bob@example.com>
END
	told 'git config --unset i18n.commitEncoding' \
		"$1: and how to mend it"
	printf '%s\nauthor %s\ncommitter %s\n\nx\0y\n' "$head" "$who" "$who" |
		cat > "$work/nul"
	bad "$1: a NUL in the message" object/nul 'a NUL byte' < "$work/nul"
	begin
	id=$(crafted commit <<END
$head
author $who
committer $who
encoding utf-8

in UTF-8, and says so
END
)
	accepted "$1: an encoding header that says UTF-8" \
		"$id:refs/heads/main"
}

# entries MODE NAME ID…: a tree of these, as they stand
entries() {
	"$python" - "$@" > "$work/tree" <<'END'
import os
import sys
a = sys.argv[1:]
for mode, name, oid in zip(a[::3], a[1::3], a[2::3]):
    sys.stdout.buffer.write(mode.encode() + b" " + os.fsencode(name) + b"\0" +
                            bytes.fromhex(oid))
END
	crafted tree < "$work/tree"
}
# tree_refused NAME WORDS MODE NAME ID…: src/ is that tree
tree_refused() {
	name=$1 words=$2; shift 2
	inner=$(entries "$@")
	outer=$(entries 40000 src "$inner")
	id=$(printf 'tree %s\nparent %s\nauthor %s\ncommitter %s\n\nx\n' \
		"$outer" "$parent" "$who" "$who" | crafted commit)
	refused "$name" object/malformed "$words" "$id:refs/heads/main"
}

trees() {
	begin
	blob=$(echo x | crafted blob)
	empty=$(crafted tree < /dev/null)
	tree_refused "$1: a slash in a name" 'a slash in a name' \
		100644 a/b "$blob"
	tree_refused "$1: the name .." 'an entry named . or ..' \
		40000 .. "$empty"
	tree_refused "$1: the name .git" 'an entry named .git' \
		100644 .git "$blob"
	tree_refused "$1: one name twice" 'two entries of one name' \
		100644 a "$blob" 100644 a "$blob"
	tree_refused "$1: a file and a directory of one name" \
		'one name\|out of order' \
		100644 a "$blob" 100644 a-b "$blob" 40000 a "$empty"
	tree_refused "$1: entries out of order" 'out of order' \
		100644 b "$blob" 100644 a "$blob"
	tree_refused "$1: a mode that git does not know" 'a file mode' \
		100000 a "$blob"
	tree_refused "$1: a blob that says it is a directory" \
		'not a tree\|unreadable tree' 40000 a "$blob"
}

tags() {
	begin
	id=$(crafted tag <<END
object $parent
type commit
tag two words
tagger $who

x
END
)
	refused "$1: a blank in a tag's name" object/malformed \
		'a blank or control character' "$id:refs/tags/odd"
	id=$(crafted tag <<END
object $parent
type commit
tag v1
tagger $who

x
-----BEGIN SSH SIGNATURE-----
U1NIU0lH
-----END SSH SIGNATURE-----
text behind it
END
)
	refused "$1: text behind a tag's signature" object/malformed 'tag: ' \
		"$id:refs/tags/odd"
	id=$(crafted tag <<END
object $parent
type commit
tag v1
tagger $who

x
END
)
	accepted "$1: a plain tag" "$id:refs/tags/v1"
}

for algo in sha1 sha256; do
	new_server "objects-$algo" "$algo"
	git -C "$server" config receive.fsckObjects false
	commits "$algo"
	trees "$algo"
	tags "$algo"
done

# with git's own check on, as `install --enforce` leaves it, most of these
# never reach a hook: nothing moves, and nothing is recorded
git -C "$server" config receive.fsckObjects true
begin
id=$(crafted commit <<END
$head
author $who
author Mallory <m@example.com> 1790000000 +0000
committer $who

x
END
)
records | wc -l > "$work/before"
push "$id:refs/heads/main"
is "$pushed" 1 'fsckObjects refuses what it knows'
is "$(records | wc -l)" "$(cat "$work/before")" 'and no hook hears of it'

done_testing
