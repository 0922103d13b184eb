#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost install and uninstall: what stands in a repository before and
# after, who is refused, and what is put back.

. "$(dirname "$0")/lib.sh"

policy_file << 'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	rule = ai
[rule "ai"]
	check = provenance
	agents = any
END
policy=$work/etc/policy.conf
as alice

# bare NAME [FORMAT]: an empty server repository $server
bare() {
	server=$work/srv/$1.git
	mkdir -p "$work/srv"
	git init -q --bare --object-format="${2:-sha1}" "$server" || exit 1
}
# seed BRANCH PARENT…: a commit of its own on the branch of $server
seed() {
	branch=$1; shift
	for parent; do
		shift
		set -- "$@" -p "$parent"
	done
	id=$(git -C "$server" commit-tree -m "$branch" "$@" \
		"$(git -C "$server" mktree < /dev/null)") || exit 1
	git -C "$server" update-ref "refs/heads/$branch" "$id"
}
settings() { git -C "$server" config --local --list | sort; }
install() { "$gatepost" install --policy "$policy" "$@" "$server"; }
last() { records | grep "\"kind\":\"$1\"" | tail -n 1 > "$work/last"; }

# ---- a plain installation ----

for format in sha1 sha256; do
	bare "plain-$format" "$format"
	seed main
	settings > "$work/before"
	yes "$format: install" install
	has "$work/out" "installed in $server as plain-$format, .* mode enforce" \
		"$format: it says what and how"
	for hook in pre-receive update post-receive; do
		is "$(readlink "$server/hooks/$hook")" "$libexec/$hook" \
			"$format: $hook is a link to the program"
	done
	is "$(git -C "$server" config core.useReplaceRefs)" false \
		"$format: replace refs are off"
	is "$(git -C "$server" config receive.advertisePushOptions)" true \
		"$format: push options are on"
	is "$(git -C "$server" config gatepost.mode || echo none)" none \
		"$format: the policy's mode is left to the policy"
	is "$(git -C "$server" config --get-all gatepost.baseline)" \
		"$(tip main)" "$format: the tip is the baseline"
	last install
	has "$work/last" '"to":"enforce"' "$format: the mode is recorded"
	has "$work/last" '"tips":1' "$format: the baseline is recorded"
	yes "$format: uninstall" "$gatepost" uninstall "$server"
	settings > "$work/after"
	yes "$format: the settings are as they were" \
		cmp "$work/before" "$work/after"
	is "$(ls "$server/hooks" | grep -v sample)" '' "$format: the hooks are gone"
	is "$(ls "$server" | grep gatepost)" '' "$format: no file is left"
	last uninstall
	has "$work/last" "\"repository\":\"plain-$format\"" \
		"$format: that is recorded"
done

# ---- hooks that are there already ----

bare foreign
echo '#!/bin/sh' > "$server/hooks/update"; chmod +x "$server/hooks/update"
settings > "$work/before"
install > "$work/out" 2>&1
is $? 2 'somebody else'\''s hook is an error'
has "$work/out" "$server/hooks/update is not gatepost's" 'the hook is named'
is "$(cat "$server/hooks/update")" '#!/bin/sh' 'and not touched'
is "$(ls "$server/hooks" | grep -v sample)" update 'no other hook was put there'
settings > "$work/after"
yes 'no setting was changed' cmp "$work/before" "$work/after"
"$gatepost" uninstall "$server" > "$work/out" 2>&1
has "$work/out" "hooks/update is not gatepost's and stays" \
	'uninstall leaves it, too, and says so'
yes 'it is still there' test -x "$server/hooks/update"

bare dangling
ln -s "$work/nowhere" "$server/hooks/pre-receive"
install > "$work/out" 2>&1
is $? 2 'a link to nowhere is somebody else'\''s hook'
has "$work/out" 'hooks/pre-receive is not gatepost' 'it is named'
rm "$server/hooks/pre-receive"
ln -s "$libexec/pre-receive" "$server/hooks/pre-receive"
yes 'a link of ours is taken over' install

# ---- a gatepost under another prefix ----

other=$work/opt/old/libexec/gatepost
mkdir -p "$other"
cp "$libexec/pre-receive" "$libexec/update" "$libexec/post-receive" "$other"
# by_other: as the other's `install` leaves it, with its baseline
by_other() {
	bare "$1"
	seed main
	install > "$work/out" 2>&1 || return
	old=$(tip main)
	seed main "$old"
	for hook in pre-receive update post-receive; do
		ln -sf "$other/$hook" "$server/hooks/$hook"
	done
	settings > "$work/before"
}
by_other replaced
install > "$work/out" 2>&1
is $? 2 'the hooks of another gatepost are not replaced unasked'
has "$work/out" \
	"$server/hooks/pre-receive is the hook of another gatepost, in $other; nothing was changed" \
	'it is said whose they are'
