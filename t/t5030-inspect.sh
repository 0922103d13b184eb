#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost inspect: trailers, paths, tools and signatures of odd commits and
# tags, as git sees them, in both formats of repositories.

. "$(dirname "$0")/lib.sh"

signing_key alice
policy_file << 'END'
[signers]
	ssh = signers
[principal "alice"]
	email = alice@example.com
[gate "none"]
	ref = refs/heads/none
	rule = ai
[rule "ai"]
	check = provenance
	agents = any
END
policy=$work/etc/policy.conf

inspect() {
	(cd "$clone" && "$gatepost" inspect --policy "$policy" "$@") \
		> "$work/json" 2> "$work/errors"
	rc=$?
}
# compare NAME REVISIONS…: every line of inspect --json against git's words
compare() {
	name=$1; shift
	inspect --json "$@"
	(cd "$clone" && "$python" - "$work/json" "$@" << 'END'
import json, subprocess, sys
def git(*a):
	return subprocess.run(["git", "--no-replace-objects", *a], check=True,
		stdout=subprocess.PIPE).stdout
def text(b):
	return b.decode("utf-8", "replace")
ids = git("rev-list", *sys.argv[2:]).decode().split()
lines = [json.loads(l) for l in open(sys.argv[1], encoding="utf-8")]
assert [l["id"] for l in lines] == ids, "other commits, or another order"
for l in lines:
	# a trailer a line: key, separator, value
	want = git("log", "-1", "--no-show-signature", "--format=%(trailers:"
		"only,unfold,key_value_separator=%x00,separator=%x01)", l["id"])
	want = want[:-1]
	want = [text(t).split("\0", 1) for t in want.split(b"\1")] if want else []
	assert l["trailers"] == want, (l["id"], l["trailers"], want)
	parents = git("log", "-1", "--format=%P", l["id"]).decode().split()
	if len(parents) > 1:
		names = git("diff-tree", "-c", "-r", "-z", "--no-commit-id",
			"--name-only", l["id"])
	else:
		names = git("diff-tree", "-r", "-z", "--no-commit-id", "--root",
			"--no-renames", "--name-only", l["id"])
	want = sorted(text(n) for n in names.split(b"\0") if n)
	got = sorted(p["path"] for p in l["paths"])
	assert got == want, (l["id"], got, want)
END
	) > "$work/out" 2>&1
	if [ $? = 0 ] && [ $rc = 0 ]; then ok "$name"; else
		not_ok "$name" "$work/out" "$work/errors"
	fi
}
# json NAME EXPRESSION: about the lines l
json() {
	if "$python" -c 'import json, sys
l = [json.loads(x) for x in open(sys.argv[1], encoding="utf-8")]
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)' "$work/json" "$2"; then
		ok "$1"
	else
		not_ok "$1" "$work/json"
	fi
}

for format in sha1 sha256; do
	new_server "$format" "$format"
	commit "a b/\"q\"	t" tab 'feat: odd path

Key: value
	folded
 also folded
Key2 : spaced
(cherry picked from commit 0123)
Empty:'
	commit caf"$(printf '\303\251')" x "$(printf 'feat: \303\251

Signed-off-by: \303\211ve <e@x>')"
	commit "$(printf 'raw\377')" x "$(printf 'feat: raw \377\n\nKey: \377x')"
	printf 'no newline at the end\n\nA: 1\nB: 2' |
		git -C "$clone" commit -q --allow-empty --cleanup=verbatim -F -
	printf 'feat: divider\n\nA: 1\n---\nB: 2\n' |
		git -C "$clone" commit -q --allow-empty --cleanup=verbatim -F -
	printf '\n\n\n' | git -C "$clone" commit -q --allow-empty \
		--allow-empty-message --cleanup=verbatim -F -
	git -C "$clone" mv README MOVED
	git -C "$clone" commit -q -m 'move it'
	git -C "$clone" rm -q -r 'a b'
	git -C "$clone" commit -q -m 'remove a directory'
	# a file becomes a directory, a link, an executable
	mkdir "$clone/d"; commit d/x x 'a directory'
	rm -r "$clone/d"; commit d x 'becomes a file'
	rm "$clone/d"; ln -s MOVED "$clone/d"
	git -C "$clone" add -A; git -C "$clone" commit -q -m 'a link'
	chmod +x "$clone/MOVED"; git -C "$clone" commit -q -a -m 'a mode'
	# a clean merge, and one with a change of its own
	git -C "$clone" checkout -q -b side HEAD~2; commit s s 'on the side'
	git -C "$clone" checkout -q main; commit m m 'on main'
	git -C "$clone" merge -q -m 'clean merge' side
	git -C "$clone" checkout -q side; commit s2 s2 'again'
	git -C "$clone" checkout -q main; commit m2 m2 'again on main'
	git -C "$clone" merge -q --no-commit side 2> /dev/null
	echo own > "$clone/own"; git -C "$clone" add own
	git -C "$clone" commit -q -m 'evil merge

