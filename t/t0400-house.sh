#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The order of the rooms, and what belongs together: includes go downward
# only, a check has its row, file, test and manual section.

set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
n=0 failed=0
ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)) failed=$((failed + 1)); echo "not ok $n - $1"; }
# empty TEXT NAME: whether nothing was found amiss
empty() {
	if [ -z "$1" ]; then ok "$2"; else
		not_ok "$2"
		printf '%s\n' "$1" | sed 's/^/# /'
	fi
}

# What each room may include besides itself. The ledger is a tower of its
# own: it knows neither git nor policy.
below() {
	case $1 in
	base) ;;
	sys) echo base ;;
	git) echo base sys ;;
	trust) echo base sys git ;;
	policy) echo base sys git trust ;;
	checks) echo base sys git trust policy ;;
	gate) echo base sys git trust policy checks ;;
	ledger) echo base sys ;;
	courier) echo base sys policy ledger ;;
	desk) echo base sys git trust policy checks gate ledger ;;
	cli) echo base sys git trust policy checks gate ledger courier desk ;;
	esac
}

for room in base sys git trust policy checks gate ledger courier desk cli; do
	allowed=" $room $(below $room) "
	wrong=$(grep -n '^#include "[a-z]*/' "src/$room"/*.[ch] |
		while IFS= read -r line; do
			to=${line#*\"} to=${to%%/*}
			case $allowed in
			*" $to "*) ;;
			*) echo "$line" ;;
			esac
		done)
	empty "$wrong" "src/$room includes nothing from above"
done

empty "$(grep -ln '<git2' src/*/*.[ch] hooks/*.[ch] | grep -v '^src/git/')" \
	"src/git alone uses libgit2"
empty "$(grep -ln '<curl/' src/*/*.[ch] hooks/*.[ch] | grep -v '^src/courier/')" \
	"src/courier alone uses libcurl"
empty "$(grep -ln '<openssl/evp' src/*/*.[ch] hooks/*.[ch] |
	grep -v -e '^src/trust/' -e '^src/courier/' \
		-e '^src/ledger/note_key.c$')" \
	"only src/trust, the courier and what signs use OpenSSL's EVP"

for check in $(sed -n 's/^CHECK(\(.*\))/\1/p' src/checks/checks.def); do
	missing=
	[ -f "src/checks/$check.c" ] || missing="$missing src/checks/$check.c"
	ls t/t2???-"$check".sh > /dev/null 2>&1 ||
		missing="$missing t/t2xxx-$check.sh"
	grep -q "^\.Ss.*$check" doc/gatepost-policy.5 ||
		missing="$missing doc/gatepost-policy.5:section"
	grep -q "src/checks/$check.c" src/checks/local.mk ||
		missing="$missing src/checks/local.mk"
	empty "$missing" "the check $check has file, test and manual section"
done
empty "$(for file in src/checks/*.c; do
	sed -n 's/^const struct check check_\([a-z]*\) =.*/\1/p' "$file"
done | while IFS= read -r name; do
	grep -q "^CHECK($name)" src/checks/checks.def || echo "$name"
done)" "every check has its row"

empty "$(for file in src/*/*.[ch] hooks/*.[ch]; do
	head -n 1 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
		echo "$file"
done)" "every source names its licence"

# Norms of size: a function or file that outgrows them is a design question.
empty "$(awk 'FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start > 80)
			print FILENAME ":" start " " FNR - start " lines"
		start = 0 }' src/*/*.[ch] hooks/*.[ch])" \
	"no function is longer than 80 lines"
empty "$(wc -l src/*/*.[ch] hooks/*.[ch] t/unit/*.[ch] |
	awk '$2 != "total" && $1 > 800')" "no file is longer than 800 lines"

# `make check` has nothing installed.
empty "$(grep -l '^\. "$(dirname "$0")/lib.sh"' t/t*.sh |
	while IFS= read -r file; do
		grep -q "$file" t/local.mk || echo "$file"
	done)" "every test of what is installed is a test for installcheck"

# src/ is searched for <sys/*.h>, too, and before the system's.
empty "$(for file in src/sys/*.h; do
	echo "#include <sys/${file##*/}>" | ${CC:-cc} -E - > /dev/null 2>&1 &&
		echo "$file"
done)" "no header hides one of the system's"

for word in strcpy strcat sprintf vsprintf gets strtok system popen atoi; do
	empty "$(grep -nw "$word(" src/*/*.[ch] hooks/*.[ch])" \
		"nobody calls $word()"
done

echo "1..$n"
[ "$failed" = 0 ]
