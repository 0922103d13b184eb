#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Several hosts, one store: two ledgers into a real etcd of three nodes, by the
# template etcd. It loses a node, then its majority, and comes back.

GATEPOST_CACHE=${GATEPOST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gatepost}
export GATEPOST_CACHE
. "$(dirname "$0")/lib.sh"

servers() { "$top/contrib/servers.sh" "$1" etcd "$work/etcd" 9<&-; }
end_all() {
	[ ! -d "$work/etcd" ] || servers kill
	cleanup
}
trap end_all EXIT
chmod 711 "$work"
servers start > "$work/started" 2> "$work/starting"
case $? in
0) ;;
77) skip_all "$(cat "$work/starting")" ;;
*) echo "Bail out! etcd does not start"; cat "$work/starting"; exit 1 ;;
esac
. "$work/etcd/env"

# host NAME URL FROM: a ledger of its own with 150 records, posted to that node
host() {
	"$gatepost" ledger init --origin "$1.example" "$work/$1" > /dev/null &&
		"$python" "$t_dir/make-records.py" "$work/$1" 150 600 "$3"
	cat > "$work/$1.conf" <<-END
	[gatepost]
		ledger = $work/$1
		log = $work/$1.log
		root = $work
	[sink "store"]
		template = etcd
		url = $2
		timeout = 3s
	END
}
drain() { # NAME SECONDS
	"$gatepost" courier run --once --deadline "$2" \
		--policy "$work/$1.conf" > "$work/drained-$1" 2>&1
}
# node NTH: its process
node() { sed -n "$1p" "$work/etcd/pids"; }
# stored URL: what the cluster has, and how often each was written
stored() {
	curl -s -d '{"key": "Z2F0ZXBvc3Qv", "range_end": "Z2F0ZXBvc3Qw"}' \
		"$1/v3/kv/range" > "$work/range"
	"$python" - "$work/range" "$work/one" "$work/two" <<-'END'
	import base64, glob, json, re, sys
	kvs = json.load(open(sys.argv[1])).get("kvs", [])
	want = set()
	for ledger in sys.argv[2:]:
	    for f in glob.glob(ledger + "/segments/*.log"):
	        want |= {json.loads(l)["id"] for l in open(f)
	                 if re.search('^{.*"kind":"decision"', l)}
	got = {base64.b64decode(k["key"]).decode()[9:]: k for k in kvs}
	decisions = want & set(got)
	for i in decisions:
	    assert json.loads(base64.b64decode(got[i]["value"]))["id"] == i
	print(len(want), len(decisions),
	      sorted({k["version"] for k in kvs}))
	END
}

host one "$URL" 0
host two "$URL2" 100000
yes 'policy check takes it' "$gatepost" policy check "$work/one.conf"

drain one 30 &
one=$!
drain two 30 &
two=$!
kill_at_end $one
kill_at_end $two
sleep 0.5
kill -KILL "$(node 3)"
wait $one && wait $two
is "$?" 0 'two hosts deliver while a node is lost'
is "$(stored "$URL2")" "300 300 ['1']" 'every record of both is there, once'

"$python" "$t_dir/make-records.py" "$work/one" 50 600 200000
"$python" "$t_dir/make-records.py" "$work/two" 50 600 300000
kill -KILL "$(node 2)"
drain one 2
is "$?" 1 'without a majority nothing counts as delivered'
servers start > "$work/again" 2>&1
drain one 30 && drain two 30
is "$?" 0 'when it is back, all is delivered'
rm "$work"/one/cursors/*
drain one 30
is "$(stored "$URL3")" "400 400 ['1']" \
	'what was in doubt, and all that was sent again, is there once'

done_testing
