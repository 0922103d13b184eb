#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The words of the command line: help tells every option, a mistake names the
# nearest right word, and exit statuses are 0, 1 and 2.

. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
gatepost() { "$gatepost" "$@" > "$work/out" 2> "$work/errors"; rc=$?; }

# ---- the table of commands ----

commands=$(sed -n 's/^	\.name = "\(.*\)",/\1/p' "$top"/src/cli/*.c | sort -u)
yes 'there are commands' test "$(echo "$commands" | wc -l)" -ge 10
gatepost --help
is $rc 0 '--help'
is "$(cat "$work/errors")" '' '--help goes to standard output'
cp "$work/out" "$work/help"
gatepost
is $rc 2 'no command'
gatepost --version
is $rc 0 '--version'
has "$work/out" '^gatepost [0-9.]*$' 'the version'

# Each source file below src/cli that has a command: its name, what is above
# it, its options
for file in "$top"/src/cli/*.c; do
	name=$(sed -n 's/^	\.name = "\(.*\)",/\1/p' "$file" | tail -n 1)
	base=$(basename "$file" .c)
	[ -n "$name" ] && [ "$base" != commands ] || continue
	case $base in
	*_*) set -- "${base%%_*}" "$name" ;;
	*) set -- "$name" ;;
	esac
	gatepost "$@" --help
	is "$rc" 0 "$*: --help"
	cp "$work/out" "$work/told"
	has "$work/told" "^usage: gatepost $1" "$*: the usage line"
	is "$(awk 'length($0) > 80 && !/^\//' "$work/told")" '' "$*: 80 columns"
	# the table, and those that all commands on a ledger have
	{
		sed -n 's/.*{"\(--[a-z-]*\)",.*/\1/p' "$file"
		grep -q LEDGER_OPTIONS "$file" &&
			sed -n 's/.*{"\(--[a-z-]*\)",.*/\1/p' \
				"$top/src/cli/ledger_open.h"
	} | sort -u > "$work/options"
	while IFS= read -r option; do
		# ledger reindex prints no data
		[ "$*$option" = "ledger reindex--json" ] && continue
		has "$work/told" "$option" "$*: $option is told"
	done < "$work/options"
	gatepost "$@" -h
	is "$rc" 0 "$*: -h"
	if [ $# = 1 ]; then
		has "$work/help" "^  $1 " "$1 stands in gatepost --help"
	else
		gatepost "$1" --help
		is "$rc" 0 "$1: --help"
		has "$work/out" "^  $2 " "$* stands in gatepost $1 --help"
	fi
	# what inspect and the courier do not know others may
	[ "$name" = inspect ] || [ "$name" = courier ] && continue
	gatepost "$@" --nonesuch
	is "$rc" 2 "$*: an unknown option is an error"
	has "$work/errors" 'unknown option --nonesuch' "$*: it is named"
	is "$(wc -l < "$work/errors")" 1 "$*: in one line"
	while IFS= read -r option; do
		[ "$*$option" = "ledger reindex--json" ] && continue
		gatepost "$@" "${option}x"
		has "$work/errors" "did you mean $option?" \
			"$*: ${option}x is nearly $option"
	done < "$work/options"
done

# ---- mistakes ----

# mistake WORDS ARGUMENTS…
mistake() {
	words=$1; shift
	gatepost "$@"
	if [ $rc = 2 ] && grep -q -e "$words" "$work/errors" &&
		! [ -s "$work/out" ]; then ok "gatepost $*"; else
		echo "exit status $rc" >> "$work/errors"
		not_ok "gatepost $*" "$work/errors" "$work/out"
	fi
}
mistake 'no command instal; did you mean install?' instal
mistake 'no command xyzzy (see gatepost --help)' xyzzy
mistake 'did you mean show?' ledger shw
mistake 'ledger what? (see gatepost ledger --help)' ledger
mistake 'policy what?' policy
mistake 'REPO is missing' install
mistake 'REPO is missing' uninstall
mistake 'one argument too many: b' uninstall a b
mistake 'is missing' mode warn
mistake 'DIR is missing' ledger init
mistake 'ID is missing' ledger show
mistake 'FILE is missing' policy check
mistake '--policy needs a value' install --policy
mistake '--enforce takes no value' install --enforce=yes x
mistake 'x is no git repository' install x
mistake 'one argument too many' ledger list x
mistake 'nowhere' -C nowhere status
mistake "$(printf 'no command ?\\[31m')" "$(printf '\033[31mred')"
"$gatepost" --help > /dev/full 2> "$work/errors"
is $? 2 'help that cannot be written is an error'
"$gatepost" ledger init "$work/made" > /dev/full 2> "$work/errors"
is $? 2 'so is what a command says'

# --help is a question wherever it stands, never an order
mkdir "$work/repo"
git init -q --bare "$work/repo"
gatepost install "$work/repo" --help
is $rc 0 'install REPO --help'
is "$(ls "$work/repo/hooks" | grep -v sample)" '' 'nothing was installed'
gatepost install -- --help
is $rc 2 'behind -- it is a name'

# ---- options ----

policy_file << 'END'
[gate "main"]
	ref = refs/heads/main
	rule = ai
[rule "ai"]
	check = provenance
	agents = any
END
policy=$work/etc/policy.conf
yes '--name VALUE' "$gatepost" install --policy "$policy" "$work/repo"
yes '--name=VALUE' "$gatepost" install "--policy=$policy" "$work/repo"
yes 'an option behind the arguments' "$gatepost" status "$work/repo" --json
yes '-C twice' "$gatepost" -C / -C "$work" status repo

# ---- policy check, policy show ----

yes 'policy check' "$gatepost" policy check "$policy"
cat > "$work/bad.conf" << 'END'
[gatepost]
	mode = enfroce
	mood = warn
[gate "a"]
	rule = nothing
END
no 'policy check of mistakes' "$gatepost" policy check "$work/bad.conf"
has "$work/out" 'bad.conf:2: .*enforce' 'the nearest word'
has "$work/out" 'bad.conf:3: .*mood' 'the second mistake'
has "$work/out" 'bad.conf:[45]: .*nothing' 'the third'
has "$work/out" '[3-9] mistakes' 'their number'
no 'one of two is wrong' "$gatepost" policy check "$policy" "$work/bad.conf"
has "$work/out" 'policy.conf is fine' 'the other is fine'
gatepost policy check "$work/none.conf"
is $rc 2 'a file that is not there'
gatepost policy show --policy "$policy" "$work/repo" main
is $rc 0 'policy show'
has "$work/out" 'check = provenance' 'the rule is shown'
cp "$work/out" "$work/shown"
gatepost -C "$work/repo" policy show --policy "$policy" main
cp "$work/out" "$work/alone"
yes 'a branch alone, in the repository' cmp "$work/alone" "$work/shown"
gatepost -C "$work/repo" policy show --policy "$policy" refs/heads/main
cp "$work/out" "$work/alone"
yes 'a ref alone' cmp "$work/alone" "$work/shown"
gatepost policy show --policy "$policy" ./repo
is $rc 0 'a repository alone'
gatepost policy show --policy "$policy" ./repos
is $rc 2 'one that is not there'
has "$work/errors" 'no git repository' 'that is told'
gatepost policy show --policy "$work/bad.conf" "$work/repo"
is $rc 2 'policy show of mistakes'

# ---- the courier ----

gatepost courier status --policy "$policy"
is $rc 0 'courier status of no destination'
cat >> "$policy" << 'END'
[sink "grc"]
	url = https://127.0.0.1:1/hook
	sign = none
END
gatepost courier status --policy "$policy"
cp "$work/out" "$work/ours"
"$libexec/courier" status --policy "$policy" > "$work/theirs" 2> /dev/null
is $? $rc 'courier: the exit status of the program'
yes 'courier: its words' cmp "$work/ours" "$work/theirs"
has "$work/ours" grc 'the destination is told'
(cd "$work/repo" && "$gatepost" courier status) > "$work/out" 2>&1
is $? $rc "courier: the repository's policy"
has "$work/out" grc 'its destination'
gatepost courier statis --policy "$policy"
is $rc 2 'courier: no such word'
gatepost courier run --once --policy "$work/none.conf"
is $rc 2 'courier: no policy'

done_testing
