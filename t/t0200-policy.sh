#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gatepost policy check and show: an admin's mistakes are told all at once,
# each with its line and remedy; what ships is right.

. "$(dirname "$0")/lib.sh"

conf=$GATEPOST_PREFIX/etc/gatepost
mkdir "$work/p"
cd "$work/p" || exit 1
cp "$conf/agents.conf" .

# mistake TEXT PATTERN NAME: a policy of this text has exactly one mistake
mistake() {
	printf '%b' "$1" > policy.conf
	no "$3" "$gatepost" policy check policy.conf
	has "$work/out" "$2" "$3: says so"
	is "$(grep -c '^/.*policy.conf:' "$work/out")" 1 "$3: nothing else"
}

yes 'the installed policy is fine' "$gatepost" policy check "$conf/policy.conf"

for preset in "$conf"/presets/*.conf; do
	name=$(basename "$preset")
	{
		printf '[include]\n\tpath = %s\n' "$preset"
		printf '[area "sensitive"]\n\tpath = src/\n[agent "claude-code"]\n'
		printf '[principal "a"]\n\temail = a@example.com\n'
		printf '[gate "g"]\n\tref = refs/heads/main\n'
		sed -n 's/^\[rule "\(.*\)"\]/\trule = \1/p' "$preset"
	} > policy.conf
	yes "preset $name can be included" "$gatepost" policy check policy.conf
done

good='[gate "g"]\n\tref = refs/heads/main\n\trule = r\n[rule "r"]\n'
prov="$good\tcheck = provenance\n\tagents = any\n"
mistake "[gatepost]\n\tmoed = warn\n$prov" \
	'policy.conf:2: gatepost.moed: .*did you mean mode?' 'an unknown key'
mistake "${good}\tcheck = provenence\n" \
	'policy.conf:5: rule.r.check: .*did you mean provenance?' 'an unknown check'
mistake "$prov\tdeclare = sometimes\n" 'policy.conf:7: rule.r.declare: ' \
	"a wrong word in a check's option"
mistake "$prov\tquorum = 1\n" 'policy.conf:7: rule.r.quorum: ' \
	"another check's option"
mistake "$prov[rule \"s\"]\n\tcheck = history\n" \
	'policy.conf:7: rule.s: no gate names this rule' 'an unreachable rule'
mistake "${good}\tcheck = review\n" 'policy.conf:4: rule.r: needs quorum' \
	'a check without what it needs'
mistake "${good}\tcheck = review\n\tquorum = 1 of secruity\n[principal \"a\"]\n\trole = security\n" \
	'did you mean security?' 'a role that nobody has'

printf '%s\n' '-----BEGIN CERTIFICATE-----' MAA= '-----END CERTIFICATE-----' > ca.pem
mistake '[signers]\n\tx509-ca = ca.pem\n' 'ca.pem: a certificate is off' \
	'an authority that libcrypto cannot read'

sink='[sink "s"]\n\turl = https://x.example.com/\n'
mistake "$sink\tformat = template\n" 'sink.s.format: needs body-template beside it' \
	'a destination without its template'
mistake "$sink\tbody-template = b\n" 'is used with format = template alone' \
	'a template without its format'
mistake "$sink\tauth = basic\n" 'sink.s.auth: needs secret-file beside it' \
	'a login without a secret'
mistake "$sink\tsecret-file = f\n\tauth = oauth2\n\tclient-id = x\n" \
	'sink.s.auth: needs token-url' 'access tokens from nowhere'
mistake "$sink\tsecret-file = f\n\tauth = oauth2\n\tclient-id = x\n\ttoken-url = http://192.0.2.1/\n" \
	'by https only' 'access tokens without TLS'
mistake "$sink\tclient-cert = f\n" 'sink.s.client-cert: needs client-key' \
	'a certificate without its key'
mistake "$sink\theader = K: \${secret}\n" 'sink.s.header: needs secret-file' \
	'a header without its secret'
mistake "$sink\tsecret-file = f\n\tauth = bearer\n\tsign = standard-webhooks\n" \
	'sink.s.sign: needs sign-secret-file' 'one secret for two uses'
mistake "$sink\tlookup-url = https://evil.example/\n\tlookup-found = /a\n" \
	'does not begin with `/`' 'a request to another host'
mistake "$sink\tlookup-url = /a?b=\${url:/repository}\n\tlookup-found = /a\n" \
	'forms no URL' "a pusher's text in a URL"
mistake "$sink\tticket-pattern = [0-9]+\n\tticket-url = /i/{ticket}\n" \
	'sink.s.ticket-url: does not name ${ticket}' \
	'a question about tickets that asks for none'
mistake "$sink\tlookup-url = /i?c=\${change-key}\n\tlookup-found = /total>0\n" \
	'sink.s.lookup-url: does not name ${id}' \
	'a look-up that is the same for every record'
mistake "$sink\tduplicate-status = 409\n\tid-json = /id\n\tthen-url = /x\n\tthen-template = policy.conf\n" \
	'sink.s.then-url: needs lookup-url beside it' \
	'a request behind a duplicate of which nobody knows the id'
mistake "$sink\tok-status = ok\n" 'written 200-299,409' 'a wrong status'
mistake "$sink\tok-json = errors\n" 'begins with a JSON pointer' \
	'a wrong condition'
mistake "$sink\tbatch-max = 10\n" 'did you mean format = cloudevents-batch' \
	'a batch of single events'
mistake "$sink\tpin = sha256//x\n" 'a pin is sha256//' 'a wrong pin'
mistake "$sink\tper = change\n" 'sink.s.per: needs format = template' \
	'tickets without their templates'
mistake "$sink\ttemplate = nosuch\n" 'there is no ready template "nosuch" in ' \
	'a ready template that is not there'
mkdir ready
printf '{\n  "a": "${jsonstr:/b}",\n  "c": ${json:sumary}\n}\n' > ready/b.json
printf '[sink]\n\tformat = template\n\tbody-template = b.json\n' > ready/sink.conf
mistake "$sink\ttemplate = ./ready\n" \
	'ready/b.json: 3:15: there is no value "sumary"; did you mean summary?' \
	'a mistake in a template'
mistake "$sink\ttemplate = webhoook\n" \
	'there is no ready template "webhoook" in .*; did you mean webhook?' \
	'a ready template that is not there'
mistake "${good}\tcheck = ticket\n\tpattern = #[0-9]+\n" \
	'rule.*pattern: needs a value; one with # or ; stands in ""' \
	'a pattern that is a comment'
mistake "${good}\tcheck = ticket\n\tpattern = CHG[0-9]+|#[0-9]+\n" \
	'rule.*pattern: "CHG[^ ]*|" ends in |; one with # or ;' \
	'a pattern of which a comment takes a part'
printf '[sink]\n\tformat = cloudevents\n\turl = https://evil.example/\n' \
	> ready/sink.conf
printf "$sink\ttemplate = ./ready\n" > policy.conf
yes 'a ready template does not say where' "$gatepost" policy check policy.conf
printf '[sink]\n\tcolour = red\n' > ready/sink.conf
printf "$sink\ttemplate = ./ready\n" > policy.conf
no 'a ready template has keys of its own' "$gatepost" policy check policy.conf
has "$work/out" 'ready/sink.conf:2: sink.colour: there is no such key' \
	'that is told with its line'

cat > policy.conf <<'END'
[gatepost]
	mode = enforced
	colour = red
[gate "g"]
	ref = main
	rule = q
[rule "r"]
	check = history
	rewind = "deny
END
no 'several mistakes' "$gatepost" policy check policy.conf
is "$(sed -n 's/.*policy.conf:\([0-9]*\): .*/\1/p' "$work/out" | xargs)" \
	'2 3 5 6 7 9' 'several mistakes: all are told, in order'

