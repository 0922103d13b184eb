#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# One gatepost host is the witness of another, over ssh and by a folder.

. "$(dirname "$0")/lib.sh"

# policy [LINES]: of the host that is witnessed, whose hooks know no witness
policy() {
	policy_file <<END
[gate "main"]
	ref = refs/heads/main
	rule = linear
[rule "linear"]
	check = history
END
	{ cat "$work/etc/policy.conf"; printf '%s\n' "$@"; } > "$work/etc/a.conf"
}
written() { cat "$work/ledger/segments/"*.log | grep -c '^#record '; }
sealed() { sed -n 2p "$work/ledger/sealed/checkpoint"; }
land() {
	change "$1"
	push HEAD:main
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(sealed)" = "$(written)" ] && break
		sleep 0.1
	done
	sleep 0.1
}

# ---- host b, the witness ----
mkdir "$work/b"
"$gatepost" ledger init --origin b.example "$work/b/ledger" > /dev/null
b() { "$gatepost" ledger cosign --ledger "$work/b/ledger" "$@"; }
b --show-key > "$work/b/vkey"
is $? 0 'the witness shows its key'
is "$(b --show-key)" "$(cat "$work/b/vkey")" 'which stays'
has "$work/b/vkey" '^b.example/witness+' 'and is named after its ledger'
is "$(stat -c %a "$work/b/ledger/cosign" "$work/b/ledger/cosign/key.skey" |
	paste -sd ' ')" '700 400' 'nobody else may read it'
"$gatepost" ledger cosign --state "$work/b/aside" --show-key \
	> "$work/out" 2>&1
is $? 2 'elsewhere a key needs a name'
"$gatepost" ledger cosign --state "$work/b/aside" --show-key \
	--name w.example/x > "$work/out"
has "$work/out" '^w.example/x+' 'which can be given'

# ---- host a ----
policy "[witness \"b\"]" "	key = $(cat "$work/b/vkey")"
new_server one
"$gatepost" ledger key --ledger "$work/ledger" show > "$work/a.vkey"
serve="$gatepost ledger cosign --serve --policy $work/etc/a.conf"

# a real ssh with a forced command, or what runs the same command
sshd=$(command -v sshd || echo /usr/sbin/sshd)
dir=$work/sshd
start() {
	cat > "$dir/config" <<END
Port $1
ListenAddress 127.0.0.1
HostKey $dir/host
PidFile none
AuthorizedKeysFile $dir/keys
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel ERROR
END
	"$sshd" -D -e -f "$dir/config" > "$dir/log" 2>&1 &
	server_pid=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.2
		kill -0 $server_pid 2> /dev/null || return 1
		"$python" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1" \
			2> /dev/null && return 0
	done
	kill $server_pid
	return 1
}
real_ssh() {
	[ -x "$sshd" ] && command -v ssh > /dev/null || return 1
	mkdir -p "$dir"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/host" < /dev/null
	ssh-keygen -q -t ed25519 -N '' -f "$dir/b" < /dev/null
	printf 'restrict,command="%s" %s\n' "$serve" "$(cat "$dir/b.pub")" \
		> "$dir/keys"
	chmod 600 "$dir/keys"
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	port=$((20000 + $$ % 20000))
	start $port || start $((port + 7)) || start $((port + 1013)) ||
		return 1
	kill_at_end $server_pid
	port=$(sed -n 's/^Port //p' "$dir/config")
}
if real_ssh; then
	echo '# over a real ssh'
	cat > "$work/ssh" <<END
#!/bin/sh
exec ssh -F none -p $port -i $dir/b -o IdentitiesOnly=yes \
	-o IdentityAgent=none -o BatchMode=yes -o StrictHostKeyChecking=no \
	-o UserKnownHostsFile=$dir/known -o LogLevel=ERROR -l $(id -un) "\$@"
END
else
	echo '# without sshd: the forced command is run here'
	printf '#!/bin/sh\nexec %s\n' "$serve" > "$work/ssh"
fi
chmod +x "$work/ssh"

