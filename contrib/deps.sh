#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the libraries of a static gatepost, once, into a cache outside the
# source tree, and prints the directory to link against:
#
#     prefix=$(contrib/deps.sh)
#
# Standard output carries that one line; all else goes to standard error.
# See contrib/deps/README for the reasons behind the flags, for updating a
# version, and for machines that cannot reach Debian's sources.

set -euo pipefail
export LC_ALL=C
umask 022

usage() {
	cat <<'USAGE'
usage: contrib/deps.sh [options]

  --toolchain musl|glibc  C library to build for (default: musl)
  --cc COMMAND            compiler, for --toolchain glibc (default: gcc)
  --only LIB[,LIB...]     these libraries and what they need, not all
  --jobs N                compile N files at once (default: one per CPU)
  --print-prefix          print where the libraries are or would be; build nothing
  --fetch-only DIR        put the source tarballs into DIR; build nothing
  --help

environment:
  GATEPOST_TARBALLS       take the source tarballs from this directory, not from apt
  GATEPOST_CACHE          where built libraries and tarballs are kept
                          (default: ${XDG_CACHE_HOME:-$HOME/.cache}/gatepost)
USAGE
}

say() { printf 'deps: %s\n' "$*" >&2; }
die() { printf 'deps: error: %s\n' "$1" >&2; shift; for line; do printf 'deps:        %s\n' "$line" >&2; done; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
table=$here/deps/versions
fixes=$here/deps/fixes

# The Debian release whose source packages hold the versions in the table.
release=trixie

# ---------------------------------------------------------------- the table

lookup() { awk -v lib="$1" -v col="$2" '$1 == lib { print $col }' "$table"; }
all_libs() { awk '!/^#/ && NF { print $1 }' "$table"; }
version_of() { lookup "$1" 2; }
package_of() { lookup "$1" 3; }

# What is downloaded: LIB/orig, the source, and LIB/fixes, Debian's packaging
# of it, which has the security fixes.
files_of() { # library...
	local lib
	for lib; do
		echo "$lib/orig"
		[ -z "$(lookup "$lib" 6)" ] || echo "$lib/fixes"
	done
}
tarball_of() { case $1 in */orig) lookup "${1%/*}" 4 ;; *) lookup "${1%/*}" 6 ;; esac; }
sha256_of() { case $1 in */orig) lookup "${1%/*}" 5 ;; *) lookup "${1%/*}" 7 ;; esac; }
fixes_of() { awk -v lib="$1" '$1 == lib { print $2 }' "$fixes"; }

needs_of() {
	case $1 in
	libgit2) echo "zlib http-parser" ;;
	curl) echo "openssl c-ares" ;;
	esac
}

# ------------------------------------------------------------ the arguments

toolchain=musl cc='' only='' jobs=$(nproc) mode=build fetch_dir=''

while [ $# -gt 0 ]; do
	case $1 in
	--toolchain | --cc | --only | --jobs | --fetch-only)
		[ $# -ge 2 ] || die "$1 needs a value" ;;
	esac
	case $1 in
	--toolchain) toolchain=$2; shift ;;
	--cc) cc=$2; shift ;;
	--only) only=$2; shift ;;
	--jobs) jobs=$2; shift ;;
	--fetch-only) mode=fetch fetch_dir=$2; shift ;;
	--print-prefix) mode=print ;;
	--help | -h) usage; exit 0 ;;
	*) usage >&2; die "unknown argument: $1" ;;
	esac
	shift
done

case $toolchain in
musl)
	[ -z "$cc" ] || die "--cc goes with --toolchain glibc; musl is always built with musl-gcc"
	cc=musl-gcc ;;
glibc) cc=${cc:-gcc} ;;
*) die "unknown toolchain: $toolchain (musl or glibc)" ;;
esac
case $jobs in '' | *[!0-9]* | 0) die "--jobs needs a number: $jobs" ;; esac

# The libraries asked for and those they need, in the order of the table.
wanted=' '
for lib in $(if [ -n "$only" ]; then echo "${only//,/ }"; else all_libs; fi); do
	[ -n "$(version_of "$lib")" ] || die "no such library: $lib" "known: $(all_libs | tr '\n' ' ')"
	wanted+="$lib $(needs_of "$lib") "
