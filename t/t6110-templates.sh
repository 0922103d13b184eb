#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The ready templates of conf/sinks: each is read without a complaint, and what
# it sends is what its product takes, as the product's documentation has it.

. "${srcdir:-.}/t/courier-lib.sh"
GATEPOST=${GATEPOST:-$build/gatepost}

# A refusal, and an emergency with what came of it: with all that people may
# write into a name, a subject or a ref.
cat >records.py <<'EOF'
import json
HOSTILE = 'x"\\,<b>{{m}}\u202e\x1b[1m${id} </pre>{noformat}[code]%s'
def id_of(n): return "01934f6e-7b3a-7cc1-9d3f-%012d" % n
def record(n, kind, **more):
    print(json.dumps({
        "v": 1, "kind": kind, "id": id_of(n), "host": "git1",
        "time": "2027-01-31T23:59:59.%03dZ" % n, "gatepost": "1.0",
        "repository": "payments/" + HOSTILE, "persons": [],
        "policy": "0" * 64, **more}))
def decision(n, verdict, ticket):
    record(n, "decision", verdict=verdict, problems=1, commits=1,
           tickets=[{"id": ticket}],
           rules=[{"rule": "plan", "controls": ["SOC2:CC8.1"]}],
           refs=[{"name": "refs/heads/" + HOSTILE, "real": "refs/heads/main",
                  "old": "1" * 40, "new": "%040x" % n, "gates": ["main"],
                  "digest": "sha256:" + "2" * 64, "verdict": verdict}],
           findings=[{"check": "rollback", "code": "missing",
                      "weight": "reject", "subject": HOSTILE,
                      "commit": "3" * 40, "text": "no plan " + HOSTILE}])
def outcome(n, of):
    record(n, "outcome", decision=id_of(of),
           refs=[{"name": "refs/heads/" + HOSTILE, "old": "1" * 40,
                  "new": "%040x" % of}])
decision(1, "reject", "CHG-77")
decision(2, "warn", "CHG-77")
record(3, "emergency", decision=id_of(2), state="open", severity="high",
       ticket="INC-1", reason="down " + HOSTILE)
outcome(4, 2)
decision(5, "reject", "CHG-77")
decision(6, "pass", "CHG-77")
outcome(7, 6)
record(8, "mode", to="warn")
decision(9, "pass", "no ticket of theirs")
EOF
make_ledger() {
	rm -rf ledger
	python3 records.py | "$HELPER" append ledger git.example.test || exit 99
}

start_mock() {
	rm -f port state
	python3 "$src/t/mock-products.py" --port-file port --pid-file pid \
		--state state "$@" >mock.log 2>&1 &
	while [ ! -s port ]; do sleep 0.05; done
}
stop_mock() {
	kill "$(cat pid)"
	rm -f pid
}

# sink NAME PATH SECRET [LINE...]
sink() {
	name=$1
	printf '%s\n' "$3" >"secret-$name"
	printf '[sink "%s"]\n\ttemplate = %s\n\turl = http://127.0.0.1:%s%s\n' \
		"$name" "$src/conf/sinks/$name/" "$(cat port)" "$2"
	[ -z "$3" ] || printf '\tsecret-file = secret-%s\n' "$name"
	shift 3
	for line; do printf '\t%s\n' "$line"; done
}
policy() {
	{
		printf '[gatepost]\n\tagents = %s\n' "$src/conf/agents.conf"
		printf '\tledger = %s\n\tlog = %s\n\troot = %s\n' \
			"$work/ledger" "$work/log" "$work"
		sink webhook /hook whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
		sink splunk-hec '' token-1
		sink elasticsearch '' user:password-1
		sink clickhouse '' password-1
		sink kafka-rest '' user:password-1 'var = cluster lkc-1'
		sink postgrest '' jwt-1
		sink ocsf /ocsf token-1
		sink vsa /vsa token-1
		sink servicenow '' user:password-1
		sink servicenow-import '' user:password-1
		sink jira '' pat-1
		sink jira-link '' pat-1
		[ -z "$1" ] || sink etcd '' ''
		[ -z "$1" ] || sink redmine '' key-1
		[ -z "$1" ] || sink request-tracker '' 1-2-token
	} >policy.conf
}

