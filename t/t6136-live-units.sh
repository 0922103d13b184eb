#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the units of systemd start, hardened as they are, where a systemd runs:
# it reads the policy, delivers, writes to the record book and leaves figures.

. "$(dirname "$0")/lib.sh"
[ -d /run/systemd/system ] && command -v systemd-run > /dev/null ||
	skip_all 'no systemd runs here'
[ "$(id -u)" = 0 ] || skip_all 'systemd starts nothing for this user'
systemd-run --wait --quiet --collect true 2> /dev/null ||
	skip_all 'this systemd starts nothing'
units=$top/contrib/systemd

# in_unit NAME [MORE]: what gatepost-NAME.service starts, as it starts it; but
# as this user, and able to reach this test's folder and programs
in_unit() {
	unit=$units/gatepost-$1.service.in
	shift
	command=$(sed -n 's/^ExecStart=//p' "$unit" |
		sed -e "s,@bindir@,$GATEPOST_PREFIX/bin," \
			-e "s,@pkglibexecdir@,$libexec,")
	command="$command --policy $work/etc/policy.conf $*"
	set --
	for line in $(
		sed -n -e '/^User=/d' -e 's/ /:/g' -e '/^[A-Z][A-Za-z]*=/p' \
			"$units/gatepost-.service.d/hardening.conf"
		grep -e '^RestrictAddress' -e '^PrivateNet' \
			-e '^ProtectHome' "$unit" | tr ' ' :
	); do
		set -- "$@" -p "$(echo "$line" | tr : ' ')"
	done
	# shellcheck disable=SC2086 # several words
	systemd-run --wait --quiet --collect --pipe "$@" \
		-p "ReadWritePaths=$work" -p "BindPaths=$work" \
		-p "BindReadOnlyPaths=$GATEPOST_PREFIX" $command \
		> "$work/said" 2>&1
}
# well NAME UNIT: it ends with status 0
well() {
	name=$1
	shift
	in_unit "$@"
	rc=$?
	echo "status $rc" >> "$work/said"
	if [ $rc = 0 ]; then ok "$name"; else not_ok "$name" "$work/said"; fi
}
events() { grep -c '"answer": 204' "$work/r/events"; }
kinds() { records | grep -c "\"kind\":\"$1\""; }

mkdir -p "$work/r"
"$python" "$top/contrib/receiver.py" --out "$work/r/events" \
	--port-file "$work/r/port" --mode-file "$work/r/mode" --seconds 120 \
	> "$work/r/log" 2>&1 9<&- &
kill_at_end $!
until [ -s "$work/r/port" ]; do sleep 0.1; done
policy_file <<END
[gatepost]
	metrics = $work/figures.prom
[gate "main"]
	ref = refs/heads/main
	rule = linear
[rule "linear"]
	check = history
[sink "grc"]
	url = http://localhost:$(cat "$work/r/port")/
	timeout = 9s
END
new_server one
change 'one'
push HEAD:main
# What the hook started ends when it has delivered all; then all is undone.
"$gatepost" courier run --once --deadline 60 --policy "$work/etc/policy.conf" \
	> "$work/said" 2>&1
for i in 1 2 3 4 5 6 7 8 9 10; do
	"$gatepost" courier status --policy "$work/etc/policy.conf" |
		grep -q 'runs  *no' && break
	sleep 1
done
undo() { rm -f "$work/ledger/cursors/"* "$work/r/events" "$work/figures.prom"; }
undo
well 'delivers' deliver
yes 'it arrives' test "$(events)" -gt 2
yes 'figures are left' grep -q '^gatepost_well 1' "$work/figures.prom"
undo
echo 'refuse 422 "outcome"' > "$work/r/mode"
well 'delivers again, but for what is refused' deliver
yes 'which is recorded' test "$(kinds parked)" -gt 0
echo ok > "$work/r/mode"
for unit in seal reconcile retain; do
	well "$unit has what it needs" $unit
done
git -C "$server" update-ref refs/heads/main HEAD^
in_unit reconcile --grace 0s
yes 'reconcile records what moved past the gate' test "$(kinds break)" = 1
done_testing
