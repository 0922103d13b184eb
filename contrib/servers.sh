#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Real ticketing systems and stores of the distribution, on loopback, for
# tests and for trying out: from nothing to a configured one in seconds.

set -euo pipefail
# shellcheck source=contrib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

known='redmine request-tracker etcd'

usage() {
	cat <<'USAGE'
usage: contrib/servers.sh install [NAME...]
       contrib/servers.sh start NAME DIR
       contrib/servers.sh stop|kill NAME DIR

NAME: redmine, request-tracker, etcd.

  install      its Debian packages (as root; they are named first), and a
               prepared database in ~/.cache/gatepost/servers. Nothing is
               started, no service stays enabled, no question is asked.
  start        in DIR, which is made: a new, configured one; or the one that
               was stopped or killed there, with its data, at the same port.
               Prints its URL, the file with its secret and what was set up,
               as assignments of the shell; they are also in DIR/env. Started
               by root, it runs as nobody, who must be able to reach DIR.
  stop, kill   with SIGTERM, with SIGKILL, by its process ids in DIR

Exit status 77: its packages are not installed.
USAGE
}

# -------------------------------------------------------------- of each NAME

# contrib/servers/NAME.sh sets or defines
#   packages          "package=probe" words, see common.sh
#   selections        answers to its packages' questions (debconf), if any
#   version_packages  whose versions the prepared database depends on
#   prepare           makes in $PWD, as whom it will run, what `start` copies
#   serve             starts it in $PWD, with its ports in $ports; appends the
#                     process id of each process to the file pids
#   ready             whether it answers
#   describe          prints what `start` prints
port_count=1 packages='' selections='' version_packages=''
load() {
	case " $known " in *" $1 "*) ;; *) usage >&2; exit 2 ;; esac
	# shellcheck source=/dev/null
	. "$top/contrib/servers/$1.sh"
}

# ----------------------------------------------------------------- installing

# Denies the start of services while this installs, where nobody else does.
deny_services() {
	[ ! -e /usr/sbin/policy-rc.d ] || return 0
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
}

apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends -o Dpkg::Options::=--force-unsafe-io \
		-o DPkg::Lock::Timeout=300 "$@" </dev/null
}

install_packages() { # what for, package=probe...
	local what=$1 missing
	shift
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	{ [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; } ||
		die "these packages are missing: $missing" \
			"as root: apt-get install --no-install-recommends $missing"
	say "installing with apt, $what: $missing"
	deny_services
	if command -v debconf-set-selections >/dev/null; then
		printf %s "$selections" | debconf-set-selections
	fi
	mkdir -p "$cache/logs"
	# shellcheck disable=SC2086 # one word per package
	apt_install $missing >"$cache/logs/apt-servers.log" 2>&1 || {
		apt-get update || :
		apt_install $missing
	} >>"$cache/logs/apt-servers.log" 2>&1 ||
		{ tail -n 20 "$cache/logs/apt-servers.log" >&2; die "apt-get install failed"; }
	missing=$(missing_packages "$@")
	[ -z "$missing" ] || die "still missing after installation: $missing"
}

# What the packages set up for a service of the whole machine.
disable_services() {
	rm -f /etc/cron.d/request-tracker5
	! command -v systemctl >/dev/null ||
		systemctl disable --quiet etcd request-tracker5 >/dev/null 2>&1 || :
}

install_all() {
	local name all='' answers=''
	for name; do
		load "$name"
		all="$all $packages"
		answers="$answers$selections"
		selections=''
	done
	selections=$answers
	# shellcheck disable=SC2086 # one word per package
	if [ -n "$(missing_packages $all)" ]; then
		# shellcheck disable=SC2086
		install_packages "to test with" $all
		disable_services
	fi
	for name; do (load "$name" && prepared "$name" >/dev/null); done
}

# ------------------------------------------------------------------ preparing

# Nothing of these systems needs privileges. This goes before a command, and
# becomes it.
unprivileged=(env)
[ "$(id -u)" != 0 ] ||
	unprivileged=(setpriv --reuid 65534 --regid 65534 --clear-groups)
own() { [ "$(id -u)" != 0 ] || chown -R 65534:65534 "$1"; }

# Where its prepared state is; made when it is not there yet.
prepared() {
	local name=$1 key new
	# shellcheck disable=SC2086 # one word per package
	key=$(dpkg-query -W $version_packages |
		cat - "$top/contrib/servers/$name"* "${BASH_SOURCE[0]}" |
		sha256sum | cut -c 1-12)
	mkdir -p "$cache/servers"
	exec 6>"$cache/servers/$name.lock"
	flock 6
	if [ ! -d "$cache/servers/$name-$key" ]; then
		say "preparing $name"
		# Another checkout may be at work on a younger one.
		find "$cache/servers" -maxdepth 1 -name "$name-????????????" \
			-mtime +7 -exec rm -rf {} +
		# Root's cache may be closed to who will run it.
		new=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-$name.XXXXXX")
		own "$new"
		(cd "$new" && umask 077 && prepare) >"$cache/logs/$name.log" 2>&1 6>&- ||
			{ rm -rf "$new"; tail -n 20 "$cache/logs/$name.log" >&2; die "cannot prepare $name"; }
		mv "$new" "$cache/servers/$name-$key"
	fi
	touch "$cache/servers/$name-$key"
	exec 6>&-
	printf '%s\n' "$cache/servers/$name-$key"
}

# ------------------------------------------------------------ start and stop

# Ports that are free now, below those that the system gives to clients.
free_ports() {
	python3 -c '
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(15000, 32000)))
        held.append(s)
    except OSError:
        s.close()