done
libs=$(all_libs | while read -r lib; do case $wanted in *" $lib "*) echo "$lib" ;; esac; done)
is_wanted() { case $wanted in *" $1 "*) ;; *) return 1 ;; esac; }

cache=${GATEPOST_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/gatepost}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac

# ------------------------------------------------------- the build, by library
#
# Each build_LIB runs in that library's unpacked source with $stage the
# directory to install into. These functions, the flags and the table make up
# the cache key: a change in any of them leads to another prefix.

cflags=(
	-O2 -fPIC -ffunction-sections -fdata-sections
	-fstack-protector-strong -fstack-clash-protection
	-Wformat -Werror=format-security -Werror=implicit-function-declaration
)
# Fortify needs the C library's help, which musl does not give; frame pointers
# make the sanitizers' stack traces complete.
if [ "$toolchain" = glibc ]; then
	cflags+=(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fno-omit-frame-pointer)
fi

with_cmake() {
	cmake -S . -B build -G 'Unix Makefiles' \
		-DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Release \
		-DCMAKE_C_FLAGS="${cflags[*]} -ffile-prefix-map=$PWD=." -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG \
		-DCMAKE_EXE_LINKER_FLAGS=-static \
		-DCMAKE_INSTALL_PREFIX="$stage" -DCMAKE_INSTALL_LIBDIR=lib \
		-DCMAKE_FIND_ROOT_PATH="$stage" \
		-DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY \
		-DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
		-DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY \
		-DBUILD_SHARED_LIBS=OFF "$@"
	make -C build -j "$jobs"
	make -C build install
}

# musl-gcc does not search /usr/include, where the kernel's headers are.
link_kernel_headers() {
	local asm
	[ "$toolchain" = musl ] || return 0
	asm=/usr/include/$("$cc" -print-multiarch)/asm
	[ -d "$asm" ] || asm=/usr/include/asm
	ln -s /usr/include/linux /usr/include/asm-generic "$asm" "$1/"
}

# A musl-gcc that links static position independent programs, which musl-gcc
# itself does not: it takes the start code that relocates itself.
write_static_pie_compiler() {
	local specs
	[ "$toolchain" = musl ] || return 0
	specs=$("$cc" '-###' -E - </dev/null 2>&1 | grep -o '[^" ]*/musl-gcc\.specs' | head -n 1) || :
	[ -n "$specs" ] || die "cannot tell where musl-gcc.specs is"
	sed -e 's|Scrt1\.o|rcrt1.o|' -e 's|-dynamic-linker [^ ]*||' \
		-e 's|%{static:-static}|-static -pie --no-dynamic-linker -z text|' \
		"$specs" >"$stage/lib/musl-static-pie.specs"
	mkdir -p "$stage/bin"
	# shellcheck disable=SC2016 # for the new script to expand
	printf '#!/bin/sh\nexec "${REALGCC:-gcc}" "$@" -specs "%s"\n' \
		"$prefix/lib/musl-static-pie.specs" >"$stage/bin/musl-gcc-static-pie"
	chmod 755 "$stage/bin/musl-gcc-static-pie"
}

write_pc() { # name, version, library, description
	cat >"$stage/lib/pkgconfig/$1.pc" <<PC
prefix=$stage
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: $1
Description: $4
Version: $2
Libs: -L\${libdir} -l$3
Cflags: -I\${includedir}
PC
}

one_file_library() { # source file, header, library
	"$cc" "${cflags[@]}" -DNDEBUG -c -o one.o "$1"
	ar rcs "$stage/lib/lib$3.a" one.o
	cp "$2" "$stage/include/"
}

build_zlib() {
	CC=$cc CFLAGS="${cflags[*]}" ./configure --static --prefix="$stage"
	make -j "$jobs" libz.a
	cp libz.a "$stage/lib/"
	cp zlib.h zconf.h "$stage/include/"
	cp zlib.pc "$stage/lib/pkgconfig/"
}

build_http-parser() {
	one_file_library http_parser.c http_parser.h http_parser
	write_pc http_parser "$(version_of http-parser)" http_parser "HTTP message parser"
}

build_yyjson() {
	one_file_library src/yyjson.c src/yyjson.h yyjson
	write_pc yyjson "$(version_of yyjson)" yyjson "JSON reader and writer"
}

