#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A client that others wrote, the one of Go's checksum database, accepts what
# gatepost seals and proves, and refuses what somebody changed.

. "$(dirname "$0")/lib.sh"
. "$t_dir/seal-lib.sh"

# Debian: golang-go, golang-golang-x-mod-dev
sources=/usr/share/gocode
command -v go > /dev/null && [ -d "$sources/src/golang.org/x/mod/sumdb" ] ||
	skip_all 'no Go, or not its module golang.org/x/mod'
export GOPATH="$work/go:$sources" GO111MODULE=off GOFLAGS= CGO_ENABLED=0
export GOCACHE="$work/go-cache" GOTOOLCHAIN=local
mkdir -p "$work/go/src/client"
cp "$t_dir/stock-client.go" "$work/go/src/client/main.go"
(cd "$work/go/src/client" && go build -o "$work/client" .) \
	> "$work/out" 2>&1 || { sed 's/^/# /' "$work/out"
	skip_all 'the client does not compile here'; }

"$gatepost" ledger init --origin log.example "$ledger" > "$work/out"
key=$(head -n 1 "$ledger/sealed/vkeys")
client() { "$work/client" "$ledger/sealed" "$key" "$@"; }

yes 'the empty log' client
for more in 1 1 2 251 1 1 255 800; do
	some $more
	seal > "$work/out" || not_ok 'seal' "$work/out"
	yes "a log of $(size)" client
	has "$work/out" "^accepted: $(size) entries" 'all of it was looked at'
done
proofs=
for n in 0 1 255 256 511 512 1000 1311; do
	"$gatepost" ledger prove --ledger "$ledger" -o "$work/proof.$n" $n \
		> "$work/out" 2>&1 || not_ok "prove $n" "$work/out"
	proofs="$proofs $work/proof.$n"
done
# shellcheck disable=SC2086 # one word each
yes 'proofs' client $proofs
has "$work/out" ', 8 proofs$' 'all of them'
sed 's/^index 1000/index 999/' "$work/proof.1000" > "$work/forged"
no 'a forged proof' client "$work/forged"

some 66000 200
seal > "$work/out"
yes 'a log of three levels' client
mv "$ledger" "$work/good"
change() {
	rm -rf "$ledger"
	cp -rp "$work/good" "$ledger"
	"$python" "$t_dir/tamper.py" "$ledger" "$@"
	no "others see: $*" client
	no "we see: $*" verify
}
change flip sealed/tile/0/017 40
change flip sealed/tile/1/000 40
change flip sealed/tile/entries/017 40
change exchange sealed/tile/0/017 sealed/tile/0/018
change exchange sealed/tile/entries/017 sealed/tile/entries/018
change remove sealed/tile/entries/017
change sub sealed/checkpoint 67 76
"$gatepost" ledger init --origin log.example "$work/other" > "$work/out"
key=$(head -n 1 "$work/other/sealed/vkeys")
no 'by another key' client

done_testing
