#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost(1) has every command and option that `--help` has, and no other;
# and every manual page is one that is installed.

. "$(dirname "$0")/lib.sh"
page=$top/doc/gatepost.1

# The commands, those below others included, one a line.
commands() {
	names() { sed -n 's/^  \([a-z][a-z-]*\) \{1,\}.*/\1/p'; }
	for name in $("$gatepost" --help | names); do
		below=
		if "$gatepost" "$name" --help | grep -q 'COMMAND \[ARGUMENTS\]'
		then
			below=$("$gatepost" "$name" --help | names)
		fi
		for word in $below; do echo "$name $word"; done
		[ -n "$below" ] || echo "$name"
	done
}

# blocks COMMAND: what the manual says of it, from its heading to the next
blocks() {
	awk -v wanted="$1" '
		function heading(line) {
			sub(/^\.(It )?Ic /, "", line)
			inside = index(line " ", wanted " ") == 1
		}
		/^\.It Ic [a-z]/ { heading($0) }
		/^\.It Xo/ { expect = 1; next }
		expect { expect = 0; heading($0) }
		/^\.S[sh] / { inside = 0 }
		inside' "$page"
}

options_of_help() {
	grep -o -e '--[a-z][a-z-]*' | sort -u
}
options_of_manual() {
	sed 's/ Fl /\n.Fl /g; s/^\.It Fl/.Fl/; s/^\.Op Fl/.Fl/' |
		sed -n 's/^\.Fl \(-[a-z][a-z-]*\).*/-\1/p' | sort -u
}

commands > "$work/commands"
while read -r command; do
	blocks "$command" > "$work/block"
	# shellcheck disable=SC2086 # one word per argument
	"$gatepost" $command --help | options_of_help > "$work/help"
	options_of_manual < "$work/block" > "$work/manual"
	if [ -s "$work/block" ]; then
		ok "gatepost.1 describes $command"
	else
		not_ok "gatepost.1 describes $command"
	fi
	diff "$work/help" "$work/manual" > "$work/diff"
	if [ ! -s "$work/diff" ]; then
		ok "the options of $command are those of --help"
	else
		not_ok "the options of $command are those of --help" \
			"$work/diff"
	fi
done < "$work/commands"

# Headings that are no command.
awk '/^\.It Ic [a-z]/ { sub(/^\.It Ic /, ""); print }
	/^\.It Xo/ { expect = 1; next }
	expect { expect = 0; sub(/^\.Ic /, ""); print }' "$page" |
	while read -r first second rest; do
		grep -qx -e "$first" -e "$first $second" "$work/commands" ||
			echo "$first $second $rest"
	done > "$work/unknown"
if [ ! -s "$work/unknown" ]; then
	ok 'gatepost.1 describes no command that is not there'
else
	not_ok 'gatepost.1 describes no command that is not there' \
		"$work/unknown"
fi

for page in "$top"/doc/*.[1-9] "$top"/contrib/*.1; do
	page=${page##*/}
	yes "$page is installed" test -f \
		"$GATEPOST_PREFIX/share/man/man${page##*.}/$page"
done
done_testing