has "$work/out" "gatepost install --replace $server" 'and how to replace them'
is "$(readlink "$server/hooks/update")" "$other/update" 'they are still there'
settings > "$work/after"
yes 'no setting was changed' cmp "$work/before" "$work/after"
no 'status is not content' "$gatepost" status --policy "$policy" "$server"
has "$work/out" \
	"of another gatepost; put it in place with: gatepost install --replace $server" \
	'and says the same'
yes 'they are replaced when that is asked for' install --replace
is "$(for hook in pre-receive update post-receive; do
	readlink "$server/hooks/$hook"; done)" \
	"$libexec/pre-receive
$libexec/update
$libexec/post-receive" 'by links to the programs of this one'
settings > "$work/after"
yes 'baseline and settings stay' cmp "$work/before" "$work/after"

by_other taken-away
"$gatepost" uninstall "$server" > "$work/out" 2>&1
is $? 0 'uninstall takes the gate away, whose hooks there are'
has "$work/out" "hooks/update was of another gatepost, in $other" 'and says so'
is "$(ls "$server/hooks" | grep -v sample)" '' 'the hooks are gone'

by_other gone
mv "$other" "$other.away"
yes 'links to one that is gone are replaced without asking' install
mv "$other.away" "$other"

bare hookspath
mkdir "$work/hooks"
git -C "$server" config core.hooksPath "$work/hooks"
yes 'core.hooksPath is obeyed' install
yes 'the hooks are there' test -L "$work/hooks/pre-receive" -a \
	! -e "$server/hooks/pre-receive"

# ---- a hook that does not run ----

bare broken
settings > "$work/before"
if [ -w "$libexec/update" ]; then
	alone
	mv "$libexec/update" "$libexec/update.away"
	install > "$work/out" 2>&1
	rc=$?
	mv "$libexec/update.away" "$libexec/update"
	together
	is $rc 2 'a hook that does not run is an error'
	has "$work/out" 'hooks/update' 'it is named'
	settings > "$work/after"
	yes 'the settings are as they were' cmp "$work/before" "$work/after"
	is "$(ls "$server/hooks" | grep -v sample)" '' 'no hook is left'
else
	skip 'a hook that does not run' 'the installation is not writable'
fi

# ---- what is wrong before anything is changed ----

wrong() {
	settings > "$work/before"
	"$gatepost" install "$@" > "$work/out" 2>&1
	rc=$?
	settings > "$work/after"
	cmp -s "$work/before" "$work/after" || rc=changed
}
bare wrong
wrong --policy "$work/nothing" "$server"
is $rc 2 'no policy'
printf '[gatepost]\n\tmdoe = enforce\n' > "$work/bad.conf"
wrong --policy "$work/bad.conf" "$server"
is $rc 2 'a policy with a mistake'
has "$work/out" "bad.conf:2: .*did you mean mode" 'its line and the right word are told'
sed "s,ledger = .*,ledger = $work/none," "$policy" > "$work/noledger.conf"
wrong --policy "$work/noledger.conf" "$server"
is $rc 2 'no ledger'
has "$work/out" "gatepost ledger init $work/none" 'the remedy is told'
"$gatepost" install --policy "$policy" "$work/nothing" > "$work/out" 2>&1
is $? 2 'no repository'
has "$work/out" 'no git repository' 'that is told'

# ---- a second installation, and uninstalling what was there before ----

bare again
seed main
git -C "$server" config core.useReplaceRefs true
git -C "$server" config receive.fsckObjects false
git -C "$server" config receive.fsck.missingEmail warn
git -C "$server" config --add receive.advertisePushOptions false
git -C "$server" config --add receive.advertisePushOptions true
git -C "$server" config include.path mine.conf
echo > "$server/mine.conf"
settings > "$work/before"
yes 'install over settings of the admin' install
settings > "$work/installed"
first=$(git -C "$server" config --get-all gatepost.baseline)
seed main "$first"
yes 'install again' install
settings > "$work/twice"
yes 'the same settings' cmp "$work/installed" "$work/twice"
is "$(git -C "$server" config --get-all gatepost.baseline)" "$first" \
	'the baseline stays'
is "$(git -C "$server" config --get-all include.path)" "mine.conf
gatepost-baseline" 'it is included once'
yes 'install again to enforce' install --enforce
is "$(git -C "$server" config receive.fsckObjects)" true 'fsckObjects is set'
"$gatepost" mode warn "$server" > /dev/null
yes 'uninstall' "$gatepost" uninstall "$server"
settings > "$work/after"
yes 'all settings are as the admin had them, also multiple ones' \
	cmp "$work/before" "$work/after"

