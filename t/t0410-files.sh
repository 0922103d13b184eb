#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What git knows is in the tarball: every file is named in a local.mk or in
# Makefile.am, or stands in a directory that is; and every test is run.

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || {
	echo '1..0 # SKIP not a checkout'
	exit 0
}
work=$(mktemp -d "${TMPDIR:-/tmp}/gatepost-t.XXXXXX")
trap 'rm -rf "$work"' EXIT

git ls-files '*.mk' Makefile.am | xargs cat |
	tr -s ' \t\\' '\n\n\n' | sort -u > "$work/named"

# named PATH: it, or a directory above it, or (with check programs) its source
named() {
	part=$1
	while [ "$part" != . ]; do
		grep -qxF "$part" "$work/named" && return 0
		part=$(dirname "$part")
	done
	return 1
}

git ls-files | while read -r path; do
	case $path in
	*/local.mk | Makefile.am | configure.ac | .gitignore) continue ;;
	*.gitattributes) continue ;;
	esac
	[ ! -e "$path" ] || named "$path" || echo "$path"
done > "$work/unnamed"
if [ -s "$work/unnamed" ]; then
	echo 'not ok 1 - every file is part of the distribution'
	sed 's/^/# /' "$work/unnamed"
else
	echo 'ok 1 - every file is part of the distribution'
fi

for path in t/t[0-9]*.sh; do
	[ -x "$path" ] || echo "$path"
done > "$work/lame"
if [ -s "$work/lame" ]; then
	echo 'not ok 2 - every test can be run'
	sed 's/^/# /' "$work/lame"
else
	echo 'ok 2 - every test can be run'
fi
echo 1..2
