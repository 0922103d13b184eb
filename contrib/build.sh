#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds gatepost with everything it needs, statically, and installs it:
#
#     contrib/build.sh /opt/gatepost
#
# INSTALL says more, also for those who build with their system's libraries.

set -euo pipefail
# shellcheck source=contrib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
	cat <<'USAGE'
usage: contrib/build.sh [--jobs N] PREFIX

  PREFIX    where to install: PREFIX/bin/gatepost, the hooks and the courier
            in PREFIX/libexec/gatepost, the configuration in
            PREFIX/etc/gatepost, manual pages in PREFIX/share/man
  --jobs N  compile N files at once (default: one per CPU)

environment:
  GATEPOST_TARBALLS  take the libraries' source tarballs from this directory
  GATEPOST_CACHE     where to build (default: ~/.cache/gatepost)
  GATEPOST_STATIC_CC the compiler (default: musl-gcc)
USAGE
}

prefix='' jobs=$(nproc)
while [ $# -gt 0 ]; do
	case $1 in
	--help | -h) usage; exit 0 ;;
	--jobs) [ $# -ge 2 ] || die "$1 needs a value"; jobs=$2; shift ;;
	-*) usage >&2; die "unknown option: $1" ;;
	*) [ -z "$prefix" ] || die "one PREFIX only"; prefix=$1 ;;
	esac
	shift
done
[ -n "$prefix" ] || { usage >&2; exit 2; }
case $jobs in '' | *[!0-9]* | 0) die "--jobs needs a number: $jobs" ;; esac
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
case $prefix in *[[:space:]]*) die "PREFIX has white space in it: $prefix" ;; esac
build=static-$(printf %s "$prefix" | sha256sum | cut -c 1-6)

programs="bin/gatepost libexec/gatepost/pre-receive libexec/gatepost/update
	libexec/gatepost/post-receive libexec/gatepost/courier"
# The largest that pre-receive may be, stripped.
max_hook=$((6 * 1024 * 1024))

# ------------------------------------------------------------------ the proof

# A static program needs nothing but itself.
runs_alone() { # program
	local root status=0
	root=$(mktemp -d)
	cp "$1" "$root/program"
	if [ "$(id -u)" = 0 ]; then
		# Without input a hook has nothing to do; 127 and signals are what a
		# program that cannot start would show.
		chroot "$root" /program --version >/dev/null 2>&1 </dev/null || status=$?
	fi
	rm -rf "$root"
	[ "$status" -lt 126 ]
}

# The courier alone speaks to the network. (libcrypto, which verifies
# signatures, has names with ssl3 in them, but no protocol.)
network='(curl|Curl|ares)_[a-z_]*|SSL_(CTX_)?new|SSL_connect|tls_construct_[a-z_]*'
links() { # unstripped program, pattern of whole names
	nm "$1" | grep -E " [TtDdRrBb] ($2)\$" >/dev/null
}

prove() {
	local program name size
	for program in $programs; do
		name=${program##*/}
		file "$prefix/$program" | grep -Eq 'statically linked|static-pie linked' ||
			die "$prefix/$program is not statically linked"
		runs_alone "$prefix/$program" ||
			die "$prefix/$program does not run in an empty directory (chroot)"
	done
	size=$(stat -c %s "$prefix/libexec/gatepost/pre-receive")
	[ "$size" -lt "$max_hook" ] ||
		die "pre-receive has $size bytes; $max_hook is the most it may have"
	for name in pre-receive update post-receive gatepost; do
		! links "$work/$build/$name" "$network" ||
			die "$name contains libcurl or TLS, which only the courier may"
	done
	for name in curl_easy_perform SSL_connect; do
		links "$work/$build/courier" "$name" ||
			die "cannot tell what is linked: the courier seems to have no $name"
	done
	say "pre-receive has $((size / 1024)) KiB; all five programs are static"
}

# ------------------------------------------------------------------- the run

clean_environment
find_cache
lock_work
SECONDS=0
# shellcheck disable=SC2086 # one word per package
need_packages "to build" $build_packages
deps=$("$top/contrib/deps.sh" --jobs "$jobs" 8>&-)
copy_source
configure_in "$build" \
	--enable-static-programs \
	--prefix="$prefix" --sysconfdir="$prefix/etc" \
	CC="${GATEPOST_STATIC_CC:-musl-gcc}" CFLAGS='-O2 -g' \
	PKG_CONFIG_LIBDIR="$deps/lib/pkgconfig"
quietly "make-$build" make -C "$work/$build" -j "$jobs"

# What is installed is what was built: else install and prove again.
built=$(cd "$work/$build" && sha256sum gatepost pre-receive update post-receive courier config.status)
data=$(cd "$work/source" && find conf doc contrib/git-approve* -type f -exec sha256sum {} + | sort)
stamp=$(printf '%s\n%s\n' "$built" "$data" | sha256sum)
present=yes
for program in $programs; do [ -x "$prefix/$program" ] || present=''; done
if [ -z "$present" ] || [ "$(cat "$prefix/share/gatepost/built" 2>/dev/null)" != "$stamp" ]; then
	quietly install make -C "$work/$build" install-strip
	prove
	mkdir -p "$prefix/share/gatepost"
	printf '%s\n' "$stamp" >"$prefix/share/gatepost/built"
	say "installed in $prefix ($SECONDS s)"
else
	say "$prefix is up to date ($SECONDS s)"
fi
