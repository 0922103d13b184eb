#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Trailers are read exactly as git prints them, on real commits. The corpus
# is no part of this tree: it is looked for beside it, or where
# GATEPOST_CORPUS says.

top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=${abs_top_builddir:-$top}
corpus=${GATEPOST_CORPUS:-$top/../shared/data/trailers-corpus.ndjson.gz}
program=$build/t/unit/trailers_corpus
what='trailers equal git log on every commit of the corpus'

echo 1..1
if ! test -r "$corpus"; then
	echo "ok 1 - $what # SKIP no corpus (set GATEPOST_CORPUS to its path)"
	exit 0
fi
if ! test -x "$program"; then
	echo "not ok 1 - $what"
	echo "# $program is not built (make check does)"
	exit 1
fi
if "$program" "$corpus"; then
	echo "ok 1 - $what"
else
	echo "not ok 1 - $what"
	exit 1
fi
