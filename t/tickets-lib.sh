# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# For tests with a real ticketing system, $system, between which and the
# courier stands t/proxy.py. Sourced in place of lib.sh, after `system=NAME`;
# or after `system=`, which starts neither: `begin NAME` starts the system.

# What contrib/servers.sh prepared is in the cache of whoever runs the tests.
GATEPOST_CACHE=${GATEPOST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gatepost}
export GATEPOST_CACHE

. "$(dirname "$0")/lib.sh"

servers() { "$top/contrib/servers.sh" "$1" "$system" "$work/$system" 9<&-; }
end_all() {
	for started in $(find "$work" -maxdepth 3 -name pids -size +0); do
		dir=${started%/pids}
		"$top/contrib/servers.sh" kill "${dir##*/}" "$dir"
	done
	cleanup
}
trap end_all EXIT

# begin SYSTEM: false when it is not installed; $work/starting says so
begin() {
	system=$1
	# The server's processes are nobody's, where root runs this.
	chmod 711 "$work"
	servers start > "$work/started" 2> "$work/starting"
	case $? in
	0) ;;
	77) return 1 ;;
	*)
		echo "Bail out! $system does not start"
		cat "$work/starting"
		exit 1
		;;
	esac
	. "$work/$system/env"
	kill_server="$top/contrib/servers.sh kill $system $work/$system"
}
restart() { servers start > "$work/restarted" 2>&1; }

# ---- between the two ----

begin_proxy() {
	: > "$work/faults"
	echo : > "$work/on-fault"
	rm -f "$work/proxy.log" "$work/proxy-port"
	"$python" "$t_dir/proxy.py" --to "$URL" --port-file "$work/proxy-port" \
		--pid-file "$work/proxy-pid" --log "$work/proxy.log" \
		--faults "$work/faults" --run "sh '$work/on-fault'" \
		> "$work/proxy.out" 2>&1 9<&- &
	kill_at_end $!
	while [ ! -s "$work/proxy-port" ]; do sleep 0.05; done
	proxy=http://127.0.0.1:$(cat "$work/proxy-port")
}

# fault LINE...: what happens to the next requests, see t/proxy.py
fault() { printf '%s\n' "$@" > "$work/faults"; }
# at_fault COMMAND: what is run while a fault happens
at_fault() { echo "$1" > "$work/on-fault"; }
faults_left() { cat "$work/faults"; }
# requests METHOD PATH: how many there were
requests() {
	"$python" -c '
import json, re, sys
print(sum(bool(re.match(sys.argv[2], r["method"]) and
               re.match(sys.argv[3], r["path"]))
          for r in map(json.loads, open(sys.argv[1]))))' \
		"$work/proxy.log" "$1" "$2"
}

# ---- the courier ----

courier() { "$gatepost" courier "$@" --policy "$work/etc/policy.conf"; }
# drain [SECONDS]: until everything is delivered, at most so long. What the
# hooks started may be at it.
drain() {
	end=$(($(date +%s) + ${1:-60}))
	while [ "$(date +%s)" -lt $end ]; do
		courier run --once --deadline 10 > "$work/drained" 2>&1
		courier status --json > "$work/status" 2>&1
		grep -q '"lag_records": 0,' "$work/status" && return
		sleep 0.2
	done
	return 1
}
# drained NAME [SECONDS]: everything is delivered
drained() {
	if drain "${2:-60}"; then ok "$1"; else
		courier status >> "$work/drained" 2>&1
		tail -n 5 "$work/admin.log" >> "$work/drained"
		not_ok "$1" "$work/drained"
	fi
}

# ---- what the system has ----

# tickets: asks it, for `about` and `how_many`
tickets() {
	"$python" "$t_dir/tickets.py" "$system" "$URL" "$SECRET_FILE" list \
		> "$work/tickets.json"
}
# about NTH EXPRESSION: over N and T, number and texts of the NTH ticket, and
# ID(text), the id of the record that a text tells; a line each
about() {
	"$python" -c '
import json, re, sys
ID = lambda t: re.findall(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", t)[-1]
found = [json.loads(x) for x in open(sys.argv[1])]
n = int(sys.argv[2]) - 1
if n >= len(found):
    sys.exit(f"there are {len(found)} tickets")
T, N = found[n]["texts"], found[n]["id"]
for line in eval(sys.argv[3]):
    print(line)' "$work/tickets.json" "$1" "$2" 2>&1
}
# picture ADDRESS: as a browser shows it, into the file that GATEPOST_PICTURE
# names, if it does
picture() {
	[ -n "${GATEPOST_PICTURE:-}" ] || return 0
	command -v chromium > "$work/chromium" || {
		echo '# no picture: chromium is not installed'
		return 0
	}
	timeout 60 chromium --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars \
		--user-data-dir="$work/browser" --window-size=1300,1900 \
		--virtual-time-budget=20000 --screenshot="$GATEPOST_PICTURE" \
		"$1" > "$work/browser.log" 2>&1 ||
		echo '# no picture: chromium failed'
}
how_many() { wc -l < "$work/tickets.json"; }

if [ -n "$system" ]; then
	begin "$system" || skip_all "$(cat "$work/starting")"
	begin_proxy
fi