build_c-ares() {
	with_cmake -DCARES_STATIC=ON -DCARES_SHARED=OFF -DCARES_STATIC_PIC=ON \
		-DCARES_BUILD_TESTS=OFF -DCARES_BUILD_TOOLS=OFF -DCARES_THREADS=OFF
}

build_libgit2() {
	with_cmake -DEXPERIMENTAL_SHA256=ON \
		-DUSE_SHA1=CollisionDetection -DUSE_SHA256=builtin \
		-DREGEX_BACKEND=regcomp -DUSE_HTTP_PARSER=http-parser \
		-DUSE_SSH=OFF -DUSE_HTTPS=OFF -DUSE_NTLMCLIENT=OFF -DUSE_GSSAPI=OFF \
		-DUSE_THREADS=OFF -DENABLE_REPRODUCIBLE_BUILDS=ON \
		-DBUILD_TESTS=OFF -DBUILD_CLI=OFF -DBUILD_EXAMPLES=OFF
	# 1.9.0 renames the headers and forgets some of their #include lines.
	sed -i 's|^\(# *include "git2\)/|\1-experimental/|' \
		"$stage"/include/git2-experimental/*.h "$stage"/include/git2-experimental/sys/*.h
}

build_openssl() {
	local target curves=()
	# Arithmetic made for P-384 and P-521: signatures verify 1.3 and 3 times
	# as fast, for 70 kB more of each program. It needs __int128, little
	# endian and misaligned reads, which Debian trusts these four to have.
	case $(uname -m) in
	x86_64 | aarch64 | ppc64le | riscv64) curves=(enable-ec_nistp_64_gcc_128) ;;
	esac
	case $(uname -m) in
	x86_64) target=linux-x86_64 ;;
	aarch64) target=linux-aarch64 ;;
	ppc64le) target=linux-ppc64le ;;
	s390x) target=linux64-s390x ;;
	riscv64) target=linux64-riscv64 ;;
	*) target=linux-generic64 ;;
	esac
	# AES-GCM and AES-XTS for AVX-512 are 740 kB of unrolled code in every
	# program with libcrypto; a few records an hour do as well with AES-NI.
	# shellcheck disable=SC2016 # perl's variable
	sed -i 's/^if (\$avx512vaes\(>0\)\{0,1\}) {/if (0) {/' \
		crypto/modes/asm/aes-gcm-avx512.pl crypto/aes/asm/aesni-xts-avx512.pl
	# A relative path, since the compiler's flags end up in the library.
	mkdir kernel-headers
	link_kernel_headers kernel-headers
	SOURCE_DATE_EPOCH=0 CC=$cc ./Configure "$target" \
		--prefix=/usr --libdir=lib --openssldir=/etc/ssl \
		no-shared no-dso no-module no-engine no-static-engine no-legacy \
		no-apps no-tests no-docs no-makedepend \
		no-async no-afalgeng no-autoload-config no-ui-console no-sslkeylog \
		no-quic no-dtls no-ssl3 no-tls1 no-tls1_1 no-comp no-psk no-srp no-srtp \
		no-nextprotoneg no-weak-ssl-ciphers no-integrity-only-ciphers \
		no-tls-deprecated-ec no-multiblock no-ct no-cmp no-rfc3779 \
		no-aria no-argon2 no-bf no-blake2 no-camellia no-cast no-des no-dsa no-ec2m \
		no-gost no-idea no-md4 no-mdc2 no-ocb no-rc2 no-rc4 no-rmd160 \
		no-scrypt no-seed no-siphash no-siv no-slh-dsa no-sm2 no-sm3 no-sm4 \
		no-whirlpool "${curves[@]}" \
		"${cflags[@]}" -DNDEBUG -Ikernel-headers
	SOURCE_DATE_EPOCH=0 make -j "$jobs" build_libs
	make install_dev DESTDIR="$PWD/out"
	sed -i "s|^prefix=.*|prefix=$stage|" out/usr/lib/pkgconfig/*.pc
	cp -R out/usr/. "$stage/"
}

build_curl() {
	with_cmake -DHTTP_ONLY=ON -DBUILD_STATIC_LIBS=ON -DBUILD_CURL_EXE=OFF \
		-DCURL_USE_OPENSSL=ON -DOPENSSL_ROOT_DIR="$stage" -DOPENSSL_USE_STATIC_LIBS=ON \
		-DENABLE_ARES=ON -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF \
		-DUSE_NGHTTP2=OFF -DUSE_LIBIDN2=OFF -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF \
		-DCURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt -DCURL_CA_PATH=none \
		-DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON -DCURL_DISABLE_SRP=ON \
		-DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_AWS=ON -DCURL_DISABLE_COOKIES=ON \
		-DCURL_DISABLE_DIGEST_AUTH=ON -DCURL_DISABLE_DOH=ON -DCURL_DISABLE_FORM_API=ON \
		-DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_KERBEROS_AUTH=ON -DCURL_DISABLE_MIME=ON \
		-DCURL_DISABLE_NEGOTIATE_AUTH=ON -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_NTLM=ON \
		-DCURL_DISABLE_PROGRESS_METER=ON -DCURL_DISABLE_PROXY=ON \
		-DCURL_DISABLE_WEBSOCKETS=ON \
		-DBUILD_LIBCURL_DOCS=OFF -DBUILD_MISC_DOCS=OFF -DENABLE_CURL_MANUAL=OFF \
		-DBUILD_TESTING=OFF -DBUILD_EXAMPLES=OFF
}

# ------------------------------------------------------------- the cache key

# Libraries that are built without their fixes, for want of the tarball.
unfixed=' '

describe() { # library; what its code is, in one line
	local with=''
	case $unfixed in *" $1 "*) ;; *) with="$(sha256_of "$1/fixes") $(fixes_of "$1" | tr '\n' ' ')" ;; esac
	echo "$1 $(version_of "$1") $(sha256_of "$1/orig") ${with:-without its fixes}"
}

# Empty when the compiler is not installed yet.
cache_key() {
	local lib
	command -v "$cc" >/dev/null || return 0
	{
		echo "$toolchain $(uname -m) ${cflags[*]}"
		"$cc" --version | head -n 1
		"$cc" -dumpmachine
		if [ "$toolchain" = musl ]; then
			dpkg-query -W -f '${Package} ${Version}\n' musl-dev 2>/dev/null || :
		fi
		declare -f with_cmake link_kernel_headers write_static_pie_compiler write_pc one_file_library unpack without_tests finish
		for lib in $libs; do
			declare -f "build_$lib"
			describe "$lib"
		done
	} | sha256sum | cut -c 1-16
}

# ------------------------------------------------------- packages of this host

# Prints the Debian packages without which the build cannot run.
missing_packages() {
	command -v gcc >/dev/null || echo gcc
	[ -e /usr/include/stdio.h ] || echo libc6-dev
	[ -e /usr/include/linux/types.h ] || echo linux-libc-dev
	command -v make >/dev/null || echo make
	command -v cmake >/dev/null || echo cmake
	command -v pkg-config >/dev/null || echo pkg-config
	command -v patch >/dev/null || echo patch
	command -v xz >/dev/null || echo xz-utils
	perl -MIPC::Cmd -MPod::Usage -MFile::Compare -e 1 2>/dev/null || echo perl
	if [ "$toolchain" = musl ]; then
		command -v musl-gcc >/dev/null || echo musl-tools
	fi
}

install_packages() {
	local packages log
	packages=$(missing_packages | tr '\n' ' ')
	[ -n "$packages" ] || return 0
	command -v apt-get >/dev/null ||
		die "these are missing, and there is no apt-get to install them: $packages"
	[ "$(id -u)" = 0 ] ||
		die "these packages are missing: $packages" "as root: apt-get install $packages"
	say "installing with apt: $packages"
	log=$logs/apt-install.log
	apt-get update >"$log" 2>&1 || say "warning: apt-get update failed, going on with the lists at hand"
	# shellcheck disable=SC2086 # one word per package
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages \
		>>"$log" 2>&1 </dev/null || show_log "$log" "apt-get install failed"
	packages=$(missing_packages | tr '\n' ' ')
	[ -z "$packages" ] || die "still missing after installation: $packages"
}

# ---------------------------------------------------------------- the tarballs

has_sha256() { # file, checksum
	[ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

# Where LIB/orig or LIB/fixes is once get_tarballs has run.
path_of() { echo "${GATEPOST_TARBALLS:-$tarballs}/$(tarball_of "$1")"; }

absent() { # LIB/orig or LIB/fixes...; prints those that are not there
	local item
	for item; do [ -f "$(path_of "$item")" ] || echo "$item"; done
}

get_tarballs() {
	local item file all
	# shellcheck disable=SC2086 # one word per library
	all=$(files_of $libs)
	# shellcheck disable=SC2046,SC2086
	if [ -z "${GATEPOST_TARBALLS:-}" ] && [ -n "$(absent $all)" ]; then
		fetch_with_apt $(absent $all)
	fi
	for item in $all; do
		file=$(path_of "$item")
		if [ -f "$file" ]; then
			has_sha256 "$file" "$(sha256_of "$item")" || die "checksum mismatch: $file" \
				"expected SHA-256 $(sha256_of "$item")" \
				"found            $(sha256sum <"$file" | cut -d ' ' -f 1)" \
				"Not built. Remove the file if it is damaged; see contrib/deps/README for a new version."
		elif [ "${item#*/}" = fixes ]; then
			unfixed+="${item%/*} "
		else
			die "${item%/*} $(version_of "${item%/*}"): no $(tarball_of "$item") in $GATEPOST_TARBALLS (GATEPOST_TARBALLS)" \
				"on a machine with Debian sources: contrib/deps.sh --fetch-only DIR"
		fi
	done
	[ "$unfixed" = ' ' ] || warn_unfixed
}

warn_unfixed() {
	local lib
	say "WARNING: built without these security fixes, whose tarball is not to be had:"
	for lib in $unfixed; do
		say "WARNING:   $lib: $(fixes_of "$lib" | sed 's|.*/||; s|\.[a-z]*$||' | tr '\n' ' ')($(tarball_of "$lib/fixes"))"
	done
	say "WARNING: contrib/deps/README, \"Security fixes\", says what to do"
}

