# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# etcd, three nodes. Sourced by contrib/servers.sh. The process ids of its
# nodes are the lines of the file pids, in the order of their URLs.

packages='etcd-server=/usr/bin/etcd curl=curl python3=python3
	util-linux=setpriv'
version_packages='etcd-server'
port_count=6

prepare() { :; }

node_urls() { # client or peer
	local one
	read -r -a one <<<"$ports"
	if [ "$1" = client ]; then one=("${one[@]:0:3}"); else one=("${one[@]:3}"); fi
	printf 'http://127.0.0.1:%s\n' "${one[@]}"
}

serve() {
	local i clients peers
	mapfile -t clients < <(node_urls client)
	mapfile -t peers < <(node_urls peer)
	for i in 0 1 2; do
		mkdir -p "node$i"
		chmod 700 "node$i"
		own "node$i"
		start_daemon log etcd --name "node$i" --data-dir "$PWD/node$i" \
			--log-level error \
			--listen-client-urls "${clients[i]}" \
			--advertise-client-urls "${clients[i]}" \
			--listen-peer-urls "${peers[i]}" \
			--initial-advertise-peer-urls "${peers[i]}" \
			--initial-cluster "node0=${peers[0]},node1=${peers[1]},node2=${peers[2]}" \
			--initial-cluster-token gatepost --initial-cluster-state new
	done
}

ready() {
	local url
	while read -r url; do
		curl -sf -m 5 "$url/health" 2>/dev/null | grep -q true || return 1
	done < <(node_urls client)
}

describe() {
	local urls
	mapfile -t urls < <(node_urls client)
	echo "URL=${urls[0]}"
	echo "URL2=${urls[1]}"
	echo "URL3=${urls[2]}"
}
