# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# What the courier's tests share: a folder of their own, a ledger, a policy
# with one sink, the receiver. Run from the build directory.

build=$(pwd)
src=$(cd "${srcdir:-.}" && pwd)
COURIER=${COURIER:-$build/courier}
HELPER=${HELPER:-$build/t/unit/courier}
count=0 failed=0

skip_all() {
	echo "1..0 # SKIP $1"
	exit 77
}
[ -x "$HELPER" ] || skip_all 'the unit tests are not built'
[ -x "$COURIER" ] || skip_all 'the courier is not built'
command -v python3 >/dev/null || skip_all 'no python3'

umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-t6.XXXXXX") || exit 99
cd "$work" || exit 99
trap cleanup EXIT
trap 'exit 130' INT TERM
cleanup() {
	for f in "$work"/pid "$work"/*/pid; do
		[ -s "$f" ] && kill "$(cat "$f")" 2>/dev/null
	done
	cd / && rm -rf "$work"
}

# test_that NAME SHELL-CODE: one TAP line; what the code printed, when not ok
test_that() {
	count=$((count + 1))
	if (eval "$2") >said 2>&1; then
		echo "ok $count - $1"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $1"
	sed 's/^/# /' said out err log 2>/dev/null | tail -n 40
}
finish() {
	echo "1..$count"
	[ "$failed" = 0 ]
	exit
}

# A record's id from its number.
id_of() { printf '01934f6e-7b3a-7cc1-9d3f-%012d' "$1"; }

# records FROM TO [TEXT]: append so many decisions to the ledger
records() {
	i=$1
	while [ "$i" -le "$2" ]; do
		printf '{"kind":"%s","id":"%s","time":"2027-01-31T23:59:59.123Z"' \
			"${KIND:-decision}" "$(id_of "$i")"
		printf ',"repository":"payments/api","text":"%s","persons":[]}\n' \
			"${3:-}"
		i=$((i + 1))
	done | "$HELPER" append ledger git.example.test || exit 99
}

# start_receiver [OPTIONS]: events go to ./events, the port to ./port
start_receiver() {
	echo whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw >secret
	rm -f port
	python3 "$src/contrib/receiver.py" --out events --port-file port \
		--pid-file pid --secret-file secret --mode-file mode \
		--seconds 120 --port "${receiver_port:-0}" "$@" \
		>receiver.log 2>&1 &
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -s port ] && break
		sleep 0.1
	done
	receiver_port=$(cat port)
}
stop_receiver() {
	kill "$(cat pid)"
	rm -f pid
	while kill -0 $! 2>/dev/null; do sleep 0.1; done
}

# write_policy MORE-LINES-OF-THE-SINK
write_policy() {
	cat >policy.conf <<EOF
[gatepost]
	ledger = $work/ledger
	log = $work/log
	root = $work
[sink "grc"]
	url = ${URL:-http://127.0.0.1:$receiver_port/hooks}
	sign = standard-webhooks
	secret-file = secret
	header = X-Api-Key: hunter2
	timeout = 3s
$1
EOF
}

courier() {
	"$COURIER" "$@" --policy policy.conf >out 2>err
}
# run_once STATUS [OPTIONS]: one short drain must end with this status
run_once() {
	want=$1
	shift
	courier run --once "$@"
	got=$?
	[ "$got" = "$want" ] || echo "status $got instead of $want"
	[ "$got" = "$want" ]
}
# After a failure: drain when the next attempt is due.
recover() { run_once 0 --deadline 20; }

# events EXPRESSION: over E, the list of what the receiver got, one a line
events() {
	python3 -c '
import json, sys
E = [json.loads(l) for l in open("events")]
for x in eval(sys.argv[1]): print(x)' "$1"
}
# What was accepted, without repetitions: is it exactly 1..N in order?
arrived_in_order() {
	events '[*dict.fromkeys(e["id"] for e in E if e["answer"] == 204)]' \
		>ids
	i=1
	while [ "$i" -le "$1" ]; do
		id_of "$i"
		echo
		i=$((i + 1))
	done | diff - ids
}
arrived_unique() {
	events '[len({e["id"] for e in E if e["answer"] == 204})]'
}

# status_is SINK-NUMBER MEMBER VALUE, status_has SINK-NUMBER A B PART
status_json() {
	courier status --json
	python3 -c '
import json, sys
v = json.load(open("out"))["destinations"]
for k in sys.argv[1:]: v = v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$@"
}
status_is() {
	v=$(status_json "$1" "$2") && echo "$2 is $v" && [ "$v" = "$3" ]
}
status_has() {
	v=$(status_json "$1" "$2" "$3") && echo "$3 is $v"
	case $v in
	*"$4"*) return 0 ;;
	esac
	return 1
}
attempts() { status_json 0 attempts; }
