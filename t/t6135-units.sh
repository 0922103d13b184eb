#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The units of systemd: what they start is there and takes those options, and
# systemd finds nothing to complain of. Run from the build directory.

src=$(cd "${srcdir:-.}" && pwd)
build=$(pwd)
units=$build/contrib/systemd
[ -s "$units/gatepost-courier.service" ] || {
	echo '1..0 # SKIP the units are not made'
	exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-t6135.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
count=0 failed=0
test_that() {
	count=$((count + 1))
	if (eval "$2") >"$work/said" 2>&1; then
		echo "ok $count - $1"
		return
	fi
	failed=1
	echo "not ok $count - $1"
	sed 's/^/# /' "$work/said"
}

# As they are where they are installed, but with the programs of this build,
# and a policy that has nothing to deliver.
mkdir "$work/units"
cp -R "$src"/contrib/systemd/gatepost-.service.d \
	"$src"/contrib/systemd/*.timer "$work/units"
for unit in "$units"/*.service; do
	sed -e "s,^ExecStart=[^ ]*/,ExecStart=$build/," \
		"$unit" >"$work/units/${unit##*/}"
done
printf '[gatepost]\n\tledger = %s/ledger\n\tlog = %s/log\n\troot = %s\n' \
	"$work" "$work" "$work/repositories" >"$work/policy.conf"
mkdir "$work/repositories"
"$build/gatepost" ledger init --origin git.example.test "$work/ledger" \
	>/dev/null || exit 99

# the_command UNIT: what it starts, with the policy of this test
the_command() {
	sed -n 's/^ExecStart=//p' "$work/units/$1"
}
test_that 'no name of a folder is left to be filled in' \
	'! grep -n "@[a-z]*@" "$units"/*.service'
for unit in deliver seal reconcile retain; do
	test_that "what gatepost-$unit starts runs, with those options" '
		$(the_command gatepost-$unit.service) \
			--policy "$work/policy.conf"'
done
test_that 'what gatepost-courier starts runs until it is told to end' '
	$(the_command gatepost-courier.service) \
		--policy "$work/policy.conf" &
	sleep 0.5
	kill -HUP $! && sleep 0.2 && kill -TERM $! && wait $!'
test_that 'each timer has its service' '
	cd "$work/units" && for timer in *.timer; do
		[ -s "${timer%.timer}.service" ] || exit
	done'
test_that 'each unit is hardened by its name' '
	[ "$(ls "$work/units" | grep -vc "^gatepost-")" = 0 ]'
for key in NoNewPrivileges=yes ProtectSystem=strict PrivateTmp=yes \
	CapabilityBoundingSet= LimitCORE=0 UMask=0077; do
	test_that "with $key" \
		'grep -x "$key" "$work"/units/gatepost-.service.d/*'
done
test_that 'the courier alone has a network' '
	cd "$work/units" && for unit in *.service; do
		case $unit in
		*-courier.* | *-deliver.*) grep -qx \
			"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX" \
			"$unit" ;;
		*) grep -qx PrivateNetwork=yes "$unit" ;;
		esac || exit
	done'

if command -v systemd-analyze >/dev/null; then
	test_that 'systemd finds no mistake' '
		cd "$work/units" &&
		systemd-analyze verify --man=no ./*.service ./*.timer \
			>"$work/mistakes" 2>&1
		cat "$work/mistakes"
		! grep -e /units/ -e "^gatepost-" "$work/mistakes"'
	# Older ones cannot judge a file.
	if systemd-analyze --help | grep -q -e --offline; then
		for unit in courier deliver seal reconcile retain; do
			test_that "gatepost-$unit is exposed to 2.0 at most" '
			cd "$work/units" && systemd-analyze security \
				--offline=true --threshold=20 \
				./gatepost-$unit.service'
		done
	fi
fi
echo "1..$count"
exit $failed