# from [OPTIONS]: host b cosigns what host a has
from() {
	b --from 127.0.0.1 --key "$work/a.vkey" --ssh "$work/ssh" "$@" \
		> "$work/out" 2>&1
}
publish() {
	"$gatepost" ledger seal --policy "$work/etc/a.conf" > "$work/pub" 2>&1
}
verify() {
	"$gatepost" ledger verify --policy "$work/etc/a.conf" \
		> "$work/verified" 2>&1
}

land 'one'
from
is $? 0 'host b cosigns'
has "$work/out" "cosigned $(sealed) records" 'and says so'
publish
is "$(sed -n 2p "$work/ledger/sealed/witness/b")" "$(sealed)" \
	'host a publishes it'
has "$work/ledger/sealed/checkpoint" ' b.example/witness ' \
	'under its checkpoint'
verify
is $? 0 'verify finds nothing wrong'
has "$work/verified" "witness b: b.example/witness+.* cosigned the first $(sealed)" \
	'and tells what b vouches for'
yes 'a proof holds by the key of b' sh -c \
	"'$gatepost' ledger prove --ledger '$work/ledger' 0 > '$work/proof' &&
	'$gatepost' ledger verify-proof --key '$work/b/vkey' '$work/proof'"
from
is $? 0 'the same can be cosigned again'

for i in 1 2 3; do land "more $i"; done
from
is $? 0 'host b cosigns what extends it'
publish
is "$(sed -n 2p "$work/ledger/sealed/witness/b")" "$(sealed)" 'as above'

# by a folder, such as a copy; of a ledger, what is sealed is meant
land 'by a folder'
b --from "$work/ledger" --key "$(grep -v '+B' "$work/a.vkey")" \
	-o "$work/cosigned" > "$work/out" 2>&1
is $? 0 'a folder is cosigned'
$serve < "$work/cosigned" > "$work/out" 2>&1
is $? 0 'and brought by hand'
publish
is "$(sed -n 2p "$work/ledger/sealed/witness/b")" "$(sealed)" 'as above'

# what is refused
echo 'hello' | $serve > "$work/out" 2>&1
is $? 1 'what is said must be a question or a checkpoint'
sed 's/^\([^ ]* b.example.witness .\{20\}\)\(.\)/\1_\2/; s/_[A-Y]/Z/; s/_./A/' \
	"$work/cosigned" > "$work/forged"
$serve < "$work/forged" > "$work/out" 2>&1
is $? 1 'a forged cosignature is refused'
has "$work/out" 'does not hold' 'and that is said'
"$gatepost" ledger cosign --state "$work/b/aside" --key "$work/a.vkey" \
	--from "$work/ledger/sealed" > "$work/stranger" 2> /dev/null
$serve < "$work/stranger" > "$work/out" 2>&1
is $? 1 'so is one by nobody in the policy'
has "$work/out" 'no witness of the policy' 'and that is said'
b --from 127.0.0.1 --key "$(cat "$work/b/vkey")" --ssh "$work/ssh" \
	> "$work/out" 2>&1
is $? 1 'another key than that of the ledger'
has "$work/out" 'not cosigned' 'cosigns nothing'
from --ssh /bin/false
is $? 2 'a host that cannot be asked: nothing can be told'
b --from 127.0.0.1 --ssh "$work/ssh" > "$work/out" 2>&1
is $? 2 'a key must be given'
chmod 755 "$work/b/ledger/cosign"
from
is $? 2 'a folder that others may look into'
chmod 700 "$work/b/ledger/cosign"

# host a is put back, and grows again
from
rm -rf "$work/copy"
cp -a "$work/ledger" "$work/copy"
land 'to be forgotten'
from
is $? 0 'one more is cosigned'
rm -rf "$work/ledger"
cp -a "$work/copy" "$work/ledger"
from
is $? 1 'a ledger that was put back is not cosigned'
has "$work/out" 'put back to an older state, or replaced' 'and that is said'
for i in 1 2 3 4; do land "other $i"; done
from
is $? 1 'nor when it has grown again'
has "$work/out" 'the ledger was changed' 'and that is said'

done_testing
