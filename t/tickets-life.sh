# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# The life of tickets in a real system, whichever it is: sourced by the tests
# t/t62*.sh after tickets-lib.sh, with $sink, the lines of the sink besides
# its url, and page TICKET, which writes the ticket's web page, as people see
# it, to $work/page.

policy_file <<END
	emergency-ticket = INC-[0-9]+
	revert-window = 0
[principal "alice"]
	email = alice@example.com
	login = alice
	role = oncall
[area "none"]
	path = none/**
[gate "main"]
	ref = refs/heads/main
	rule = plan
	rule = reviewed
[rule "plan"]
	check = rollback
	emergency = oncall
[rule "reviewed"]
	check = review
	quorum = 1
	when = area:none
[sink "tickets"]
	url = $proxy
	secret-file = $SECRET_FILE
	timeout = 20s
$sink
END
new_server one

# The shop is closed and opened again: each is one change, whoever pushes it
# and however often, as its content is the same. (Where reverts go in at once,
# opening it again would be one.)
# broken SHOP [SUBJECT]: a commit that the gate refuses; mended: that it takes
broken() {
	as alice
	reset_clone
	commit shop "$1" "${2:-the shop is $1}"
}
mended() { broken "$1" "the shop is $1, as it should be

Rollback: revert"; }
try() { push HEAD:main; }
hostile='mend <b>the</b> *shop* </pre> !http://evil.example/x.png! <script>alert(1)</script> {noformat} @admin'
emergency() { push -o "gatepost.emergency=$1 $hostile" HEAD:main; }
# last_of KIND: the id of the newest record of that kind
last_of() {
	records | grep "\"kind\":\"$1\"" | tail -n 1 |
		sed 's/.*"id":"\([^"]*\)".*/\1/'
}
# told_by NTH: the ids of the records that the ticket tells, in its order
told_by() { about "$1" '[ID(t) for t in T]' | tr '\n' ' '; }
let_in() { [ $pushed = 0 ] || not_ok 'the push is let in' "$work/answer"; }

mended open
try
let_in

# ---- from the first refusal to the landing ----

broken 'a typing error'
try
broken closed
try
try
drained 'refusals are taken'
tickets
is "$(how_many)" 0 'they open no ticket'

broken closed 'at night'
emergency INC-7
let_in
opened=$(last_of emergency)
first=$(last_of outcome)
drained 'an emergency and its landing are taken'
tickets
is "$(how_many)" 1 'an emergency opens a ticket at once, one'
about 1 'T[:1]' > "$work/text"
has "$work/text" 'gatepost: EMERGENCY.*INC-7' 'which tells of it'
is "$(told_by 1)" "$opened $first " 'and of its landing, in a comment'

mended open
try
let_in
broken closed again
try
refused=$(last_of decision)
try
try
mended closed
try
let_in
second=$(last_of outcome)
drained 'more refusals and a landing are taken'
tickets
told_1="$opened $first $refused $second "
is "$(told_by 1)" "$told_1" \
	'refusals are one comment, before the landing that followed'
about 1 'T[2:3]' > "$work/text"
has "$work/text" 'gatepost: 3 pushes of this change refused' 'with their count'

page "$(about 1 '[N]')"
grep -o '.\{0,20\}mend.\{0,200\}' "$work/page" > "$work/shown"
has "$work/shown" 'mend &lt; \{0,1\}b&gt;the' 'what a pusher wrote is shown'
has_not "$work/shown" '<b>the\|<strong>shop\|<script>alert(1)\|<img[^>]*evil' \
	'as it stands: nobody takes it for markup'
"$python" "$t_dir/tickets.py" "$system" "$URL" "$SECRET_FILE" attachments \
	> "$work/attachments"
has "$work/attachments" "$first.tlog-proof.*c2sp.org/tlog-proof@v1" \
	'the comment has its proof attached'

# ---- what may go wrong between ----

at_fault "$kill_server; $top/contrib/servers.sh start $system $work/$system \
	> $work/again 2>&1 &"

fault "drop POST $open_path"
broken open 'a second night'
emergency INC-8
let_in
told_2="$(last_of emergency) $(last_of outcome) "
drained 'the server is killed when it has opened a ticket, before it says so'
is "$(faults_left)" '' 'so it was'
tickets
is "$(how_many)" 2 'there is one ticket more, not two'
is "$(told_by 2)" "$told_2" 'which tells all, once'

fault "cut $comment_path"
mended closed
try
let_in
told_1="$told_1$(last_of outcome) "
drained 'the server is killed in the middle of a comment'
is "$(faults_left)" '' 'so it was'

at_fault :
fault "drop $comment_path" "503 $comment_path" "drop $comment_path" \
	"429 $comment_path" "refuse $comment_path" "drop $comment_path"
for i in 1 2 3 4; do
	"$python" "$t_dir/make-records.py" "$ledger" 126 > /dev/null
	mended open
	try
	told_2="$told_2$(last_of outcome) "
	mended closed
	try
	told_1="$told_1$(last_of outcome) "
done
drained '500 records with comments among them, answers lost on the way' 120
is "$(faults_left)" '' 'so they were'
tickets
is "$(how_many)" 2 'there are no more tickets'
is "$(told_by 1)" "$told_1" 'every comment of one is there once, in order'
is "$(told_by 2)" "$told_2" 'and of the other'

done_testing
