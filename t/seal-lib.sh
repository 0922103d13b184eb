# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# For tests of seals. Sourced after lib.sh.

ledger=$work/ledger

# some COUNT [BYTES]: so many more records
some() { "$python" "$t_dir/make-records.py" "$ledger" "$@"; }
seal() { "$gatepost" ledger seal --ledger "$ledger" "$@"; }
verify() { "$gatepost" ledger verify --ledger "$ledger" "$@"; }
# independent [VKEY]: what an auditor's own program says of what is served
independent() {
	"$python" "$t_dir/verify-log.py" "$ledger/sealed" \
		"${1:-$(head -n 1 "$ledger/sealed/vkeys")}"
}
# beside FAULTS START COMMAND VERB: the shell carries COMMAND out between two
# system calls of gatepost ledger VERB on a copy of START, at some places, with
# LONG=1 everywhere. What is wrong goes to the file FAULTS. It needs kill-at.
beside() {
	: > "$1"
	: > "$work/count"
	rm -rf "$ledger"; cp -rp "$2" "$ledger"
	"$work/kill-at" 0 "$work/count" "$gatepost" ledger "$4" \
		--ledger "$ledger" > "$work/out" 2>&1
	until [ -s "$work/count" ]; do sleep 0.01; done
	calls=$(tail -n 1 "$work/count")
	if [ -n "${LONG:-}" ]; then step=1; else step=$((calls / 20 + 1)); fi
	tries=0
	for k in $(seq 1 $step "$calls"); do
		rm -rf "$ledger"; cp -rp "$2" "$ledger"
		rm -f "$work/ran"
		"$work/kill-at" -e "run ($3) > $work/ran 2>&1 || : > $work/bad" \
			"$k" "$work/count" "$gatepost" ledger "$4" \
			--ledger "$ledger" > "$work/out" 2>&1 || {
			echo "at call $k of $calls:"; cat "$work/out"
		} >> "$1"
		[ ! -e "$work/bad" ] || cat "$work/ran" >> "$1"
		rm -f "$work/bad"
		tries=$((tries + 1))
	done
	echo "# beside $4: at $tries of $calls system calls"
	rm -rf "$ledger"; cp -rp "$2" "$ledger"
}
size() { sed -n 2p "$ledger/sealed/checkpoint"; }
