#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds gatepost in every way that is supported and runs all its tests. The
# last line says "N passed, N failed".

set -euo pipefail
# shellcheck source=contrib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
	cat <<'USAGE'
usage: contrib/test.sh [-k PATTERN] [--distcheck] [--timeout SECONDS]

  -k PATTERN         only tests whose file name matches this regular expression,
                     and only the builds that they need
  --distcheck        also `make distcheck`: build and check from the tarball
  --timeout SECONDS  how long one test file may take (default: 300)

Missing Debian packages are installed (as root; else they are named). What is
tested is installed in ~/.cache/gatepost; where root's home is closed to other
users, as whom some tests run, in /var/cache/gatepost-test. Tests write to
TMPDIR; without it to memory (/dev/shm) where that does, else to /tmp.
USAGE
}

pattern='' timeout=300 distcheck='' jobs=$(nproc)
while [ $# -gt 0 ]; do
	case $1 in
	--help | -h) usage; exit 0 ;;
	-k | --timeout) [ $# -ge 2 ] || die "$1 needs a value" ;;
	esac
	case $1 in
	-k) pattern=$2; shift ;;
	--timeout) timeout=$2; shift ;;
	--distcheck) distcheck=yes ;;
	*) usage >&2; exit 2 ;;
	esac
	shift
done

# libgit2, libcurl and libssl are those of the distribution, for packagers.
# perl-doc: Request Tracker needs it, and it may need a newer perl, which must
# not come while a build runs perl.
test_packages="$build_packages
	clang=clang mandoc=mandoc shellcheck=shellcheck python3=python3
	openssh-client=ssh-keygen openssh-server=/usr/sbin/sshd gnupg=gpg gpgv=gpgv
	gpgsm=gpgsm golang-go=go
	golang-golang-x-mod-dev=/usr/share/gocode/src/golang.org/x/mod
	perl-doc=/usr/share/doc/perl-doc/copyright
	openssl=openssl procps=ps bsdextrautils=col bsdutils=script
	zlib1g-dev=/usr/include/zlib.h check=/usr/include/check.h
	libssl-dev=/usr/include/openssl/evp.h libgit2-dev=/usr/include/git2.h
	libcurl4-openssl-dev=/usr/include/$(uname -m)-linux-gnu/curl/curl.h"

# ----------------------------------------------------------------- the steps

