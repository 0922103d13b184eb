# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# Request Tracker 5, with SQLite and its own server. Sourced by
# contrib/servers.sh.

# It wants something that sends mail, which is never called here: ssmtp is
# none that runs by itself. Never in the place of one that is there.
packages='request-tracker5=/usr/share/request-tracker5/libexec/rt-server
	rt5-standalone=/usr/share/doc/rt5-standalone/copyright
	rt5-db-sqlite=/usr/share/doc/rt5-db-sqlite/copyright
	ssmtp=/usr/sbin/sendmail
	curl=curl python3=python3 util-linux=setpriv'
selections='request-tracker5 request-tracker5/dbconfig-install boolean false
'
version_packages='request-tracker5 libdbix-searchbuilder-perl'

in_tracker() {
	"${unprivileged[@]}" env HOME="$PWD" RT_SITE_CONFIG="$PWD/RT_SiteConfig.pm" \
		RT_SITE_CONFIG_DIR="$PWD/none" RT_PORT="${ports:-80}" "$@"
}

prepare() {
	cp "$top/contrib/servers/request-tracker.pm" RT_SiteConfig.pm
	cp "$top/contrib/servers/request-tracker.pl" initialdata
	mkdir none var mason session
	echo 'password of root' >root-password
	own .
	in_tracker rt-setup-database-5 --action init --skip-create \
		--root-password-file "$PWD/root-password"
	in_tracker rt-setup-database-5 --action insert --datafile "$PWD/initialdata"
	[ -s secret ]
}

serve() {
	start_daemon log env HOME="$PWD" RT_SITE_CONFIG="$PWD/RT_SiteConfig.pm" \
		RT_SITE_CONFIG_DIR="$PWD/none" RT_PORT="$ports" \
		/usr/share/request-tracker5/libexec/rt-server \
		--host 127.0.0.1 --port "$ports" --max-workers=3
}

ready() {
	curl -sf -m 20 -o answer -H "Authorization: token $(cat secret)" \
		"http://127.0.0.1:$ports/REST/2.0/rt"
}

describe() {
	echo "URL=http://127.0.0.1:$ports"
	echo "SECRET_FILE=$PWD/key"
	echo "QUEUE=Changes"
	echo "LOOKER=root"
	echo "LOOKER_PASSWORD='password of root'"
}
