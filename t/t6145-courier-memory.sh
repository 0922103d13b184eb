#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# How much memory the courier takes: as much for many records as for few,
# for the largest however many come, and for each of fifty destinations that
# are all dead. TAP on standard output.
# (An endpoint that is away for a week: t6155.)

# A build with sanitizers keeps what is freed, so the installed one is measured.
[ -z "${GATEPOST_PREFIX:-}" ] ||
	COURIER=${COURIER:-$GATEPOST_PREFIX/libexec/gatepost/courier}
. "${srcdir:-.}/t/courier-lib.sh"
command -v pgrep >/dev/null || skip_all 'no pgrep'

# An endpoint that takes everything and remembers nothing.
cat > endpoint.py <<'END'
import http.server, sys
class Endpoint(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 65536)))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Endpoint)
with open("port", "w") as f:
    f.write(str(server.server_port))
server.serve_forever()
END
python3 endpoint.py &
echo $! > pid
while [ ! -s port ]; do sleep 0.1; done
# shellcheck disable=SC2034 # write_policy takes it
receiver_port=$(cat port)
echo whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw > secret

# wait_for CONDITION
wait_for() {
	tries=600
	while [ $tries -gt 0 ] && ! (eval "$1") >/dev/null 2>&1; do
		sleep 0.1
		tries=$((tries - 1))
	done
	(eval "$1")
}
# drain LEDGER RECORDS: all that is there, by the service, so that what its
# largest process took can be read afterwards: $peak, in KiB
drain() {
	sed "s#$work/ledger\$#$work/$1#" policy.conf >"$1.conf"
	rm -rf "$1/cursors"
	"$COURIER" run --policy "$1.conf" >service.out 2>&1 &
	service=$!
	wait_for "grep -q '\"next\": *$2,' $1/cursors/grc.json"
	drained=$?
	peak=$(for p in $(pgrep -P "$service"); do
		sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$p/status"
	done | sort -n | tail -n 1)
	kill "$service"
	wait "$service"
	return $drained
}
# no_more WHAT LESS MORE [SHARE]: within what the C library needs for its own,
# a quarter or one SHAREth
no_more() {
	echo "$1: $2 KiB and $3 KiB"
	[ "$3" -le $(($2 + $2 / ${4:-4} + 512)) ]
}

# largest FROM TO LEDGER: records of the most that a ledger takes, each with
# sixty people whose names are as long as names may be, who stand in it often
largest() {
	python3 - "$1" "$2" << 'END' | "$HELPER" append "$3" git.example.test || exit 99
import hashlib, json, sys
def line(x):
    return json.dumps(x, separators=(",", ":"))
name = "n" * 4000
who = [{"salt": "%032x" % i, "principal": name, "name": name,
        "email": name, "login": name} for i in range(60)]
sums = ["sha256:" + hashlib.sha256(line(w).encode()).hexdigest() for w in who]
for i in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
    record = {"kind": "decision", "id": "01934f6e-7b3a-7cc1-9d3f-%012d" % i,
              "time": "2027-01-31T23:59:59.123Z", "repository": "a",
              "findings": [{"person": n % 60} for n in range(100)],
              "text": [], "persons": sums}
    while len(line(record)) < 65000:
        record["text"].append(["", [1, {"a": "\u00e4\n"}] * 20])
    print(line(record) + "\t" + line(who))
END
}

cat > body.json << 'END'
{"id": ${json:id}, "who": ${json:/findings/0/person/name|0}, "said": ${json:comment}, "all": ${json:record}, "event": ${json:event}}
END
records 1 500
mv ledger few
records 1 2000
mv ledger long
largest 1 2 two
largest 1 12 twelve

for format in cloudevents-batch ndjson template; do
	more="	format = $format
	batch-max = 500"
	[ $format != template ] || more="$more
	frame = ndjson
	body-template = $work/body.json"
	write_policy "$more"
	test_that "$format: 2,000 records take no more than 100" \
		'drain few 500 && less=$peak && drain long 2000 &&
		no_more "500 and 2,000" "$less" "$peak"'
	test_that "$format: twelve of the largest take no more than two" \
		'drain two 2 && less=$peak && drain twelve 12 &&
		no_more "two and twelve" "$less" "$peak" &&
		[ "$peak" -le 32768 ]'
done

# Nobody listens at port 1. Each of the fifty tries again, and again it makes
# what it would send.
fifty=$(i=1
	while [ $i -le 50 ]; do
		printf '[sink "dead%d"]\n\turl = http://127.0.0.1:1/%d\n' $i $i
		printf '\tformat = cloudevents-batch\n\tbatch-max = 500\n'
		i=$((i + 1))
	done)
sed '/^\[sink/,$d' policy.conf > dead.conf
echo "$fifty" >> dead.conf
sed -i "s#$work/ledger\$#$work/long#" dead.conf
rm -rf long/cursors
# all_failed ATTEMPTS: each of them so often at least
all_failed() {
	[ "$(cat long/cursors/*.json 2>/dev/null | sed -n \
		's/.*"attempts": *\([0-9]*\).*/\1/p' |
		awk -v n="$1" '$1 >= n' | wc -l)" = 50 ]
}
# workers_take: the KiB of the largest, of all of them, and of the service,
# without what they share
workers_take() {
	for p in $(pgrep -P "$service") "$service"; do
		awk '/^Private_(Clean|Dirty)/ { kib += $2 }
			END { print kib + 0 }' "/proc/$p/smaps_rollup"
	done | awk '{ v[NR] = $1; if ($1 > most) most = $1; all += $1 }
		END { print most, all, v[NR] }'
}
drain long 2000
alone=$peak
rm -rf long/cursors
"$COURIER" run --policy dead.conf > service.out 2>&1 &
service=$!
test_that 'fifty dead destinations are tried' 'wait_for "all_failed 2"'
before=$(workers_take)
test_that 'again and again' 'wait_for "all_failed 3"'
after=$(workers_take)
kill "$service"
wait "$service"
test_that 'none of their processes takes what a drain takes' \
	'echo "$before, $after; alone $alone"; [ "${after%% *}" -le "$alone" ]'
# some are trying while others wait: a half more is no growth
test_that 'and each time they take what they took before' \
	'no_more "after two attempts and after three" \
		"$(echo "$before" | cut -d" " -f2)" "$(echo "$after" | cut -d" " -f2)" 2'

finish
