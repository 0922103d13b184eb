#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who pushes: exactly what pusher-from names says it, whatever else stands in
# the environment; a login that the policy has for nobody is unknown.

. "$(dirname "$0")/lib.sh"

rest='
[principal "alice"]
	email = alice@example.com
	login = alice
	login = user-12
	login = key-34
[principal "mallory"]
	email = mallory@example.com
	login = mallory
[gate "main"]
	ref = refs/heads/main
	rule = kept
[rule "kept"]
	check = history'
# policy_from NAME: policy with that pusher-from
policy_from() {
	pusher_from=$1 policy_file <<END
$rest
END
}
all='REMOTE_USER GL_USER GL_ID GL_USERNAME GITEA_PUSHER_NAME GITHUB_USER_LOGIN'

policy_from uid
new_server one
unset GATEPOST_TEST_USER
# all say mallory
for name in $all; do export "$name=mallory"; done

# said_by NAME VALUE LOGIN PRINCIPAL: a push with that variable is theirs
said_by() {
	export "$1=$2"
	change "fix: by $1 as $2"
	accepted "$1=$2: a push" HEAD:main
	recorded "\"pusher\":{\"person\":{\"principal\":\"$4\",\"login\":\"$3\"},\"how\":\"$1\",\"known\":true" \
		"$1=$2: is $4's"
	export "$1=mallory"
}
# nobody NAME VALUE PERSON: a push with that variable is nobody's
nobody() {
	export "$1=$2"
	change "fix: by $1 as nobody"
	accepted "$1=$2: a push" HEAD:main
	recorded "\"pusher\":{\"person\":{$3},\"how\":\"$1\",\"known\":false" \
		"$1=$2: is nobody's"
	export "$1=mallory"
}

for var in $all; do
	policy_from "$var"
	value=alice
	[ "$var" != GL_ID ] || value=user-12
	said_by "$var" "$value" "$value" alice
	nobody "$var" stranger '"login":"stranger"'
	nobody "$var" Alice '"login":"Alice"'
	nobody "$var" principal:alice ''
	nobody "$var" '' ''
	unset "$var"
	change "fix: without $var"
	accepted "$var is not set: a push" HEAD:main
	recorded "\"pusher\":{\"person\":{},\"how\":\"$var\",\"known\":false" \
		"$var is not set: it is nobody's"
	export "$var=mallory"
done
policy_from GL_ID
said_by GL_ID key-34 key-34 alice

policy_from uid
me=$(id -un)
change 'fix: by uid'
accepted 'uid: a push' HEAD:main
recorded "\"pusher\":{\"person\":{\"login\":\"$me\"},\"how\":\"uid\",\"known\":false" \
	'uid: is the user of the operating system'
pusher_from=uid policy_file <<END
$rest
[principal "me"]
	login = $me
END
change 'fix: by a known uid'
accepted 'uid: another push' HEAD:main
recorded "{\"principal\":\"me\",\"login\":\"$me\"},\"how\":\"uid\",\"known\":true" \
	'uid: is who has that login'

done_testing
