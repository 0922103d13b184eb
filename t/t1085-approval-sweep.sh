#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Approvals that nothing used go after approval-keep, fresh ones stay.
. "$(dirname "$0")/lib.sh"

signing_key carol
policy_file <<EOF
	approval-keep = 30d
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "carol"]
	email = carol@example.com
	login = carol
[signers]
	ssh = signers
[gate "release"]
	ref = refs/heads/main
	rule = second
[rule "second"]
	check = review
	quorum = 1
EOF
new_server sweep
push HEAD:refs/heads/first # the day's sweep, with nothing there yet

commit a.txt 1 'first change'
sign_as carol
GIT_COMMITTER_DATE="$(($(date +%s) - 40 * 86400)) +0000" approve main HEAD
has "$work/approve" '^Approved: ' 'an approval dated forty days ago arrives'
commit b.txt 1 'second change'
approve main HEAD
has "$work/approve" '^Approved: ' 'and one of today'
is "$(git -C "$server" for-each-ref refs/approvals | wc -l)" 2 \
	'both stay while the day of the last sweep lasts'

rm -f "$server/gatepost-swept"
as alice
push HEAD:refs/heads/feature
is "$(git -C "$server" for-each-ref --format='%(creatordate:short)' \
	refs/approvals)" "$(date -u +%Y-%m-%d)" \
	'after a day the old one is gone and the fresh one stays'
has "$work/admin.log" 'removed approvals that nothing used for 30 days' \
	'the admin is told'
yes 'a later push does not look again' test -e "$server/gatepost-swept"
done_testing
