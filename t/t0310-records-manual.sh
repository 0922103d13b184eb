#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost-records(5) says what the code does: every code of a finding and
# every member of a record is in it and nowhere else, and the commands that it
# tells to check records by hand work as printed.

. "$(dirname "$0")/lib.sh"

manual=$top/doc/gatepost-records.5

# ---- the codes ----

# in_source CHECK FILE…: the codes that these files speak of
in_source() {
	check=$1; shift
	"$python" - "$check" "$@" << 'END'
import re, sys
check, files = sys.argv[1], sys.argv[2:]
text = "".join(open(f, encoding="utf-8").read() for f in files)
found = set()
for pattern in (
	r'\.code = "([a-z-]+)"',
	r'(?:provenance|rollback|review)_say\(\s*\w+,\s*"([a-z-]+)"',
	r'code = [^;"]*\? "([a-z-]+)" : "[a-z-]+"',
	r'code = [^;"]*\? "[a-z-]+" : "([a-z-]+)"',
	r'\? "([a-z-]+)" : code',
	r'\[TICKET_\w+\] = \{"([a-z-]+)", "',
	r'\bsay\(ctx, "([a-z-]+)"',
	r'judging_find\(\s*&?\w+,\s*"([a-z-]+)"',
	r'(?:faulty\(\s*m|say\(\s*rule|say\(out),\s*"([a-z-]+)"',
	r'import_say\([^",]*,\s*"([a-z-]+)"',
	r'judging_find\(\s*&?\w+,[^"]*\?\s*"([a-z-]+)"\s*:\s*"[a-z-]+"',
	r'judging_find\(\s*&?\w+,[^"]*\?\s*"[a-z-]+"\s*:\s*"([a-z-]+)"',
):
	found |= set(re.findall(pattern, text))
for body in re.findall(r'\n(?:static )?const char \*\w*(?:_code)\([^)]*\)'
		       r'\n\{(.*?)\n\}', text, re.S):
	found |= set(re.findall(r'return "([a-z-]+)"', body))
print("\n".join(sorted(f"{check}/{c}" if check else c for c in found)))
END
}
sed -n 's/^\.It Cm \([a-z]*\/[a-z-]*\)$/\1/p' "$manual" | sort > "$work/told"
yes 'the manual has codes, each once' sh -c "
	test \$(wc -l < '$work/told') -ge 20 &&
	test -z \"\$(uniq -d '$work/told')\""

for check in $(sed -n 's/^CHECK(\(.*\))/\1/p' "$top/src/checks/checks.def"); do
	in_source "$check" "$top/src/checks/$check"*.c > "$work/code"
	grep "^$check/" "$work/told" > "$work/manual"
	# the engine's own, see below
	[ $check = history ] && sed -i '/^history\/replace$/d' "$work/manual"
	yes "the manual tells the codes of the check $check and no other" \
		diff "$work/code" "$work/manual"