# Rewrites the machine's own Debian entries (bookworm, bookworm-security, ...)
# to entries for the sources of $release: one directory under $1 per suite, so
# that a tarball which one of them no longer serves is looked for in the next.
derive_sources() { # directory
	local dir codename='' list parts file
	dir=$1
	mkdir -p "$dir/base" "$dir/security" "$dir/updates"
	if [ -r /etc/os-release ]; then
		# shellcheck source=/dev/null
		codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	fi
	eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
	{
		for file in "${list:-/etc/apt/sources.list}" "${parts:-/etc/apt/sources.list.d}"/*.list; do
			[ ! -f "$file" ] || one_line_entries "$file"
		done
		for file in "${parts:-/etc/apt/sources.list.d}"/*.sources; do
			[ ! -f "$file" ] || deb822_entries "$file"
		done
	} | awk -v FS='\t' -v dir="$dir" -v release="$release" -v codename="$codename" '
		# uri, suite, components, options as deb822 lines joined by \001
		$1 ~ /^cdrom:/ || (" " $3 " ") !~ / main / { next }
		{
			suite = $2
			if (!match(suite, /-(updates|security)$/)) { kind = "base"; name = suite; ending = "" }
			else { ending = substr(suite, RSTART); kind = substr(ending, 2); name = substr(suite, 1, RSTART - 1) }
			if (name != release && name != codename && name !~ /^(old)*stable$/) next
			if (seen[$1, kind]++) next
			gsub(/\001/, "\n", $4)
			printf "Types: deb-src\nURIs: %s\nSuites: %s%s\nComponents: main\n%s\n", \
				$1, release, ending, $4 >(dir "/" kind "/" ++n ".sources")
		}'
}

one_line_entries() { # file of "deb [options] uri suite component..."
	awk -v OFS='\t' '
		{ sub(/#.*/, "") }
		$1 != "deb" && $1 != "deb-src" { next }
		{
			opts = ""; rest = $0
			sub(/^[ \t]*deb(-src)?[ \t]+/, "", rest)
			if (rest ~ /^\[/) {
				n = split(substr(rest, 2, index(rest, "]") - 2), words, /[ \t]+/)
				rest = substr(rest, index(rest, "]") + 1)
				for (i = 1; i <= n; i++) {
					eq = index(words[i], "="); key = substr(words[i], 1, eq - 1)
					if (key !~ /^(signed-by|trusted|check-valid-until|check-date)$/) continue
					value = substr(words[i], eq + 1); gsub(/,/, " ", value)
					opts = opts key ": " value "\001"
				}
			}
			n = split(rest, words, /[ \t]+/); from = words[1] == "" ? 2 : 1
			components = ""
			for (i = from + 2; i <= n; i++) components = components " " words[i]
			print words[from], words[from + 1], components, opts
		}' "$1"
}

