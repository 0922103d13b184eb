#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Tickets in a real Request Tracker 5, by the template request-tracker.

system=request-tracker
. "$(dirname "$0")/tickets-lib.sh"

sink="	template = request-tracker
	var = queue $QUEUE"
open_path='/REST/2.0/ticket$'
comment_path='POST /REST/2.0/ticket/[0-9]+/comment'

page() {
	curl -s -c "$work/cookies" -o /dev/null -d "user=$LOOKER" \
		--data-urlencode "pass=$LOOKER_PASSWORD" "$URL/NoAuth/Login.html"
	curl -s -b "$work/cookies" -o "$work/page" "$URL/Ticket/Display.html?id=$1"
	curl -s -b "$work/cookies" "$URL/Helpers/TicketHistory?id=$1" \
		>> "$work/page"
	[ -z "${GATEPOST_PICTURE:-}" ] || picture "$1"
}

# The page as a browser shows it, into the file that GATEPOST_PICTURE names.
picture() {
	command -v chromium > "$work/chromium" || {
		echo '# no picture: chromium is not installed'
		return 0
	}
	secret=$(printf %s "$LOOKER_PASSWORD" | sed 's/ /%20/g')
	look="id=$1&ForceShowHistory=1&user=$LOOKER&pass=$secret"
	timeout 60 chromium --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars \
		--user-data-dir="$work/browser" --window-size=1300,1900 \
		--virtual-time-budget=20000 --screenshot="$GATEPOST_PICTURE" \
		"$URL/Ticket/Display.html?$look" > "$work/browser.log" 2>&1 ||
		echo '# no picture: chromium failed'
}

. "$t_dir/tickets-life.sh"