Merged-by: alice'
	git -C "$clone" replace HEAD HEAD~1
	compare "$format: the whole history, as git log has it" HEAD
	git -C "$clone" replace -d HEAD > /dev/null
	compare "$format: a range" HEAD~3..HEAD
	compare "$format: several revisions" side ^HEAD~2
	compare "$format: rev-list's own options" --max-count=2 HEAD

	# ---- tools ----
	commit t t 'feat: with a tool

Assisted-by: Claude Code:claude-opus-4-6
Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>'
	inspect --json --no-walk HEAD
	json "$format: tools that are seen and declared" \
		'len(l) == 1 and "claude-code" in l[0]["agents"]["declared"] and
		"github-copilot" in l[0]["agents"]["detected"] +
		["github-copilot" if "copilot" in l[0]["agents"]["detected"] else 0]'
	json "$format: no signature" 'l[0]["signature"] is None'

	# ---- signatures and tags ----
	sign_as alice
	git -C "$clone" commit -q -S --allow-empty -m 'signed'
	git -C "$clone" tag -s -m 'signed tag

Approves-ref: refs/heads/main' v1
	git -C "$clone" tag -a -m plain v2
	inspect --json --no-walk HEAD v1 v2 'HEAD^{tree}'
	is $rc 0 "$format: --no-walk takes any object"
	json "$format: each once, in the order given" \
		'[x["type"] for x in l] == ["commit", "tag", "tag", "tree"]'
	json "$format: a signed commit" 'l[0]["signature"]["status"] == "good" and
		l[0]["signature"]["principal"] == "alice" and
		l[0]["signature"]["format"] == "ssh"'
	json "$format: a signed tag, read without its signature" \
		'l[1]["signature"]["status"] == "good" and
		l[1]["trailers"] == [["Approves-ref", "refs/heads/main"]]'
	json "$format: a plain tag" 'l[2]["signature"] is None'
	inspect --no-walk HEAD
	has "$work/json" "^commit $(git -C "$clone" rev-parse HEAD)\$" \
		"$format: as text"
	has "$work/json" 'signature  *ssh, good, by alice' \
		"$format: the signature as text"
	(cd "$clone" && "$gatepost" inspect --json --no-walk HEAD) \
		> "$work/json" 2> "$work/errors"
	is $? 0 "$format: without any policy"
	json "$format: then nobody's keys are known" \
		'l[0]["signature"]["principal"] is None'

	# ---- what git would not make ----
	odd=$(printf 'tree %s\nauthor x <x> 1 +0000\ncommitter x <x> 1 +0000
encoding latin1\n\nA\351\n\nKey: \033[31m\342\200\256x\n' \
		"$(git -C "$clone" rev-parse 'HEAD^{tree}')" | crafted commit)
	inspect --json --no-walk "$odd"
	is $rc 0 "$format: a message that is not UTF-8"
	json "$format: its fault is told" '"UTF-8" in l[0]["fault"] or
		"encoding" in l[0]["fault"]'
	inspect --no-walk "$odd"
	has_not "$work/json" "$(printf '\033')" \
		"$format: no escape reaches a terminal"
	broken=$(printf 'tree 1\n\nx\n' | crafted commit)
	inspect --json --no-walk "$broken"
	json "$format: what is malformed is told" '"fault" in l[0] and
		"trailers" not in l[0]'
done

# ---- mistakes ----

inspect
is $rc 2 'no revision'
inspect nowhere
is $rc 2 'no such revision'
has "$work/errors" 'nowhere' 'it is named'
inspect --no-walk nowhere
is $rc 2 'nor without walking'
inspect --jsn HEAD
is $rc 2 'an unknown option'
has "$work/errors" 'git rev-list does not take these arguments' \
	'it is git that does not know it'
is "$(wc -l < "$work/errors")" 1 'one line is enough'
(cd / && "$gatepost" inspect HEAD) > "$work/out" 2>&1
is $? 2 'no repository'

done_testing
