#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A mistake in a policy stops the pushes that it may enforce something on,
# and nobody where it clearly only warns.
. "$(dirname "$0")/lib.sh"

policy_file <<EOF
[gate "release"]
	ref = refs/heads/main
	rule = ai
[rule "ai"]
	check = provenance
EOF
sed -i 's/^\tmode = enforce$/\tmode = warn/' "$work/etc/policy.conf"
mkdir -p "$work/srv"
server=$work/srv/one.git clone=$work/one
git init -q --bare "$server"
git clone -q "$server" "$clone" 2> /dev/null
as alice
commit README hello 'first commit'
git -C "$clone" push -q origin HEAD:refs/heads/main 2> /dev/null
"$gatepost" install --policy "$work/etc/policy.conf" "$server" > /dev/null
cp "$work/etc/policy.conf" "$work/good.conf"

commit a 1 'while the policy is fine'
accepted 'a sound policy in warn mode' HEAD:refs/heads/main

printf '\tcolour = red\n' >> "$work/etc/policy.conf"
commit a 2 'while a key is wrong'
accepted 'an unknown key in a policy that only warns stops nobody' \
	HEAD:refs/heads/main
has "$server/gatepost.log" 'let in a push unjudged.*policy.conf:.*colour' \
	'the admin reads file, line and key'

{ cat "$work/good.conf"; printf '\tcolour = red\n[gate "x"]\n\tmode = enforce\n'; } \
	> "$work/etc/policy.conf"
commit a 3 'while a gate enforces'
push HEAD:refs/heads/main
is "$pushed" 1 'with a gate that enforces the mistake stops the push'
has "$work/answer" 'the gate could not decide' 'and says so'
has_not "$work/answer" 'colour' 'without internals'

{ cat "$work/good.conf"; printf 'colour = "red\n'; } > "$work/etc/policy.conf"
push HEAD:refs/heads/main
is "$pushed" 1 'a line that cannot be read may have said anything'

sed '/mode = warn/d' "$work/good.conf" > "$work/etc/policy.conf"
printf '\tcolour = red\n' >> "$work/etc/policy.conf"
push HEAD:refs/heads/main
is "$pushed" 1 'a policy that does not say its mode is not taken for lenient'

cp "$work/good.conf" "$work/etc/policy.conf"
"$gatepost" mode enforce "$server" > /dev/null
printf '\tcolour = red\n' >> "$work/etc/policy.conf"
push HEAD:refs/heads/main
is "$pushed" 1 'a repository in mode enforce is stopped'

cp "$work/good.conf" "$work/etc/policy.conf"
accepted 'with the policy mended all is well again' HEAD:refs/heads/main
done_testing