print(*(s.getsockname()[1] for s in held))' "$1"
}

# start_daemon LOG COMMAND...: in a session of its own, for `serve`
start_daemon() {
	local log=$1
	shift
	"${unprivileged[@]}" setsid "$@" >>"$log" 2>&1 </dev/null 5>&- 6>&- 7>&- 8>&- 9>&- &
	echo $! >>pids
}

running() {
	local pid
	[ -s pids ] || return 1
	while read -r pid; do kill -0 "$pid" 2>/dev/null || return 1; done <pids
}

await_ready() {
	local i
	for ((i = 0; i < 600; i++)); do
		running || return 1
		if ready; then return 0; fi
		sleep 0.1
	done
	return 1
}

begin() {
	: >pids
	# shellcheck disable=SC2034 # for `serve`
	ports=$(cat ports)
	serve
	await_ready
}

start() { # NAME DIR
	local template i fresh=''
	load "$1"
	# shellcheck disable=SC2086 # one word per package
	[ -z "$(missing_packages $packages)" ] ||
		{ say "$1 is not installed: contrib/servers.sh install $1"; exit 77; }
	if [ ! -s "$2/ports" ]; then
		template=$(prepared "$1")
		mkdir -p "$2"
		cp -a "$template/." "$2"
		own "$2"
		chmod 755 "$2"
		# For who started it, whose courier trusts no other's file.
		[ ! -f "$2/secret" ] || (umask 077 && cat "$2/secret" >"$2/key")
		fresh=yes
	fi
	cd "$2"
	! running || die "it runs already in $2"
	end KILL # what is left of it
	for ((i = 0; i < 3; i++)); do
		[ -z "$fresh" ] || free_ports "$port_count" >ports
		if begin; then
			describe | tee env
			return
		fi
		end KILL
		[ -n "$fresh" ] || break
	done
	tail -n 20 log >&2
	die "$1 does not answer"
}

end() { # SIGNAL
	local pid i
	[ -s pids ] || return 0
	while read -r pid; do kill "-$1" -- "-$pid" 2>/dev/null || :; done <pids
	for ((i = 0; i < 100; i++)); do
		while read -r pid; do
			! kill -0 -- "-$pid" 2>/dev/null || continue 2
		done < <(cat pids; sleep 0.05)
		break
	done
	while read -r pid; do kill -KILL -- "-$pid" 2>/dev/null || :; done <pids
	: >pids
}

# -------------------------------------------------------------------- the run

trap - ERR
action=${1:-}
case $action in
--help | -h) usage; exit 0 ;;
install) shift ;;
start | stop | kill) [ $# = 3 ] || { usage >&2; exit 2; } ;;
*) usage >&2; exit 2 ;;
esac
clean_environment
cache=${GATEPOST_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/gatepost}
mkdir -p "$cache/logs"
case $action in
install)
	exec 5>"$cache/servers.lock"
	flock 5
	# shellcheck disable=SC2086 # one word per name
	[ $# -gt 0 ] || set -- $known
	install_all "$@"
	;;
start) start "$2" "$3" ;;
stop | kill)
	load "$2"
	cd "$3"
	if [ "$action" = kill ]; then end KILL; else end TERM; fi
	;;
esac
