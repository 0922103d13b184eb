#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost ledger export: each format has what its schema requires, says what
# the records say, and holds no surprise for the program that opens it.

. "$(dirname "$0")/lib.sh"

signing_key bob
policy_file << 'END'
[signers]
	ssh = signers
[principal "alice"]
	email = alice@example.com
	login = alice
[principal "bob"]
	email = bob@example.com
	login = bob
[gate "main"]
	ref = refs/heads/main
	rule = two
[gate "all"]
	ref = refs/heads/**
	ref = refs/tags/**
	rule = ai
	rule = keep
[rule "ai"]
	check = provenance
	agents = any
	control = SOC2:CC8.1
	control = ISO27001:A.8.28
[rule "two"]
	check = review
	when = ai-assisted
	quorum = 1
	control = SOC2:CC8.1
[rule "keep"]
	check = history
	control = =cmd|' /C calc'!A0
END
new_server payments/api
change 'feat: by hand'
accepted 'a push' HEAD:main
commit ai ai 'feat: ai

Assisted-by: Claude:claude-opus-4-6'
push HEAD:main
push 'HEAD:refs/heads/@topic'
sign_as bob; approve main HEAD; as alice
accepted 'an approved push' HEAD:main
accepted 'a tag' HEAD:refs/tags/v1
head=$(git -C "$clone" rev-parse HEAD)
i=0
while [ $((i += 1)) -le 120 ]; do
	git -C "$clone" update-ref "refs/heads/many/$i" origin/main
done
accepted 'more refs than a record holds' 'refs/heads/many/*:refs/heads/many/*'

# export FORMAT ARGUMENTS…: to $work/exported
export_as() {
	format=$1; shift
	"$gatepost" ledger export --ledger "$work/ledger" --format "$format" \
		"$@" > "$work/exported" 2> "$work/errors"
	rc=$?
}

# ---- NDJSON ----

export_as ndjson
is $rc 0 'ndjson'
records > "$work/wanted"
grep -v '"kind":"access"' "$work/exported" > "$work/got"
yes 'the records as ledger list --json has them' cmp "$work/got" "$work/wanted"
export_as ndjson --no-persons --kind decision
has_not "$work/exported" 'example.com' 'without persons no address'
has_not "$work/exported" '"principal"' 'without persons no name'
cat "$work"/ledger/segments/*.log | grep '^{"v":1,"id":"[^"]*","kind":"decision"' > "$work/wanted"
yes 'the records as they stand in the ledger' cmp "$work/exported" "$work/wanted"

# ---- CSV ----

export_as csv
is $rc 0 'csv'
cat > "$work/cells.py" << 'END'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8"),
			   strict=True))
want = [json.loads(l) for l in open(sys.argv[2], encoding="utf-8")]
mode = sys.argv[3]
if mode == "shape":
	raw = open(sys.argv[1], "rb").read()
	assert raw.count(b"\r\n") == raw.count(b"\n"), "lines end in CR LF"
	assert all(None not in r and None not in r.values() for r in rows)
	assert all(c == "" or c[0] not in "=+-@\t\r"
		   for r in rows for c in r.values()), "a formula"
elif mode == "rules":
	for d in want:
		mine = [r for r in rows if r["id"] == d["id"]]
		for rule in d.get("rules", []):
			hit = [r for r in mine if r["rule"] == rule["rule"]
			       and r["ref"].lstrip("'") == rule["ref"]]
			assert len(hit) == 1, (rule, hit)
			assert hit[0]["result"] == rule["result"]
			assert hit[0]["matched"] == str(rule["matched"])
		assert len(mine) >= max(1, len(d.get("refs", [])))
elif mode == "cells":
	r = [r for r in rows if r["approved_by"]]
	assert r and r[0]["approved_by"] == "bob" and r[0]["rule"] == "two", r
	assert r[0]["agents"] == "claude-code" or "laude" in r[0]["agents"], r
	r = [r for r in rows if r["findings"] == "review/quorum"]
	assert r and r[0]["verdict"] == "reject" and r[0]["result"] == "fail"
	assert r[0]["pusher"] == "alice"
	assert any(r["controls"].startswith("'=cmd|") for r in rows)
	assert any(r["ref"] == "refs/heads/@topic" for r in rows)
elif mode == "many":
	assert len({r["ref"] for r in rows if "/many/" in r["ref"]
		    and r["kind"] == "decision" and r["rule"] == "ai"}) == 120
END
records > "$work/all"
for mode in shape rules cells many; do
	yes "csv: $mode" "$python" "$work/cells.py" "$work/exported" "$work/all" $mode
done
export_as csv --no-persons
yes 'csv: without persons no name' "$python" -c 'import csv, sys
for r in csv.DictReader(open(sys.argv[1], newline="")):
	assert not r["pusher"] and not r["approved_by"]' "$work/exported"

# ---- in-toto ----

openssl genpkey -algorithm ed25519 -out "$work/key.pem" 2> /dev/null
chmod 600 "$work/key.pem"
openssl pkey -in "$work/key.pem" -pubout -out "$work/pub.pem"
mv "$work/ledger/keys" "$work/keys"
export_as in-toto
is $rc 2 'statements are not made without a key'
has "$work/errors" 'who signs the statements' 'that is said'
mv "$work/keys" "$work/ledger/keys"
export_as in-toto
is $rc 0 "the ledger's own key signs them"
"$python" - "$work/ledger/sealed/vkeys" > "$work/pub.der" << 'END'
import base64, sys
for line in open(sys.argv[1]):
	raw = base64.b64decode(line.strip().split("+", 2)[2])
	if raw[0] == 1:
		sys.stdout.buffer.write(
			bytes.fromhex("302a300506032b6570032100") + raw[1:])
END
is "$(sed 's/.*"keyid":"\([0-9a-f]*\)".*/\1/' "$work/exported" | sort -u)" \
	"$(sha256sum < "$work/pub.der" | cut -d' ' -f1)" 'the one that seals'