done
in_source '' "$top"/src/gate/*.c | sort -u > "$work/code"
{ grep -e '^object/' -e '^push/' -e '^approval/' -e '^emergency/' \
	-e '^follow-up/' -e '^waiver/' -e '^bot/' -e '^import/' "$work/told"
	echo history/replace; } | sed 's/.*\///' | sort -u > "$work/manual"
yes "the manual tells the engine's codes and no other" \
	diff "$work/code" "$work/manual"

# ---- records of every kind ----

signing_key alice
signing_key bob
signing_key carol
policy_file << 'END'
[signers]
	ssh = signers
[principal "alice"]
	email = alice@example.com
	login = alice
	role = developer
	role = oncall
[principal "bob"]
	email = bob@example.com
	login = bob
	role = security
[principal "carol"]
	email = carol@example.com
	login = carol
[area "db"]
	path = db/**
[gate "certified"]
	ref = refs/heads/certified
	rule = certified
[rule "certified"]
	check = signature
	push = required
[gate "main"]
	ref = refs/heads/main
	preview = refs/heads/try/*
	rule = ai
	rule = db-review
	rule = undo
	rule = signed
[rule "signed"]
	check = signature
	by = anyone
	level = warn
[rule "ai"]
	check = provenance
	agents = any
	control = SOC2:CC8.1
[rule "db-review"]
	check = review
	when = area:db
	quorum = 1 of security
	emergency = oncall
	waiver = security
	import = security
[rule "undo"]
	check = rollback
	when = area:db
	emergency = oncall
END
new_server one
git -C "$clone" branch -q approve-me
commit db/one 'a table' 'feat: a table

Assisted-by: Claude Code:claude-opus-4-6
Rollback-plan: revert'
sign_as bob; git -C "$clone" commit -q --amend --no-edit -S
sign_as carol; approve main HEAD
sign_as bob; approve main HEAD
yes 'two approvals are pushed' grep -q refs/approvals "$work/approve"
as alice
accepted 'an approved change with a plan' HEAD:main
commit db/two 'another' 'feat: claude did it

Co-authored-by: Claude <noreply@anthropic.com>
Rollback-plan: tbd'
push HEAD:main
push HEAD:refs/heads/try/two
i=0
while [ $((i += 1)) -le 110 ]; do
	git -C "$clone" update-ref "refs/heads/many/$i" origin/main
done
accepted 'a push of many refs' 'refs/heads/many/*:refs/heads/many/*'
git -C "$server" config receive.certNonceSeed secret
as bob
accepted 'a signed push' --signed HEAD^:refs/heads/certified
as alice
reset_clone
sign_as bob
git -C "$clone" tag -s -m "an exception

Waives-rule: db-review
Until: $(date -u -d '9 days' +%Y-%m-%d)
Reason: generated
Compensating-control: compared each night
Repository: one
Ref: refs/heads/main
Path: db/generated/**" exception HEAD
as alice
accepted 'an exception' exception:refs/waivers/db-review/bob-1
commit db/generated/x 'generated' 'chore: generate

Rollback-plan: revert'
accepted 'what it excuses' HEAD:main
git -C "$clone" checkout -q --orphan vendor
commit db/vendor 'theirs' 'their work'
sign_as bob
git -C "$clone" tag -s -m "an import

Imports: $(git -C "$clone" rev-parse HEAD)
Approves-ref: refs/heads/main
Repository: one
Prefix: vendor
Valid-until: $(date -u -d '9 days' +%Y-%m-%d)
Reason: their release" import HEAD
as alice
accepted 'an import' \
	"import:refs/imports/$(git -C "$clone" rev-parse HEAD)/bob-1"
reset_clone
git -C "$clone" merge -q -s ours --no-commit --allow-unrelated-histories vendor
git -C "$clone" read-tree --prefix=vendor/ vendor
git -C "$clone" commit -q -m "Add 'vendor/' from commit '1'

Rollback-plan: revert"
git -C "$clone" reset -q --hard
accepted 'what it lets in' HEAD:main
commit db/night 'a fix' 'fix: at night'
accepted 'an emergency' -o gatepost.emergency='INC-1 it burns' HEAD:main
night=$("$gatepost" ledger list --json --kind emergency --ledger \
	"$work/ledger" | sed 's/.*"decision":"\([^"]*\)".*/\1/')
commit db/night 'another' 'fix: at night again'
accepted 'another' -o gatepost.emergency='INC-2 it burns' HEAD:main
sign_as alice
git -C "$clone" tag -s -m "what was missing

Follows-up: $night
Repository: one
Rollback-plan: revert" follow HEAD^
sign_as bob
approve --since HEAD^^ main HEAD^
as alice
accepted 'what follows' "follow:refs/followups/$night/alice-1"
sed -i 's/^\(	emergency-within = \).*/\11s/' "$work/etc/policy.conf"
"$gatepost" audit --policy "$work/etc/policy.conf" > "$work/audit"
has "$work/audit" '^closed  INC-1' 'an emergency is closed'
# a ticket that nobody could verify, and what is answered later
mkdir "$work/tickets" "$work/ledger/cursors"
printf '500\n{}' > "$work/tickets/CHG0001"
"$python" "$t_dir/ticket-server.py" "$work/port" "$work/tickets" \
	"$work/asked" &