deb822_entries() { # file of paragraphs
	awk -v OFS='\t' '
		function flush(	i, j, n, m, uris, suites) {
			if (tolower(f["enabled"]) !~ /^(no|false|off|0)$/ && f["types"] ~ /deb/) {
				n = split(f["uris"], uris, /[ \t\001]+/); m = split(f["suites"], suites, /[ \t\001]+/)
				gsub(/\001/, " ", f["components"])
				for (i = 1; i <= n; i++) for (j = 1; j <= m; j++)
					if (uris[i] != "" && suites[j] != "") print uris[i], suites[j], f["components"], opts
			}
			split("", f); opts = ""; key = ""
		}
		/^#/ { next }
		/^[ \t]*$/ { flush(); next }
		/^[ \t]/ { gsub(/\t/, " "); f[key] = f[key] "\001" $0; if (kept) opts = opts $0 "\001"; next }
		{
			colon = index($0, ":"); key = tolower(substr($0, 1, colon - 1))
			value = substr($0, colon + 1); gsub(/\t/, " ", value); sub(/^ +/, "", value); sub(/ +$/, "", value)
			f[key] = value
			kept = key ~ /^(signed-by|trusted|check-valid-until|check-date)$/
			if (kept) opts = opts key ": " value "\001"
		}
		END { flush() }' "$1"
}