export_as in-toto --key "$work/key.pem"
is $rc 0 'in-toto'
has "$work/errors" '1 accepted refs that are no branches' 'the tag is left out'
cat > "$work/dsse.py" << 'END'
import base64, json, subprocess, sys
work, head = sys.argv[1:3]
found = None
for line in open(work + "/exported", encoding="utf-8"):
	env = json.loads(line)
	assert set(env) == {"payloadType", "payload", "signatures"}
	assert env["payloadType"] == "application/vnd.in-toto+json"
	body = base64.b64decode(env["payload"], validate=True)
	kind = env["payloadType"].encode()
	open(work + "/pae", "wb").write(b"DSSEv1 %d %s %d %s" % (
		len(kind), kind, len(body), body))
	sig, = env["signatures"]
	open(work + "/sig", "wb").write(base64.b64decode(sig["sig"]))
	st = json.loads(body)
	assert st["_type"] == "https://in-toto.io/Statement/v1"
	assert st["predicateType"] == "https://slsa.dev/verification_summary/v1"
	sub, = st["subject"]
	p = st["predicate"]
	assert set(sub["digest"]) == {"gitCommit"}
	assert all(r.startswith("refs/heads/") for r in
		   sub["annotations"]["sourceRefs"])
	assert p["verifier"]["id"] == "https://test.example/gatepost"
	assert p["resourceUri"] == "git+ssh://test.example/payments/api"
	assert p["policy"]["uri"] and len(p["policy"]["digest"]["sha256"]) == 64
	assert p["timeVerified"].endswith("Z")
	assert p["verificationResult"] == "PASSED"
	levels = [v for v in p["verifiedLevels"] if v.startswith("SLSA_")]
	assert levels == ["SLSA_SOURCE_LEVEL_2"], p
	assert all(v.startswith("ORG_SOURCE_GATEPOST_") for v in
		   p["verifiedLevels"] if v not in levels)
	if sub["digest"]["gitCommit"] == head and \
	   sub["annotations"]["sourceRefs"] == ["refs/heads/main"]:
		found = p["verifiedLevels"]
		subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin",
			"-inkey", work + "/pub.pem", "-rawin", "-in",
			work + "/pae", "-sigfile", work + "/sig"], check=True)
		der = subprocess.run(["openssl", "pkey", "-pubin", "-in",
			work + "/pub.pem", "-outform", "DER"], check=True,
			stdout=subprocess.PIPE).stdout
		import hashlib
		assert sig["keyid"] == hashlib.sha256(der).hexdigest()