# state EXPRESSION: over S, what the products took; R refused
state() {
	python3 -c '
import json, re, sys
S = json.load(open("state"))
R = S.pop("refused", [])
ID = lambda n: "01934f6e-7b3a-7cc1-9d3f-%012d" % n
ALL = [ID(n) for n in range(1, 10)]
if not eval("(" + sys.argv[1] + ")"):
    print(json.dumps(S, indent=1)[:6000], json.dumps(R, indent=1)[:3000])
    sys.exit(1)' "$1"
}

make_ledger
start_mock
policy all
test_that 'every template is in the test' \
	'ls "$src/conf/sinks" | while read -r name; do
		grep -qF "[sink \"$name\"]" policy.conf || echo "$name"
	done >missing; ! grep . missing'
test_that 'each has a README of ten lines' \
	'for f in "$src"/conf/sinks/*/README; do
		n=$(wc -l <"$f")
		[ "$n" -ge 8 ] && [ "$n" -le 16 ] || echo "$f: $n lines"
	done >long; ! grep . long'
test_that 'policy check has nothing to say' \
	'"$GATEPOST" policy check policy.conf >out 2>&1'
# asks SINK LINE: a policy with a rule that has it looked up there
asks() {
	{
		cat policy.conf
		printf '[gate "g"]\n\tref = **\n\trule = r\n'
		printf '[rule "r"]\n\tcheck = ticket\n\tlookup = %s\n' "$1"
		[ -z "${2:-}" ] || printf '\t%s\n' "$2"
	} >asks.conf
	"$GATEPOST" policy check asks.conf >out 2>&1
}
test_that 'nor to what a template can tell of a ticket' '
	asks servicenow "state = Scheduled" && asks servicenow "require = window" &&
	asks servicenow "require = backout" && asks jira "state = Open"'
test_that 'it says what a template cannot tell' '
	line=$(($(wc -l <policy.conf) + 4))
	! asks jira "require = window" &&
	grep "asks.conf:$line: .*require = window: sink \"jira\" with its template has no ticket-window-start to tell that" out &&
	! asks webhook "state = Open" && grep "lookup: .*no ticket-url" out &&
	! asks servicenow "require = repository" &&
	grep "no ticket-repository to tell that: give it one" out'


policy ''
test_that 'all records are taken' 'run_once 0 --deadline 60'
test_that 'nothing is refused' \
	'state "[r for r in R if r[0] != \"GET\"] == []"'