# apt on private lists and sources: the system's own are neither read nor changed.
private_apt() { # program, its arguments
	local program=$1
	shift
	"$program" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt/$suite" \
		-o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" \
		-o APT::Get::List-Cleanup=false -o Acquire::Languages=none "$@"
}

fetch_with_apt() { # LIB/orig or LIB/fixes...
	local item suite apt log=$logs/apt-source.log listed='' wrong=''
	command -v apt-get >/dev/null ||
		die "no apt-get here: set GATEPOST_TARBALLS to a directory with the tarballs of contrib/deps/versions"
	# Not in the cache: started by root, apt downloads as the user _apt, who
	# cannot enter a home directory.
	apt_scratch=$(mktemp -d)
	apt=$apt_scratch
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
	chmod 755 "$apt"
	if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then
		chown _apt "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
	fi
	derive_sources "$apt"
	[ -n "$(ls "$apt/base")" ] ||
		die "found no Debian entry in this machine's apt sources to derive those of $release from" \
			"set GATEPOST_TARBALLS to a directory with the tarballs (contrib/deps/README)"
	: >"$log"
	for suite in base security updates; do
		[ -n "$(absent "$@")" ] || break
		[ -n "$(ls "$apt/$suite")" ] || continue
		say "reading the list of Debian $release sources ($suite)"
		private_apt apt-get update >>"$log" 2>&1 ||
			say "warning: apt-get update reported errors, see $log"
		for item in $(absent "$@"); do fetch_item "$item"; done
	done
	for item in $(absent "$@"); do
		[ "${item#*/}" = fixes ] || die_absent "$item"
	done
}

# Looks for one file in the lists of $suite; the caller has $apt, $log.
fetch_item() { # LIB/orig or LIB/fixes
	local package name version sum file only=--tar-only
	[ "${1#*/}" = orig ] || only=--diff-only
	package=$(package_of "${1%/*}") name=$(tarball_of "$1")
	private_apt apt-cache showsrc --only-source "$package" 2>>"$log" |
		awk '/^Version:/ { version = $2 }
			/^[^ ]/ { sums = /^Checksums-Sha256:/ }
			sums && $3 ~ /\.(orig|debian)\.tar\.[a-z0-9]+$/ { print version, $1, $3 }' |
		sort -u >"$scratch/listed" || :
	while read -r version sum file; do
		listed+=" $1:$file"
		[ "$file" = "$name" ] || continue
		if [ "$sum" != "$(sha256_of "$1")" ]; then
			wrong+=" $1:$sum"
			continue
		fi
		say "downloading $name"
		# One file alone: the .dsc beside it changes with every Debian
		# revision. apt checks it against the list's SHA-256.
		(cd "$apt/download" && private_apt apt-get source --download-only $only \
			--only-source "$package=$version") >>"$log" 2>&1 || :
		[ ! -f "$apt/download/$name" ] || break
	done <"$scratch/listed"
	[ -f "$apt/download/$name" ] || return 0
	has_sha256 "$apt/download/$name" "$(sha256_of "$1")" ||
		die "checksum mismatch: $name as downloaded is not what contrib/deps/versions says"
	cp "$apt/download/$name" "$tarballs/.$name.new"
	mv "$tarballs/.$name.new" "$tarballs/$name"
}