assert found and "ORG_SOURCE_GATEPOST_REVIEW" in found, found
END
yes 'envelopes, statements and the signature' "$python" "$work/dsse.py" \
	"$work" "$head"
is "$(grep -c . "$work/exported")" "$("$python" -c 'import json, sys
n = 0
for l in open(sys.argv[1]):
	d = json.loads(l)
	if d["kind"] == "decision" and d["verdict"] == "pass":
		n += d["refs_evidence"]["count"] if "refs_evidence" in d else \
			len([r for r in d["refs"] if r["name"].startswith("refs/heads/")])
print(n)' "$work/all")" 'one for each branch that was accepted, none refused'
printf 'no key' > "$work/bad.pem"; chmod 600 "$work/bad.pem"
export_as in-toto --key "$work/bad.pem"
is $rc 2 'a file that is no key'
has "$work/errors" 'no Ed25519 private key' 'that is said, too'
chmod 644 "$work/key.pem"
export_as in-toto --key "$work/key.pem"
is $rc 2 'a key that others can read'

# ---- OCSF ----

export_as ocsf
is $rc 0 'ocsf'
cat > "$work/ocsf.py" << 'END'
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1], encoding="utf-8")]
grade = {"pass": 1, "warn": 2, "fail": 3}
for r in rows:
	# base event, finding and Compliance Finding: what they require
	for name in ("activity_id", "category_uid", "class_uid", "type_uid",
		     "time", "severity_id", "metadata", "finding_info",
		     "compliance"):
		assert name in r, name
	assert (r["category_uid"], r["class_uid"]) == (2, 2003)
	assert r["type_uid"] == r["class_uid"] * 100 + r["activity_id"]
	assert isinstance(r["time"], int) and r["time"] > 1600000000000
	assert r["metadata"]["version"] and r["metadata"]["product"]["name"]
	assert r["metadata"]["product"]["vendor_name"]
	assert r["finding_info"]["uid"] and r["finding_info"]["title"]
	assert r["compliance"]["status_id"] in (1, 2, 3)
	assert all(isinstance(s, str) and s for s in r["compliance"]["standards"])
	assert r["compliance"]["standards"]
	assert r["resources"][0]["uid"]
assert len({r["finding_info"]["uid"] for r in rows}) == len(rows), "uids"
want = set()
for line in open(sys.argv[2], encoding="utf-8"):
	d = json.loads(line)
	for rule in d.get("rules", []):
		if rule["result"] in grade:
			want.add((d["id"], rule["rule"], grade[rule["result"]]))
got = {(r["unmapped"]["record"], r["compliance"]["control"],
	r["compliance"]["status_id"]) for r in rows}
assert want <= got, want - got
bad = [r for r in rows if r["compliance"]["status_id"] == 3
       and r["compliance"]["control"] == "two"]
assert bad[0]["compliance"]["status_detail"] == "review/quorum"
assert bad[0]["compliance"]["standards"] == ["SOC2"]
assert bad[0]["compliance"]["requirements"] == ["SOC2:CC8.1"]
assert bad[0]["unmapped"]["pusher"] == "alice"
END
yes 'required members, and every result' "$python" "$work/ocsf.py" \
	"$work/exported" "$work/all"

# ---- OSCAL ----

export_as oscal --since 2026-01-01
is $rc 0 'oscal'
cat > "$work/oscal.py" << 'END'
import json, re, sys
uuid = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}"
		  r"-[0-9a-f]{12}$")
