#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a ledger of many records costs, on the file system of DIR:
#
#     GATEPOST_PREFIX=/opt/gatepost t/bench/ledger-scale.sh [DIR [RECORDS]]
#
# Run it in the build directory, after `make t/bench/ledger-scale`. Ten million
# records take some 6 GB. Exit status 1: appending is over 1.2 times as slow
# as to an empty ledger, a proof takes over 50 milliseconds, or sealing or
# verifying more than 64 MiB of memory.

set -eu
LC_ALL=C
export LC_ALL

: "${GATEPOST_PREFIX:?the prefix where gatepost is installed}"
gatepost=$GATEPOST_PREFIX/bin/gatepost
bench=${BENCH:-./t/bench/ledger-scale}
records=${2:-1000000}
[ -x "$bench" ] || { echo "no $bench: make t/bench/ledger-scale" >&2; exit 2; }

work=$(mktemp -d "${1:-.}/ledger-scale.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
ledger=$work/ledger

say() { printf '%-34s %s\n' "$1" "$2"; }
now() { date +%s.%N; }
# measured COMMAND…: sets $seconds and $kib, the peak of its memory
cat > "$work/measure.py" << 'END'
import os, resource, sys, time
start = time.time()
pid = os.fork()
if not pid:
    null = os.open("/dev/null", os.O_WRONLY)
    os.dup2(null, 1)
    os.execv(sys.argv[2], sys.argv[2:])
status = os.waitpid(pid, 0)[1]
kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], "w").write("%.3f %d\n" % (time.time() - start, kib))
sys.exit(os.waitstatus_to_exitcode(status))
END
measured() {
	"$(command -v python3)" "$work/measure.py" "$work/measured" "$@"
	read -r seconds kib < "$work/measured"
}
calc() { awk "BEGIN { printf \"%.$1f\", $2 }"; }
bad=0
# most WHAT VALUE LIMIT
most() {
	awk "BEGIN { exit !($2 > $3) }" || return 0
	echo "too much: $1 is $2, and $3 at most is wanted"
	bad=1
}

"$gatepost" ledger init --origin scale.example "$work/none" > /dev/null
"$bench" append "$work/none" 100 > /dev/null
start=$(now)
"$bench" make "$ledger" "$records"
"$gatepost" ledger key --ledger "$ledger" rotate > /dev/null
say 'made' "$records records in $(calc 1 "$(now) - $start") s"

measured "$gatepost" ledger seal --ledger "$ledger"
say 'seal' "$(calc 0 "$records / $seconds") records/s, $seconds s, $kib KiB"
most 'memory of seal' "$kib" 65536

# in turns, so that both meet the same weather
none=0 full=0 i=0
while [ $((i += 1)) -le 5 ]; do
	none=$(calc 1 "$none + $("$bench" append "$work/none" 200)")
	full=$(calc 1 "$full + $("$bench" append "$ledger" 200)")
done
ratio=$(calc 2 "$full / $none")
say '1,000 processes append' "$full ms, $none ms to an empty ledger, ratio $ratio"
most 'the ratio' "$ratio" 1.2

# until somebody has opened it nobody knows what is durable
measured "$gatepost" ledger seal --ledger "$ledger"
say 'seal, and index all of it' "$seconds s, $kib KiB"
"$bench" append "$ledger" 200 > /dev/null
measured "$gatepost" ledger seal --ledger "$ledger"
say 'seal 200 more' "$(calc 1 "$seconds * 1000") ms"
commit=$(printf 'import hashlib, struct\nprint(hashlib.sha256(struct.pack("=Q", %s)).hexdigest()[:40])' \
	$((records / 3)) | python3)
measured "$gatepost" ledger list --ledger "$ledger" --commit "$commit"
say 'find one commit' "$(calc 1 "$seconds * 1000") ms"
id=$("$gatepost" ledger list --json --ledger "$ledger" --commit "$commit" |
	sed 's/.*"id":"\([^"]*\)".*/\1/')
measured "$gatepost" ledger show --ledger "$ledger" "$id"
say 'find one id' "$(calc 1 "$seconds * 1000") ms"
measured "$gatepost" ledger prove --ledger "$ledger" "$id"
say 'prove' "$(calc 1 "$seconds * 1000") ms, with the process and the record of it"
most 'milliseconds of prove' "$(calc 1 "$seconds * 1000")" 50

# one that reads them before, so that both find the files as warm
cat "$ledger"/segments/*.log > /dev/null
bytes=$(cat "$ledger"/segments/*.log | wc -c)
measured "$(command -v sha256sum)" "$ledger"/segments/*.log
hashing=$seconds
measured "$gatepost" ledger verify --ledger "$ledger"
say 'verify' "$(calc 0 "$records / $seconds") records/s, $(calc 0 "$bytes / $seconds / 1000000") MB/s, $seconds s, $kib KiB"
say 'sha256sum of the same' "$(calc 0 "$bytes / $hashing / 1000000") MB/s; verify takes $(calc 1 "$seconds / $hashing") times as long"
most 'memory of verify' "$kib" 65536
say 'disk' "$(du -sm "$ledger" | cut -f1) MB, $(find "$ledger" -type f | wc -l) files"
exit $bad