for product in webhook splunk elasticsearch clickhouse kafka postgrest \
	servicenow-import; do
	test_that "$product has every record once" \
		'state "list(S[\"$product\"]) == ALL and
		all(len(v) == 1 for v in S[\"$product\"].values())"'
done
test_that 'decisions alone go to ocsf' \
	'state "list(S[\"ocsf\"]) == [ID(n) for n in (1, 2, 5, 6, 9)]"'
test_that 'and to vsa, by what was pushed' \
	'state "list(S[\"vsa\"]) == [\"%040x\" % n for n in (1, 2, 5, 6, 9)]"'
for product in jira servicenow; do
	test_that "$product has one ticket, and all that concerns it in order" \
		'state "[re.findall(r\"Record: (\S+)\", json.dumps(b))[-1][:36]
			for b in sum(S[\"$product\"].values(), [])] ==
			[ID(n) for n in (3, 4, 5, 7)] and len(S[\"$product\"]) == 1"'
done
test_that 'an issue that is named gets its links' \
	'state "list(S[\"jira-link\"]) ==
	[\"gatepost-\" + ID(n) for n in (1, 2, 5, 6)]"'

# What is in them
first() { state "(lambda f: $2)(list(S[\"$1\"].values())[0][0])"; }
test_that 'OCSF: a Compliance Finding that failed' 'first ocsf "
	f[\"class_uid\"] == 2003 and f[\"type_uid\"] == 200301 and
	f[\"category_uid\"] == 2 and f[\"activity_id\"] == 1 and
	f[\"compliance\"][\"status_id\"] == 3 and
	f[\"compliance\"][\"control\"] == \"SOC2:CC8.1\" and
	f[\"time\"] == 1801439999001 and f[\"finding_info\"][\"uid\"] == ID(1)"'
test_that 'VSA: an in-toto statement that failed' 'first vsa "
	f[\"predicateType\"] == \"https://slsa.dev/verification_summary/v1\" and
	f[\"predicate\"][\"verificationResult\"] == \"FAILED\" and
	f[\"predicate\"][\"timeVerified\"].startswith(\"2027-01-31T\")"'
test_that 'Splunk: the time in seconds' 'first splunk "
	f[\"time\"] == 1801439999.001 and f[\"event\"][\"id\"] == ID(1)"'
test_that 'CloudEvents: source and type' 'first webhook "
	f[\"specversion\"] == \"1.0\" and f[\"id\"] == ID(1) and
	f[\"source\"] and f[\"type\"]"'
cat >block.py <<'EOF'
import json, re
S = json.load(open("state"))
texts = [b["work_notes"] for v in S["servicenow"].values() for b in v]
for b in S["jira"]["CHG-1"]:
    assert b["body"].startswith("{noformat}\n"), b
    assert b["body"].endswith("\n{noformat}"), b
    texts.append(b["body"][11:-11])
assert len(texts) == 8
assert any("no plan" in t for t in texts)
for t in texts:
    assert all(line.startswith("    ") for line in t.split("\n")), t
    assert not re.search(r"[<{\[](?! )", t), t
EOF
test_that 'no text of a pusher gets out of its block' 'python3 block.py'
# A rule with a look-up asks all that the template can tell.
# ask TICKET [WORD VALUE]…: what is said of it
ask() {
	{
		printf 'ticket %s\nrepository one\nseconds 5\ncache 0\n' "$1"
		printf 'state Scheduled\nstate Implement\n'
		shift
		[ $# = 0 ] || printf '%s %s\n' "$@"
	} | "$COURIER" ticket --policy policy.conf servicenow >out 2>err
	python3 -c '
import json
r = json.load(open("out")); print(r["code"], r["state"], r["why"])'
}
gate() {
	want=$1
	shift
	got=$(ask "$@")
	echo "$* : $got"
	case $got in "$want"*) return 0 ;; esac
	return 1
}
test_that 'ServiceNow: a change request as a gate' '
	gate "verified Scheduled" CHG0000077 &&
	gate "no-backout Scheduled its backout plan is empty" CHG0000078 &&
	gate "state Closed its state is Closed" CHG0000079 &&
	gate "state Scheduled it is not approved" CHG0000080 &&
	gate "window Scheduled its change window begins at 2099-01-01" CHG0000081 &&
	gate "unknown  there is no such ticket" CHG0000082 &&
	gate "unknown  that system has no such tickets" ABC-1'
test_that 'and no more than the rule requires' '
	gate verified CHG0000081 require approval require backout &&
	gate verified CHG0000078 require none &&
	gate no-backout CHG0000078 require backout &&
	{ ask CHG0000078 require repository 2>/dev/null; [ ! -s out ]; } &&
	grep "no key that tells the repository of a ticket" log'
stop_mock

# Every first answer is lost after the product has taken what was sent.
make_ledger
start_mock --drop .
policy ''
courier run --once --deadline 1
test_that 'what was ambiguous is settled' 'run_once 0 --deadline 60'
test_that 'so it was' 'grep -c . state'
for product in webhook splunk elasticsearch clickhouse kafka postgrest \
	servicenow-import; do
	test_that "$product lost nothing" 'state "list(S[\"$product\"]) == ALL"'
done
for product in elasticsearch clickhouse postgrest servicenow-import; do
	test_that "$product has nothing twice" \
		'state "all(len(v) == 1 for v in S[\"$product\"].values())"'
done
for product in jira servicenow; do
	test_that "$product has nothing twice" \
		'state "[re.findall(r\"Record: (\S+)\", json.dumps(b))[-1][:36]
			for b in sum(S[\"$product\"].values(), [])] ==
			[ID(n) for n in (3, 4, 5, 7)] and len(S[\"$product\"]) == 1"'
done
stop_mock

finish
