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
	secret=$(printf %s "$LOOKER_PASSWORD" | sed 's/ /%20/g')
	look="id=$1&ForceShowHistory=1&user=$LOOKER&pass=$secret"
	picture "$URL/Ticket/Display.html?$look"
}

. "$t_dir/tickets-life.sh"
