#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost mode and status: an admin switches, and sees what is amiss.

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
new_server one
status() { "$gatepost" status "$@" > "$work/out" 2>&1; rc=$?; }
last() { records | grep "\"kind\":\"$1\"" | tail -n 1 > "$work/last"; }

# ---- mode ----

commit a a 'feat: a

Co-authored-by: Claude <noreply@anthropic.com>'
git -C "$clone" commit -q --amend -m 'feat: a, made with Claude Code

Generated with [Claude Code](https://claude.com/claude-code)'
refused 'enforced' provenance/undeclared 'tool not stated' HEAD:main
yes 'mode warn' "$gatepost" mode warn "$server"
has "$work/out" "is now in mode warn (was enforce)" 'from and to are told'
last mode
has "$work/last" '"from":"enforce","to":"warn"' 'from and to are recorded'
has "$work/last" '"repository":"one"' 'so is the repository'
accepted 'warned' HEAD:main
told 'warning: .*tool not stated' 'what is amiss is told'
recorded '"verdict":"warn","would":"reject"' 'what would be is recorded'
yes 'mode off' "$gatepost" mode off "$server"
before=$(records | wc -l)
commit b b 'feat: b

Generated with [Claude Code](https://claude.com/claude-code)'
push HEAD:main
is $pushed 0 'off'
is "$(records | wc -l)" "$before" 'nothing is recorded then'
git init -q --bare "$work/srv/two.git"
"$gatepost" install --policy "$work/etc/policy.conf" "$work/srv/two.git" \
	> /dev/null
yes 'several repositories at once' "$gatepost" mode enforce "$server" \
	"$work/srv/two.git"
is "$(git -C "$server" config gatepost.mode)$(git -C "$work/srv/two.git" \
	config gatepost.mode)" enforceenforce 'both are switched'
"$gatepost" mode warm "$server" > "$work/out" 2>&1
is $? 2 'no mode'
has "$work/out" 'warm is no mode; say warn, enforce or off' 'the words are told'
"$gatepost" mode preview "$server" > "$work/out" 2>&1
is $? 2 'preview is no mode of a repository'
"$gatepost" mode warn > "$work/out" 2>&1
is $? 2 'no repository'
mv "$work/ledger" "$work/away"
"$gatepost" mode off "$server" > "$work/out" 2>&1
is $? 2 'a change that cannot be recorded is not made'
is "$(git -C "$server" config gatepost.mode)" enforce 'the mode stays'
mv "$work/away" "$work/ledger"

# ---- status ----

status "$server"
is $rc 0 'all is well'
for what in policy ledger pre-receive update post-receive; do
	has "$work/out" "^ok *$what " "$what is told"
done
has "$work/out" 'mode enforce, digest [0-9a-f]\{16\}' 'mode and digest'
has "$work/out" ', [0-9]* records' 'how many records'
(cd "$server" && "$gatepost" status) > "$work/out" 2>&1
is $? 0 'the repository one is in'
has "$work/out" '^ok *pre-receive' 'its hooks are looked at'
status -C "$server"
is $rc 2 '-C belongs before the command'
"$gatepost" -C "$server" status > "$work/out" 2>&1
is $? 0 '-C'
status --policy "$work/etc/policy.conf"
is $rc 0 'no repository, a policy alone'
has_not "$work/out" 'pre-receive' 'then there are no hooks'

# json NAME EXPRESSION: about d, what --json printed
json() {
	if "$python" -c 'import json, sys
d = json.load(open(sys.argv[1]))
w = {x["what"]: x for x in d}
sys.exit(0 if eval(sys.argv[2]) else 1)' "$work/json" "$2"; then
		ok "$1"
	else
		not_ok "$1" "$work/json"
	fi
}
"$gatepost" status --json "$server" > "$work/json" 2> "$work/errors"
is $? 0 '--json'
is "$(cat "$work/errors")" '' 'nothing else is printed'
json 'the same as JSON' 'all(x["well"] for x in d) and "update" in w'

# amiss NAME WHAT WORDS: something is, and is told in text and JSON
amiss() {
	status "$server"
	is "$rc" 1 "$1"
	has "$work/out" "^AMISS *$2 .*$3" "$1: told"
	"$gatepost" status --json "$server" > "$work/json"
	json "$1: as JSON" "not w['$2']['well']"
}
rm "$server/hooks/update"
amiss 'a hook is missing' update 'missing; put it in place with: gatepost install'
echo '#!/bin/sh' > "$server/hooks/update"
amiss 'a hook is foreign' update 'foreign; move it away, then put it in place'
rm "$server/hooks/update"
ln -s "$libexec/update" "$server/hooks/update"
if [ -w "$libexec/update" ]; then
	alone
	mv "$libexec/update" "$libexec/update.away"
	amiss 'a hook is dangling' update 'dangling link'
	printf '#!/bin/sh\nexit 0\n' > "$libexec/update"
	amiss 'a hook is not executable' update 'not executable'
	chmod +x "$libexec/update"
	amiss 'a hook is another program' update 'does not run here'
	mv "$libexec/update.away" "$libexec/update"
	together
else
	skip 'hooks that do not run' 'the installation is not writable'
fi
status "$server"
is $rc 0 'all is well again'
mv "$work/ledger" "$work/away"
amiss 'no ledger' ledger 'gatepost ledger init'
mv "$work/away" "$work/ledger"
chmod 777 "$work/ledger"
amiss 'a ledger for all to write' ledger 'ledger'
chmod 700 "$work/ledger"
echo 'mode = ' >> "$work/etc/policy.conf"
amiss 'a policy with a mistake' policy 'policy.conf:'
sed -i '$d' "$work/etc/policy.conf"
chmod 666 "$work/etc/policy.conf"
amiss 'a policy for all to write' policy 'policy.conf'
chmod 644 "$work/etc/policy.conf"
cp "$work/etc/policy.conf" "$work/before"
cat >> "$work/etc/policy.conf" << 'END'
[gate "elsewhere"]
	repo = another
	ref = refs/heads/main
	rule = certificates
[rule "certificates"]
	check = signature
	push = required
END
status "$server"
has_not "$work/out" 'signed push' 'of signed pushes nothing, if none asks'
sed -i '/repo = another/d' "$work/etc/policy.conf"
"$gatepost" policy publish "$server" > /dev/null
amiss 'a seed that is not set' 'signed push' 'config receive.certNonceSeed'
git -C "$server" config receive.certNonceSeed 0123456789abcdef
status "$server"
is $rc 0 'a seed that is set'
has "$work/out" '^ok *signed push ' 'it is told'
git -C "$server" config --unset receive.certNonceSeed
mv "$work/before" "$work/etc/policy.conf"
"$gatepost" policy publish "$server" > /dev/null
cat >> "$work/etc/policy.conf" << 'END'
[sink "grc"]
	url = https://grc.example.com/hook
	sign = none
END
status "$server"
has "$work/out" 'delivery .*grc' 'destinations are told'
status "$work/nothing"
is $rc 1 'no repository'
has "$work/out" 'AMISS *repository .*no git repository' 'it is told'
status "$server" "$work/nothing"
is $rc 1 'several: one is amiss'
"$gatepost" status --jason > "$work/out" 2>&1
is $? 2 'an unknown option'
has "$work/out" 'did you mean --json' 'the nearest word is told'

done_testing
