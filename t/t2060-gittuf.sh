#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Approvals in gittuf's form: reference authorizations in DSSE envelopes,
# signed as gittuf signs them, by ssh-keygen in git's namespace.

. "$(dirname "$0")/lib.sh"

for name in alice bob carol mallory; do signing_key "$name"; done
sed -i '/^mallory/d' "$work/etc/signers"
policy() {
	policy_file <<END
[signers]
	ssh = signers
	$1
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[principal "carol"]
	email = carol@example.com
	login = carol
[gate "main"]
	ref = refs/heads/main
	rule = second-person
[rule "second-person"]
	check = review
	quorum = ${2:-1}
END
}
policy 'accept = gittuf'
new_server one
none=0000000000000000000000000000000000000000

# envelope REF FROM TREE SIGNER…: on standard output
envelope() {
	ref=$1 from=$2 tree=$3; shift 3
	printf '{"type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"gitTree":"%s"}}],"predicate_type":"https://gittuf.dev/reference-authorization/v0.2","predicate":{"fromID":"%s","targetID":"%s","targetRef":"%s"}}' \
		"$tree" "$from" "$tree" "$ref" > "$work/payload"
	printf 'DSSEv1 27 application/vnd.gittuf+json %d ' \
		"$(wc -c < "$work/payload")" > "$work/pae"
	cat "$work/payload" >> "$work/pae"
	printf '{"payloadType":"application/vnd.gittuf+json","payload":"%s","signatures":[' \
		"$(base64 -w0 < "$work/payload")"
	comma=
	for who; do
		ssh-keygen -q -Y sign -n git -f "$work/key-$who" \
			< "$work/pae" > "$work/sig" 2> "$work/errors"
		printf '%s{"keyid":"SHA256:x","sig":"%s"}' "$comma" \
			"$(base64 -w0 < "$work/sig")"
		comma=,
	done
	printf ']}'
}
# attest REF FROM TREE: the envelope on standard input, into the clone's
# refs/gittuf/attestations as gittuf files it
attest() {
	blob=$(git -C "$clone" hash-object -w --stdin)
	export GIT_INDEX_FILE="$work/attest-index"
	rm -f "$GIT_INDEX_FILE"
	git -C "$clone" read-tree --empty
	git -C "$clone" update-index --add --cacheinfo \
		"100644,$blob,reference-authorizations/$1/$2-$3"
	new=$(git -C "$clone" write-tree)
	unset GIT_INDEX_FILE
	git -C "$clone" update-ref refs/gittuf/attestations \
		"$(git -C "$clone" commit-tree -m 'Update attestations' "$new")"
}
# authorize SIGNER…: what the clone has checked out, for main, on the server
authorize() {
	from=$(tip main)
	tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
	envelope refs/heads/main "$from" "$tree" "$@" |
		attest refs/heads/main "$from" "$tree"
	push --force refs/gittuf/attestations
}

change 'one'
refused 'without an authorization' review/quorum 'needs 1 approval, has 0' \
	HEAD:main
authorize bob
is "$pushed" 0 'an authorization is pushed'
accepted 'it counts' HEAD:main
recorded '"at":"refs/gittuf/attestations"' 'the record says where it was'
recorded '"counted":true,.*"evidence":"' 'and keeps the envelope'

change 'two'
authorize bob
echo more > "$clone/more"
git -C "$clone" add -A
git -C "$clone" commit -q --amend --no-edit
refused 'another tree' review/quorum 'needs 1 approval, has 0' HEAD:main
git -C "$clone" rm -q more
git -C "$clone" commit -q --amend -m 'other words'
accepted 'the same tree under other words' HEAD:main

change 'three'
authorize alice
refused 'by the author' review/quorum 'alice.s authorization.*wrote part' \
	HEAD:main
recorded '"counted":false,"why":"wrote part of the change"' 'is recorded'
authorize mallory
refused 'by a key of nobody' review/quorum 'nobody here has that key' HEAD:main
authorize alice carol
accepted 'by the author and another' HEAD:main

change 'four'
from=$(tip main)
tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
envelope refs/heads/dev "$from" "$tree" bob |
	attest refs/heads/main "$from" "$tree"
push --force refs/gittuf/attestations
refused 'for another ref than its name says' review/quorum \
	'authorizes another move' HEAD:main
envelope refs/heads/main "$none" "$tree" bob |
	attest refs/heads/main "$from" "$tree"
push --force refs/gittuf/attestations
refused 'from another commit' review/quorum 'authorizes another move' HEAD:main
envelope refs/heads/main "$from" "$tree" bob | tr 'x' 'y' |
	sed 's/"payload":"ey/"payload":"eyA/' |
	attest refs/heads/main "$from" "$tree"
push --force refs/gittuf/attestations
refused 'whose payload was changed' review/quorum 'needs 1 approval, has 0' \
	HEAD:main
echo nonsense | attest refs/heads/main "$from" "$tree"
push --force refs/gittuf/attestations
refused 'that is none' review/quorum 'no DSSE envelope' HEAD:main

policy 'accept = gittuf' 2
authorize bob bob
refused 'two signatures of one person' review/quorum 'needs 2 approvals, has 1' \
	HEAD:main
authorize bob carol
accepted 'two people in one envelope' HEAD:main

change 'five'
from=$(tip main)
tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
envelope refs/heads/main "$from" "$tree" bob carol |
	attest refs/heads/main "$from" "$tree"
accepted 'in the same push' HEAD:main +refs/gittuf/attestations

policy '; accept = gittuf' 1
change 'six'
authorize bob
refused 'where the policy does not accept them' review/quorum \
	'needs 1 approval, has 0' HEAD:main
policy 'accept = gitsign' 1
"$gatepost" policy check "$work/etc/policy.conf" > "$work/out" 2>&1
is $? 1 'a form that is not known'
has "$work/out" 'accept: .*gittuf' 'is a mistake, with those that are'

done_testing