install > /dev/null
git -C "$server" config core.useReplaceRefs true
"$gatepost" uninstall "$server" > "$work/out" 2>&1
has "$work/out" 'core.useReplaceRefs has been changed since, and stays' \
	'a setting that was changed since is said'
is "$(git -C "$server" config core.useReplaceRefs)" true 'and stays'

# ---- taking away what is broken ----

install > /dev/null
echo 'mode = ' >> "$policy"
yes 'uninstall also with a broken policy' "$gatepost" uninstall "$server"
has "$work/out" 'not recorded: .*policy.conf' 'it is said that nothing is recorded'
is "$(ls "$server/hooks" | grep -v sample)" '' 'the hooks are gone'
sed -i '$d' "$policy"
install > /dev/null
mv "$work/ledger" "$work/away"
yes 'uninstall also without a ledger' "$gatepost" uninstall "$server"
has "$work/out" 'not recorded: ' 'it is said that nothing is recorded'
mv "$work/away" "$work/ledger"
yes 'uninstall where nothing is installed' "$gatepost" uninstall "$server"

# ---- the baseline ----

bare tips
seed main
base=$(tip main)
seed main "$base"
seed left "$base"
seed alone
git -C "$server" tag -a -m one one "$(tip alone)"
git -C "$server" update-ref refs/pull/1/head "$base"
seed merge "$(tip main)" "$(tip left)"
yes 'install over several tips' install
printf '%s\n' "$(tip merge)" "$(tip alone)" | sort > "$work/wanted"
git -C "$server" config --get-all gatepost.baseline > "$work/got"
yes 'only tips that no other reaches are the baseline, sorted' \
	cmp "$work/wanted" "$work/got"
last install
has "$work/last" "\"baseline\":\"sha256:$(sha256sum < "$work/got" |
	cut -d' ' -f1)\",\"tips\":2" 'their digest is recorded'
is "$(git config --file "$server/gatepost-baseline" --get-all \
	gatepost.baseline | wc -l)" 2 'they are in a file of their own'

bare empty
yes 'install over nothing' install
is "$(git -C "$server" config --get-all gatepost.baseline)" '' \
	'there is no baseline then'

# ---- objects that git refuses nowadays ----

bare old
bad() { git -C "$server" hash-object --literally -w -t "$1" --stdin; }
blob=$(echo x | git -C "$server" hash-object -w --stdin)
tree=$(printf '100644 blob %s\ta\n' "$blob" | git -C "$server" mktree)
commit_id=$(bad commit << END
tree $tree
author nobody 1 +0000
committer nobody <n@example.com> 1 +0000

an author without an address
END
)
git -C "$server" update-ref refs/heads/main "$commit_id"
mine=$(echo y | git -C "$server" hash-object --stdin)
echo "$mine" > "$work/my-skip-list"
git -C "$server" config receive.fsck.skipList "$work/my-skip-list"
settings > "$work/before"
yes 'install --enforce over a bad commit' install --enforce
has "$work/out" '1 objects .*would not pass git fsck' 'it is told'
is "$(git -C "$server" config receive.fsckObjects)" true 'fsckObjects is set'
list=$(git -C "$server" config receive.fsck.skipList)
has "$list" "^$commit_id\$" 'the bad commit is in the skip list'
has "$list" "^$mine\$" 'so is what the admin had there'
git clone -q --bare "$server" "$work/old-copy" 2> /dev/null
git -C "$work/old-copy" push -q "$server" main:refs/heads/other \
	> "$work/out" 2>&1
is $? 0 'the old history can still be pushed'
git -C "$work/old-copy" update-ref refs/heads/new \
	"$(git -C "$work/old-copy" hash-object --literally -w -t commit \
		--stdin << END
tree $tree
parent $commit_id
author nobody 2 +0000
committer nobody <n@example.com> 2 +0000

another
END
)"
git -C "$work/old-copy" push -q "$server" new > "$work/out" 2>&1
is $? 1 'a new bad commit cannot'
yes 'uninstall' "$gatepost" uninstall "$server"
settings > "$work/after"
yes 'the settings are as they were' cmp "$work/before" "$work/after"

odd="$work/srv/odd
name.git"
git init -q --bare "$odd"
"$gatepost" install --policy "$work/etc/policy.conf" "$odd" > "$work/out" 2>&1
is $? 2 'a path with a line break'
has "$work/out" 'line break cannot be gated; rename it' 'is refused at once'

done_testing