token = re.compile(r"^[^\W\d][\w.\-]*$")
def walk(v):
	if isinstance(v, dict):
		assert v, "an empty object"
		for k, x in v.items():
			if k.endswith("uuid"):
				assert uuid.match(x), (k, x)
			if k in ("control-id", "target-id", "name"):
				assert token.match(x), (k, x)
			walk(x)
	elif isinstance(v, list):
		assert v, "an empty list"
		for x in v: walk(x)
	elif isinstance(v, str):
		assert v == v.strip() and v, "an empty string or blanks"
doc = json.load(open(sys.argv[1], encoding="utf-8"))
assert set(doc) == {"assessment-results"}
ar = doc["assessment-results"]
walk(ar)
assert {"uuid", "metadata", "import-ap", "results"} <= set(ar)
assert {"title", "last-modified", "version", "oscal-version"} <= \
	set(ar["metadata"])
assert ar["import-ap"]["href"] == "#" + ar["back-matter"]["resources"][0]["uuid"]
result, = ar["results"]
assert {"uuid", "title", "description", "start", "reviewed-controls"} <= \
	set(result)
assert result["start"] == "2026-01-01T00:00:00.000Z"
seen = set()
for o in result["observations"]:
	assert {"uuid", "description", "methods", "collected"} <= set(o)
	assert set(o["methods"]) <= {"EXAMINE", "INTERVIEW", "TEST", "UNKNOWN"}
	seen.add(o["uuid"])
want = [json.loads(l) for l in open(sys.argv[2], encoding="utf-8")]
want = [d for d in want if d["kind"] == "decision"]
assert len(seen) == len(result["observations"]) == len(want)
for f in result["findings"]:
	assert {"uuid", "title", "description", "target"} <= set(f)
	assert f["target"]["type"] in ("statement-id", "objective-id")
	assert f["target"]["status"]["state"] in ("satisfied", "not-satisfied")
	for r in f.get("related-observations", []):
		assert r["observation-uuid"] in seen
state = {f["target"]["target-id"]: f["target"]["status"]["state"]
	 for f in result["findings"]}
controls = result["reviewed-controls"]["control-selections"][0]
assert {c["control-id"] for c in controls["include-controls"]} == set(state)
assert state["SOC2_CC8.1"] == sys.argv[3], state
END
yes 'required members, and every decision' "$python" "$work/oscal.py" \
	"$work/exported" "$work/all" satisfied
"$gatepost" mode warn "$server" > /dev/null
commit late late 'feat: more

Assisted-by: Claude:claude-opus-4-6'
push HEAD:main
records > "$work/all"
export_as oscal --since 2026-01-01
yes 'a control is not satisfied when a change that broke it was let in' \
	"$python" "$work/oscal.py" "$work/exported" "$work/all" not-satisfied
export_as oscal --until 2026-01-01
is $rc 0 'a period without decisions'
"$python" -c 'import json, sys
r = json.load(open(sys.argv[1]))["assessment-results"]["results"][0]
assert "observations" not in r and "findings" not in r and r["start"]' \
	"$work/exported"
is $? 0 'is a document all the same'

# ---- files, filters, mistakes ----

yes 'to a file' "$gatepost" ledger export --ledger "$work/ledger" \
	--format csv -o "$work/file.csv"
is "$(stat -c %a "$work/file.csv")" 600 'for its owner alone'
no_tmp() { ! test -e "$work/file.csv.tmp"; }
yes 'and nothing beside it' no_tmp
export_as ndjson --verdict reject
is "$(grep -vc '"verdict":"reject"' "$work/exported")" 0 'filters hold'
yes 'and find something' test -s "$work/exported"
export_as xml
is $rc 2 'an unknown format'
export_as oscal --kind outcome
is $rc 2 'a format that has no place for it'
"$gatepost" ledger export --ledger "$work/ledger" --format csv > /dev/full 2>&1
is $? 2 'an export that cannot be written'

done_testing
