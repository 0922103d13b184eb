#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who reads records through the command is recorded, once, before anything is
# shown; a copy that cannot be written can be read, and that is said.

. "$(dirname "$0")/lib.sh"

policy_file << 'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	rule = keep
[rule "keep"]
	check = history
END
new_server one
change 'feat: by hand'
accepted 'a push' HEAD:main

accesses() {
	cat "$work"/ledger/segments/*.log | grep '"kind":"access"' \
		> "$work/accesses"
	wc -l < "$work/accesses"
}
# one_more NAME PATTERN COMMAND…: leaves one record more, which has PATTERN
one_more() {
	name=$1 pattern=$2; shift 2
	before=$(accesses)
	"$gatepost" ledger "$@" --ledger "$work/ledger" > "$work/shown" \
		2> "$work/errors"
	after=$(accesses)
	tail -n 1 "$work/accesses" > "$work/access"
	if [ "$after" = $((before + 1)) ] &&
		grep -q -e "$pattern" "$work/access"; then ok "$name"; else
		echo "before $before, after $after" >> "$work/access"
		not_ok "$name" "$work/access" "$work/errors"
	fi
}

one_more 'list' '"command":"ledger list","count":[0-9]*,"named":true' list
has "$work/access" '"pusher":{"person":0,"how":"uid"' 'who'
has_not "$work/access" "$(id -un)" 'not in clear'
person=$(cat "$work"/ledger/segments/*.log | tail -n 1)
is "$(printf '%s\n' "$person" | sed 's/.*"login":"\([^"]*\)".*/\1/')" \
	"$(id -un)" 'by the login of the user id'
GATEPOST_TEST_USER=eve USER=eve LOGNAME=eve SUDO_USER=eve \
	"$gatepost" ledger list --ledger "$work/ledger" > "$work/out"
is "$(cat "$work"/ledger/segments/*.log | grep -c eve)" 0 \
	'never by what the environment says'
is "$(grep -c '"count"' "$work/shown")" 0 'a list does not show itself'
count=$(wc -l < "$work/shown")
has "$work/access" "\"count\":$count," 'how many'
one_more 'list --json' '"format":"json"' list --json
one_more 'filters' '"filter":{"kind":"decision","repository":"one"' \
	list --kind decision --repository one
has "$work/access" "\"count\":$(wc -l < "$work/shown")," 'how many of them'
one_more 'a person who is asked for' '"filter":{"person":1}' \
	list --principal alice
has_not "$work/access" alice 'not in clear, either'
one_more 'what is not there' '"count":0' list --repository none
one_more 'limit' '"count":1,' list --limit 1
id=$(records | sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | tail -n 1)
one_more 'show' "\"command\":\"ledger show\".*\"filter\":{\"id\":\"$id\"}" \
	show "$id"
sha=$(records | sed -n 's/.*"kind":"policy".*"evidence":"\([0-9a-f]*\)".*/\1/p')
one_more 'evidence' "\"command\":\"ledger evidence\",\"evidence\":\"$sha\"" \
	evidence "$sha"
one_more 'export' '"command":"ledger export","format":"csv"' \
	export --format csv
one_more 'export without persons' '"named":false' \
	export --format ndjson --no-persons

# ---- nothing is shown before ----

# the record is there although what it speaks of never came out
before=$(accesses)
"$gatepost" ledger list --ledger "$work/ledger" > /dev/full 2> "$work/errors"
is "$(accesses)" $((before + 1)) 'before the first line is written'
before=$(accesses)
"$gatepost" ledger show --ledger "$work/ledger" \
	01890000-0000-7000-8000-000000000000 > "$work/out" 2>&1
is "$(accesses)" "$before" 'what was not found was not read'
"$gatepost" ledger list --frob > "$work/out" 2>&1
is "$(accesses)" "$before" 'nor was anything after a mistake'

# ---- who cannot write ----

# As another user, who may read; as root, that takes setpriv
if [ "$(id -u)" = 0 ]; then
	other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
else
	other() { "$@"; }
fi
cp -r "$work/ledger" "$work/copy"
chmod -R u=rX,go=rX "$work/copy"
chmod 755 "$work" "$work/etc"
if other test -x "$gatepost" -a -r "$work/copy/format"; then
	other "$gatepost" ledger list --ledger "$work/copy" > "$work/shown" \
		2> "$work/errors"
	is $? 0 'an auditor reads a copy'
	has "$work/errors" 'this access is not recorded' 'what is missing is said'
	yes 'and all is shown' test "$(wc -l < "$work/shown")" -ge 5
	other "$gatepost" ledger export --format csv --ledger "$work/copy" \
		> "$work/shown" 2> "$work/errors"
	is $? 0 'and exports it'
	is "$(grep -c 'not recorded' "$work/errors")" 1 'which is said once'
	sed "s,ledger = .*,ledger = $work/copy," "$work/etc/policy.conf" \
		> "$work/etc/copy.conf"
	printf '[ledger]\n\trecord-access = require\n' >> "$work/etc/copy.conf"
	other "$gatepost" ledger list --policy "$work/etc/copy.conf" \
		> "$work/shown" 2> "$work/errors"
	is $? 2 'record-access = require'
	is "$(cat "$work/shown")" '' 'shows nothing'
	has "$work/errors" 'record-access' 'and says why'
else
	skip 'an auditor' 'no other user can run the program here'
fi
printf '[ledger]\n\trecord-access = require\n' >> "$work/etc/policy.conf"
yes 'require, where it can be recorded' "$gatepost" ledger list \
	--policy "$work/etc/policy.conf"

done_testing
