#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Many pushers at once, clients that go away, hooks that are gone: no gated
# ref moves without its decision, and nobody waits for somebody else.

. "$(dirname "$0")/lib.sh"

policy_file <<'END'
[principal "alice"]
	email = alice@example.com
	login = alice
[gate "main"]
	ref = refs/heads/main
	ref = refs/heads/gated/*
	rule = ai
	rule = history
[rule "ai"]
	check = provenance
	agents = any
[rule "history"]
	check = history
END

# every tip of a gated ref has an accepting decision for (ref, new)
all_recorded() {
	records > "$work/records"
	git -C "$server" for-each-ref --format='%(refname) %(objectname)' \
		refs/heads/main refs/heads/gated > "$work/tips"
	while read -r ref id; do
		grep '"kind":"decision"' "$work/records" |
			grep -e '"verdict":"pass"' |
			grep -q "\"name\":\"$ref\",[^}]*\"new\":\"$id\"" ||
			echo "no acceptance of $ref $id"
	done < "$work/tips" > "$work/unrecorded"
	if [ -s "$work/unrecorded" ]; then
		not_ok "$1" "$work/unrecorded"
	else
		ok "$1"
	fi
}

new_server races
tree=$(git -C "$clone" rev-parse 'HEAD^{tree}')
base=$(git -C "$clone" rev-parse HEAD)
one() {
	git -C "$clone" commit-tree -p "$base" -m "fix: pusher $1" "$tree"
}

# ---- one ref, many pushers ----

pids= n=16 i=0
while [ $i -lt $n ]; do
	i=$((i + 1))
	id=$(one $i)
	( git -C "$clone" push origin "$id:refs/heads/main" \
		> "$work/push-$i" 2>&1; echo $? > "$work/status-$i" ) &
	pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
is "$(cat "$work"/status-* | grep -c '^0$')" 1 \
	'of many pushers to one ref, one wins'
records > "$work/records"
accepted_n=$(grep '"kind":"decision"' "$work/records" |
	grep '"name":"refs/heads/main"' | grep -c '"verdict":"pass"')
[ "$accepted_n" -ge 1 ] && ok "both kinds are on record: $accepted_n accepted" ||
	not_ok 'the acceptance is on record'
is "$(grep '"kind":"outcome"' "$work/records" |
	grep -c "\"new\":\"$(tip main)\"")" 1 'one outcome says what moved'
all_recorded 'what is there was accepted'

# ---- many refs, many pushers, good and bad ----

pids= i=0
while [ $i -lt 24 ]; do
	i=$((i + 1))
	if [ $((i % 3)) = 0 ]; then
		id=$(git -C "$clone" commit-tree -p "$base" \
			-m "fix: $i" -m 'Generated with [Claude Code]' "$tree")
	else
		id=$(one "ref $i")
	fi
	( git -C "$clone" push origin "$id:refs/heads/gated/$i" \
		> "$work/push-$i" 2>&1; echo $? > "$work/status-$i" ) &
	pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
is "$(git -C "$server" for-each-ref refs/heads/gated | wc -l)" 16 \
	'the good ones of many pushers land'
is "$(records | grep '"kind":"decision"' | grep '/gated/' |
	grep -c '"verdict":"reject"')" 8 'the bad ones are on record'
all_recorded 'all that landed was accepted'
is "$(records | sed 's/.*"id":"\([^"]*\)","kind.*/\1/' | sort | uniq -d)" '' \
	'no two records have one id'

# ---- clients that go away ----

raw() {
	"$python" "$t_dir/raw-push.py" --repo "$server" --from "$clone" "$@" \
		> "$work/answer" 2> "$work/statuses"
}
git -C "$clone" fetch -q
id=$(git -C "$clone" commit-tree -p origin/main -m 'fix: and away' "$tree")
began=$(date +%s)
raw --hang-up "real $id refs/heads/main"
[ $(($(date +%s) - began)) -lt 10 ] && ok 'a client that goes away' ||
	not_ok 'a client that goes away is waited for'
all_recorded 'whatever came of it was accepted'
many=$base i=0
while [ $i -lt 100 ]; do
	i=$((i + 1))
	many=$(git -C "$clone" commit-tree -p "$many" \
		-m "fix: $i" -m 'Generated with [Claude Code]' "$tree")
done
began=$(date +%s)
raw --hang-up "zero $many refs/heads/gated/away"
[ $(($(date +%s) - began)) -lt 20 ] &&
	ok 'one that does not read a long answer' ||
	not_ok 'one that does not read a long answer is waited for'
is "$(tip refs/heads/gated/away)" none 'its ref is not made'
change 'fix: after them'
began=$(date +%s)
accepted 'the next pusher' HEAD:main
[ $(($(date +%s) - began)) -lt 5 ] && ok 'waits for nobody' ||
	not_ok 'the next pusher waits'

# ---- hooks that are not there ----

change 'fix: no hook'
for how in gone dangling; do
	mv "$server/hooks/pre-receive" "$work/kept"
	[ $how = gone ] || ln -s /nonexistent/hook "$server/hooks/pre-receive"
	before=$(tip main)
	push HEAD:main
	is "$pushed $(tip main)" "1 $before" \
		"pre-receive $how: update lets no gated ref move"
	told 'no decision about it was recorded' 'and says why'
	no 'gatepost status notices' "$gatepost" status "$server"
	rm -f "$server/hooks/pre-receive"
	mv "$work/kept" "$server/hooks/pre-receive"
done
yes 'gatepost status is content' "$gatepost" status "$server"

# an acceptance is good for its very push alone
id=$(git -C "$clone" rev-parse HEAD)
(cd "$server" && GIT_DIR=. hooks/update refs/heads/main "$(tip main)" "$id") \
	> "$work/answer" 2>&1
is "$?" 1 'update by hand refuses'
accepted 'the same push by git' HEAD:main
(cd "$server" && GIT_DIR=. hooks/update refs/heads/main "$base" "$id") \
	> "$work/answer" 2>&1
is "$?" 1 'what was accepted for one receive-pack is not for another'

done_testing
