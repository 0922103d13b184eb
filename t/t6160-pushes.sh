#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Pushes while every destination fails in its own way: none waits for any.

. "$(dirname "$0")/lib.sh"

# server NAME MODE: one of its own, at $(port NAME)
server() {
	mkdir "$work/$1"
	echo "every $2" > "$work/$1/mode"
	(cd "$work/$1" && exec "$python" "$t_dir/sink-server.py" port requests \
		mode tls="$work/tls" 2> log 9<&-) &
	kill_at_end $!
}
port() { cat "$work/$1/${2:-port}"; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=localhost -keyout "$work/tls.key" -out "$work/tls.crt" \
	2> "$work/openssl.log" || skip_all 'no openssl'
cat "$work/tls.crt" "$work/tls.key" > "$work/tls"
server silent 'hang 60'
server slow drip
server endless endless
server broken 'status 503'
for name in silent slow endless broken; do
	tries=0
	until [ -s "$work/$name/tls.port" ] && [ -s "$work/$name/port" ] ||
		[ $tries = 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
done
gates='[gate "main"]
	ref = refs/heads/main
	rule = linear
[rule "linear"]
	check = history'
# sink NAME URL
sink() { printf '[sink "%s"]\n\turl = %s\n\ttimeout = 60s\n' "$1" "$2"; }

echo "$gates" | policy_file
new_server one
# pushes: the shortest of some, in ms, in $took
pushes() {
	took=999999
	for i in 1 2 3 4; do
		change "change $i"
		start=$(date +%s%N)
		push HEAD:main
		ms=$((($(date +%s%N) - start) / 1000000))
		[ $pushed = 0 ] || { took=; return; }
		[ $ms -ge $took ] || took=$ms
	done
}
pushes
without=$took
{
	echo "$gates"
	for name in silent slow endless broken; do
		sink $name "http://127.0.0.1:$(port $name)"
	done
	sink stranger "https://localhost:$(port broken tls.port)"
	sink gone http://127.0.0.1:1
} | policy_file

# asked NAME: that server was asked, and has not answered
asked() {
	tries=0
	until [ -s "$work/$1/requests" ] || [ $tries = 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ -s "$work/$1/requests" ]
}
pushes
yes "six dead destinations delay no push: $took ms, without them $without ms" \
	test "${took:-99999}" -lt $((without + 1000))
yes 'though one of them holds its request all the while' asked silent
for name in silent slow endless broken; do
	yes "$name: nothing counts as delivered" sh -c "
		$gatepost courier status --json --policy '$work/etc/policy.conf' |
		grep -A3 '\"name\": \"$name\"' | grep '\"lag_records\": [1-9]'"
done
"$gatepost" courier run --policy "$work/etc/policy.conf" \
	> "$work/service" 2>&1 9<&- &
service=$!
kill_at_end $service
pushes
yes "nor where the service runs: $took ms" \
	test "${took:-99999}" -lt $((without + 1000))
kill $service
wait $service
is $? 0 'which ends when it is told to, in the middle of requests'
done_testing