people='[principal "ann"]\n\temail = ann@example.com\n[principal "bea"]\n'
ssh-keygen -q -t ed25519 -N '' -f key < /dev/null
echo > key.none
key=$(cut -d ' ' -f 1,2 key.pub)
mistake "$prov$people[signers]\n\tssh = gone\n" \
	'policy.conf:11: signers.ssh: cannot open .*/gone' 'signers that are gone'
mistake "$prov$people[signers]\n\tssh = key.none\n\tx509-ca = gone\n" \
	'policy.conf:12: signers.x509-ca: cannot open .*/gone' \
	'authorities that are gone'
echo "$key" > signers
mistake "$prov$people[signers]\n\tssh = signers\n" \
	'signers:1: the name or address of a \[principal\] has to stand before' \
	'a key without a name'
mistake "$good\tcheck = review\n\tquorum = 1 of boss presence = required\n" \
	'policy.conf:6: rule.r.quorum: a comma stands before presence' \
	'a quorum without a comma'

# noted NAME PATTERN: the policy is fine, and there is one thing to say
noted() {
	printf '%b' "$prov$people[signers]\n\tssh = signers\n" > policy.conf
	yes "$1: no mistake" "$gatepost" policy check policy.conf
	has "$work/out" "$2" "$1: noted"
	has "$work/out" 'is fine: .* 1 note, digest' "$1: nothing else"
}
printf '# team\nann@example.com,bea %s\n' "$key" > signers
noted 'a key of two people' \
	'/signers:2: note: key SHA256:[^ ]* stands for ann and bea, so it counts for nobody'
