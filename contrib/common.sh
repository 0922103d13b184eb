# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What build.sh, test.sh and demo.sh share. Sourced; needs bash.
#
# The tree is not built in place: its files are copied into the cache with
# their times, so that a checkout stays clean, may be read-only, and make
# compiles what has changed and no more.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
me=$(basename "$0" .sh)

say() { printf '%s: %s\n' "$me" "$*" >&2; }
die() {
	printf '%s: error: %s\n' "$me" "$1" >&2
	shift
	for line; do printf '%s:        %s\n' "$me" "$line" >&2; done
	exit 1
}

# A command that fails without a word of its own.
report_stop() { say "stopped at ${BASH_SOURCE[1]##*/}:${BASH_LINENO[0]}"; }
set -E
trap report_stop ERR

# Nothing of whoever starts this gets into what is built.
clean_environment() {
	local name
	export LC_ALL=C
	umask 022
	unset CDPATH CC CFLAGS CPPFLAGS LDFLAGS LIBS MAKEFLAGS MAKELEVEL \
		PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR CONFIG_SITE DESTDIR
	for name in $(compgen -e | grep '^GIT_' || :); do unset "$name"; done
}

# ------------------------------------------------------------------ packages

# Takes "package=probe" words. A probe is a command, or a file with a /.
missing_packages() {
	local word probe
	for word; do
		probe=${word#*=}
		case $probe in
		*/*) [ -e "$probe" ] || echo "${word%%=*}" ;;
		*) command -v "$probe" >/dev/null || echo "${word%%=*}" ;;
		esac
	done | sort -u | tr '\n' ' '
}

need_packages() { # what for, package=probe...
	local what=$1 packages
	shift
	packages=$(missing_packages "$@")
	[ -n "$packages" ] || return 0
	command -v apt-get >/dev/null ||
		die "these are missing, and there is no apt-get to install them: $packages"
	[ "$(id -u)" = 0 ] ||
		die "these packages are missing: $packages" "as root: apt-get install $packages"
	say "installing with apt, $what: $packages"
	mkdir -p "$cache/logs"
	{
		apt-get update || :
		# shellcheck disable=SC2086 # one word per package
		DEBIAN_FRONTEND=noninteractive apt-get install -y \
			--no-install-recommends $packages </dev/null
	} >"$cache/logs/apt-$me.log" 2>&1 ||
		{ tail -n 20 "$cache/logs/apt-$me.log" >&2; die "apt-get install failed"; }
	packages=$(missing_packages "$@")
	[ -z "$packages" ] || die "still missing after installation: $packages"
}

# shellcheck disable=SC2034 # the others use it
build_packages="autoconf=autoconf automake=automake make=make gcc=gcc
	libc6-dev=/usr/include/stdio.h pkgconf=pkg-config git=git file=file
	binutils=strip patch=patch xz-utils=xz musl-tools=musl-gcc cmake=cmake
	perl=prove"

# ---------------------------------------------------------------- directories

# Sets $cache, and $work, which belongs to this very checkout.
find_cache() {
	cache=${GATEPOST_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/gatepost}
	case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
	case $cache in *[[:space:]]*) die "the cache directory's name has white space in it: $cache" ;; esac
	work=$cache/tree-$(printf %s "$top" | sha256sum | cut -c 1-12)
	mkdir -p "$work/logs"
}

# One run at a time in $work. The lock is let go when the process ends, and
# is not handed to what it starts.
lock_work() {
	exec 8>"$work/lock"
	flock -n 8 || { say "another run is using $work, waiting for it"; flock 8; }
}

# The files of the checkout: those that git knows or would, else all.
list_files() {
	if git -C "$top" rev-parse --is-inside-work-tree >/dev/null 2>&1 &&
		[ "$(git -C "$top" rev-parse --show-prefix)" = '' ]; then
		git -C "$top" -c core.quotePath=false ls-files -co --exclude-standard
	else
		(cd "$top" && find . -type f -printf '%P\n')
	fi | sort -u | while IFS= read -r file; do
		[ ! -f "$top/$file" ] || printf '%s\n' "$file"
	done
}

# Brings $work/source up to date and makes its configure script.
copy_source() {
	local source=$work/source
	mkdir -p "$source"
	list_files >"$work/files.new"
	if [ -f "$work/files" ]; then
		comm -23 "$work/files" "$work/files.new" | while IFS= read -r file; do
			rm -f "$source/$file"
		done
	fi
	tar -C "$top" -cf - --verbatim-files-from -T "$work/files.new" |
		tar -C "$source" -xf - --no-same-owner
	mv "$work/files.new" "$work/files"
	if [ ! -x "$source/configure" ] || [ ! -f "$source/Makefile.in" ]; then
		quietly autoreconf -C "$source" autoreconf -fi .
	fi
}

# quietly LOGNAME [-C DIR] COMMAND…: its output into a log, shown on failure
quietly() {
	local log=$work/logs/$1.log
	shift
	(
		if [ "$1" = -C ]; then cd "$2" && shift 2; fi
		"$@"
	) >"$log" 2>&1 </dev/null 8>&- || {
		{ grep -m 20 -E ' (error|Error|undefined)' "$log" || tail -n 30 "$log"; } |
			sed "s/^/$me: | /" >&2
		die "failed: $*" "full log: $log"
	}
}

# configure_in DIR ARGUMENT…: configures $work/DIR, unless it is configured
# with these arguments already
configure_in() {
	local name=$1 dir=$work/$1 arguments
	shift
	arguments=$(printf '%s\n' "$@")
	if [ -f "$dir/config.status" ] &&
		[ "$(cat "$dir/.configured" 2>/dev/null)" = "$arguments" ]; then
		return 0
	fi
	rm -rf "$dir"
	mkdir -p "$dir"
	quietly "configure-$name" -C "$dir" ../source/configure "$@"
	printf '%s\n' "$arguments" >"$dir/.configured"
}