kill_at_end $!
until [ -s "$work/port" ]; do sleep 0.1; done
cat >> "$work/etc/policy.conf" << END
[sink "itsm"]
	url = http://127.0.0.1:$(cat "$work/port")
	record = retention
	ticket-pattern = CHG[0-9]+
	ticket-url = /t/\${ticket}
	ticket-state = /state
[gate "asked"]
	ref = refs/heads/asked
	rule = asked
[rule "asked"]
	check = ticket
	lookup = itsm
	state = Open
	require = none
	unreachable = accept
END
exec 8> "$work/ledger/cursors/itsm.lock"
flock 8
git -C "$server" branch asked main
change 'fix: asked' asked
accepted 'a ticket that is not verified' -o gatepost.ticket=CHG0001 HEAD:asked
flock -u 8
printf '200\n{"state":"Closed"}' > "$work/tickets/CHG0001"
"$libexec/courier" run --once --policy "$work/etc/policy.conf"
"$gatepost" audit --policy "$work/etc/policy.conf" > "$work/audit"
has "$work/audit" '^refused CHG0001' 'it is refused'
"$gatepost" audit --policy "$work/etc/policy.conf" --reason seen --close \
	"$(sed -n 's/^refused CHG0001 .* //p' "$work/audit")"
flock 8
reset_clone
"$gatepost" mode warn "$server" > /dev/null
commit db/three 'third' 'feat: third'
push HEAD:main
git -C "$server" update-ref -d refs/heads/try/two
"$gatepost" mode enforce "$server" > /dev/null
# a judge that is late
printf '[gatepost]\n\tdeadline = 1s\n' >> "$work/etc/policy.conf"
# a torn tail
segment=$(ls "$work"/ledger/segments/*.log | tail -n 1)
printf '#record 99 torn' >> "$segment"
"$gatepost" uninstall "$server" > /dev/null
# one who asks for everything that there are filters for
for words in 'list --kind decision --verdict pass --repository one --ref main
	--rule ai --agent claude-code --since 1d --until 2099-01-01
	--principal alice --commit abcdef' 'export --format ndjson'; do
	# shellcheck disable=SC2086 # several words
	"$gatepost" ledger $words --ledger "$work/ledger" > /dev/null
done
"$gatepost" ledger evidence --ledger "$work/ledger" \
	"$(records | sed -n 's/.*"kind":"policy".*"evidence":"\([0-9a-f]*\)".*/\1/p' |
		head -n 1)" > /dev/null
"$gatepost" ledger show --ledger "$work/ledger" \
	"$(records | sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | tail -n 1)" \
	> /dev/null

first=$(records | sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | head -n 1)
for words in "$first" '--repository one' '--principal alice'; do
	# shellcheck disable=SC2086 # several words
	hold=$("$gatepost" ledger hold --ledger "$work/ledger" --until 1w \
		--reason 'a case' $words | sed 's/.*hold //')
	"$gatepost" ledger release --ledger "$work/ledger" --reason settled \
		"$hold" > /dev/null
done
"$gatepost" ledger erase --ledger "$work/ledger" --principal carol \
	--reason 'as asked' > /dev/null
"$gatepost" ledger init "$work/old" > /dev/null
for some in 1 2; do
	"$python" "$t_dir/make-records.py" "$work/old" 10 > /dev/null
	"$gatepost" ledger seal --ledger "$work/old" > /dev/null
done
printf '[retention]\n\tdefault = 90d\n' > "$work/etc/old.conf"
"$gatepost" ledger retain --ledger "$work/old" --policy "$work/etc/old.conf" \
	> /dev/null