# Seconds of processor time that this and all it has waited for had so far.
processor_time() {
	local stat
	read -r stat </proc/$$/stat
	# shellcheck disable=SC2086 # its fields, of which the second has blanks
	set -- ${stat##*) }
	echo $(((${12} + ${13} + ${14} + ${15}) / $(getconf CLK_TCK)))
}

# Each stands for one test: what is said when it does not hold goes before.
step() { # name, function
	local start=$SECONDS status=0 used said
	used=$(processor_time)
	printf '== %s\n' "$1"
	# In a process of its own, so that `die` ends the step alone. Not in a
	# condition, where set -e would not hold.
	set +e
	(
		set -e
		trap report_stop ERR
		"$2"
	)
	status=$?
	set -e
	said="$1, $((SECONDS - start)) s ($(($(processor_time) - used)))"
	if [ "$status" = 0 ]; then
		printf 'ok      %s\n' "$said"
		echo 1 0 0 >>"$tally"
	else
		printf 'not ok  %s\n' "$said"
		echo 0 1 0 >>"$tally"
	fi
}

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

static_build() { "$top/contrib/build.sh" "$prefix" 8>&-; }

static_again() {
	"$top/contrib/build.sh" "$prefix" 8>&- 2>&1 | tee "$work/again"
	grep -q 'is up to date' "$work/again"
}

# libgit2 with SHA-256 and yyjson, which the distribution lacks; the rest is
# the distribution's.
sanitized_build() {
	local deps
	deps=$("$top/contrib/deps.sh" --toolchain glibc --only libgit2,yyjson 8>&-)
	configure_in sanitized --enable-sanitizers --enable-werror \
		CC=gcc CFLAGS='-O1 -g' PKG_CONFIG_PATH="$deps/lib/pkgconfig"
	quietly make-sanitized make -C "$work/sanitized" -j "$jobs" all
}

unit_tests() {
	# A program that does not compile leaves the others their run.
	quietly make-unit-tests make -C "$work/sanitized" -k -j "$jobs" check TESTS=
}

# As INSTALL says for packagers: the distribution's libgit2, too.
shared_build() {
	local deps
	deps=$("$top/contrib/deps.sh" --toolchain glibc --only yyjson 8>&-)
	configure_in shared --enable-werror CC=clang CFLAGS='-O1' \
		PKG_CONFIG_PATH="$deps/lib/pkgconfig"
	quietly make-shared make -C "$work/shared" -j "$jobs" all
}

manuals() {
	local said
	said=$(cd "$top" && mandoc -Tlint -W warning doc/*.[1-9] contrib/*.1 2>&1 |
		grep -Ev 'referenced manual not found|outdated mandoc.db') || :
	[ -z "$said" ] || { printf '%s\n' "$said"; return 1; }
}

scripts() {
	local ours tests
	cd "$top"
	ours=$(list_files | grep -E '^contrib/.*\.sh$')
	# Tests hold code in quotes, and have variables of what they source: of
	# what shellcheck finds there, only errors are.
	tests=$(list_files | grep -E '^t/.*\.sh$')
	# shellcheck disable=SC2086 # one word per script
	shellcheck -x .ci/run contrib/git-approve $ours
	# shellcheck disable=SC2086
	shellcheck -x -S error -e SC1087 $tests
}

# What the tests of t/t62* talk to is installed beside the builds.
install_servers() {
	local wanted
	wanted=$(find "$top/t" -maxdepth 1 -name 't62*.sh' |
		grep -E -e "$pattern") || return 0
	say "preparing beside the builds: redmine, request-tracker, etcd" \
		"(for $(wc -l <<<"$wanted") tests)"
	"$top/contrib/servers.sh" install redmine request-tracker etcd \
		>"$work/logs/servers.log" 2>&1 </dev/null 7>&- 8>&- &
	servers=$!
}
servers_installed() {
	[ "$servers" = 0 ] || { tail -n 20 "$work/logs/servers.log"; return 1; }
}

demonstration() {
	GATEPOST_PREFIX=$prefix "$top/contrib/demo.sh" "$work/demo" >"$work/logs/demo.log" 2>&1 ||
		{ tail -n 40 "$work/logs/demo.log"; return 1; }
}

distribution() {
	local deps
	deps=$("$top/contrib/deps.sh" --toolchain glibc --only libgit2,yyjson 8>&-)
	quietly distcheck env PKG_CONFIG_PATH="$deps/lib/pkgconfig" \
		make -C "$work/sanitized" -j "$jobs" distcheck
}

# Tests make many thousands of small files and look at none of them again:
# memory is the place for them, where there is enough and programs may run.
choose_scratch() {
	local free
	scratch=''
	[ -z "${TMPDIR:-}" ] || return 0
	free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || return 0
	[ "${free:-0}" -gt 2097152 ] || return 0
	# A short name: sockets in it may have 107 bytes with all that follows.
	scratch=$(mktemp -d /dev/shm/gp.XXXXXX) || { scratch=''; return 0; }
	trap 'rm -rf "$scratch"' EXIT
	chmod 1777 "$scratch"
	if cp "$(type -P true)" "$scratch/true" && "$scratch/true"; then
		export TMPDIR=$scratch
	fi
}

tests() {
	local programs scripts
	cd "$work/sanitized"
	programs=$(find t/unit -type f -perm -u+x | sort)
	scripts=$(ls "$top"/t/t[0-9]*.sh)
	# One more than there are cores, since they sleep and wait for the disk, too.
	# shellcheck disable=SC2086 # one word per test
	GATEPOST_PREFIX=$prefix srcdir=$top abs_top_builddir=$PWD \
		ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
		UBSAN_OPTIONS=print_stacktrace=1 \
		"$top/t/run" -j $((jobs + 1)) -t "$timeout" -k "$pattern" --tally "$tally" \
		$scripts $programs 8>&-
}

# -------------------------------------------------------------------- the run

trap - ERR
clean_environment
find_cache
exec 7>"$work/test-lock"
flock -n 7 || { say "another test run of this tree goes on, waiting for it"; flock 7; }
SECONDS=0
tally=$work/tally
: >"$tally"
# shellcheck disable=SC2086 # one word per package
need_packages "to test" $test_packages
lock_work
copy_source
exec 8>&-
prefix=$work/prefix
if [ "$(id -u)" = 0 ] && ! as_nobody test -x "$work"; then
	prefix=/var/cache/gatepost-test/${work##*/}
fi

servers=''
install_servers
step "static build, installed" static_build
step "build with sanitizers" sanitized_build
step "unit tests with sanitizers" unit_tests
if [ -z "$pattern" ]; then
	step "a second build does nothing" static_again
	step "build with clang and shared libraries" shared_build
	step "manual pages" manuals
	step "demonstration" demonstration
	step "scripts" scripts
	[ -z "$distcheck" ] ||
		step "make distcheck" distribution
fi
if [ -n "$servers" ]; then
	if wait "$servers"; then servers=0; else servers=1; fi
	step "servers to test with" servers_installed
fi
choose_scratch
printf '== tests\n'
counted=$(wc -l <"$tally")
tests || :
# What could not count its tests has failed.
[ "$(wc -l <"$tally")" -gt "$counted" ] || echo 0 1 0 >>"$tally"
printf '== done in %d s (%d)\n' "$SECONDS" "$(processor_time)"
"$top/t/run" --sum "$tally"
