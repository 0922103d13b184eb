#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Tickets in a real Redmine, by the template redmine.

system=redmine
. "$(dirname "$0")/tickets-lib.sh"

sink="	template = redmine
	var = project $PROJECT
	var = tracker $TRACKER
	var = field $FIELD"
open_path='/issues.json'
comment_path='PUT /issues/'

page() {
	rm -f "$work/cookies"
	curl -s -c "$work/cookies" -o "$work/login" "$URL/login"
	token=$(sed -n 's/.*name="authenticity_token" value="\([^"]*\)".*/\1/p' \
		"$work/login" | head -n 1)
	curl -s -b "$work/cookies" -c "$work/cookies" -o "$work/login" \
		--data-urlencode "authenticity_token=$token" \
		-d "username=$LOOKER" --data-urlencode "password=$LOOKER_PASSWORD" \
		"$URL/login"
	curl -s -b "$work/cookies" -o "$work/page" "$URL/issues/$1"
	# a browser has no cookies of curl's
	sed "s|<head>|&<base href=\"$URL/\">|" "$work/page" > "$work/page.html"
	picture "file://$work/page.html"
}

. "$t_dir/tickets-life.sh"