die_absent() { # LIB/orig; says why it could not be had
	local lib=${1%/*} name
	name=$(tarball_of "$1")
	case "$wrong " in *" $1:"*)
		die "checksum mismatch: Debian $release lists $name with another SHA-256 than contrib/deps/versions" ;;
	esac
	case "$listed " in *" $1:$name "*)
		die "$lib $(version_of "$lib"): $name is listed in Debian $release but could not be downloaded" \
			"details: $log" \
			"or set GATEPOST_TARBALLS to a directory that has it (contrib/deps/README)" ;;
	esac
	die "$lib $(version_of "$lib"): Debian $release no longer lists $name" \
		"it lists: $(tr ' ' '\n' <<<"$listed" | sed -n "s|^$1:||p" | sort -u | tr '\n' ' ')" \
		"set GATEPOST_TARBALLS to a directory that has it, or update contrib/deps/versions (contrib/deps/README)"
}

# ------------------------------------------------------------------- the build

# Checked again on a copy of our own: nobody can change it in between.
copy_checked() { # LIB/orig or LIB/fixes, file
	cp "$(path_of "$1")" "$2"
	has_sha256 "$2" "$(sha256_of "$1")" || die "checksum mismatch: $(path_of "$1")"
}

unpack() { # library; makes and enters its source directory
	local dir=$scratch/src/$1 fix
	mkdir -p "$dir"
	copy_checked "$1/orig" "$dir.tarball"
	# Test data, most of what is in these tarballs, is left packed.
	tar -xf "$dir.tarball" -C "$dir" --strip-components=1 --no-same-owner \
		--exclude='*/tests/resources/*' --exclude='*/tests/data/*' \
		--exclude='*/test/data/*' --exclude='*/test/recipes/*' --exclude='*/corpora/*'
	rm "$dir.tarball"
	cd "$dir"
	case $unfixed in *" $1 "*) return 0 ;; esac
	[ -n "$(fixes_of "$1")" ] || return 0
	copy_checked "$1/fixes" "$dir.fixes"
	mkdir "$dir.debian"
	tar -xf "$dir.fixes" -C "$dir.debian" --no-same-owner debian/patches
	for fix in $(fixes_of "$1"); do
		echo "applying $fix"
		without_tests <"$dir.debian/debian/patches/$fix" | patch -p1 -f -N -s --fuzz=0
	done
}

# A patch without its changes to the library's own tests.
without_tests() {
	awk '
		function release() { if (held != "" && keep) print held; held = "" }
		function decide(path) { keep = path !~ /^[^\/]*\/tests?\// }
		/^diff --git / { release(); decide($4) }
		/^--- / { release(); held = $0; next }
		held != "" && /^\+\+\+ / { decide($2) }
		{ release(); if (keep) print }
		END { release() }'
}

show_log() { # file, message
	tail -n 20 "$1" | sed 's/^/deps: | /' >&2
	die "$2" "full log: $1"
}

# Builds one library, in the background and in a process group of its own.
# Sets $started.
start() { # library
	set -m
	(
		set +m
		SECONDS=0
		unpack "$1"
		"build_$1"
		say "built $1 $(version_of "$1") in $SECONDS s" 2>&4
	) >"$logs/$1.log" 2>&1 </dev/null &
	started=$!
	set +m
	running+=" $started"
}

finished() { # process, library
	wait "$1" || show_log "$logs/$2.log" "$2 $(version_of "$2") did not build"
	running=${running/ $1/}
}

finish() {
	rm -rf "${stage:?}/bin" "$stage/share" "$stage/lib/cmake"
	write_static_pie_compiler
	# The libraries were installed under a temporary name.
	# shellcheck disable=SC2016 # pkg-config's ${prefix}, not the shell's
	sed -i -e 's/"//g' -e "s|^prefix=.*|prefix=$prefix|" \
		-e 's|^exec_prefix=.*|exec_prefix=${prefix}|' \
		-e 's|^libdir=.*|libdir=${prefix}/lib|' -e 's|^sharedlibdir=.*|sharedlibdir=${libdir}|' \
		-e 's|^includedir=.*|includedir=${prefix}/include|' "$stage"/lib/pkgconfig/*.pc
}

build_all() {
	local lib openssl=''
	stage=$scratch/stage
	mkdir -p "$stage/lib/pkgconfig" "$stage/include"
	link_kernel_headers "$stage/include"
	export PKG_CONFIG_LIBDIR=$stage/lib/pkgconfig
	unset PKG_CONFIG_PATH CFLAGS CPPFLAGS LDFLAGS CC MAKEFLAGS

	say "building $(tr '\n' ' ' <<<"$libs")for $toolchain, $jobs at once, logs in $logs"
	# OpenSSL takes as long as all others together and depends on none of them.
	if is_wanted openssl; then
		start openssl
		openssl=$started
	fi
	for lib in $libs; do
		case $lib in
		openssl) continue ;;
		curl) finished "$openssl" openssl; openssl='' ;;
		esac
		start "$lib"
		finished "$started" "$lib"
	done
	[ -z "$openssl" ] || finished "$openssl" openssl
	finish

	for lib in $libs; do describe "$lib"; done >"$stage/.complete"
	rm -rf "$prefix"
	mv -T "$stage" "$prefix"
}

# -------------------------------------------------------------------- the run

# Standard output is for the prefix alone.
exec 3>&1 4>&2 1>&2

scratch='' apt_scratch='' running='' started=''
# shellcheck disable=SC2317 # called by the trap
clean_up() {
	local pid
	trap - EXIT
	for pid in $running; do kill -- "-$pid" 2>/dev/null || :; done
	[ -z "$running" ] || wait
	rm -rf ${scratch:+"$scratch"} ${apt_scratch:+"$apt_scratch"}
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

case $cache in *[[:space:]]*) die "the cache directory's name has white space in it: $cache" ;; esac
tarballs=$cache/tarballs
if [ -n "${GATEPOST_TARBALLS:-}" ]; then
	[ -d "$GATEPOST_TARBALLS" ] || die "GATEPOST_TARBALLS is not a directory: $GATEPOST_TARBALLS"
	GATEPOST_TARBALLS=$(cd "$GATEPOST_TARBALLS" && pwd)
fi

key=$(cache_key)
prefix=$cache/deps-$key

case $mode in
print)
	[ -n "$key" ] || die "$cc is not installed, so nothing is built: run contrib/deps.sh"
	[ -e "$prefix/.complete" ] || say "not built yet: run contrib/deps.sh"
	echo "$prefix" >&3
	exit 0
	;;
build)
	if [ -n "$key" ] && [ -e "$prefix/.complete" ]; then
		echo "$prefix" >&3
		exit 0
	fi
	;;
esac

mkdir -p "$cache" "$tarballs"
exec 9>"$cache/lock"
if ! flock -n 9; then
	say "another run is using $cache, waiting for it"
	flock 9
fi
rm -rf "$cache"/build-???????? # left by a run that was killed
scratch=$(mktemp -d "$cache/build-XXXXXXXX")

if [ "$mode" = fetch ]; then
	logs=$cache/logs
	mkdir -p "$logs"
	get_tarballs
	mkdir -p "$fetch_dir"
	# shellcheck disable=SC2046,SC2086 # one word per file
	for item in $(files_of $libs); do
		[ ! -f "$(path_of "$item")" ] || cp "$(path_of "$item")" "$fetch_dir/"
	done
	say "tarballs of $(tr '\n' ' ' <<<"$libs")are in $fetch_dir"
	exit 0
fi

SECONDS=0
logs=$cache/logs/$toolchain
mkdir -p "$logs"
install_packages
key=$(cache_key)
[ -n "$key" ] || die "no such compiler: $cc"
prefix=$cache/deps-$key
if [ ! -e "$prefix/.complete" ]; then
	get_tarballs
	key=$(cache_key)
	prefix=$cache/deps-$key
fi
if [ ! -e "$prefix/.complete" ]; then
	build_all
	say "done in $SECONDS s: $prefix"
fi
echo "$prefix" >&3