records=$work/all
cat "$work"/ledger/segments/*.log | grep '^{' > "$records"
cat "$work"/old/segments/*.log | grep '"kind":"retention"' > "$work/retention"
has "$work/retention" '"segments":' 'there is a record of kind retention'
for kind in decision outcome policy install uninstall mode access break \
	erase hold release emergency waiver ticket; do
	has "$records" "\"kind\":\"$kind\"" "there is a record of kind $kind"
done
for verdict in pass reject warn; do
	has "$records" "\"verdict\":\"$verdict\"" "there is a verdict $verdict"
done
has "$records" '"refs_evidence":{' 'there is a list in evidence'
has "$records" '"counted":true' 'there is an approval that counted'
has "$records" '"counted":false' 'there is an approval that did not'
has "$records" '"certificate":{' 'there is a certificate of a push'
has "$records" '"signatures":\[{' 'there is a signature that a rule relied on'

# ---- the members ----

# The paths of all members, as the manual writes them, by kind
"$python" - "$records" "$work/retention" > "$work/members" << 'END'
import json, sys
seen = set()
def walk(kind, path, value):
	if isinstance(value, dict):
		for name, v in value.items():
			walk(kind, f"{path}.{name}" if path else name, v)
	elif isinstance(value, list) and value:
		for v in value:
			walk(kind, path + "[]", v)
	elif not isinstance(value, list):
		seen.add((kind, path))
for line in [l for f in sys.argv[1:] for l in open(f, encoding="utf-8")]:
	record = json.loads(line)
	record["persons"] = 0
	for name in [n for n in record if n.endswith("_evidence")]:
		record["NAME_evidence"] = record.pop(name)
	walk(record["kind"], "", record)
for kind, path in sorted(seen):
	print(kind, path)
END
# What the manual tells for each kind, and what it tells for all
awk -v common='decision outcome policy install uninstall mode access parked break emergency waiver ticket retention erase hold release' \
	-v pushed='decision outcome install uninstall mode emergency waiver ticket' '
	$1 == ".Ss" {
		kinds = $2
		# judging an emergency again is recorded as a decision is
		if ($2 == "decision") kinds = "decision emergency"
		if ($0 ~ /Members of every record/) kinds = common
		else if ($0 ~ /Members of records of/) kinds = pushed
		else if ($2 == "Evidence") kinds = common
	}
	$1 == ".It" && $2 == "Va" {
		n = split(kinds, k, " ")
		for (i = 1; i <= n; i++) print k[i], $3
	}' "$manual" | sort > "$work/described"
sort "$work/members" | comm -23 - "$work/described" > "$work/undescribed"
is "$(cat "$work/undescribed")" '' \
	'every member of real records is described for its kind'

# Those that no test here brings about are in the source at least.
cut -d' ' -f2 "$work/described" | sed 's/.*\.//; s/\[\]//' | sort -u |
	while IFS= read -r name; do
		case $name in
		host | v | NAME_evidence) continue ;;
		esac
		grep -qs -e "\"$name\"" -e "\\\\\"$name\\\\\"" \
			"$top"/src/desk/*.c "$top"/src/ledger/*.c \
			"$top"/src/courier/*record.c "$top"/src/courier/park.c ||
			echo "$name"
	done > "$work/invented"
is "$(cat "$work/invented")" '' 'every member described is in the source'

# All codes in records are described, too.
"$python" - "$records" << 'END' | sort -u > "$work/seen"
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
	for f in json.loads(line).get("findings", []):
		print(f"{f['check']}/{f['code']}")
END
is "$(comm -23 "$work/seen" "$work/told")" '' \
	'every code in real records is described'
yes 'there are some' test "$(wc -l < "$work/seen")" -ge 2

# ---- people ----

"$python" - "$records" << 'END' > "$work/named"
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
	record = json.loads(line)
	# names that people gave to refs and wrote into messages stay
	for key in ("refs", "path", "host", "segment", "at"):
		record.pop(key, None)
	for key in ("approvals", "waivers", "imports", "follow_ups"):
		for a in record.get(key, []):
			a.pop("at")
			a.pop("ref", None)
	text = json.dumps(record)
	for word in ("alice", "bob", "carol", "example.com"):
		if word in text:
			print(word, record["kind"], text)
END
is "$(cat "$work/named")" '' 'no record names a person in clear'

# ---- the commands ----

cd "$work/ledger" || exit 1
decision=$(grep '"kind":"decision"' "$records" | grep '"counted":true' |
	tail -n 1)
# member PATH: of that decision
member() {
	printf '%s\n' "$decision" | "$python" -c 'import json, sys
print(eval("json.load(sys.stdin)" + sys.argv[1]))' "$1"
}
id=$(member '["id"]')
# command WORDS: the literal block or line of the manual that contains WORDS
command() {
	mandoc -T ascii "$manual" 2> /dev/null | col -b | "$python" -c '
import re, sys
text = sys.stdin.read()
for block in re.split(r"\n\s*\n", text):
	if sys.argv[1] in block:
		lines = block.split("\n")
		at = [i for i, l in enumerate(lines) if sys.argv[1] in l][0]
		# an indented block follows or surrounds the words
		depth = lambda l: len(l.expandtabs()) - len(l.expandtabs().lstrip())
		while at > 0 and depth(lines[at - 1]) > 5: at -= 1
		print("\n".join(l.strip() for l in lines[at:] if depth(l) > 5))
		break' "$1"
}
if command -v mandoc > /dev/null; then
	sh -c "$(command "grep '^{'")" > "$work/cat" 2>&1
	yes 'the command for all records' cmp "$work/cat" "$records"
	sh -c "$(command "grep -A 2 '^#record .* ID ' | tail" |
		sed "s/ ID / $id /")" > "$work/person" 2>&1
	is "sha256:$(cut -d' ' -f1 "$work/person")" \
		"$(member '["persons"][0]')" 'the digest of a person'
	evidence=$(member '["approvals"][0]["evidence"]' 2> /dev/null ||
		member '["approvals"][1]["evidence"]')
	path=$(printf '%.2s' "$evidence")/${evidence#??}
	sh -c "$(command zlib.decompress | sed "s,XX/YYY,$path,")" \
		> "$work/sum" 2>&1
	is "$(cut -d' ' -f1 "$work/sum")" "$evidence" 'the name of evidence'
	evidence "$evidence" > "$work/tag"
	is "$(cd "$clone" && git hash-object -t tag -w "$work/tag")" \
		"$(member '["approvals"][0]["tag"]')" 'the tag of an approval'
	git config --global gpg.ssh.allowedSignersFile "$work/etc/signers"
	yes 'its signature' git -C "$clone" verify-tag \
		"$(member '["approvals"][0]["tag"]')"
	commit=$(member '["provenance"][0]["commit"]')
	is "sha256:$(cd "$clone" && sh -c "$(command 'COMMIT^ COMMIT' |
		sed "s/COMMIT/$commit/g")" 2>&1 | cut -d' ' -f1)" \
		"$(member '["provenance"][0]["digest"]')" 'the digest of a commit'
	is "$(cd "$clone" && git --no-replace-objects diff-tree -r -z \
		--no-renames --no-abbrev --ignore-submodules=none \
		"$commit^" "$commit" | sha256sum | cut -d' ' -f1)" \
		"$(member '["refs"][0]["digest"]' | sed 's/sha256://')" \
		'the digest of a ref'
	evidence "$(member '["policy"]')" > "$work/policy-text"
	has "$work/policy-text" 'db-review' 'the policy of a decision'
	is "$(tac "$work/policy-text" | sed '/^signers$/,$d' | tac |
		sha256sum | cut -d' ' -f1)" "$(member '["signers"]')" \
		'its signers alone'
	yes 'mandoc has nothing to say' sh -c "
		! mandoc -T lint -W warning '$manual' 2>&1 | grep ."
else
	skip 'the commands of the manual' 'mandoc is not installed'
fi

done_testing
