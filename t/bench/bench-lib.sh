# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# For the benchmarks that need repositories: a scratch directory, histories of
# a given length, the load of the machine. Sourced by them.
#
# GATEPOST_PREFIX names the installed gatepost that is measured.

set -eu
: "${GATEPOST_PREFIX:?the prefix where gatepost is installed}"
bench_dir=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$bench_dir/../.." && pwd)
gatepost=$GATEPOST_PREFIX/bin/gatepost

unset $(env | sed -n 's/^\(GIT_[A-Za-z0-9_]*\)=.*/\1/p') 2>/dev/null || :
export LC_ALL=C TZ=UTC GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=alice GIT_AUTHOR_EMAIL=alice@example.com
export GIT_COMMITTER_NAME=alice GIT_COMMITTER_EMAIL=alice@example.com

work=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/gatepost-bench.XXXXXX")
export HOME="$work"
trap '[ -n "${KEEP:-}" ] && echo "kept $work" || rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say_load() { echo "load $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors"; }

# new_repository DIR: bare, and nothing of whoever runs this has influence
new_repository() {
	git init -q --bare "$1"
	git -C "$1" config gc.auto 0
	git -C "$1" config transfer.fsckObjects false
}

# new_history DIR N: a bare repository whose main has N commits: 10 folders of
# 40 files, one file changed by each commit, every tenth made with an agent
# that says so, every twentieth a merge
new_history() {
	new_repository "$1"
	awk -v n="$2" '
	function data(s) { printf "data %d\n%s\n", length(s), s }
	function who(t) {
		printf "author dev%d <dev%d@example.com> %d +0000\n", t % 50, t % 50, 1300000000 + t * 600
		printf "committer dev%d <dev%d@example.com> %d +0000\n", t % 50, t % 50, 1300000000 + t * 600
	}
	function path(i) { return sprintf("src/part%d/file%d.c", i % 10, int(i / 10) % 40) }
	function commit(ref, i, from, other) {
		printf "commit %s\nmark :%d\n", ref, i
		who(i)
		m = "part " i % 10 ": change number " i "\n\nThis says why, in a line or two of text, as people do who\nwrite messages for those who read them later.\n"
		if (i % 10 == 3) m = m "\nCo-authored-by: Claude <noreply@anthropic.com>\n"
		else m = m "\nSigned-off-by: dev" i % 50 " <dev" i % 50 "@example.com>\n"
		data(m)
		if (from) printf "from :%d\n", from
		if (other) printf "merge :%d\n", other
		if (!other) {
			printf "M 100644 inline %s\n", path(i * 7)
			data("content " i "\n")
		}
	}
	BEGIN {
		printf "commit refs/heads/main\nmark :1\n"
		who(1)
		data("begin\n")
		for (i = 0; i < 400; i++) {
			printf "M 100644 inline %s\n", path(i)
			data("content " i "\n")
		}
		for (i = 2; i <= n; i++) {
			if (i % 20 == 10 && i + 1 <= n) {
				commit("refs/heads/side", i, i - 2, 0)
				commit("refs/heads/main", i + 1, i - 1, i)
				i++
			} else {
				commit("refs/heads/main", i, i - 1, 0)
			}
		}
	}' | git -C "$1" fast-import --quiet
	git -C "$1" update-ref -d refs/heads/side
	git -C "$1" symbolic-ref HEAD refs/heads/main
	git -C "$1" repack -q -a -d
}