printf 'ann %s\nbea %s\n' "$key" "$key" > signers
noted 'the same in two lines' '/signers:2: note: .* stands for ann and bea'
echo "zoe,z@example.com $key" > signers
noted 'a key of somebody else' \
	"/signers:1: note: .* nobody's: no \\[principal\\] has the name or email zoe,z@example.com"
people="$people\topenpgp = 0123456789ABCDEF0123456789ABCDEF01234567\n"
echo "ann,bea@example.com $key" > signers
noted 'a fingerprint without a keyring' \
	'policy.conf: principal.bea.openpgp: note: .* names no keyring'

# noted_file KEY=VALUE WORDS NAME: of a file that the courier will need
noted_file() {
	printf '%b' "$prov[sink \"s\"]\n\turl = https://s.example/\n\t$1\n" \
		> policy.conf
	yes "$3: no mistake" "$gatepost" policy check policy.conf
	has "$work/out" "policy.conf: sink.s.$2" "$3: noted"
	has "$work/out" 'is fine: .* 1 note, digest' "$3: nothing else"
}
secret='sign = standard-webhooks\n\tsecret-file = secret'
rm -f secret
noted_file "$secret" 'secret-file: note: cannot open .*/secret' 'no secret'
: > secret
chmod 600 secret
noted_file "$secret" 'secret-file: note: .*/secret is empty' 'an empty one'
echo whsec_AAAA > secret
chmod 644 secret
noted_file "$secret" 'secret-file: note: .* (chmod o-r)' 'one for everybody'
chmod 600 secret
yes 'one for its owner' "$gatepost" policy check policy.conf
has_not "$work/out" note 'has no note'
noted_file 'ca-file = secret' 'ca-file: note: .*: no certificate in it' \
	'authorities that are none'

printf '%b' "$prov" > policy.conf
chmod 666 policy.conf
"$gatepost" policy check policy.conf > "$work/out" 2>&1
is $? 2 'a policy that anybody can write is not read'
"$gatepost" policy check not-there > "$work/out" 2>&1
is $? 2 'a policy that is not there is not read'

rm -f policy.conf
printf "[include]\n\tpath = gate.conf\n[gatepost]\n\tdeadline = 1m\n" > policy.conf
printf '%b' "$prov" > gate.conf
"$gatepost" policy show --policy policy.conf --repository team/api \
	refs/heads/main > "$work/out" 2>&1
is $? 0 'show works'
has "$work/out" '^	deadline = 1m  *; .*/policy.conf:4$' \
	'show has the place of a value'
has "$work/out" '^	agents = any  *; .*/gate.conf:6$' \
	'show has the place of an included value'
has "$work/out" '^	declare = when-detected  *; default$' \
	"show has the defaults of the check's options"
has "$work/out" '^; team/api refs/heads/main: warn$' 'show has the mode'
cp "$work/out" shown.conf
yes 'what is shown is a policy' "$gatepost" policy check shown.conf
"$gatepost" policy show --policy policy.conf --repository team/api \
	refs/heads/other > "$work/out" 2>&1
has "$work/out" 'outside of every gate' 'show says when nothing applies'
has_not "$work/out" '^\[rule' 'show has no rule then'

done_testing
